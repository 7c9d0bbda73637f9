"""The reader of notices: text in, clauses and quantified targets out; pure and deterministic."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Literal

from attrs import evolve, field, frozen, mutable

from dualcarbon.plan.reader.clauses import (
    CJK,
    Sentence,
    join_wrapped,
    split_lines,
    split_sentences,
)
from dualcarbon.plan.reader.exclude import blocked_spans, excluded
from dualcarbon.plan.reader.lexicon import load, named, normalise
from dualcarbon.plan.reader.measure import Measure, Words, is_list, measure
from dualcarbon.plan.reader.model import Clause, NoticeDraft, Rejected, Target
from dualcarbon.plan.reader.quantities import Quantity, find_quantities
from dualcarbon.plan.reader.status import Times, status_of, times_of
from dualcarbon.plan.reader.subjects import is_paired, parts_of, spread, subject_of, trim
from dualcarbon.plan.reader.tables import read_tables

Language = Literal["auto", "zh", "en"]
PASSED_OVER = ("date", "name", "part_of_a_name", "document", "reference", "ordinal", "base_value")


@frozen
class Document:
    """The normalised text with everything that is known of the whole of it."""

    text: str
    times: Times
    spans: list[tuple[int, int, str]]


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
    plain = join_wrapped(normalise(text.replace("\r\n", " \n").replace("\r", "\n")))
    lines = split_lines(plain)
    document = Document(plain, times_of(plain), blocked_spans(plain))
    quantities = find_quantities(plain)
    sentences = split_sentences(plain, [line for line in lines if plain[line.start] != "|"])
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
    reading = Reading(
        sentence,
        begin=sentence.line.body if sentence.start < sentence.line.body else sentence.start,
    )
    own = [item for item in found if reading.begin <= item.start < sentence.end]
    edge = reading.begin
    for index, item in enumerate(own):
        later = (after.start for after in own[index + 1 :] if not after.yearlike)
        limit = next(later, sentence.end)
        reason = _read_number(document, reading, item, edge, limit)
        if reason is not None:
            reading.rejected.append(_rejected(document, sentence, item, reason))
        if reason not in PASSED_OVER:
            edge = item.end
    _pair(document, reading)
    return reading


def _read_number(
    document: Document, reading: Reading, item: Quantity, edge: int, limit: int
) -> str | None:
    """Add the target of one number to the reading, or give the reason why it is none."""
    text, sentence = document.text, reading.sentence
    reason = excluded(text, item, reading.begin, sentence.end, document.spans)
    chained = reading.threshold_end >= 0 and re.fullmatch(
        CHAINED, text[reading.threshold_end : item.start]
    )
    if reason == "threshold" or (reason is None and chained and not _by(text, item)):
        reading.threshold_end = item.end
        return "threshold"
    item, why = _with_unit(text, reading, item)
    if reason or why:
        return reason or why
    status = status_of(
        text,
        reading.begin,
        sentence.end,
        (item.start, item.end),
        sentence.line,
        document.times,
        limit,
    )
    if status in ("done", "fact", "review"):
        return status
    if sentence.line.tense == "aside":
        return "aside"
    window, right = text[edge : item.start], text[item.end : sentence.end]
    if status == "none" and sentence.line.heading and sentence.line.body == sentence.line.start:
        return "no_duty"
    if _idle_numeral(item, window):
        return "structure"
    _add(document, reading, item, window, right)
    return None


def _by(text: str, item: Quantity) -> bool:
    return re.search(r"\b(?:by|to)\b[^,;.]{0,20}$", text[item.start - 30 : item.start]) is not None


def _add(document: Document, reading: Reading, item: Quantity, window: str, right: str) -> None:
    text, sentence = document.text, reading.sentence
    left = text[reading.begin : item.start]
    listed = is_list(window) and bool(reading.targets)
    found = measure(item, window, right, reading.measure, left, listed=listed)
    line = sentence.line
    label = text[line.lead[0] : line.lead[1]] if line.lead else ""
    subject = subject_of(item, window, right, label)
    if reading.targets and (not subject or (listed and not item.noun and item.unit != "count")):
        subject = reading.targets[-1].subject
    reading.measure = found
    rate = item.unit == "%"
    names = [subject] if _paired(left, right) else spread(subject, left[-120:], rate=rate)
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


def _paired(left: str, right: str) -> bool:
    """Tell whether the number is one of a list of values with a subject each."""
    own = re.split(r"[，。；;]", left)[-1]
    return is_paired(own) or is_paired(re.split(r"[;；。，]|\. ", right)[0][:140])


def _with_unit(text: str, reading: Reading, item: Quantity) -> tuple[Quantity, str | None]:
    """Give a bare number the unit that its sentence implies, or say that it has none."""
    left = re.split(r"[。；;\n]", text[reading.begin : item.start])[-1]
    if not item.bare:
        return _implied(item, left), None
    if reading.targets and named("of_which").search(left) and not item.yearlike:
        return evolve(item, unit=reading.targets[-1].unit), None
    table = load("subjects")
    if item.yearlike:
        return item, "date"
    if re.search(table["ratio"] + "$", left, re.IGNORECASE) and item.value < 100:
        return evolve(item, unit="1"), None
    after = text[item.end : item.end + 8]
    if re.search(table["number_of"] + "$", left) or re.match(r" more\b", after):
        return evolve(item, unit="count"), None
    if item.factor != 1.0 and CJK.search(left[-1:]) and re.match(r"[，。；、左以]|$", after):
        return evolve(item, unit="count"), None
    return item, "no_unit"


def _implied(item: Quantity, left: str) -> Quantity:
    """Add the denominator that stands in the subject: "per inhabitant ... 130 litres a day"."""
    for rule in load("units")["implied"]:
        if item.unit not in rule["units"] or not re.search(rule["before"], left, re.IGNORECASE):
            continue
        if "insert" in rule:
            numerator, _, rest = str(item.unit).partition("/")
            return evolve(item, unit=f"{numerator}/{rule['insert']}/{rest}")
        if "only" not in rule:
            return evolve(item, unit=f"{item.unit}/{rule['append']}")
        inside = _inside(item)
        if inside in rule["only"]:
            unit = f"{inside}/{rule['append']}"
            return evolve(item, unit=unit, value=item.number.value)
    return item


def _inside(item: Quantity) -> str | None:
    """Give the name a small unit has inside a compound: kg for what alone is 0.001 t."""
    names = {
        (entry["unit"], float(entry["factor"])): entry["inside"]
        for entry in load("units")["units"]
        if "inside" in entry
    }
    return names.get((item.unit or "", item.factor))


def _idle_numeral(item: Quantity, window: str) -> bool:
    """Tell whether a small number in words is an article or a figure of speech."""
    if item.unit != "count" or item.value > 10:
        return False
    if item.number.form == "numeral":
        return item.value == 1 and "至少" not in window or not named("made").search(window)
    if item.number.form == "words" and item.value == 1:
        return not re.search(r"(?:at least|no less than|more than) $", window)
    return False


def _pair(document: Document, reading: Reading) -> None:
    """Give each value of a "respectively" list its own subject, where the numbers agree."""
    text, sentence = document.text, reading.sentence
    for group in _groups(reading.targets, text):
        whole = text[
            max(reading.begin, group[0].start - 200) : min(sentence.end, group[-1].end + 40)
        ]
        if len(group) < 2 or not is_paired(whole):
            continue
        subjects = _coordinated(text, reading, group)
        if len(subjects) >= len(group):
            for target, subject in zip(group, subjects[-len(group) :], strict=True):
                reading.targets[reading.targets.index(target)] = evolve(target, subject=subject)


def _coordinated(text: str, reading: Reading, group: list[Target]) -> list[str]:
    earlier = [item.end for item in reading.targets if item.end < group[0].start]
    left = text[max([reading.begin, *earlier]) : group[0].start]
    if CJK.search(left):
        left = re.split(r"[，。；;]", left.split("分别")[0] if "分别" in left else left)[-1]
    else:
        left = re.split(r"[;:]|\b(?:reduce|raise|increase|cut|lower)\b", left)[-1]
    return parts_of(trim(left))


def _groups(targets: list[Target], text: str) -> Iterable[list[Target]]:
    group: list[Target] = []
    for target in targets:
        if group and not is_list(text[group[-1].end : target.start]):
            yield group
            group = []
        group.append(target)
    if group:
        yield group


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
