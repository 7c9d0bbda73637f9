"""What a reconciliation is told beforehand: the boundary statement and the error register.

Nothing here is found by the program. Each is a file that somebody answers for.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
from attrs import field, frozen

from dualcarbon.accounting.counted import load_scope
from dualcarbon.accounting.layout import Layout
from dualcarbon.accounting.side import Tools
from dualcarbon.errors import InputError, PackError
from dualcarbon.findings import Finding, Place, finding
from dualcarbon.tables import Column, Reading, Table, read_table
from dualcarbon.units import convert, dimension

STATES = ("required", "blocked")
SELECTORS = ("subject_kind", "subject", "carrier", "flow", "sector")
BOUNDARY = Table(
    "boundary",
    (
        Column("name_zh", aliases=("名称",)),
        Column("name_en", required=False, nullable=True),
        Column("not_in", required=False, nullable=True, aliases=("未涵盖方",)),
        Column("found_in", required=False, nullable=True, aliases=("所在方",)),
        Column("subject_kind", required=False, nullable=True, aliases=("对象类别",)),
        Column("subject", required=False, nullable=True, aliases=("对象",)),
        Column(
            "carrier",
            vocabulary="carriers",
            required=False,
            nullable=True,
            aliases=("能源品种", "品种"),
        ),
        Column("flow", required=False, nullable=True, aliases=("流向",)),
        Column("sector", required=False, nullable=True, aliases=("领域", "项目")),
        Column("quantity", "number", required=False, nullable=True, aliases=("数量",)),
        Column("unit", "unit", required=False, nullable=True, aliases=("单位",)),
        Column("co2_t", "number", required=False, nullable=True),
        Column("tce", "number", required=False, nullable=True),
    ),
)
REGISTER = Table(
    "register",
    (
        Column("place", aliases=("位置",)),
        Column(
            "carrier", vocabulary="carriers", required=False, nullable=True, aliases=("能源品种",)
        ),
        Column("measure", "choice", choices=("co2", "tce"), aliases=("指标",)),
        Column("delta", "number", aliases=("差值",)),
        Column("unit", "unit", aliases=("单位",)),
        Column("state", "choice", choices=STATES, aliases=("状态",)),
        Column("reason", aliases=("原因",)),
    ),
)


@frozen
class Boundary:
    """One thing that a side does not cover by declaration.

    `not_in`: the side that lacks it; None = the lower side of each level. Either rows that the
    selectors pick (`found_in`: the side where they stand; None = the other side of the level, or,
    with `not_in`, any further side), or a stated `quantity` in `unit`, or stated `co2_g`, `tce_g`.
    `select` holds by column of SIDE a value, or several with `*`, split by `;`.
    """

    name_zh: str
    name_en: str
    not_in: str | None = None
    found_in: str | None = None
    select: Mapping[str, str] = field(factory=dict)
    quantity: float | None = None
    unit: str | None = None
    co2_g: int | None = None
    tce_g: int | None = None
    place: str = ""

    @property
    def stated(self) -> bool:
        """Tell whether it states an amount of its own instead of picking rows."""
        return any(value is not None for value in (self.quantity, self.co2_g, self.tce_g))

    def grams(self, measure: str) -> int | None:
        """Give the stated grams of a measure, if there are any."""
        return self.co2_g if measure == "co2" else self.tce_g

    def picks(self, frame: pl.DataFrame) -> pl.Expr:
        """Give the condition that picks its rows of a side."""
        tests = [pl.lit(True)]
        for column, wanted in self.select.items():
            found = [one for one in frame[column].unique() if matches(one, wanted)]
            tests.append(pl.col(column).is_in(found))
        return pl.all_horizontal(tests)


def matches(text: str | None, patterns: str) -> bool:
    """Tell whether a text is one of several patterns with `*`, split by `;`."""
    parts = (part.strip() for part in patterns.replace("；", ";").split(";"))
    return text is not None and any(fnmatch.fnmatchcase(text, part) for part in parts if part)


@frozen
class Known:
    """A line of the error register: a signed difference that is known and kept.

    `place` is a cell (`file!sheet!cell`) or a level (`upper>lower`, `upper>lower:subject`).
    `required`: kept because a published figure must be reproduced; `blocked`: not yet correctable.
    """

    place: str
    carrier: str | None
    measure: str
    delta_g: int
    state: str
    reason: str
    source: str = ""

    def to_json(self) -> dict[str, Any]:
        """Give the line as JSON data."""
        keys = ("place", "carrier", "measure", "delta_g", "state", "reason")
        return {key: getattr(self, key) for key in keys}


def read_boundary(path: Path, tools: Tools) -> list[Boundary]:
    """Read a boundary statement.

    Errors: InputError with every line that neither picks rows nor states a whole amount.
    """
    reading = read_table(path, BOUNDARY, vocabularies={"carriers": tools.carriers})
    faults = [item for item in reading.findings if item.severity == "error"]
    entries = []
    for row in reading.frame.iter_rows(named=True):
        select = {name: row[name] for name in SELECTORS if row[name]}
        if "sector" in select:
            select["sector"] = _sector(select["sector"], tools.layout)
        entry = _boundary(row, select, str(reading.place(row["source_row"], "name_zh")))
        faults += _faults(entry, row, reading)
        entries.append(entry)
    if faults:
        raise InputError(*faults)
    return entries


def pack_boundary(tools: Tools) -> list[Boundary]:
    """Give what a pack declares of its city (`boundary.yaml`): names, sides and selectors.

    Errors: PackError for an entry without name or selector.
    """
    entries = []
    for entry in tools.pack.load_list("boundary.yaml", "id"):
        select = {name: str(entry[name]) for name in SELECTORS if entry.get(name)}
        if not select or not {"name_zh", "name_en"} <= entry.keys():
            place = Place(entry["_file"])
            raise PackError(finding("accounting.boundary_empty", place, found=entry["id"]))
        sides = (entry.get("not_in"), entry.get("found_in"))
        entries.append(Boundary(entry["name_zh"], entry["name_en"], *sides, select))
    return entries


def _sector(text: str, layout: Layout) -> str:
    """Give what a sector means in a balance too: its item, and the items a total stands for."""
    row = layout.find(text)
    parts = load_scope(layout).totals.get(row, ()) if row else ()
    return ";".join([text, *(str(one) for one in [row, *parts] if one)])


def _boundary(row: Mapping[str, Any], select: Mapping[str, str], place: str) -> Boundary:
    co2, tce = (None if row[name] is None else whole(row[name]) for name in ("co2_t", "tce"))
    return Boundary(
        row["name_zh"],
        row["name_en"] or row["name_zh"],
        row["not_in"],
        row["found_in"],
        select,
        row["quantity"],
        row["unit"],
        co2,
        tce,
        place,
    )


def whole(tonnes: float) -> int:
    """Give tonnes as printed in whole grams, half away from zero."""
    size = int(abs(Decimal(repr(tonnes))) * 1_000_000 + Decimal("0.5"))
    return -size if tonnes < 0 else size


def _faults(entry: Boundary, row: Mapping[str, Any], reading: Reading) -> Iterable[Finding]:
    place = reading.place(row["source_row"], "name_zh")
    half = (entry.quantity is None) != (entry.unit is None)
    if half or (entry.stated and "carrier" not in entry.select):
        yield finding("accounting.boundary_amount", place, found=entry.name_zh)
    elif not entry.stated and not entry.select:
        yield finding("accounting.boundary_empty", place, found=entry.name_zh)


def read_register(path: Path, tools: Tools) -> list[Known]:
    """Read an error register: `place, carrier, measure, delta, unit, state, reason`.

    `delta` is signed, in a unit of mass, of CO2 or of standard coal. Errors: InputError for every
    line that cannot be read: a difference half understood is no explanation.
    """
    reading = read_table(path, REGISTER, vocabularies={"carriers": tools.carriers})
    faults = [item for item in reading.findings if item.severity == "error"]
    known = []
    for row in reading.frame.iter_rows(named=True):
        unit = {"co2": "tCO2", "tce": "tce"}[row["measure"]]
        unit = "t" if dimension(row["unit"]) == dimension("t") else unit
        if dimension(row["unit"]) != dimension(unit):
            place = reading.place(row["source_row"], "unit")
            faults.append(finding("accounting.register_unit", place, found=row["unit"]))
            continue
        grams = whole(convert(row["delta"], row["unit"], unit))
        fields = (row["place"], row["carrier"], row["measure"], grams, row["state"], row["reason"])
        known.append(Known(*fields, str(reading.place(row["source_row"], "place"))))
    if faults:
        raise InputError(*faults)
    return known
