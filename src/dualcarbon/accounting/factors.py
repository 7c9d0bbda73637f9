"""Emission factors of an account: a user's file, or a named set of the pack.

Both end in one frame: row, carrier, unit -> grams CO2 per unit, with the parts of the product.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
from attrs import evolve, frozen

from dualcarbon.accounting.engine import Coefficient, Recipe, Select, coefficient, compose
from dualcarbon.accounting.layout import Layout
from dualcarbon.carriers import Carrier
from dualcarbon.editions import Input
from dualcarbon.errors import InputError, UnitMismatch
from dualcarbon.findings import Finding, Place, finding
from dualcarbon.parameters import Parameter, Parameters
from dualcarbon.tables import Column, Reading, Table, read_table
from dualcarbon.units import dimension
from dualcarbon.vocabulary import Vocabulary

FILE = Table(
    "factors",
    (
        Column(
            "carrier",
            vocabulary="carriers",
            aliases=("energy", "fuel", "能源", "品种", "能源品种", "能源名称"),
        ),
        Column("rows", required=False, nullable=True, aliases=("row", "行", "行号", "适用行")),
        Column("value", "number", aliases=("factor", "数值", "因子", "排放因子", "值")),
        Column("unit", "unit", aliases=("单位",)),
        Column("source", required=False, nullable=True, aliases=("出处", "来源", "依据")),
    ),
)
COEFFICIENTS: dict[str, type[pl.DataType] | pl.DataType] = {
    "row": pl.Int64,
    "carrier": pl.String,
    "unit": pl.String,
    "grams": pl.Float64,
    "parts": pl.String,
    "status": pl.String,
}
RANGE = re.compile(r"^(\d+)\s*(?:-|–|—|~|\.\.|至|到)\s*(\d+)$")
CO2 = "tCO2"
LARGEST = 1e9


@frozen
class Line:
    """One line of a factor file; `rows` None = all counted rows no other line names."""

    carrier: str
    rows: tuple[int, ...] | None
    value: float
    unit: str
    source: str | None
    place: Place


@frozen
class FactorFile:
    """A user's factors: the lines by carrier and the file they come from."""

    lines: Mapping[str, tuple[Line, ...]]
    input: Input

    def line(self, carrier: str, row: int, follows: Mapping[int, int]) -> Line | None:
        """Give the line for a cell; a row that is not named takes that of the row it follows."""
        lines = self.lines.get(carrier, ())
        rest = next((line for line in lines if line.rows is None), None)
        named = {number: line for line in lines for number in line.rows or ()}
        return named.get(row) or named.get(follows.get(row, row)) or rest

    def general(self) -> FactorFile:
        """Give the one factor a carrier has outside its named rows, for the supply side."""
        whole = {
            code: (evolve(line, rows=None),)
            for code, lines in self.lines.items()
            if (line := _general(lines))
        }
        return FactorFile(whole, self.input)


def _general(lines: Sequence[Line]) -> Line | None:
    rest = next((line for line in lines if line.rows is None), None)
    return rest or (lines[0] if len({(line.value, line.unit) for line in lines}) == 1 else None)


def read_factor_file(
    path: Path, layout: Layout, carriers: Vocabulary[Carrier], counted: Mapping[int, Sequence[int]]
) -> FactorFile:
    """Read `carrier,rows,value,unit` (and `source`).

    `counted`: the rows that may be named, each with the rows it stands for. Errors: InputError with
    every fault and its cell: unknown carrier, row or unit, a value that is negative or not a
    number, a unit that cannot fit the carrier, two lines on one row.
    """
    reading = read_table(path, FILE, vocabularies={"carriers": carriers})
    faults = [item for item in reading.findings if item.severity == "error"]
    lines = []
    for entry in reading.frame.iter_rows(named=True):
        line, wrong = _line(entry, reading, layout, carriers, counted)
        faults += wrong
        if line is not None:
            lines.append(line)
    faults += _twice(lines, layout, carriers)
    if not lines and not faults:
        faults.append(finding("accounting.factors_none", Place(reading.file)))
    if faults:
        raise InputError(*faults)
    by_carrier: dict[str, list[Line]] = {}
    for line in lines:
        by_carrier.setdefault(line.carrier, []).append(line)
    return FactorFile(
        {code: tuple(group) for code, group in by_carrier.items()},
        Input(reading.file, reading.sha256, reading.rows_read),
    )


