"""Read the yearbook form of a balance: items down, carriers across, titles and notes around it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import define, field, frozen

from dualcarbon.accounting.grid import Grid, number
from dualcarbon.accounting.layout import Layout
from dualcarbon.carriers import Carrier
from dualcarbon.findings import Finding, finding
from dualcarbon.vocabulary import Vocabulary

DEPTH = 40
TITLE = re.compile(r"([\u4e00-\u9fff]{2,8}?)(?:省|市|自治区|地区)?能源平衡表")
YEAR = re.compile(r"(?:19|20)\d\d")
UNIT_LINE = re.compile(r"(?:计量)?单位[:：]\s*(\S.*)|units?[:：]\s*(\S.*)", re.IGNORECASE)
BRACKETED = re.compile(r"[(（]([^()（）]+)[)）]")
Cell = dict[str, Any]


@frozen
class Column:
    """One carrier's column: where it stands and the unit printed over it, if any."""

    index: int
    carrier: Carrier
    unit: str | None


@define
class Sheet:
    """What one sheet says: its cells, province and year as printed, and what was found."""

    province: str | None = None
    year: int | None = None
    cells: list[Cell] = field(factory=list)
    rows: set[int] = field(factory=set)
    findings: list[Finding] = field(factory=list)


def is_wide(grid: Grid, carriers: Vocabulary[Carrier]) -> bool:
    """Tell whether a grid has a header line of carriers."""
    line, hits = _header(grid, carriers)
    return line >= 0 and hits >= 2


def read_wide(grid: Grid, layout: Layout, carriers: Vocabulary[Carrier]) -> Sheet:
    """Read one sheet of the yearbook form.

    Cells: row, carrier, value, unit (as printed, None if not), place. Absent: an empty cell is
    nothing, as printed; a text that is not a number, an unknown item or carrier, a repeated item
    and a missing item are findings with their cell.
    """
    sheet = Sheet()
    top, _ = _header(grid, carriers)
    body = _first_item(grid, layout, top, _first_column(grid, carriers, top))
    _caption(grid, top, sheet)
    columns = _columns(grid, layout, carriers, top, body, sheet)
    if columns:
        left = min(column.index for column in columns)
        for line in range(body, len(grid.lines)):
            _read_line(grid, line, left, columns, layout, sheet)
    _missing(grid, layout, sheet)
    return sheet


def carrier_of(text: str, carriers: Vocabulary[Carrier]) -> Carrier | None:
    """Find the carrier of a header cell: by its whole text, a line of it, or without brackets."""
    bare = BRACKETED.sub("", text)
    tries = [text, bare, *text.splitlines(), *bare.splitlines()]
    spaced = [re.sub(r"(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])", "", one) for one in tries]
    for one in [*tries, *spaced]:
        if one.strip() and (hit := carriers.resolve(one.strip())):
            return hit
    return None


def _header(grid: Grid, carriers: Vocabulary[Carrier]) -> tuple[int, int]:
    best, most = -1, 0
    for index, line in enumerate(grid.lines[:DEPTH]):
        hits = sum(1 for text in line if text and carrier_of(text, carriers))
        if hits > most:
            best, most = index, hits
    return best, most


def _first_column(grid: Grid, carriers: Vocabulary[Carrier], top: int) -> int:
    if top < 0:
        return 0
    hits = [i for i, text in enumerate(grid.lines[top]) if text and carrier_of(text, carriers)]
    return min(hits, default=0)


def _first_item(grid: Grid, layout: Layout, top: int, left: int) -> int:
    for index in range(top + 1, len(grid.lines)):
        if any(layout.find(text) for text in _label(grid.lines[index], left)):
            return index
    return len(grid.lines)


def _label(line: Sequence[str], left: int) -> Iterator[str]:
    for text in line[:left]:
        yield from (part.strip() for part in text.splitlines() if part.strip())


def _caption(grid: Grid, top: int, sheet: Sheet) -> None:
    for text in (text for line in grid.lines[: max(top, 0)] for text in line if text):
        plain = unicodedata.normalize("NFKC", text)
        if not sheet.province and (hit := TITLE.search(re.sub(r"[\s\d.\-]", "", plain))):
            sheet.province = hit.group(1)
        if not sheet.year and (year := YEAR.search(plain)):
            sheet.year = int(year.group())


def _columns(
    grid: Grid,
    layout: Layout,
    carriers: Vocabulary[Carrier],
    top: int,
    body: int,
    sheet: Sheet,
) -> list[Column]:
    block = range(max(top - 1, 0), body)
    width = max((len(line) for line in grid.lines), default=0)
    left = _first_column(grid, carriers, top)
    general = _general_unit(grid, layout, top)
    columns: dict[str, Column] = {}
    for index in range(left, width):
        texts = [grid.lines[line][index] for line in block if index < len(grid.lines[line])]
        carrier = next((hit for text in texts if (hit := carrier_of(text, carriers))), None)
        if carrier is None:
            _unknown_column(grid, carriers, texts, top, body, index, sheet)
        elif carrier.code in columns:
            sheet.findings.append(_column_twice(grid, top, index, carrier))
        else:
            unit = _unit([text for text in texts if text], layout, carriers) or general
            columns[carrier.code] = Column(index, carrier, unit)
    return list(columns.values())


