"""A printed table as a grid of text cells: what stands where, before anything is understood."""

from __future__ import annotations

import csv
import io
import math
import re
import unicodedata
from pathlib import Path

from attrs import frozen

from dualcarbon.errors import InputError
from dualcarbon.findings import Place, finding
from dualcarbon.tables import cells as files
from dualcarbon.tables.read import column_letter

NUMBER = re.compile(r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$")
GROUPED = re.compile(r"^[+-]?\d{1,3}([, ]\d{3})+(\.\d+)?$")


@frozen
class Grid:
    """The cells of one sheet: `lines[i][j]` stands in row `numbers[i]`, column j; "" is empty."""

    file: str
    sheet: str | None
    lines: list[list[str]]
    numbers: list[int]
    sha256: str

    def place(self, line: int, column: int | None = None) -> Place:
        """Give the place of a cell, or of a whole row."""
        row = self.numbers[line]
        cell = None if column is None else f"{column_letter(column)}{row}"
        return Place(self.file, self.sheet, cell, row)

    def filled(self) -> list[int]:
        """Give the indices of the lines that hold anything."""
        return [index for index, line in enumerate(self.lines) if any(line)]


def read_grids(path: Path, sheet: str | None = None) -> list[Grid]:
    """Read every sheet (or the one named) of a csv or xlsx file.

    Errors: InputError for a file that cannot be read or a sheet that is not there.
    """
    suffix = path.suffix.lower()
    if suffix == ".xlsx":
        return _workbook(path, sheet)
    if suffix in {".csv", ".tsv", ".txt"}:
        return [_text(path)]
    place = Place(path.name)
    raise InputError(finding("tables.kind", place, found=suffix or path.name, expected="csv, xlsx"))


def _text(path: Path) -> Grid:
    data = files.read_bytes(path)
    text = files.decode(data, path.name)
    body = text.lstrip("\ufeff")
    first = next((line for line in body.splitlines() if not line.startswith("#")), "")
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=files.delimiter(first))
    lines, numbers = [], []
    try:
        for record in reader:
            comment = bool(record) and record[0].startswith("#")
            lines.append([] if comment else [cell.strip() for cell in record])
            numbers.append(reader.line_num)
    except csv.Error as error:
        place = Place(path.name, row=reader.line_num)
        raise InputError(finding("tables.csv", place, found=str(error))) from error
    return Grid(path.name, None, lines, numbers, files.digest(data))


def _workbook(path: Path, sheet: str | None) -> list[Grid]:
    data = files.read_bytes(path)
    sheets = files.read_sheets(path, data, sheet, all_sheets=True)
    return [_grid(path, name, lines, files.digest(data)) for name, lines in sheets]


def _grid(path: Path, name: str, content: list[list[str]], sha256: str) -> Grid:
    lines = [[cell.strip() for cell in line] for line in content]
    return Grid(path.name, name, lines, list(range(1, len(lines) + 1)), sha256)


def number(text: str) -> float | None:
    """Read a printed number (grouped, full-width, with a typographic minus) or give None."""
    plain = unicodedata.normalize("NFKC", text).strip().replace("\u2212", "-")
    if GROUPED.match(plain):
        plain = re.sub("[, ]", "", plain)
    if not NUMBER.match(plain):
        return None
    value = float(plain)
    return value if math.isfinite(value) else None
