"""A plan judged on the figures of an account run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

from dualcarbon.control.data import read_data
from dualcarbon.control.figured import with_computed, with_figures
from dualcarbon.figures import FIGURES

HEAD = {"subject_kind": "city", "subject": "city", "unit": "tCO2", "basis": "month"}
MORE = {"origin": "computed", "status": "sourced", "edition": "", "row": 0}


def figures(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame([{**HEAD, **MORE, **row} for row in rows], schema=FIGURES.schema())


def statistics(case: Any, *rows: dict[str, Any], run: pl.DataFrame) -> pl.DataFrame:
    case.write("statistics", *rows)
    found = with_figures(read_data(case.folder, case.pack), run, "0" * 16)
    return found.frames["statistics"].drop("source_row")


def test_levels_give_way_and_published_rates_stay(case: Callable[..., Any]) -> None:
    level = {"indicator": "co2_total", "period": "2023", "value": 7, "unit": "tCO2"}
    rate = {"indicator": "co2_total", "period": "2024", "value": -1}
    other = {"indicator": "gdp", "period": "2023", "value": 5, "unit": "10^8 CNY"}
    run = figures({"indicator": "co2_total", "period": "2024-01", "value": 3.0})
    found = statistics(case(), level, rate, other, run=run)
    assert sorted(found.select("indicator", "value", "origin").rows()) == [
        ("co2_total", -1.0, "declared"),
        ("co2_total", 3.0, "computed"),
        ("gdp", 5.0, "declared"),
    ]
    assert f"{'0' * 16}:figures:0" in found["place"].to_list()


def test_energy_in_the_valuation_of_the_pack_is_the_total_of_the_plan(
    case: Callable[..., Any],
) -> None:
    run = figures(
        {"indicator": "energy_equal", "period": "2024-01", "value": 3.0, "unit": "tce"},
        {"indicator": "energy_calorific", "period": "2024-01", "value": 2.0, "unit": "tce"},
    )
    found = statistics(case("demo-2024"), run=run)
    assert found.select("indicator", "value").filter(indicator="energy_total").height == 1


def test_what_the_pack_does_not_know_and_what_is_absent_is_left_out(
    case: Callable[..., Any],
) -> None:
    run = figures(
        {"indicator": "nobody_knows", "period": "2024-01", "value": 3.0},
        {"indicator": "co2_total", "period": "2024-01", "value": None},
        {"indicator": "co2_total", "period": "2024-01", "value": 1.0, "subject": "Atlantis"},
    )
    assert statistics(case(), run=run).is_empty()


def test_computed_stands_beside_declared() -> None:
    rows = pl.DataFrame({"commitment": ["1", "2"], "value": [-1.0, -2.0]})
    run = figures(
        {"indicator": "co2_total", "period": "2024", "value": -1.0, "origin": "declared"},
        {"indicator": "co2_total", "period": "2024", "value": -1.5},
    )
    assert with_computed(rows, run)["computed"].to_list() == [-1.5, None]
