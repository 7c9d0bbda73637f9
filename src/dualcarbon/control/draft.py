"""A standing in the making: traced numbers and notes, before the light and the sentence."""

from __future__ import annotations

from typing import Any

from attrs import field, frozen

from dualcarbon.control.series import Problem
from dualcarbon.control.trace import Node
from dualcarbon.periods import Period


@frozen
class Note:
    """A sentence of the reason: the id of its template and the facts that fill it."""

    id: str
    facts: dict[str, Any] = field(factory=dict)


@frozen
class Draft:
    """What a yardstick gives for one commitment and subject.

    `state` is None while it follows from the numbers. `rows` is the share in % of expected rows
    that were there. `rose` tells that the year-to-date change is a rise where a fall is wanted.
    """

    yardstick: str
    period: Period
    unit: str | None
    direction: str | None
    value: Node | None = None
    declared: Node | None = None
    computed: Node | None = None
    required: Node | None = None
    gap: Node | None = None
    needed: Node | None = None
    left: Node | None = None
    state: str | None = None
    overdue: bool = False
    complete: bool = False
    rose: bool = False
    rows: float = 100.0
    notes: tuple[Note, ...] = ()
    problem: Problem | None = None


def number(node: Node | None) -> float | None:
    """Give the value of a traced number, or None."""
    return None if node is None or node.value is None else float(node.value)
