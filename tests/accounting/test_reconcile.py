"""Reconciliation: causes add up to the gap in whole grams, nothing is netted, absence stays."""

from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dualcarbon.accounting.boundary import Boundary, Known
from dualcarbon.accounting.members import allocated, shared
from dualcarbon.accounting.reconcile import chain, reconcile
from dualcarbon.accounting.side import make_side
from dualcarbon.carriers import load_carriers
from dualcarbon.packs import load_pack
from dualcarbon.periods import Period

YEAR = Period.parse("2024")
CARRIERS = load_carriers(load_pack("china"))
CAUSES = ("boundary", "activity", "factor")


def row(carrier="diesel", quantity=1.0, co2=None, tce=None, unit="t", **more):
    base = {"subject_kind": "area", "subject": "a", "period": "2024", "flow": "use"}
    return {
        **base,
        "carrier": carrier,
        "quantity": quantity,
        "unit": unit,
        "co2_g": co2,
        "tce_g": tce,
        **more,
    }


def side(name, *rows):
    return make_side(rows, name)


def first(result, measure="co2"):
    return next(level for level in result.levels if level.measure == measure)


def lines(result, measure="co2"):
    return {line.carrier: line for line in first(result, measure).lines}


def rules(result):
    return [item.rule.partition(".")[2] for item in result.findings]


def test_the_worked_number():
    """docs/methods/reconciliation.md: 1,000 t at 3.1 against 800 t at 3.2, 100 t declared."""
    upper = side(
        "city", row(quantity=900, co2=2790_000_000), row(quantity=100, co2=310_000_000, sector="29")
    )
    lower = side("area", row(quantity=800, co2=2560_000_000))
    households = Boundary("居民", "households", select={"sector": "29"})
    line = lines(reconcile(upper, lower, period=YEAR, boundary=[households]))["diesel"]
    assert line.gap_g == 540_000_000
    assert [line.cause(cause) for cause in CAUSES] == [310_000_000, 310_000_000, -80_000_000]
    assert [(part.name_en, part.g) for part in line.boundary] == [("households", 310_000_000)]


AMOUNT = st.integers(-(10**12), 10**12)
QUANTITY = st.decimals(0, 10**6, places=3).map(float)
ROW = st.builds(
    lambda carrier, quantity, co2, tce, sector, scale: row(
        carrier, quantity / scale[1], co2, tce, scale[0], sector=sector
    ),
    st.sampled_from(["diesel", "gasoline", "coke"]),
    QUANTITY,
    AMOUNT,
    AMOUNT,
    st.sampled_from([None, "29", "other"]),
    st.sampled_from([("t", 1), ("10^4 t", 1)]),
)
ROWS = st.lists(ROW, max_size=8)
STATED = Boundary(
    "数", "stated", select={"carrier": "diesel"}, quantity=3.5, unit="t", co2_g=11, tce_g=5
)
BOUNDARY = [Boundary("居民", "households", select={"sector": "29"}), STATED]


@settings(max_examples=25)
@given(ROWS, ROWS)
def test_causes_add_up_exactly_and_never_net(upper, lower):
    result = reconcile(
        side("u", *upper), side("l", *lower), period=YEAR, boundary=BOUNDARY, carriers=CARRIERS
    )
    for level in result.levels:
        for line in level.lines:
            assert line.gap_g == (line.upper_g or 0) - (line.lower_g or 0)
            assert line.gap_g == sum(line.cause(cause) for cause in CAUSES)
            assert line.boundary_g == sum(part.g for part in line.boundary)
        for cause in ("gap", *CAUSES):
            values = [line.cause(cause) for line in level.lines]
            assert level.net(cause) == sum(values)
            assert level.absolute(cause) == sum(map(abs, values)) >= abs(level.net(cause))
        assert level.net() == sum(level.net(cause) for cause in CAUSES)


