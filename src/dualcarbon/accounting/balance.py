"""Read energy balances, long or as printed, into cells that know their place.

Cells: province, year, row, carrier, value, unit, place. A balance prints nothing where there is
nothing, so in this format alone an absent cell is zero; that is its declared convention.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
from attrs import evolve, frozen

from dualcarbon.accounting.grid import Grid, read_grids
from dualcarbon.accounting.layout import Layout
from dualcarbon.accounting.wide import Sheet, is_wide, read_wide
from dualcarbon.areas import Areas
from dualcarbon.carriers import Carrier
from dualcarbon.editions import Input
from dualcarbon.errors import DualcarbonError, InputError, UsageError
from dualcarbon.findings import Finding, Place, finding
from dualcarbon.tables import Column, Reading, Table, read_table
from dualcarbon.vocabulary import Vocabulary

CELLS: dict[str, type[pl.DataType] | pl.DataType] = {
    "province": pl.String,
    "year": pl.Int64,
    "row": pl.Int64,
    "carrier": pl.String,
    "value": pl.Float64,
    "unit": pl.String,
    "place": pl.String,
}
SIGNS = ("printed", "positive-outflow")
LONG = Table(
    "balance",
    (
        Column("province", required=False, nullable=True, aliases=("省份", "地区", "省", "area")),
        Column("year", "integer", required=False, nullable=True, aliases=("年份", "年", "年度")),
        Column("row", required=False, nullable=True, aliases=("行", "行号", "序号", "编号")),
        Column("item", required=False, nullable=True, aliases=("项目", "指标")),
        Column(
            "energy",
            vocabulary="carriers",
            aliases=("carrier", "fuel", "能源", "品种", "能源品种", "能源名称"),
        ),
        Column("value", "number", aliases=("数值", "数量", "值", "quantity")),
        Column("unit", "unit", required=False, nullable=True, aliases=("单位", "计量单位")),
    ),
)
LONG_HEADERS = {
    unicodedata.normalize("NFKC", name).casefold()
    for column in LONG.columns
    if column.name in ("energy", "value")
    for name in (column.name, *column.aliases)
}


@frozen
class Balance:
    """One file read as balances: `cells` of every province in it, and what was found.

    `rows`: the items the file has, also where they are empty.
    """

    cells: pl.DataFrame
    findings: tuple[Finding, ...]
    input: Input
    rows: frozenset[int]
    signs: str = "printed"

    @property
    def provinces(self) -> list[str]:
        """Give the provinces in the order of the file."""
        return self.cells["province"].unique(maintain_order=True).to_list()

    def select(
        self,
        province: str | None,
        year: int | None = None,
        *,
        areas: Areas | None = None,
        single: bool = True,
    ) -> Balance:
        """Keep one province and year; without `single` all its years may stay.

        `areas`: with them, a province is also found by another of its names (上海 for Shanghai).

        Errors: InputError when the file has no such province or year, or several where one is
        needed and none is named.
        """
        name = _one_province(self, province, areas)
        cells = self.cells.filter(pl.col("province") == name)
        years = sorted(value for value in cells["year"].unique() if value is not None)
        if year is not None and years and year not in years:
            raise self._no("accounting.no_year", str(year), years)
        if single and year is None and len(years) > 1:
            raise self._no("accounting.which_year", name, years)
        if years and year is not None:
            cells = cells.filter((pl.col("year") == year) | pl.col("year").is_null())
        return evolve(self, cells=cells)

    def _no(self, rule: str, found: str, choices: Sequence[Any]) -> InputError:
        shown = ", ".join(str(choice) for choice in choices) or "-"
        return InputError(finding(rule, Place(self.input.file), found=found, expected=shown))


def parse_units(texts: Iterable[str], carriers: Vocabulary[Carrier]) -> dict[str, str]:
    """Read `--units`: `CARRIER=UNIT` pairs and bare units, separated by commas; `*` means all.

    Errors: UsageError for an unknown carrier or unit.
    """
    units: dict[str, str] = {}
    for piece in (one.strip() for text in texts for one in re.split("[,;，；]", text)):
        if not piece:
            continue
        name, equals, unit = piece.rpartition("=")
        carrier = carriers.resolve(name) if equals and name.strip() != "*" else None
        if equals and carrier is None and name.strip() != "*":
            near = ", ".join(carriers.suggest(name)) or "-"
            raise _bad_units(piece, f"{name}: {near}")
        units[carrier.code if carrier else "*"] = _unit(unit, piece)
    return units


def _unit(text: str, piece: str) -> str:
    from dualcarbon.units import canonical

    try:
        return canonical(text.strip())
    except DualcarbonError as error:
        raise _bad_units(piece, error.findings[0].message_en) from error


def _bad_units(piece: str, why: str) -> UsageError:
    return UsageError(finding("accounting.units_option", found=piece, why=why))


def same_name(one: str, other: str) -> bool:
    """Tell whether two spellings name one province: width, case and 省 or 市 do not matter."""
    return _plain(one) == _plain(other)


def area_code(name: str, areas: Areas) -> str | None:
    """Give the code of the area that a province's name means, or None."""
    tries = (areas.resolve(text) for text in (name, _plain(name)))
    return next((area.code for area in tries if area), None)


