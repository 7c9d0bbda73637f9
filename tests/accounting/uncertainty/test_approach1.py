"""Approach 1 against closed forms, the `uncertainties` package, and what must change nothing."""

import json
import math

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from uncertainties import ufloat

from dualcarbon.accounting.uncertainty import approach1, prepare, ratio, stated_frame, trend
from dualcarbon.errors import DualcarbonError

# Zero-width inputs are part of what is tested here.
pytestmark = pytest.mark.filterwarnings("ignore:Using UFloat objects with std_dev==0")


def parts(*names):
    """`a` is a factor, `/a` divides by it."""
    return json.dumps(
        [{"parameter": n.lstrip("/"), "power": -1 if n[0] == "/" else 1} for n in names]
    )


def ranges(**percents):
    return stated_frame(
        pl.DataFrame(
            {
                "applies_to": ["parameter"] * len(percents),
                "name": list(percents),
                "percent": [float(p) for p in percents.values()],
            }
        )
    )


def total(problem):
    return approach1(problem, []).row(0, named=True)


def rows(grams, percents, **more):
    frame = {"key": list(range(len(grams))), "grams": grams, "uncertainty": percents, **more}
    return pl.DataFrame(frame, schema_overrides={"grams": pl.Int64, "uncertainty": pl.Float64})


def test_the_closed_form_of_a_sum():
    found = total(prepare(rows([100, 200], [10, 5]), amount="grams"))
    assert found["grams"] == 300
    assert found["percent"] == pytest.approx(100 * math.sqrt(200) / 300, rel=1e-12)
    assert round(found["percent"], 3) == 4.714


def test_the_closed_form_of_a_product():
    data = rows([1000], [3])
    coefficients = pl.DataFrame({"key": [0], "parts": [parts("ncv", "carbon", "/density")]})
    stated = ranges(ncv=4, carbon=12, density=84)
    found = total(prepare(data, amount="grams", coefficients=coefficients, stated=stated))
    assert found["percent"] == pytest.approx(math.sqrt(3**2 + 4**2 + 12**2 + 84**2), rel=1e-12)


def test_a_shared_factor_is_one_variable_not_many():
    data = rows([100, 200], [0, 0])
    shared = pl.DataFrame({"key": [0, 1], "parts": [parts("f"), parts("f")]})
    apart = pl.DataFrame({"key": [0, 1], "parts": [parts("f"), parts("g")]})
    stated = ranges(f=10, g=10)
    one = total(prepare(data, amount="grams", coefficients=shared, stated=stated))
    two = total(prepare(data, amount="grams", coefficients=apart, stated=stated))
    assert one["percent"] == pytest.approx(10)
    assert two["percent"] == pytest.approx(100 * math.sqrt(10**2 + 20**2) / 300)


def test_a_factor_that_stands_above_and_below_cancels():
    coefficients = pl.DataFrame({"key": [0], "parts": [parts("f", "/f", "g")]})
    data = rows([100], [0])
    found = total(
        prepare(data, amount="grams", coefficients=coefficients, stated=ranges(f=50, g=3))
    )
    assert found["percent"] == pytest.approx(3)


def test_rows_of_one_source_class_move_together_whatever_their_ranges():
    data = rows([100, 200, -50], [10, 5, 20], source_class=["bureau", "bureau", "bureau"])
    assert total(prepare(data, amount="grams"))["half"] == pytest.approx(10 + 10 - 10)
    mixed = rows([100, 200], [10, 5], source_class=["bureau", None])
    assert total(prepare(mixed, amount="grams"))["half"] == pytest.approx(math.hypot(10, 10))


def test_a_zero_sum_has_an_absolute_range_and_no_relative_one():
    found = total(prepare(rows([100, -100], [10, 10]), amount="grams"))
    assert found["grams"] == 0
    assert found["percent"] is None
    assert found["half"] == pytest.approx(math.sqrt(200))


def test_a_negative_sum_has_a_positive_range():
    found = total(prepare(rows([100, -300], [10, 10]), amount="grams"))
    assert found["percent"] == pytest.approx(100 * math.hypot(10, 30) / 200)
    assert found["low"] < -200 < found["high"]


def test_zero_width_is_allowed_and_is_not_the_same_as_not_stated():
    exact = prepare(rows([100], [0]), amount="grams")
    silent = prepare(rows([100], [None]), amount="grams")
    assert total(exact)["percent"] == 0
    assert not exact.findings
    assert total(silent)["percent"] is None
    assert total(silent)["unstated"] == 1
    assert [f.rule for f in silent.findings] == ["uncertainty.activity_not_stated"]