@settings(max_examples=20)
@given(ROWS, ROWS)
def test_swapping_the_sides_flips_the_gap(upper, lower):
    one = reconcile(side("u", *upper), side("l", *lower), period=YEAR)
    other = reconcile(side("l", *lower), side("u", *upper), period=YEAR)
    for level, turned in zip(one.levels, other.levels, strict=True):
        gaps = {line.carrier: line.gap_g for line in level.lines}
        assert gaps == {line.carrier: -line.gap_g for line in turned.lines}
        assert level.absolute() == turned.absolute()


THOUSANDTHS = st.lists(
    st.tuples(st.sampled_from(["diesel", "coke"]), st.integers(0, 10**9), AMOUNT), max_size=4
)


@settings(max_examples=20)
@given(THOUSANDTHS, THOUSANDTHS)
def test_the_scale_of_units_changes_nothing(upper, lower):
    def made(size, unit):
        sides = [
            side(
                name, *(row(one, number / size, grams, grams, unit) for one, number, grams in rows)
            )
            for name, rows in (("u", upper), ("l", lower))
        ]
        return reconcile(*sides, period=YEAR, carriers=CARRIERS)

    plain, other = made(1000, "t"), made(1, "kg")
    assert [level.lines for level in plain.levels] == [level.lines for level in other.levels]


def test_carriers_are_not_netted():
    upper = side("u", row("diesel", 10, 100), row("gasoline", 10, 100))
    lower = side("l", row("diesel", 5, 50), row("gasoline", 15, 150))
    level = first(reconcile(upper, lower, period=YEAR))
    assert (level.net(), level.absolute()) == (0, 100)
    assert "reconcile_net" in rules(reconcile(upper, lower, period=YEAR))


def test_a_carrier_on_one_side_is_activity_and_said_or_boundary():
    upper, lower = side("u", row("diesel", 10, 100)), side("l", row("coke", 2, 7))
    result = reconcile(upper, lower, period=YEAR)
    assert lines(result)["diesel"].activity_g == 100
    assert lines(result)["coke"].activity_g == -7
    assert lines(result)["diesel"].quantity_lower is None
    assert rules(result).count("reconcile_one_sided") == 2
    declared = [Boundary("柴油", "diesel", select={"carrier": "diesel"}, place="b.csv!!A2")]
    result = reconcile(upper, lower, period=YEAR, boundary=declared)
    assert (lines(result)["diesel"].boundary_g, lines(result)["diesel"].activity_g) == (100, 0)
    assert rules(result).count("reconcile_one_sided") == 1


def test_two_dimensions_are_a_finding_not_a_number():
    upper = side("u", row("natural_gas", 10, 100, unit="10^4 m3"))
    result = reconcile(upper, side("l", row("natural_gas", 5, 60)), period=YEAR, carriers=CARRIERS)
    line = lines(result)["natural_gas"]
    assert line.gap_g is line.activity_g is None
    assert first(result).complete is False
    assert "reconcile_dimension" in rules(result)


def test_a_stray_unit_is_left_out_with_its_cell():
    bad = row("electricity", 85.12, None, None, unit="t", place="activity.csv!!F54017")
    good = row("electricity", 10, 100, unit="10^4 kWh")
    result = reconcile(side("u", good), side("l", good, bad), period=YEAR, carriers=CARRIERS)
    assert lines(result)["electricity"].gap_g == 0
    said = next(item for item in result.findings if item.rule.endswith("side_unit"))
    assert str(said.place) == "activity.csv!!F54017"


@pytest.mark.parametrize("bad", [{"co2": None}, {"quantity": None}])
def test_null_stays_null_with_a_finding(bad):
    upper = side("u", row(**{"quantity": 5, "co2": 50, **bad}), row("coke", 2, 7))
    result = reconcile(upper, side("l", row("coke", 1, 3)), period=YEAR)
    line = lines(result)["diesel"]
    assert line.gap_g is None
    assert first(result).net() == 4
    assert "reconcile_null" in rules(result)


