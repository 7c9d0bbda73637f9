"""Ranks, bounds of figures and key categories: closed forms and worked numbers."""

import math
from statistics import NormalDist

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dualcarbon.accounting.uncertainty import (
    draw,
    figure_bounds,
    from_percent,
    key_categories,
    keys_of,
    prepare,
    probabilities,
    rank_draws,
    ranks,
    stated_frame,
)

Z = NormalDist().inv_cdf(0.975)


def problem(grams, percents, factor=None):
    rows = pl.DataFrame(
        {
            "key": [0] * len(grams),
            "subject": list("abcdefgh")[: len(grams)],
            "grams": pl.Series(grams, dtype=pl.Int64),
            "uncertainty": [float(p) for p in percents],
        }
    )
    stated = stated_frame(
        pl.DataFrame({"applies_to": ["parameter"], "name": ["f"], "percent": [factor or 0.0]})
    )
    coefficients = pl.DataFrame({"key": [0], "parts": ['[{"parameter": "f", "power": 1}]']})
    return prepare(rows, amount="grams", by=["subject"], coefficients=coefficients, stated=stated)


def ranked(*arguments, **options):
    draws = draw(problem(*arguments), 10_000)
    members, values = draws.of(["subject"])
    return ranks(members.select("subject", "grams"), values, **options)


def test_the_probability_of_an_order_is_the_normal_one():
    found = ranked([1000, 1050, 400], [10, 10, 10])
    sd = math.hypot(100, 105) / Z
    expected = NormalDist().cdf(50 / sd)
    assert found["subject"].to_list() == ["b", "a", "c"]
    assert found["p_ahead"][0] == pytest.approx(expected, abs=0.02)
    assert found["p_first"][0] == pytest.approx(expected, abs=0.02)
    assert found.select("rank_low", "rank_median", "rank_high").row(1) == (1, 2, 2)
    assert found.select("rank_low", "rank_high").row(2) == (3, 3)
    assert found["p_ahead"][2] is None


def test_a_shared_factor_however_unsure_moves_no_rank():
    found = ranked([1000, 1050, 1100], [0, 0, 0], 40.0)
    assert found["p_first"].to_list() == [1.0, 0.0, 0.0]
    assert found["rank_low"].to_list() == found["rank_high"].to_list() == [1, 2, 3]


def test_equal_values_share_the_better_rank():
    found = ranked([500, 500, 100], [0, 0, 0])
    assert found["rank"].to_list() == [1, 1, 3]
    assert found["p_first"].to_list() == [1.0, 1.0, 0.0]
    assert found["p_ahead"][0] == 0.5


def test_the_smallest_may_be_first_and_an_absent_value_has_no_rank():
    found = ranked([500, None, 100], [1, 1, 1], first="smallest")
    assert found["subject"].to_list() == ["c", "a", "b"]
    assert found["rank"].to_list() == [1, 2, None]
    assert found["p_first"][2] is None
    nobody = ranks(pl.DataFrame({"grams": pl.Series([None], dtype=pl.Int64)}), np.zeros((1, 5)))
    assert nobody["rank"].to_list() == [None]


@given(st.lists(st.lists(st.integers(-3, 3), min_size=4, max_size=4), min_size=1, max_size=6))
def test_a_rank_is_one_more_than_the_number_ahead(values):
    array = np.array(values, float)
    expected = [
        [1 + sum(other > each for other in column) for each in column] for column in array.T
    ]
    assert rank_draws(array).T.tolist() == expected


def test_probabilities_of_pairs():
    values = np.array([[1.0, 2, 3], [2.0, 2, 2]])
    assert probabilities(values, [(0, 1), (1, 0)]).tolist() == [0.5, 0.5]


