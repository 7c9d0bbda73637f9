"""Clauses: sections, lines and sentences of a notice, each with a stable id and its place."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from typing import Literal

from attrs import evolve, frozen

from dualcarbon.plan.reader.grids import LEAST, runs
from dualcarbon.plan.reader.lexicon import choice, compiled, load, named
from dualcarbon.plan.reader.numbers import parse_numeral

Tense = Literal["review", "ahead", "aside", ""]
END = re.compile(r"[。!?！？](?=[”’\"')）]*)[”’\"')）]*|\.(?=[\"”')]*(?:\s|$))[\"”')]*")
CJK = re.compile(r"[\u4e00-\u9fff]")
WRAP = 56


@frozen
class Line:
    """A paragraph, list item, heading or table row: its span, the end of its mark, its section."""

    start: int
    end: int
    body: int
    heading: bool = False
    section: str = "0"
    tense: Tense = ""
    lead: tuple[int, int] | None = None
    number: int = 0
    row: bool = False


@frozen
class Sentence:
    """One clause: id `section.sentence` and the span of its exact text."""

    id: str
    start: int
    end: int
    line: Line


@cache
def _mark() -> re.Pattern[str]:
    return re.compile(load("sections")["marks"], re.VERBOSE)


@cache
def _families() -> list[tuple[str, re.Pattern[str]]]:
    return [(entry["id"], re.compile(entry["pattern"])) for entry in load("sections")["families"]]


def join_wrapped(text: str) -> str:
    """Replace the line breaks inside hard-wrapped paragraphs by spaces; offsets stay."""
    lines = text.split("\n")
    breaks = ["\n"] * len(lines)
    for index, (line, after) in enumerate(pairwise(lines)):
        if _wraps(line, after):
            breaks[index] = " "
    return "".join(line + gap for line, gap in zip(lines, breaks, strict=True))[: len(text)]


def _wraps(line: str, after: str) -> bool:
    here, there = line.strip(), after.strip()
    if not here or not there or here[-1] in "。.!?！？;；:：|" or there[0] in "|#>":
        return False
    if here[0] == "#" or _marked(there) or max(here.count("|"), there.count("|")) >= LEAST:
        return False
    if CJK.search(here[-1]) or CJK.search(there[0]):
        return len(here) >= 30 and bool(CJK.search(there[0])) and not after.startswith((" ", "\t"))
    return len(here) >= WRAP or there[0].islower()


def _marked(line: str) -> bool:
    match = _mark().match(line)
    return bool(match and match.end())


def split_lines(text: str) -> list[Line]:
    """Give the lines of a normalised, unwrapped text with sections, headings and tenses."""
    lines = []
    for match in re.finditer(r"[^\n]+", text):
        start = match.start() + len(match[0]) - len(match[0].lstrip())
        end = match.start() + len(match[0].rstrip())
        if start < end:
            mark = _mark().match(text, start, end)
            body = mark.end() if mark else start
            lines.append(Line(start, end, body, _is_heading(text[start:end], text[body:end])))
    return _led(text, _sectioned(text, _with_rows(text, lines)))


def _with_rows(text: str, lines: list[Line]) -> list[Line]:
    """Mark the rows of tables: lines that start with a bar, or neighbours with as many bars."""
    bars = [text.count("|", line.start, line.end) for line in lines]
    rows = {at + n for at, size in runs(bars) for n in range(size)}
    return [
        evolve(line, row=text[line.start] == "|" or number in rows)
        for number, line in enumerate(lines)
    ]


def _is_heading(line: str, body: str) -> bool:
    if line.startswith("#"):
        return True
    if (
        not body
        or body[-1] in "。.;；!?！？,，、:：|"
        or line.startswith(("|", "-", "*", "•", "·"))
    ):
        return False
    limit = 34 if CJK.search(body) else 90
    return len(body) <= limit and not re.search(r"[。;；|]|\.\s", body)


def _sectioned(text: str, lines: list[Line]) -> list[Line]:
    """Give each line the number of its section and the tense that the headings set."""
    family = _family(text, lines)
    found: list[Line] = []
    section, seen = "0", {"0"}
    tense: Tense = ""
    for number, line in enumerate(lines):
        match = family.match(text, line.start, line.end) if family else None
        if match and (line.heading or not match.groupdict().get("title")):
            section = _number(match, section, seen)
            seen.add(section)
        if line.heading or match:
            tense = _tense(text, line, tense)
        found.append(evolve(line, section=section, tense=tense, number=number))
    return found


def _family(text: str, lines: list[Line]) -> re.Pattern[str] | None:
    for name, pattern in _families():
        hits = [line for line in lines if pattern.match(text, line.start, line.end)]
        if name in ("title", "hash1"):
            hits = [line for line in hits if line.heading]
        if len(hits) >= (1 if name in ("chapter", "comma") else 2):
            return pattern
    return None


def _number(match: re.Match[str], current: str, seen: set[str]) -> str:
    """Give the section's own number where it is written and new, else the next one."""
    groups = {key: value for key, value in match.groupdict().items() if value}
    number: int | None = None
    if "zh" in groups:
        number = int(parse_numeral(groups["zh"]))
    elif "number" in groups:
        number = int(groups["number"])
    elif "ordinal" in groups:
        number = load("sections")["ordinals"].index(groups["ordinal"]) + 1
    elif groups.get("any", "").isdigit():
        number = int(groups["any"])
    elif "roman" in groups or "any" in groups:
        number = _roman(groups.get("roman") or groups["any"])
    if number is None or str(number) in seen:
        number = max(int(item) for item in seen) + 1
    return str(number)