def test_subtotals_and_uncounted_flows_are_left_out():
    rows = [row("coal_total", 9, 90), row("raw_coal", 9, 90), row(flow="losses", co2=5, tce=7)]
    result = reconcile(side("u", *rows), side("l"), period=YEAR, carriers=CARRIERS)
    assert set(lines(result)) == {"raw_coal"}
    assert lines(result, "tce")["diesel"].gap_g == 7
    assert "side_empty" in rules(result)


def test_an_unused_boundary_is_said():
    entry = Boundary("无", "none", select={"subject": "zz*"}, place="b.csv!!A3")
    result = reconcile(side("u", row(co2=1)), side("l", row(co2=1)), period=YEAR, boundary=[entry])
    assert "boundary_unused" in rules(result)


def chained():
    city = side("city", row(subject="c", quantity=30, co2=300))
    area = side("area", row(subject="a", quantity=20, co2=200))
    firm = side(
        "firm", row(subject="a-1", quantity=20, co2=200), row(subject="x-1", quantity=10, co2=100)
    )
    rest = Boundary("其余", "rest", "area", "firm", {"subject": "x-*"}, place="b!!1")
    return [city, area, firm], [rest]


def test_a_residual_closes_every_level_of_a_chain():
    sides, boundary = chained()
    result = chain(sides, period=YEAR, boundary=boundary)
    found = [(level.name, level.net(), level.net("boundary")) for level in result.levels]
    assert found[0] == ("city>area", 100, 100)
    assert ("area>firm", -100, -100) in found
    assert all(
        level.absolute("activity") == level.absolute("factor") == 0 for level in result.levels
    )


def test_located_and_assessed_are_shown_apart():
    area = side(
        "area", row(subject="a", quantity=20, co2=200), row(subject="b", quantity=5, co2=50)
    )
    firm = side(
        "firm", row(subject="f", quantity=20, co2=200), row(subject="g", quantity=5, co2=50)
    )
    whole = Fraction(1)
    members = {
        "located_in": {"f": [("a", whole)], "g": [("b", whole)]},
        "assessed_by": {"f": [("b", whole)], "g": [("b", whole)]},
    }
    result = reconcile(area, firm, period=YEAR, members=members)
    found = {
        (level.by, level.subject): (level.net(), level.net("boundary"), level.net("activity"))
        for level in result.levels
        if level.measure == "co2" and level.by
    }
    assert found["located_in", "a"] == found["located_in", "b"] == (0, 0, 0)
    assert found["assessed_by", "a"] == (200, 200, 0)
    assert found["assessed_by", "b"] == (-200, -200, 0)


@given(AMOUNT, st.lists(st.integers(1, 50), min_size=1, max_size=5))
def test_shares_of_a_row_add_up_to_the_row(amount, weights):
    shares = [Fraction(weight, sum(weights)) for weight in weights]
    parts = shared(amount, shares)
    assert sum(parts) == amount
    assert all(abs(part - amount * share) < 1 for part, share in zip(parts, shares, strict=True))


def test_an_enterprise_in_two_areas_is_split():
    firm = side("firm", row(subject="f", quantity=3, co2=101, tce=None), row(subject="z", co2=5))
    frame = allocated(firm, {"f": [("a", Fraction("0.6")), ("b", Fraction("0.4"))]})
    assert frame.select("area", "quantity", "co2_g", "tce_g").rows() == [
        ("a", pytest.approx(1.8), 61, None),
        ("b", pytest.approx(1.2), 40, None),
    ]


def test_levels_of_subjects_that_both_sides_have():
    firm = side("firm", row(subject="f", quantity=3, co2=30), row(subject="g", quantity=3, co2=30))
    meter = side("meter", row(subject="f", quantity=1, co2=10, item="m1"))
    result = reconcile(firm, meter, period=YEAR)
    own = [level for level in result.levels if level.by == "subject" and level.measure == "co2"]
    assert [(level.subject, level.net()) for level in own] == [("f", 20)]


