"""Lists of values and subjects: "A, B and C reach x, y and z respectively"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from attrs import evolve

from dualcarbon.plan.reader.clauses import CJK
from dualcarbon.plan.reader.measure import is_list
from dualcarbon.plan.reader.model import Target
from dualcarbon.plan.reader.subjects import is_paired, parts_of, trim


def in_pairs(left: str, right: str) -> bool:
    """Tell whether a number is one of a list of values with a subject each."""
    own = re.split(r"[，。；;]", left)[-1]
    return is_paired(own) or is_paired(re.split(r"[;；。，]|\. ", right)[0][:140])


def paired(text: str, begin: int, end: int, targets: list[Target]) -> list[Target]:
    """Give each value of a "respectively" list its own subject, where the numbers agree."""
    found: list[Target] = []
    for group in _groups(targets, text):
        whole = text[max(begin, group[0].start - 200) : min(end, group[-1].end + 40)]
        names = _coordinated(text, begin, found, group) if len(group) > 1 else []
        if len(names) >= len(group) and len(group) > 1 and is_paired(whole):
            group = [
                evolve(target, subject=name)
                for target, name in zip(group, names[-len(group) :], strict=True)
            ]
        found += group
    return found


def _coordinated(text: str, begin: int, before: list[Target], group: list[Target]) -> list[str]:
    left = text[max([begin, *(item.end for item in before)]) : group[0].start]
    if CJK.search(left):
        left = re.split(r"[，。；;]", left.split("分别")[0])[-1]
    else:
        left = re.split(r"[;:]|\b(?:reduce|raise|increase|cut|lower)\b", left)[-1]
    return parts_of(trim(left))


def _groups(targets: list[Target], text: str) -> Iterator[list[Target]]:
    group: list[Target] = []
    for target in targets:
        if group and not is_list(text[group[-1].end : target.start]):
            yield group
            group = []
        group.append(target)
    if group:
        yield group
