"""The arithmetic of LMDI-I: the published case, a second hand in 60 digits, properties, limits."""

import json
import math
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.accounting.drivers_cases import lmdi, log_mean, product, sums

from dualcarbon.accounting import drivers

PLAIN = st.floats(1e-6, 1e6)


def pairs(values=PLAIN, most=4):
    """Two arrays of leaves x factors of one shape."""

    def rows(shape):
        one = st.lists(
            st.lists(values, min_size=shape[1], max_size=shape[1]),
            min_size=shape[0],
            max_size=shape[0],
        )
        return st.tuples(one, one)

    return st.tuples(st.integers(1, most), st.integers(1, most)).flatmap(rows)


def effects(before, after):
    before, after = np.array(before, dtype=float), np.array(after, dtype=float)
    ends = [np.prod(np.where(np.isnan(x), 1.0, x), axis=1) for x in (before, after)]
    return drivers.leaf_effects(ends[0], ends[1], before, after)


def volume(rows):
    return math.fsum(math.prod(row) for row in rows)


@pytest.mark.parametrize(("first", "last"), [("1971", "1972"), ("1972", "1973"), ("1973", "1974")])
def test_the_published_case(shared, first, last):
    text = (shared / "data" / "lmdi_simple_2x3.json").read_text(encoding="utf-8")
    case = json.loads(text)["simple_LMDIR"]
    before, after = case["X"][first], case["X"][last]
    found = effects(before, after).sum(axis=0)
    assert found == pytest.approx(case["dV"][last], abs=1e-6)
    assert math.fsum(found) == pytest.approx(case["dV_agg"][last], rel=1e-14)
    mean = drivers.log_mean(np.array(volume(before)), np.array(volume(after)))
    times = drivers.multipliers(found, mean)
    assert times == pytest.approx(case["D"][last], abs=1e-6)
    assert math.prod(times) == pytest.approx(case["D_agg"][last], abs=1e-6)


@given(pairs())
def test_a_second_hand_in_sixty_digits_agrees(pair):
    before, after = pair
    scale = max(volume(before), volume(after))
    for mine, theirs in zip(effects(before, after), lmdi(before, after), strict=True):
        assert mine == pytest.approx([float(x) for x in theirs], rel=1e-12, abs=1e-13 * scale)


@given(pairs())
def test_nothing_is_left_over(pair):
    before, after = pair
    found = effects(before, after)
    scale = max(volume(before), volume(after))
    change = volume(after) - volume(before)
    assert abs(math.fsum(found.ravel()) - change) <= 1e-12 * scale


@given(pairs())
def test_time_reversed_is_the_same_with_the_other_sign(pair):
    before, after = pair
    assert (effects(before, after) == -effects(after, before)).all()


@given(pairs(), st.randoms())
def test_the_order_of_leaves_and_factors_does_not_matter(pair, random):
    before, after = (np.array(rows) for rows in pair)
    leaves, factors = list(range(before.shape[0])), list(range(before.shape[1]))
    random.shuffle(leaves)
    random.shuffle(factors)
    spot = np.ix_(leaves, factors)
    moved = effects(before[spot], after[spot])
    scale = max(volume(before), volume(after))
    assert moved == pytest.approx(effects(before, after)[spot], rel=1e-12, abs=1e-13 * scale)


@given(pairs(st.floats(1e-3, 1e3)), st.floats(1e-3, 1e3))
def test_units_scale_effects_and_leave_multipliers(pair, size):
    before, after = (np.array(rows) for rows in pair)
    scaled = np.ones(before.shape[1])
    scaled[0] = size
    plain, other = effects(before, after), effects(before * scaled, after * scaled)
    limit = 1e-12 * size * max(volume(before), volume(after))
    assert other == pytest.approx(plain * size, rel=1e-11, abs=limit)


@given(pairs())
def test_what_does_not_change_has_no_effect(pair):
    before, after = pair
    still = [[x0[0], *x1[1:]] for x0, x1 in zip(before, after, strict=True)]
    assert (effects(before, still)[:, 0] == 0).all()
    assert (effects(before, before) == 0).all()


def test_effects_stay_when_the_total_does_not_move():
    """L(a, a) = a: 2 x 3 becomes 3 x 2."""
    found = effects([[2, 3]], [[3, 2]])
    assert found[0] == pytest.approx([6 * math.log(1.5), -6 * math.log(1.5)], rel=1e-15)


@given(st.floats(1e-60, 1e60), st.floats(-1e-3, 1e-3))
def test_the_logarithmic_mean_is_exact_near_equality(value, step):
    other = value * (1 + step)
    a, b = np.array(value), np.array(other)
    mean = float(drivers.log_mean(a, b))
    assert mean == pytest.approx(float(log_mean(Decimal(value), Decimal(other))), rel=1e-14)
    assert mean == float(drivers.log_mean(b, a))


