"""What a number is about, and how it is shared out over coordinated subjects."""

from __future__ import annotations

import re
from functools import cache

from dualcarbon.plan.reader.clauses import CJK
from dualcarbon.plan.reader.lexicon import choice, compiled, expand, load, named
from dualcarbon.plan.reader.quantities import Quantity

LONGEST = 240


@cache
def _ends() -> tuple[re.Pattern[str], re.Pattern[str]]:
    lead, tail = (f"(?:{expand(choice(load('subjects')[key]))})" for key in ("lead_in", "tail_out"))
    return re.compile(f"^{lead}+", re.IGNORECASE), re.compile(f"{tail}+$", re.IGNORECASE)


def trim(text: str) -> str:
    """Drop verbs, times and comparators from both ends of a subject."""
    lead, tail = _ends()
    for _ in range(6):
        shorter = tail.sub("", lead.sub("", text)).strip(" \"'“”‘’*|")
        if shorter == text:
            break
        text = shorter
    return text[-LONGEST:] if len(text) > LONGEST else text


def subject_of(item: Quantity, left: str, right: str, label: str, earlier: str) -> str:
    """Give the subject of a number from the words beside it; empty when there are none.

    `left`: the sentence up to the number, after the number before; `label`: the words that
    introduce the list item; `earlier`: the subject of the target before in the sentence.
    """
    if item.noun:
        return item.noun
    changed = named("changed_right").search(right)
    if changed:
        return trim(_timeless(changed["noun"]))
    part = re.split(r"[，。；;]|,(?!\d)", left)[-1]
    before, after = trim(part), _noun_after(right)
    if item.number.form == "change" and not before:
        return trim(_timeless(re.split(r"[,.;，。；]", right)[0]))
    if after and (_spent(before, earlier) or _leads(item, part, right)):
        return after
    if len(before) >= 2 and not _spent(before, ""):
        return before
    whole = trim(re.split(r"[。；;]", left)[-1])
    return ("" if _spent(whole, earlier) else whole) or after or ("" if earlier else trim(label))


def _noun_after(right: str) -> str:
    pattern = named("after_zh" if CJK.search(right[:12]) else "after_en")
    found = pattern.search(right)
    return trim(_timeless(found["noun"])) if found else ""


def _leads(item: Quantity, part: str, right: str) -> bool:
    """Tell whether the number stands before its subject: after a verb, or in "90 % of homes"."""
    if item.unit == "%":
        made = named("verb_before").search(part)
        return made is not None and named("share_of").search(right) is not None
    return named("verb_before").search(part) is not None or part.rstrip().endswith(":")


def _spent(before: str, earlier: str) -> bool:
    """Tell whether the words on the left are no subject: a lone verb, or the subject before."""
    return not before or named("lone_verb").search(before) is not None or before == earlier


def _timeless(text: str) -> str:
    return named("time_after").split(text)[0]


@cache
def _shared(key: str) -> re.Pattern[str]:
    table = load("subjects")[key]
    return compiled(f"{table['en']}|{table['zh']}")


def is_paired(text: str) -> bool:
    """Tell whether the values of a sentence belong to its subjects one by one."""
    return _shared("paired").search(text) is not None


def parts_of(subject: str) -> list[str]:
    """Split a coordinated subject: "A, B and C", 甲、乙和丙."""
    cut = named("and_zh" if CJK.search(subject) else "and_en")
    return [part.strip() for part in cut.split(subject) if part and part.strip()]


def spread(subject: str, sentence_left: str, *, rate: bool) -> list[str]:
    """Give the subjects to which one number applies, one or several.

    Several when the sentence says so (均, each, both), or when a rate follows coordinated
    subjects that are each an indicator of their own.
    """
    parts = parts_of(subject)
    if len(parts) < 2 or any(len(part) < 2 for part in parts):
        return [subject]
    if _shared("each").search(sentence_left):
        return parts
    head = _shared("head")
    if rate and all(head.search(part) for part in parts):
        return parts
    return [subject]
