"""Numbers in running text: digits, Chinese numerals, English number words, fractions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from attrs import evolve, frozen

from dualcarbon.plan.reader.lexicon import alternation, load

DIGITS = re.compile(
    r"(?<![\d.,])(?P<sign>(?<=[\s:(|>])[-–](?=\d)|\b[Mm]inus (?=\d))?"
    r"(?P<digits>\d{1,3}(?:,\d{3}){1,6}(?:\.\d{1,12})?(?!\d)"
    r"|\d{1,3}(?: \d{3}){1,6}(?![\d%])(?:[.,]\d{1,2}(?!\d))?"
    r"|\d{1,3}(?:'\d{3}){1,6}"
    r"|\d{1,3}(?:\.\d{3}){2,6}(?!\d)"
    r"|\d{1,18}(?!\d)(?:\.\d{1,12}|,\d{1,2}(?![\d,]))?)"
)
FRACTION_NAMES = ("bare", "bare_by", "bare_over", "one", "one_by", "name")
BEFORE_FRACTION = (
    "by",
    "by about",
    "by nearly",
    "by almost",
    "by over",
    "by at least",
    "down",
    "up",
)
ZH_NUMERAL = "零〇○一二两三四五六七八九十百千万亿"


@frozen
class Number:
    """A number as written: its span, its value, and how far it is known to be a plain figure.

    `form`: digits, words, numeral (Chinese), fraction or change (a verb such as "halve").
    `scaled`: a scale word was part of it. `spaced`: thousands were parted by plain spaces.
    """

    start: int
    end: int
    value: float
    form: str = "digits"
    scaled: bool = False
    percent: bool = False

    @property
    def span(self) -> tuple[int, int]:
        """Give start and end."""
        return self.start, self.end


def parse_digits(text: str) -> float:
    """Give the value of figures with thousands parted by comma, space, apostrophe or dots."""
    text = text.replace(" ", "").replace("'", "")
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", text):
        return float(text.replace(",", ""))
    if re.fullmatch(r"\d{1,3}(\.\d{3}){2,}", text):
        return float(text.replace(".", ""))
    return float(text.replace(",", "."))


def parse_numeral(text: str) -> float:
    """Give the value of a Chinese numeral: 三千二百, 一点五, 二〇二五, 两亿.

    Raises ValueError when the characters are no well-formed numeral.
    """
    whole, _, fraction = text.partition("点")
    value = float(_whole(whole))
    if fraction:
        digits = load("numbers")["zh"]["digits"]
        value += float("0." + "".join(str(digits[char]) for char in fraction))
    return value


def _whole(text: str) -> int:
    table = load("numbers")["zh"]
    digits, places, scales = table["digits"], table["places"], table["scales"]
    if text and all(char in digits for char in text):
        return int("".join(str(digits[char]) for char in text))
    total = section = digit = 0
    for char in text:
        if char in digits:
            digit = digits[char]
        elif char in places:
            section, digit = section + (digit or 1) * places[char], 0
        elif char in scales:
            total, section, digit = (total + section + digit) * scales[char], 0, 0
        else:
            raise ValueError(text)
    if not text or (text[0] in scales and len(text) > 1) or (text[0] in "百千万亿"):
        raise ValueError(text)
    return total + section + digit


@cache
def _zh_patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    words = load("numbers")["zh"]["idioms"]
    digit = f"[{ZH_NUMERAL}]"
    run = f"{digit}{{1,24}}"
    numeral = re.compile(
        f"(?P<per>(?:百|千)分之(?P<share>{run}(?:点{run})?))"
        f"|(?P<fraction>(?P<under>{run})分之(?P<over>{run}))"
        f"|(?P<half>一半|(?<!时间)(?<!任务)过半(?!数)|半数以上)"
        f"|(?P<ten>(?P<tenths>{digit})成(?P<and>半)?(?![本为功立员果品都分交长绩熟]))"
        f"|(?P<plain>(?<!第){run}(?:点{run})?)"
    )
    return re.compile(alternation(words, literal=True)), numeral


def chinese_numbers(text: str) -> Iterator[Number]:
    """Find Chinese numerals; idioms that only look like numerals are passed over."""
    idioms, numeral = _zh_patterns()
    blocked = [match.span() for match in idioms.finditer(text)]
    for match in numeral.finditer(text):
        start, end = match.span()
        if start and text[start - 1].isdigit():
            continue
        if match[0] in "零〇○":
            continue
        if match["plain"] and any(a < end and start < b for a, b in blocked):
            continue
        try:
            yield _chinese(match)
        except (ValueError, KeyError, ZeroDivisionError):
            continue


def _chinese(match: re.Match[str]) -> Number:
    start, end = match.span()
    if match["per"]:
        scale = 1.0 if match["per"].startswith("百") else 0.1
        value = parse_numeral(match["share"]) * scale
        return Number(start, end, value, "numeral", percent=True)
    if match["fraction"]:
        value = 100 * parse_numeral(match["over"]) / parse_numeral(match["under"])
        return Number(start, end, value, "fraction", percent=True)
    if match["half"]:
        return Number(start, end, 50.0, "fraction", percent=True)
    if match["ten"]:
        value = parse_numeral(match["tenths"]) * 10 + (5 if match["and"] else 0)
        return Number(start, end, value, "fraction", percent=True)
    return Number(start, end, parse_numeral(match["plain"]), "numeral")


@cache
def _en_patterns() -> tuple[re.Pattern[str], ...]:
    table = load("numbers")["en"]
    word = alternation(table["words"])
    scale = alternation(table["scales"])
    words = re.compile(
        rf"\b(?:(?:a )(?=(?:{scale})\b)|(?:{word})\b)(?:(?:[ -]|-and-| and )(?:{word}|{scale})\b)*",
        re.IGNORECASE,
    )
    name = alternation(table["fractions"])
    plural = "|".join(f"{key}s" for key in table["fractions"] if key != "half")
    by = "|".join(rf"(?<=\b{word} )" for word in BEFORE_FRACTION)
    fraction = re.compile(
        rf"\b(?:(?P<bare>half)(?= (?:of(?! them| these| those| it| which)|the|all|its|our|their)\b)"
        rf"|(?:{by})(?:(?P<bare_by>half)|(?:a|an|one)[ -](?P<one_by>{name}))(?! (?:a|an|of a) )"
        rf"|(?:(?<=\bover )|(?<=\bthan ))(?P<bare_over>half)(?=[.,;])"
        rf"|(?<!once )(?<!twice )(?<!times )(?:a|an|one)[ -](?P<one>{name})"
        rf"(?= (?:of|the|all|its|our|their)\b|[.,;]| by\b)"
        rf"|(?P<count>{word})[ -](?P<name>{plural}|{name}))\b",
        re.IGNORECASE,
    )
    out_of = re.compile(
        rf"\b(?P<part>\d{{1,2}}|{word}) (?:out of|in) (?:every )?(?P<whole>\d{{1,3}}|{word})\b"
        r"(?= (?!\d)[a-z])",
        re.IGNORECASE,
    )
    parts = re.compile(
        rf"\b(?:an? )?(?P<part>half|quarter)(?: of)? an? (?P<scale>{scale})\b", re.IGNORECASE
    )
    return words, fraction, out_of, parts


def english_numbers(text: str) -> Iterator[Number]:
    """Find number words and fractions written in English."""
    words, fraction, out_of, parts = _en_patterns()
    table = load("numbers")["en"]
    taken: list[tuple[int, int]] = []
    for match in parts.finditer(text):
        size = table["fractions"][match["part"].lower()] * table["scales"][match["scale"].lower()]
        taken.append(match.span())
        yield Number(*match.span(), size, "words", scaled=True)
    for match in fraction.finditer(text):
        if any(a < match.end() and match.start() < b for a, b in taken):
            continue
        count = table["words"].get((match["count"] or "one").lower(), 1)
        name = next(match[key] for key in FRACTION_NAMES if match[key]).lower()
        size = table["fractions"].get(name) or table["fractions"][name.removesuffix("s")]
        taken.append(match.span())
        yield Number(*match.span(), 100 * count * size, "fraction", percent=True)
    for match in out_of.finditer(text):
        part, whole = (_small(match[key]) for key in ("part", "whole"))
        if 0 < part < whole:
            taken.append(match.span())
            yield Number(*match.span(), 100 * part / whole, "fraction", percent=True)
    for match in words.finditer(text):
        if not any(a < match.end() and match.start() < b for a, b in taken):
            yield Number(*match.span(), parse_words(match[0]), "words")


def _small(text: str) -> float:
    return float(text) if text.isdigit() else parse_words(text)


def parse_words(text: str) -> float:
    """Give the value of English number words: twenty-five, two hundred and ten, a thousand."""
    table = load("numbers")["en"]
    total = current = 0.0
    for word in re.split(r"[\s-]+", text.lower().strip()):
        if word in table["words"]:
            current += table["words"][word]
        elif word == "hundred":
            current = (current or 1) * 100
        elif word in table["scales"]:
            total, current = total + (current or 1) * table["scales"][word], 0
    return total + current


@cache
def _scale_pattern() -> re.Pattern[str]:
    table = load("numbers")["en"]
    long, short = alternation(table["scales"]), alternation(table["short"])
    return re.compile(rf"[ -]?(?:(?P<long>{long})\b|(?P<short>{short})\b)", re.IGNORECASE)


def with_scale(text: str, number: Number) -> Number:
    """Multiply an English scale word behind the figures into the number."""
    match = _scale_pattern().match(text, number.end)
    if not match:
        return number
    table = load("numbers")["en"]
    word = (match["long"] or match["short"]).lower()
    factor = table["scales"].get(word) or table["short"][word]
    return evolve(number, end=match.end(), value=number.value * factor, scaled=True)


def find_numbers(text: str) -> list[Number]:
    """Give every number of a normalised text in order of place; none overlaps another."""
    found: list[Number] = []
    for match in DIGITS.finditer(text):
        sign = -1.0 if match["sign"] else 1.0
        start = match.start("sign") if match["sign"] else match.start()
        number = Number(start, match.end(), sign * parse_digits(match["digits"]))
        found.append(with_scale(text, number))
    for extra in (*_changes(text), *chinese_numbers(text), *english_numbers(text)):
        clash = [item for item in found if item.start < extra.end and extra.start < item.end]
        if extra.form == "fraction" and all(extra.start <= item.start for item in clash):
            found = [item for item in found if item not in clash]
            clash = []
        if not clash:
            found.append(extra)
    return sorted(found, key=lambda item: item.start)


def _changes(text: str) -> Iterator[Number]:
    for entry in load("numbers")["changes"]:
        for match in re.finditer(entry["pattern"], text, re.IGNORECASE):
            yield Number(*match.span(), float(entry["value"]), "change", percent=True)
