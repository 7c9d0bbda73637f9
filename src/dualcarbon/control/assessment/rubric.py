"""Rubrics from YAML: find the one that is in force, build it with its choices, say what is wrong.

The format: docs/methods/assessment.md. A rubric is data and holds no expressions.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from dualcarbon.control.assessment.bands import BOUNDS, read_band
from dualcarbon.control.assessment.check import check
from dualcarbon.control.assessment.entry import Entry
from dualcarbon.control.assessment.items import read_item
from dualcarbon.control.assessment.model import (
    HIGHER,
    LOWER,
    MARKS,
    STATUSES,
    Choice,
    Fact,
    Grade,
    Item,
    Named,
    Ratio,
    Rubric,
    Share,
)
from dualcarbon.control.assessment.wording import built_in_choices
from dualcarbon.errors import DualcarbonError, PackError, UsageError
from dualcarbon.findings import Finding, Place, finding
from dualcarbon.packs import Pack, load_yaml
from dualcarbon.units import canonical
from dualcarbon.vocabulary import Vocabulary

FOLDER = "rubrics/*.yaml"
NAMES = ("id", "name_zh", "name_en")
KEYS = (
    *NAMES, "applies_to", "valid_from", "valid_to", "mark", "status", "source", "note_zh",
    "note_en", "choices", "facts", "items", "grades", "shares", "total", "base_grade", "decision",
)  # fmt: skip
LEVELS = ("province", "city", "district", "department", "enterprise")


def load_rubric(path: Path, choices: Mapping[str, str] | None = None) -> Rubric:
    """Load one rubric file with the options taken of its choices.

    Errors: PackError with every complaint about the file; UsageError for an unknown choice.
    """
    return build(load_yaml(path), choices or {}, str(path))


def find_rubric(
    pack: Pack,
    name: str,
    on: dt.date | None = None,
    choices: Mapping[str, str] | None = None,
) -> tuple[Rubric, list[Finding]]:
    """Give the rubric of a pack by id or name, of several versions the one in force on a date.

    The version is the last that began by the date (today without one), so that a future one changes
    nothing. A date after the end of the version, or before its start, is a finding.
    Errors: UsageError when no rubric has the name.
    """
    found = _versions(pack, name)
    day = on or dt.date.today()
    begun = [entry for entry in found if entry[0] <= day]
    raw, path = max(begun or found[:1], key=lambda entry: entry[0])[1:]
    rubric = build(raw, choices or {}, str(path))
    return rubric, in_force(rubric, on)


def in_force(rubric: Rubric, on: dt.date | None) -> list[Finding]:
    """Say that a rubric is not in force on the day asked for; no day asks for nothing."""
    late = on is not None and rubric.valid_to is not None and on > rubric.valid_to
    early = on is not None and on < rubric.valid_from
    if not late and not early:
        return []
    span = f"{rubric.valid_from}..{rubric.valid_to or ''}"
    return [finding("assessment.not_in_force", found=str(on), expected=span, rubric=rubric.code)]


def _versions(pack: Pack, name: str) -> list[tuple[dt.date, Any, Path]]:
    files = [(load_yaml(path), path) for path in pack.files(FOLDER)]
    named = [(raw, path) for raw, path in files if isinstance(raw, dict) and raw.get("id")]
    words = Vocabulary([_named(raw) for raw, _ in named])
    wanted = words.resolve(name)
    if wanted is None:
        near = ", ".join(words.suggest(name)) or ", ".join(words)
        raise UsageError(finding("assessment.rubric_unknown", found=name, expected=near))
    versions: dict[dt.date, tuple[Any, Path]] = {}
    for raw, path in named:
        if str(raw["id"]) == wanted.code:
            start = Entry(raw, wanted.code, str(path), []).date("valid_from", required=True)
            versions[start or dt.date.min] = (raw, path)  # the nearest pack comes last
    return sorted((start, *entry) for start, entry in versions.items())


def _named(raw: Mapping[str, Any]) -> Named:
    return Named(*Entry(raw, "", "", []).names())


def list_rubrics(pack: Pack) -> Iterator[Rubric]:
    """Give every version of every rubric of a pack, in order of id and start."""
    for name in sorted({str(load_yaml(path).get("id")) for path in pack.files(FOLDER)}):
        for _, raw, path in _versions(pack, name):
            yield build(raw, {}, str(path))


def build(raw: Any, choices: Mapping[str, str], file: str = "") -> Rubric:
    """Build a rubric from its YAML mapping; see `load_rubric` for the errors."""
    if not isinstance(raw, dict):
        place = Place(file or None)
        raise PackError(
            finding("assessment.mapping", place, where=file, key="", found=type(raw).__name__)
        )
    findings: list[Finding] = []
    top = Entry(raw, str(raw.get("id", "?")), file, findings)
    top.keys(KEYS)
    taken = _choices(top, choices)
    facts = {fact.code: fact for fact in map(_fact, top.entries("facts"))}
    marks = top.choice("mark", MARKS), top.choice("status", STATUSES)
    kept = [e for e in top.entries("items") if _in_force(e, taken)]
    items = [read_item(entry, facts, *marks) for entry in kept]
    rubric = _assembled(top, taken, facts, items, marks)
    if not findings:
        check(rubric, top)
    if findings:
        raise PackError(*findings)
    return rubric


def _assembled(
    top: Entry,
    taken: Mapping[str, Choice],
    facts: Mapping[str, Fact],
    items: Sequence[Item],
    marks: tuple[str, str],
) -> Rubric:
    grades = tuple(_grade(e) for e in top.entries("grades") if _in_force(e, taken))
    raw = top.raw
    return Rubric(
        *top.names(),
        applies_to=top.choice("applies_to", LEVELS),
        valid_from=top.date("valid_from", required=True) or dt.date.min,
        valid_to=top.date("valid_to"),
        mark=marks[0],
        status=marks[1],
        source=top.text("source", ""),
        note=(top.text("note_zh", ""), top.text("note_en", "")),
        choices=taken,
        facts=facts,
        items=tuple(items),
        grades=grades,
        shares=tuple(Share(e.text("grade"), e.number("at_most")) for e in top.entries("shares")),
        base_grade=top.text("base_grade") if "base_grade" in raw else None,
        decision=top.text("decision") if "decision" in raw else None,
        raw=raw,
        file=top.file,
    )


def _choices(top: Entry, wanted: Mapping[str, str]) -> dict[str, Choice]:
    """Give the choices of the engine and of the file, each with the option taken."""
    own = {e.text("id"): e for e in top.entries("choices")}
    found = {choice.code: choice for choice in built_in_choices(top.raw)}
    for name, entry in own.items():
        entry.keys((*NAMES, "options", "default"))
        options = found[name].options if name in found else entry.texts("options")
        default = entry.choice("default", options or ("?",))
        names = found[name] if name in found else Named(*entry.names())
        found[name] = Choice(name, names.name_zh, names.name_en, options, default)
    for name, option in wanted.items():
        if name not in found or option not in found[name].options:
            known = "; ".join(f"{c.code}={'|'.join(c.options)}" for c in found.values()) or "-"
            raise UsageError(
                finding("assessment.choice_unknown", found=f"{name}={option}", expected=known)
            )
        kept = found[name]
        found[name] = Choice(name, kept.name_zh, kept.name_en, kept.options, option)
    return found


def _in_force(entry: Entry, taken: Mapping[str, Choice]) -> bool:
    """Tell whether an entry belongs to the readings taken (`reading: {choice: option}`)."""
    reading = entry.entry("reading")
    for name, option in (reading.raw if reading else {}).items():
        if name not in taken or str(option) not in taken[name].options:
            entry.complain(
                "reading", "reading", found=f"{name}: {option}", expected=", ".join(taken)
            )
        elif taken[name].chosen != str(option):
            return False
    return True


def _fact(entry: Entry) -> Fact:
    entry.keys((*NAMES, "unit", "better", "met_when", "ratio", "levels"))
    test, ratio = entry.entry("met_when"), entry.entry("ratio")
    band = None
    if test is not None:
        test.keys(BOUNDS)
        band = band_of(test)
    falls = band is not None and band.falls
    return Fact(
        *entry.names(),
        unit=_unit(entry),
        better=entry.choice("better", (HIGHER, LOWER), LOWER if falls else HIGHER),
        met_when=band,
        ratio=_ratio(ratio) if ratio else None,
        levels=tuple(Named(*e.names()) for e in entry.entries("levels")),
    )


def band_of(entry: Entry) -> Any:
    """Give the band of an entry; a wrong bound is a complaint."""
    try:
        return read_band(entry.raw)
    except ValueError as error:
        entry.complain("bound", found=str(error))
        return None


def _unit(entry: Entry) -> str:
    text = entry.text("unit", "1")
    try:
        return canonical(text)
    except DualcarbonError:
        entry.complain("unit", "unit")
        return "1"


def _ratio(entry: Entry) -> Ratio:
    entry.keys(("of", "to", "change"))
    to = entry.raw.get("to")
    numeric = isinstance(to, int | float) and not isinstance(to, bool)
    target = entry.number("to", low=None) if numeric else entry.text("to")
    return Ratio(entry.text("of"), target, entry.raw.get("change") is True)


def _grade(entry: Entry) -> Grade:
    entry.keys((*NAMES, *BOUNDS, "reading"))
    return Grade(*entry.names(), band=band_of(entry))
