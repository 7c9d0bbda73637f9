"""The task that remains: what a subject has to do each year to keep its five-year target.

Changes are signed and in percent, a fall is negative. Source: docs/methods/decomposition.md, R1.2
and R2.2 of the control page.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from attrs import frozen


@frozen
class Task:
    """A yearly change in %; `early`: less than the floor was left, so the floor stands."""

    rate: float
    early: bool


def remaining(target: float, changes: Sequence[float], years: int, floor: float) -> Task:
    """Give the yearly change that spreads what is left of `target` over `years`.

    `changes` are those of the years done, one each; they multiply, they never add up. `floor` is
    the least that everyone does, as a signed change (-0.5 = a fall of half a percent): who has less
    left than that keeps the floor.
    Errors: ValueError when the target or a change leaves nothing, or no year is left.
    """
    left = math.prod(1 + value / 100 for value in changes)
    if target <= -100 or left <= 0 or years < 1:
        raise ValueError("nothing is left to spread")
    task = (1 + target / 100) / left
    rate = (math.pow(task, 1 / years) - 1) * 100
    return Task(floor, True) if round(rate, 9) >= floor else Task(rate, False)
