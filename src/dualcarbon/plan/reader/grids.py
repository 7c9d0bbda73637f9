"""Tables drawn without outer bars: columns parted by tabs, by wide gaps, or by bars alone."""

from __future__ import annotations

import re
from itertools import groupby

LEAST = 2
GAP = re.compile(r"(?<=\S) {3,}(?=\S)")
TAB = re.compile(r"(?<=\S) *\t *(?=\S)")


def draw_bars(text: str) -> str:
    """Give the text with a bar for each column break of a table; every offset stays.

    A table is two or more lines in a row with the same number of breaks, at least two.
    """
    lines = text.split("\n")
    for pattern in (TAB, GAP):
        for at, size in runs([len(pattern.findall(line.strip(" "))) for line in lines]):
            for index in range(at, at + size):
                lines[index] = pattern.sub(_barred, lines[index])
    return "\n".join(lines)


def _barred(match: re.Match[str]) -> str:
    return "|" + " " * (len(match[0]) - 1)


def runs(breaks: list[int]) -> list[tuple[int, int]]:
    """Give place and length of the runs of lines with the same number of column breaks."""
    found, at = [], 0
    for number, group in groupby(breaks):
        size = len(list(group))
        if number >= LEAST and size >= LEAST:
            found.append((at, size))
        at += size
    return found
