"""Distributions of a relative error: what a stated range means, its cumulants, its draws.

A marginal is the distribution of a multiplier around 1; the value itself is never moved. `half` is
half the 95 % range as a share of the value, the U of Approach 1 (docs/methods/uncertainty.md).
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import evolve, frozen

Floats = npt.NDArray[np.float64]
Z = NormalDist().inv_cdf(0.975)
UNIFORM = 0.95
TRIANGULAR = 1 - math.sqrt(0.05)
KINDS = ("normal", "lognormal", "triangular", "uniform")
TRUNCATED = "truncated"
CODES = {name: code for code, name in enumerate((*KINDS, TRUNCATED))}
NEGATIVE = ("as_drawn", TRUNCATED)
LIMIT = 0.3
_GRID = np.linspace(-8.5, 8.5, 17001)
_BELOW = np.array([NormalDist().cdf(z) for z in _GRID])


@frozen
class Marginal:
    """A multiplier around 1: kind, half of the 95 % range, sd, and min and max as deviations.

    `low` and `high` bound a triangular or uniform one (-0.1 is 10 % below the value), else they are
    0. All are shares of the value. A width of zero is allowed: the value is exact, as stated.
    """

    kind: str
    half: float
    sd: float
    low: float = 0.0
    high: float = 0.0

    @property
    def negative(self) -> float:
        """Give the probability that the multiplier is below zero."""
        if self.kind == "normal" and self.sd > 0:
            return NormalDist().cdf(-1 / self.sd)
        return 0.0


def from_percent(kind: str, percent: float) -> Marginal:
    """Give the marginal of a symmetric statement: half the 95 % range in % of the value.

    The mean is the value for every kind; the sd of a lognormal is that of the normal.
    """
    half = percent / 100
    if kind in ("normal", "lognormal"):
        return Marginal(kind, half, half / Z)
    wide = half / (UNIFORM if kind == "uniform" else TRIANGULAR)
    return Marginal(kind, half, wide / math.sqrt(3 if kind == "uniform" else 6), -wide, wide)


def from_bounds(kind: str, low: float, high: float) -> Marginal:
    """Give the marginal of two bounds, as deviations from the value (-0.2, 0.3).

    Normal and lognormal: 95 % bounds; the mean is the value and the width that of the bounds.
    Triangular and uniform: min and max as they stand; the mode of a triangular is the value, so
    the mean of an asymmetric one is not. Units: shares of the value; low <= 0 <= high.
    """
    wide = high - low
    if kind == "normal":
        return Marginal(kind, wide / 2, wide / 2 / Z)
    if kind == "lognormal":
        spread = math.log((1 + high) / (1 + low)) / 2 / Z
        return Marginal(kind, wide / 2, math.sqrt(math.expm1(spread**2)))
    if kind == "uniform":
        return Marginal(kind, UNIFORM * wide / 2, wide / math.sqrt(12), low, high)
    sd = math.sqrt((low**2 + high**2 - low * high) / 18)
    ends = _triangle(np.array([0.025, 0.975]), low, high)
    return Marginal(kind, float(ends[1] - ends[0]) / 2, sd, low, high)


def drawn(marginal: Marginal, negative: str) -> Marginal:
    """Give the marginal as it is drawn: a normal one may be cut off at zero."""
    if negative == TRUNCATED and marginal.negative > 0:
        return evolve(marginal, kind=TRUNCATED)
    return marginal


def cumulants(codes: Any, sd: Floats, low: Floats, high: Floats) -> tuple[Floats, ...]:
    """Give the first four cumulants of multiplier minus 1, elementwise.

    Shape: arrays of one length in and out; `codes` as in CODES. The first is the shift of the mean.
    """
    first, third, fourth = (np.zeros_like(sd) for _ in range(3))
    second = sd**2
    for name, code in CODES.items():
        at = codes == code
        if name == "normal" or not at.any():
            continue
        parts = _CUMULANTS[name](sd[at], low[at], high[at])
        for target, part in zip((first, second, third, fourth), parts, strict=True):
            target[at] = part
    return first, second, third, fourth


def _lognormal(sd: Floats, low: Floats, high: Floats) -> tuple[Any, ...]:
    square = sd * sd
    w = 1 + square
    fourth = square * square
    return 0, square, fourth * (w + 2), fourth * (w * w * (w * (w + 2) + 3) - 6)


def _uniform(sd: Floats, low: Floats, high: Floats) -> tuple[Any, ...]:
    square = sd * sd
    return (low + high) / 2, square, 0, -1.2 * square * square


def _triangular(sd: Floats, low: Floats, high: Floats) -> tuple[Any, ...]:
    third = (low + high) * (2 * low - high) * (low - 2 * high) / 270
    square = sd * sd
    return (low + high) / 3, square, third, -0.6 * square * square


def _cut(sd: Floats, low: Floats, high: Floats) -> tuple[Any, ...]:
    """Cumulants of a normal with mean 1 cut off at zero, from its moments about zero."""
    edge = 1 / np.maximum(sd, 1e-12)
    density = np.exp(-(edge**2) / 2) / math.sqrt(2 * math.pi)
    m1 = 1 + sd * density / below(edge)
    m2 = sd**2 + m1
    m3 = 2 * sd**2 * m1 + m2
    m4 = 3 * sd**2 * m2 + m3
    second = m2 - m1**2
    third = m3 - 3 * m1 * m2 + 2 * m1**3
    fourth = m4 - 4 * m1 * m3 + 6 * m1**2 * m2 - 3 * m1**4 - 3 * second**2
    return m1 - 1, second, third, fourth


_CUMULANTS = {
    "lognormal": _lognormal,
    "uniform": _uniform,
    "triangular": _triangular,
    TRUNCATED: _cut,
}


def near_normal(second: Floats, third: Floats, fourth: Floats, variance: Any) -> Any:
    """Tell, elementwise, whether a sum with these cumulants is as good as normal with a stretch.

    The measure is skewness and excess kurtosis, weighed by its share of the sd: at most LIMIT.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        weight = np.sqrt(second / variance)
        skew = np.abs(third) / second**1.5 * weight
        excess = np.abs(fourth) / second**2 * weight
    return (second <= 1e-10 * variance) | ((skew <= LIMIT) & (excess <= LIMIT))


