"""The reader of notices: text in, clauses and quantified targets out; pure and deterministic."""

from __future__ import annotations

import re
from typing import Literal

from attrs import field, frozen, mutable

from dualcarbon.plan.reader.clauses import (
    CJK,
    Sentence,
    join_wrapped,
    split_lines,
    split_sentences,
)
from dualcarbon.plan.reader.exclude import blocked, excluded
from dualcarbon.plan.reader.grids import draw_bars
from dualcarbon.plan.reader.implied import with_unit
from dualcarbon.plan.reader.lexicon import load, named, normalise
from dualcarbon.plan.reader.measure import Measure, Words, is_list, measure
from dualcarbon.plan.reader.model import Clause, NoticeDraft, Rejected, Target
from dualcarbon.plan.reader.pairing import in_pairs, paired
from dualcarbon.plan.reader.qualifiers import base, deadline, strength
from dualcarbon.plan.reader.quantities import Quantity, find_quantities
from dualcarbon.plan.reader.status import Times, status_of, times_of
from dualcarbon.plan.reader.subjects import spread, subject_of, trim
from dualcarbon.plan.reader.tables import read_tables

Language = Literal["auto", "zh", "en"]
REACH = 700
TITLE_LINES = 3
PASSED_OVER = (
    "date",
    "name",
    "part_of_a_name",
    "document",
    "reference",
    "ordinal",
    "base_value",
    "no_unit",
    "denominator",
)


@frozen
class Document:
    """The normalised text with everything that is known of the whole of it."""

    text: str
    times: Times
    marks: bytearray


@mutable
class Reading:
    """What has been read of one sentence so far."""

    sentence: Sentence
    targets: list[Target] = field(factory=list)
    rejected: list[Rejected] = field(factory=list)
    measure: Measure | None = None
    begin: int = 0
    threshold_end: int = -1


def read_notice(text: str, *, language: Language = "auto") -> NoticeDraft:
    """Read the clauses and the quantified targets of a notice in Chinese or English.

    Offsets of clauses and targets are of `text` as given. `language` names the main language;
    `auto` finds it. Numbers that are no targets are in `rejected`, each with the reason.
    An empty text gives an empty draft. Method: docs/methods/reading-notices.md.
    """
    plain = join_wrapped(normalise(draw_bars(text.replace("\r\n", " \n").replace("\r", "\n"))))
    lines = split_lines(plain)
    document = Document(plain, times_of(plain), blocked(plain))
    quantities = find_quantities(plain)
    sentences = split_sentences(plain, [line for line in lines if not line.row])
    readings = [_read_sentence(document, item, quantities) for item in sentences]
    table_targets, rows = read_tables(plain, lines, document.times)
    every = sorted([*sentences, *rows], key=lambda item: item.start)
    targets = [target for reading in readings for target in reading.targets] + table_targets
    return NoticeDraft(
        clauses=tuple(Clause(s.id, text[s.start : s.end], s.start, s.end) for s in every),
        targets=tuple(sorted(targets, key=lambda item: item.start)),
        rejected=tuple(entry for reading in readings for entry in reading.rejected),
        title=next((text[line.start : line.end].strip("# ") for line in lines), ""),
        language=_language(plain) if language == "auto" else language,
        year=document.times.year,
        text=text,
    )


def _language(text: str) -> str:
    return "zh" if len(CJK.findall(text)) * 4 > len(re.findall(r"[A-Za-z]+", text)) * 3 else "en"


def _read_sentence(document: Document, sentence: Sentence, found: list[Quantity]) -> Reading:
    reading = Reading(sentence, begin=max(sentence.line.body, sentence.start))
    own = [item for item in found if reading.begin <= item.start < sentence.end]
    edge = reading.begin
    for index, item in enumerate(own):
        later = (after.start for after in own[index + 1 :] if not after.yearlike)
        reason = _read_number(document, reading, item, edge, next(later, sentence.end))
        if reason is not None:
            reading.rejected.append(_rejected(document, sentence, item, reason))
        if reason not in PASSED_OVER:
            edge = item.end
    reading.targets = paired(document.text, reading.begin, sentence.end, reading.targets)
    return reading


