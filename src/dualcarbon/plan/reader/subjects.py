"""What a number is about, and how it is shared out over coordinated subjects."""

from __future__ import annotations

import re
from functools import cache

from dualcarbon.plan.reader.clauses import CJK
from dualcarbon.plan.reader.lexicon import compiled, expand, load
from dualcarbon.plan.reader.quantities import Quantity

AND_ZH = re.compile(r"、|(?<!共)(?<!中)和(?!谐|水)|与|以及|及(?!以|时)")
AND_EN = re.compile(r",? and (?:the )?|, (?:the )?")
AFTER_ZH = re.compile(r"^(?:及?以上|左右|以内)?(?:的)?(?P<noun>[^，。；、:;,.()\d]{2,24})")
AFTER_EN = re.compile(
    r"^(?: equivalents?)?(?: of| in|,)? (?P<noun>(?!by\b|in\b|per\b|and\b|or\b|is\b|are\b|will\b|to\b)[^,.;:()\d]{3,60})"
)
LONGEST = 240


@cache
def _ends() -> tuple[re.Pattern[str], re.Pattern[str]]:
    table = load("subjects")
    lead, tail = (expand(re.sub(r"\s*\n\s*| (?=\|)", "", table[key])) for key in ("lead_in", "tail_out"))
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


def subject_of(item: Quantity, left: str, right: str, label: str) -> str:
    """Give the subject of a number from the words beside it.

    `left`: the sentence up to the number, after the number before; `label`: the words of the
    list item or lead that stand before the sentence.
    """
    part = re.split(r"[，。；;]|,(?!\d)", left)[-1]
    before = trim(part)
    after = _noun_after(item, right)
    if item.noun:
        return after if not item.noun else trim(item.noun) or item.noun
    if after and (not before or _object_follows(item, part)):
        return after
    if len(before) >= 2:
        return before
    whole = trim(re.split(r"[。；;]", left)[-1])
    return whole or after or trim(label)


def _noun_after(item: Quantity, right: str) -> str:
    pattern = AFTER_ZH if CJK.search(right[:12]) else AFTER_EN
    found = pattern.match(right)
    return trim(re.split(r"\b(?:by|in|from|until|before) (?:the )?20", found["noun"])[0]) if found else ""


def _object_follows(item: Quantity, part: str) -> bool:
    """Tell whether the verb stands right before the number, so that its object follows."""
    if item.unit == "%":
        return False
    made = expand(r"(?:<zh_make>|推广|保持)(?:全市|全省|约|不少于|不低于|至少|超过)?\s*$")
    if re.search(made, part):
        return True
    verb = r"\b(?:<imperative>|<imperative>ed|exceed|include|total)\b[^,]{0,3}"
    comparing = r"(?:at least |about |around |no less than |more than |over |up to |another )?$"
    return bool(compiled(expand(verb + comparing)).search(part))


@cache
def _shared(key: str) -> re.Pattern[str]:
    table = load("subjects")[key]
    return compiled(f"{table['en']}|{table['zh']}")


def is_paired(text: str) -> bool:
    """Tell whether the values of a sentence belong to its subjects one by one."""
    return _shared("paired").search(text) is not None


def parts_of(subject: str) -> list[str]:
    """Split a coordinated subject: "A, B and C", 甲、乙和丙."""
    cut = AND_ZH if CJK.search(subject) else AND_EN
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
