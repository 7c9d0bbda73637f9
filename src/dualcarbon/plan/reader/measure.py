"""What the words round a number make of it: sign, direction, comparator and kind."""

from __future__ import annotations

import re
from functools import cache

from attrs import frozen

from dualcarbon.plan.reader.lexicon import expand, fragments, load, named
from dualcarbon.plan.reader.model import Direction
from dualcarbon.plan.reader.quantities import Quantity

FLIPPED = {">=": "<=", "<=": ">=", ">": "<", "<": ">", "=": "=", "~": "~"}
SEPARATOR = re.compile(r"[\s、,，]*(?:和|与|及|以及|and )?\s*")
FAR, NEAR = 60, 16


@frozen
class Measure:
    """Sign and meaning of a number; `changed` tells a change from a level.

    `leading`: the comparator before sign, where it stands in front and so holds for a whole list.
    """

    value: float
    comparator: str
    direction: Direction
    changed: bool
    kind: str
    unit: str | None = None
    leading: str = "="


@frozen
class Words:
    """The words round a number.

    `window`: the text between the number before and this one; `left`: the whole sentence up
    to the number; `right`: what follows; `inherited`: the measure of the number before in the
    same sentence; `listed`: only separators stand between the two.
    """

    window: str
    left: str
    right: str
    inherited: Measure | None
    listed: bool

    @property
    def carried(self) -> Direction:
        """Give the direction of the number before when that was a change."""
        return self.inherited.direction if self.inherited and self.inherited.changed else "level"


@cache
def _verbs(name: str) -> re.Pattern[str]:
    """Match the verbs as whole words in English; Chinese has no word boundary."""
    verbs = expand(fragments()[name])
    return re.compile(rf"(?<![A-Za-z-])(?:{verbs})(?![A-Za-z-]|碳|污|排|量|半|费)", re.IGNORECASE)


@cache
def _comparators(side: str) -> list[tuple[str, re.Pattern[str]]]:
    table = load("cues")["comparators"]
    filler = expand(table["filler"])
    shape = rf"(?<![A-Za-z]){{}}{filler}[€£$¥]?\s*$" if side == "before" else r"^\s?{}"
    return [
        (entry["comparator"], re.compile(shape.format(f"(?:{entry['pattern']})"), re.IGNORECASE))
        for entry in table[side]
    ]


def comparator(left: str, right: str) -> tuple[str, str]:
    """Give the comparator of the words round a number and the left text without those words."""
    about = dict(_comparators("after"))["~"].search(right)
    for name, pattern in _comparators("before"):
        found = pattern.search(left)
        if found and about and name == "<=":
            return "~", f"{left[: found.start()]} to "
        if found:
            # The preposition of "limit ... to" stays, so that the number stays a level.
            capped = name == "<=" and named("capped_to").search(left)
            kept = " to " if capped or named("falls_below").search(left) else ""
            return name, left[: found.start()] + kept
    for name, pattern in _comparators("after"):
        if pattern.search(right):
            return name, left
    return "=", left


def measure(item: Quantity, words: Words) -> Measure:
    """Give signed value, comparator of the signed value, direction and kind of a quantity."""
    sign, stem = comparator(words.window, words.right)
    stem = named("weak_tail").sub("", stem)
    leading = sign if len(stem) < len(words.window) else "="
    if words.inherited is not None and sign == "=" and SEPARATOR.fullmatch(words.window):
        sign = leading = words.inherited.leading
    direction = _direction(item, stem, words)
    changed = direction != "level"
    value = _bound(item, sign, direction)
    if direction == "down":
        value, sign = -abs(value), FLIPPED[sign]
    if not changed and item.unit != "%" and named("adds").search(words.window):
        direction = "up"
    kind = _kind(item, sign, words.window, direction, changed=changed)
    return Measure(value, sign, direction, changed, kind, item.unit, leading.replace("~", "="))


def _bound(item: Quantity, sign: str, direction: Direction) -> float:
    """Give the binding end of a range: the upper one of a cap, else the less demanding one."""
    if item.high is not None and sign in ("<=", "<") and direction == "level":
        return item.high
    return item.value


def _direction(item: Quantity, stem: str, words: Words) -> Direction:
    percent = item.unit == "%"
    if item.number.form == "change":
        return "down" if item.value < 0 else "up"
    if percent and item.value < 0:
        return "down"
    for name, word in (("fall_noun", "down"), ("rise_noun", "up")):
        if named(name).search(stem):
            return word  # type: ignore[return-value]
    for name, word in (("fall_right", "down"), ("rise_right", "up")):
        if percent and named(name).search(words.right):
            return word  # type: ignore[return-value]
    if named("less_than").search(words.right):
        return "down"
    if percent and named("fall_subject").search(words.left):
        return "down"
    alike = words.inherited is not None and words.inherited.unit == item.unit
    if words.listed and alike and not named("share").search(words.right):
        return words.carried
    return _by_verb(item, stem, words)


def _by_verb(item: Quantity, stem: str, words: Words) -> Direction:
    """Let the nearest verb of falling or rising decide, if it governs the number."""
    places = _places(stem)
    if named("by_end").search(stem):
        return _by(item, places, words)
    if not places:
        alike = words.inherited is not None and words.inherited.unit == item.unit != "count"
        return words.carried if alike and named("others").search(stem) else "level"
    end, verb = max(places)
    gap = stem[end:]
    if named("to_level").search(stem) or re.search(r"[。;；]", gap):
        return "level"
    return verb if _governs(item, verb, gap, words.right) else "level"


def _by(item: Quantity, places: list[tuple[int, Direction]], words: Words) -> Direction:
    """Read "by 3 %": the verb may stand far to the left, or be that of the number before."""
    if not places and item.unit == "%" and words.carried == "level":
        places = _places(words.left)
    return max(places)[1] if places else words.carried


def _governs(item: Quantity, verb: Direction, gap: str, right: str) -> bool:
    """Tell whether the words between a verb and a number are only its object."""
    if re.fullmatch(named("direct_gap").pattern, gap):
        return item.unit == "%" or (verb == "down" and item.unit != "count")
    if item.unit == "%":
        return (
            len(gap) <= FAR
            and not named("far_gap").search(gap)
            and not re.match(r" ?(?:of|的)", right)
        )
    if verb == "up" or item.unit == "count":
        return False
    return len(gap) <= NEAR and not named("object_gap").search(gap)


def _places(text: str) -> list[tuple[int, Direction]]:
    """Give the ends of the verbs of falling and rising in a text."""
    places: list[tuple[int, Direction]] = [(m.end(), "down") for m in _verbs("fall").finditer(text)]
    places += [(m.end(), "up") for m in _verbs("rise").finditer(text)]
    return places


def _kind(item: Quantity, sign: str, window: str, direction: Direction, *, changed: bool) -> str:
    unit = item.unit or "1"
    if changed and unit == "%":
        return "rate"
    if changed:
        return "change" if direction == "down" else "count"
    if sign in ("<=", "<"):
        return "cap"
    if unit == "count":
        return "count"
    if unit == "1" or "/" in unit:
        return "ratio"
    return "level" if unit == "%" or named("reached").search(window) else "count"


def is_list(window: str) -> bool:
    """Tell whether only separators of a list stand between two numbers."""
    plain = named("base_aside").sub("", window)
    return bool(named("listed").search(plain) or named("series").search(window))
