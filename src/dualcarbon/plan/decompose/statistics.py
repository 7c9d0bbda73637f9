"""A base from the statistics of a data folder: levels of the base year, changes of the years done.

Published values are used as they stand: of several vintages the best known on the day. A district
without its level is named and refused; nothing is filled in.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from fractions import Fraction

import polars as pl
from attrs import evolve, frozen

from dualcarbon.editions import Input, as_of
from dualcarbon.errors import InputError, UsageError
from dualcarbon.figures import VINTAGES
from dualcarbon.findings import finding
from dualcarbon.plan.decompose.base import Base, Entry, named, settle
from dualcarbon.plan.decompose.exact import exact
from dualcarbon.plan.decompose.target import Target
from dualcarbon.plan.model import FiveYear
from dualcarbon.subjects import Words
from dualcarbon.units import compatible, ratio

HEAD, INTENSITY = "gdp_per_head", "intensity"


@frozen
class Levels:
    """Statistics known on a day, the best of each key: value, unit and place by key."""

    frame: pl.DataFrame

    def of(
        self, indicator: str, subject: str, period: str, unit: str
    ) -> tuple[Fraction, str] | None:
        """Give a value in `unit` and its place; None where none was published."""
        rows = self.frame.filter(
            (pl.col("indicator") == indicator)
            & (pl.col("subject") == subject)
            & (pl.col("period") == period)
        )
        for row in rows.iter_rows(named=True):
            if (row["unit"] == "%") == (unit == "%") and compatible(row["unit"], unit):
                return exact(row["value"]) * ratio(row["unit"], unit), row["place"]
        return None


def known(statistics: pl.DataFrame, on: dt.date) -> Levels:
    """Keep the published yearly values that were known on a day, the best vintage first."""
    key = ("indicator", "subject_kind", "subject", "period", "unit", "price_base", "vintage")
    declared = (pl.col("origin") == "declared") & (pl.col("basis") == "cumulative")
    frame = as_of(statistics.filter(declared), on, key)
    order = pl.col("vintage").replace_strict(
        {name: rank for rank, name in enumerate(VINTAGES)}, default=-1, return_dtype=pl.Int64
    )
    return Levels(
        frame.with_columns(order.alias("rank")).sort(
            ["recorded_at", "rank"], descending=True, nulls_last=True
        )
    )


def base_of_statistics(
    statistics: pl.DataFrame,
    target: Target,
    five_year: FiveYear | None,
    words: Words,
    inputs: tuple[Input, ...],
    on: dt.date,
) -> Base:
    """Build the base of a target for the districts of the city from a frame of statistics.

    Shape of the frame: indicator, subject_kind, subject, period, basis, value, unit, price_base,
    origin, vintage, recorded_at, place. Amounts come in the unit of the target, output in its own.
    Indicators of capability: intensity, and output per head where the population is known.
    Errors: InputError naming districts without a level; UsageError for a target without base year.
    """
    if target.base is None:
        raise UsageError(finding("plan.decompose_no_base", found=target.id))
    levels = known(statistics, on)
    children = words.areas.children(words.city)
    districts = [area.code for area in children if area.level == "district"]
    made = [(code, _entry(levels, code, target, five_year, words)) for code in districts]
    lacking = [code for code, entry in made if entry is None]
    if lacking or not made:
        names = ", ".join(lacking) or words.city
        said = finding(
            "plan.decompose_no_level", found=names, indicator=target.amount, year=target.base, on=on
        )
        raise InputError(said)
    entries = [entry for _, entry in made if entry is not None]
    city = _entry(levels, words.city, target, None, words)
    units = {"energy": target.unit}
    return settle([*_whole(entries), *([city] if city else [])], words, inputs, (), units)


def _whole(entries: list[Entry]) -> list[Entry]:
    """Keep the indicators of capability that every district has."""
    shared = [n for n in (INTENSITY, HEAD) if all(n in item.factors for item in entries)]
    return [evolve(item, factors={n: item.factors[n] for n in shared}) for item in entries]


def _entry(
    levels: Levels,
    code: str,
    target: Target,
    five_year: FiveYear | None,
    words: Words,
) -> Entry | None:
    base = str(target.base)
    energy = levels.of(target.amount, code, base, target.unit)
    if energy is None:
        return None
    unit = words.indicators[target.output].unit if target.output else ""
    output = levels.of(target.output, code, base, unit) if target.output else None
    heads = levels.of("population", code, base, "person")
    code, names = named(code, words)
    return Entry(
        code,
        *names,
        energy=energy[0],
        gdp=output[0] if output else None,
        growth=None,
        low=None,
        high=None,
        benchmark=None,
        five_year=None,
        changes=_changes(levels, code, target, five_year),
        factors=_factors(energy[0], output[0] if output else None, heads),
        assessed_by=None,
        industry=None,
        row=0,
        place=energy[1],
    )


def _factors(
    energy: Fraction, output: Fraction | None, heads: tuple[Fraction, str] | None
) -> Mapping[str, float]:
    if not output:
        return {}
    found = {INTENSITY: float(energy / output)}
    return found | ({HEAD: float(output / heads[0])} if heads and heads[0] else {})


def _changes(
    levels: Levels, code: str, target: Target, five_year: FiveYear | None
) -> dict[int, float]:
    """Give the published yearly changes of the target's indicator in the plan's years done."""
    if five_year is None:
        return {}
    found = {}
    for year in range(five_year.first, int(target.period[:4])):
        value = levels.of(target.indicator, code, str(year), "%")
        if value is not None:
            found[year] = float(value[0])
    return found
