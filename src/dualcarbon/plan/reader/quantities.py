"""Quantities: numbers joined with their units, nouns, shared units of lists, and ranges."""

from __future__ import annotations

import re
from functools import cache

from attrs import evolve, frozen

from dualcarbon.plan.reader.lexicon import load
from dualcarbon.plan.reader.numbers import Number, find_numbers
from dualcarbon.plan.reader.units import money_before, money_scale, read_unit, zh_scale

JOINT = re.compile(r" ?(?:、|,|，|和|与|及|以及|或|/| and| or|, and| &) ?|\s+")
RANGE = re.compile(r" ?(?:-|–|—|~|至|到|—— ?| to ) ?")
ADJECTIVES = re.compile(r"[ -][a-z]+(?:[ -][a-z]+){0,2},? (?:and|or) ", re.IGNORECASE)
QUOTED = re.compile(r" [\"“][^\"”\n]{1,40}[\"”](?= [a-z])")
BETWEEN = re.compile(r"\bbetween (?:about |around )?$", re.IGNORECASE)
FROM = re.compile(r"(?:\bfrom (?:about |around |the current )?|由|从|自)$", re.IGNORECASE)
WORD = re.compile(
    r"[ -]?(?P<quote>[\"“'‘])?(?P<word>"
    r"(?:Level|Type|Class|Grade|Tier|Band) \d|[A-Za-zÀ-ÿ][\w'À-ÿ+-]*)(?(quote)[\"”'’])"
)


@frozen
class Quantity:
    """A number with its unit: `text[start:end]`, in the canonical unit and sign-free.

    `unit` is None for a bare number. `noun` is the noun that an English count counts.
    `low` and `high` are the ends of a range, else None. `factor` multiplied the figures.
    """

    start: int
    end: int
    value: float
    unit: str | None
    number: Number
    noun: str | None = None
    factor: float = 1.0
    money: bool = False
    low: float | None = None
    high: float | None = None

    @property
    def bare(self) -> bool:
        """Tell whether the number has no unit and counts no noun."""
        return self.unit is None

    @property
    def yearlike(self) -> bool:
        """Tell whether the bare figures could be a year."""
        plain = self.number.form == "digits" and self.number.end - self.number.start == 4
        return plain and not self.number.scaled and 1900 <= self.number.value <= 2100


def tidy(value: float) -> float:
    """Drop the noise that multiplying decimal scales leaves in the last binary digits."""
    return float(f"{value:.12g}")


def find_quantities(text: str) -> list[Quantity]:
    """Give every quantity of a normalised text, in order; ranges are one quantity."""
    found: list[Quantity] = []
    for number in find_numbers(text):
        # The figure in a unit such as m2 or CO2 belongs to the quantity before it.
        if not found or number.start >= found[-1].end:
            found.append(_quantity(text, number))
    return _ranges(text, _share(text, found))


def _quantity(text: str, number: Number) -> Quantity:
    start, value = number.start, number.value
    if number.percent:
        return Quantity(start, number.end, tidy(value), "%", number)
    money = money_before(text, start)
    if money and not number.scaled:
        factor, end = money_scale(text, number.end)
        return Quantity(money[1], end, tidy(value * factor), money[0], number, money=True)
    if money:
        return Quantity(money[1], number.end, tidy(value), money[0], number, money=True)
    unit = read_unit(text, number.end)
    if unit is not None and not _noun_after(text, unit.name, unit.end, number.end):
        scaled = tidy(value * unit.factor)
        return Quantity(
            start, unit.end, scaled, unit.name, number, factor=unit.factor, money=unit.money
        )
    return _counted(text, number)


def _noun_after(text: str, unit: str, end: int, begin: int) -> bool:
    """Tell whether a short symbol only looks like a unit: "5 m households", "3 L-shaped"."""
    return end - begin <= 2 and text[end : end + 1] == "-" and text[end + 1 : end + 2].isalpha()


def _counted(text: str, number: Number) -> Quantity:
    factor, end = zh_scale(text, number.end)
    value = tidy(number.value * factor)
    if factor != 1.0:
        return Quantity(number.start, end, value, None, number, factor=factor)
    noun = counted_noun(text, number.end, single=number.value == 1)
    if noun is None:
        return Quantity(number.start, number.end, value, None, number)
    value = _thousands(text, number, value)
    return Quantity(number.start, noun[1], value, "count", number, noun=noun[0])


