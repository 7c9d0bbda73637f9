"""What the printed digits of a number say: how exact it is, and how likely a coincidence would be.

A number that was read is taken at its shortest decimal form; zeros at its end are not known to have
been printed. Source of the rule: tolerance from printed digits, docs/methods/reconciliation.md.
"""

from __future__ import annotations

import math
from decimal import Decimal
from functools import lru_cache

ENOUGH = 4
LEAST_CHANCE = 0.01
WINDOW, NEIGHBOURS = 50, 15


@lru_cache(maxsize=65536)
def decimal(value: float) -> Decimal:
    """Give a number as printed: the noise of binary fractions beyond 15 digits is left out."""
    return Decimal(f"{value:.15g}")


@lru_cache(maxsize=65536)
def digits(value: float) -> int:
    """Count significant digits; zeros at the end do not count (1200 has two, 0 has none)."""
    shown = decimal(value).normalize()
    return len(shown.as_tuple().digits) if shown else 0


@lru_cache(maxsize=65536)
def half_unit(value: float) -> float:
    """Give half a unit of the last printed place: 12.34 -> 0.005, 1200 -> 0.5; 0 is exact."""
    if not value:
        return 0.0
    exponent = decimal(value).as_tuple().exponent
    return 0.5 * 10.0 ** min(int(exponent), 0)


def relative(value: float) -> float:
    """Give how far the true number may be off by rounding, relative; infinite for zero."""
    return half_unit(value) / abs(value) if value else math.inf


def is_telling(value: float | None) -> bool:
    """Tell whether a number has digits enough (four, not round) for a repeat to say something."""
    return value is not None and digits(value) >= ENOUGH


def chance(times: int, near: float, rows: int) -> float:
    """Give how many repeats like this one a table would show by coincidence.

    `near`: how many other rows are expected on exactly this number, from those around it. Each of
    `rows` could begin such a repeat; `times - 1` others must hit the number too (Poisson tail).
    """
    if times < 2:
        return math.inf
    term, below = math.exp(-near), 0.0
    for hits in range(times - 1):
        below += term
        term *= near / (hits + 1)
    tail = max(1.0 - below, term) if 1.0 - below > 1e-9 else term
    return rows * tail
