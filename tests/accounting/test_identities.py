"""Every identity is checked cell by cell, on the published tables and on tables made by hand."""

import json

import polars as pl
import pytest

from dualcarbon.accounting.balance import read_balance
from dualcarbon.accounting.identities import (
    Tolerance,
    check_identities,
    identity_findings,
    summarise,
)


def _failing(tools, path, tolerance=None, **options):
    balance = read_balance(path, tools.layout, tools.carriers, **options)
    extra = [tolerance] if tolerance else []
    result = check_identities(balance.cells, tools.layout, tools.carriers, *extra)
    return result.filter(~pl.col("holds")), result


def _naive(cells, parts, signs, total):
    """The sums again with plain dictionaries: how many cells apply and how many miss."""
    values = {}
    for province, row, carrier, value in cells.select(
        "province", "row", "carrier", "value"
    ).iter_rows():
        values.setdefault((province, carrier), {})[row] = value
    checked = failing = 0
    for rows in values.values():
        if not any(row in rows for row in (*parts, total)):
            continue
        checked += 1
        found = rows.get(total, 0.0)
        expected = sum(s * rows.get(row, 0.0) for row, s in zip(parts, signs, strict=True))
        failing += abs(found - expected) > 0.05 + 1e-4 * abs(found) + 1e-9
    return checked, failing


@pytest.mark.parametrize(
    ("identity", "parts", "signs", "total"),
    [
        ("supply", range(2, 11), [1] * 9, 1),
        ("transformation", range(12, 20), [1] * 8, 11),
        ("final", (22, 23, 25, 26, 27, 28, 31), [1] * 7, 21),
        ("residential", (29, 30), (1, 1), 28),
        ("difference", (1, 11, 20, 21), (1, 1, -1, -1), 32),
    ],
)
def test_counts_on_the_published_tables(real, tools, identity, parts, signs, total):
    result = check_identities(real.cells, tools.layout, tools.carriers)
    found = {row["identity"]: row for row in summarise(result, tools.layout)}[identity]
    assert (found["checked"], found["failing"]) == _naive(real.cells, parts, signs, total)


def test_published_tables_break_supply_often_and_the_rest_rarely(real, tools):
    """As measured on all thirty: 380 of 562 supply cells, single digits elsewhere."""
    result = check_identities(real.cells, tools.layout, tools.carriers)
    rates = {
        row["identity"]: row["failing"] / row["checked"] for row in summarise(result, tools.layout)
    }
    assert 0.5 < rates["supply"] < 0.8
    assert all(
        rate < 0.07 for identity, rate in rates.items() if identity not in ("supply", "consumption")
    )


def test_shanghai_coke_misses_what_went_to_the_gas_works(real, tools):
    cells = real.select("Shanghai").cells
    result = check_identities(cells, tools.layout, tools.carriers)
    miss = result.filter(~pl.col("holds") & (pl.col("identity") == "transformation"))
    assert miss.select("carrier", "found", "expected", "gap").row(0) == (
        "coke", 763.02, 724.7, 38.32,
    )  # fmt: skip
    said = identity_findings(miss, tools.layout, tools.carriers)[0]
    assert (said.rule, said.severity) == ("accounting.identity_equals", "error")
    assert said.place.cell == "E1088"
    assert "焦炭" in said.message_zh
    assert "Coke" in said.message_en


CLEAN = [
    (1, "diesel", 100), (2, "diesel", 0), (4, "diesel", 130), (7, "diesel", -20),
    (10, "diesel", -10),    (11, "diesel", -30), (12, "diesel", -40), (16, "diesel", 10),
    (20, "diesel", 1), (21, "diesel", 66), (22, "diesel", 6), (23, "diesel", 30), (24, "diesel", 5),
    (26, "diesel", 20), (28, "diesel", 10), (29, "diesel", 7), (30, "diesel", 3),
    (32, "diesel", 3), (33, "diesel", 107),
]  # fmt: skip


