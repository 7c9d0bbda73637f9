"""Conditions of pack tables: a fact compared with a number; nothing else is expressible."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import frozen

from dualcarbon.errors import PackError
from dualcarbon.findings import Place, finding

OPERATORS: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
}
DIGITS = 9


@frozen
class Condition:
    """`fact op than`; facts are compared after rounding to nine digits, so that 10 % is 10 %."""

    fact: str
    op: str
    than: float

    def holds(self, facts: Mapping[str, float | None]) -> bool | None:
        """Tell whether the condition holds; None when the fact is absent."""
        value = facts.get(self.fact)
        if value is None:
            return None
        return OPERATORS[self.op](round(value, DIGITS), self.than)


def read_conditions(entries: Any, file: str) -> tuple[Condition, ...]:
    """Read a `when` list; PackError when it is anything but `fact, op, than`."""
    try:
        found = tuple(Condition(e["fact"], e["op"], float(e["than"])) for e in entries)
    except (TypeError, KeyError, ValueError) as error:
        raise PackError(finding("control.condition", Place(file), found=str(entries))) from error
    if any(item.op not in OPERATORS for item in found):
        raise PackError(finding("control.condition", Place(file), found=str(entries)))
    return found


def all_hold(conditions: Sequence[Condition], facts: Mapping[str, float | None]) -> bool | None:
    """Tell whether all conditions hold; None when a fact is absent and none fails."""
    answers = [condition.holds(facts) for condition in conditions]
    if False in answers:
        return False
    return None if None in answers else True