def _plain(name: str) -> str:
    text = unicodedata.normalize("NFKC", name).strip().casefold()
    for ending in ("维吾尔自治区", "壮族自治区", "回族自治区", "自治区", "省", "市", " province"):
        text = text.removesuffix(ending)
    return text


def _one_province(balance: Balance, province: str | None, areas: Areas | None) -> str:
    names = balance.provinces
    if province is None:
        if len(names) == 1:
            return names[0]
        raise balance._no("accounting.which_province", "-", names)
    match = next((name for name in names if same_name(name, province)), None)
    if match is None and areas is not None and (code := area_code(province, areas)):
        match = next((name for name in names if area_code(name, areas) == code), None)
    if match is None:
        raise balance._no("accounting.no_province", province, names)
    return match


def read_balance(
    path: Path,
    layout: Layout,
    carriers: Vocabulary[Carrier],
    *,
    sheet: str | None = None,
    province: str | None = None,
    year: int | None = None,
    units: Mapping[str, str] | None = None,
    signs: str = "printed",
    areas: Areas | None = None,
) -> Balance:
    """Read a balance file: `province,row,item,energy,value`, or the table as a yearbook prints it.

    `province`, `year`: what to call a table that does not say it; with `areas`, a sheet that names
    another area keeps its own name. `units`: units of the file by
    carrier, `*` for all, where they are not the standard ones. `signs`: `printed` = outflow and
    export negative; `positive-outflow` = they are printed positive under a label with (-).
    Errors: InputError when the file cannot be read at all; everything else is a finding with its
    cell, and the cell is left out.
    """
    if path.suffix.lower() == ".parquet" or _is_long(path, sheet):
        cells, findings, source = _long(path, sheet, layout, carriers, province, year)
        rows = frozenset(cells["row"])
    else:
        cells, findings, source, rows = _wide(path, sheet, layout, carriers, province, year, areas)
    cells, more = _with_units(cells, carriers, units or {})
    cells, twice = _without_repeats(cells, layout, carriers)
    cells = _with_signs(cells, layout, signs)
    if not cells.height:
        raise InputError(*findings, *more, finding("accounting.nothing", Place(path.name)))
    return Balance(
        cells.select(*CELLS),
        (*findings, *more, *twice, *_sign_findings(cells, layout, signs)),
        source,
        rows,
        signs,
    )


def _is_long(path: Path, sheet: str | None) -> bool:
    for grid in read_grids(path, sheet)[:1]:
        filled = [grid.lines[index] for index in grid.filled()]
        for line in [one for one in filled if not one[0].startswith("#")][:1]:
            names = {unicodedata.normalize("NFKC", text).casefold() for text in line}
            return len(names & LONG_HEADERS) >= 2
    return False


