"""What a table is: its columns, their kinds and units, its key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Protocol

import polars as pl
from attrs import field, frozen

from dualcarbon.findings import Finding, Place, finding

Kind = Literal["text", "integer", "number", "boolean", "date", "period", "unit", "choice"]
DTYPES: Mapping[Kind, type[pl.DataType]] = {
    "text": pl.String,
    "integer": pl.Int64,
    "number": pl.Float64,
    "boolean": pl.Boolean,
    "date": pl.Date,
    "period": pl.String,
    "unit": pl.String,
    "choice": pl.String,
}
SOURCE_ROW = "source_row"


class Resolver(Protocol):
    """Anything that turns a spelling into an entry with a code, such as a `Vocabulary`."""

    def resolve(self, text: str) -> Any:
        """Give the entry of a code, name or alias, or None."""

    def suggest(self, text: str) -> list[str]:
        """Give the nearest names."""


Vocabularies = Mapping[str, Resolver]


@frozen
class Column:
    """One column: its name, kind, unit or vocabulary, and whether it may be absent or empty.

    `required`: the column must be in the file. `nullable`: a cell may be empty (not reported).
    `aliases`: other headers that mean this column, such as the Chinese one.
    """

    name: str
    dtype: Kind = "text"
    unit: str | None = None
    vocabulary: str | None = None
    required: bool = True
    nullable: bool = False
    choices: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()

    @property
    def polars(self) -> type[pl.DataType]:
        """Give the Polars type that holds this column."""
        return DTYPES[self.dtype]


@frozen
class Table:
    """A frame declared once: columns in order and the key that no two rows share."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()

    def schema(self) -> dict[str, type[pl.DataType]]:
        """Give column names and Polars types in order."""
        return {column.name: column.polars for column in self.columns}

    def empty(self) -> pl.DataFrame:
        """Give a frame of this shape without rows."""
        return pl.DataFrame(schema={**self.schema(), SOURCE_ROW: pl.Int64})

    def column(self, name: str) -> Column:
        """Give a column by name; KeyError if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    def check(self, frame: pl.DataFrame) -> list[Finding]:
        """Say where a frame made by code departs from the declaration: columns, types, key."""
        findings = []
        for column in self.columns:
            if column.name not in frame.columns:
                findings.append(_missing(self, column))
            elif frame.schema[column.name] not in (column.polars, pl.Null):
                findings.append(_wrong_type(self, column, frame))
        if self.key and not findings and frame.select(self.key).is_duplicated().any():
            findings.append(
                finding("tables.key_repeated", table=self.name, key=", ".join(self.key), rows="")
            )
        return findings


def _missing(table: Table, column: Column) -> Finding:
    return finding(
        "tables.column_missing", table=table.name, column=column.name, headers="", near=""
    )


def _wrong_type(table: Table, column: Column, frame: pl.DataFrame) -> Finding:
    return finding(
        "tables.column_type",
        found=str(frame.schema[column.name]),
        expected=str(column.polars),
        table=table.name,
        column=column.name,
    )


@frozen
class Reading:
    """A file read as a table: the good rows, what was found, and the way back to each cell.

    `frame` has the table's columns and `source_row`, the row in the file (1 = first line).
    A row with an error is not in the frame; it is in the findings.
    """

    frame: pl.DataFrame
    findings: tuple[Finding, ...]
    file: str
    sheet: str | None
    sha256: str
    letters: Mapping[str, str] = field(factory=dict)
    rows_read: int = 0

    def place(self, row: int, column: str | None = None) -> Place:
        """Give the place of a cell by its `source_row` and column name."""
        letter = self.letters.get(column or "")
        return Place(
            file=self.file,
            sheet=self.sheet,
            cell=f"{letter}{row}" if letter else None,
            row=row,
            column=column,
        )
