"""What the words round a number make of it: sign, direction, comparator, strength, base, kind."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from attrs import frozen

from dualcarbon.plan.reader.lexicon import expand, fragments, load
from dualcarbon.plan.reader.model import Direction, Strength
from dualcarbon.plan.reader.quantities import Quantity

FLIPPED = {">=": "<=", "<=": ">=", ">": "<", "<": ">", "=": "=", "~": "~"}
TO_LEVEL = re.compile(
    r"(?:\bto|\bat|\bas|\bof|到|至|为|达到?|稳定在|保持在|维持在|控制在|占|占比|比例|比重|:|\breach(?:es|ed)?|\bwithin|\bremain|\bwas|\bis|\bare|\bbe)\s*$",
    re.IGNORECASE,
)
FALL_NOUN = re.compile(r"(?:降幅|(?:下降|降低|减少)(?:率|幅度|比例)|减幅)(?:达到?|为|在)?\s*$")
RISE_NOUN = re.compile(r"(?:增幅|(?:增长|提高|提升|增加)(?:率|幅度|比例))(?:达到?|为|在)?\s*$")
NOMINAL = re.compile(r"\b(?:reduction|cut|decrease|drop|decline|fall|saving)s? of\s*$", re.IGNORECASE)
NOMINAL_UP = re.compile(r"\b(?:increase|rise|growth|improvement) (?:of|in)\s*$", re.IGNORECASE)
FALL_RIGHT = re.compile(
    r" ?(?:(?:emissions?|CO2|carbon|energy|GHG|greenhouse gas|net)[ -]?)*"
    r"(?:reductions?|cuts?|decreases?|drop|decline|fall)\b"
    r"| (?:lower|less|fewer|down|smaller)\b(?! income)| (?:below|under) (?:the |its |their )?"
    r"(?:(?:fiscal |FY ?)?(?:19|20)\d\d|baseline|base|business|previous|last|current|today|reference)",
    re.IGNORECASE,
)
RISE_RIGHT = re.compile(
    r" (?:increase|rise|growth|higher)\b|(?: more)? above (?:the )?(?:(?:19|20)\d\d|baseline|base)",
    re.IGNORECASE,
)
LISTED = re.compile(
    r"^(?:\s|,|、|和|与|及|或|以及|分别|以上|左右|以下|;|and|or|by|in|to net zero|fiscal|FY|respectively|about|around|at least"
    r"|more than|over|then|further|the end of|约|不低于|不少于|超过|到?20\d\d年?)*$",
    re.IGNORECASE,
)
OTHERS = re.compile(r"其余|其他|\b(?:others?|the rest|remaining)\b", re.IGNORECASE)
YEARS_AHEAD = re.compile(
    r"(?:\bby|\bin|\buntil|\bbefore|\bfrom)(?: the)?(?: end of| fiscal| early| mid-?| late| FY)* ?(20\d\d)"
    r"|(?<![比较与以从由])(20\d\d)年",
    re.IGNORECASE,
)


@frozen
class Measure:
    """Sign and meaning of a number; `changed` tells a change from a level."""

    value: float
    comparator: str
    direction: Direction
    changed: bool
    kind: str


@cache
def _verbs() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    fall, rise = fragments()["fall"], fragments()["rise"]
    adds = (
        r"\b(?:add(?:s|ed|ing|itional)?|increas\w+|gain|extend\w*|extension|expand\w*|rais\w+"
        r"|new(?:ly)? add\w*)\b|新增|新建|增加|扩大"
    )
    word = r"(?:(?<![A-Za-z-])(?:{})(?![A-Za-z-])|(?<=[\u4e00-\u9fff ])(?:{}))"
    return (
        re.compile(_apart(fall), re.IGNORECASE),
        re.compile(_apart(rise), re.IGNORECASE),
        re.compile(adds, re.IGNORECASE),
    )


def _apart(pattern: str) -> str:
    """Match the verbs as whole words in English; Chinese has no word boundary."""
    return rf"(?<![A-Za-z-])(?:{expand(pattern)})(?![A-Za-z-]|碳|污|排|量|半|费)"


@cache
def _comparators(side: str) -> list[tuple[str, re.Pattern[str]]]:
    table = load("cues")["comparators"]
    filler = expand(table["filler"])
    shape = rf"{{}}{filler}[€£$¥]?\s*$" if side == "before" else r"^\s?{}"
    return [
        (entry["comparator"], re.compile(shape.format(f"(?:{entry['pattern']})"), re.IGNORECASE))
        for entry in table[side]
    ]


def comparator(left: str, right: str) -> tuple[str, str]:
    """Give the comparator of the words round a number and the left text without those words."""
    for name, pattern in _comparators("before"):
        found = pattern.search(left)
        if found:
            return name, left[: found.start()] if name != "<=" else _uncapped(left, found)
    for name, pattern in _comparators("after"):
        if pattern.search(right):
            return name, left
    return "=", left


def _uncapped(left: str, found: re.Match[str]) -> str:
    """Keep the preposition of "limit ... to" so that the number stays a level."""
    return left[: found.start()] + (" to " if re.search(r"(?:to|at|within|在)\s*$", left) else "")


def measure(
    item: Quantity, window: str, right: str, inherited: Measure | None, left: str, *, listed: bool
) -> Measure:
    """Give sign, direction, comparator and kind of a quantity.

    `window`: the text between the number before and this one; `right`: what follows.
    `inherited`: the measure of the number before in the same sentence; `listed`: only
    separators stand between the two; `left`: the whole sentence up to the number.
    """
    sign, stem = comparator(window, right)
    direction = _direction(item, stem, right, inherited, left, listed=listed)
    changed = direction != "level"
    value = _bound(item, sign, direction)
    if direction == "down":
        value, sign = -abs(value), FLIPPED[sign]
    if not changed and _verbs()[2].search(window) and item.unit != "%":
        direction = "up"
    kind = _kind(item, sign, window, changed=changed, down=direction == "down")
    return Measure(value, sign, direction, changed, kind)


def _bound(item: Quantity, sign: str, direction: Direction) -> float:
    """Give the binding end of a range: the upper one of a cap, else the less demanding one."""
    if item.high is not None and sign in ("<=", "<") and direction == "level":
        return item.high
    return item.value


def _direction(
    item: Quantity, stem: str, right: str, inherited: Measure | None, earlier: str, *, listed: bool
) -> Direction:
    if item.number.form == "change":
        return "down" if item.value < 0 else "up"
    if item.unit == "%" and item.value < 0:
        return "down"
    if FALL_NOUN.search(stem) or NOMINAL.search(stem):
        return "down"
    if RISE_NOUN.search(stem) or NOMINAL_UP.search(stem):
        return "up"
    if item.unit == "%" and FALL_RIGHT.match(right):
        return "down"
    if item.unit == "%" and RISE_RIGHT.match(right):
        return "up"
    if listed and inherited is not None:
        return inherited.direction if inherited.changed else "level"
    return _by_verb(item, stem, right, inherited, earlier)


def _by_verb(
    item: Quantity, stem: str, right: str, inherited: Measure | None, earlier: str
) -> Direction:
    places = _earlier(stem)
    end, name = max(places, default=(0, "level"))
    gap = stem[end:]
    if re.search(r"\bby\s*$", stem, re.IGNORECASE):
        if not places and item.unit == "%" and not (inherited and inherited.changed):
            places = _earlier(earlier)
            name = max(places, default=(0, "level"))[1]
        if places:
            return name
        return inherited.direction if inherited and inherited.changed else "level"
    if not places and inherited and inherited.changed and OTHERS.search(stem):
        return inherited.direction if item.unit == "%" else "level"
    if not places or TO_LEVEL.search(stem) or re.search(r"[。;；]", gap):
        return "level"
    direct = re.fullmatch(r"(?:\s|约|了|量|率|幅度|by|也|各|再)*", gap) is not None
    if item.unit == "%":
        if direct or (len(gap) <= 60 and not re.search(r"[,，]|\bto\b|\bof at\b", gap) and not re.match(r" ?(?:of|的)", right)):
            return name
        return "level"
    if name == "down" and item.unit != "count":
        plain = direct or (len(gap) <= 16 and not re.search(r"[,，、]|[到至达]|[A-Za-z]", gap))
        return "down" if plain else "level"
    return "level"


def _earlier(text: str) -> list[tuple[int, Direction]]:
    """Give the verbs of falling and rising in a text with their ends."""
    fall, rise, _ = _verbs()
    places: list[tuple[int, Direction]] = [(m.end(), "down") for m in fall.finditer(text)]
    places += [(m.end(), "up") for m in rise.finditer(text)]
    return places


def _kind(item: Quantity, sign: str, window: str, *, changed: bool, down: bool) -> str:
    if changed:
        return "rate" if item.unit == "%" else ("change" if down else "count")
    if sign in ("<=", "<"):
        return "cap"
    if item.unit == "count":
        return "count"
    if item.unit == "%":
        return "level"
    if item.unit == "1" or "/" in (item.unit or ""):
        return "ratio"
    return "level" if re.search(r"达到|\breach|\bexceed|超过|突破|保持|稳定|[到至为]\s*$", window) else "count"


def is_list(window: str) -> bool:
    """Tell whether only separators of a list stand between two numbers."""
    return LISTED.match(window) is not None


@cache
def _strengths() -> list[tuple[Strength, re.Pattern[str]]]:
    return [
        (entry["strength"], re.compile(entry["pattern"], re.IGNORECASE))
        for entry in load("cues")["strength"]
    ]


def strength(left: str, right: str) -> Strength:
    """Give how strongly a sentence binds: the words of its own part of the sentence decide."""
    parts = re.split(r"[;；。，]|, (?!\d)", left)
    own = parts[-1] + re.split(r"[;；。，,.]", right, maxsplit=1)[0]
    listed = len(parts) > 1 and not re.search(expand(r"\b(?:will|shall|must|<imperative>)\b"), own)
    for name, pattern in _strengths():
        if pattern.search(own) or (listed and len(own) < 24 and pattern.search(parts[-2])):
            return name
    return "must"


def base(left: str, right: str) -> str | None:
    """Give what a change is compared with: a year or `previous year`, or None."""
    for text in (re.split(r"[;；。]", left)[-1][-140:], re.split(r"[;；。，]", right)[0][:90]):
        hits = [
            (found.start(), entry, found)
            for entry in load("cues")["base"]
            for found in re.finditer(entry["pattern"], text, re.IGNORECASE)
        ]
        if hits:
            _, entry, found = max(hits, key=lambda hit: hit[0])
            return _base(entry, found)
    return None


def _base(entry: Mapping[str, str], found: re.Match[str]) -> str:
    year = re.search(r"(?:19|20)\d\d", found[0])
    return entry.get("value") or (year[0] if year else found[0])


def deadline(left: str, right: str) -> str | None:
    """Give the year by which a target is due, or None when the sentence names none."""
    close = re.split(r"[;；。，]|, (?!\d)", right)[0][:60]
    after = YEARS_AHEAD.search(close)
    before = list(YEARS_AHEAD.finditer(left))
    found = after or (before[-1] if before else None)
    return (found[1] or found[2]) if found else None
