"""Cuts of a run by a register: parts add up, absence stays, every cell explains itself."""

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dualcarbon.accounting.cuts import Cuts, cell_row, freeze_cuts, make_cuts, periods_of
from dualcarbon.accounting.cuts_explain import EXPLAINERS
from dualcarbon.accounting.run import RunOptions, run
from dualcarbon.editions import Edition, explain
from dualcarbon.enterprises.tables import ENTERPRISES
from dualcarbon.errors import EditionError
from dualcarbon.packs import load_pack

HEAD = "subject_kind,subject,carrier,flow,period,quantity,unit"
ROWS = (
    "city,990100,raw_coal,use,2024-01,900,t",
    "city,990100,electricity,use,2024-01,500,10^4 kWh",
    "city,990100,raw_coal,use,2024-02,800,t",
    "area,990104,raw_coal,use,2024-01,700,t",
    "enterprise,E1,raw_coal,use,2024-01,300,t",
    "enterprise,E1,electricity,use,2024-01,100,10^4 kWh",
    "enterprise,E2,raw_coal,use,2024-01,200,t",
    "enterprise,E2,electricity,use,2024-01,7,t",
    "enterprise,E3,raw_coal,use,2024-02,50,t",
    "enterprise,E4,raw_coal,use,2024-02,25,t",
)
REGISTER = (
    ("E1", "31", "990104"),
    ("E2", "26", "990104"),
    ("E3", "制造业", "990105"),
)
PACK = load_pack("demo")


def register(lines=REGISTER) -> pl.DataFrame:
    rows = [
        {"enterprise": code, "industry": industry, "located_in": area}
        for code, industry, area in lines
    ]
    schema = ENTERPRISES.empty().schema
    return pl.DataFrame(rows, schema={name: schema[name] for name in schema})


def cut(folder: Path, rows=ROWS, lines=REGISTER) -> tuple[Cuts, Edition]:
    folder.mkdir(exist_ok=True)
    path = folder / "activity.csv"
    path.write_text("\n".join([HEAD, *rows]) + "\n", encoding="utf-8")
    result = run([path], PACK, RunOptions(), folder / "store")
    cuts = make_cuts(result.edition, register(lines), PACK)
    return cuts, freeze_cuts(cuts, result.edition, folder / "store", PACK)


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> tuple[Cuts, Edition]:
    return cut(tmp_path_factory.mktemp("cuts"))


def grams(cuts: Cuts, gas: str, period: str, **at: object) -> int | None:
    lines = cuts.lines.filter(*(pl.col(name) == value for name, value in at.items()))
    assert lines.height == 1, lines
    cells = cuts.amounts.filter((pl.col("line") == lines["line"][0]) & (pl.col("period") == period))
    return cells[gas][0] if cells.height else None


CITY = {"subject_kind": "city", "subject": "990100"}
COAL = 0.7143  # tce a tonne


def test_own_and_filed_stand_apart(made):
    cuts, _ = made
    own = grams(cuts, "tce_equal", "2024-01", **CITY, own=True, industry="", carrier="raw_coal")
    filed = grams(cuts, "tce_equal", "2024-01", **CITY, own=False, industry="", carrier="raw_coal")
    assert own == round(900 * COAL * 1e6)
    assert filed == round(500 * COAL * 1e6)


def test_an_industry_is_the_sum_of_its_enterprises_and_a_section_that_of_its_divisions(made):
    cuts, _ = made
    cells = {
        code: grams(
            cuts, "tce_equal", "2024-01", **CITY, own=False, industry=code, carrier="raw_coal"
        )
        for code in ("31", "26", "C")
    }
    assert cells["31"] == round(300 * COAL * 1e6)
    assert cells["31"] + cells["26"] == cells["C"]


def test_an_industry_named_only_by_its_section_has_a_line_of_its_own(made):
    cuts, _ = made
    section = grams(
        cuts, "tce_equal", "2024-02", **CITY, own=False, industry="C", carrier="raw_coal"
    )
    loose = grams(
        cuts, "tce_equal", "2024-02", **CITY, own=False, industry="C-", carrier="raw_coal"
    )
    assert section == loose == round(50 * COAL * 1e6)


def test_who_is_not_in_the_register_is_of_no_industry_but_of_the_city(made):
    cuts, _ = made
    unknown = grams(cuts, "tce_equal", "2024-02", **CITY, own=False, industry="-", carrier="")
    assert unknown == round(25 * COAL * 1e6)
    areas = set(cuts.lines.filter(pl.col("subject_kind") == "area")["subject"])
    assert areas == {"990104", "990105"}


