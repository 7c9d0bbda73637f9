"""A capability score: indicators weighed by their entropy, which says how much each tells apart."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction

from attrs import frozen

from dualcarbon.plan.decompose.exact import exact

DIGITS = 12


@frozen
class Capability:
    """Scores from 0 to 1 in the order of the subjects, weights by indicator, those without any."""

    scores: tuple[Fraction, ...]
    weights: Mapping[str, float]
    flat: tuple[str, ...]


def capability(factors: Mapping[str, Sequence[float]], higher: Mapping[str, bool]) -> Capability:
    """Score subjects by indicators; `higher` says which way an indicator asks for a heavier task.

    Each indicator is first put between 0 and 1, (x - min) / (max - min) or its mirror, so zero and
    negative values need no other care. An indicator that is the same for all has weight 0 and is
    in `flat`. Absent values are not allowed here. Source: docs/methods/decomposition.md.
    """
    placed = {name: _placed(values, higher[name]) for name, values in factors.items()}
    told = {name: _told(values) for name, values in placed.items()}
    whole = math.fsum(told.values())
    weights = {name: value / whole if whole > 0 else 0.0 for name, value in told.items()}
    count = len(next(iter(factors.values()))) if factors else 0
    scores = [
        math.fsum(weights[name] * values[row] for name, values in placed.items())
        for row in range(count)
    ]
    flat = tuple(name for name, values in factors.items() if min(values) == max(values))
    return Capability(tuple(exact(round(score, DIGITS)) for score in scores), weights, flat)


def _placed(values: Sequence[float], higher: bool) -> list[float]:
    low, high = min(values), max(values)
    if low == high:
        return [0.0 for _ in values]
    return [((value - low) if higher else (high - value)) / (high - low) for value in values]


def _told(values: Sequence[float]) -> float:
    """Give 1 - entropy of the shares; 0 where nothing differs or there is one subject."""
    whole = math.fsum(values)
    if whole <= 0 or len(values) < 2:
        return 0.0
    shares = [value / whole for value in values if value > 0]
    entropy = -math.fsum(share * math.log(share) for share in shares) / math.log(len(values))
    return max(0.0, 1 - entropy)