def test_a_clean_table_holds(tools, long):
    failing, result = _failing(tools, long(CLEAN))
    assert failing.height == 0
    assert set(result["identity"]) == {
        "supply", "transformation", "final", "residential", "difference", "non_energy",
        "consumption",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("row", "broken"),
    [
        (4, {"supply"}),
        (1, {"supply", "difference"}),
        (16, {"transformation"}),
        (12, {"transformation", "consumption"}),
        (22, {"final"}),
        (29, {"residential"}),
        (20, {"difference", "consumption"}),
        (32, {"difference"}),
        (33, {"consumption"}),
    ],
)
def test_one_wrong_cell_breaks_the_identities_it_is_in(tools, long, row, broken):
    cells = [(r, e, v + 1 if r == row else v) for r, e, v in CLEAN]
    failing, _ = _failing(tools, long(cells))
    assert set(failing["identity"]) == broken


def test_non_energy_use_above_industry_is_said(tools, long):
    failing, _ = _failing(tools, long([(23, "diesel", 4), (24, "diesel", 5), (21, "diesel", 4)]))
    assert failing.select("identity", "found", "expected").row(0) == ("non_energy", 5, 4)


def test_subtotals_are_the_sum_of_their_carriers(tools, long):
    cells = [(23, "coal_total", 10), (23, "raw_coal", 6), (23, "briquettes", 3), (23, "coke", 50)]
    failing, _ = _failing(tools, long(cells))
    assert failing.select("identity", "carrier", "found", "expected").rows() == [
        ("subtotals", "coal_total", 10.0, 9.0)
    ]


def test_a_subtotal_without_its_carriers_is_not_checked(tools, long):
    failing, result = _failing(tools, long([(23, "coal_total", 10), (23, "diesel", 1)]))
    assert result.height == failing.height == 0


def test_an_absent_total_row_is_not_checked(tools, long):
    _, result = _failing(tools, long([(22, "diesel", 5), (29, "diesel", 5)]))
    assert result.height == 0


@pytest.mark.parametrize(("gap", "holds"), [(0.06, True), (0.0601, False)])
def test_the_tolerance_comes_from_the_printed_digits(tools, long, gap, holds):
    cells = [(28, "diesel", 100 + gap), (29, "diesel", 60), (30, "diesel", 40)]
    failing, _ = _failing(tools, long(cells))
    assert (failing.height == 0) is holds


def test_the_tolerance_can_be_set(tools, long):
    cells = [(28, "diesel", 101), (29, "diesel", 60), (30, "diesel", 40)]
    failing, _ = _failing(tools, long(cells), Tolerance(1.0, 0.0))
    assert failing.height == 0


def test_years_are_checked_apart(tools, tmp_path):
    path = tmp_path / "years.csv"
    path.write_text(
        "province,year,row,energy,value\n"
        "X,2010,28,diesel,5\nX,2010,29,diesel,5\nX,2011,28,diesel,7\nX,2011,30,diesel,6\n"
    )
    failing, result = _failing(tools, path)
    assert result.height == 2
    assert failing["year"].to_list() == [2011]


SHANDONG = {
    11: "transformation", 12: "thermal_power", 13: "heat", 14: "washing", 15: "coking",
    17: "gas_works", 18: "coke_reinput", 19: "briquettes",
}  # fmt: skip
COLUMNS = {
    "coal_total": "coal_total", "raw": "raw_coal", "cleaned": "cleaned_coal",
    "other_washed": "other_washed_coal", "products": "briquettes", "coke": "coke",
}  # fmt: skip


def test_shandong_2005_in_standard_coal_is_clean(tools, shared, long):
    """Statistical yearbook 2006, table 6-9: every identity within 0.2 x 10^4 tce."""
    case = json.loads((shared / "data" / "real_cases_misc.json").read_text(encoding="utf-8"))
    table = case["shandong_2005_coal_tce"]
    cells = [
        (row, COLUMNS[column], value)
        for row, name in SHANDONG.items()
        for column, value in zip(table["columns"], table["rows"][name], strict=True)
    ]
    options = {"units": {"*": "10^4 tce"}}
    failing, result = _failing(tools, long(cells), Tolerance(0.2, 0.0), **options)
    assert failing.height == 0
    assert {"transformation", "subtotals"} <= set(result["identity"])
    without = [cell for cell in cells if cell[0] != 18]
    failing, _ = _failing(tools, long(without), Tolerance(0.2, 0.0), **options)
    assert failing["carrier"].to_list() == ["coke"]
