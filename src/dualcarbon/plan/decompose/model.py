"""What a decomposition works on and gives: parts, a problem, shares."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Literal

from attrs import frozen

from dualcarbon.plan.decompose.remaining import Task

Mode = Literal["ratio", "sum", "amount"]
Bounds = Literal["auto", "rate", "decline", "amount"]
READINGS: tuple[Bounds, ...] = ("rate", "decline", "amount")


@frozen
class Part:
    """A subject that receives a share; amounts in quanta, the smallest unit of the answer.

    `grown` is the base times its expected growth (the base itself where none matters). `low` and
    `high` are bounds as written; `output` and `benchmark` (quanta per unit of output) are None
    where the file states none. `row` is its row of the file.
    """

    subject: str
    base: int
    grown: Fraction
    output: Fraction | None = None
    growth: Fraction | None = None
    low: Fraction | None = None
    high: Fraction | None = None
    benchmark: Fraction | None = None
    task: Task | None = None
    factors: Mapping[str, float | None] = {}
    group: str | None = None
    row: int = 0


@frozen
class Problem:
    """Parts that share `total` quanta; `asked` is the change (of an amount 1, or -1 for a cap).

    `factors`: capability indicators, True where a higher value asks for more. `cap`: a rate that
    nobody may exceed (each member of a group); `bounds`: how `low` and `high` are to be read, and
    `size`: the quanta in the unit that amounts are written in.
    """

    mode: Mode
    parts: tuple[Part, ...]
    total: int
    asked: Fraction
    factors: Mapping[str, bool] = {}
    spread: Fraction = Fraction(0)
    weights: Mapping[str, Fraction] = {}
    cap: Fraction | None = None
    bounds: Bounds = "rate"
    size: Fraction = Fraction(1)


@frozen
class Share:
    """What a part may use: quanta, and the limit that it lies on: min, max, floor or cap."""

    part: Part
    allowed: int
    at: str | None = None

    @property
    def rate(self) -> float | None:
        """Give the change in % against the grown base; None where there is no base."""
        if not self.part.grown:
            return None
        return float((self.allowed / self.part.grown - 1) * 100)
