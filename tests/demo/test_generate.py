"""The folder is complete, repeatable and honest about when a figure became known."""

import ast
import re
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dualcarbon.control.tables import FILES
from dualcarbon.demo import generate
from dualcarbon.demo.write import LEAST, MOST, build_tables
from dualcarbon.errors import UsageError

MONTHS = [f"{year}-{month:02d}" for year in (2022, 2023, 2024) for month in range(1, 13)]
VINTAGES = ["estimate", "preliminary", "final", "confirmed"]


def test_it_works(folder):
    assert {path.name for path in folder.iterdir()} == {
        "activity.csv",
        "statistics.csv",
        "progress.csv",
        "enterprises.csv",
        "README.txt",
        "balance.csv",
        "scenarios.csv",
        "series.csv",
    }
    readme = (folder / "README.txt").read_text(encoding="utf-8")
    assert "合成数据" in readme
    assert "SYNTHETIC" in readme


def test_columns_are_those_of_the_data_folder(tables):
    for name in FILES.keys() & tables.keys():
        frame = tables[name]
        declared = FILES[name].columns
        assert frame.columns == [c.name for c in declared if c.name in frame.columns]
        assert {c.name for c in declared if c.required} <= set(frame.columns)


def test_the_same_seed_gives_the_same_bytes(folder, tmp_path):
    generate(tmp_path)
    for path in folder.iterdir():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path.name


def test_another_seed_gives_another_city_of_the_same_shape(folder, tmp_path, tables):
    generate(tmp_path, seed=7)
    other = pl.read_csv(tmp_path / "enterprises.csv")
    assert (tmp_path / "activity.csv").read_bytes() != (folder / "activity.csv").read_bytes()
    assert other.height == tables["enterprises"].height


def test_every_month_is_there(tables):
    assert sorted(tables["activity"]["period"].unique()) == MONTHS


def test_the_combined_january_february_is_published_and_january_is_not(tables):
    periods = set(tables["statistics"].filter(pl.col("indicator") == "value_added")["period"])
    assert {"2023-01..02", "2024-01..02"} <= periods
    assert not any(re.fullmatch(r"\d{4}-01(\.\.01)?", period) for period in periods)


def test_some_filings_are_missing_but_never_zero(tables):
    filings = tables["activity"].select("subject", "period").unique().group_by("subject").len()
    short = filings.filter(pl.col("len") < len(MONTHS))
    assert 5 <= short.height <= 20
    assert tables["activity"].filter(pl.col("quantity") == 0).is_empty()


def test_vintages_of_one_figure_follow_each_other(tables):
    rank = pl.col("vintage").replace_strict(VINTAGES, list(range(4)))
    rows = tables["statistics"].with_columns(
        rank=rank, recorded_at=pl.col("recorded_at").str.to_date()
    )
    key = ["indicator", "subject", "period", "unit"]
    ordered = rows.sort(*key, "recorded_at")
    later = ordered.with_columns(pl.col("rank").diff().over(key).alias("step"))
    assert later.filter(pl.col("step") <= 0).is_empty()
    assert later.filter(pl.col("rank") > 0, pl.col("step").is_not_null()).height > 100
    assert rows.unique([*key, "recorded_at"]).height == rows.height


def test_nothing_is_known_before_its_period_is_over(tables):
    for name in ("activity", "statistics"):
        last = pl.col("period").str.slice(-2).cast(pl.Int8, strict=False)
        year = pl.col("period").str.len_chars() == 4
        month = pl.when(year).then(pl.lit(12)).otherwise(last)
        end = pl.date(pl.col("period").str.slice(0, 4).cast(pl.Int32), month, 1).dt.month_end()
        known = pl.col("recorded_at").str.to_date()
        assert tables[name].filter(known <= end).is_empty(), name


def test_quarterly_figures_come_in_the_month_after(tables):
    rows = tables["statistics"].filter(
        pl.col("indicator") == "energy_intensity",
        pl.col("period") == "2024-01..09",
        pl.col("subject") == "990100",
    )
    assert rows["recorded_at"].to_list() == ["2024-10-24"]


def test_tiers_are_five_and_thirteen(tables):
    tiers = tables["enterprises"]["tier"].value_counts()
    counts = dict(tiers.iter_rows())
    assert counts["hundred"] == 5
    assert counts["thousand"] == 13
    assert counts["hundred"] + counts["thousand"] + counts["ten_thousand"] == 600


def test_some_enterprises_are_assessed_elsewhere(tables):
    moved = tables["enterprises"].filter(pl.col("located_in") != pl.col("assessed_by"))
    assert 20 < moved.height < 120


def test_industries_are_those_of_the_pack(tables, pack):
    from dualcarbon.industries import load_industries

    known = load_industries(pack)
    found = tables["enterprises"]["industry"].drop_nulls().cast(pl.String).unique()
    assert found.len() > 20
    assert [code for code in found if known.resolve(code) is None] == []


def test_names_are_not_given_twice_in_a_district(tables):
    named = tables["enterprises"].filter(pl.col("tier").is_not_null())
    assert named.unique(["name_zh", "located_in"]).height == named.height


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 2**32), number=st.integers(LEAST, MOST))
def test_any_size_and_seed_keeps_the_city(seed, number):
    made = build_tables(seed=seed, enterprises=number, first=(2024, 7), last=(2024, 9))
    register = made["enterprises"].filter(pl.col("tier").is_not_null())
    assert register.height == number
    assert register["enterprise"].is_unique().all()
    use = made["activity"].filter(pl.col("quantity") > 0)
    assert use["subject"].n_unique() >= number - number // 20


@pytest.mark.parametrize(
    ("options", "rule"),
    [
        ({"enterprises": LEAST - 1}, "demo.enterprises"),
        ({"enterprises": MOST + 1}, "demo.enterprises"),
        ({"seed": -1}, "demo.seed"),
        ({"months": ("2024-12", "2022-01")}, "demo.months"),
        ({"months": ("2022", "2024-12")}, "demo.months"),
        ({"months": ("1999-01", "2024-12")}, "demo.months"),
        ({"months": ("2022-01", "2024-13")}, "demo.months"),
    ],
)
def test_a_city_that_cannot_be_is_refused_before_anything_is_written(tmp_path, options, rule):
    with pytest.raises(UsageError) as caught:
        generate(tmp_path / "new", **options)
    assert [item.rule for item in caught.value.findings] == [rule]
    assert not (tmp_path / "new").exists()


def test_rows_are_made_by_columns_not_by_loops(root):
    """The modules that make many rows have no `for` statement over rows and call no iter_rows."""
    for name in ("activity", "revisions", "enterprises"):
        path = root / "src" / "dualcarbon" / "demo" / f"{name}.py"
        text = Path(path).read_text(encoding="utf-8")
        assert "iter_rows" not in text
        assert ".map_elements" not in text
        loops = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.For)]
        assert len(loops) <= 5, name
