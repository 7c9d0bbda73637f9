"""Units that the sentence holds and the number does not: of a list, of a ratio, of the subject."""

from __future__ import annotations

import re
from functools import cache

from attrs import evolve

from dualcarbon.plan.reader.clauses import CJK
from dualcarbon.plan.reader.lexicon import compiled, load, named
from dualcarbon.plan.reader.quantities import Quantity

LARGEST_RATIO = 100
LEAST_COUNT = 10


def with_unit(item: Quantity, left: str, after: str, unit_before: str | None) -> Quantity | None:
    """Give a quantity the unit that its sentence implies; None when a bare number has none.

    `left`, `after`: the sentence round the number; `unit_before`: the unit of the target before.
    """
    left = re.split(r"[。；;\n]", left)[-1]
    if not item.bare:
        return _denominator(item, re.split(r"，", left)[-1])
    unit = _bare_unit(item, left, after, unit_before)
    return evolve(item, unit=unit) if unit else None


def _bare_unit(item: Quantity, left: str, after: str, unit_before: str | None) -> str | None:
    if item.yearlike:
        return None
    if unit_before == "1" and item.value < LARGEST_RATIO and item.value % 1:
        return "1"
    if named("listed_before").search(left) and named("to_deliver").match(after):
        return "count"
    if unit_before and named("of_which").search(left):
        return unit_before
    if unit_before in _money() and item.number.scaled:
        return unit_before
    if item.value < LARGEST_RATIO and _ends("ratio").search(left):
        return "1"
    if _ends("number_of").search(left) or named("more").search(after):
        return "count"
    if item.value >= LEAST_COUNT and _ends("counted_before").search(left):
        return "count"
    ends = item.factor != 1.0 and CJK.search(left[-1:]) and re.match(r"[，。；、左以]|$", after)
    return "count" if ends else None


@cache
def _money() -> frozenset[str]:
    return frozenset(entry["unit"] for entry in load("units")["money"])


@cache
def _ends(key: str) -> re.Pattern[str]:
    return compiled(load("subjects")[key] + "$")


def _denominator(item: Quantity, left: str) -> Quantity:
    """Add the denominator that stands in the subject: "per inhabitant ... 130 litres a day"."""
    for rule in load("units")["implied"]:
        if item.unit not in rule["units"] or not compiled(rule["before"]).search(left):
            continue
        if "insert" in rule:
            numerator, _, rest = str(item.unit).partition("/")
            return evolve(item, unit=f"{numerator}/{rule['insert']}/{rest}")
        if "only" not in rule:
            return evolve(item, unit=f"{item.unit}/{rule['append']}")
        inside = _inside(item)
        if inside in rule["only"]:
            return evolve(item, unit=f"{inside}/{rule['append']}", value=item.number.value)
    return item


def _inside(item: Quantity) -> str | None:
    """Give the name a small unit has inside a compound: kg for what alone is 0.001 t."""
    names = {
        (entry["unit"], float(entry["factor"])): entry["inside"]
        for entry in load("units")["units"]
        if "inside" in entry
    }
    return names.get((item.unit or "", item.factor))
