"""The invented city reconciles: the users in no district are the boundary, bad rows stand out."""

import datetime as dt

import polars as pl
import pytest

from dualcarbon.accounting.boundary import pack_boundary
from dualcarbon.accounting.implied import detect, implied_frame
from dualcarbon.accounting.printed import digits
from dualcarbon.accounting.reconcile import chain
from dualcarbon.accounting.side import Tools
from dualcarbon.control.data import read_data
from dualcarbon.control.sides import folder_members, folder_of, folder_side
from dualcarbon.packs import load_pack
from dualcarbon.periods import Period

ROUNDING = 100
"""Grams: every row is rounded once, and a city row is the sum of some hundred."""


@pytest.fixture(scope="module")
def words():
    return Tools.of(load_pack("demo"), "equal")


@pytest.fixture(scope="module")
def read(folder, words):
    return folder_of(read_data(folder, words.pack), dt.date(2026, 1, 1))


@pytest.fixture(scope="module", params=["2022", "2024"])
def year(request, read, words):
    period = Period.parse(request.param)
    kinds = ("city", "area", "enterprise")
    sides = [folder_side(read, kind, words, kind, period) for kind in kinds]
    members = folder_members(read.data, period)
    result = chain(
        sides,
        period=period,
        boundary=pack_boundary(words),
        carriers=words.carriers,
        members=members,
    )
    return request.param, sides, result


def levels(result, by=None, lower="enterprise"):
    return [level for level in result.levels if level.by == by and level.lower == lower]


def test_the_city_closes_with_the_residual_as_its_boundary(year):
    for level in levels(year[2], lower="area"):
        assert level.complete
        assert level.absolute("boundary") > 10**12
        assert level.absolute("activity") + level.absolute("factor") < ROUNDING


def test_districts_close_but_for_the_bad_rows(year):
    name, _, result = year
    off = {
        level.subject
        for level in levels(result, "located_in")
        if level.absolute("activity") + level.absolute("factor") > ROUNDING
    }
    planted = {"2022": {"990107", "990112"}, "2024": {"990112"}}[name]
    gaps = {"990103", "990106", "990108", "990113", "990114"}  # months that were not filed
    assert planted <= off <= planted | gaps


def test_assessment_differs_from_territory_by_the_register_alone(year):
    result = year[2]
    located = {(level.subject, level.measure): level for level in levels(result, "located_in")}
    moved = 0
    for level in levels(result, "assessed_by"):
        same = located[level.subject, level.measure]
        assert level.net("activity") == pytest.approx(same.net("activity"), abs=ROUNDING)
        moved += level.absolute("boundary") > 0
    assert moved > 8


def test_the_planted_rows_are_named(read, year, words):
    name, sides, result = year
    flags = detect(implied_frame(sides[2]), words).findings
    own = folder_of(read.data, dt.date(2026, 1, 1), Period.parse(name)).findings
    assert len(own) < len(read.findings)
    said = {(item.rule, str(item.place)) for item in (*read.findings, *result.findings, *flags)}
    rules = [rule for rule, _ in said]
    assert rules.count("tables.not_number") == rules.count("control.negative_activity") == 1
    assert rules.count("accounting.implied_slip") == (2 if name == "2022" else 0)
    assert rules.count("accounting.side_unit") == (1 if name == "2024" else 0)
    assert "accounting.side_months" in rules


def test_the_city_and_districts_are_quiet(year, words):
    assert [detect(implied_frame(side), words).flags for side in year[1][:2]] == [(), ()]


def spoilt(row, kind):
    """One planted fault, as people make them."""
    times = {"power_of_ten": 1000, "confusion": 4.1868}
    if kind == "exactly_one":
        return {**row, "emission": row["quantity"]}
    return {**row, "emission": round(row["emission"] * times[kind], 2)}


def test_planted_factors_are_found_among_thousands_of_rows(year, words):
    emission = (pl.col("co2_g") / 1e6).round(2)
    rows = implied_frame(year[1][2].with_columns(emission=emission)).to_dicts()
    kinds = ("exactly_one", "power_of_ten", "confusion")
    burnt = [
        number
        for number, row in enumerate(rows)
        if row["carrier"] not in ("electricity", "heat") and digits(row["quantity"]) > 4
    ]
    planted = {number: kinds[n % 3] for n, number in enumerate(burnt[:: len(burnt) // 60])}
    for number, kind in planted.items():
        rows[number] = spoilt(rows[number], kind)
    flags = detect(implied_frame(rows), words).flags
    assert {flag.row: flag.kind for flag in flags if flag.kind in kinds} == planted
    assert {flag.kind for flag in flags} <= {*kinds, "slip"}