def _long(
    path: Path,
    sheet: str | None,
    layout: Layout,
    carriers: Vocabulary[Carrier],
    province: str | None,
    year: int | None,
) -> tuple[pl.DataFrame, list[Finding], Input]:
    reading = read_table(path, LONG, vocabularies={"carriers": carriers}, sheet=sheet)
    if not {"row", "item"} & set(reading.letters):
        raise InputError(finding("accounting.no_item_column", Place(reading.file, reading.sheet)))
    rows, findings = _rows(reading, layout)
    label = province or Path(reading.file).stem
    frame = (
        reading.frame.with_columns(rows, *_places(reading))
        .rename({"energy": "carrier"})
        .with_columns(pl.col("province").fill_null(label), pl.col("year").fill_null(pl.lit(year)))
        .filter(pl.col("row").is_not_null())
    )
    source = Input(reading.file, reading.sha256, reading.rows_read)
    return frame.select(*CELLS), [*reading.findings, *findings], source


def _places(reading: Reading) -> list[pl.Series]:
    rows = reading.frame["source_row"]
    return [pl.Series("place", [str(reading.place(row, "value")) for row in rows], pl.String)]


def _rows(reading: Reading, layout: Layout) -> tuple[pl.Series, list[Finding]]:
    rows: list[int | None] = []
    findings: list[Finding] = []
    for entry in reading.frame.select("row", "item", "source_row").iter_rows(named=True):
        row, wrong = _row(entry["row"], entry["item"], layout)
        rows.append(row)
        if wrong:
            place = reading.place(entry["source_row"], "item" if entry["item"] else "row")
            found = " ".join(text for text in (entry["row"], entry["item"]) if text) or "-"
            findings.append(finding(wrong, place, found=found))
    return pl.Series("row", rows, dtype=pl.Int64), findings


def _row(number: str | None, item: str | None, layout: Layout) -> tuple[int | None, str | None]:
    by_number = layout.find(number) if number else None
    by_name = layout.find(item) if item else None
    if number and by_number is None:
        return None, "accounting.unknown_item"
    if by_number and by_name and by_number != by_name:
        return None, "accounting.item_contradicts"
    if (row := by_number or by_name) is None:
        return None, "accounting.unknown_item"
    return row, None


def _wide(
    path: Path,
    sheet: str | None,
    layout: Layout,
    carriers: Vocabulary[Carrier],
    province: str | None,
    year: int | None,
    areas: Areas | None,
) -> tuple[pl.DataFrame, list[Finding], Input, frozenset[int]]:
    grids = read_grids(path, sheet)
    tables = [grid for grid in grids if is_wide(grid, carriers)]
    if not tables:
        place = Place(path.name, sheet)
        raise InputError(finding("accounting.not_a_balance", place, found=path.name))
    frames, findings, rows = [], list[Finding](), set[int]()
    for grid in tables:
        read = read_wide(grid, layout, carriers)
        name = _label(grid, read, province if len(tables) == 1 else None, areas)
        findings += read.findings
        rows |= read.rows
        frames.append(_frame(read, name, year))
    source = Input(path.name, tables[0].sha256, sum(frame.height for frame in frames))
    return pl.concat(frames), findings, source, frozenset(rows)


def _label(grid: Grid, read: Sheet, province: str | None, areas: Areas | None) -> str:
    generic = grid.sheet is None or grid.sheet.casefold().startswith("sheet")
    printed = read.province or (None if generic else grid.sheet)
    if province and printed and areas and area_code(printed, areas):
        return printed
    return province or printed or Path(grid.file).stem


def _frame(read: Sheet, name: str, year: int | None) -> pl.DataFrame:
    schema = {key: CELLS[key] for key in ("row", "carrier", "value", "unit", "place")}
    return pl.DataFrame(read.cells, schema=schema).select(
        pl.lit(name).alias("province"),
        pl.lit(read.year or year, dtype=pl.Int64).alias("year"),
        *schema,
    )


