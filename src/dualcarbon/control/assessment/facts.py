"""Facts of an assessment: read from JSON, csv or xlsx, in the units of the rubric, per subject."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
from attrs import frozen

from dualcarbon.control.assessment.model import BARE, Fact, Rubric
from dualcarbon.editions import Input
from dualcarbon.errors import InputError
from dualcarbon.findings import Finding, Place, finding
from dualcarbon.tables import Column, Reading, Table, read_table
from dualcarbon.units import compatible, convert
from dualcarbon.vocabulary import Vocabulary

FACTS = Table(
    "facts",
    (
        Column("subject", aliases=("对象", "考核对象", "地区", "单位名称")),
        Column("name", aliases=("指标", "事实", "fact")),
        Column("value", "number", required=False, nullable=True, aliases=("数值", "值")),
        Column("unit", "unit", required=False, nullable=True, aliases=("单位", "计量单位")),
        Column("met", "boolean", required=False, nullable=True, aliases=("是否达标", "达标")),
        Column("source", required=False, nullable=True, aliases=("来源",)),
        Column("grade", required=False, nullable=True, aliases=("等级", "档次")),
        Column("uncertainty", "number", required=False, nullable=True, aliases=("不确定度",)),
        Column("low", "number", required=False, nullable=True, aliases=("下限",)),
        Column("high", "number", required=False, nullable=True, aliases=("上限",)),
    ),
    key=("subject", "name"),
)
NUMBERS = ("value", "low", "high")


@frozen
class Given:
    """A fact as it was given: its number in the unit of the rubric, met or not, or its level.

    `low` and `high` are the ends of the 95 % range where one was stated, else None. `grade` is the
    level of a fact that has levels, else the grade of the data. `row` is its row in FACTS order.
    """

    subject: str
    name: str
    value: float | None
    met: bool | None
    level: str | None
    grade: str | None
    low: float | None
    high: float | None
    unit: str
    source: str | None
    place: str
    row: int

    @property
    def uncertain(self) -> bool:
        """Tell whether a range was stated that is wider than the value."""
        return self.low is not None and self.high is not None and self.low < self.high


Book = Mapping[str, Mapping[str, Given]]


@frozen
class Facts:
    """The facts of all subjects: `book[subject][fact]`, and the frame that an edition keeps.

    Shape of `frame`: FACTS with codes for names and numbers in the unit of the rubric, and `place`;
    a row per fact used, in order of subject and name.
    """

    book: Book
    frame: pl.DataFrame
    findings: tuple[Finding, ...]
    input: Input


def read_facts(path: Path, rubric: Rubric, sheet: str | None = None) -> Facts:
    """Read the facts of a rubric.

    Absent: an empty cell is absent, never zero. A name that the rubric does not know, a unit of
    another dimension, a number without its unit, an empty or reversed range: a finding, and the
    fact is left out, so that its line stays open.
    Errors: InputError as in `read_table`, and when no row is left.
    """
    reading = read_table(path, FACTS, sheet=sheet)
    findings = list(reading.findings)
    words = Vocabulary(rubric.facts.values())
    kept: dict[tuple[str, str], dict[str, Any]] = {}
    clashes: set[tuple[str, str]] = set()
    for row in reading.frame.iter_rows(named=True):
        taken = _taken(row, rubric, words, reading, findings)
        if taken is None:
            continue
        key = (taken["subject"], taken["name"])
        if key in kept:
            clashes.add(key)
            findings.append(_at(reading, row, "name", "fact_twice", found=" / ".join(key)))
        kept[key] = taken
    rows = [kept[key] for key in sorted(kept) if key not in clashes]
    everyone = set(reading.frame["subject"].to_list())
    if not everyone:
        raise InputError(finding("assessment.no_subjects", Place(reading.file)), *findings)
    frame = pl.DataFrame(rows, schema={**FACTS.schema(), "place": pl.String})
    entry = Input(reading.file, reading.sha256, reading.rows_read)
    return Facts(book_of(frame, rubric, everyone), frame, tuple(findings), entry)


def book_of(frame: pl.DataFrame, rubric: Rubric, subjects: set[str]) -> Book:
    """Give the facts of a frame by subject and name; a subject without facts has an empty page."""
    book: dict[str, dict[str, Given]] = {subject: {} for subject in sorted(subjects)}
    for number, row in enumerate(frame.iter_rows(named=True)):
        fact = rubric.facts[row["name"]]
        level = row["grade"] if fact.levels else None
        low, high = _range(row)
        book[row["subject"]][row["name"]] = Given(
            subject=row["subject"],
            name=row["name"],
            value=row["value"],
            met=row["met"],
            level=level,
            grade=row["grade"],
            low=low,
            high=high,
            unit=fact.unit,
            source=row["source"],
            place=row["place"],
            row=number,
        )
    return book


def _range(row: Mapping[str, Any]) -> tuple[float | None, float | None]:
    if row["value"] is None:
        return None, None
    if row["low"] is not None:
        return row["low"], row["high"]
    if row["uncertainty"] is None:
        return None, None
    half = abs(row["value"]) * row["uncertainty"] / 100
    return row["value"] - half, row["value"] + half


def _at(reading: Reading, row: Mapping[str, Any], column: str, rule: str, **facts: Any) -> Finding:
    return finding(f"assessment.{rule}", reading.place(row["source_row"], column), **facts)


def _taken(
    row: dict[str, Any],
    rubric: Rubric,
    words: Vocabulary[Fact],
    reading: Reading,
    findings: list[Finding],
) -> dict[str, Any] | None:
    """Give a row in the words and units of the rubric; None where it cannot be used."""
    fact = words.resolve(row["name"])
    if fact is None:
        near = ", ".join(words.suggest(row["name"])) or ", ".join(rubric.facts)
        findings.append(_at(reading, row, "name", "fact_unknown", found=row["name"], expected=near))
        return None
    said = _unit(row, fact, reading) or _level(row, fact, reading) or _bounds(row, reading)
    if said is not None:
        findings.append(said)
        return None
    unit = row["unit"] or fact.unit
    numbers = {n: _converted(row[n], unit, fact.unit) for n in NUMBERS}
    grade = _level_code(row["grade"], fact) if row["grade"] and fact.levels else row["grade"]
    place = str(reading.place(row["source_row"], "value" if row["value"] is not None else "name"))
    made = {**row, **numbers, "name": fact.code, "unit": fact.unit, "grade": grade, "place": place}
    return {key: value for key, value in made.items() if key != "source_row"}


def _converted(value: float | None, unit: str, wanted: str) -> float | None:
    return value if value is None or unit == wanted else convert(value, unit, wanted)


def _unit(row: Mapping[str, Any], fact: Fact, reading: Reading) -> Finding | None:
    if row["value"] is None:
        return None
    if row["unit"] is None:
        if fact.unit in BARE:
            return None
        return _at(
            reading,
            row,
            "unit",
            "unit_absent",
            found=row["value"],
            expected=fact.unit,
            name=fact.code,
        )
    if compatible(row["unit"], fact.unit):
        return None
    return _at(
        reading, row, "unit", "unit_wrong", found=row["unit"], expected=fact.unit, name=fact.code
    )


def _level(row: Mapping[str, Any], fact: Fact, reading: Reading) -> Finding | None:
    if not row["grade"] or not fact.levels or _level_code(row["grade"], fact):
        return None
    known = ", ".join(f"{level.code} ({level.name_zh})" for level in fact.levels)
    return _at(
        reading, row, "grade", "level_unknown", found=row["grade"], expected=known, name=fact.code
    )


def _level_code(text: str, fact: Fact) -> str | None:
    level = Vocabulary(fact.levels).resolve(text)
    return level.code if level else None


def _bounds(row: Mapping[str, Any], reading: Reading) -> Finding | None:
    """Say that a stated range cannot be one."""
    value, low, high = (row[name] for name in NUMBERS)
    half = (low is None) != (high is None)
    outside = None not in (low, high, value) and not low <= value <= high
    if half or outside or (row["uncertainty"] or 0) < 0:
        shown = f"{low} .. {high}" if low is not None or high is not None else row["uncertainty"]
        return _at(reading, row, "low", "range", found=shown, expected=value)
    return None
