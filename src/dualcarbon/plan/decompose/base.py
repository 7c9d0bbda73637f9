"""The base of a decomposition: who takes part, what each used, produced, may and can do.

A base is a small file with a line a subject, or is built from the statistics of a data folder.
Numbers are taken as the decimal text says them; absence is never zero.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from attrs import evolve, field, frozen

from dualcarbon.areas import rest_of
from dualcarbon.editions import Input
from dualcarbon.errors import InputError
from dualcarbon.findings import Finding, Place, finding, worst
from dualcarbon.plan.decompose.exact import exact
from dualcarbon.subjects import Words
from dualcarbon.tables import Column, Reading, Table, read_cells, read_table
from dualcarbon.tables.model import SOURCE_ROW
from dualcarbon.tables.parse import GROUPED, NUMBER
from dualcarbon.units import canonical

BRACKET = re.compile(r"^(?P<name>.*?)\s*[\[(（【](?P<unit>[^\])）】]+)[\])）】]\s*$")
YEAR = re.compile(r"^(?:change_|变化_)?(?P<year>(?:19|20)\d\d)$")
REST = ("rest", "residual", "其余", "余项", "未分区", "不属任何区")

SUBJECT = Column("subject", aliases=("对象", "区", "地区", "单位", "企业", "enterprise", "area"))
KNOWN = (
    Column("energy", "number", aliases=(
        "amount", "base", "co2", "emissions", "energy_total", "co2_total", "quantity",
        "能耗", "能源消费量", "能源消费总量", "综合能源消费量",
        "碳排放量", "二氧化碳排放量", "基数", "数量",
    )),
    Column("gdp", "number", nullable=True, required=False, aliases=(
        "output", "value_added", "tier_output", "地区生产总值", "生产总值", "产值",
        "增加值", "产出",
    )),
    Column("growth", "number", nullable=True, required=False, aliases=(
        "gdp_growth", "output_growth", "expected_growth", "预期增速", "增速", "经济增速",
    )),
    Column("min", "number", nullable=True, required=False, aliases=("下限", "最小")),
    Column("max", "number", nullable=True, required=False, aliases=("上限", "最大")),
    Column("benchmark", "number", nullable=True, required=False, aliases=("标杆", "标杆强度")),
    Column("five_year", "number", nullable=True, required=False, aliases=(
        "five_year_target", "五年目标",
    )),
    Column("assessed_by", nullable=True, required=False, aliases=("考核主体",)),
    Column("industry", nullable=True, required=False, aliases=("行业",)),
)  # fmt: skip
TEXTS = ("name", "name_zh", "name_en", "名称", "note", "备注", "unit", "单位名称")


@frozen
class Entry:
    """One subject of the base; amounts and outputs as the file writes them, `changes` by year.

    `subject` is its code, `written` what the file calls it.
    """

    subject: str
    name_zh: str
    name_en: str
    energy: Fraction
    gdp: Fraction | None
    growth: Fraction | None
    low: Fraction | None
    high: Fraction | None
    benchmark: Fraction | None
    five_year: float | None
    changes: Mapping[int, float]
    factors: Mapping[str, float | None]
    assessed_by: str | None
    industry: str | None
    row: int
    place: str
    written: str = ""

    def group(self, column: str) -> str | None:
        """Give what stands in `assessed_by` or `industry`."""
        return self.assessed_by if column == "assessed_by" else self.industry


@frozen
class Base:
    """Subjects, and the rows of the city and of what lies in no district where there are any.

    `unit` and `output_unit` are those written in the headers, None where none is.
    """

    entries: tuple[Entry, ...]
    city: Entry | None
    rest: Entry | None
    factors: tuple[str, ...]
    unit: str | None
    output_unit: str | None
    inputs: tuple[Input, ...]
    findings: tuple[Finding, ...] = field(default=())


def read_base(path: Path, words: Words, sheet: str | None = None) -> Base:
    """Read a base file (csv, xlsx, parquet): `subject, energy, gdp, …, min, max`.

    Every other column of numbers is a capability indicator; columns named by a year hold the
    changes of that year in %. A header may carry its unit: `energy [10^4 tce]`.
    Errors: InputError with every bad cell; a base that is not whole is not shared.
    """
    header, units = _headers(path, sheet)
    factors = [name for name, column in header.items() if column.name not in _names()]
    table = Table("base", (SUBJECT, *KNOWN, *(header[name] for name in factors)), ("subject",))
    table = _aliased(table, units)
    reading = read_table(path, table, sheet=sheet)
    if worst(reading.findings) == "error":
        raise InputError(*(item for item in reading.findings if item.severity == "error"))
    entries = [_entry(row, reading, words) for row in reading.frame.iter_rows(named=True)]
    inputs = (Input(reading.file, reading.sha256, reading.rows_read),)
    written = {column: unit for column, (_, unit) in units.items() if unit}
    return settle(entries, words, inputs, reading.findings, written)


def _names() -> set[str]:
    return {SUBJECT.name, *(column.name for column in KNOWN)}


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold().replace(" ", "_")


def _known() -> dict[str, Column]:
    return {
        _plain(name): column
        for column in (SUBJECT, *KNOWN)
        for name in (column.name, *column.aliases)
    }


def _headers(
    path: Path, sheet: str | None
) -> tuple[dict[str, Column], dict[str, tuple[str, str | None]]]:
    """Give the columns by header, and by column name the header and unit that a file writes."""
    cells, known = read_cells(path, sheet=sheet), _known()
    columns: dict[str, Column] = {}
    units: dict[str, tuple[str, str | None]] = {}
    for index, header in enumerate(cells.header):
        name, unit = _split(header)
        column = known.get(_plain(name))
        if column is None and header and _plain(name) not in TEXTS and _numeric(cells, index):
            column = Column(name, "number", nullable=True, aliases=(header,))
        if column is not None:
            columns[header] = column
            units[column.name] = (header, unit)
    return columns, units


def unit_headers(path: Path, table: Table) -> dict[str, tuple[str, str | None]]:
    """Give, by column of a table, the header that a file writes and the unit in it."""
    known = {_plain(name): c.name for c in table.columns for name in (c.name, *c.aliases)}
    split = {header: _split(header) for header in read_cells(path).header}
    return {
        known[_plain(name)]: (header, unit)
        for header, (name, unit) in split.items()
        if _plain(name) in known
    }


def _split(header: str) -> tuple[str, str | None]:
    match = BRACKET.match(header)
    if not match:
        return header.strip(), None
    unit = match["unit"].strip()
    return match["name"].strip(), None if unit in ("%", "+", "-") else canonical(unit)


def _numeric(cells: Any, index: int) -> bool:
    if cells.frame is not None:
        return bool(cells.frame[cells.header[index]].dtype.is_numeric())
    first = next((row[index] for row in cells.rows if row[index]), None)
    text = unicodedata.normalize("NFKC", first or "").strip().replace("\u2212", "-")
    return bool(re.match(NUMBER, text) or re.match(GROUPED, text))


def _aliased(table: Table, units: Mapping[str, tuple[str, str | None]]) -> Table:
    """Let each column be found under the header that the file writes, with its unit."""
    columns = tuple(
        evolve(column, aliases=(*column.aliases, units[column.name][0]))
        if column.name in units
        else column
        for column in table.columns
    )
    return evolve(table, columns=columns)


def _entry(row: Mapping[str, Any], reading: Reading, words: Words) -> Entry:
    code, names = named(str(row["subject"]), words)
    numbers = {
        name: value for name, value in row.items() if name not in _names() and name != SOURCE_ROW
    }
    years = {name: int(match["year"]) for name in numbers if (match := YEAR.match(name))}
    return Entry(
        code, *names,
        energy=exact(row["energy"]),
        gdp=_fraction(row["gdp"]),
        growth=_fraction(row["growth"]),
        low=_fraction(row["min"]),
        high=_fraction(row["max"]),
        benchmark=_fraction(row["benchmark"]),
        five_year=row["five_year"],
        changes={at: numbers[name] for name, at in years.items() if numbers[name] is not None},
        factors={name: value for name, value in numbers.items() if name not in years},
        assessed_by=row["assessed_by"],
        industry=row["industry"],
        row=row[SOURCE_ROW],
        place=str(reading.place(row[SOURCE_ROW], "energy")),
        written=str(row["subject"]),
    )  # fmt: skip


def named(text: str, words: Words) -> tuple[str, tuple[str, str]]:
    """Give the code and names of a subject: an area of the pack, else the text as it stands."""
    if words.subject("city", text):
        return words.city, ("全市", "City")
    if text.strip().casefold() in (*REST, rest_of(words.city)):
        return rest_of(words.city), ("不属任何区", "In no district")
    area = words.areas.resolve(text)
    return (area.code, (area.name_zh, area.name_en)) if area else (text.strip(), (text, text))


def _fraction(value: float | None) -> Fraction | None:
    return None if value is None else exact(value)


def settle(
    entries: list[Entry],
    words: Words,
    inputs: tuple[Input, ...],
    findings: tuple[Finding, ...] = (),
    units: Mapping[str, str] = {},
) -> Base:
    """Part the city and the rest from the subjects, and refuse what cannot be a base.

    Errors: InputError for a negative amount, an output that is not positive, a subject that stands
    twice under two spellings, or no subject at all.
    """
    special = (words.city, rest_of(words.city))
    subjects = tuple(item for item in entries if item.subject not in special)
    problems = [found for item in entries if (found := _bad_level(item, special[1]))]
    problems += _twice(entries)
    if not subjects:
        problems.append(finding("plan.decompose_empty", found=", ".join(i.file for i in inputs)))
    if problems:
        raise InputError(*problems)
    by_code = {item.subject: item for item in entries}
    return Base(
        subjects,
        by_code.get(special[0]),
        by_code.get(special[1]),
        tuple(subjects[0].factors),
        units.get("energy"),
        units.get("gdp"),
        inputs,
        findings,
    )


def _bad_level(item: Entry, rest: str) -> Finding | None:
    if item.energy < 0:
        name, value = "energy", item.energy
    elif item.gdp is not None and item.gdp <= 0 and item.subject != rest:
        name, value = "gdp", item.gdp
    else:
        return None
    place = Place.parse(item.place)
    return finding(
        "plan.decompose_level", place, found=float(value), name=name, subject=item.subject
    )


def _twice(entries: list[Entry]) -> list[Finding]:
    counted = Counter(item.subject for item in entries)
    return [finding("plan.decompose_twice", found=c) for c, n in counted.items() if n > 1]
