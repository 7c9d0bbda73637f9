"""The lexicon of the reader: every word, unit and rule is data in `data/world/reader`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

WIDE = {ord("０") + n: ord("0") + n for n in range(10)}
WIDE |= {ord("Ａ") + n: ord("A") + n for n in range(26)}
WIDE |= {ord("ａ") + n: ord("a") + n for n in range(26)}
WIDE |= {
    ord(wide): ord(narrow)
    for wide, narrow in zip("％．：；（）／＋＝～", "%.:;()/+=~", strict=True)
}
WIDE |= {ord(space): ord(" ") for space in "\u00a0\u2007\u2009\u202f\u2002\u2003\u200a\u3000\t"}
WIDE |= {ord("’"): ord("'"), ord("−"): ord("-"), ord("‐"): ord("-"), ord("‑"): ord("-")}


def normalise(text: str) -> str:
    """Give full-width figures, letters and spaces their narrow form; every offset stays."""
    return text.translate(WIDE)


@cache
def load(name: str) -> Any:
    """Read one file of the lexicon."""
    source = files("dualcarbon").joinpath("data", "world", "reader", f"{name}.yaml")
    return yaml.safe_load(source.read_text(encoding="utf-8"))


def alternation(words: Iterable[str], *, literal: bool = False) -> str:
    """Join words into one pattern, the longest first."""
    ordered = sorted(set(words), key=len, reverse=True)
    return "|".join(re.escape(word) if literal else word for word in ordered)


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """Compile a pattern of the lexicon, without regard to case."""
    return re.compile(pattern, re.IGNORECASE)


@cache
def fragments() -> dict[str, str]:
    """Give the named parts of patterns, which other patterns use as `<name>`."""
    found = {**load("cues")["fragments"], **load("exclusions")["fragments"]}
    return {name: choice(words) for name, words in found.items()}


def choice(words: str | list[str]) -> str:
    """Give a pattern that is written as such, or as the list of its alternatives."""
    return words if isinstance(words, str) else "|".join(words)


def expand(pattern: str) -> str:
    """Fill `<name>` with the part of that name, and what it uses in turn."""
    known = fragments()
    for _ in range(3):
        pattern = re.sub(
            r"(?<!\?P)<([a-z_]+)>",
            lambda found: f"(?:{known[found[1]]})" if found[1] in known else found[0],
            pattern,
        )
    return pattern


@cache
def named(name: str) -> re.Pattern[str]:
    """Give a pattern of `patterns.yaml`, compiled without regard to case."""
    return compiled(expand(load("patterns")[name]))
