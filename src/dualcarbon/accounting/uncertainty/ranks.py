"""Ranks under uncertainty: how sure is an order, when the factors err for all alike."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl

from dualcarbon.accounting.uncertainty.distributions import Floats

LARGEST, SMALLEST = "largest", "smallest"


def rank_draws(values: Floats, first: str = LARGEST) -> np.ndarray[Any, Any]:
    """Give the rank of every subject in every draw: 1 is first, equal values share the better rank.

    Shape: subjects x draws in and out. `first`: `largest` or `smallest` value is rank 1.
    """
    signed = -values if first == LARGEST else values
    order = np.argsort(signed, axis=0, kind="stable")
    ordered = np.take_along_axis(signed, order, axis=0)
    place = np.arange(len(values))[:, None]
    new = np.vstack([np.ones((1, values.shape[1]), bool), ordered[1:] != ordered[:-1]])
    started = np.maximum.accumulate(np.where(new, place, 0), axis=0) + 1
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, started, axis=0)
    return ranks


def ranks(
    subjects: pl.DataFrame,
    values: Floats,
    *,
    value: str = "grams",
    first: str = LARGEST,
) -> pl.DataFrame:
    """Give the distribution of every subject's rank.

    Shape: `subjects` has a row per row of `values` (subjects x draws) and the column `value`; added
    are `rank` (of the values themselves), `rank_low, rank_median, rank_high` (2.5, 50, 97.5 % of
    the draws, as ranks that occur), `p_first`, and `p_ahead` of the next in order (null for the
    last). Sorted by rank. Absent: a subject with a null value has no rank and is last, all null.
    """
    known = subjects[value].is_not_null().to_numpy()
    kept = subjects.filter(pl.Series(known))
    drawn = values[known]
    if not kept.height:
        return subjects.with_columns(pl.lit(None, t).alias(n) for n, t in COLUMNS.items())
    exact = rank_draws(kept[value].cast(pl.Float64).to_numpy()[:, None], first)[:, 0]
    made = rank_draws(drawn, first)
    low, median, high = np.quantile(made, [0.025, 0.5, 0.975], axis=1, method="nearest")
    order = np.lexsort((np.arange(len(exact)), exact))
    ahead: list[float | None] = [None] * kept.height
    for place, other in pairwise(order):
        ahead[place] = probability_ahead(drawn[place], drawn[other], first)
    columns = {
        "rank": exact,
        "rank_low": low,
        "rank_median": median,
        "rank_high": high,
        "p_first": (made == 1).mean(axis=1),
        "p_ahead": ahead,
    }
    framed = kept.with_columns(
        pl.Series(name, column, dtype=COLUMNS[name], strict=False)
        for name, column in columns.items()
    )
    return pl.concat([framed[order], subjects.filter(pl.Series(~known))], how="diagonal")


COLUMNS: dict[str, type[pl.DataType]] = {
    "rank": pl.Int64,
    "rank_low": pl.Int64,
    "rank_median": pl.Int64,
    "rank_high": pl.Int64,
    "p_first": pl.Float64,
    "p_ahead": pl.Float64,
}


def probability_ahead(one: Floats, other: Floats, first: str = LARGEST) -> float:
    """Give the probability that one subject ranks ahead of another; a tie counts half."""
    difference = one - other if first == LARGEST else other - one
    return float((difference > 0).mean() + (difference == 0).mean() / 2)


def probabilities(values: Floats, pairs: Sequence[tuple[int, int]], first: str = LARGEST) -> Floats:
    """Give the probability that the first of each pair of rows ranks ahead of the second."""
    return np.array([probability_ahead(values[a], values[b], first) for a, b in pairs])
