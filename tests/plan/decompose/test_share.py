"""Sharing: exact under every rule and bound, in any order, at any scale; nobody below a limit."""

from math import ceil, floor

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.plan.decompose.cases import BLEND, SINGLE, F, part, parts, problem

from dualcarbon.errors import InputError, UsageError
from dualcarbon.plan.decompose.entropy import capability
from dualcarbon.plan.decompose.exact import Infeasible, Line, fill, whole
from dualcarbon.plan.decompose.remaining import Task, remaining
from dualcarbon.plan.decompose.share import share

RULES = st.sampled_from((*SINGLE, "blend"))
FEW = settings(max_examples=60, deadline=None)


def blended(found, rule):
    return evolve(found, weights=BLEND) if rule == "blend" else found


def allowed(made):
    return {item.part.subject: item.allowed for item in made.shares}


@FEW
@given(parts(bounded=True), RULES, st.integers(-39, -21))
def test_the_sum_is_exact_inside_the_bounds(found, rule, tenths):
    one = blended(problem(found, F(tenths, 10)), rule)
    try:
        made = share(one, rule)
    except InputError:
        ends = [_ends(item, rule == "remaining_task") for item in found]
        crossed = any(high is not None and low > high for low, high in ends)
        low = sum(low for low, _ in ends)
        high = None if any(end is None for _, end in ends) else sum(end for _, end in ends)
        assert crossed or low > one.total or (high is not None and high < one.total)
        return
    assert sum(allowed(made).values()) + made.reserve == one.total
    assert made.reserve == 0 or rule == "remaining_task"
    for item in made.shares:
        assert item.allowed >= 0
        if item.part.low is not None:
            assert item.allowed >= item.part.grown * (1 + item.part.low / 100)
        if item.part.high is not None:
            assert item.allowed <= item.part.grown * (1 + item.part.high / 100)


def _ends(item, tasks):
    """The least and most whole amount of a part, None where nothing holds it from above."""
    low = 0 if item.low is None else ceil(item.grown * (1 + item.low / 100))
    highs = [item.high] + ([F(str(item.task.rate))] if tasks else [])
    most = [floor(item.grown * (1 + high / 100)) for high in highs if high is not None]
    return low, min(most, default=None)


@FEW
@given(parts(), RULES, st.randoms(use_true_random=False))
def test_no_order_changes_an_amount(found, rule, random):
    one = blended(problem(found), rule)
    mixed = list(one.parts)
    random.shuffle(mixed)
    assert allowed(share(one, rule)) == allowed(share(evolve(one, parts=tuple(mixed)), rule))


@FEW
@given(parts(), RULES, st.sampled_from([10, 1000, 10**6]))
def test_a_finer_unit_gives_the_same_amounts(found, rule, size):
    coarse = blended(problem(found), rule)
    finer = [evolve(item, base=item.base * size, grown=item.grown * size) for item in found]
    fine = blended(problem(finer, total=coarse.total * size), rule)
    before, after = allowed(share(coarse, rule)), allowed(share(fine, rule))
    assert all(abs(after[name] / size - value) <= 1 for name, value in before.items())


@FEW
@given(parts(), st.integers(-90, 90))
def test_equal_rate_gives_every_one_the_rate_of_the_city(found, tenths):
    same = [part(item.subject, item.base * 10**4, 5) for item in found]
    for item in share(problem(same, F(tenths, 10)), "equal_rate").shares:
        assert item.rate == pytest.approx(tenths / 10, abs=1e-2)


@FEW
@given(parts())
def test_nobody_does_less_than_the_floor(found):
    held = [evolve(item, task=Task(min(item.task.rate, -0.5), False)) for item in found]
    for item in share(problem(held), "remaining_task").shares:
        assert item.allowed <= item.part.grown * (1 + F(str(item.part.task.rate)) / 100)


@FEW
@given(
    st.floats(-40, -1),
    st.lists(st.floats(-12, 4), min_size=0, max_size=4),
    st.integers(1, 5),
)
def test_remaining_rates_compose_to_the_five_year_target(target, changes, years):
    task = remaining(target, changes, years, 100)
    product = 1 + target / 100
    for value in (*changes, *[task.rate] * years):
        product /= 1 + value / 100
    assert product == pytest.approx(1)


def test_the_published_case_of_a_province():
    assert remaining(-17, [1.51, -2.20, -4.18], 2, 0).rate == pytest.approx(-6.591, abs=5e-4)


def test_who_finished_early_keeps_the_floor():
    assert remaining(-13.5, [-5, -5, -5], 2, -0.5) == Task(-0.5, True)
    assert remaining(-13.5, [-5, -5, -5], 2, 0) == Task(0, True)
    with pytest.raises(ValueError):
        remaining(-100, [], 2, 0)


