"""A base from published statistics: the best vintage known on the day, nothing filled in."""

import datetime as dt

import polars as pl
import pytest

from dualcarbon.errors import InputError
from dualcarbon.packs import load_pack
from dualcarbon.plan import load_plan
from dualcarbon.plan.decompose import decompose, find_target
from dualcarbon.plan.decompose.statistics import base_of_statistics
from dualcarbon.subjects import load_words

PLAN = load_plan("demo-2024")
WORDS = load_words(load_pack("demo"))
TARGET = find_target(PLAN, "1.5")
DISTRICTS = [area.code for area in WORDS.areas.children(WORDS.city) if area.level == "district"]


def rows():
    for number, code in enumerate([*DISTRICTS, WORDS.city]):
        kind = "city" if code == WORDS.city else "area"
        energy = 100.0 + number if kind == "area" else 2000.0
        yield "energy_total", kind, code, "2023", energy, "10^4 tce", "preliminary"
        yield "gdp", kind, code, "2023", energy * 3, "10^8 CNY", "preliminary"
        for year in ("2021", "2022", "2023"):
            yield "energy_intensity", kind, code, year, -2.5, "%", "final"


def frame(extra=(), lost=()):
    names = ("indicator", "subject_kind", "subject", "period", "value", "unit", "vintage")
    made = [dict(zip(names, row, strict=True)) for row in (*rows(), *extra)]
    return pl.DataFrame([row for row in made if row["subject"] not in lost]).with_columns(
        pl.lit("cumulative").alias("basis"),
        pl.lit("declared").alias("origin"),
        pl.lit(None, pl.String).alias("price_base"),
        pl.when(pl.col("vintage") == "final")
        .then(dt.date(2024, 2, 1))
        .otherwise(dt.date(2024, 1, 20))
        .alias("recorded_at"),
        pl.lit("statistics.csv!!F2").alias("place"),
    )


def build(statistics, on=dt.date(2024, 3, 1)):
    return base_of_statistics(statistics, TARGET, PLAN.five_year, WORDS, (), on)


def test_levels_changes_and_the_rest_of_the_city():
    base = build(frame())
    assert [item.subject for item in base.entries] == DISTRICTS
    assert base.entries[0].energy == 100
    assert base.entries[0].changes == {2021: -2.5, 2022: -2.5, 2023: -2.5}
    found = decompose(PLAN, "1.5", base, WORDS)
    assert found.setting.residual > 0
    assert (
        sum(item.allowed for item in found.sharing.shares) + found.residual == found.setting.total
    )


def test_the_best_vintage_known_on_the_day_stands():
    final = ("energy_total", "area", DISTRICTS[0], "2023", 111.0, "10^4 tce", "final")
    assert build(frame([final])).entries[0].energy == 111
    early = build(frame([final]), dt.date(2024, 1, 25))
    assert early.entries[0].energy == 100


def test_a_district_without_its_level_is_named():
    with pytest.raises(InputError) as error:
        build(frame(lost=DISTRICTS[3:4]))
    assert error.value.findings[0].found == DISTRICTS[3]
