"""The records of a schedule: what was filed, what was extended, what happened, who is who."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
from attrs import frozen

from dualcarbon.control.data import find_file
from dualcarbon.enterprises.tables import ENTERPRISES
from dualcarbon.errors import DualcarbonError, InputError
from dualcarbon.findings import Finding, Place, finding
from dualcarbon.periods import Period
from dualcarbon.subjects import Words
from dualcarbon.tables import read_table
from dualcarbon.tables.model import SOURCE_ROW, Column, Table

GROUP = ("subject", "tier", "industry", "sector", "located_in", "assessed_by")
FILINGS = Table(
    "filings",
    (
        Column("subject", aliases=("对象", "用能单位")),
        Column("item", aliases=("事项",)),
        Column("period", aliases=("期间", "时期")),
        Column("filed_on", "date", aliases=("报送日期",)),
        Column("document", nullable=True, required=False, aliases=("文号", "依据")),
        Column("recorded_at", "date", nullable=True, required=False, aliases=("登记日期",)),
    ),
    key=("subject", "item", "period", "filed_on"),
)
EXTENSIONS = Table(
    "extensions",
    (
        Column("item", aliases=("事项",)),
        Column("period", aliases=("期间", "时期")),
        Column("due", "date", aliases=("延期至",)),
        Column("document", nullable=True, aliases=("文号", "依据")),
        Column("granted_on", "date", aliases=("批准日期",)),
        *(Column(name, nullable=True, required=False) for name in GROUP),
    ),
    key=("item", "period", "due", "document", *GROUP),
)
EVENTS = Table(
    "events",
    (
        Column("subject", nullable=True, aliases=("对象", "用能单位")),
        Column("event", aliases=("事件",)),
        Column("happened_on", "date", aliases=("日期",)),
        Column("document", nullable=True, required=False, aliases=("文号", "依据")),
        Column("recorded_at", "date", nullable=True, required=False, aliases=("登记日期",)),
    ),
    key=("subject", "event", "happened_on"),
)
TABLES = (FILINGS, EXTENSIONS, EVENTS, ENTERPRISES)
Row = Mapping[str, Any]


@frozen
class Records:
    """Rows of each table in the words of the pack; a table that is absent has none."""

    filings: tuple[Row, ...] = ()
    extensions: tuple[Row, ...] = ()
    events: tuple[Row, ...] = ()
    enterprises: tuple[Row, ...] = ()
    findings: tuple[Finding, ...] = ()


def read_records(folder: Path, words: Words) -> Records:
    """Read `filings`, `extensions`, `events`, `enterprises` of a data folder; each may be absent.

    Errors: InputError when the folder is not there, a file cannot be read, or a column is missing.
    A row that cannot stand is a finding; the others stand.
    """
    if not folder.is_dir():
        raise InputError(finding("control.no_folder", Place(str(folder)), found=str(folder)))
    findings: list[Finding] = []
    found = {table.name: _rows(folder, table, findings) for table in TABLES}
    register = found["enterprises"]
    for name in ("filings", "extensions", "events"):
        found[name] = _resolved(found[name], register, words, findings)
    return Records(**{name: tuple(rows) for name, rows in found.items()}, findings=tuple(findings))


def _rows(folder: Path, table: Table, findings: list[Finding]) -> list[dict[str, Any]]:
    path = find_file(folder, table.name, findings)
    if path is None:
        return []
    reading = read_table(path, table)
    findings += reading.findings
    places = [str(reading.place(row, table.key[0])) for row in reading.frame[SOURCE_ROW]]
    return reading.frame.with_columns(pl.Series("place", places, dtype=pl.String)).to_dicts()


def _resolved(
    rows: list[dict[str, Any]], register: Sequence[Row], words: Words, said: list[Finding]
) -> list[dict[str, Any]]:
    """Give rows with the codes of subjects and areas, and canonical periods."""
    kept = []
    for row in rows:
        try:
            period = {"period": canonical(row["period"])} if "period" in row else {}
        except DualcarbonError:
            place = Place.parse(row["place"])
            said.append(finding("control.record_period", place, found=row["period"]))
            continue
        subject = code_of(row["subject"], register, words) if row.get("subject") else None
        kept.append({**row, **period, "subject": subject})
    return kept


def canonical(text: str) -> str:
    """Give a period, or the day of an event, in its canonical form; InputError when it is none."""
    try:
        return dt.date.fromisoformat(text.strip()).isoformat()
    except ValueError:
        return str(Period.parse(text))


def code_of(text: str, register: Sequence[Row], words: Words) -> str:
    """Give the code of a city, area or enterprise by code or name; else the text as it is."""
    plain = text.strip()
    for row in register:
        if plain in (row["enterprise"], row["name_zh"], row["name_en"]):
            return str(row["enterprise"])
    known = words.subject("area", plain)
    return known[1] if known else plain
