"""Key categories: the ones that matter for the level, the trend, and their uncertainty.

Source: IPCC 2006, Vol. 1, Ch. 4: level eq. 4.1, trend eq. 4.2, and 4.3 where the base year is zero;
Approach 2 weighs them by uncertainty, eq. 4.4 and 4.5. Cumulative 95 % (Approach 1), 90 % (2).
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

APPROACH1, APPROACH2 = 0.95, 0.90


def key_categories(
    categories: pl.DataFrame,
    *,
    value: str = "grams",
    base: str | None = None,
    percent: str | None = None,
) -> pl.DataFrame:
    """Assess categories.

    Shape: one row per category: any name columns, `value` (signed; removals are negative), `base`
    (the same of the base year) and `percent` (its uncertainty, %). Added per assessment `level`,
    `trend`, `level_u`, `trend_u`: the assessment as such, `<name>_share` of the sum,
    `<name>_cumulative` in falling order, and `<name>_key`. Without `base` or `percent`
    their columns are null.
    Absent: a null value or uncertainty has null there and is not in the sums; a category that is
    absent in the base year counts as zero there only if `base` says 0.
    """
    now = pl.col(value).cast(pl.Float64)
    made = categories.with_columns(level=_divide(now.abs(), now.abs().sum()))
    first = pl.col(base).cast(pl.Float64) if base else pl.lit(None, pl.Float64)
    made = made.with_columns(trend=_trend(now, first))
    weight = pl.col(percent).cast(pl.Float64) if percent else pl.lit(None, pl.Float64)
    made = made.with_columns(
        level_u=pl.col("level") * weight,
        trend_u=pl.col("trend") * weight,
    )
    for name, limit in LIMITS.items():
        made = _cumulate(made, name, limit)
    return made.sort("level", descending=True, nulls_last=True, maintain_order=True)


LIMITS = {"level": APPROACH1, "trend": APPROACH1, "level_u": APPROACH2, "trend_u": APPROACH2}


def _divide(above: pl.Expr, below: pl.Expr) -> pl.Expr:
    return pl.when(below != 0).then(above / below)


def _trend(now: pl.Expr, first: pl.Expr) -> pl.Expr:
    """Eq. 4.2, with 4.3 for a category that is zero in the base year."""
    known = now.is_not_null() & first.is_not_null()
    last, begun = now.filter(known).sum(), first.filter(known).sum()
    sizes = first.abs().filter(known).sum()
    total = (last - begun) / begun.abs()
    own = (now - first) / first.abs()
    both = first.abs() / sizes * (own - total).abs()
    new = (now / sizes).abs()
    made = pl.when(first == 0).then(new).otherwise(both)
    return pl.when(known & (begun != 0)).then(made)


def _cumulate(frame: pl.DataFrame, name: str, limit: float) -> pl.DataFrame:
    """Add share, cumulative share and whether the category is needed to reach the limit."""
    share, sums = f"{name}_share", f"{name}_cumulative"
    shared = frame.with_columns(_divide(pl.col(name), pl.col(name).sum()).alias(share))
    order = shared.sort(share, descending=True, nulls_last=True, maintain_order=True)
    summed = order.with_columns(pl.col(share).cum_sum().alias(sums))
    before = pl.col(sums) - pl.col(share)
    key = (before < limit - 1e-12) & (pl.col(share) > 0)
    return summed.with_columns(key.alias(f"{name}_key"))


def keys_of(assessed: pl.DataFrame, names: Sequence[str], assessment: str) -> list[tuple[str, ...]]:
    """Give the names of the key categories of one assessment, most important first."""
    found = assessed.filter(pl.col(f"{assessment}_key")).sort(
        f"{assessment}_share", descending=True, maintain_order=True
    )
    return list(found.select(names).iter_rows())