def test_the_register_explains_and_removes_nothing():
    upper = side("u", row(quantity=10, co2=100, place="f.csv!!F2"))
    lower = side("l", row(quantity=9, co2=90))
    register = [
        Known("u>l", "diesel", "co2", 4, "required", "reproduces the yearbook"),
        Known("f.csv!!F2", None, "co2", 6, "blocked", "meter not read"),
        Known("u>l", "coke", "co2", 1, "blocked", "gone"),
    ]
    result = reconcile(upper, lower, period=YEAR, register=register)
    line = lines(result)["diesel"]
    assert (line.gap_g, line.explained_g, line.open_g) == (10, 10, 0)
    assert [found for _, found in result.register] == [True, True, False]
    assert rules(result).count("register_known") == 2
    assert "register_unmatched" in rules(result)


def months(quantity, *texts, subject="a"):
    return [
        row(quantity=quantity, co2=int(quantity), period=text, subject=subject) for text in texts
    ]


def test_each_month_counts_once():
    quarter = months(30, "2024-Q1")
    whole = [*quarter, *months(11, "2024-01", "2024-02", "2024-03")]
    part = [*quarter, *months(11, "2024-01", "2024-02")]
    first_quarter = Period.parse("2024-Q1")
    for rows, expected in ((whole, 33), (part, 30)):
        result = reconcile(side("u", *rows), side("l", *quarter), period=first_quarter)
        assert lines(result)["diesel"].upper_g == expected
        assert "side_overlap" in rules(result)


def test_rows_beyond_the_period_are_left_out_and_missing_months_named():
    rows = [
        *months(5, "2024-01", "2024-02"),
        *months(60, "2024"),
        *months(5, "2024-01", subject="b"),
    ]
    result = reconcile(side("u", *rows), side("l", *rows), period=Period.parse("2024-01..02"))
    assert lines(result)["diesel"].upper_g == 15
    assert {"side_period", "side_months"} <= set(rules(result))


def test_rows_that_are_there_twice_count_and_are_said():
    twice = [row(quantity=1, co2=3), row(quantity=1, co2=3)]
    result = reconcile(side("u", *twice), side("l", row(quantity=2, co2=6)), period=YEAR)
    assert lines(result)["diesel"].gap_g == 0
    assert "side_repeated" in rules(result)


def test_sums_beyond_64_bits_do_not_wrap():
    huge = [row(quantity=1, co2=2**62, subject=name) for name in "abcd"]
    result = reconcile(side("u", *huge), side("l", row(co2=1)), period=YEAR)
    assert lines(result)["diesel"].gap_g == 2**64 - 1


def test_a_stated_amount_takes_the_implied_factor():
    upper = side("u", row(quantity=10, co2=30_000_000))
    entry = Boundary("估", "estimate", select={"carrier": "diesel"}, quantity=2000, unit="kg")
    result = reconcile(
        upper, side("l", row(quantity=8, co2=24_000_000)), period=YEAR, boundary=[entry]
    )
    line = lines(result)["diesel"]
    assert (line.boundary_g, line.activity_g, line.factor_g) == (6_000_000, 0, 0)
    wrong = Boundary("错", "wrong", select={"carrier": "diesel"}, quantity=2, unit="m3")
    result = reconcile(upper, side("l", row(quantity=8, co2=1)), period=YEAR, boundary=[wrong])
    assert lines(result)["diesel"].boundary_g is None
    assert "boundary_unpriced" in rules(result)


def test_a_factor_that_differs_is_named():
    upper, lower = side("u", row(quantity=10, co2=100)), side("l", row(quantity=10, co2=89))
    result = reconcile(upper, lower, period=YEAR)
    assert lines(result)["diesel"].factor_g == 11
    assert "reconcile_factor" in rules(result)
    assert isinstance(upper, pl.DataFrame)