def _column_twice(grid: Grid, top: int, index: int, carrier: Carrier) -> Finding:
    place = grid.place(top, index)
    return finding(
        "accounting.column_twice",
        place,
        found=carrier.code,
        carrier_zh=carrier.name_zh,
        carrier_en=carrier.name_en,
    )


def _unknown_column(
    grid: Grid,
    carriers: Vocabulary[Carrier],
    texts: Sequence[str],
    top: int,
    body: int,
    index: int,
    sheet: Sheet,
) -> None:
    numbers = any(
        number(line[index]) is not None for line in grid.lines[body:] if index < len(line)
    )
    name = " ".join(text for text in texts if text)
    if numbers:
        near = ", ".join(carriers.suggest(name)[:3]) or "-"
        place = grid.place(top, index)
        sheet.findings.append(
            finding("accounting.unknown_carrier", place, found=name or "-", near=near)
        )


def _general_unit(grid: Grid, layout: Layout, top: int) -> str | None:
    for text in (text for line in grid.lines[: max(top, 0)] for text in line if text):
        if hit := UNIT_LINE.search(unicodedata.normalize("NFKC", text)):
            text = (hit.group(1) or hit.group(2)).strip(" )）")
            return layout.unit(text) or text
    return None


def _unit(texts: Sequence[str], layout: Layout, carriers: Vocabulary[Carrier]) -> str | None:
    """Give the unit printed over a column: a known one if any text is, else the text itself."""
    printed = []
    for text in texts:
        inner = BRACKETED.findall(text)
        if inner:
            printed += inner
        elif carrier_of(text, carriers) is None:
            printed.append(text)
    known = [unit for text in printed if (unit := layout.unit(text))]
    return known[0] if known else next(iter(printed), None)


def _read_line(
    grid: Grid, line: int, left: int, columns: Sequence[Column], layout: Layout, sheet: Sheet
) -> None:
    texts = grid.lines[line]
    filled = [c for c in columns if c.index < len(texts) and texts[c.index]]
    label = list(_label(texts, left))
    row = _row_of(grid, line, label, layout, sheet, bool(filled))
    if row is None:
        return
    if row in sheet.rows:
        place = grid.place(line, 0)
        sheet.findings.append(finding("accounting.item_twice", place, found=label[0], row=row))
        return
    sheet.rows.add(row)
    for column in filled:
        _read_cell(grid, line, row, column, layout, sheet)


def _row_of(
    grid: Grid, line: int, label: Sequence[str], layout: Layout, sheet: Sheet, filled: bool
) -> int | None:
    names = [row for text in label if (row := layout.named(text))]
    texts = [text for text in label if not text.isdigit()]
    numbers = [row for text in label if text.isdigit() and (row := layout.find(text))]
    if names and len(set(names)) == 1:
        return names[0]
    if not texts and numbers:
        return numbers[0]
    if filled and any(number(text) is not None for text in grid.lines[line]):
        found = " ".join(label) or "-"
        sheet.findings.append(finding("accounting.unknown_item", grid.place(line, 0), found=found))
    return None


def _read_cell(
    grid: Grid, line: int, row: int, column: Column, layout: Layout, sheet: Sheet
) -> None:
    text = grid.lines[line][column.index]
    place = grid.place(line, column.index)
    value = number(text)
    if value is None:
        item = layout.items[row]
        facts: dict[str, Any] = {"item_zh": item.name_zh, "item_en": item.name_en}
        names: dict[str, Any] = {
            "carrier_zh": column.carrier.name_zh,
            "carrier_en": column.carrier.name_en,
        }
        sheet.findings.append(finding("accounting.not_number", place, found=text, **facts, **names))
        return
    sheet.cells.append(
        {
            "row": row,
            "carrier": column.carrier.code,
            "value": value,
            "unit": column.unit,
            "place": str(place),
        }
    )


def _missing(grid: Grid, layout: Layout, sheet: Sheet) -> None:
    absent: Mapping[int, Any] = {
        row: item for row, item in layout.items.items() if row not in sheet.rows
    }
    if not absent:
        return
    place = grid.place(0) if grid.lines else None
    sheet.findings.append(
        finding(
            "accounting.rows_missing",
            place,
            found=sorted(absent),
            rows=", ".join(str(row) for row in sorted(absent)),
            names_zh="、".join(item.name_zh for item in absent.values()),
            names_en="; ".join(item.name_en for item in absent.values()),
        )
    )
