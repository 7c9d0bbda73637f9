"""The formulas against the worked figures of official documents, and their invariants."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dualcarbon.control import formulas as f
from dualcarbon.enterprises.tiers import tier

QINGHAI = (1.51, -2.20, -4.18)
changes = st.floats(-15, 15)


def near(value: float | None, digits: int, expected: float) -> None:
    assert value is not None
    assert round(value, digits) == expected


def test_qinghai_2006_to_2008() -> None:
    near(f.cumulative(QINGHAI), 3, -4.873)
    near(f.remaining_task(-17, QINGHAI), 3, -12.748)
    near(f.remaining_rate(-17, QINGHAI, 2), 3, -6.591)
    near(f.annual_rate(-17), 3, -3.658)
    near(f.log_progress(-17, QINGHAI), 2, 26.81)


@pytest.mark.parametrize(("target", "rate"), [(-13.5, -2.859), (-14, -2.971), (-20, -4.365)])
def test_average_yearly_rate(target: float, rate: float) -> None:
    near(f.annual_rate(target), 3, rate)


def test_geometric_and_linear_pathways() -> None:
    geometric = [-2.971, -5.855, -8.652, -11.366, -14.0]
    linear = [-2.8, -5.6, -8.4, -11.2, -14.0]
    for year in range(1, 6):
        near(f.pathway(-14, year), 3, geometric[year - 1])
        near(f.pathway(-14, year, name="linear"), 3, linear[year - 1])


def test_needed_by_2023_when_two_years_of_three_percent_are_left() -> None:
    near(f.remaining_task(-14, (-3, -3)), 2, -8.60)


def test_twenty_percent_a_year_is_the_geometric_path() -> None:
    path = f.pathway(-14, 2)
    assert path is not None
    near(f.log_progress(-14, (path,)), 9, 40.0)


def test_quarter_of_twenty() -> None:
    assert f.pathway(-14, 0.25) == pytest.approx((0.86 ** (1 / 20) - 1) * 100)


def test_shanghai_2020_implied_growth() -> None:
    near(f.implied_denominator(-5.1, -6.64), 2, 1.65)


def test_certificate_cap() -> None:
    saving, cap = f.certificate_cap(100, (5,) * 5, -14)
    assert (round(saving, 3), round(cap, 3)) == (17.868, 8.934)


def test_tier_lines_include_themselves() -> None:
    lines = {"hundred": 3_000_000, "thousand": 500_000, "ten_thousand": 5_000}
    assert tier(4_999, lines) is None
    assert tier(5_000, lines) == "ten_thousand"
    assert tier(500_000, lines) == "thousand"
    assert tier(3_000_000, lines) == "hundred"


def test_sewage_plant() -> None:
    assert f.sewage_reduction(1e5 * 365, 250, 30) == pytest.approx(8030)


def test_needed_of_equal_quarters() -> None:
    near(f.needed_change(-3, -2.4, 0.75), 10, -4.8)


def test_needed_is_absent_when_nothing_remains_or_nothing_helps() -> None:
    assert f.needed_change(-3, -2.4, 1) is None
    assert f.needed_change(-3, -2.4, 0) is None
    assert f.needed_change(-80, 30, 0.9) is None


def test_undefined_is_absent() -> None:
    assert f.change(5, 0) is None
    assert f.log_progress(0, (-1,)) is None
    assert f.remaining_rate(-14, (-3,), 0) is None
    assert f.change_of_ratio(3, -100) is None


def test_decline_refuses_levels_that_are_not_positive() -> None:
    with pytest.raises(ValueError, match="positive"):
        f.decline(1, 0, 1, 1)


@given(st.floats(-60, -1), st.lists(changes, max_size=4), st.integers(1, 4))
def test_remaining_rates_compose_to_the_target(target: float, past: list[float], n: int) -> None:
    rate = f.remaining_rate(target, past, n)
    assert rate is not None
    assert f.cumulative([*past, *[rate] * n]) == pytest.approx(target)


@given(st.floats(0.1, 1e9), st.floats(0.1, 1e9), st.floats(0.1, 1e9), st.floats(0.1, 1e9))
def test_change_of_ratio_is_the_change_of_the_ratio_of_levels(
    e: float, g: float, e0: float, g0: float
) -> None:
    above, below = f.change(e, e0), f.change(g, g0)
    assert above is not None
    assert below is not None
    assume(below > -99.999)
    ratio = f.change_of_ratio(above, below)
    assert ratio is not None
    assert 1 + ratio / 100 == pytest.approx(1 + f.decline(e, g, e0, g0) / 100, rel=1e-6)


@given(st.floats(-10, 10), st.floats(-10, 10), st.floats(0.05, 0.95))
def test_needed_change_closes_the_year(required: float, value: float, share: float) -> None:
    needed = f.needed_change(required, value, share)
    assume(needed is not None)
    assert share * value + (1 - share) * (needed or 0) == pytest.approx(required)


@given(changes, changes)
def test_cumulative_is_never_additive(a: float, b: float) -> None:
    assert f.cumulative((a, b)) == pytest.approx(a + b + a * b / 100)


@given(st.integers(0, 12))
def test_profiles_start_at_nothing_and_end_at_all(month: int) -> None:
    for share in (f.linear_share, f.s_curve_share):
        assert share(0, 12) == 0
        assert share(12, 12) == 1
        assert share(month, 12) + share(12 - month, 12) == pytest.approx(1)