def test_a_silent_parameter_is_named():
    coefficients = pl.DataFrame({"key": [0], "parts": [parts("known", "forgotten")]})
    problem = prepare(
        rows([100], [5]), amount="grams", coefficients=coefficients, stated=ranges(known=2)
    )
    assert "forgotten" in problem.findings[0].message_en
    assert total(problem)["unstated"] == 1
    assert total(problem)["percent"] == pytest.approx(math.hypot(5, 2))


def test_unmatched_rows_are_counted_never_zero():
    data = rows([100, None], [10, 10], subject=["a", "b"])
    found = approach1(prepare(data, amount="grams", by=["subject"]))
    assert found["grams"].to_list() == [100, None]
    assert found["unmatched"].to_list() == [0, 1]
    assert found["half"].to_list() == [10.0, None]


def test_the_result_is_centred_on_the_value_not_on_the_middle_of_the_range():
    """Cement clinker at 0.52 t/t with an asymmetric range: 494,291 t, never the mid-range."""
    clinker = "cement_clinker/ipcc2006/2006//2006-01-01"
    facts = {clinker: {"name": "cement_clinker", "keys": {}, "value": 0.520306}}
    stated = stated_frame(
        pl.DataFrame(
            {"applies_to": ["parameter"], "name": ["cement_clinker"], "low": [0.4], "high": [0.7]}
        )
    )
    found = total(
        prepare(
            rows([494_291_000_000], [0]),
            amount="grams",
            coefficients=pl.DataFrame({"key": [0], "parts": [parts(clinker)]}),
            stated=stated,
            parameters=facts,
        )
    )
    assert (found["low"] + found["high"]) / 2 == pytest.approx(494_291_000_000, rel=1e-12)
    assert found["percent"] == pytest.approx(100 * 0.15 / 0.520306)


def statements(*lines):
    return stated_frame(pl.DataFrame([{"applies_to": "parameter", **line} for line in lines]))


def of_parameter(name, stated, **more):
    """The problem of one exact row and one parameter."""
    coefficients = pl.DataFrame({"key": [0], "parts": [parts(name)]})
    data = rows([1000], [0])
    return prepare(data, amount="grams", coefficients=coefficients, stated=stated, **more)


def test_uneven_bounds_of_a_normal_are_said():
    facts = {"f": {"name": "f", "keys": {}, "value": 0.5}}
    even = statements({"name": "f", "low": 0.4, "high": 0.6})
    uneven = statements({"name": "f", "low": 0.4, "high": 0.7})
    assert not of_parameter("f", even, parameters=facts).findings
    said = of_parameter("f", uneven, parameters=facts).findings
    assert [f.rule for f in said] == ["uncertainty.made_even"]


def test_the_statement_with_most_matching_columns_holds():
    name = "ncv/ipcc2006/2006/carrier=diesel,sector=transport/2006-01-01"
    stated = statements(
        {"percent": 50.0},
        {"percent": 20.0, "name": "ncv"},
        {"percent": 3.0, "name": "ncv", "carrier": "diesel"},
        {"percent": 4.0, "name": "ncv", "carrier": "coke"},
    )
    assert total(of_parameter(name, stated))["percent"] == pytest.approx(3)
    assert total(of_parameter("oxidation/x/1//2006-01-01", stated))["percent"] == 50


@pytest.mark.parametrize(
    ("own", "percent"),
    [
        ({"uncertainty": 7.0}, 7.0),
        ({"uncertainty": {"percent": 8, "distribution": "lognormal"}}, 8.0),
        ({"uncertainty": {"low": 0.9, "high": 1.1, "distribution": "uniform"}}, 9.5),
        ({"low": 0.8, "high": 1.2}, 19.0),
        ({}, None),
    ],
)
def test_a_parameter_may_state_its_own_range(own, percent):
    facts = {"f": {"name": "f", "keys": {}, "value": 1.0, **own}}
    found = total(of_parameter("f", None, parameters=facts, ranges=True))["percent"]
    assert found == (None if percent is None else pytest.approx(percent))
    stated = statements({"name": "f", "percent": 1.0})
    assert total(of_parameter("f", stated, parameters=facts))["percent"] == pytest.approx(1)


def test_a_gwp_is_a_convention_unless_a_range_is_stated():
    gwp = "gwp100/AR5/2013/gas=CH4/1990-01-01"
    assert total(of_parameter(gwp, None))["percent"] == 0
    stated = statements({"name": "gwp100", "percent": 30.0})
    assert total(of_parameter(gwp, stated))["percent"] == pytest.approx(30)


