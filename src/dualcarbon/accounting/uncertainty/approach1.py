"""Approach 1: linear propagation, exact for the correlation that shared factors bring.

Every amount is a linear form in the half ranges of its sources; a source moves all its rows at
once. The half range of any weighted sum is the root of the squared sums per source plus the rows'
own part: grouped sums, never pairs. Source: IPCC 2006, Vol. 1, Ch. 3, eq. 3.1, 3.2 and Table 3.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl
from attrs import frozen

from dualcarbon.accounting.uncertainty.problem import COUNTS, Problem

WEIGHTS = ("out", "_group", "weight")


@frozen(eq=False)
class Linear:
    """The groups as linear forms.

    `sources`: `_group, source, half` (grams by which the group moves with half the source's range,
    signed). `own`: `_group, half2`, the squared half range of what the groups do not share.
    """

    sources: pl.DataFrame
    own: pl.DataFrame

    def half(self, weights: pl.DataFrame) -> pl.DataFrame:
        """Give half the 95 % range of weighted sums of groups.

        Shape: `weights` is `out, _group, weight`; the answer `out, half`, one row per `out`.
        """
        own = weights.join(self.own, on="_group").group_by("out")
        alone = own.agg(square=(pl.col("weight") ** 2 * pl.col("half2")).sum())
        moved = weights.join(self.sources, on="_group").group_by("out", "source")
        each = moved.agg(part=(pl.col("weight") * pl.col("half")).sum())
        common = each.group_by("out").agg(square=(pl.col("part") ** 2).sum())
        both = pl.concat([alone, common]).group_by("out").agg(pl.col("square").sum().sqrt())
        return both.rename({"square": "half"}).sort("out")


def linear(problem: Problem) -> Linear:
    """Give the groups of a problem as linear forms in the half ranges of its sources."""
    listed = []
    for number, combination in enumerate(problem.combinations):
        for share, factors in combination:
            for index, power in factors:
                variable = problem.variables[index]
                listed.append((number, variable.source, share * power * variable.marginal.half))
    schema: dict[str, Any] = {"combination": pl.Int64, "source": pl.String, "share": pl.Float64}
    shares = pl.DataFrame(listed, schema=schema, orient="row")
    joined = problem.cells.join(shares, on="combination")
    moved = joined.group_by("_group", "source").agg(
        half=(pl.col("grams").cast(pl.Float64) * pl.col("share")).sum()
    )
    own = problem.cells.group_by("_group").agg(pl.col("half2").sum())
    return Linear(moved, own)


def cut(problem: Problem, columns: Sequence[str]) -> pl.DataFrame:
    """Give the groups of a coarser cut.

    Shape: `columns` and COUNTS, sorted; `members` lists the numbers of the problem's groups.
    """
    numbered = problem.groups.with_columns(
        _group=pl.int_range(pl.len(), dtype=pl.Int64), all=pl.lit(0)
    )
    some = pl.col("rows").sum() > pl.col("unmatched").sum()
    grouped = numbered.group_by(*(columns or ["all"])).agg(
        pl.when(some).then(pl.col("grams").sum()).alias("grams"),
        pl.col(*(name for name in COUNTS if name != "grams")).sum(),
        pl.col("_group").sort().alias("members"),
    )
    made = grouped.select(*columns, *COUNTS, "members")
    return made.sort(columns, nulls_last=True) if columns else made


def weights_of(members: pl.DataFrame, weight: pl.Expr | None = None) -> pl.DataFrame:
    """Give `out, _group, weight` of a cut: weight 1, or an expression over the cut's columns."""
    value = pl.lit(1.0) if weight is None else weight
    numbered = members.with_columns(out=pl.int_range(pl.len(), dtype=pl.Int64), weight=value)
    return numbered.select("out", pl.col("members").alias("_group"), "weight").explode("_group")