def _with_units(
    cells: pl.DataFrame, carriers: Vocabulary[Carrier], units: Mapping[str, str]
) -> tuple[pl.DataFrame, list[Finding]]:
    """Name the unit of every cell: the caller's, else the printed one, else the standard one."""
    pairs = cells.select("carrier", "unit", "place").unique(["carrier", "unit"], keep="first")
    chosen: list[tuple[str, str | None, str | None]] = []
    findings = []
    for code, printed, place in pairs.iter_rows():
        unit = units.get(code) or units.get("*") or printed or carriers[code].unit
        known, wrong = _checked_unit(unit, carriers[code], place)
        chosen.append((code, printed, known))
        findings += wrong
    schema = {"carrier": pl.String, "unit": pl.String, "chosen": pl.String}
    table = pl.DataFrame(chosen, schema=schema, orient="row")
    joined = cells.join(table, on=["carrier", "unit"], nulls_equal=True, how="left")
    kept = joined.filter(pl.col("chosen").is_not_null()).with_columns(unit=pl.col("chosen"))
    return kept.drop("chosen"), findings


def _checked_unit(unit: str, carrier: Carrier, place: str) -> tuple[str | None, list[Finding]]:
    from dualcarbon.units import canonical, dimension

    facts: dict[str, Any] = {
        "found": unit,
        "expected": carrier.unit,
        "carrier_zh": carrier.name_zh,
        "carrier_en": carrier.name_en,
    }
    try:
        known = canonical(unit)
    except DualcarbonError:
        return None, [finding("accounting.unit_unknown", Place.parse(place), **facts)]
    if dimension(known) not in (dimension(carrier.unit), dimension("tce")):
        return None, [finding("accounting.unit_dimension", Place.parse(place), **facts)]
    return known, []


def _without_repeats(
    cells: pl.DataFrame, layout: Layout, carriers: Vocabulary[Carrier]
) -> tuple[pl.DataFrame, list[Finding]]:
    key = ["province", "year", "row", "carrier"]
    twins = cells.filter(pl.struct(key).is_duplicated())
    findings = []
    groups = twins.group_by(key, maintain_order=True).agg("value", "place", "unit")
    for row in groups.iter_rows(named=True):
        same = len(set(zip(row["value"], row["unit"], strict=True))) == 1
        item, carrier = layout.items[row["row"]], carriers[row["carrier"]]
        findings.append(
            finding(
                "accounting.cell_copied" if same else "accounting.cell_twice",
                Place.parse(row["place"][-1]),
                found=row["value"],
                places=", ".join(row["place"]),
                province=row["province"],
                row=row["row"],
                item_zh=item.name_zh,
                item_en=item.name_en,
                carrier_zh=carrier.name_zh,
                carrier_en=carrier.name_en,
            )
        )
    once = cells.unique([*key, "value", "unit"], keep="first", maintain_order=True)
    return once.filter(~pl.struct(key).is_duplicated()), findings


def _with_signs(cells: pl.DataFrame, layout: Layout, signs: str) -> pl.DataFrame:
    if signs == "printed":
        return cells
    outflow = [item.row for item in layout.items.values() if item.outflow]
    turned = pl.when(pl.col("row").is_in(outflow)).then(-pl.col("value"))
    return cells.with_columns(value=turned.otherwise(pl.col("value")))


def _sign_findings(cells: pl.DataFrame, layout: Layout, signs: str) -> list[Finding]:
    """Say where a sign contradicts the declared convention; nothing is turned round."""
    findings = []
    outflow = [item for item in layout.items.values() if item.outflow]
    for item in outflow:
        wrong = cells.filter((pl.col("row") == item.row) & (pl.col("value") > 0))
        for name, part in wrong.group_by("province", maintain_order=True):
            findings.append(
                finding(
                    "accounting.sign",
                    Place.parse(part["place"][0]),
                    found=part["value"][0] if signs == "printed" else -part["value"][0],
                    province=name[0],
                    item_zh=item.name_zh,
                    item_en=item.name_en,
                    row=item.row,
                    count=part.height,
                    signs=signs,
                    other=next(one for one in SIGNS if one != signs),
                )
            )
    return findings