def _thousands(text: str, number: Number, value: float) -> float:
    """Read 25.000 dwellings as 25,000: nobody counts thousandths of a dwelling."""
    if re.fullmatch(r"\d{1,3}\.\d{3}", text[number.start : number.end]):
        return value * 1000
    return value


@cache
def _stops() -> tuple[frozenset[str], frozenset[str]]:
    table = load("nouns")["en"]
    return frozenset(table["stop"].split()), frozenset(table["irregular"].split())


def counted_noun(text: str, at: int, *, single: bool = False) -> tuple[str, int] | None:
    """Give the noun phrase that a number counts and where its head ends, or None.

    The head is the first plural among the next seven words; for one it is the last word.
    """
    stops, irregular = _stops()
    begin, last = at, None
    for _ in range(7):
        quoted = QUOTED.match(text, at)
        if quoted and not _closes(text, quoted.end()):
            at, last = quoted.end(), quoted
            continue
        match = WORD.match(text, at)
        joined = match is not None and last is not None and match["word"] == "and"
        if not match or (match["word"].lower() in stops and not joined):
            break
        at, last = match.end(), match
        if _plural(match["word"].lower(), irregular):
            return text[begin:at].strip(" -"), at
    if single and last is not None:
        return text[begin:at].strip(" -"), at
    return None


def _closes(text: str, at: int) -> bool:
    """Tell whether a noun phrase ends at `at`: a word such as "of" or "and" follows."""
    match = WORD.match(text, at)
    return match is not None and match["word"].lower() in _stops()[0]


def _plural(word: str, irregular: frozenset[str]) -> bool:
    if word in irregular:
        return True
    if word.endswith("'s") or len(word) < 4:
        return False
    return word.endswith("s") and not word.endswith(("ss", "us", "is", "ous"))


def _share(text: str, found: list[Quantity]) -> list[Quantity]:
    """Give a bare number of a list the unit of the next one: "8, 9 and 10 %"."""
    shared = list(found)
    for index in range(len(shared) - 2, -1, -1):
        item, after = shared[index], shared[index + 1]
        gap = text[item.end : after.start]
        if not item.bare or after.bare or item.yearlike or "\n" in gap:
            continue
        ranged = bool(RANGE.fullmatch(gap))
        if after.unit == "count" and after.noun and ADJECTIVES.fullmatch(gap):
            shared[index] = evolve(item, unit="count", noun=after.noun)
            continue
        if not ranged and not (JOINT.fullmatch(gap) and gap.strip() and after.noun is None):
            continue
        scale = _borrowed(item, after)
        value = tidy(item.number.value * scale)
        shared[index] = evolve(
            item, value=value, unit=after.unit, factor=scale, money=after.money, noun=after.noun
        )
    return shared


def _borrowed(item: Quantity, after: Quantity) -> float:
    """Give the factor a bare number takes over, scale words of English included."""
    figures = after.number.value
    if not item.number.scaled and after.number.scaled and figures:
        for scale in (1e12, 1e9, 1e6, 1e3):
            if figures % scale == 0 or figures / scale >= 1:
                return after.factor * scale
    return after.factor if item.factor == 1.0 else item.factor * (after.factor or 1.0)


def _ranges(text: str, found: list[Quantity]) -> list[Quantity]:
    joined: list[Quantity] = []
    for item in found:
        if joined and _is_range(text, joined[-1], item):
            first = joined.pop()
            item = evolve(
                item, start=first.start, value=first.value, low=first.value, high=item.value
            )
        joined.append(item)
    return joined


def _is_range(text: str, first: Quantity, second: Quantity) -> bool:
    gap, before = text[first.end : second.start], text[max(0, first.start - 24) : first.start]
    if first.unit != second.unit or first.unit is None or first.value >= second.value:
        return False
    if FROM.search(before) or first.low is not None:
        return False
    return bool(RANGE.fullmatch(gap)) or (gap == " and " and bool(BETWEEN.search(before)))
