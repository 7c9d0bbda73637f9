"""An inventory as a compiler has it: a line per category with the ranges of activity and factor.

The shape follows IPCC 2006, Vol. 1, Ch. 3, Table 3.2, with one more column for what lines share:
lines that name the same `factor`, or the same `source_class`, share that error.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import polars as pl
from attrs import frozen

from dualcarbon.accounting.engine import GRAMS, round_grams
from dualcarbon.accounting.uncertainty.distributions import KINDS
from dualcarbon.accounting.uncertainty.stated import (
    INDEPENDENT,
    PARAMETER,
    SHARED,
    Stated,
    Statement,
)
from dualcarbon.editions import Input
from dualcarbon.errors import InputError
from dualcarbon.findings import Finding, Place, finding
from dualcarbon.tables import Column, Reading, Table, read_table
from dualcarbon.units import convert, dimension

ACROSS = (SHARED, INDEPENDENT)


PERCENT = ("percent", "uncertainty", "活动水平不确定度", "不确定度")


def _optional(name: str, *aliases: str, **more: Any) -> Column:
    return Column(name, required=False, nullable=True, aliases=aliases, **more)


INVENTORY = Table(
    "inventory",
    (
        Column("category", aliases=("类别", "排放源类别")),
        _optional("subject", "主体", "地区"),
        _optional("gas", "气体"),
        _optional("period", "year", "年份", "时期", dtype="period"),
        Column("amount", "number", nullable=True, aliases=("emission", "排放量", "数量")),
        Column("unit", "unit", aliases=("单位",)),
        _optional("activity_percent", *PERCENT, dtype="number", unit="%"),
        _optional("factor", "排放因子"),
        _optional("factor_percent", "排放因子不确定度", dtype="number", unit="%"),
        _optional("distribution", "分布", dtype="choice", choices=KINDS),
        _optional("activity_distribution", "活动水平分布", dtype="choice", choices=KINDS),
        _optional("factor_distribution", "排放因子分布", dtype="choice", choices=KINDS),
        _optional("source_class", "数据来源类别"),
        _optional("activity_across", "活动水平跨年", dtype="choice", choices=ACROSS),
        _optional("factor_across", "排放因子跨年", dtype="choice", choices=ACROSS),
        _optional("source", "出处", "来源"),
    ),
)
UNITS = {
    "mass": "t",
    "mass_co2": "tCO2",
    "mass_co2e": "tCO2e",
    "mass_ch4": "tCH4",
    "mass_n2o": "tN2O",
    "standard_coal": "tce",
}


@frozen(eq=False)
class Inventory:
    """Account rows made from an inventory: rows in grams, coefficients, statements and the unit."""

    rows: pl.DataFrame
    coefficients: pl.DataFrame
    stated: Stated
    unit: str
    findings: tuple[Finding, ...]
    input: Input


def read_inventory(path: Path) -> Inventory:
    """Read a csv, xlsx or parquet file of INVENTORY.

    Shape: `rows` has `key, grams, uncertainty, distribution, source_class, across` and the naming
    columns; `factor` may be a product such as `ncv * carbon / density`. Absent: an empty amount is
    counted as unmatched, an empty percent as not stated. Errors: InputError for no usable row, for
    units that cannot be added, and for one factor with two ranges; a bad row is a finding.
    """
    reading = read_table(path, INVENTORY)
    frame = reading.frame
    if not frame.height:
        raise InputError(*reading.findings, finding("uncertainty.no_rows", Place(reading.file)))
    _check(reading)
    unit = _unit(reading)
    listed = [_row(row) for row in frame.iter_rows(named=True)]
    grams = [_grams(row, unit) for row in frame.iter_rows(named=True)]
    rows = frame.with_columns(
        pl.Series("grams", grams, dtype=pl.Int64),
        pl.col("activity_percent").alias("uncertainty"),
        pl.coalesce("activity_distribution", "distribution").alias("distribution"),
        pl.Series("source_class", [item["source_class"] for item in listed], dtype=pl.String),
        pl.col("activity_across").alias("across"),
        pl.int_range(pl.len(), dtype=pl.Int64).alias("key"),
    )
    parts = [json.dumps(item["parts"]) for item in listed]
    return Inventory(
        rows=rows,
        coefficients=pl.DataFrame({"key": rows["key"], "parts": parts}),
        stated=Stated(_statements(reading)),
        unit=unit,
        findings=reading.findings,
        input=Input(reading.file, reading.sha256, frame.height),
    )


def _unit(reading: Reading) -> str:
    frame = reading.frame
    kinds = {dimension(unit): unit for unit in frame["unit"].unique(maintain_order=True)}
    place = reading.place(frame["source_row"][0], "unit")
    if len(kinds) > 1:
        raise InputError(finding("uncertainty.units_mixed", place, found=", ".join(kinds.values())))
    kind = next(iter(kinds))
    if kind not in UNITS:
        raise InputError(
            finding(
                "uncertainty.unit", place, found=kinds[kind], expected=", ".join(UNITS.values())
            )
        )
    gases = frame["gas"].drop_nulls().unique(maintain_order=True)
    if kind == "mass" and len(gases) > 1:
        raise InputError(finding("uncertainty.gases_mixed", place, found=", ".join(gases)))
    return UNITS[kind]


def _grams(row: dict[str, Any], unit: str) -> int | None:
    if row["amount"] is None:
        return None
    return round_grams(convert(row["amount"], row["unit"], unit) * GRAMS)


def _name(row: dict[str, Any]) -> str:
    return "|".join(row[name] or "" for name in ("category", "subject", "gas"))


def _row(row: dict[str, Any]) -> dict[str, Any]:
    factor = row["factor"] or (_name(row) if row["factor_percent"] is not None else None)
    shared = row["activity_across"] == SHARED
    return {
        "parts": _parts(factor) if factor else [],
        "source_class": row["source_class"] or (_name(row) if shared else None),
    }


def _parts(factor: str) -> list[dict[str, Any]]:
    """Read `a * b / c` (with spaces) as parameters with powers."""
    words = re.split(r"\s+([*/×])\s+", factor)
    signs = ["*", *words[1::2]]
    return [
        {"parameter": name.strip(), "power": -1 if sign == "/" else 1}
        for sign, name in zip(signs, words[::2], strict=True)
    ]


def _statements(reading: Reading) -> list[Statement]:
    found: dict[str, tuple[tuple[float, str, str], Place]] = {}
    for row in reading.frame.iter_rows(named=True):
        if row["factor_percent"] is None:
            continue
        name = row["factor"] or _name(row)
        kind = row["factor_distribution"] or row["distribution"] or "normal"
        given = (row["factor_percent"], kind, row["factor_across"] or SHARED)
        place = reading.place(row["source_row"], "factor_percent")
        known, first = found.setdefault(name, (given, place))
        if known != given or len(_parts(name)) > 1:
            raise InputError(
                finding("uncertainty.factor_twice", place, found=name, other=str(first))
            )
    return [_statement(name, given, place) for name, (given, place) in found.items()]


def _statement(name: str, given: tuple[float, str, str], place: Place) -> Statement:
    percent, kind, across = given
    if percent < 0:
        raise InputError(finding("uncertainty.range", place, found=f"factor_percent={percent}"))
    return Statement(
        applies_to=PARAMETER,
        match={"name": name},
        percent=percent,
        low=None,
        high=None,
        bounds="value",
        distribution=kind,
        across_years=across,
        status="unsourced",
        place=place,
    )


def _check(reading: Reading) -> None:
    """Refuse a negative activity range."""
    bad = reading.frame.filter(pl.col("activity_percent") < 0)
    if bad.height:
        row = bad.row(0, named=True)
        place = reading.place(row["source_row"], "activity_percent")
        found = f"activity_percent={row['activity_percent']}"
        raise InputError(finding("uncertainty.range", place, found=found))
