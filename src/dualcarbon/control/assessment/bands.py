"""Bands of a number: printed bounds, touching edges, and what lies between two of them.

`at_least`, `above`, `at_most`, `below` are printed bounds. `from` and `to` are edges that two bands
share and whose owner is not printed ("60-80 pass, 80-90 good"): the choice `edges` says whether the
band above (`lower`, its lower bound is inclusive) or the band below (`upper`) has the edge itself.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, Literal

from attrs import evolve, frozen

Kind = Literal["closed", "open", "touch"]
LOWS: Mapping[str, Kind] = {"at_least": "closed", "above": "open", "from": "touch"}
HIGHS: Mapping[str, Kind] = {"at_most": "closed", "below": "open", "to": "touch"}
BOUNDS = (*LOWS, *HIGHS)
OPPOSITE: Mapping[Kind, Kind] = {"closed": "open", "open": "closed", "touch": "touch"}


@frozen
class Band:
    """An interval of numbers; each end is closed, open, or an edge shared with the next band."""

    low: float = -math.inf
    low_kind: Kind = "open"
    high: float = math.inf
    high_kind: Kind = "open"

    def holds(self, value: float, edges: str = "lower") -> bool:
        """Tell whether a number is in the band under a reading of touching edges."""
        return self._above(value, edges) and self._below(value, edges)

    def _above(self, value: float, edges: str) -> bool:
        closed = self.low_kind == "closed" or (self.low_kind == "touch" and edges == "lower")
        return value > self.low or (closed and value == self.low)

    def _below(self, value: float, edges: str) -> bool:
        closed = self.high_kind == "closed" or (self.high_kind == "touch" and edges == "upper")
        return value < self.high or (closed and value == self.high)

    @property
    def rises(self) -> bool:
        """Tell whether the band has a lower bound only: more is better."""
        return math.isfinite(self.low) and not math.isfinite(self.high)

    @property
    def falls(self) -> bool:
        """Tell whether the band has an upper bound only: less is better."""
        return math.isfinite(self.high) and not math.isfinite(self.low)


def read_band(entry: Mapping[str, Any]) -> Band | None:
    """Give the band of an entry's bounds; None when it has none.

    Errors: ValueError for a bound that is no finite number, two lower or two upper bounds, or a
    lower one above the upper one.
    """
    lows = [key for key in LOWS if key in entry]
    highs = [key for key in HIGHS if key in entry]
    if not lows and not highs:
        return None
    if len(lows) > 1 or len(highs) > 1:
        raise ValueError(" + ".join(lows if len(lows) > 1 else highs))
    band = Band()
    if lows:
        band = evolve(band, low=_number(entry, lows[0]), low_kind=LOWS[lows[0]])
    if highs:
        band = evolve(band, high=_number(entry, highs[0]), high_kind=HIGHS[highs[0]])
    point = band.low == band.high and "open" in (band.low_kind, band.high_kind)
    if band.low > band.high or point:
        raise ValueError(f"{lows[0]} {band.low:g} > {highs[0]} {band.high:g}")
    return band


def _number(entry: Mapping[str, Any], key: str) -> float:
    value = entry[key]
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not math.isfinite(value):
        raise ValueError(f"{key}: {value!r}")
    return float(value)


def complete(bands: Sequence[Band]) -> list[Band]:
    """Close each band at its neighbour: one without an end runs to where the next one begins.

    Order is kept. An edge that no other band shares belongs to its own band.
    """
    return list(_complete(tuple(bands)))


@lru_cache(maxsize=512)
def _complete(bands: tuple[Band, ...]) -> list[Band]:
    filled = [_filled(band, bands) for band in bands]
    return [_settled(band, filled) for band in filled]


def _filled(band: Band, bands: Sequence[Band]) -> Band:
    if band.rises:
        above = min((b for b in bands if b.low > band.low), key=lambda b: b.low, default=None)
        if above is not None:
            return evolve(band, high=above.low, high_kind=OPPOSITE[above.low_kind])
    elif band.falls:
        under = max((b for b in bands if b.high < band.high), key=lambda b: b.high, default=None)
        if under is not None:
            return evolve(band, low=under.high, low_kind=OPPOSITE[under.high_kind])
    return band


def _settled(band: Band, bands: Sequence[Band]) -> Band:
    if band.low_kind == "touch":
        met = (OPPOSITE[b.high_kind] for b in bands if b is not band and b.high == band.low)
        band = evolve(band, low_kind=next(met, "closed"))
    if band.high_kind == "touch":
        met = (OPPOSITE[b.low_kind] for b in bands if b is not band and b.low == band.high)
        band = evolve(band, high_kind=next(met, "closed"))
    return band


def ascending(bands: Sequence[Band]) -> list[int]:
    """Give the positions of bands from the lowest to the highest."""
    return sorted(range(len(bands)), key=lambda i: (bands[i].low, bands[i].high))


def overlaps(bands: Sequence[Band]) -> list[tuple[int, int]]:
    """Give the pairs of positions whose bands have a number in common."""
    order = ascending(bands)
    return [(a, b) for a, b in pairwise(order) if _share(bands[a], bands[b])]


def _share(one: Band, other: Band) -> bool:
    if one.high != other.low:
        return one.high > other.low
    return one.high_kind == other.low_kind == "closed"


def gaps(bands: Sequence[Band]) -> list[int]:
    """Give where numbers are in no band: k is before the k-th band in ascending order."""
    order = [bands[i] for i in ascending(bands)]
    found = [0] if math.isfinite(order[0].low) else []
    for k, (one, other) in enumerate(pairwise(order), 1):
        if one.high < other.low or (
            one.high == other.low and one.high_kind == other.low_kind == "open"
        ):
            found.append(k)
    return [*found, len(order)] if math.isfinite(order[-1].high) else found
