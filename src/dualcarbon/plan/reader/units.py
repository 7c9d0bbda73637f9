"""Units behind (or, for money, before) a number: the small grammar of units and compounds."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from attrs import frozen

from dualcarbon.plan.reader.lexicon import alternation, load

ZH_SCALE = {"十": 10.0, "百": 100.0, "千": 1000.0, "万": 1e4, "亿": 1e8}
SCALE = (
    r"(?:10{0,2}(?:[, ]000)+|10{0,6}|(?:1 |1|a |one |10 |100 )(?:million|thousand)|a hundred) ?"
    r"|[百千万亿]+"
)


@frozen
class Unit:
    """A unit found in the text: canonical name, factor to it, and where its words end.

    `counted`: the classifier of a count. `per_gas`: the gas named between unit and number.
    """

    name: str
    factor: float
    end: int
    money: bool = False
    gas: str | None = None


@frozen
class Spelling:
    """One spelled unit: alone and inside a compound."""

    unit: str
    factor: float
    inside: str
    inside_factor: float
    money: bool


@cache
def _spellings() -> tuple[re.Pattern[str], dict[str, Spelling], list[tuple[re.Pattern[str], str]]]:
    """Give the pattern of all units and what each spelling means."""
    table = load("units")
    exact: dict[str, Spelling] = {}
    wordy: list[tuple[re.Pattern[str], str]] = []
    symbols: list[str] = []
    zh: list[str] = []
    words: list[str] = []
    for money, entry in [(False, e) for e in table["units"]] + [(True, e) for e in table["money"]]:
        spelled = _spelling(entry, money)
        for text in (*entry.get("symbols", ()), *entry.get("zh", ())):
            exact.setdefault(text.replace("\\", ""), spelled)
        symbols += entry.get("symbols", ())
        zh += entry.get("zh", ())
        for word in entry.get("words", ()):
            key = f"word:{word}"
            exact[key] = spelled
            wordy.append((re.compile(word, re.IGNORECASE), key))
            words.append(word)
    for text in table["classifiers"].split():
        exact.setdefault(text, Spelling("count", 1.0, "count", 1.0, money=False))
        zh.append(text)
    return _unit_pattern(symbols, words, zh), exact, wordy


def _spelling(entry: dict[str, Any], money: bool) -> Spelling:
    factor = float(entry.get("factor", 1))
    return Spelling(
        entry["unit"],
        factor,
        entry.get("inside", entry["unit"]),
        float(entry.get("inside_factor", factor)),
        money,
    )


def _unit_pattern(symbols: list[str], words: list[str], zh: list[str]) -> re.Pattern[str]:
    literal = alternation(
        [re.escape(text) if "\\" not in text else text for text in symbols if text not in "%‰"]
    )
    return re.compile(
        rf"(?P<zh>{alternation(zh, literal=True)})"
        rf"|(?P<percent>[%‰])"
        rf"|(?P<word>(?i:{alternation(words)}))(?![A-Za-z])"
        rf"|(?P<symbol>{literal})(?![A-Za-z²³])"
    )


def _spelled(match: re.Match[str]) -> Spelling:
    _, exact, wordy = _spellings()
    if not match["word"]:
        return exact[match[0]]
    return next(exact[key] for pattern, key in wordy if _spells(pattern, match))


def _spells(pattern: re.Pattern[str], match: re.Match[str]) -> bool:
    """Tell whether a spelling is the one that was found; it may look at what follows."""
    found = pattern.match(match.string, match.start())
    return bool(found and found.end() == match.end()) or bool(pattern.fullmatch(match[0]))


def read_unit(text: str, at: int) -> Unit | None:
    """Read the unit that starts at `at` (after spaces), with scale and denominators."""
    best: Unit | None = None
    start = at + len(text[at : at + 12]) - len(text[at : at + 12].lstrip(" "))
    if text[start : start + 1] == "-" and text[start + 1 : start + 2].isalpha():
        start += 1
    scale, place = 1.0, start
    while True:
        found = _plain_unit(text, place, scale)
        if found and (best is None or found.end > best.end):
            best = found
        if text[place : place + 1] not in ZH_SCALE:
            return best
        scale, place = scale * ZH_SCALE[text[place]], place + 1


def zh_scale(text: str, at: int) -> tuple[float, int]:
    """Give the factor of the Chinese scale characters at `at` and where they end."""
    factor = 1.0
    while text[at : at + 1] in ZH_SCALE and text[at : at + 1]:
        factor, at = factor * ZH_SCALE[text[at]], at + 1
    return factor, at


def _plain_unit(text: str, at: int, scale: float) -> Unit | None:
    match = _spellings()[0].match(text, at)
    if not match:
        return None
    spelled, end = _spelled(match), match.end()
    if spelled.unit == "%":
        return Unit("%", spelled.factor, end)
    gas, after = _gas(text, end)
    if match["zh"] and after == end and spelled.unit == "t":
        end = after
    compound, last = _denominators(text, after)
    if compound and [spelled.unit, compound[0].split()[-1]] in load("units")["apart"]:
        compound, last = [], after
    if last == after:
        return Unit(spelled.unit, spelled.factor * scale, after, spelled.money, gas)
    name = "/".join([spelled.inside, *compound])
    if not compound:
        return Unit(spelled.unit, spelled.factor * scale, last, spelled.money, gas)
    return Unit(name, spelled.inside_factor * scale, last, spelled.money, gas)


def _gas(text: str, at: int) -> tuple[str | None, int]:
    match = re.compile(r"[ -]?" + load("units")["gases"], re.IGNORECASE).match(text, at)
    return (match[0].strip(" -"), match.end()) if match else (None, at)


@cache
def _denominator_pattern() -> tuple[re.Pattern[str], list[tuple[re.Pattern[str], str]]]:
    table = load("units")["denominators"]
    words = alternation([word for entry in table for word in entry.get("words", ())])
    zh = alternation([word for entry in table for word in entry.get("zh", ())], literal=True)
    article = alternation(
        [
            word
            for entry in table
            if entry.get("article")
            for word in entry["words"]
            if len(word) > 2
        ]
    )
    pattern = re.compile(
        rf"(?P<year> ?(?:per year|annually|yearly|per annum|/ ?year|a year|each year)\b)"
        rf"|(?:(?P<per> per | ?/ ?|·|\*|每)\(?(?P<scale>{SCALE})?"
        rf"(?P<unit>{zh}|(?:{words})(?![A-Za-z²³]))\)?)"
        rf"|(?P<article> an? )(?P<period>{article})\b"
        rf"|(?P<short>(?<=[²2])a\b)",
        re.IGNORECASE,
    )
    named = []
    for entry in table:
        named += [(re.compile(word, re.IGNORECASE), entry["unit"]) for word in entry["words"]]
        named += [(re.compile(re.escape(word)), entry["unit"]) for word in entry.get("zh", ())]
    return pattern, named


def _denominators(text: str, at: int) -> tuple[list[str], int]:
    """Read `per person per day`, `/万元`, `a day`; the year is dropped."""
    pattern, named = _denominator_pattern()
    found: list[str] = []
    while match := pattern.match(text, at):
        at = match.end()
        if match["year"] or match["short"]:
            continue
        word = match["unit"] or match["period"]
        name = next(unit for spelled, unit in named if spelled.fullmatch(word))
        if name:
            found.append(_power(match["scale"]) + name)
    return found, at


def _power(scale: str | None) -> str:
    """Write the scale of a denominator as a power of ten: 万 is `10^4 `."""
    if not scale:
        return ""
    value = 1.0
    digits = re.sub(r"\D", "", scale)
    value *= float(digits) if digits else 1.0
    for char in scale:
        value *= ZH_SCALE.get(char, 1.0)
    lowered = scale.lower()
    value *= 1000.0 if "thousand" in lowered else 1.0
    value *= 1e6 if "million" in lowered else 1.0
    value *= 100.0 if "hundred" in lowered else 1.0
    zeros = len(f"{value:.0f}") - 1
    return f"10^{zeros} " if value == 10.0**zeros and zeros else f"{value:.0f} "


@cache
def _prefix_pattern() -> tuple[re.Pattern[str], dict[str, str]]:
    named = {
        symbol: entry["unit"]
        for entry in load("units")["money"]
        for symbol in entry.get("symbols", ())
    }
    return re.compile(rf"(?<![A-Za-z])(?P<money>{alternation(named, literal=True)}) ?$"), named


def money_before(text: str, at: int) -> tuple[str, int] | None:
    """Give the currency written before the number at `at` and where it starts."""
    pattern, named = _prefix_pattern()
    match = pattern.search(text[max(0, at - 5) : at])
    if not match:
        return None
    return named[match["money"]], max(0, at - 5) + match.start()


def money_scale(text: str, at: int) -> tuple[float, int]:
    """Give the factor of a short scale (`m`, `bn`) behind an amount of money."""
    short = load("numbers")["en"]["money_short"]
    match = re.compile(rf" ?({alternation(short)})\b").match(text, at)
    return (float(short[match[1]]), match.end()) if match else (1.0, at)
