"""Certificates by number: a number is a credit once, whoever names it.

A cell holds numbers and ranges (`GC000001..GC000500`, both ends included), separated by `;`, `,`,
or spaces. Ranges are kept as ranges, so that a province's millions cost no more than one.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence

from attrs import define, field, frozen

TAIL = re.compile(r"^(?P<head>.*?)(?P<digits>\d*)$", re.DOTALL)
SPLIT = re.compile(r"[;,；，、\s]+")


@frozen(order=True)
class Lot:
    """Certificates `first` to `last` of one series, a prefix and a number of digits."""

    series: tuple[str, int]
    first: int
    last: int

    @property
    def size(self) -> int:
        """Count the certificates."""
        return self.last - self.first + 1


def read_lots(text: str | None) -> list[Lot]:
    """Read the certificates of a cell; a number named twice in it is there once.

    Errors: ValueError with the part that is no range.
    """
    lots = [_lot(part) for part in SPLIT.split(text or "") if part]
    return union(lots)


def _lot(part: str) -> Lot:
    first, dots, last = part.partition("..")
    low = _single(first)
    high = _single(last) if dots else low
    if not first or high[0] != low[0] or high[1] < low[1]:
        raise ValueError(part)
    return Lot(low[0], low[1], high[1])


def _single(text: str) -> tuple[tuple[str, int], int]:
    match = TAIL.match(text.strip().upper())
    head, digits = (match["head"], match["digits"]) if match else (text, "")
    return (head, len(digits)), int(digits or 0)


def union(lots: Iterable[Lot]) -> list[Lot]:
    """Give the same certificates in lots that do not touch."""
    joined: list[Lot] = []
    for lot in sorted(lots):
        last = joined[-1] if joined else None
        if last is not None and last.series == lot.series and lot.first <= last.last + 1:
            joined[-1] = Lot(lot.series, last.first, max(last.last, lot.last))
        else:
            joined.append(lot)
    return joined


def count(lots: Iterable[Lot]) -> int:
    """Count the certificates of lots that do not overlap."""
    return sum(lot.size for lot in lots)


@define
class Taken:
    """The certificates that were credited so far; `take` gives those that were not."""

    _lots: dict[tuple[str, int], list[Lot]] = field(factory=dict)

    def take(self, lots: Sequence[Lot]) -> list[Lot]:
        """Credit certificates and give those of them that no one had before."""
        fresh = self.fresh(lots)
        for lot in fresh:
            own = self._lots.get(lot.series, [])
            self._lots[lot.series] = union([*own, lot])
        return fresh

    def fresh(self, lots: Sequence[Lot]) -> list[Lot]:
        """Give the certificates that are not credited yet."""
        return [part for lot in lots for part in self._outside(lot)]

    def _outside(self, lot: Lot) -> list[Lot]:
        held = self._lots.get(lot.series, [])
        at = max(bisect_right(held, lot) - 1, 0)
        parts, low = [], lot.first
        for other in held[at:]:
            if other.first > lot.last:
                break
            if other.last < low:
                continue
            if other.first > low:
                parts.append(Lot(lot.series, low, other.first - 1))
            low = other.last + 1
        return [*parts, Lot(lot.series, low, lot.last)] if low <= lot.last else parts
