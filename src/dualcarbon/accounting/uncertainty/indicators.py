"""Uncertain figures: the 95 % bounds of sums and of ratios of sums."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from dualcarbon.accounting.uncertainty.approach1 import linear, weights_of
from dualcarbon.accounting.uncertainty.distributions import Floats, Marginal, multipliers
from dualcarbon.accounting.uncertainty.problem import Problem
from dualcarbon.accounting.uncertainty.sampling import Draws, summary


def figure_bounds(
    figures: pl.DataFrame,
    draws: Draws,
    *,
    denominators: Mapping[str, float] | None = None,
    errors: Mapping[str, Marginal] | None = None,
    grams_per_unit: float = 1.0,
    seed: int = 1,
) -> pl.DataFrame:
    """Give the bounds of figures whose numerator is an account: a total, or a ratio (tce/GDP).

    Shape: `figures` has `subject` and `value` (any other columns stay); the draws' groups have
    `subject`. Added are `low, high` (2.5 and 97.5 %), `sd`, in the figure's unit, and
    `half_percent`. `denominators`: by subject, in the figure's unit per numerator unit; a subject
    without one has a plain total. `errors`: by subject, how the denominator itself is uncertain;
    absent = exact. `grams_per_unit`: grams in one unit of the numerator.
    Absent: all null for a subject without draws, without statement, or with a zero denominator.
    """
    members, values = draws.of(["subject"])
    place = {subject: row for row, subject in enumerate(members["subject"])}
    none = np.full(values.shape[1], np.nan)
    made = []
    for number, subject in enumerate(figures["subject"]):
        row = place.get(subject)
        below = _denominator(subject, denominators, errors, (seed, number), values.shape[1])
        silent = row is None or not np.all(below != 0)
        made.append(none if silent else values[row] / grams_per_unit / below)
    counts = members.select("subject", "grams", "unstated")
    framed = figures.join(counts, on="subject", how="left", maintain_order="left")
    framed = framed.with_columns(pl.col("unstated").fill_null(0))
    whole = summary(framed, np.array(made).reshape(figures.height, values.shape[1]))
    half = 50 * (pl.col("high") - pl.col("low")) / pl.col("value").abs()
    whole = whole.with_columns(
        pl.when(pl.col(name).is_not_nan()).then(pl.col(name)) for name in ("low", "high", "sd")
    ).with_columns(half_percent=pl.when(pl.col("value") != 0).then(half))
    return whole.select(*figures.columns, "low", "high", "sd", "half_percent")


def _denominator(
    subject: str,
    denominators: Mapping[str, float] | None,
    errors: Mapping[str, Marginal] | None,
    seed: tuple[int, int],
    count: int,
) -> Floats:
    if denominators is None or subject not in denominators:
        return np.ones(count)
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
