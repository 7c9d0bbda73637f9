"""Approach 2 by factor against a sampler that draws every row, and against Approach 1."""

import json
import math

import numpy as np
import polars as pl
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.naive import assert_same_distribution, naive

from dualcarbon.accounting.uncertainty import (
    KINDS,
    approach1,
    approach2,
    draw,
    drawn_trend,
    prepare,
    stated_frame,
    trend,
)
from dualcarbon.accounting.uncertainty.distributions import Z
from dualcarbon.accounting.uncertainty.sampling import BLOCK, sampler
from dualcarbon.accounting.uncertainty.sums import cells_of
from dualcarbon.errors import DualcarbonError

FACTORS = {  # name: kind, percent, power, which of six keys use it
    "a": ("normal", 5.0, 1, {0, 2, 4}),
    "b": ("lognormal", 40.0, 1, {0, 3}),
    "c": ("uniform", 10.0, -1, {0, 1, 2, 3}),
    "d": ("triangular", 15.0, 1, {0, 1, 2, 3, 4, 5}),
}
STATED = stated_frame(
    pl.DataFrame(
        {
            "applies_to": ["parameter"] * 4,
            "name": list(FACTORS),
            "percent": [f[1] for f in FACTORS.values()],
            "distribution": [f[0] for f in FACTORS.values()],
        }
    )
)
COEFFICIENTS = pl.DataFrame(
    {
        "key": range(6),
        "parts": [
            json.dumps([{"parameter": n, "power": f[2]} for n, f in FACTORS.items() if key in f[3]])
            for key in range(6)
        ],
    }
)


class City:
    """Random rows in a few groups, for both samplers."""

    def __init__(self, count, kinds, percents, groups=4, seed=1, classes=(None,)):
        rng = np.random.default_rng(seed)
        self.amounts = np.maximum(rng.lognormal(8, 1, count), 1).astype(np.int64)
        self.kinds = rng.choice(kinds, count)
        self.percents = rng.choice(np.array(percents, float), count)
        self.groups = rng.integers(0, groups, count)
        self.keys = rng.integers(0, 6, count)
        picked = rng.integers(0, len(classes), count)
        self.classes = [classes[i] for i in picked]
        for label in set(self.classes) - {None}:  # rows of one class have one range here
            rows = [i for i, c in enumerate(self.classes) if c == label]
            self.kinds[rows], self.percents[rows] = self.kinds[rows[0]], self.percents[rows[0]]

    def problem(self, **options):
        rows = pl.DataFrame(
            {
                "key": self.keys,
                "grams": self.amounts,
                "uncertainty": self.percents,
                "distribution": self.kinds,
                "group": self.groups,
                "source_class": pl.Series(self.classes, dtype=pl.String),
            }
        )
        shape = {"coefficients": COEFFICIENTS, "stated": STATED, **options}
        return prepare(rows, amount="grams", by=["group"], **shape)

    def naive(self, draws, seed=5):
        factors = [
            (kind, percent, power, np.flatnonzero(np.isin(self.keys, list(keys))))
            for kind, percent, power, keys in FACTORS.values()
        ]
        plain = (self.amounts, self.kinds, self.percents, self.groups, factors, draws, seed)
        return naive(*plain, classes=self.classes)


def compare(city, draws):
    quick, slow = draw(city.problem(), draws, seed=11).values, city.naive(draws)
    for group in range(len(slow)):
        assert_same_distribution(quick[group], slow[group])
    assert_same_distribution(quick.sum(axis=0), slow.sum(axis=0))


def test_a_naive_sampler_agrees_on_ten_thousand_rows_of_every_kind():
    city = City(10_000, KINDS, [10, 80], classes=(None, None, None, "meter", "survey"))
    city.groups[:3] = 4  # and a group of three rows
    compare(city, 2000)


@pytest.mark.parametrize("kind", KINDS)
def test_a_naive_sampler_agrees_on_ten_thousand_rows_of_each_kind(kind):
    compare(City(10_000, [kind], [20, 150 if kind == "lognormal" else 50]), 500)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("count", [1, 2, 5, 40])
def test_a_naive_sampler_agrees_on_small_groups(kind, count):
    compare(City(count, [kind], [120 if kind == "lognormal" else 60], groups=1), 8000)


@pytest.mark.parametrize("kind", KINDS)
def test_a_naive_sampler_agrees_where_one_row_dominates(kind):
    city = City(500, [kind], [60], groups=1)
    city.amounts[7] = 3 * city.amounts.sum()
    compare(city, 4000)


