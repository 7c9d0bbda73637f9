"""Duty, past achievement or mere description: what a sentence says of its number."""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

from attrs import frozen

from dualcarbon.plan.reader.clauses import Line
from dualcarbon.plan.reader.lexicon import expand, load
from dualcarbon.plan.reader.numbers import parse_numeral

Status = Literal["duty", "done", "fact"]
BREAK = re.compile(r"[;；。(\n]|, (?:and|but|while|whereas)\b|(?<!\d),(?!\d)|，")
TRANSLATED = re.compile(
    r"Five-Year|per unit of GDP|\byuan\b|\bmu\b|\[20\d\d\] ?No|standard coal|dual[- ]carbon"
    r"|above designated size",
    re.IGNORECASE,
)
ISSUED = (
    r"[〔\[(﹝](20\d\d)[〕\])﹞] ?(?:第)?(?:No\.? ?)?\d+",
    r"(20\d\d)年度?[^\n]{0,40}(?:安排|要点|计划|方案|任务)",
    r"(?:Adopted|Approved|Issued|Published|Resolution|adopted|approved|published)[^\n]{0,50}?\b(20\d\d)\b",
    r"(20\d\d) ?(?:[-–—~至]|年 ?[-–—~至]) ?20\d\d",
    r"(20\d\d)年\d{1,2}月\d{1,2}日",
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
    r" (?:\d{1,2}, )?(20\d\d)",
    r"\b(20\d\d) (?:Work|Key|Annual|Action)|(?:in|for) (20\d\d)\"? *(?:\n|was issued)",
)


@frozen
class Cue:
    """One cue of `cues.yaml`."""

    status: Status
    where: str
    when: str | None
    original: bool
    pattern: re.Pattern[str]


@frozen
class Times:
    """What the whole document says of time and style: its year, and whether it is translated."""

    year: int | None
    translated: bool


@cache
def cues() -> tuple[Cue, ...]:
    """Give the cues of duty, achievement and fact."""
    return tuple(
        Cue(
            status=entry["status"],
            where=entry["where"],
            when=entry.get("when"),
            original=entry.get("style") == "original",
            pattern=re.compile(expand(entry["pattern"]), re.IGNORECASE),
        )
        for entry in load("cues")["status"]
    )


def times_of(text: str) -> Times:
    """Find the year of the notice: its number, its title or date; else its earliest deadline."""
    head = text[:1500]
    plan = re.search(r"[“\"]?(十[一二三四五六七])五[”\"]?|\b(1\d)th Five-Year", head[:300])
    for pattern in ISSUED:
        found = re.search(pattern, head)
        if found:
            return Times(int(next(filter(None, found.groups()))), bool(TRANSLATED.search(text)))
    if plan:
        return Times(_plan_end(plan[1] + "五" if plan[1] else plan[2]) - 4, bool(TRANSLATED.search(text)))
    ahead = [int(year) for year in re.findall(r"(?:\bby |到)(?:the end of )?(20\d\d)", text)]
    return Times(min(ahead) if ahead else None, bool(TRANSLATED.search(text)))


def _plan_end(name: str) -> int:
    """Give the last year of a five-year plan: the thirteenth ended in 2020."""
    number = int(name) if name.isdigit() else int(parse_numeral(name[:-1]))
    return 2020 + 5 * (number - 13)


def status_of(
    text: str, start: int, stop: int, place: tuple[int, int], line: Line, times: Times, limit: int
) -> Status | Literal["review", "none"]:
    """Say what the sentence `[start, stop)` says of the number at `place`.

    The nearest cue on the left decides between duty and achievement; a cue close on the right
    overrules it; description gives way to any duty. Without a cue the section decides.
    `limit`: where the next number starts.
    """
    lead = text[line.lead[0] : line.lead[1]] + "\n" if line.lead else ""
    left = lead + text[start : place[0]]
    right = text[place[1] : min(stop, limit)]
    cut = BREAK.search(right)
    near = right[: cut.start()] if cut else right
    beside = _last([cue for cue in cues() if cue.where == "right"], near[:90], times, first=True)
    before = [cue for cue in cues() if cue.where == "left"]
    strong = _last([cue for cue in before if cue.status != "fact"], left, times)
    fact = _last([cue for cue in before if cue.status == "fact"], left, times)
    return _decide(beside, strong, fact, line)


Found = tuple[int, Status] | None


def _decide(beside: Found, strong: Found, fact: Found, line: Line) -> Status | Literal["review", "none"]:
    if beside and beside[1] != "fact":
        return beside[1]
    if strong:
        return strong[1]
    if fact or beside:
        return "fact"
    return "review" if line.tense == "review" else "none"


def _last(found: list[Cue], text: str, times: Times, *, first: bool = False) -> Found:
    """Give place and status of the cue that ends last (or begins first) in a text."""
    hits = [
        (match.start() if first else match.end(), -match.start(), cue.status)
        for cue in found
        if not (cue.original and times.translated)
        for match in cue.pattern.finditer(text)
        if _timely(cue, match, times)
    ]
    if not hits:
        return None
    place, _, status = min(hits) if first else max(hits)
    return place, status


def _timely(cue: Cue, match: re.Match[str], times: Times) -> bool:
    """Tell whether the year of a cue lies where the cue needs it: before the notice, or not."""
    if cue.when is None:
        return True
    groups = match.groupdict()
    named = groups.get("plan") or groups.get("plan_zh")
    year = _plan_end(named) if named else int(groups["year"])
    if times.year is None:
        return (cue.when == "past") == (year <= 2021)
    return (cue.when == "past") == (year < times.year)
