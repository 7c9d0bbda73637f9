"""The convention's clauses on the ground floor; rooms prove the others in their own tests."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from dualcarbon.errors import (
    InputError,
    PackError,
    ParameterAmbiguous,
    ParameterNotFound,
    UnitMismatch,
)
from dualcarbon.packs import load_pack
from dualcarbon.parameters import Parameters, load_parameters, worst_status
from dualcarbon.parameters.check import check_purposes
from dualcarbon.periods import Period
from dualcarbon.tables import Column, Table, read_table
from dualcarbon.units import canonical, convert, dimension, ratio

QUANTITIES = Table("q", (Column("subject"), Column("quantity", "number", nullable=True)))
SOURCE = {"title": "An invented order"}
DEFAULTS = {
    "valid_from": dt.date(2020, 1, 1),
    "unit": "kgce/kg",
    "mark": "A",
    "status": "synthetic",
    "source": SOURCE,
}


def packed(tmp_path: Path, values: list[dict[str, Any]], **defaults: Any) -> Parameters:
    folder = tmp_path / "lan"
    (folder / "parameters").mkdir(parents=True)
    head = {"id": "lan", "name_zh": "兰汀", "name_en": "Lanting", "kind": "city"}
    (folder / "pack.yaml").write_text(yaml.safe_dump(head, allow_unicode=True))
    content = {
        "name": "k",
        "name_zh": "系数",
        "name_en": "coefficient",
        "set": "s",
        "edition": "1",
        "defaults": {**DEFAULTS, **defaults},
        "values": values,
    }
    (folder / "parameters" / "k.yaml").write_text(yaml.safe_dump(content, allow_unicode=True))
    return load_parameters(load_pack(folder))


def test_c1_1_an_empty_cell_is_null_and_a_zero_is_zero(tmp_path: Path) -> None:
    (tmp_path / "q.csv").write_text("subject,quantity\nA,\nB,0\n")
    assert read_table(tmp_path / "q.csv", QUANTITIES).frame["quantity"].to_list() == [None, 0.0]


def test_c1_2_what_is_not_finite_is_refused_with_its_cell(tmp_path: Path) -> None:
    (tmp_path / "q.csv").write_text("subject,quantity\nA,NaN\nB,inf\nC,1\n")
    reading = read_table(tmp_path / "q.csv", QUANTITIES)
    assert [str(item.place) for item in reading.findings] == ["q.csv!!B2", "q.csv!!B3"]
    assert reading.frame["subject"].to_list() == ["C"]


def test_c2_1_conversion_across_dimensions_names_both_units() -> None:
    with pytest.raises(UnitMismatch) as caught:
        convert(1, "t", "kWh")
    assert (caught.value.findings[0].found, caught.value.findings[0].expected) == ("t", "kWh")


@given(
    st.sampled_from([("10^4 t", "kg"), ("10^8 kWh", "GJ"), ("10^10 kJ", "TJ"), ("mu", "km2")]),
    st.floats(min_value=-1e12, max_value=1e12),
)
def test_c2_1_conversion_goes_there_and_back(pair: tuple[str, str], value: float) -> None:
    there = convert(value, *pair)
    assert convert(there, pair[1], pair[0]) == pytest.approx(value, rel=1e-15)


def test_c2_1_known_conversions() -> None:
    assert convert(1, "10^8 kWh", "GJ") == 360000
    assert convert(1, "10^10 kJ", "GJ") == 10000
    assert convert(4.2, "tCO2/10^4 kWh", "kgCO2/kWh") == pytest.approx(0.42, rel=1e-15)
    assert convert(3.0864, "tce/10^4 kWh", "kgce/kWh") == pytest.approx(0.30864, rel=1e-15)
    assert convert(2.1650, "tCO2/10^3 m3", "kgCO2/m3") == pytest.approx(2.165, rel=1e-15)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("万吨标准煤", "10^4 tce"),
        ("亿千瓦时", "10^8 kWh"),
        ("亿立方米", "10^8 m3"),
        ("百亿千焦", "10^10 kJ"),
        ("吨标准煤/万元", "tce/10^4 CNY"),
        ("升/人/日", "L/person/day"),
        ("万千瓦", "10^4 kW"),
        ("m²", "m2"),
        ("％", "%"),
    ],
)
def test_c2_1_official_spellings_have_one_form(text: str, form: str) -> None:
    assert canonical(text) == form
    assert canonical(form) == form


def test_c2_2_tonnes_of_material_co2_co2e_and_standard_coal_are_four_dimensions() -> None:
    assert len({dimension(unit) for unit in ("t", "tCO2", "tCO2e", "tce")}) == 4


def test_c2_3_electricity_has_a_calorific_coefficient_and_an_equal_value_of_its_own_name() -> None:
    loaded = load_parameters(load_pack("china"))
    calorific = loaded.select("standard_coal", {"carrier": "electricity"}, (2014, 6))
    equal = loaded.select("electricity_equal_value", {"area": "220000"}, (2014, 6))
    assert convert(calorific.value, calorific.unit, "kgce/kWh") == 0.1229
    assert convert(equal.value, equal.unit, "kgce/kWh") == pytest.approx(0.30864)


def test_c2_4_a_mu_is_exactly_a_fifteenth_of_a_hectare() -> None:
    assert ratio("mu", "ha") == Fraction(1, 15)
    assert ratio("ha", "mu") == 15


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("2024", "2024"),
        ("2024年", "2024"),
        ("2024-Q2", "2024-Q2"),
        ("2024年二季度", "2024-Q2"),
        ("2024-06", "2024-06"),
        ("2024年6月", "2024-06"),
        ("2024-01..06", "2024-01..06"),
        ("2024年1-6月", "2024-01..06"),
        ("2024年1—2月", "2024-01..02"),
        ("2024年上半年", "2024-01..06"),
        ("2024-01..12", "2024"),
        ("2024-01..03", "2024-01..03"),
        ("２０２４年１月", "2024-01"),
        ("2024H1", "2024-01..06"),
        ("2024-H2", "2024-07..12"),
        ("first half of 2024", "2024-01..06"),
    ],
)
def test_c6_1_official_spellings_of_periods(text: str, form: str) -> None:
    assert str(Period.parse(text)) == form


@pytest.mark.parametrize(
    "text", ["2024-13", "2024-06..02", "24-06", "2024-Q5", "", "June", "2024-00"]
)
def test_c6_1_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        Period.parse(text)


@given(st.integers(1900, 2200), st.integers(1, 12), st.integers(0, 11))
def test_c6_1_texts_come_back(year: int, first: int, more: int) -> None:
    period = Period((year, first), (year, min(first + more, 12)))
    assert Period.parse(str(period)) == period
    assert len(period.months) == (period.end.month - period.start.month) + 1


@pytest.mark.parametrize("text", ["2023-11..2024-02", "2021-2025", "2023年12月至2024年1月"])
def test_c6_4_a_period_lies_within_one_year(text: str) -> None:
    with pytest.raises(InputError) as caught:
        Period.parse(text)
    assert caught.value.findings[0].rule == "periods.years"


def test_c6_2_the_combined_period_is_two_months_to_date() -> None:
    period = Period.parse("2024-01..02")
    assert (period.kind, period.basis, len(period.months)) == ("ytd", "cumulative", 2)
    assert Period.parse("2024-Q1").contains(period)


def test_c6_3_the_month_of_the_activity_decides(tmp_path: Path) -> None:
    values = [
        {"value": 1.0, "valid_to": dt.date(2023, 6, 30)},
        {"value": 2.0, "valid_from": dt.date(2023, 7, 1)},
    ]
    loaded = packed(tmp_path, values)
    assert [loaded.select("k", {}, (2023, month)).value for month in (6, 7)] == [1.0, 2.0]
    with pytest.raises(ParameterAmbiguous):
        loaded.select_period("k", {}, Period.parse("2023"))


def test_c7_1_the_most_specific_match_wins_and_falls_back(tmp_path: Path) -> None:
    values = [
        {"keys": {"carrier": "coal"}, "value": 1.0},
        {"keys": {"carrier": "coal", "sector": "44"}, "value": 2.0},
    ]
    loaded = packed(tmp_path, values)
    chosen = [
        loaded.select("k", {"carrier": "coal", "sector": sector}, (2024, 1)).value
        for sector in ("44", "26")
    ]
    assert chosen == [2.0, 1.0]


def test_c7_2_equally_specific_matches_are_an_error_naming_both(tmp_path: Path) -> None:
    values = [
        {"keys": {"carrier": "coal", "sector": "44"}, "value": 1.0},
        {"keys": {"carrier": "coal", "area": "990101"}, "value": 2.0},
    ]
    loaded = packed(tmp_path, values)
    keys = {"carrier": "coal", "sector": "44", "area": "990101"}
    with pytest.raises(ParameterAmbiguous) as caught:
        loaded.select("k", keys, (2024, 1))
    assert "sector=44" in str(caught.value)
    assert "area=990101" in str(caught.value)


def test_c7_3_a_later_value_leaves_earlier_months_alone(tmp_path: Path) -> None:
    before = packed(tmp_path / "a", [{"value": 1.0}])
    after = packed(
        tmp_path / "b", [{"value": 1.0}, {"value": 2.0, "valid_from": dt.date(2024, 4, 1)}]
    )
    for month in ((2020, 1), (2024, 3)):
        assert before.select("k", {}, month).value == after.select("k", {}, month).value == 1.0
    assert after.select("k", {}, (2024, 4)).value == 2.0


@pytest.mark.parametrize("missing", ["unit", "valid_from", "source", "mark", "status"])
def test_c7_4_a_value_without_unit_date_or_source_fails_the_load(
    tmp_path: Path, missing: str
) -> None:
    with pytest.raises(PackError) as caught:
        packed(tmp_path, [{"value": 1.0, missing: None}])
    assert missing in caught.value.findings[0].found
    assert caught.value.findings[0].place.file.endswith("k.yaml")


def test_c7_4_unsourced_marks_may_not_call_themselves_sourced(tmp_path: Path) -> None:
    with pytest.raises(PackError):
        packed(tmp_path, [{"value": 1.0, "mark": "D", "status": "sourced"}])


def test_c7_5_the_worst_status_wins() -> None:
    assert worst_status(["sourced", "unsourced"]) == "unsourced"
    assert worst_status(["unsourced", "synthetic", "sourced"]) == "synthetic"
    assert worst_status([]) == "sourced"


def test_a_missing_parameter_names_the_nearest_and_why() -> None:
    loaded = load_parameters(load_pack("shanghai"))
    with pytest.raises(ParameterNotFound) as caught:
        loaded.select("grid_co2", {"area": "310000", "basis": "average"}, (2024, 6))
    assert "2023-12-31" in str(caught.value)


def test_c7_6_purposes_are_kept_apart(tmp_path: Path) -> None:
    values = [
        {"value": 1.0, "keys": {"area": "a"}, "purpose": "ets"},
        {"value": 2.0, "keys": {"area": "b"}, "purpose": "city_inventory"},
        {"value": 3.0, "keys": {"area": "c"}},
    ]
    loaded = packed(tmp_path, values)
    one, two, any_ = (loaded.select("k", {"area": area}, (2024, 1)) for area in "abc")
    with pytest.raises(ParameterNotFound):
        loaded.select("k", {"area": "a"}, (2024, 1), purpose="city_inventory")
    assert check_purposes([one, any_]) == []
    assert [item.severity for item in check_purposes([one, two, any_])] == ["error"]
