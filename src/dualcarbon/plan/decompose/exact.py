"""Exact sharing: fractions until the last step, then whole units whose sum is the total.

No order of the parts, no scale and no bound changes the sum by a digit.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from fractions import Fraction

from attrs import frozen


class Infeasible(ValueError):
    """The bounds leave no room: `side` is `low` (they ask for more than the total) or `high`."""

    def __init__(self, side: str, reach: Fraction) -> None:
        """Keep the side and the total that the bounds can reach."""
        self.side, self.reach = side, reach
        super().__init__(f"{side}: {reach}")


@frozen
class Line:
    """How a part moves with the level that all share: `at + slope * level`, inside its bounds.

    `low` and `high` are amounts; `high` None = no upper bound. `slope` is never negative.
    """

    at: Fraction
    slope: Fraction
    low: Fraction = Fraction(0)
    high: Fraction | None = None

    def value(self, level: Fraction) -> Fraction:
        """Give the amount at a level."""
        return self.clamp(self.at + self.slope * level)

    def clamp(self, value: Fraction) -> Fraction:
        """Give a value moved inside the bounds."""
        value = max(value, self.low)
        return value if self.high is None else min(value, self.high)

    def end(self, side: str) -> Fraction:
        """Give where the line comes to rest when the level goes `low` or `high` without end."""
        if not self.slope:
            return self.clamp(self.at)
        return self.low if side == "low" or self.high is None else self.high

    def corners(self) -> list[Fraction]:
        """Give the levels at which a bound begins or ends to hold."""
        if not self.slope:
            return []
        bounds = [self.low] if self.high is None else [self.low, self.high]
        return [(bound - self.at) / self.slope for bound in bounds]


def exact(value: float) -> Fraction:
    """Give the fraction that the shortest decimal text of a number says: 0.1 is 1/10."""
    return Fraction(repr(float(value)))


def fill(lines: Sequence[Line], total: Fraction) -> list[Fraction]:
    """Raise one level under all parts until they add up to the total (water-filling).

    Shape: an amount a line, in its order; their sum is the total exactly.
    Errors: Infeasible when the bounds do not let the parts reach the total.
    """
    corners = sorted({corner for line in lines for corner in line.corners()})
    if not corners:
        return _fixed(lines, total)
    place = bisect_left(corners, total, key=lambda level: _sum(lines, level))
    if place == 0:
        level = _below(lines, corners[0], total)
    else:
        after = corners[place] if place < len(corners) else None
        level = _between(lines, corners[place - 1], after, total)
    return [line.value(level) for line in lines]


def _sum(lines: Sequence[Line], level: Fraction) -> Fraction:
    return sum((line.value(level) for line in lines), Fraction(0))


def _fixed(lines: Sequence[Line], total: Fraction) -> list[Fraction]:
    values = [line.clamp(line.at) for line in lines]
    reach = sum(values, Fraction(0))
    if reach != total:
        raise Infeasible("low" if reach > total else "high", reach)
    return values


def _below(lines: Sequence[Line], first: Fraction, total: Fraction) -> Fraction:
    """At the first corner every part that moves still lies on its lower bound."""
    reach = _sum(lines, first)
    if reach > total:
        raise Infeasible("low", reach)
    return first


def _between(
    lines: Sequence[Line], before: Fraction, after: Fraction | None, total: Fraction
) -> Fraction:
    start, beyond = _sum(lines, before), before + 1 if after is None else after
    rise = (_sum(lines, beyond) - start) / (beyond - before)
    if not rise:
        raise Infeasible("high", start)
    return before + (total - start) / rise


def whole(shares: Sequence[Fraction], names: Sequence[str]) -> list[int]:
    """Round shares to whole units by the largest remainder; their sum stays what it is.

    The sum of the shares must be whole. Equal remainders go by name, so that no order matters.
    """
    floors = [share.numerator // share.denominator for share in shares]
    left = int(sum(shares, Fraction(0))) - sum(floors)
    order = sorted(range(len(shares)), key=lambda i: (floors[i] - shares[i], names[i]))
    for index in order[:left]:
        floors[index] += 1
    return floors


def nearest(value: Fraction) -> int:
    """Round to the nearest whole unit, half to even."""
    return round(value)