def limit_case(power, before, after):
    """The formula itself with a zero taken as 10^-power, in high precision."""
    tiny = Decimal(10) ** -power
    rows = [
        [[tiny if x == 0 else Decimal(str(x)) for x in row] for row in s] for s in (before, after)
    ]
    return sums(lmdi(*rows))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([[0, 3, 2]], [[4, 5, 6]]),
        ([[0, 0, 2]], [[4, 5, 6]]),
        ([[4, 5, 6]], [[0, 0, 0]]),
        ([[0, 3], [2, 2]], [[4, 5], [3, 0]]),
        ([[0, 3]], [[0, 5]]),
        ([[0, 3]], [[2, 0]]),
        ([[0, 0]], [[0, 5]]),
    ],
)
def test_zeros_are_the_limit_of_a_delta_that_shrinks(before, after):
    found = effects(before, after).sum(axis=0)
    scale = max(volume(before), volume(after), 1)
    gaps = []
    for power in (20, 50, 100, 1000, 100_000):
        near = limit_case(power, before, after)
        gaps.append(max(abs(float(x) - y) for x, y in zip(near, found, strict=True)))
    assert gaps == sorted(gaps, reverse=True)
    assert gaps[-1] <= 1e-3 * scale
    assert math.fsum(found) == pytest.approx(volume(after) - volume(before), rel=1e-15)


def test_factors_that_vanish_share_the_change_equally():
    assert effects([[0, 0, 2]], [[4, 5, 6]])[0].tolist() == [60, 60, 0]
    assert effects([[4, 5, 6]], [[0, 5, 0]])[0].tolist() == [-60, 0, -60]
    assert effects([[0, 3]], [[0, 5]])[0].tolist() == [0, 0]


def test_a_ratio_that_is_not_defined_takes_the_other_year():
    """Share 0, intensity 0/0: all of what appears is structure, and none of it intensity."""
    assert effects([[10, 0, np.nan]], [[20, 0.5, 3]])[0].tolist() == [0, 30, 0]
    assert effects([[20, 0.5, 3]], [[10, 0, np.nan]])[0].tolist() == [0, -30, 0]
    assert effects([[10, 0, np.nan]], [[20, 0, np.nan]])[0].tolist() == [0, 0, 0]


ZEROS = st.one_of(st.just(0.0), st.floats(1e-3, 1e3))


@given(pairs(ZEROS))
def test_zeros_leave_nothing_over_either(pair):
    before, after = pair
    found = effects(before, after)
    assert np.isfinite(found).all()
    scale = max(volume(before), volume(after))
    assert abs(math.fsum(found.ravel()) - (volume(after) - volume(before))) <= 1e-12 * scale
    assert (found == -effects(after, before)).all()


@pytest.mark.parametrize(
    ("start", "factors"),
    [(-2.0, [[1.0, -2.0]]), (0.0, [[1.0, 2.0]]), (2.0, [[0.0, 2.0]]), (2.0, [[1.0, math.inf]])],
)
def test_contradictions_are_refused(start, factors):
    good = np.array([[1.0, 2.0]])
    with pytest.raises(ValueError, match="factors"):
        drivers.leaf_effects(np.array([start]), np.array([2.0]), np.array(factors), good)


LEAVES = [("a", "x"), ("a", "y"), ("b", "x"), ("c", "y"), ("c", "z")]


@given(st.lists(st.floats(-1e6, 1e6), min_size=5, max_size=5))
def test_a_node_is_the_exact_sum_of_its_children(values):
    tree = drivers.Tree.of(LEAVES)
    assert tree.nodes == ((), ("a",), ("b",), ("c",), *LEAVES)
    rolled = tree.roll(np.array(values)[:, None])[:, 0]
    assert rolled[tree.first_leaf :].tolist() == values
    for node in range(len(tree.nodes)):
        if children := tree.children(node):
            assert rolled[node] == math.fsum(rolled[list(children)])
    assert tree.children(1) == range(4, 6)


def test_a_tree_without_keys_is_the_total():
    tree = drivers.Tree.of([()])
    assert tree.nodes == ((),)
    assert tree.roll(np.array([[2.0, 3.0]])).tolist() == [[2.0, 3.0]]
    assert not tree.children(0)


@given(pairs(most=3))
def test_multipliers_multiply_to_the_ratio(pair):
    before, after = pair
    found = effects(before, after)
    total = [math.fsum(column) for column in found.T]
    mean = drivers.log_mean(np.array(volume(before)), np.array(volume(after)))
    times = drivers.multipliers(np.array(total), mean)
    exact = product(Decimal(float(x)) for x in times)
    ratio = Decimal(volume(after)) / Decimal(volume(before))
    assert float(exact / ratio) == pytest.approx(1, rel=1e-12)