def _line(
    entry: Mapping[str, Any],
    reading: Reading,
    layout: Layout,
    carriers: Vocabulary[Carrier],
    counted: Mapping[int, Sequence[int]],
) -> tuple[Line | None, list[Finding]]:
    number, carrier = entry["source_row"], carriers[entry["carrier"]]
    faults = []
    rows: tuple[int, ...] | None = None
    if entry["rows"] and entry["rows"].strip():
        rows, why = _parse_rows(entry["rows"], layout, counted)
        if why:
            place = reading.place(number, "rows")
            faults.append(finding("accounting.factor_rows", place, found=entry["rows"], why=why))
    if not 0 <= entry["value"] <= LARGEST:
        place = reading.place(number, "value")
        faults.append(finding("accounting.factor_value", place, found=entry["value"]))
    if not _fits(entry["unit"], carrier):
        faults.append(
            _wrong_unit(entry["unit"], carrier.unit, carrier, reading.place(number, "unit"))
        )
    if faults:
        return None, faults
    place = reading.place(number, "value")
    line = Line(carrier.code, rows, entry["value"], entry["unit"], entry["source"], place)
    return line, []


def _fits(unit: str, carrier: Carrier) -> bool:
    wanted = [dimension(f"{CO2}/{one}") for one in ("tce", carrier.unit)]
    return dimension(unit) in wanted


def _wrong_unit(unit: str, expected: str, carrier: Carrier, place: Place) -> Finding:
    return finding(
        "accounting.factor_unit",
        place,
        found=unit,
        expected=expected,
        carrier_zh=carrier.name_zh,
        carrier_en=carrier.name_en,
    )


def _parse_rows(
    text: str, layout: Layout, counted: Mapping[int, Sequence[int]]
) -> tuple[tuple[int, ...], str | None]:
    rows: list[int] = []
    for piece in re.split("[;；]", unicodedata.normalize("NFKC", text)):
        pieces = [piece.strip()] if _known(piece, layout) else re.split(r"[,、\s]+", piece)
        for one in (part for part in pieces if part):
            found, why = _span(one, layout, counted)
            if why:
                return (), why
            rows += found
    return tuple(dict.fromkeys(rows)), None


def _known(piece: str, layout: Layout) -> bool:
    return layout.find(piece) is not None or RANGE.match(piece.strip()) is not None


def _span(
    text: str, layout: Layout, counted: Mapping[int, Sequence[int]]
) -> tuple[list[int], str | None]:
    if match := RANGE.match(text):
        first, last = int(match[1]), int(match[2])
        inside = [row for row in counted if first <= row <= last]
        return (inside, None) if inside else ([], f"{text}: no counted row")
    row = layout.find(text)
    if row is None:
        return [], f"{text}: unknown"
    if row not in counted:
        return [], f"{text}: not counted ({', '.join(str(one) for one in sorted(counted))})"
    return list(counted[row]), None


def _twice(lines: Iterable[Line], layout: Layout, carriers: Vocabulary[Carrier]) -> list[Finding]:
    seen: dict[tuple[str, int | None], Line] = {}
    faults = []
    for line in lines:
        for row in line.rows or (None,):
            earlier = seen.setdefault((line.carrier, row), line)
            if earlier is not line:
                faults.append(_repeated(line, earlier, row, layout, carriers[line.carrier]))
                break
    return faults


def _repeated(
    line: Line, earlier: Line, row: int | None, layout: Layout, carrier: Carrier
) -> Finding:
    item = layout.items[row] if row else None
    return finding(
        "accounting.factor_twice",
        line.place,
        found=row if row else "",
        places=f"{earlier.place}, {line.place}",
        row=row if row else "*",
        item_zh=item.name_zh if item else "其余各行",
        item_en=item.name_en if item else "all other rows",
        carrier_zh=carrier.name_zh,
        carrier_en=carrier.name_en,
    )