def approach1(problem: Problem, columns: Sequence[str] | None = None) -> pl.DataFrame:
    """Give the uncertainty of every group of a cut (`columns`; none = of all groups together).

    Shape: the columns, COUNTS, `half` (grams), `percent` of the value, `low`, `high` (grams).
    Centre: the value itself. Absent: `percent` is null where the value is zero (the absolute
    `half` stands), `half` where nothing is stated at all. A group with `unstated` above zero has
    the uncertainty of what is stated only.
    """
    members = cut(problem, problem.columns if columns is None else columns)
    halves = linear(problem).half(weights_of(members))
    return _ranges(members.with_columns(halves["half"])).drop("members")


def _ranges(frame: pl.DataFrame) -> pl.DataFrame:
    silent = (pl.col("half") == 0) & (pl.col("unstated") > 0)
    value = pl.col("grams").cast(pl.Float64)
    half = pl.when(silent | pl.col("grams").is_null()).then(None).otherwise(pl.col("half"))
    framed = frame.with_columns(half=half)
    return framed.with_columns(
        percent=pl.when(value != 0).then(100 * pl.col("half") / value.abs()),
        low=value - pl.col("half"),
        high=value + pl.col("half"),
    )


def pairs(problem: Problem, base: str, now: str, columns: Sequence[str]) -> pl.DataFrame:
    """Give the groups of a cut in two years side by side.

    Shape: `columns`, `base`, `grams` (of the year), `members_base`, `members`, `unstated`; only
    groups that exist in both. `columns` does not hold the year.
    """
    year = str(problem.year)
    parts = cut(problem, [*columns, year])
    name = pl.col(year).cast(pl.String)
    first = parts.filter(name == base).drop(year)
    last = parts.filter(name == now).drop(year)
    if not columns:
        first, last = first.with_columns(all=pl.lit(0)), last.with_columns(all=pl.lit(0))
    on = list(columns) or ["all"]
    both = last.join(first, on=on, suffix="_base", nulls_equal=True)
    kept = both.select(
        *columns,
        pl.col("grams_base").alias("base"),
        "grams",
        "members_base",
        "members",
        (pl.col("unstated") + pl.col("unstated_base")).alias("unstated"),
    )
    return kept.sort(columns, nulls_last=True) if columns else kept


def trend(problem: Problem, base: str, now: str, columns: Sequence[str] = ()) -> pl.DataFrame:
    """Give the change from a base year and its uncertainty, per group of a cut.

    Shape: `columns`, `base`, `grams`, `unstated`, `change` (%), `half`, `low`, `high` (percentage
    points). A factor of both years moves both; activities move apart unless stated `shared`.
    Absent: all null where the base is zero or absent. Source: IPCC 2006, Vol. 1, Ch. 3, Table 3.2
    (type A and B sensitivities), as the exact derivative instead of a step of 1 %.
    """
    both = pairs(problem, base, now, columns)
    first, last = pl.col("base").cast(pl.Float64), pl.col("grams").cast(pl.Float64)
    known = both.filter(first.fill_null(0) != 0, last.is_not_null())
    up = weights_of(known, 1 / first.abs())
    down = weights_of(
        known.with_columns(members=pl.col("members_base")), -last * first.sign() / first**2
    )
    halves = linear(problem).half(pl.concat([up, down]))
    numbered = known.with_columns(100 * halves["half"], change=100 * (last - first) / first.abs())
    on = list(columns)
    if not on:
        numbered, both, on = numbered.with_columns(all=0), both.with_columns(all=0), ["all"]
    joined = both.join(numbered.select(*on, "change", "half"), on=on, how="left", nulls_equal=True)
    silent = (pl.col("half") == 0) & (pl.col("unstated") > 0)
    joined = joined.with_columns(half=pl.when(~silent).then(pl.col("half")))
    low, high = pl.col("change") - pl.col("half"), pl.col("change") + pl.col("half")
    framed = joined.with_columns(low=low, high=high).sort(on, nulls_last=True)
    return framed.select(*columns, "base", "grams", "unstated", "change", "half", "low", "high")