def test_a_sum_of_products_is_linear_in_its_shares():
    """CO2e of one row: 90 % by one factor, 10 % by another, both times the same heat value."""
    listed = [
        {"parameter": "ncv", "power": 1, "term": "co2", "share": 0.9},
        {"parameter": "ef_co2", "power": 1, "term": "co2", "share": 0.9},
        {"parameter": "ncv", "power": 1, "term": "n2o", "share": 0.1},
        {"parameter": "ef_n2o", "power": 1, "term": "n2o", "share": 0.1},
    ]
    coefficients = pl.DataFrame({"key": [0], "parts": [json.dumps(listed)]})
    stated = ranges(ncv=4, ef_co2=5, ef_n2o=100)
    found = total(
        prepare(rows([1000], [0]), amount="grams", coefficients=coefficients, stated=stated)
    )
    assert found["percent"] == pytest.approx(math.sqrt(4**2 + 4.5**2 + 10**2))


def test_the_share_of_a_total_knows_that_the_part_is_in_it():
    data = rows([100, 300], [10, 0], subject=["a", "b"])
    problem = prepare(data, amount="grams", by=["subject"])
    share, half = ratio(problem, pl.col("subject") == "a", pl.lit(True))
    a, b = ufloat(100, 10), ufloat(300, 0)
    oracle = a / (a + b)
    assert share == pytest.approx(oracle.nominal_value)
    assert half == pytest.approx(oracle.std_dev)
    assert ratio(problem, pl.col("subject") == "a", pl.lit(False)) == (None, None)


