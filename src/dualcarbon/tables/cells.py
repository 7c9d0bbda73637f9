"""From a file of any kind to plain cells: header, rows, and the number of each row in the file.

csv in UTF-8 (with or without BOM), UTF-16 with BOM or GB 18030; xlsx; parquet; JSON rows. Leading
lines that start with `#` are comments. Files are hostile until shown otherwise: size, expansion and
kind are checked before anything is parsed.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import re
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
from attrs import frozen

from dualcarbon.errors import InputError
from dualcarbon.findings import Place, finding
from dualcarbon.tables.json_rows import json_lines

MAX_BYTES = 512 * 1024 * 1024
MAX_EXPANDED = 1024 * 1024 * 1024
MAX_COLUMNS = 1000
MAX_CELLS = 20_000_000
CELL = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
DELIMITERS = ",\t;"
Cell = str | None


@frozen
class Cells:
    """The cells of one sheet as text: empty is None; `rows[i]` stands in line `numbers[i]`."""

    file: str
    sheet: str | None
    header: list[str]
    rows: Sequence[Sequence[Cell]]
    numbers: Sequence[int]
    sha256: str
    frame: pl.DataFrame | None = None


def read_cells(path: Path, *, sheet: str | None = None) -> Cells:
    """Read the cells of a csv, xlsx, parquet or JSON file.

    Absent: empty cells are None. Errors: InputError for a file that is missing, too large, of
    another kind than its name says, in an unknown encoding, without header, or ragged.
    """
    path = Path(path)
    data = read_bytes(path)
    suffix = path.suffix.lower()
    if suffix == ".parquet":
        return _parquet(path, data)
    if suffix == ".xlsx":
        return _xlsx(path, data, sheet)
    if suffix in {".csv", ".tsv", ".txt"}:
        return _csv(path, data)
    if suffix == ".json":
        return _json(path, data)
    raise InputError(
        finding("tables.kind", Place(path.name), found=suffix or path.name, expected="csv, xlsx")
    )


def _json(path: Path, data: bytes) -> Cells:
    header, rows = json_lines(path, decode(data, path.name))
    if not header:
        raise InputError(finding("tables.empty", Place(path.name)))
    if len(header) > MAX_COLUMNS:
        raise InputError(finding("tables.too_wide", Place(path.name), found=len(header)))
    return Cells(path.name, None, header, rows, list(range(1, len(rows) + 1)), digest(data))


def digest(data: bytes) -> str:
    """Give the SHA-256 of bytes in hex."""
    return hashlib.sha256(data).hexdigest()


def decode(data: bytes, name: str) -> str:
    """Decode text that is UTF-8, UTF-16 with BOM or GB 18030; InputError otherwise."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "gb18030")
        if b"\x00" in data:
            raise InputError(finding("tables.not_text", Place(name)))
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InputError(finding("tables.encoding", Place(name)))


def read_bytes(path: Path) -> bytes:
    """Read a file that exists, is not empty and not larger than allowed; InputError otherwise."""
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise InputError(finding("tables.no_file", Place(path.name), found=str(path)))
        if size > MAX_BYTES:
            raise InputError(finding("tables.too_large", Place(path.name), found=size))
        data = path.read_bytes()
    except OSError as error:
        raise InputError(
            finding("tables.no_file", Place(path.name), found=error.strerror or str(path))
        ) from error
    if not data.strip():
        raise InputError(finding("tables.empty", Place(path.name)))
    return data


def _csv(path: Path, data: bytes) -> Cells:
    text = decode(data, path.name)
    skipped, body = _after_comments(text)
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=delimiter(body), strict=True)
    lines, numbers = [], []
    try:
        for record in reader:
            lines.append(record)
            numbers.append(skipped + reader.line_num)
    except csv.Error as error:
        place = Place(path.name, row=skipped + reader.line_num)
        raise InputError(finding("tables.csv", place, found=str(error))) from error
    return _cells(path, None, lines, numbers, digest(data))


def _after_comments(text: str) -> tuple[int, str]:
    skipped = 0
    while text.startswith("#"):
        _, _, text = text.partition("\n")
        skipped += 1
    return skipped, text


