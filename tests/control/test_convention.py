"""The convention's clauses on standings: absence, ratios, vintages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dualcarbon.control.formulas import cumulative

ENERGY, GDP, RATE = "energy_total", "gdp", "energy_intensity"
ON = "2024-10-25"


def level(indicator: str, period: str, value: float, **more: Any) -> dict[str, Any]:
    unit = "10^4 tce" if indicator == ENERGY else "10^8 CNY"
    base = {"price_base": "2020"} if indicator == GDP else {}
    return {"indicator": indicator, "period": period, "value": value, "unit": unit} | base | more


def rate(value: float, period: str = "2024-01..09", **more: Any) -> dict[str, Any]:
    return {"indicator": RATE, "period": period, "value": value, "unit": "%"} | more


def months(indicator: str, year: int, value: float, skip: int = 0) -> list[dict[str, Any]]:
    return [
        level(indicator, f"{year}-{month:02d}", value, basis="month")
        for month in range(1, 10)
        if month != skip
    ]


def test_c1_3_a_missing_month_makes_the_sum_absent_and_is_named(case: Any) -> None:
    rows = [*months(ENERGY, 2023, 100), *months(ENERGY, 2024, 99, skip=5)]
    rows += [*months(GDP, 2023, 100), *months(GDP, 2024, 102)]
    row = case().write("statistics", *rows).one("1.3", ON)
    whole = case().write("statistics", *rows, level(ENERGY, "2024-05", 99, basis="month"))
    assert whole.one("1.3", ON)["period"] == "2024-01..09"
    assert row["period"] != "2024-01..09" or row["value"] is None
    assert "2024-05" in row["reason_en"] or "May" in row["reason_en"]


def test_c1_4_a_commitment_without_data_says_what_would_give_it_one(case: Any) -> None:
    for row in case().standings(ON).to_json()["standings"]:
        assert (row["state"], row["value"], row["severity"]) == ("no_data", None, None)
        assert ".csv" in row["reason_en"]
        assert ".csv" in row["reason_zh"]


def test_c3_1_a_ratio_is_a_ratio_of_sums(case: Any) -> None:
    rows = [level(ENERGY, f"2023-{q}", e, basis="month") for q, e in (("Q1", 100), ("Q2", 400))]
    rows += [level(ENERGY, f"2024-{q}", e, basis="month") for q, e in (("Q1", 90), ("Q2", 400))]
    rows += [level(GDP, f"2023-{q}", g, basis="month") for q, g in (("Q1", 100), ("Q2", 100))]
    rows += [level(GDP, f"2024-{q}", g, basis="month") for q, g in (("Q1", 100), ("Q2", 100))]
    row = case().write("statistics", *rows).one("1.3", "2024-07-31")
    assert row["value"] == pytest.approx((490 / 200) / (500 / 200) * 100 - 100)
    mean_of_ratios = ((90 / 100 - 1) + (400 / 400 - 1)) / 2 * 100
    assert row["value"] != pytest.approx(mean_of_ratios)


def test_c3_2_a_fall_is_negative_and_the_gap_is_in_points(case: Any) -> None:
    row = case().write("statistics", rate(-2.4)).one("1.3", ON)
    assert (row["value"], row["required"], row["unit"]) == (-2.4, -3.0, "%")
    assert row["gap"] == pytest.approx(0.6)
    assert "percentage points" in row["reason_en"]
    assert "百分点" in row["reason_zh"]


@pytest.mark.parametrize("month", [3, 6, 9])
def test_c3_3_the_full_annual_rate_is_required_at_any_date(case: Any, month: int) -> None:
    folder = case().write("statistics", rate(-2.4, f"2024-01..{month:02d}"))
    assert folder.one("1.3", ON)["required"] == -3.0


def test_c3_4_years_compose_by_multiplication() -> None:
    assert cumulative([-10.0, -10.0]) == pytest.approx(-19.0)


def test_c4_1_what_was_recorded_later_is_not_known_yet(case: Any) -> None:
    folder = case().write(
        "statistics",
        rate(-2.4, recorded_at="2024-10-20", vintage="preliminary"),
        rate(-3.1, recorded_at="2024-11-20", vintage="final"),
    )
    assert folder.one("1.3", "2024-10-25")["value"] == -2.4
    assert folder.one("1.3", "2024-11-25")["value"] == -3.1


def test_c4_2_the_last_recorded_stands_and_final_breaks_a_tie(case: Any) -> None:
    folder = case().write(
        "statistics",
        rate(-2.0, recorded_at="2024-10-20", vintage="estimate"),
        rate(-2.4, recorded_at="2024-10-20", vintage="preliminary"),
        rate(-9.9, recorded_at="2024-10-18", vintage="preliminary"),
    )
    assert folder.one("1.3", ON)["value"] == -2.4


def test_c4_3_a_published_rate_is_used_and_the_computed_one_stands_beside_it(case: Any) -> None:
    levels = [level(ENERGY, "2023-01..09", 100), level(ENERGY, "2024-01..09", 100)]
    levels += [level(GDP, "2023-01..09", 100), level(GDP, "2024-01..09", 105)]
    folder = case().write("statistics", rate(-2.4), *levels)
    row = folder.one("1.3", ON)
    assert (row["value"], row["declared"]) == (-2.4, -2.4)
    figures = folder.standings(ON).figures
    both = figures.filter((figures["indicator"] == RATE) & (figures["subject_kind"] == "city"))
    values = dict(both.select("origin", "value").iter_rows())
    assert values["declared"] == -2.4
    assert values["computed"] == pytest.approx(100 / 105 * 100 - 100)


def test_c4_4_a_correction_makes_another_edition_and_leaves_the_first(
    case: Any, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    first = case().write("statistics", rate(-2.4)).standings(ON).freeze(store)
    again = case().standings(ON).freeze(store)
    before = (first.folder / "manifest.json").read_bytes()
    second = case().write("statistics", rate(-2.5)).standings(ON).freeze(store)
    assert first.id == again.id != second.id
    assert (first.folder / "manifest.json").read_bytes() == before
