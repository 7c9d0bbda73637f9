"""LMDI-I: what moved a total, effect by effect, without a residual (docs/methods/drivers.md).

Pure arithmetic on arrays: a leaf is a sub-category, its value the product of its factors. Nothing
here knows files, periods or names.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

Array = NDArray[np.float64]
Keys = tuple[str, ...]
NEAR = 0.5


def log_ratio(before: Array, after: Array) -> Array:
    """Give ln(after / before) of positive numbers; exactly antisymmetric, exact near equality."""
    high, low = np.maximum(before, after), np.minimum(before, after)
    with np.errstate(all="ignore"):
        above = (high - low) / low
        size = np.where(above < NEAR, np.log1p(above), np.log(high / low))
    signed: Array = np.where(after == before, 0.0, np.where(after > before, size, -size))
    return signed


def log_mean(before: Array, after: Array) -> Array:
    """Give L(a, b) = (a - b) / ln(a / b): L(a, a) = a, and 0 where one of the two is 0."""
    logs = log_ratio(before, after)
    with np.errstate(all="ignore"):
        mean = (after - before) / logs
    mean = np.where(after == before, after, mean)
    found: Array = np.where((before == 0) | (after == 0), 0.0, mean)
    return found


def leaf_effects(start: Array, end: Array, before: Array, after: Array) -> Array:
    """Give the additive effect of every factor on every leaf.

    Shape: `start`, `end` (leaf): the value at both ends; `before`, `after` (leaf, factor): the
    factors, whose product they are. The result is (leaf, factor); a row sums to end - start.
    Units: those of `start`. Absent: NaN is a factor that is 0/0 at that end; it takes the value of
    the other end, so that its effect is 0. A leaf that is 0 at one end gets the analytic limit:
    its m factors that are 0 there share the change equally, the others get 0.
    Errors: ValueError when a value is negative or is not what its factors make it.
    Source: Ang & Liu (2001, 2007), Wood & Lenzen (2006); docs/methods/drivers.md.
    """
    before, after = _defined(before, after)
    _consistent(start, before)
    _consistent(end, after)
    alive = ((start > 0) & (end > 0))[:, None] & (before > 0) & (after > 0)
    logs = np.where(alive, log_ratio(before, after), 0.0)
    effects = log_mean(start, end)[:, None] * logs
    born = ((start == 0) & (end > 0))[:, None] & (before == 0)
    gone = ((end == 0) & (start > 0))[:, None] & (after == 0)
    effects = np.where(born, _shared(end, born), effects)
    found: Array = np.where(gone, -_shared(start, gone), effects)
    return found + 0.0


def _shared(value: Array, mask: NDArray[np.bool_]) -> Array:
    count = np.maximum(mask.sum(axis=1), 1)
    shared: Array = (value / count)[:, None]
    return shared


def _defined(before: Array, after: Array) -> tuple[Array, Array]:
    first = np.where(np.isnan(before), after, before)
    last = np.where(np.isnan(after), before, after)
    nowhere = np.isnan(first)
    return np.where(nowhere, 1.0, first), np.where(nowhere, 1.0, last)


def _consistent(value: Array, factors: Array) -> None:
    zero = (factors == 0).any(axis=1)
    if (value < 0).any() or (factors < 0).any() or not np.isfinite(factors).all():
        raise ValueError("values and factors must be finite and not negative")
    if ((value == 0) != zero).any():
        raise ValueError("a value is zero exactly where one of its factors is zero")


def multipliers(effects: Array, mean: Array) -> Array:
    """Give D = exp(effect / L): the factor by which an effect multiplies; NaN where L is 0."""
    with np.errstate(all="ignore"):
        return np.where(mean > 0, np.exp(effects / mean), np.nan)


@frozen(eq=False)
class Tree:
    """Leaves nested by their keys: `nodes` from the total (no key) down to the leaves, by depth.

    `groups[d]` gives, for each node of depth d, where its children stand among those of d + 1.
    """

    nodes: tuple[Keys, ...]
    groups: tuple[tuple[slice, ...], ...]

    @staticmethod
    def of(leaves: Sequence[Keys]) -> Tree:
        """Nest sorted leaves, all with the same number of keys."""
        layers = [list(leaves)]
        groups: list[tuple[slice, ...]] = []
        for depth in reversed(range(len(leaves[0]))):
            parents, parts, place = [], [], 0
            for parent, children in groupby(layers[0], key=lambda keys: keys[:depth]):
                size = len(list(children))
                parents.append(parent)
                parts.append(slice(place, place + size))
                place += size
            layers.insert(0, parents)
            groups.insert(0, tuple(parts))
        return Tree(tuple(keys for layer in layers for keys in layer), tuple(groups))

    @property
    def first_leaf(self) -> int:
        """Give the place of the first leaf among the nodes."""
        return sum(len(parts) for parts in self.groups)

    def roll(self, leaves: Array) -> Array:
        """Add (leaf, column) up to (node, column); a parent is the exact sum of its children."""
        layers = [leaves]
        for parts in reversed(self.groups):
            below = layers[0]
            sums = [[math.fsum(column) for column in below[part].T] for part in parts]
            layers.insert(0, np.array(sums, dtype=np.float64))
        return np.concatenate(layers)

    def children(self, node: int) -> range:
        """Give the nodes right below a node; empty for a leaf."""
        depth = len(self.nodes[node])
        if depth == len(self.groups):
            return range(0)
        first = sum(len(parts) for parts in self.groups[:depth])
        below = first + len(self.groups[depth])
        part = self.groups[depth][node - first]
        return range(below + part.start, below + part.stop)