def test_a_naive_sampler_agrees_where_each_group_has_factors_of_its_own():
    """Groups by combinations is a sparse matrix then, and is multiplied group by group."""
    city = City(900, ["normal"], [20], groups=30, classes=tuple(range(4)))
    city.classes = [f"{g}-{c}" for g, c in zip(city.groups, city.classes, strict=True)]
    assert len(sampler(city.problem(), 1).means.pieces) == 30
    compare(city, 2000)


def test_rows_that_dominate_are_drawn_alone_and_no_others():
    city = City(5000, ["uniform"], [60], groups=1)
    assert sampler(city.problem(), 1).alone == []
    city.amounts[7] = 3 * city.amounts.sum()
    assert sampler(city.problem(), 1).alone[0].grams.tolist() == [float(city.amounts[7])]
    normal = City(3, ["normal"], [60], groups=1)
    assert sampler(normal.problem(), 1).alone == []


def test_the_same_seed_gives_the_same_numbers_and_more_draws_begin_with_them():
    problem = City(300, KINDS, [10, 60]).problem()
    few, many = draw(problem, 700, seed=3).values, draw(problem, 5 * BLOCK, seed=3).values
    assert np.array_equal(few, many[:, :700])
    assert not np.array_equal(few, draw(problem, 700, seed=4).values)
    assert np.array_equal(few, draw(City(300, KINDS, [10, 60]).problem(), 700, seed=3).values)


def test_filled_and_sparse_sums_give_the_same_product():
    problem = City(300, KINDS, [10, 60]).problem()
    cells = cells_of(problem)
    filled = cells.sums(cells.grams)
    wide = evolve(cells, width=cells.width * 100)
    sparse = wide.sums(cells.grams)
    assert (len(filled.pieces), len(sparse.pieces)) == (1, 4)
    factors = np.random.default_rng(1).normal(1, 0.1, (wide.width, 7))
    expected = filled.times(factors[: cells.width])
    assert np.allclose(sparse.times(factors), expected, rtol=1e-12)


def test_the_order_of_rows_changes_no_draw():
    city = City(400, KINDS, [10, 60])
    one = draw(city.problem(), 500).values
    order = np.random.default_rng(2).permutation(400)
    for name in ("amounts", "kinds", "percents", "groups", "keys"):
        setattr(city, name, getattr(city, name)[order])
    assert np.allclose(one, draw(city.problem(), 500).values, rtol=1e-9)


@settings(max_examples=15)
@given(st.integers(1, 60), st.integers(0, 10**6), st.sampled_from([1.0, 5.0, 9.0]))
def test_it_tends_to_approach_1_in_the_linear_normal_case(count, seed, percent):
    city = City(count, ["normal"], [percent], groups=2, seed=seed, classes=(None, "meter"))
    stated = stated_frame(
        pl.DataFrame({"applies_to": ["parameter"], "percent": [2.0], "distribution": ["normal"]})
    )
    problem = city.problem(stated=stated)
    exact, drawn = approach1(problem), approach2(draw(problem, 6000, seed=seed))
    for one, two in zip(exact.iter_rows(named=True), drawn.iter_rows(named=True), strict=True):
        assert two["sd"] == pytest.approx(one["half"] / Z, rel=0.06)
        assert two["mean"] == pytest.approx(one["grams"], abs=5 * two["sd"] / math.sqrt(6000) * 1.2)


def one_row(kind, low, high, value=1.0, grams=1_000_000, **options):
    stated = stated_frame(
        pl.DataFrame(
            {
                "applies_to": ["parameter"],
                "name": ["f"],
                "low": [low],
                "high": [high],
                "distribution": [kind],
            }
        )
    )
    return prepare(
        pl.DataFrame({"key": [0], "grams": [grams], "uncertainty": [0.0]}),
        amount="grams",
        coefficients=pl.DataFrame({"key": [0], "parts": ['[{"parameter": "f", "power": 1}]']}),
        stated=stated,
        parameters={"f": {"name": "f", "keys": {}, "value": value}},
        **options,
    )


def summary(problem, draws=20_000):
    return approach2(draw(problem, draws), []).row(0, named=True)


def test_asymmetric_ranges_keep_what_the_page_says_they_keep():
    mode = summary(one_row("triangular", 0.8, 1.6))
    assert mode["mean"] == pytest.approx(1e6 * (0.8 + 1 + 1.6) / 3, rel=0.005)
    flat = summary(one_row("uniform", 0.8, 1.6))
    assert (flat["low"], flat["high"]) == pytest.approx((0.82e6, 1.58e6), rel=0.005)
    for kind in ("normal", "lognormal"):
        assert summary(one_row(kind, 0.8, 1.6))["mean"] == pytest.approx(1e6, rel=0.01)
    ratio = summary(one_row("lognormal", 0.5, 2.0))
    assert ratio["high"] / ratio["low"] == pytest.approx(4, rel=0.03)
    rules = [f.rule for f in one_row("uniform", 0.8, 1.6).findings]
    assert rules == ["uncertainty.mean_moved"]


