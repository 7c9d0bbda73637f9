"""Tables of indicators inside a notice: rows of cells between bars."""

from __future__ import annotations

import re
from itertools import groupby

from attrs import evolve, frozen

from dualcarbon.plan.reader.clauses import Line, Sentence
from dualcarbon.plan.reader.lexicon import named
from dualcarbon.plan.reader.model import Direction, Target
from dualcarbon.plan.reader.quantities import Quantity, find_quantities
from dualcarbon.plan.reader.status import Times
from dualcarbon.plan.reader.units import read_unit

YEAR = re.compile(r"(?:19|20)\d\d")
BRACKET = re.compile(r"\(([^()]+)\)\s*$")
RULER = re.compile(r"^[\s|:\-—+]+$")


@frozen
class Cell:
    """One cell: its text and where it starts."""

    text: str
    start: int


def read_tables(text: str, lines: list[Line], times: Times) -> tuple[list[Target], list[Sentence]]:
    """Give the targets in the tables of a text, and every table row as a sentence."""
    targets: list[Target] = []
    rows: list[Sentence] = []
    for barred, group in groupby(lines, key=lambda line: line.row):
        if not barred:
            continue
        table = [line for line in group if not RULER.match(text[line.start : line.end])]
        labelled = [
            Sentence(f"{line.section}.t{line.start}", line.start, line.end, line) for line in table
        ]
        rows += labelled
        if len(table) > 1 and table[0].tense not in ("review", "aside"):
            targets += _table(text, labelled, times)
    ids = {item.id: f"{item.line.section}.t{n}" for n, item in enumerate(rows, start=1)}
    return (
        [evolve(target, clause=ids[target.clause]) for target in targets],
        [evolve(row, id=ids[row.id]) for row in rows],
    )


def _cells(text: str, row: Sentence) -> list[Cell]:
    body = text[row.start : row.end].strip("|")
    at = text.index(body, row.start) if body else row.start
    cells = []
    for part in body.split("|"):
        cells.append(Cell(part.strip(), at + len(part) - len(part.lstrip())))
        at += len(part) + 1
    return cells


def _table(text: str, rows: list[Sentence], times: Times) -> list[Target]:
    header, *body = [(row, _cells(text, row)) for row in rows]
    heads = [cell.text for cell in header[1]]
    columns = _target_columns(heads, times)
    unit = next((n for n, head in enumerate(heads) if named("table_unit").match(head)), None)
    found = []
    for row, cells in body:
        for column in columns:
            target = _target(row, cells, heads, column, unit)
            if target is not None:
                found.append(target)
    return found


def _target_columns(heads: list[str], times: Times) -> list[int]:
    """Give the columns that hold targets: named so, or of a year after the notice."""
    aims = [
        n
        for n, head in enumerate(heads)
        if n and named("table_aim").search(head) and not named("table_past").search(head)
    ]
    dated = {n: int(y[0]) for n, head in enumerate(heads) if n and (y := YEAR.search(head))}
    if aims:
        return aims
    if times.year is None:
        return [n for n, year in dated.items() if year == max(dated.values())]
    return [
        n
        for n, year in dated.items()
        if year >= times.year and not named("table_past").search(heads[n])
    ]


def _target(
    row: Sentence, cells: list[Cell], heads: list[str], column: int, unit: int | None
) -> Target | None:
    names = [cell.text for cell in cells[:column] if _names(cell, cells, unit)]
    if column >= len(cells) or not names:
        return None
    spelled = cells[unit].text if unit is not None and unit < len(cells) else ""
    quantity = _quantity(cells[column], spelled or _in_brackets([heads[column], *names]))
    if quantity is None or quantity.unit is None:
        return None
    label = " ".join(names)
    value, direction = _signed(quantity, label)
    year = YEAR.search(heads[column])
    start = cells[column].start + quantity.start
    return Target(
        clause=row.id,
        start=start,
        end=cells[column].start + quantity.end,
        subject=re.sub(r"\s*\([^)]*\)$", "", label).strip("*# "),
        value=value,
        unit=quantity.unit,
        comparator="=",
        direction=direction,
        strength="must",
        base=None,
        kind="rate" if direction != "level" else ("count" if quantity.unit == "count" else "level"),
        deadline=year[0] if year else None,
    )


def _names(cell: Cell, cells: list[Cell], unit: int | None) -> bool:
    """Tell whether a cell names what the row is about: words, neither unit nor figure."""
    measured = unit is not None and unit < len(cells) and cell is cells[unit]
    return not measured and bool(re.match(r"\W*[^\W\d]", cell.text))


def _in_brackets(texts: list[str]) -> str:
    """Give the unit that the last of the texts with brackets at its end holds there."""
    found = [match[1] for text in texts if (match := BRACKET.search(text))]
    return found[-1] if found else ""


def _quantity(cell: Cell, spelled: str) -> Quantity | None:
    """Read a cell; a bare figure takes the unit spelled in its column, row or brackets."""
    found = find_quantities(f" {cell.text} ")
    if not found:
        return None
    item = evolve(found[0], start=found[0].start - 1, end=found[0].end - 1)
    if item.unit is not None:
        return item
    read = read_unit(spelled, 0) if spelled else None
    if read is None:
        if spelled in ("-", "/", "—"):
            return evolve(item, unit="1")
        counted = not re.search(r"[/%\d]", spelled) and item.value == int(item.value)
        return evolve(item, unit="count" if counted and not item.yearlike else None)
    value = float(f"{item.number.value * read.factor:.12g}")
    return evolve(item, value=value, unit=read.name, factor=read.factor)


def _signed(item: Quantity, label: str) -> tuple[float, Direction]:
    if item.unit == "%" and (item.value < 0 or named("table_fall").search(label)):
        return -abs(item.value), "down"
    if item.unit == "%" and named("table_rise").search(label):
        return item.value, "up"
    return item.value, "level"
