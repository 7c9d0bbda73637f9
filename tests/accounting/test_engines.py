"""Polars, DuckDB and PySpark give the same integers, and so does plain Python."""

import duckdb
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dualcarbon.accounting.engine import (
    account,
    compose,
    load_recipes,
    resolve,
    rollup,
    round_grams,
)
from dualcarbon.errors import UnitMismatch
from dualcarbon.packs import load_pack
from dualcarbon.parameters import load_parameters

CARRIERS = ("coal", "gas", "power", "unknown")
FACTORS = {"coal": 19003.256, "gas": 0.5, "power": 785.4999999999999}
NUMBERS = st.floats(-1e9, 1e9, allow_nan=False)
ROWS = st.lists(st.tuples(st.sampled_from(CARRIERS), st.none() | NUMBERS), max_size=30)


def _resolved():
    return pl.DataFrame({"carrier": list(FACTORS), "grams": list(FACTORS.values())})


def _activity(rows):
    schema = {"id": pl.Int64, "carrier": pl.String, "quantity": pl.Float64}
    return pl.DataFrame([(n, *row) for n, row in enumerate(rows)], schema=schema, orient="row")


def _plain(rows):
    found = []
    for carrier, quantity in rows:
        if quantity is None or carrier not in FACTORS:
            found.append(None)
        else:
            found.append(round_grams(quantity * FACTORS[carrier]))
    return found


def _by_duckdb(activity, resolved):
    left = duckdb.from_arrow(activity.to_arrow())
    right = duckdb.from_arrow(resolved.to_arrow())
    made = account(left, right, on=["carrier"])
    return made.pl().sort("id"), rollup(made, ["carrier"]).pl().sort("carrier")


@given(ROWS)
def test_c5_2_polars_and_duckdb_agree_with_plain_python(rows):
    activity, resolved = _activity(rows), _resolved()
    made = account(activity, resolved, on=["carrier"]).sort("id")
    other, sums = _by_duckdb(activity, resolved)
    assert made["amount"].to_list() == other["amount"].to_list() == _plain(rows)
    assert made.schema["amount"] == pl.Int64
    mine = rollup(made, ["carrier"]).sort("carrier")
    assert mine.select(sorted(mine.columns)).rows() == sums.select(sorted(sums.columns)).rows()


@pytest.mark.spark
def test_spark_gives_the_same_integers(spark):
    rows = [(c, q) for c in CARRIERS for q in (None, 0.0, 0.5, -0.5, 1.5, -2.5, 1e-9, 123456.789)]
    rows += [("gas", 3.0), ("gas", 5.0), ("coal", 7.77e8), ("coal", -7.77e8)]
    activity, resolved = _activity(rows), _resolved()
    left = spark.createDataFrame(activity.rows(), "id bigint, carrier string, quantity double")
    right = spark.createDataFrame(resolved.rows(), "carrier string, grams double")
    made = account(left, right, on=["carrier"])
    found = {row["id"]: row["amount"] for row in made.collect()}
    assert [found[n] for n in range(len(rows))] == _plain(rows)
    mine = rollup(account(activity, resolved, on=["carrier"]), ["carrier"])
    wanted = {row[0]: row[1:] for row in mine.select("carrier", "amount", "rows").iter_rows()}
    sums = rollup(made, ["carrier"]).collect()
    assert {row["carrier"]: (row["amount"], row["rows"]) for row in sums} == wanted


def test_c5_1_halves_go_away_from_zero_on_both_sides():
    made = account(
        _activity([("gas", 1.0), ("gas", -1.0), ("gas", 3.0)]), _resolved(), on=["carrier"]
    )
    assert made.sort("id")["amount"].to_list() == [1, -1, 2]


@given(ROWS, st.randoms())
def test_order_changes_nothing(rows, random):
    shuffled = list(rows)
    random.shuffle(shuffled)
    one, other = (
        rollup(account(_activity(part), _resolved(), on=["carrier"]), ["carrier"]).sort("carrier")
        for part in (rows, shuffled)
    )
    assert one.rows() == other.rows()


def test_absent_is_counted_and_never_zero():
    made = account(_activity([("coal", None), ("unknown", 5.0)]), _resolved(), on=["carrier"])
    sums = rollup(made, ["carrier"]).sort("carrier").to_dicts()
    assert [(row["amount"], row["unmatched"], row["rows"]) for row in sums] == [(None, 1, 1)] * 2


def test_a_diesel_kilotonne_of_the_guidelines():
    """IPCC 2006: 1 kt of diesel is 43.0 TJ and 3,186.3 t CO2."""
    grams = compose("kt", [(43.0, "TJ/Gg", 1), (74100.0, "kgCO2/TJ", 1)], "tCO2")
    assert grams == 3186.3e6


def test_units_that_lead_elsewhere_are_refused():
    with pytest.raises(UnitMismatch):
        compose("10^8 m3", [(0.7143, "kgce/kg", 1)], "tce")


def test_resolve_gives_one_row_per_key_with_the_reason_for_a_gap():
    pack = load_pack("china")
    keys = pl.DataFrame(
        [
            ("diesel", "10^4 t", "2024-06"),
            ("diesel", "10^4 t", "2024-06"),
            ("electricity", "kWh", "2024"),
            ("diesel", "10^4 m3", "2024-06"),
        ],
        schema=["carrier", "unit", "period"],
        orient="row",
    )
    used = []
    recipe = load_recipes(pack)["tce_calorific"]
    found = resolve(keys, load_parameters(pack), recipe, used=used)
    assert found.height == 3
    values = {(row["carrier"], row["unit"]): row for row in found.iter_rows(named=True)}
    assert values["diesel", "10^4 t"]["grams"] == 1.4571 * 1e4 * 1e6
    assert values["electricity", "kWh"]["grams"] == 122.9
    gap = values["diesel", "10^4 m3"]
    assert gap["grams"] is None
    assert gap["reason_en"]
    assert gap["reason_zh"]
    assert {part.keys["carrier"] for part in used} == {"diesel", "electricity"}


def test_a_division_leads_from_standard_coal_back_to_mass():
    grams = compose("tce", [(0.7143, "kgce/kg", -1), (2.0, "tCO2/t", 1)], "tCO2")
    assert grams == pytest.approx(2.0 / 0.7143 * 1e6, rel=1e-15)
