"""Uncertain figures: the 95 % bounds of sums and of ratios of sums."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from attrs import frozen

from dualcarbon.accounting.engine import GRAMS
from dualcarbon.accounting.uncertainty.approach1 import linear, weights_of
from dualcarbon.accounting.uncertainty.distributions import (
    KINDS,
    Floats,
    Marginal,
    from_percent,
    multipliers,
)
from dualcarbon.accounting.uncertainty.problem import Problem
from dualcarbon.accounting.uncertainty.sampling import Draws, summary
from dualcarbon.errors import InputError
from dualcarbon.findings import Finding, finding
from dualcarbon.tables import Column, Table, read_table

DENOMINATORS = Table(
    "denominators",
    (
        Column("subject", aliases=("主体", "地区")),
        Column("value", "number", aliases=("数值",)),
        Column("unit", "unit", aliases=("单位",)),
        Column("percent", "number", required=False, nullable=True, unit="%", aliases=("不确定度",)),
        Column("distribution", "choice", required=False, nullable=True, choices=KINDS),
    ),
    key=("subject",),
)


@frozen(eq=False)
class Denominators:
    """What totals are divided by: value and error by subject, and their one unit."""

    values: Mapping[str, float]
    errors: Mapping[str, Marginal]
    unit: str
    findings: tuple[Finding, ...] = ()


def read_denominators(path: Path) -> Denominators:
    """Read a csv, xlsx or parquet file of DENOMINATORS, such as the GDP of every district.

    Absent: an empty `percent` means an exact value. Errors: InputError for a bad cell, a negative
    percent, or several units.
    """
    reading = read_table(path, DENOMINATORS)
    bad = [item for item in reading.findings if item.severity == "error"]
    units = reading.frame["unit"].unique(maintain_order=True).to_list()
    if len(units) > 1:
        bad.append(finding("uncertainty.units_mixed", reading.place(2), found=", ".join(units)))
    for row in reading.frame.filter(pl.col("percent") < 0).iter_rows(named=True):
        place = reading.place(row["source_row"], "percent")
        bad.append(finding("uncertainty.range", place, found=f"percent={row['percent']}"))
    if bad or not units:
        raise InputError(*(bad or [finding("uncertainty.no_rows")]))
    rows = list(reading.frame.iter_rows(named=True))
    errors = {
        row["subject"]: from_percent(row["distribution"] or "normal", row["percent"])
        for row in rows
        if row["percent"] is not None
    }
    values = {row["subject"]: row["value"] for row in rows}
    return Denominators(values, errors, units[0], reading.findings)


def figure_bounds(
    figures: pl.DataFrame,
    draws: Draws,
    *,
    denominators: Mapping[str, float] | None = None,
    errors: Mapping[str, Marginal] | None = None,
    grams_per_unit: float = GRAMS,
    period: str | None = None,
    seed: int = 1,
) -> pl.DataFrame:
    """Give the bounds of figures whose numerator is an account: a total, or a ratio (tce/GDP).

    Shape: `figures` has `subject` and `value` (any other columns stay); the draws' groups have
    `subject`. Added are `low, high` (2.5 and 97.5 %), `sd`, in the figure's unit, and
    `half_percent`. `denominators`: by subject; where they are given, each figure is a ratio.
    `errors`: by subject, how the denominator itself is uncertain; absent = exact, as stated.
    `grams_per_unit`: grams in one unit of the numerator. `period`: of draws with a year.
    Absent: all null for a subject without draws, statement or denominator, or with a zero one.
    """
    members, values = subject_draws(draws, period)
    place = {subject: row for row, subject in enumerate(members["subject"])}
    none = np.full(values.shape[1], np.nan)
    made = []
    for number, subject in enumerate(figures["subject"]):
        below = _denominator(subject, denominators, errors, (seed, number), values.shape[1])
        if subject not in place or below is None or not np.all(below != 0):
            made.append(none)
        else:
            made.append(values[place[subject]] / grams_per_unit / below)
    counts = members.select("subject", "grams", "unstated")
    framed = figures.join(counts, on="subject", how="left", maintain_order="left")
    framed = framed.with_columns(pl.col("unstated").fill_null(0))
    whole = summary(framed, np.array(made).reshape(figures.height, values.shape[1]))
    half = 50 * (pl.col("high") - pl.col("low")) / pl.col("value").abs()
    whole = whole.with_columns(
        pl.when(pl.col(name).is_not_nan()).then(pl.col(name)) for name in ("low", "high", "sd")
    ).with_columns(half_percent=pl.when(pl.col("value") != 0).then(half))
    return whole.select(*figures.columns, "low", "high", "sd", "half_percent")


def subject_draws(draws: Draws, period: str | None) -> tuple[pl.DataFrame, Floats]:
    """Give the subjects and their draws, of one period where the draws have a year."""
    year = draws.problem.year
    members, values = draws.of(["subject", *([year] if year else [])])
    if not year:
        return members, values
    at = (members[year].cast(pl.String) == str(period)).arg_true()
    return members[at], values[at.to_numpy()]


def ratios(draws: Draws, per: Denominators, unit: str, period: str | None) -> list[dict[str, Any]]:
    """Give the total of every subject per denominator, with bounds, in `unit` of both.

    Absent: the value is null where a total or denominator is, or where it is zero.
    """
    members, _ = subject_draws(draws, period)
    values = []
    for subject, grams in members.select("subject", "grams").iter_rows():
        below = per.values.get(subject)
        values.append(grams / GRAMS / below if below and grams is not None else None)
    figures = members.select("subject").with_columns(
        pl.Series("value", values, dtype=pl.Float64), unit=pl.lit(f"{unit}/{per.unit}")
    )
    bounds = figure_bounds(
        figures, draws, denominators=per.values, errors=per.errors, period=period
    )
    return bounds.to_dicts()


def _denominator(
    subject: str,
    denominators: Mapping[str, float] | None,
    errors: Mapping[str, Marginal] | None,
    seed: tuple[int, int],
    count: int,
) -> Floats | None:
    if denominators is None:
        return np.ones(count)
    if subject not in denominators:
        return None
    value = np.full(count, float(denominators[subject]))
    if errors is None or subject not in errors:
        return value
    stream = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed[0], spawn_key=seed)))
    return value * multipliers(errors[subject], stream.standard_normal(count))


def ratio(problem: Problem, above: pl.Expr, below: pl.Expr) -> tuple[float | None, float | None]:
    """Give the ratio of two sums of groups and half its 95 % range, by Approach 1.

    `above` and `below` say which groups stand over and under the line (boolean over the group
    columns); a group may be in both, as in a share of the total. Absent: both null where the sum
    below is zero or a sum is absent.
    """
    groups = problem.groups.with_columns(
        above.cast(pl.Float64).alias("_up"),
        below.cast(pl.Float64).alias("_down"),
        members=pl.concat_list(pl.int_range(pl.len(), dtype=pl.Int64)),
    )
    grams = pl.col("grams").cast(pl.Float64)
    up = groups.select((grams * pl.col("_up")).sum()).item()
    down = groups.select((grams * pl.col("_down")).sum()).item()
    if not down or up is None:
        return None, None
    weights = weights_of(groups, pl.col("_up") / down - pl.col("_down") * up / down**2)
    halves = linear(problem).half(weights.with_columns(out=pl.lit(0)))
    return up / down, float(halves["half"][0])