def test_c1_5_a_row_without_parameter_is_counted_and_not_zero(made):
    cuts, _ = made
    at = {"subject_kind": "enterprise", "subject": "E2", "own": True, "carrier": "electricity"}
    assert grams(cuts, "tce_equal", "2024-01", **at) is None
    line = cuts.lines.filter(*(pl.col(k) == v for k, v in at.items()))["line"][0]
    gaps = cuts.unmatched.filter((pl.col("line") == line) & (pl.col("gas") == "tce_equal"))
    assert gaps.select("period", "rows").rows() == [("2024-01", 1)]


def test_every_cell_explains_itself_and_leads_to_rows(made):
    cuts, edition = made
    sizes = cuts.gases.height, cuts.periods.height
    gas = cuts.gases["gas"].to_list().index("tce_equal")
    for line in cuts.lines["line"]:
        for period in range(sizes[1]):
            row = cell_row(line, gas, period, sizes)
            found = explain(f"{edition.id}:cells:{row}", edition.folder.parent, EXPLAINERS)
            assert found.equal, (line, period, found)


def test_a_cell_that_is_not_there_is_refused(made):
    cuts, edition = made
    row = cuts.lines.height * cuts.gases.height * cuts.periods.height
    with pytest.raises(EditionError) as error:
        explain(f"{edition.id}:cells:{row}", edition.folder.parent, EXPLAINERS)
    assert error.value.findings[0].rule == "editions.no_row"


def test_the_same_cuts_give_the_same_edition(tmp_path):
    first, second = (cut(tmp_path)[1].id for _ in range(2))
    assert first == second


def test_scopes_add_up_to_the_gas(made):
    cuts, _ = made
    both = cuts.amounts.select(
        pl.sum_horizontal(pl.col("CO2:1").fill_null(0), pl.col("CO2:2").fill_null(0)).alias("sum"),
        pl.col("CO2").fill_null(0),
    )
    assert both["sum"].equals(both["CO2"].rename("sum"))


def test_periods_that_can_be_asked_for():
    found = periods_of([f"2024-{month:02d}" for month in range(1, 8)] + ["2023"])
    assert {"2024-01..07", "2024-Q2", "2024-03", "2023"} <= set(found)
    assert "2024-Q3" not in found
    assert "2024" not in found


FILINGS = st.lists(
    st.tuples(
        st.sampled_from(["E1", "E2", "E3", "E4"]),
        st.sampled_from(["raw_coal", "diesel", "electricity"]),
        st.sampled_from(["2024-01", "2024-02", "2024-03"]),
        st.decimals(0, 5000, places=2),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda row: row[:3],
)


@given(FILINGS, st.lists(st.sampled_from(["31", "26", "C", "45", ""]), min_size=3, max_size=3))
@settings(max_examples=10)
def test_c5_2_every_cut_adds_up_to_the_city(tmp_path_factory, filings, industries):
    units = {"electricity": "10^4 kWh"}
    rows = [
        f"enterprise,{who},{carrier},use,{period},{size},{units.get(carrier, 't')}"
        for who, carrier, period, size in filings
    ]
    lines = [
        (code, industry or None, area)
        for (code, _, area), industry in zip(REGISTER, industries, strict=True)
    ]
    cuts, _ = cut(tmp_path_factory.mktemp("sums"), rows, lines)
    city = cuts.lines.filter((pl.col("subject_kind") == "city") & ~pl.col("own"))
    sums = cuts.amounts.join(city.select("line", "industry", "carrier"), on="line")
    plain = sums.filter(pl.col("carrier") != "")
    divisions = plain.filter(~pl.col("industry").is_in(["", "C", "F", "D", "E"]))
    whole = plain.filter(pl.col("industry") == "")
    everything = sums.filter((pl.col("industry") == "") & (pl.col("carrier") == ""))
    own = cuts.lines.filter((pl.col("subject_kind") == "enterprise") & (pl.col("carrier") == ""))
    theirs = cuts.amounts.join(own.select("line"), on="line")
    for gas in ("tce_equal", "CO2", "N2O:1"):
        if gas in sums.columns:
            totals = {frame[gas].sum() for frame in (divisions, whole, everything, theirs)}
            assert len(totals) == 1, (gas, totals)