cases = st.lists(
    st.tuples(
        st.integers(-(10**6), 10**6),
        st.floats(0, 80),
        st.sampled_from(["north", "south"]),
        st.lists(st.sampled_from(["f", "g", "h", "/f", "/g"]), max_size=3),
        st.sampled_from([None, "meter", "survey"]),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=60)
@given(cases, st.tuples(*[st.floats(0, 60)] * 3))
def test_it_equals_the_uncertainties_package(case, percents):
    """Random rows, signs, shared factors with powers, shared classes: sums, cuts and a ratio."""
    stated = dict(zip("fgh", percents, strict=True))
    variables = {name: ufloat(1, percent / 100) for name, percent in stated.items()}
    scores = {"meter": ufloat(0, 1), "survey": ufloat(0, 1)}
    sums = {"north": ufloat(0, 0), "south": ufloat(0, 0)}
    for grams, percent, subject, names, label in case:
        score = scores[label] if label else ufloat(0, 1)
        value = grams * (1 + percent / 100 * score)
        for name in names:
            power = -1 if name[0] == "/" else 1
            value = value * variables[name.lstrip("/")] ** power
        sums[subject] = sums[subject] + value
    data = pl.DataFrame(
        {
            "key": list(range(len(case))),
            "grams": [row[0] for row in case],
            "uncertainty": [float(row[1]) for row in case],
            "subject": [row[2] for row in case],
            "source_class": pl.Series([row[4] for row in case], dtype=pl.String),
        }
    )
    made = [parts(*row[3]) for row in case]
    coefficients = pl.DataFrame({"key": data["key"], "parts": made})
    problem = prepare(
        data, amount="grams", by=["subject"], coefficients=coefficients, stated=ranges(**stated)
    )
    for row in approach1(problem).iter_rows(named=True):
        assert row["half"] == pytest.approx(sums[row["subject"]].std_dev, rel=1e-9, abs=1e-6)
    whole = sums["north"] + sums["south"]
    assert total(problem)["half"] == pytest.approx(whole.std_dev, rel=1e-9, abs=1e-6)
    if abs(whole.nominal_value) > 1:
        north = pl.col("subject") == "north"
        value, half = ratio(problem, north, pl.lit(True))
        oracle = sums["north"] / whole
        assert value == pytest.approx(oracle.nominal_value, rel=1e-9, abs=1e-9)
        assert half == pytest.approx(oracle.std_dev, rel=1e-6, abs=1e-8)


@settings(max_examples=40)
@given(st.integers(2, 10**9), st.floats(0, 90), st.data())
def test_splitting_a_row_of_a_shared_source_changes_nothing(grams, percent, data):
    first = data.draw(st.integers(1, grams - 1))
    f = pl.DataFrame({"key": [0, 1], "parts": [parts("f")] * 2})
    whole = rows([grams], [percent], source_class=["meter"])
    split = rows([first, grams - first], [percent] * 2, source_class=["meter"] * 2)
    one, two = (
        total(prepare(frame, amount="grams", coefficients=f, stated=ranges(f=7)))
        for frame in (whole, split)
    )
    assert one["half"] == pytest.approx(two["half"], rel=1e-12)
    assert one["grams"] == two["grams"]


def inventory(factor_across="shared", activity_across=None):
    """Two categories in two years, each with a factor of its own."""
    data = pl.DataFrame(
        {
            "key": [0, 1, 0, 1],
            "year": ["2000", "2000", "2020", "2020"],
            "category": ["x", "y", "x", "y"],
            "grams": [1000, 4000, 1500, 3500],
            "uncertainty": [5.0, 2.0, 5.0, 2.0],
            "source_class": pl.Series(
                ["x", "y", "x", "y"] if activity_across else [None] * 4, dtype=pl.String
            ),
            "across": pl.Series([activity_across] * 4, dtype=pl.String),
        }
    )
    stated = stated_frame(
        pl.DataFrame(
            {
                "applies_to": ["parameter"] * 2,
                "name": ["fx", "fy"],
                "percent": [30.0, 10.0],
                "across_years": [factor_across] * 2,
            }
        )
    )
    coefficients = pl.DataFrame({"key": [0, 1], "parts": [parts("fx"), parts("fy")]})
    return prepare(
        data,
        amount="grams",
        by=["category"],
        coefficients=coefficients,
        stated=stated,
        year="year",
    )


def oracle_trend(factors_shared, activity_shared):
    base, now = {"x": 1000, "y": 4000}, {"x": 1500, "y": 3500}
    factor = {"x": ufloat(1, 0.30), "y": ufloat(1, 0.10)}
    other = factor if factors_shared else {"x": ufloat(1, 0.30), "y": ufloat(1, 0.10)}
    activity = {"x": ufloat(1, 0.05), "y": ufloat(1, 0.02)}
    later = activity if activity_shared else {"x": ufloat(1, 0.05), "y": ufloat(1, 0.02)}
    first = sum(base[c] * factor[c] * activity[c] for c in base)
    last = sum(now[c] * other[c] * later[c] for c in now)
    return 100 * (last / first - 1)


@pytest.mark.parametrize("factors", ["shared", "independent"])
@pytest.mark.parametrize("activity", [None, "shared", "independent"])
def test_the_trend_says_what_is_shared_between_years(factors, activity):
    oracle = oracle_trend(factors == "shared", activity == "shared")
    found = trend(inventory(factors, activity), "2000", "2020").row(0, named=True)
    assert found["change"] == pytest.approx(oracle.nominal_value, abs=1e-9)
    assert found["half"] == pytest.approx(oracle.std_dev, rel=1e-9)


def test_the_trend_agrees_with_the_sensitivities_of_table_3_2():
    """Columns I to M of the table: type A for factors (shared), type B x sqrt 2 for activities."""
    base, now = {"x": 1000.0, "y": 4000.0}, {"x": 1500.0, "y": 3500.0}
    uncertain = {"x": (5, 30), "y": (2, 10)}
    first, last = sum(base.values()), sum(now.values())
    squares = 0.0
    for c, (activity, factor) in uncertain.items():
        up = (0.01 * now[c] + last) / (0.01 * base[c] + first) * 100 - 100
        type_a = abs(up - (last / first * 100 - 100))
        type_b = abs(now[c] / first)
        squares += (type_a * factor) ** 2 + (type_b * activity * math.sqrt(2)) ** 2
    found = trend(inventory(), "2000", "2020").row(0, named=True)
    assert found["half"] == pytest.approx(math.sqrt(squares), rel=0.03)


def test_a_trend_from_zero_is_absent():
    data = pl.DataFrame(
        {"key": [0, 0], "year": ["2000", "2020"], "grams": [0, 10], "uncertainty": [5.0, 5.0]}
    )
    found = trend(prepare(data, amount="grams", year="year"), "2000", "2020").row(0, named=True)
    assert (found["change"], found["half"]) == (None, None)
    assert found["grams"] == 10


@pytest.mark.parametrize(
    "frame",
    [
        rows([1], [-5]),
        rows([1], [math.inf]),
        rows([1], [5], distribution=["cauchy"]),
        rows([], []),
    ],
)
def test_hostile_rows_are_refused(frame):
    with pytest.raises(DualcarbonError):
        prepare(frame, amount="grams")


def test_an_unknown_column_names_the_known_ones():
    with pytest.raises(DualcarbonError, match="subject"):
        prepare(rows([1], [5], subject=["a"]), amount="grams", by=["subjekt"])
