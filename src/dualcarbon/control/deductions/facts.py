"""The facts of deductions: a declared table of subject, year, item, amount and evidence.

Certificates are credited here, once over all subjects and years, before any regime is applied.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
from attrs import evolve, frozen

from dualcarbon.control.deductions.certificates import Lot, Taken, count, read_lots
from dualcarbon.editions import Input, as_of
from dualcarbon.figures import VINTAGES
from dualcarbon.findings import Finding, Place, finding
from dualcarbon.subjects import Words
from dualcarbon.tables import read_table
from dualcarbon.tables.model import SOURCE_ROW, Column, Reading, Table
from dualcarbon.units import compatible
from dualcarbon.words import DEDUCTION_ITEMS, LISTS

POWER = ("renewable_power", "nuclear_power")
CERTIFICATES = ("certificates_in", "certificates_out")
DIMENSIONS = {
    **dict.fromkeys((*POWER, *CERTIFICATES), ("tce", "kWh")),
    "gdp": ("CNY",),
    "intensity_target": ("%",),
    "incentive_met": ("1", "count"),
}
ENERGY = ("tce",)

DEDUCTIONS = Table(
    "deductions",
    (
        Column("subject", aliases=("对象",)),
        Column("year", "integer", aliases=("年份", "年度")),
        Column(
            "item",
            "choice",
            vocabulary="deduction_item",
            choices=tuple(DEDUCTION_ITEMS),
            aliases=("项目", "扣减项"),
        ),
        Column("quantity", "number", aliases=("数量",)),
        Column("unit", "unit", aliases=("单位", "计量单位")),
        Column("evidence", nullable=True, required=False, aliases=("依据", "佐证材料")),
        Column("certificates", nullable=True, required=False, aliases=("绿证编号", "证书编号")),
        Column(
            "vintage",
            "choice",
            vocabulary="vintage",
            nullable=True,
            required=False,
            choices=VINTAGES,
            aliases=("数据版本",),
        ),
        Column("recorded_at", "date", nullable=True, required=False, aliases=("登记日期",)),
    ),
    key=("subject", "year", "item", "evidence", "certificates", "recorded_at"),
)
KEY = ("subject", "year", "item")


@frozen
class Facts:
    """Facts known on a date: rows by subject, year and item, and what of each is credited.

    `frame` has DEDUCTIONS, `place`, and `fact`, the row in the edition. `credited` gives, for a row
    with certificates, the share of it that no other row had before; `refused` are keys of which a
    row cannot stand, with the finding that says why.
    """

    frame: pl.DataFrame
    rows: Mapping[tuple[str, int, str], tuple[Mapping[str, Any], ...]]
    credited: Mapping[int, tuple[int, int]]
    refused: Mapping[tuple[str, int, str], Finding]
    findings: tuple[Finding, ...]
    inputs: tuple[Input, ...] = ()

    @property
    def subjects(self) -> tuple[str, ...]:
        """Give the subjects in the order of the table."""
        return tuple(self.frame["subject"].unique(maintain_order=True))


def read_facts(path: Path, words: Words, on: dt.date | None = None) -> Facts:
    """Read a table of facts; `on` keeps what was recorded by a day.

    Errors: InputError when the file cannot be read or a column is missing. A row that cannot stand
    is a finding, and the amount it belongs to is absent.
    """
    reading = read_table(path, DEDUCTIONS, vocabularies=LISTS)
    found = facts_of(placed(reading, words), on, refused_rows(path, reading, words))
    source = Input(reading.file, reading.sha256, reading.rows_read)
    return evolve(found, findings=(*reading.findings, *found.findings), inputs=(source,))


def placed(reading: Reading, words: Words) -> pl.DataFrame:
    """Give the rows of a reading with the codes of their subjects and the place of each amount."""
    places = [str(reading.place(row, "quantity")) for row in reading.frame[SOURCE_ROW]]
    codes = [code_of(text, words) for text in reading.frame["subject"]]
    return reading.frame.with_columns(
        pl.Series("subject", codes, pl.String), pl.Series("place", places, pl.String)
    )


def code_of(text: str, words: Words) -> str:
    """Give the code of a subject: city or area by any name, else an enterprise as written."""
    known = words.subject("area", text)
    return known[1] if known else text.strip()


def refused_rows(path: Path, reading: Reading, words: Words) -> pl.DataFrame:
    """Give the rows that the reader refused, as far as they say to which amount they belong."""
    bad = [item.place.row for item in reading.findings if item.severity == "error"]
    if not bad:
        return placed(evolve(reading, frame=DEDUCTIONS.empty()), words)
    columns = tuple(
        evolve(column, nullable=True) for column in DEDUCTIONS.columns if column.name in KEY
    )
    loose = read_table(path, Table(DEDUCTIONS.name, columns), vocabularies=LISTS).frame
    whole = loose.join(reading.frame, on=SOURCE_ROW, how="anti").drop_nulls(KEY)
    empty = DEDUCTIONS.empty()
    return placed(evolve(reading, frame=pl.concat([empty, whole], how="diagonal")), words)


def facts_of(
    frame: pl.DataFrame, on: dt.date | None = None, lost: pl.DataFrame | None = None
) -> Facts:
    """Index rows, check units and signs, credit certificates in the order of year and row.

    Shape: DEDUCTIONS with `source_row` and `place`; of one subject, year and item the rows recorded
    last stand together. `lost` are refused rows: the amount that they belong to is absent.
    """
    if on is not None:
        frame = as_of(frame, on, KEY)
    frame = frame.sort(SOURCE_ROW).with_row_index("fact")
    rows: dict[tuple[str, int, str], list[Mapping[str, Any]]] = {}
    refused = _lost(lost)
    for row in frame.iter_rows(named=True):
        key = (row["subject"], row["year"], row["item"])
        rows.setdefault(key, []).append(row)
        problem = _problem(row)
        if problem is not None:
            refused[key] = problem
    credited, said = _credit(frame, refused)
    return Facts(
        frame,
        {key: tuple(found) for key, found in rows.items()},
        credited,
        refused,
        (*dict.fromkeys(refused.values()), *said),
    )


def _lost(rows: pl.DataFrame | None) -> dict[tuple[str, int, str], Finding]:
    found = {}
    for row in rows.iter_rows(named=True) if rows is not None else ():
        facts: dict[str, Any] = {
            "item": row["item"],
            "subject": row["subject"],
            "year": row["year"],
        }
        said = finding("control.deduct_refused", Place.parse(row["place"] or ""), **facts)
        found[row["subject"], row["year"], row["item"]] = said
    return found


def _problem(row: Mapping[str, Any]) -> Finding | None:
    place = Place.parse(row["place"] or "")
    facts: dict[str, Any] = {"item": row["item"], "subject": row["subject"], "year": row["year"]}
    found = f"{row['quantity']} {row['unit']}"
    wanted = DIMENSIONS.get(row["item"], ENERGY)
    if not any(compatible(row["unit"], unit) for unit in wanted):
        expected = " / ".join(wanted)
        return finding("control.deduct_unit", place, found=found, expected=expected, **facts)
    if row["quantity"] < 0 and row["item"] != "intensity_target":
        return finding("control.deduct_negative", place, found=found, **facts)
    try:
        lots = read_lots(row["certificates"])
    except ValueError as error:
        return finding("control.deduct_certificates", place, found=str(error), **facts)
    if row["item"] == "certificates_in" and row["quantity"] > 0 and not lots:
        return finding("control.deduct_no_certificates", place, found=found, **facts)
    return None


Parts = list[tuple[dict[str, Any], list[Lot]]]


def _credit(
    frame: pl.DataFrame, refused: Mapping[Any, Finding]
) -> tuple[dict[int, tuple[int, int]], list[Finding]]:
    """Credit each certificate once: with the power it came with, else where it was handed in.

    What a subject sold does not stay with its power; a certificate is sold once.
    """
    rows = frame.filter(pl.col("certificates").is_not_null()).sort("year", SOURCE_ROW)
    parts: Parts = []
    for row in rows.iter_rows(named=True):
        if (row["subject"], row["year"], row["item"]) not in refused:
            parts.append((row, read_lots(row["certificates"])))
    sold: dict[str, Taken] = {}
    for row, lots in parts:
        if row["item"] == "certificates_out":
            sold.setdefault(row["subject"], Taken()).take(lots)
    found: dict[int, tuple[int, int]] = {}
    findings: list[Finding] = []
    used, left = Taken(), Taken()
    for items in (POWER, CERTIFICATES[:1], CERTIFICATES[1:]):
        for row, lots in parts:
            if row["item"] not in items:
                continue
            if row["item"] in POWER:
                kept = sold[row["subject"]].fresh(lots) if row["subject"] in sold else lots
            else:
                kept = lots
            book = left if row["item"] == "certificates_out" else used
            lost = count(kept) - count(book.take(kept))
            found[row["fact"]] = (count(lots) - lost, count(lots))
            if lost:
                findings.append(_twice(row, lost, count(lots)))
    return found, findings


def _twice(row: Mapping[str, Any], lost: int, whole: int) -> Finding:
    return finding(
        "control.deduct_twice",
        Place.parse(row["place"] or ""),
        found=lost,
        expected=whole,
        subject=row["subject"],
        year=row["year"],
    )