def below(score: Floats) -> Floats:
    """Give the standard normal probability below each score (interpolated, within 1e-7)."""
    share: Floats = np.interp(score, _GRID, _BELOW)
    return share


def multipliers(marginal: Marginal, score: Floats) -> Floats:
    """Turn standard normal scores into multipliers; equal scores give fully correlated ones."""
    kind, sd = marginal.kind, marginal.sd
    if sd == 0:
        return np.ones_like(score)
    if kind == "normal":
        return 1 + sd * score
    if kind == "lognormal":
        spread = math.sqrt(math.log1p(sd**2))
        return np.exp(spread * score - spread**2 / 2)
    share = below(score)
    if kind == "uniform":
        return 1 + marginal.low + (marginal.high - marginal.low) * share
    if kind == "triangular":
        return 1 + _triangle(share, marginal.low, marginal.high)
    floor = NormalDist().cdf(-1 / sd)
    kept = np.interp(floor + share * (1 - floor), _BELOW, _GRID)
    return np.maximum(1 + sd * kept, 0.0)


def _triangle(share: Floats, low: float, high: float) -> Floats:
    """Give the deviation below which a share of a triangular distribution lies (mode 0)."""
    wide = high - low
    if wide == 0:
        return np.zeros_like(share)
    left = low + np.sqrt(share * wide * -low)
    right = high - np.sqrt((1 - share) * wide * high)
    return np.where(share * wide < -low, left, right)