def test_a_factor_in_the_denominator_draws_its_inverse():
    problem = one_row("uniform", 0.5, 1.5)
    parts = '[{"parameter": "f", "power": -1}]'
    stated = stated_frame(
        pl.DataFrame(
            {
                "applies_to": ["parameter"],
                "name": ["f"],
                "percent": [47.5],
                "distribution": ["uniform"],
            }
        )
    )
    problem = prepare(
        pl.DataFrame({"key": [0], "grams": [1000], "uncertainty": [0.0]}),
        amount="grams",
        coefficients=pl.DataFrame({"key": [0], "parts": [parts]}),
        stated=stated,
    )
    assert summary(problem)["mean"] == pytest.approx(1000 * math.log(3), rel=0.01)


def test_negative_draws_are_kept_and_said_or_cut_off_as_chosen():
    kept = one_row("normal", -0.2, 2.2)
    assert [f.rule for f in kept.findings] == ["uncertainty.negative"]
    assert draw(kept, 10_000).values.min() < 0
    cut = one_row("normal", -0.2, 2.2, negative="truncated")
    assert not cut.findings
    values = draw(cut, 40_000).values
    sd, floor = 1.2 / Z, -Z / 1.2
    shift = math.exp(-(floor**2) / 2) / math.sqrt(2 * math.pi) / (0.5 * math.erfc(floor / 2**0.5))
    assert values.min() >= 0
    assert values.mean() == pytest.approx(1e6 * (1 + sd * shift), rel=0.01)


@pytest.mark.parametrize("count", [1, 400])
def test_rows_cut_off_at_zero_have_the_right_moments(count):
    rows = pl.DataFrame({"grams": [1000] * count, "uncertainty": [150.0] * count})
    values = draw(prepare(rows, amount="grams", negative="truncated"), 20_000).values[0]
    drawn = np.random.default_rng(3).normal(1, 1.5 / Z, 4_000_000)
    drawn = drawn[drawn > 0]
    assert values.mean() == pytest.approx(1000 * count * drawn.mean(), rel=0.01)
    assert values.std() == pytest.approx(1000 * math.sqrt(count) * drawn.std(), rel=0.03)


def test_rows_of_one_class_move_together_with_ranges_of_their_own():
    rows = pl.DataFrame(
        {"grams": [1000, 1000], "uncertainty": [10.0, 30.0], "source_class": ["meter", "meter"]}
    )
    problem = prepare(rows, amount="grams", by=["uncertainty"])
    values = draw(problem, 20_000).values
    assert np.corrcoef(values)[0, 1] == pytest.approx(1)
    assert values.sum(axis=0).std() == pytest.approx(400 / Z, rel=0.03)


def test_zero_width_draws_are_all_the_value():
    rows = pl.DataFrame({"grams": [100, 200], "uncertainty": [0.0, 0.0]})
    found = summary(prepare(rows, amount="grams"), 500)
    assert (found["mean"], found["sd"], found["low"], found["high"]) == (300, 0, 300, 300)


def test_a_zero_sum_has_no_relative_range():
    rows = pl.DataFrame({"grams": [100, -100], "uncertainty": [10.0, 10.0]})
    found = summary(prepare(rows, amount="grams"), 500)
    assert found["low_percent"] is None
    assert found["sd"] > 0


def test_the_drawn_trend_agrees_with_the_propagated_one():
    rows = pl.DataFrame(
        {
            "key": [0, 1, 0, 1],
            "year": ["2000", "2000", "2020", "2020"],
            "grams": [10_000, 40_000, 15_000, 35_000],
            "uncertainty": [5.0, 2.0, 5.0, 2.0],
        }
    )
    parts = ['[{"parameter": "x", "power": 1}]', '[{"parameter": "y", "power": 1}]']
    stated = stated_frame(pl.DataFrame({"applies_to": ["parameter"], "percent": [6.0]}))
    problem = prepare(
        rows,
        amount="grams",
        coefficients=pl.DataFrame({"key": [0, 1], "parts": parts}),
        stated=stated,
        year="year",
    )
    exact = trend(problem, "2000", "2020").row(0, named=True)
    found = drawn_trend(draw(problem, 20_000), "2000", "2020").row(0, named=True)
    assert found["mean"] == pytest.approx(exact["change"], abs=0.1)
    assert found["sd"] == pytest.approx(exact["half"] / Z, rel=0.03)


def test_too_many_draws_are_refused_before_memory_is_taken():
    rows = pl.DataFrame({"grams": [1], "uncertainty": [1.0]})
    with pytest.raises(DualcarbonError, match="draws"):
        draw(prepare(rows, amount="grams"), 10**12)
