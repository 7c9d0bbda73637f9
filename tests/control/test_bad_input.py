"""Bad input: what is wrong is said with its cell; the good rows still count."""

from pathlib import Path
from typing import Any

import pytest

from dualcarbon.control.data import read_data
from dualcarbon.errors import InputError, UsageError
from dualcarbon.packs import load_pack

ON = "2024-10-31"
HEAD = (
    "indicator,subject_kind,subject,period,basis,value,unit,price_base,origin,vintage,"
    "recorded_at,source\n"
)
GOOD = (
    "energy_intensity,city,city,2024-01..09,cumulative,-2.4,%,,declared,final,2024-10-20,bulletin\n"
)


def rules(found: Any) -> list[str]:
    return [item.rule for item in found.findings]


def put(folder: Any, text: str, encoding: str = "utf-8") -> Any:
    (folder.folder / "statistics.csv").write_bytes(text.encode(encoding))
    return folder


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_encodings(case: Any, encoding: str) -> None:
    text = HEAD + GOOD.replace("bulletin", "统计公报").replace("city,city", "全市,上海市")
    row = put(case(), text, encoding).one("1.3", ON)
    assert row["value"] == -2.4
    assert "统计公报" in row["reason_zh"]


@pytest.mark.parametrize("cell", ["NaN", "-", "", "nan", "inf", "n/a", "约2.4"])
def test_a_value_that_is_no_number_is_invalid_with_its_cell(case: Any, cell: str) -> None:
    found = put(case(), HEAD + GOOD.replace("-2.4", cell)).standings(ON)
    row = next(r for r in found.to_json()["standings"] if r["commitment"] == "1.3")
    assert (row["value"], row["severity"], row["grade"]) == (None, None, None)
    assert row["state"] == "invalid"
    assert "statistics.csv!!F2" in row["reason_zh"]
    assert str(found.findings[0].place) == "statistics.csv!!F2"
    assert found.findings[0].remedy_zh


def test_a_broken_row_leaves_the_others(case: Any) -> None:
    district = GOOD.replace("city,city", "area,黄浦区").replace("-2.4", "NaN")
    folder = put(case(), HEAD + GOOD + district)
    assert folder.one("1.3", ON)["value"] == -2.4
    assert folder.one("1.5", ON, "310101")["state"] == "invalid"


def test_two_values_of_one_key_are_not_chosen_between(case: Any) -> None:
    row = put(case(), HEAD + GOOD + GOOD.replace("-2.4", "-3.5")).one("1.3", ON)
    assert (row["state"], row["value"]) == ("invalid", None)


def test_the_same_row_twice_counts_once(case: Any) -> None:
    found = put(case(), HEAD + GOOD + GOOD)
    assert found.one("1.3", ON)["value"] == -2.4


def test_two_units_of_one_fact_agree_or_contradict(case: Any) -> None:
    rows = [
        {"indicator": "coal_total", "period": "2024-01..06", "value": v, "unit": u}
        for v, u in ((2000, "10^4 t"), (20_000_000, "t"))
    ]
    folder = case().write("statistics", *rows)
    assert folder.one("1.13", ON)["value"] == 20_000_000
    folder.write("statistics", rows[0], {**rows[1], "value": 2000})
    found = folder.standings(ON)
    assert "control.contradiction" in rules(found)


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("energy_intensity", "energy_intensty", "tables.not_in_vocabulary"),
        ("2024-01..09", "2024-13", "tables.not_period"),
        ("2024-01..09", "2023-11..2024-02", "tables.two_years"),
        ("%", "furlong", "tables.not_unit"),
        ("%", "kWh", "control.unit"),
        ("city,city", "area,火星区", "control.subject_unknown"),
        ("city,city", "city,杭州市", "control.subject_unknown"),
        ("declared", "guessed", "tables.not_choice"),
        ("2024-10-20", "20th of May", "tables.not_date"),
    ],
)
def test_words_that_are_not_known(case: Any, old: str, new: str, rule: str) -> None:
    found = put(case(), HEAD + GOOD.replace(old, new)).standings(ON)
    said = [f for f in found.findings if f.rule in (rule, "tables.not_in_vocabulary")]
    assert said
    assert said[0].place.file == "statistics.csv"
    assert said[0].place.cell
    assert said[0].severity == "error"


