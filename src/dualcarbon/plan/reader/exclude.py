"""Numbers that are no targets by their form or neighbours; every rule names its reason."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from attrs import frozen

from dualcarbon.plan.reader.lexicon import compiled, expand, load, named
from dualcarbon.plan.reader.quantities import Quantity

BESIDE = 170


@frozen
class Rule:
    """One rule of `exclusions.yaml`; every condition that is given must hold."""

    id: str
    inside: re.Pattern[str] | None
    before: re.Pattern[str] | None
    after: re.Pattern[str] | None
    text: re.Pattern[str] | None
    unless_before: re.Pattern[str] | None
    units: frozenset[str]
    nouns: str | None
    money: bool
    repeats: bool


@cache
def rules() -> tuple[Rule, ...]:
    """Give the rules in the order in which they are tried."""
    return tuple(_rule(entry) for entry in load("exclusions")["rules"])


def _rule(entry: Mapping[str, Any]) -> Rule:
    def pattern(key: str, form: str) -> re.Pattern[str] | None:
        found = entry.get(key)
        return re.compile(form.format(expand(found))) if found is not None else None

    return Rule(
        id=entry["id"],
        inside=pattern("inside", "{}"),
        before=pattern("before", "(?:{})$"),
        after=pattern("after", "(?:{})"),
        text=pattern("text", "(?s:{})"),
        unless_before=pattern("unless_before", "(?:{})$"),
        units=frozenset(entry.get("units", ())),
        nouns=entry.get("nouns"),
        money=bool(entry.get("money")),
        repeats=bool(entry.get("repeats")),
    )


def blocked(text: str) -> bytearray:
    """Mark the characters inside which no number is a target: 1 + the number of the rule."""
    marks = bytearray(len(text))
    for number, rule in enumerate(rules(), start=1):
        if rule.inside:
            for match in rule.inside.finditer(text):
                start, end = match.span()
                fresh = bytes([number]) * (end - start)
                marks[start:end] = bytes(
                    old or new for old, new in zip(marks[start:end], fresh, strict=True)
                )
    return marks


def excluded(text: str, item: Quantity, start: int, end: int, marks: bytearray) -> str | None:
    """Give the reason why a quantity of the sentence `[start, end)` is no target, or None.

    `marks`: what `blocked` gave. Only the number decides, not the noun that it counts.
    """
    marked = next(filter(None, marks[item.number.start : item.number.end]), 0)
    if marked:
        return rules()[marked - 1].id
    left = text[max(start, item.start - BESIDE) : item.start]
    right = text[item.end : min(end, item.end + BESIDE)]
    for rule in rules():
        if not rule.inside and _fits(rule, text, item, left, right):
            return rule.id
    return None


def _fits(rule: Rule, text: str, item: Quantity, left: str, right: str) -> bool:
    if rule.units and (item.unit or "bare") not in rule.units:
        return False
    if rule.money and not item.money and "/" not in (item.unit or ""):
        return False
    if rule.money and not item.money and not _money_ratio(item):
        return False
    if rule.nouns and not _noun(rule.nouns, item, right):
        return False
    if rule.text and not rule.text.fullmatch(text[item.start : item.end]):
        return False
    if rule.before and not rule.before.search(left):
        return False
    if rule.after and not rule.after.match(right):
        return False
    if rule.unless_before and rule.unless_before.search(left):
        return False
    return not rule.repeats or bool(named("repeated").search(left))


def _money_ratio(item: Quantity) -> bool:
    money = {entry["unit"] for entry in load("units")["money"]}
    return (item.unit or "").split("/")[0] in money


@cache
def _nouns(kind: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    table = load("nouns")
    english = "|".join(table["en"][kind].split())
    chinese = "|".join(sorted(table["zh"][kind].split(), key=len, reverse=True))
    return compiled(f"(?:{english})"), compiled(
        f"(?:主要|重点|重大|基本)?(?:{chinese})(?!级|属|直|内|域)"
    )


def _noun(kind: str, item: Quantity, right: str) -> bool:
    english, chinese = _nouns(kind)
    if item.noun:
        head = item.noun.split()[-1].strip("\"'”’")
        return bool(english.fullmatch(head))
    return item.unit in ("count", None) and bool(chinese.match(right))