def _roman(text: str) -> int:
    values = [{"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}[char] for char in text]
    return sum(-a if a < b else a for a, b in pairwise([*values, 0]))


def _tense(text: str, line: Line, current: Tense) -> Tense:
    table = load("sections")
    whole, title = text[line.start : line.end], text[line.body : min(line.end, line.body + 60)]
    if compiled(table["aside"]).search(whole) or compiled(table["aside"]).search(title):
        return "aside"
    if line.heading or len(title) < 40:
        if _among("review").search(title):
            return "review"
        if _among("ahead").search(title):
            return "ahead"
    return current if current == "aside" else ""


@cache
def _among(key: str) -> re.Pattern[str]:
    return compiled(choice(load("sections")[key]))


def _led(text: str, lines: list[Line]) -> list[Line]:
    """Tie list items to the line ending in a colon (or the heading) that introduces them."""
    found: list[Line] = []
    lead: tuple[int, int] | None = None
    for line in lines:
        item = line.body > line.start
        if lead and not item and found and found[-1].lead:
            lead = None
        found.append(evolve(line, lead=lead if lead != (line.start, line.end) else None))
        if text[line.end - 1] in ":：" or (line.tense == "ahead" and line.heading and found[1:]):
            lead = (line.start, line.end)
        elif not item:
            lead = None
    return found


def split_sentences(text: str, lines: list[Line]) -> list[Sentence]:
    """Give every sentence with its id: the section, a point, its place in the section."""
    counts: dict[str, int] = {}
    found = []
    for line in lines:
        for start, end in _cut(text, line):
            counts[line.section] = counts.get(line.section, 0) + 1
            found.append(Sentence(f"{line.section}.{counts[line.section]}", start, end, line))
    return found


def _cut(text: str, line: Line) -> list[tuple[int, int]]:
    spans, start = [], line.start
    for match in END.finditer(text, line.body, line.end):
        if match[0].startswith(".") and named("abbreviation").search(
            text[max(line.start, match.start() - 8) : match.start()]
        ):
            continue
        spans.append((start, match.end()))
        start = (
            match.end()
            + len(text[match.end() : line.end])
            - len(text[match.end() : line.end].lstrip())
        )
    if start < line.end:
        spans.append((start, line.end))
    return [span for span in spans if text[span[0] : span[1]].strip()]