def test_negative_energy_is_not_possible(case: Any) -> None:
    rows = [
        {"indicator": "energy_total", "period": "2024-01..09", "value": -5, "unit": "tce"},
        {"indicator": "energy_total", "period": "2023-01..09", "value": 5, "unit": "tce"},
        {"indicator": "gdp", "period": "2024-01..09", "value": 5},
    ]
    found = case().write("statistics", *rows).standings(ON)
    row = next(r for r in found.to_json()["standings"] if r["commitment"] == "1.3")
    assert (row["state"], row["value"]) == ("invalid", None)
    assert "control.negative" in rules(found)


def test_an_absurd_rate_is_used_and_questioned(case: Any) -> None:
    found = put(case(), HEAD + GOOD.replace("-2.4", "240")).standings(ON)
    assert "control.implausible" in rules(found)


def test_a_period_that_is_not_over_is_not_used(case: Any) -> None:
    text = HEAD + GOOD.replace("2024-01..09", "2024").replace("2024-10-20", "2024-06-01")
    found = put(case(), text).standings(ON)
    assert "control.not_over" in rules(found)
    assert set(found.rows["state"]) == {"no_data"}


def test_missing_column_and_missing_folder(case: Any) -> None:
    with pytest.raises(InputError, match="recorded_at"):
        put(case(), (HEAD + GOOD).replace(",recorded_at", "").replace(",2024-10-20", "")).standings(
            ON
        )
    with pytest.raises(InputError, match="does not exist"):
        read_data(Path("nowhere"), load_pack("shanghai"))


def test_an_empty_file_is_an_error_and_an_empty_folder_a_warning(case: Any) -> None:
    with pytest.raises(InputError, match="empty"):
        put(case(), "").standings(ON)


def test_an_empty_folder(case: Any) -> None:
    found = case().standings(ON)
    assert "control.empty_folder" in rules(found)
    assert set(found.rows["state"]) == {"no_data"}


def test_header_only_is_no_data(case: Any) -> None:
    found = put(case(), HEAD).standings(ON)
    assert set(found.rows["state"]) == {"no_data"}


def test_progress_of_an_unknown_commitment_is_said(case: Any) -> None:
    row = {"commitment": "99.9", "project": "A", "period": "2024-03", "stage": "accepted"}
    assert "control.commitment_unknown" in rules(case().write("progress", row).standings(ON))


def test_unknown_scheme_and_subject(case: Any) -> None:
    with pytest.raises(UsageError, match="barometer-2021h1"):
        case().standings(ON, scheme="nope")
    with pytest.raises(UsageError, match="火星区"):
        case().standings(ON, subject="火星区")


def test_one_subject_only(case: Any) -> None:
    rows = put(case(), HEAD + GOOD).standings(ON, subject="Huangpu").rows
    assert set(rows["subject"]) == {"310101"}


def test_price_bases_are_a_finding_too(case: Any) -> None:
    rows = [
        {"indicator": "energy_total", "period": p, "value": 5, "unit": "tce"}
        for p in ("2024-01..09", "2023-01..09")
    ]
    rows += [
        {"indicator": "gdp", "period": p, "value": 5, "unit": "亿元", "price_base": b}
        for p, b in (("2024-01..09", "2020"), ("2023-01..09", "2015"))
    ]
    assert "control.price_base" in rules(case().write("statistics", *rows).standings(ON))


def test_a_contradicting_project_is_left_out_and_said(case: Any) -> None:
    row = {"commitment": "5.4", "period": "2024-03", "stage": "accepted", "quantity": 1}
    twice = [{**row, "project": "B"}, {**row, "project": "B", "quantity": 9}]
    folder = case().write("progress", {**row, "project": "A"}, *twice)
    found = folder.one("5.4", ON)
    assert found["value"] == 1
    assert found["grade"] == "D"
    assert "2行" in found["reason_zh"]


def test_xlsx_and_parquet_are_read_alike(case: Any, tmp_path: Path) -> None:
    import polars as pl

    folder = put(case(), HEAD + GOOD)
    expected = folder.one("1.3", ON)
    frame = pl.read_csv(folder.folder / "statistics.csv", infer_schema=False)
    for name in ("statistics.xlsx", "statistics.parquet"):
        other = type(folder)(tmp_path / name, "shanghai-2024")
        path = other.folder / name
        if name.endswith("xlsx"):
            frame.write_excel(path)
        else:
            frame.with_columns(pl.col("value").cast(pl.Float64)).write_parquet(path)
        found = other.one("1.3", ON)
        assert (found["value"], found["severity"]) == (expected["value"], expected["severity"])
