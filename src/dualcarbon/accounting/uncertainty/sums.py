"""The sums of a problem as arrays: groups by combinations, and the rows to be drawn one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from attrs import frozen

from dualcarbon.accounting.uncertainty.distributions import (
    CODES,
    Floats,
    Marginal,
    cumulants,
    near_normal,
)
from dualcarbon.accounting.uncertainty.problem import Problem

Integers = npt.NDArray[np.int64]
FULL = 0.1
ONE_THREAD = 250_000
NAMES = {code: name for name, code in CODES.items()}


@frozen(eq=False)
class Sums:
    """A matrix of groups by combinations, in pieces: rows, columns, values.

    A well filled matrix is one piece; of a sparse one each group has its own columns only.
    """

    height: int
    pieces: Sequence[tuple[slice, Any, Floats]]

    @property
    def empty(self) -> bool:
        """Tell whether every value is zero."""
        return not any(values.any() for _, _, values in self.pieces)

    def times(self, factors: Floats) -> Floats:
        """Give the product with factors (combinations x draws)."""
        made = np.empty((self.height, factors.shape[1]))
        for rows, columns, values in self.pieces:
            _multiply(values, factors[columns], made[rows])
        return made


def _multiply(values: Floats, factors: Floats, out: Floats) -> None:
    """Multiply small matrices in pieces for which BLAS starts no threads: they cost more here."""
    step = ONE_THREAD // max(values.size, 1)
    if step < 8:
        step = factors.shape[1]
    for start in range(0, factors.shape[1], step):
        at = slice(start, start + step)
        out[:, at] = values @ factors[:, at]


@frozen(eq=False)
class Cells:
    """The cells as flat arrays in the order of group and combination; `starts` per group."""

    combination: Integers
    starts: Integers
    width: int
    grams: Floats
    cumulants: Sequence[Floats]

    def sums(self, values: Floats) -> Sums:
        """Lay one column of the cells out as a matrix."""
        height = len(self.starts) - 1
        if len(values) >= FULL * height * self.width:
            matrix = np.zeros((height, self.width))
            for group, at in self.groups():
                matrix[group, self.combination[at]] = values[at]
            return Sums(height, [(slice(None), slice(None), matrix)])
        pieces = [
            (slice(group, group + 1), self.combination[at], values[at][None, :])
            for group, at in self.groups()
        ]
        return Sums(height, pieces)

    def groups(self) -> Iterator[tuple[int, slice]]:
        """Give every group's number and the slice of its cells."""
        for group, (first, last) in enumerate(zip(self.starts[:-1], self.starts[1:], strict=True)):
            yield group, slice(int(first), int(last))


@frozen(eq=False)
class Alone:
    """The rows of one group that are drawn one by one: combination, grams and marginal of each."""

    group: int
    combination: Integers
    grams: Floats
    marginals: Sequence[Marginal]


def cells_of(problem: Problem) -> Cells:
    """Give the cells of a problem as arrays; the cumulants may be changed by `take_alone`."""
    cells = problem.cells
    height = problem.groups.height
    return Cells(
        combination=cells["combination"].to_numpy(),
        starts=np.searchsorted(cells["_group"].to_numpy(), np.arange(height + 1)),
        width=len(problem.combinations),
        grams=cells["grams"].cast(pl.Float64).fill_null(0.0).to_numpy(),
        cumulants=[cells[f"k{n}"].to_numpy().copy() for n in range(1, 5)],
    )


def take_alone(problem: Problem, cells: Cells) -> list[Alone]:
    """Take rows to be drawn one by one out of the cumulants of the cells, and give them."""
    parts = problem.alone.partition_by("_group", as_dict=True)
    taken = [
        _dominant(rows, cells, group, at)
        for group, at in cells.groups()
        if (rows := parts.get((group,))) is not None
    ]
    return [rows for rows in taken if len(rows.grams)]


def _dominant(rows: pl.DataFrame, cells: Cells, group: int, at: slice) -> Alone:
    """Take the largest rows of a group until the rest is near enough to normal."""
    order = rows.sort((pl.col("grams") * pl.col("sd")).abs(), descending=True, maintain_order=True)
    grams, codes = order["grams"].to_numpy(), order["code"].to_numpy()
    arrays = [order[name].to_numpy() for name in ("sd", "low", "high")]
    parts = [grams**n * c for n, c in enumerate(cumulants(codes, *arrays), start=1)]
    count = _count([each[at] for each in cells.cumulants], parts)
    combination = order["combination"].to_numpy()[:count]
    place = at.start + np.searchsorted(cells.combination[at], combination)
    whole = cells.cumulants[1][at].sum()
    for each, part in zip(cells.cumulants, parts, strict=True):
        np.subtract.at(each, place, part[:count])
    gone = place[cells.cumulants[1][place] < 1e-12 * whole]
    for each in cells.cumulants[1:]:
        each[gone] = 0.0
    made = [
        Marginal(NAMES[code], 0.0, sd, low, high)
        for code, sd, low, high in zip(codes[:count], *(a[:count] for a in arrays), strict=True)
    ]
    return Alone(group, combination, grams[:count], made)


def _count(group: Sequence[Floats], parts: Sequence[Floats]) -> int:
    """Give the number of rows to take, largest first, so that the rest is near enough; or all."""
    second, third, fourth = (
        whole.sum() - np.concatenate([[0.0], np.cumsum(part)])
        for whole, part in zip(group[1:], parts[1:], strict=True)
    )
    variance = group[1].sum()
    second = np.maximum(second, 0.0)
    near = near_normal(second, third, fourth, variance)
    near[-1] = True
    return int(np.argmax(near))