def delimiter(body: str) -> str:
    """Give the delimiter of the first line: the one that stands there most often."""
    first = body.partition("\n")[0]
    return max(DELIMITERS, key=first.count)


def _xlsx(path: Path, data: bytes, sheet: str | None) -> Cells:
    chosen, lines = read_sheets(path, data, sheet)[0]
    start = next((i for i, row in enumerate(lines) if _is_data(row)), len(lines))
    numbers = range(start + 1, len(lines) + 1)
    return _cells(path, chosen, lines[start:], list(numbers), digest(data))


def read_sheets(
    path: Path, data: bytes, sheet: str | None, *, all_sheets: bool = False
) -> list[tuple[str, list[list[str]]]]:
    """Give name and text cells of one sheet (the one named, else the first) or of all sheets.

    Errors: InputError for what is no workbook, has macros, is too large, or lacks the sheet.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    _check_zip(path, data)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        names = book.sheet_names
        if sheet is not None and sheet not in names:
            place = Place(path.name, sheet)
            raise InputError(
                finding("tables.no_sheet", place, found=sheet, expected=", ".join(names))
            )
        wanted = [sheet] if sheet else names if all_sheets else names[:1]
        return [(name, _lines(book, name)) for name in wanted]
    except (CalamineError, ValueError) as error:
        raise InputError(finding("tables.xlsx", Place(path.name), found=str(error))) from error


def _lines(book: Any, name: str) -> list[list[str]]:
    content = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    return [[as_text(value) for value in row] for row in content]


def _is_data(row: Sequence[str]) -> bool:
    first = next((cell for cell in row if cell.strip()), "")
    return bool(first) and not first.startswith("#")


def _check_zip(path: Path, data: bytes) -> None:
    place = Place(path.name)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if sum(entry.file_size for entry in entries) > MAX_EXPANDED:
                raise InputError(finding("tables.too_large", place, found="zip"))
            if any(entry.filename.endswith("vbaProject.bin") for entry in entries):
                raise InputError(finding("tables.macros", place))
            sheets = [e for e in entries if e.filename.startswith("xl/worksheets/")]
            for entry in sheets:
                _check_extent(archive.read(entry), place)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        raise InputError(finding("tables.xlsx", place, found=str(error))) from error


def _check_extent(sheet: bytes, place: Place) -> None:
    """Refuse a sheet whose outermost cell spans more than can be held, before it is parsed."""
    high, wide = 1, 1
    for match in CELL.finditer(sheet):
        high = max(high, int(match[2]))
        wide = max(wide, _column_number(match[1]))
    if high * wide > MAX_CELLS:
        raise InputError(finding("tables.too_large", place, found=f"{high} x {wide}"))


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def as_text(value: object) -> str:
    """Give a cell of a workbook as text: whole numbers without point, dates in ISO form."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ")
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def _cells(
    path: Path, sheet: str | None, lines: list[list[str]], numbers: list[int], sha256: str
) -> Cells:
    if not lines or not any(cell.strip() for cell in lines[0]):
        raise InputError(finding("tables.empty", Place(path.name, sheet)))
    header = _trimmed([cell.strip() for cell in lines[0]])
    if len(header) > MAX_COLUMNS:
        raise InputError(finding("tables.too_wide", Place(path.name, sheet), found=len(header)))
    width, rows, kept = len(header), [], []
    for number, line in zip(numbers[1:], lines[1:], strict=True):
        cells = [cell.strip() or None for cell in line]
        if not any(cells):
            continue
        if any(cells[width:]):
            place = Place(path.name, sheet, row=number)
            raise InputError(finding("tables.ragged", place, found=len(line), expected=width))
        rows.append((cells + [None] * width)[:width])
        kept.append(number)
    return Cells(path.name, sheet, header, rows, kept, sha256)


def _trimmed(header: list[str]) -> list[str]:
    while header and not header[-1]:
        header.pop()
    return header


def _parquet(path: Path, data: bytes) -> Cells:
    try:
        frame = pl.read_parquet(io.BytesIO(data))
    except (pl.exceptions.PolarsError, OSError) as error:
        raise InputError(finding("tables.parquet", Place(path.name), found=str(error))) from error
    numbers = range(2, frame.height + 2)
    return Cells(path.name, None, frame.columns, (), numbers, digest(data), frame)
