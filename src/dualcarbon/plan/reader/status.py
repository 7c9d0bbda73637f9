"""Duty, past achievement or mere description: what a sentence says of its number."""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

from attrs import frozen

from dualcarbon.plan.reader.clauses import Line
from dualcarbon.plan.reader.lexicon import compiled, expand, load, named
from dualcarbon.plan.reader.numbers import parse_numeral

NUMERAL_YEAR = re.compile(r"[零〇○一二三四五六七八九]{4}(?=年)")
FIGURES = str.maketrans("零〇○一二三四五六七八九", "000123456789")
Status = Literal["duty", "done", "fact"]


@frozen
class Cue:
    """One cue of `cues.yaml`."""

    status: Status
    where: str
    when: str | None
    original: bool
    final: bool
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
            final=bool(entry.get("final")),
            pattern=re.compile(expand(entry["pattern"]), re.IGNORECASE),
        )
        for entry in load("cues")["status"]
    )


def times_of(text: str) -> Times:
    """Find the year of the notice: its number, title or date; else what its deadlines tell."""
    text = spell_years(text)
    ahead = [int(found["year"]) for found in named("deadline_year").finditer(text)]
    year = _issued(text[:1500], ahead) or _between(text, ahead)
    return Times(year, bool(named("translated").search(text)))


def spell_years(text: str) -> str:
    """Give the text with years in figures: 二〇二三年 as 2023年."""
    return NUMERAL_YEAR.sub(lambda found: found[0].translate(FIGURES), text)


def _issued(head: str, ahead: list[int]) -> int | None:
    for entry in load("patterns")["issued"]:
        found = compiled(expand(entry["pattern"])).search(head)
        if found and not (entry["title"] and int(found["year"]) in ahead):
            return int(found["year"])
    plan = named("five_year").search(head[:300])
    return _plan_end(plan["en"] or plan["zh"] + "五") - 3 if plan else None


def _between(text: str, ahead: list[int]) -> int | None:
    """Guess the year of an undated text: after its latest past year, before its last deadline."""
    past = [int(found["year"]) for found in named("past_year").finditer(text)]
    if past and (not ahead or max(past) < max(ahead)):
        return max(past) + 1
    return min(ahead) if ahead else None


def _plan_end(name: str) -> int:
    """Give the last year of a five-year plan: the thirteenth ended in 2020."""
    number = int(name) if name.isdigit() else int(parse_numeral(name[:-1]))
    return 2020 + 5 * (number - 13)


def status_of(
    text: str,
    sentence: tuple[int, int],
    place: tuple[int, int],
    line: Line,
    times: Times,
    limit: int,
) -> Status | Literal["review", "none"]:
    """Say what the sentence says of the number at `place` (both as spans of the text).

    The nearest cue on the left decides between duty and achievement; a cue close on the right
    overrules it; description gives way to any duty. Without a cue the section decides.
    `limit`: where the next number starts.
    """
    lead = text[line.lead[0] : line.lead[1]] + "\n" if line.lead else ""
    own = text[sentence[0] : place[0]]
    left = lead + own
    right = text[place[1] : min(sentence[1], limit)]
    cut = named("break").search(right)
    near = named("base_phrase").sub("", right[: cut.start()] if cut else right)
    beside = _last([cue for cue in cues() if cue.where == "right"], near[:150], times, first=True)
    before = [cue for cue in cues() if cue.where == "left"]
    strong = _last([cue for cue in before if cue.status != "fact"], left, times)
    fact = _last([cue for cue in before if cue.status == "fact"], own, times)
    if _last([cue for cue in before if cue.final], own, times):
        return "done"
    if fact and not strong and named("explicit").search(own):
        return "none"
    return _decide(beside, strong, fact, line)


Found = tuple[int, Status] | None


def _decide(
    beside: Found, strong: Found, fact: Found, line: Line
) -> Status | Literal["review", "none"]:
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
