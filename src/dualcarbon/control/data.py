"""Read a data folder: its tables in the words of the pack, and what was refused and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import polars as pl
from attrs import evolve, frozen

from dualcarbon.control.deductions.facts import DEDUCTIONS, placed, refused_rows
from dualcarbon.control.tables import FILES
from dualcarbon.editions import Input
from dualcarbon.errors import InputError
from dualcarbon.findings import Finding, Place, finding
from dualcarbon.packs import Pack
from dualcarbon.subjects import Words, load_words
from dualcarbon.tables import read_table
from dualcarbon.tables.model import SOURCE_ROW, Reading, Table
from dualcarbon.vocabulary import Vocabulary
from dualcarbon.words import LISTS

KINDS = (".csv", ".xlsx", ".parquet")
VALUE = {"activity": "quantity", "statistics": "value", "progress": "quantity"}


@frozen
class Data:
    """A data folder as read: good rows by table, refused rows by table, findings and inputs.

    Every frame has `source_row` and `place` (the cell of its number). `refused` holds rows whose
    number, unit or key cannot stand, so that whoever needs them says invalid and not absent.
    """

    folder: Path
    words: Words
    frames: Mapping[str, pl.DataFrame]
    refused: Mapping[str, pl.DataFrame]
    findings: tuple[Finding, ...]
    inputs: tuple[Input, ...]


def read_data(folder: Path, pack: Pack) -> Data:
    """Read the data folder `activity`, `statistics`, `progress`, `enterprises`; each may be absent.

    Errors: InputError when the folder is not there, a file cannot be read, or a column is missing.
    All else is a finding with its cell; the row is left out and the others stand.
    """
    if not folder.is_dir():
        raise InputError(finding("control.no_folder", Place(str(folder)), found=str(folder)))
    words = load_words(pack)
    frames: dict[str, pl.DataFrame] = {}
    refused: dict[str, pl.DataFrame] = {}
    findings: list[Finding] = []
    inputs: list[Input] = []
    for name, table in FILES.items():
        path = find_file(folder, name, findings)
        if path is None:
            frames[name] = _empty(table)
            refused[name] = _empty(table)
            continue
        frames[name], refused[name], reading = _read(path, name, table, words)
        findings += [*reading.findings]
        inputs.append(Input(reading.file, reading.sha256, reading.rows_read))
    if not inputs:
        findings.append(finding("control.empty_folder", Place(str(folder)), found=str(folder)))
    return Data(folder, words, frames, refused, tuple(findings), tuple(inputs))


def find_file(folder: Path, name: str, findings: list[Finding]) -> Path | None:
    """Give the file of a table in a folder, or None; a second of the same name is a finding."""
    found = [folder / f"{name}{kind}" for kind in KINDS if (folder / f"{name}{kind}").exists()]
    if len(found) > 1:
        names = ", ".join(path.name for path in found)
        findings.append(finding("control.two_files", Place(found[0].name), found=names))
    return found[0] if found else None


def _empty(table: Table) -> pl.DataFrame:
    return table.empty().with_columns(pl.lit(None, pl.String).alias("place"))


def _read(
    path: Path, name: str, table: Table, words: Words
) -> tuple[pl.DataFrame, pl.DataFrame, Reading]:
    vocabularies: dict[str, Any] = {
        **LISTS,
        "carrier": words.carriers,
        "indicator": Vocabulary(words.indicators.values()),
    }
    reading = read_table(path, table, vocabularies=vocabularies)
    if name == DEDUCTIONS.name:
        return placed(reading, words), refused_rows(path, reading, words), reading
    frame = _placed(reading.frame, reading, VALUE.get(name))
    lost = _refused(path, name, table, vocabularies, reading)
    frame, unknown = _with_subjects(frame, name, reading, words)
    lost = _with_subjects(lost, name, reading, words)[0]
    return frame, lost, evolve(reading, findings=(*reading.findings, *unknown))


def _placed(frame: pl.DataFrame, reading: Reading, column: str | None) -> pl.DataFrame:
    places = [str(reading.place(row, column)) for row in frame[SOURCE_ROW]]
    return frame.with_columns(pl.Series("place", places, dtype=pl.String))


def _refused(
    path: Path, name: str, table: Table, vocabularies: Mapping[str, Any], reading: Reading
) -> pl.DataFrame:
    """Give rows that are whole but for their number, or that contradict another row."""
    errors = [f for f in reading.findings if f.severity == "error"]
    if not errors or name not in VALUE:
        return _empty(table)
    columns = [
        evolve(c, dtype="text", nullable=True) if c.name == VALUE[name] else c
        for c in table.columns
    ]
    loose = read_table(
        path, evolve(table, columns=tuple(columns), key=()), vocabularies=vocabularies
    )
    lost = loose.frame.join(reading.frame, on=list(table.key), how="anti", nulls_equal=True)
    number = pl.col(VALUE[name]).cast(pl.Float64, strict=False)
    return _placed(lost.with_columns(number), reading, VALUE[name])


def _with_subjects(
    frame: pl.DataFrame, name: str, reading: Reading, words: Words
) -> tuple[pl.DataFrame, list[Finding]]:
    resolve = SUBJECTS.get(name)
    if resolve is None or not frame.height:
        return frame, []
    return resolve(frame, reading, words)


def _subjects(
    frame: pl.DataFrame, reading: Reading, words: Words
) -> tuple[pl.DataFrame, list[Finding]]:
    pairs = frame.select("subject_kind", "subject").unique(maintain_order=True).rows()
    known = {pair: words.subject(*pair) for pair in pairs}
    kinds, codes, keep, findings = [], [], [], []
    said: set[Any] = set()
    for kind, text, row in frame.select("subject_kind", "subject", SOURCE_ROW).iter_rows():
        answer = known[kind, text]
        keep.append(answer is not None)
        kinds.append(answer[0] if answer else kind)
        codes.append(answer[1] if answer else text)
        if answer is None and (kind, text) not in said:
            said.add((kind, text))
            findings.append(_unknown(reading, row, kind, text, words))
    columns = (pl.Series("subject_kind", kinds), pl.Series("subject", codes))
    return frame.with_columns(columns).filter(pl.Series(keep)), findings


def _unknown(reading: Reading, row: int, kind: str, text: str, words: Words) -> Finding:
    return finding(
        "control.subject_unknown",
        reading.place(row, "subject"),
        found=text,
        kind=kind,
        near=words.near(kind, text),
    )


def _progress_subjects(
    frame: pl.DataFrame, reading: Reading, words: Words
) -> tuple[pl.DataFrame, list[Finding]]:
    codes, findings = [], []
    for text, row in frame.select("subject", SOURCE_ROW).iter_rows():
        answer = words.subject("area", text) if text else ("city", words.city)
        codes.append(answer[1] if answer else text)
        if answer is None and _looks_like_area(text):
            findings.append(_unknown(reading, row, "area", text, words))
    return frame.with_columns(pl.Series("subject", codes, dtype=pl.String)), findings


def _looks_like_area(text: str) -> bool:
    return (text.isdigit() and len(text) == 6) or text.endswith(("区", "district", "District"))


Resolver = Callable[[pl.DataFrame, Reading, Words], tuple[pl.DataFrame, list[Finding]]]
SUBJECTS: Mapping[str, Resolver] = {
    "activity": _subjects,
    "statistics": _subjects,
    "progress": _progress_subjects,
}