def factors_from_file(
    keys: pl.DataFrame,
    file: FactorFile,
    carriers: Vocabulary[Carrier],
    follows: Mapping[int, int],
) -> pl.DataFrame:
    """Give the coefficient of every key (row, carrier, unit) that the file covers.

    Shape: COEFFICIENTS. Absent: a key without line is not in the result. Errors: InputError when
    a line's unit does not fit the unit of the table.
    """
    found, faults = [], []
    for row, code, unit in keys.select("row", "carrier", "unit").iter_rows():
        line = file.line(code, row, follows)
        if line is None:
            continue
        try:
            grams = compose(unit, [(line.value, line.unit, 1)], CO2)
        except UnitMismatch:
            faults.append(_wrong_unit(line.unit, f"{CO2}/{unit}", carriers[code], line.place))
            continue
        found.append(_entry(row, code, unit, grams, [_file_part(line)], _file_status(line)))
    if faults:
        raise InputError(*dict.fromkeys(faults))
    return pl.DataFrame(found, schema=COEFFICIENTS)


def _file_status(line: Line) -> str:
    return "sourced" if line.source else "unsourced"


def _file_part(line: Line) -> dict[str, Any]:
    return {
        "name": "factor",
        "value": line.value,
        "power": 1,
        "unit": line.unit,
        "place": str(line.place),
        "source": line.source,
        "status": _file_status(line),
    }


def _entry(
    row: int, carrier: str, unit: str, grams: float, parts: list[dict[str, Any]], status: str
) -> dict[str, Any]:
    return {
        "row": row,
        "carrier": carrier,
        "unit": unit,
        "grams": grams,
        "parts": json.dumps(parts, ensure_ascii=False, sort_keys=True),
        "status": status,
    }


def coefficients(
    keys: pl.DataFrame,
    carriers: Vocabulary[Carrier],
    recipe: Recipe,
    select: Select,
    *,
    set_name: str | None = None,
    more: Mapping[str, str] | None = None,
    used: list[Parameter] | None = None,
) -> pl.DataFrame:
    """Give the coefficient of every key (row, carrier, unit) that the pack's parameters cover.

    Shape: COEFFICIENTS. A carrier without value of its own takes that of its `parent`, as the pack
    says. Absent: a key without parameter is not in the result. Errors: ParameterAmbiguous.
    """
    cache: dict[tuple[str, str], Coefficient | None] = {}
    found = []
    for row, code, unit in keys.select("row", "carrier", "unit").iter_rows():
        if (code, unit) not in cache:
            keyed = {**(more or {}), "carrier": code}
            result = coefficient(recipe, unit, keyed, select, set_name, carriers)
            cache[code, unit] = result if isinstance(result, Coefficient) else None
        if (made := cache[code, unit]) is not None:
            parts = [part_of(*pair) for pair in zip(made.parts, made.powers, strict=True)]
            found.append(_entry(row, code, unit, made.grams, parts, made.status))
    if used is not None:
        used.extend(part for made in cache.values() if made for part in made.parts)
    return pl.DataFrame(found, schema=COEFFICIENTS)


def part_of(parameter: Parameter, power: int = 1) -> dict[str, Any]:
    """Give a parameter as one part of a product, with its source in a line."""
    source = parameter.source
    return {
        "name": parameter.name,
        "value": parameter.value,
        "power": power,
        "unit": parameter.unit,
        "parameter": parameter.id,
        "source": ", ".join(str(source[key]) for key in ("title", "clause") if source.get(key)),
        "status": parameter.status,
    }


def known_sets(parameters: Parameters, names: Iterable[str]) -> list[str]:
    """Give the sets in which any of these parameters stand."""
    wanted = set(names)
    return sorted({value.set for value in parameters if value.name in wanted})
