"""From cells to a frame of a declared table: match headers, parse columns, check the key."""

from __future__ import annotations

import difflib
import unicodedata
from pathlib import Path

import polars as pl
from attrs import evolve

from dualcarbon.errors import InputError
from dualcarbon.findings import Finding, Place, finding
from dualcarbon.tables.cells import Cells, read_cells
from dualcarbon.tables.model import SOURCE_ROW, Column, Reading, Table, Vocabularies
from dualcarbon.tables.parse import Errors, parse_column

MAX_FINDINGS = 200


def read_table(
    path: Path,
    table: Table,
    *,
    vocabularies: Vocabularies | None = None,
    sheet: str | None = None,
) -> Reading:
    """Read a csv, xlsx or parquet file as a declared table.

    Shape: the table's columns and `source_row`; one row per good row of the file.
    Absent: an empty cell is null where the column is nullable, a finding elsewhere; never zero.
    Errors: InputError when the file cannot be read or a required column is missing; all else is a
    finding with its cell, and the row is left out.
    """
    cells = read_cells(path, sheet=sheet)
    columns = _match(cells, table)
    reading = Reading(
        frame=table.empty(),
        findings=(),
        file=cells.file,
        sheet=cells.sheet,
        sha256=cells.sha256,
        letters=_letters(path, columns),
        rows_read=len(cells.numbers),
    )
    findings = _unknown_headers(cells, columns)
    raw = _raw(cells, table, columns)
    series, bad = [], set[int]()
    for column in table.columns:
        parsed, errors = parse_column(raw[column.name], column, vocabularies or {})
        series.append(parsed)
        bad.update(errors)
        findings += _column_findings(errors, column, raw, reading)
    frame = pl.DataFrame(series).with_columns(raw[SOURCE_ROW])
    keep = pl.Series([index not in bad for index in range(frame.height)], dtype=pl.Boolean)
    frame, repeated = _unique(frame.filter(keep), table, reading)
    return _with(reading, frame, [*findings, *repeated])


def _letters(path: Path, columns: dict[str, int]) -> dict[str, str]:
    """Give the letters of columns; the rows of a JSON file have no cells."""
    if path.suffix.lower() == ".json":
        return {}
    return {name: column_letter(index) for name, index in columns.items()}


def column_letter(index: int) -> str:
    """Give the spreadsheet letter of a column counted from 0: A, B, ... Z, AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _with(reading: Reading, frame: pl.DataFrame, findings: list[Finding]) -> Reading:
    return evolve(reading, frame=frame, findings=tuple(findings))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold().replace(" ", "_")


def _match(cells: Cells, table: Table) -> dict[str, int]:
    headers = [_plain(header) for header in cells.header]
    found: dict[str, int] = {}
    for column in table.columns:
        names = {_plain(name) for name in (column.name, *column.aliases)}
        hits = [index for index, header in enumerate(headers) if header in names]
        if len(hits) > 1:
            place = Place(cells.file, cells.sheet, column=column.name)
            raise InputError(finding("tables.column_twice", place, column=column.name))
        if hits:
            found[column.name] = hits[0]
    missing = [c for c in table.columns if c.required and c.name not in found]
    if missing:
        raise InputError(*(_missing(cells, table, column) for column in missing))
    return found


def _missing(cells: Cells, table: Table, column: Column) -> Finding:
    near = difflib.get_close_matches(column.name, cells.header, n=1)
    return finding(
        "tables.column_missing",
        Place(cells.file, cells.sheet, column=column.name),
        found=", ".join(cells.header[:40]),
        expected=column.name,
        table=table.name,
        column=column.name,
        headers=", ".join(cells.header[:40]),
        near=near[0] if near else "-",
    )


def _unknown_headers(cells: Cells, columns: dict[str, int]) -> list[Finding]:
    used = set(columns.values())
    return [
        finding(
            "tables.column_unknown",
            Place(cells.file, cells.sheet, column=header),
            found=header,
        )
        for index, header in enumerate(cells.header)
        if index not in used and header and not header.startswith("_")
    ]


def _raw(cells: Cells, table: Table, columns: dict[str, int]) -> pl.DataFrame:
    height = len(cells.numbers)
    data: dict[str, pl.Series] = {}
    for column in table.columns:
        index = columns.get(column.name)
        if index is None:
            data[column.name] = pl.Series(column.name, [None] * height, dtype=pl.String)
        elif cells.frame is not None:
            data[column.name] = cells.frame[cells.header[index]].alias(column.name)
        else:
            values = [row[index] for row in cells.rows]
            data[column.name] = pl.Series(column.name, values, dtype=pl.String)
    data[SOURCE_ROW] = pl.Series(SOURCE_ROW, list(cells.numbers), dtype=pl.Int64)
    return pl.DataFrame(data)


def _column_findings(
    errors: Errors,
    column: Column,
    raw: pl.DataFrame,
    reading: Reading,
) -> list[Finding]:
    rows, values = raw[SOURCE_ROW], raw[column.name]
    found = [
        finding(
            rule,
            reading.place(rows[index], column.name),
            found=values[index],
            column=column.name,
            **facts,
        )
        for index, (rule, facts) in list(errors.items())[:MAX_FINDINGS]
    ]
    if len(errors) > MAX_FINDINGS:
        place = Place(reading.file, reading.sheet, column=column.name)
        more = len(errors) - MAX_FINDINGS
        found.append(finding("tables.more", place, found=more, column=column.name))
    return found


def _unique(
    frame: pl.DataFrame, table: Table, reading: Reading
) -> tuple[pl.DataFrame, list[Finding]]:
    if not table.key or not frame.height:
        return frame, []
    names = [column.name for column in table.columns]
    twins = frame.filter(pl.struct(table.key).is_duplicated())
    if not twins.height:
        return frame, []
    same = twins.filter(pl.struct(names).is_duplicated())
    findings = _repeats(twins, table, reading, same)
    frame = frame.unique(names, keep="first", maintain_order=True)
    return frame.filter(~pl.struct(table.key).is_duplicated()), findings


def _repeats(
    twins: pl.DataFrame, table: Table, reading: Reading, same: pl.DataFrame
) -> list[Finding]:
    identical = set(same[SOURCE_ROW])
    findings = []
    groups = twins.group_by(table.key, maintain_order=True).agg(pl.col(SOURCE_ROW))
    for row in groups.head(MAX_FINDINGS).iter_rows(named=True):
        numbers = row[SOURCE_ROW]
        rule = "tables.row_repeated" if set(numbers) <= identical else "tables.key_repeated"
        key = ", ".join(f"{name}={row[name]}" for name in table.key)
        findings.append(
            finding(
                rule,
                reading.place(numbers[-1], table.key[0]),
                found=key,
                table=table.name,
                key=key,
                rows=", ".join(str(number) for number in numbers),
            )
        )
    return findings
