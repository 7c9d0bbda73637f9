"""Approach 2: Monte Carlo by factor. Draws are made per source of error, not per row.

In one draw every combination of factors has one multiplier; a group is the product of its sums with
those multipliers. The rows' own errors enter as one number per group and draw: given the factors it
has exactly known cumulants, so it is a normal score stretched to them (Cornish-Fisher, up to the
fourth). For normal rows this is exact. Where other rows are few or a few dominate, so that skewness
or excess kurtosis of the rest is above a limit (sums.py), the largest are drawn one by one until it
is not. Source: IPCC 2006, Vol. 1, Ch. 3, Approach 2; docs/methods/uncertainty.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from attrs import frozen

from dualcarbon.accounting.uncertainty.approach1 import cut, pairs
from dualcarbon.accounting.uncertainty.distributions import (
    Floats,
    Marginal,
    drawn,
    multipliers,
)
from dualcarbon.accounting.uncertainty.problem import Problem
from dualcarbon.accounting.uncertainty.sums import Alone, Sums, cells_of, take_alone
from dualcarbon.errors import UsageError
from dualcarbon.findings import finding

BLOCK = 250
MOST_NUMBERS = 250_000_000
SLICE = 512
KURTOSIS = (-1.2, 1.2)
SKEWNESS = (-0.8, 0.8)


@frozen(eq=False)
class Sampler:
    """A problem as arrays: what one block of draws needs."""

    seed: int
    sources: int
    variables: Sequence[tuple[int, Marginal, int]]
    terms: np.ndarray[Any, Any]
    shares: Floats
    starts: np.ndarray[Any, Any]
    means: Sums
    spreads: Sequence[Sums]
    alone: Sequence[Alone]

    def block(self, number: int) -> Floats:
        """Give the groups (rows) in the draws (columns) of one block, in grams."""
        streams = np.random.SeedSequence(self.seed, spawn_key=(number,)).spawn(3)
        common, own, single = (np.random.Generator(np.random.PCG64(s)) for s in streams)
        factors = self._factors(common.standard_normal((self.sources, BLOCK)))
        score = own.standard_normal((self.means.height, BLOCK))
        totals = self.means.times(factors)
        totals += self._noise(factors, score)
        for rows in self.alone:
            totals[rows.group] += _one_by_one(rows, factors, single)
        return totals

    def _factors(self, scores: Floats) -> Floats:
        made = np.ones((len(self.variables) + 1, BLOCK))
        for place, (source, marginal, power) in enumerate(self.variables):
            value = multipliers(marginal, scores[source])
            made[place] = value if power == 1 else value ** float(power)
        products: Floats = made[self.terms[:, 0]]
        for column in range(1, self.terms.shape[1]):
            products *= made[self.terms[:, column]]
        if len(self.starts) == len(self.terms) and (self.shares == 1).all():
            return products
        added: Floats = np.add.reduceat(products * self.shares[:, None], self.starts, axis=0)
        return added

    def _noise(self, factors: Floats, score: Floats) -> Floats:
        second, third, fourth = self.spreads
        if second.empty:
            return np.zeros_like(score)
        square = factors * factors
        variance = second.times(square)
        sd = np.sqrt(np.maximum(variance, 0))
        if third.empty and fourth.empty:
            return sd * score
        with np.errstate(divide="ignore", invalid="ignore"):
            skew = np.nan_to_num(third.times(square * factors) / (variance * sd))
            excess = np.nan_to_num(fourth.times(square * square) / variance**2)
        return sd * stretch(score, np.clip(skew, *SKEWNESS), np.clip(excess, *KURTOSIS))


def stretch(score: Floats, skew: Floats, excess: Floats) -> Floats:
    """Give a standard normal score the skewness and excess kurtosis asked for (Cornish-Fisher)."""
    square = score * score
    bend = skew / 6 * (square - 1)
    tails = (excess / 24) * (square - 3) - (skew**2 / 36) * (2 * square - 5)
    return score + bend + score * tails


def _one_by_one(rows: Alone, factors: Floats, stream: np.random.Generator) -> Floats:
    total = np.zeros(BLOCK)
    for start in range(0, len(rows.grams), SLICE):
        at = slice(start, start + SLICE)
        scores = stream.standard_normal((len(rows.grams[at]), BLOCK))
        for place, marginal in enumerate(rows.marginals[at]):
            scores[place] = multipliers(marginal, scores[place]) - 1
        scores *= factors[rows.combination[at]]
        total += rows.grams[at] @ scores
    return total


def sampler(problem: Problem, seed: int) -> Sampler:
    """Lay a problem out as arrays; rows to be drawn alone are taken out of the sums."""
    cells = cells_of(problem)
    alone = take_alone(problem, cells)
    placed: dict[tuple[int, int], int] = {}
    listed: list[tuple[list[int], float]] = []
    starts = []
    for combination in problem.combinations:
        starts.append(len(listed))
        for share, factors in combination:
            places = [placed.setdefault(factor, len(placed)) for factor in factors]
            listed.append((places, share))
    ordered = sorted({problem.variables[index].source for index, _ in placed})
    sources = {name: number for number, name in enumerate(ordered)}
    return Sampler(
        seed=seed,
        sources=len(sources),
        variables=[
            (sources[problem.variables[i].source], _marginal(problem, i), power)
            for i, power in placed
        ],
        terms=_padded([places for places, _ in listed], len(placed)),
        shares=np.array([share for _, share in listed]),
        starts=np.array(starts),
        means=cells.sums(cells.grams + cells.cumulants[0]),
        spreads=[cells.sums(each) for each in cells.cumulants[1:]],
        alone=alone,
    )


def _marginal(problem: Problem, index: int) -> Marginal:
    return drawn(problem.variables[index].marginal, problem.negative)


def _padded(lists: Sequence[Sequence[int]], blank: int) -> np.ndarray[Any, Any]:
    wide = max((len(places) for places in lists), default=1) or 1
    return np.array([[*places, *[blank] * (wide - len(places))] for places in lists])


@frozen(eq=False)
class Draws:
    """Draws of every group of a problem: `values` has a row per group and a column per draw."""

    problem: Problem
    values: Floats

    def of(self, columns: Sequence[str]) -> tuple[pl.DataFrame, Floats]:
        """Give the groups of a coarser cut and their draws, in the same order."""
        members = cut(self.problem, columns)
        sums = [self.values[list(numbers)].sum(axis=0) for numbers in members["members"]]
        return members, np.array(sums).reshape(members.height, self.values.shape[1])


def draw(problem: Problem, draws: int = 10_000, seed: int = 1) -> Draws:
    """Draw the groups of a problem.

    Shape: groups x draws, grams. Every block of BLOCK draws has streams of its own (PCG64), so the
    same seed gives the same numbers and more draws begin with the same ones. Memory: the answer and
    one block of sources and combinations. Errors: UsageError when the answer would have more than
    MOST_NUMBERS numbers, or for no draws at all.
    """
    if draws < 1 or problem.groups.height * draws > MOST_NUMBERS:
        most = MOST_NUMBERS // max(problem.groups.height, 1)
        raise UsageError(finding("uncertainty.draws", found=draws, expected=most))
    prepared = sampler(problem, seed)
    values = np.empty((problem.groups.height, draws))
    for first in range(0, draws, BLOCK):
        block = prepared.block(first // BLOCK)
        values[:, first : first + BLOCK] = block[:, : draws - first]
    return Draws(problem, values)


def approach2(draws: Draws, columns: Sequence[str] | None = None) -> pl.DataFrame:
    """Give mean, sd and the 95 % range of every group of a cut.

    Shape: the columns, COUNTS, then in grams `mean, sd, low, median, high` (2.5, 50 and 97.5 %) and
    in % of the value `low_percent, high_percent`. Absent: null where nothing is stated, in %
    also where the value is zero.
    """
    names = draws.problem.columns if columns is None else columns
    members, values = draws.of(names)
    framed = summary(members.drop("members"), values)
    value = pl.col("grams").cast(pl.Float64)
    known = (value != 0) & pl.col("sd").is_not_null()
    return framed.with_columns(
        pl.when(known).then(100 * (pl.col(side) / value.abs() - value.sign())).alias(name)
        for side, name in (("low", "low_percent"), ("high", "high_percent"))
    )


def summary(frame: pl.DataFrame, values: Floats) -> pl.DataFrame:
    """Add `mean, sd, low, median, high` of draws (a row per row of the frame).

    Absent: null where `grams` is null, or nothing is stated of what has `unstated` above zero.
    """
    low, median, high = np.quantile(values, [0.025, 0.5, 0.975], axis=1)
    numbers = {
        "mean": values.mean(axis=1),
        "sd": values.std(axis=1, ddof=1) if values.shape[1] > 1 else np.zeros(len(values)),
        "low": low,
        "median": median,
        "high": high,
    }
    made = frame.with_columns(pl.Series(name, column) for name, column in numbers.items())
    scale = pl.col("mean").abs() * 1e-12
    silent = (pl.col("sd") <= scale) & (pl.col("unstated") > 0)
    gone = silent | pl.col("grams").is_null()
    return made.with_columns(pl.when(~gone).then(pl.col(name)).alias(name) for name in numbers)


def drawn_trend(draws: Draws, base: str, now: str, columns: Sequence[str] = ()) -> pl.DataFrame:
    """Give the distribution of the change from a base year, in % (and percentage points).

    Shape: `columns`, `base`, `grams`, `unstated`, `mean, sd, low, median, high` of the change.
    Absent: null where the base is zero or absent. Factors of both years are the same draws.
    """
    both = pairs(draws.problem, base, now, columns)
    changes: list[Floats] = []
    for row in both.iter_rows(named=True):
        first = draws.values[row["members_base"]].sum(axis=0)
        last = draws.values[row["members"]].sum(axis=0)
        there = row["base"] not in (None, 0)
        changes.append(100 * (last - first) / np.abs(first) if there else np.zeros_like(first))
    values = np.array(changes).reshape(both.height, draws.values.shape[1])
    shown = summary(both.drop("members", "members_base"), values)
    names = ("mean", "sd", "low", "median", "high")
    known = pl.col("base").fill_null(0) != 0
    return shown.with_columns(pl.when(known).then(pl.col(name)).alias(name) for name in names)