def test_bounds_of_a_total_and_of_a_ratio_with_exact_and_uncertain_denominator():
    draws = draw(problem([2_000_000, 3_000_000], [10, 10]), 20_000)
    figures = pl.DataFrame({"subject": ["a", "b", "z"], "value": [0.5, 0.75, 1.0]})
    gdp = {"a": 4.0, "b": 4.0}
    exact = figure_bounds(figures, draws, denominators=gdp)
    assert exact["half_percent"][0] == pytest.approx(10, rel=0.03)
    assert (exact["low"][0], exact["high"][0]) == pytest.approx((0.45, 0.55), rel=0.01)
    assert exact.row(2)[2:] == (None, None, None, None)
    errors = {"a": from_percent("normal", 10)}
    unsure = figure_bounds(figures, draws, denominators=gdp, errors=errors)
    assert unsure["half_percent"][0] == pytest.approx(10 * math.sqrt(2), rel=0.04)
    assert unsure["half_percent"][1] == exact["half_percent"][1]
    plain = figure_bounds(figures.with_columns(value=pl.lit(2.0)), draws)
    assert plain["low"][0] == pytest.approx(1.8, rel=0.01)
    assert list(plain.columns) == [*figures.columns, "low", "high", "sd", "half_percent"]


def test_a_denominator_of_zero_gives_no_bounds():
    draws = draw(problem([2_000_000], [10]), 500)
    figures = pl.DataFrame({"subject": ["a"], "value": [0.0]})
    found = figure_bounds(figures, draws, denominators={"a": 0.0})
    assert found.row(0)[2:] == (None, None, None, None)


CATEGORIES = pl.DataFrame(
    {
        "category": ["A", "B", "sink", "new"],
        "grams": [120, 30, -40, 10],
        "base": [100, 50, -50, 0],
        "percent": [5.0, 50.0, 30.0, 100.0],
    }
)


def test_level_is_by_size_removals_included():
    found = key_categories(CATEGORIES)
    assert found["category"].to_list() == ["A", "sink", "B", "new"]
    assert found["level"].to_list() == pytest.approx([0.6, 0.2, 0.15, 0.05])
    assert found["level_cumulative"].to_list() == pytest.approx([0.6, 0.8, 0.95, 1.0])
    assert keys_of(found, ["category"], "level") == [("A",), ("sink",), ("B",)]
    assert found["trend"].to_list() == [None] * 4
    assert not found["level_u_key"].fill_null(False).any()


def test_trend_by_equation_4_2_and_4_3():
    """Totals 100 and 120, a rise of 20 %; sizes of the base year 200."""
    found = key_categories(CATEGORIES, base="base", percent="percent").sort("category")
    by_name = dict(zip(found["category"], found["trend"], strict=True))
    assert by_name["A"] == pytest.approx(100 / 200 * abs(0.2 - 0.2))
    assert by_name["B"] == pytest.approx(50 / 200 * abs(-0.4 - 0.2))
    assert by_name["sink"] == pytest.approx(50 / 200 * abs(0.2 - 0.2))
    assert by_name["new"] == pytest.approx(10 / 200)
    assert keys_of(found, ["category"], "trend") == [("B",), ("new",)]


def test_approach_2_weighs_by_uncertainty():
    found = key_categories(CATEGORIES, base="base", percent="percent")
    level = {"A": 0.6 * 5, "B": 0.15 * 50, "sink": 0.2 * 30, "new": 0.05 * 100}
    for name, share in zip(found["category"], found["level_u_share"], strict=True):
        assert share == pytest.approx(level[name] / sum(level.values()))
    assert keys_of(found, ["category"], "level_u") == [("B",), ("sink",), ("new",), ("A",)]
    assert keys_of(found, ["category"], "trend_u") == [("B",), ("new",)]


def test_absent_values_are_not_zero():
    frame = CATEGORIES.with_columns(
        grams=pl.Series([120, None, -40, 10]), base=pl.Series([100, 50, None, 0])
    )
    found = key_categories(frame, base="base", percent="percent").sort("category")
    assert found["level"].to_list()[1] is None
    assert [t is None for t in found["trend"]] == [False, True, False, True]
    zero = key_categories(pl.DataFrame({"grams": [0, 0], "base": [5, -5]}), base="base")
    assert zero["level"].to_list() == [None, None]
    assert zero["trend"].to_list() == [None, None]
