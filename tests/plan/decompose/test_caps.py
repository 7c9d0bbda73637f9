"""Caps of enterprises: budgets add up to the cap, absence is said, alerts follow the months."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.plan.decompose.test_command import command, write

from dualcarbon.plan.decompose.caps import budget

HISTORY = "subject,period,energy [tce]\n"


def months(year, values):
    return {(year, number): Fraction(value) for number, value in enumerate(values, 1)}


@given(st.integers(0, 10**13), st.lists(st.integers(0, 10**7), min_size=12, max_size=12))
def test_budgets_add_up_to_the_cap(cap, values):
    row, _ = budget("a", cap, months(2023, values), Fraction(1), 2024)
    if any(values):
        assert sum(row.months) == cap
    else:
        assert row.months is None


def test_the_season_is_a_ratio_of_sums():
    past = months(2022, [1] * 12) | months(2023, [10] * 6 + [30] * 6)
    row, _ = budget("a", 2520, past, Fraction(1), 2024)
    assert row.years == (2022, 2023)
    assert row.months == (110,) * 6 + (310,) * 6


def test_a_year_with_an_absent_month_serves_for_nothing():
    past = months(2023, [5] * 11)
    row, said = budget("a", 60, past, Fraction(1), 2024)
    assert (row.months, row.alert) == (None, "no_data")
    assert said[0].rule == "plan.budget_no_history"


@pytest.mark.parametrize(
    ("used", "alert"),
    [([5, 5], "none"), ([5, 6], "over_budget"), ([30, 31], "over_cap"), ([], "no_data")],
)
def test_alerts(used, alert):
    past = months(2023, [5] * 12) | months(2024, used)
    row, _ = budget("a", 60, past, Fraction(1), 2024)
    assert row.alert == alert


def test_a_gap_ends_the_sum_to_date():
    past = months(2023, [5] * 12) | {(2024, 1): Fraction(5), (2024, 3): Fraction(9)}
    row, said = budget("a", 60, past, Fraction(1), 2024)
    assert row.used == (5,)
    assert said[0].rule == "plan.budget_gap"


def test_the_command(tmp_path):
    lines = [f"A,{year}-{month:02},10" for year in (2023, 2024) for month in range(1, 13)]
    history = write(
        tmp_path, HISTORY + "\n".join([*lines[:20], "B,2024-01,1"]) + "\n", "months.csv"
    )
    caps = write(tmp_path, "subject,allowed [10^4 tce]\nA,0.0108\n", "caps.csv")
    words = (caps, "--history", history, "--year", "2024", "--to", "2024-06")
    answer = command(*words, name="budget")
    row = answer["rows"][0]
    assert (row["used"], row["budget_to_date"], row["alert"]) == (0.006, 0.0054, "over_budget")
    assert sum(row["months_quanta"]) == row["cap_quanta"]
    assert row["needed_percent"] == pytest.approx(-11.11)
    assert {item["rule"] for item in answer["findings"]} == {"plan.budget_stranger"}
    assert "over budget" in command(*words, "--lang", "en", form="table", name="budget").stdout
    command(*words[:-1], "2023-06", code=2, name="budget")
    bad = write(tmp_path, HISTORY + "A,2023-Q1,10\n", "bad.csv")
    command(caps, "--history", bad, "--year", "2024", code=2, name="budget")
