"""How strongly a target binds, what it is compared with, and by when it is due."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from dualcarbon.plan.reader.lexicon import expand, load, named
from dualcarbon.plan.reader.model import Strength

PART = re.compile(r"[;；。，]|, (?!\d)")
SHORT = 24


@cache
def _strengths() -> list[tuple[Strength, re.Pattern[str]]]:
    return [
        (entry["strength"], re.compile(entry["pattern"], re.IGNORECASE))
        for entry in load("cues")["strength"]
    ]


@cache
def _new_verb() -> re.Pattern[str]:
    return re.compile(expand(r"\b(?:will|shall|must|<imperative>)\b"))


def strength(left: str, right: str) -> Strength:
    """Give how strongly a sentence binds: the words of its own part of the sentence decide.

    A short part without a verb of its own goes with the part before it.
    """
    parts = PART.split(left)
    own = parts[-1] + re.split(r"[;；。，,.]", right, maxsplit=1)[0]
    joined = len(parts) > 1 and len(own) < SHORT and not _new_verb().search(own)
    for name, pattern in _strengths():
        if pattern.search(own) or (joined and pattern.search(parts[-2])):
            return name
    return "must"


def base(left: str, right: str) -> str | None:
    """Give what a change is compared with: a year or `previous year`, or None."""
    near = (re.split(r"[;；。]", left)[-1][-140:], re.split(r"[;；。，]", right)[0][:90])
    for text in near:
        hits = [
            (found.start(), number, found)
            for number, entry in enumerate(load("cues")["base"])
            for found in re.finditer(entry["pattern"], text, re.IGNORECASE)
        ]
        if hits:
            _, number, match = max(hits, key=lambda hit: hit[:2])
            return _base(load("cues")["base"][number], match)
    return None


def _base(entry: Mapping[str, str], found: re.Match[str]) -> str:
    year = re.search(r"(?:19|20)\d\d", found[0])
    return entry.get("value") or (year[0] if year else found[0])


def deadline(left: str, right: str) -> str | None:
    """Give the year by which a target is due, or None when the sentence names none."""
    pattern = named("year_ahead")
    close = PART.split(right)[0][:60]
    found = pattern.search(close) or next(reversed(list(pattern.finditer(left))), None)
    return (found["en"] or found["zh"]) if found else None