def test_a_benchmark_asks_only_of_those_above_it():
    one = problem([part("near", 1000, output=1000), part("far", 3000, output=1000)], -3)
    made = allowed(share(one, "benchmark"))
    assert made == {"near": 1000, "far": 2880}


def test_beyond_the_benchmark_the_rest_is_shared_at_one_rate():
    close = [part("near", 1000, output=1000, benchmark=F(1)), part("far", 1010, benchmark=F(1))]
    close[1] = evolve(close[1], output=F(1000))
    made = share(problem(close, -50), "benchmark")
    assert allowed(made) == {"near": 505, "far": 500}


def test_capability_follows_the_scores():
    rows = [
        part(name, 10**6, factors={"need": value})
        for name, value in zip("abc", (1, 2, 3.0), strict=True)
    ]
    rates = [item.rate for item in share(problem(rows), "capability").shares]
    assert rates == pytest.approx([-2.25, -3, -3.75], abs=1e-3)


def test_infeasible_bounds_name_whose_they_are():
    rows = [part("a", 1000, low=F(-1)), part("b", 1000, low=F(-2)), part("c", 10)]
    with pytest.raises(InputError) as low:
        share(problem(rows, -60), "equal_rate")
    assert low.value.findings[0].rule == "plan.decompose_too_low"
    assert low.value.findings[0].found == "a, b"
    rows = [part("a", 1000, high=F(-5)), part("b", 1000, high=F(-4))]
    with pytest.raises(InputError) as high:
        share(problem(rows), "grandfathering")
    assert high.value.findings[0].rule == "plan.decompose_too_high"
    with pytest.raises(InputError) as crossed:
        share(problem([part("a", 1000, low=F(-1), high=F(-2))]), "equal_rate")
    assert crossed.value.findings[0].found == "a"


def test_a_rule_says_what_it_lacks():
    bare = problem([part("a", 10), part("b", 20)])
    for rule in ("capability", "remaining_task"):
        with pytest.raises(UsageError):
            share(bare, rule)
    lacking = problem([evolve(part("a", 10), output=None)], mode="sum")
    with pytest.raises(UsageError) as error:
        share(lacking, "benchmark")
    assert error.value.findings[0].found == "a"


def test_each_member_of_a_group_meets_the_cap():
    rows = [part("a", 1000, low=F(-9), high=F(-6)), part("b", 3000)]
    made = share(problem(rows, -1, "sum", cap=F(-1, 100)), "equal_rate")
    assert allowed(made) == {"a": 940, "b": 2970}
    assert made.reserve == 50


def test_entropy_weights_by_hand():
    found = capability({"x": [0.0, 1.0, 3.0], "flat": [7, 7, 7]}, {"x": True, "flat": True})
    assert found.flat == ("flat",)
    assert found.weights == {"x": 1.0, "flat": 0.0}
    assert [round(float(score), 6) for score in found.scores] == [0, 0.333333, 1]
    mirrored = capability({"x": [0.0, 1.0, 3.0]}, {"x": False})
    assert [round(float(score), 6) for score in mirrored.scores] == [1, 0.666667, 0]
    assert capability({"x": [-4.0]}, {"x": True}).scores == (0,)


def test_entropy_of_two_indicators():
    # x: shares 1/3, 2/3 of (0, .5, 1); y: one alone tells all, entropy 0
    found = capability({"x": [0, 1, 2], "y": [0, 0, 5]}, {"x": True, "y": True})
    told = 1 - 0.636514 / 1.098612
    assert found.weights["y"] == pytest.approx(1 / (1 + told), abs=1e-5)


@given(st.lists(st.fractions(0, 100, max_denominator=50), min_size=1, max_size=9))
def test_largest_remainder_keeps_the_sum(shares):
    shares[0] += -sum(shares) % 1
    names = [f"n{index}" for index in range(len(shares))]
    made = whole(shares, names)
    assert sum(made) == sum(shares)
    assert all(abs(got - share) < 1 for got, share in zip(made, shares, strict=True))


def test_filling_says_when_there_is_no_room():
    with pytest.raises(Infeasible):
        fill([Line(F(5), F(0))], F(6))
    with pytest.raises(Infeasible):
        fill([Line(F(0), F(1), F(0), F(3))], F(4))
    with pytest.raises(Infeasible):
        fill([Line(F(0), F(1), F(2))], F(1))
    assert fill([Line(F(0), F(1), F(0), F(3)), Line(F(0), F(2))], F(10)) == [3, 7]