def _read_number(
    document: Document, reading: Reading, item: Quantity, edge: int, limit: int
) -> str | None:
    """Add the target of one number to the reading, or give the reason why it is none."""
    text, sentence = document.text, reading.sentence
    reason = excluded(text, item, reading.begin, sentence.end, document.marks)
    if reason == "threshold" or (reason is None and _chained(text, reading, item)):
        reading.threshold_end = item.end
        return "threshold"
    if reason:
        return reason
    left, right = _beside(text, reading, item)
    unit_before = reading.targets[-1].unit if reading.targets else None
    with_its_unit = with_unit(item, left, right[:16], unit_before)
    if with_its_unit is None:
        return "date" if item.yearlike else "no_unit"
    reason = _no_duty(document, reading, item, limit)
    window = text[max(edge, item.start - REACH) : item.start]
    if reason or _idle_numeral(item, window):
        return reason or "structure"
    _add(document, reading, with_its_unit, window, right)
    return None


def _no_duty(document: Document, reading: Reading, item: Quantity, limit: int) -> str | None:
    """Give the reason why the sentence sets no duty for its number, or None when it does."""
    sentence, line = reading.sentence, reading.sentence.line
    status = status_of(
        document.text,
        (max(reading.begin, item.start - REACH), sentence.end),
        (item.start, min(item.end, sentence.end)),
        line,
        document.times,
        limit,
    )
    if status in ("done", "fact", "review"):
        return status
    if line.tense == "aside":
        return "aside"
    worded = item.number.form in ("words", "numeral")
    titled = line.heading and item.unit == "count" and (worded or line.number < TITLE_LINES)
    return "no_duty" if status == "none" and titled else None


def _beside(text: str, reading: Reading, item: Quantity) -> tuple[str, str]:
    """Give the words of the sentence on both sides of a number, as far as they matter."""
    left = text[max(reading.begin, item.start - REACH) : item.start]
    return left, text[item.end : min(reading.sentence.end, item.end + REACH)]


def _chained(text: str, reading: Reading, item: Quantity) -> bool:
    """Tell whether a number goes on with a threshold: "of 300 MW or more than 5 million kWh"."""
    if reading.threshold_end < 0:
        return False
    if named("own_by").search(text[max(0, item.start - 30) : item.start]):
        return False
    return (
        named("chained").search(text[max(reading.threshold_end, item.start - REACH) : item.start])
        is not None
    )


def _add(document: Document, reading: Reading, item: Quantity, window: str, right: str) -> None:
    text, sentence = document.text, reading.sentence
    left, _ = _beside(text, reading, item)
    listed = is_list(window) and bool(reading.targets)
    found = measure(item, Words(window, left, right, reading.measure, listed))
    line = sentence.line
    label = text[line.lead[0] : line.lead[1]] if line.lead else ""
    earlier = reading.targets[-1].subject if reading.targets else ""
    subject = subject_of(item, window, right, label, earlier)
    if earlier and (not subject or (listed and item.unit == "%")):
        subject = earlier
    subject = subject or trim(re.split(r"[，；;,]", re.split(r"\d", left)[0])[-1])
    reading.measure = found
    rate = item.unit == "%"
    names = [subject] if in_pairs(left, right) else spread(subject, left[-120:], rate=rate)
    for name in names:
        reading.targets.append(
            Target(
                clause=sentence.id,
                start=item.start,
                end=item.end,
                subject=name,
                value=found.value,
                unit=item.unit or "1",
                comparator=found.comparator,
                direction=found.direction,
                strength=strength(left, right),
                base=base(left, right),
                kind=found.kind,
                deadline=deadline(f"{label}\n{left}", right),
            )
        )


def _idle_numeral(item: Quantity, window: str) -> bool:
    """Tell whether a small number in words is an article or a figure of speech."""
    if item.unit != "count" or item.value > 10:
        return False
    if item.number.form == "numeral":
        article = item.value == 1 and not named("at_least").search(window)
        return article or not named("made").search(window)
    if item.number.form == "words" and item.value == 1:
        return not named("at_least").search(window)
    return False


def _rejected(document: Document, sentence: Sentence, item: Quantity, reason: str) -> Rejected:
    words = load("exclusions")["reasons"][reason]
    return Rejected(
        clause=sentence.id,
        start=item.start,
        end=item.end,
        text=document.text[item.start : item.end],
        reason=reason,
        reason_zh=words["zh"],
        reason_en=words["en"],
    )
