"""The implied-factor detector: what emission over activity, and the numbers themselves, give away.

It finds and says; it repairs nothing. Tolerances follow from the printed digits. What each check
asks for and how often it cries wolf on published tables: docs/methods/reconciliation.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import log, log10
from pathlib import Path
from typing import Any

import polars as pl
from attrs import define, field, frozen

from dualcarbon.accounting.defaults import (
    Confusion,
    Default,
    Defaults,
    base_of,
    load_confusions,
    measure_of,
)
from dualcarbon.accounting.patterns import Flag, patterns
from dualcarbon.accounting.printed import LEAST_CHANCE, digits, relative
from dualcarbon.accounting.side import Tools
from dualcarbon.editions import Input
from dualcarbon.errors import UnitMismatch
from dualcarbon.findings import Finding, Place, finding
from dualcarbon.tables import Column, Table, read_table

IMPLIED = Table(
    "implied",
    (
        Column("subject_kind", required=False, nullable=True, aliases=("对象类别",)),
        Column(
            "subject",
            required=False,
            nullable=True,
            aliases=("对象", "province", "省份", "地区", "enterprise"),
        ),
        Column("item", required=False, nullable=True, aliases=("计量点", "表计", "meter")),
        Column(
            "carrier", required=False, nullable=True, aliases=("能源品种", "品种", "fuel", "燃料")
        ),
        Column("flow", required=False, nullable=True, aliases=("流向",)),
        Column("sector", required=False, nullable=True, aliases=("行业", "部门", "领域")),
        Column("period", required=False, nullable=True, aliases=("期间", "时期", "year", "年份")),
        Column("quantity", "number", nullable=True, aliases=("数量", "活动量", "activity")),
        Column("unit", "unit", required=False, nullable=True, aliases=("单位", "计量单位")),
        Column(
            "emission", "number", required=False, nullable=True, aliases=("排放量", "co2", "tce")
        ),
        Column("emission_unit", "unit", required=False, nullable=True, aliases=("排放量单位",)),
        Column("place", required=False, nullable=True),
    ),
)
KINDS = (
    "exactly_one",
    "other_fuel",
    "power_of_ten",
    "confusion",
    "factor_off",
    "sum_row",
    "constant",
    "zero",
    "slip",
    "repeated",
)
DEFAULT_EMISSION = "tCO2"
SAME = 0.002
SHARP, LIKELY = 1e-3, 0.2
LEAST_ROOM = 1e-6
AROUND = 0.2
FAR = 1.1
SPAN = 1000.0
ROUGH = 0.02
OFF = 0.05
AGREE = 3
SHOWN = 20


@frozen
class Implied:
    """What the detector says of a table: flags row by row, and findings, alike ones together."""

    flags: tuple[Flag, ...]
    findings: tuple[Finding, ...]
    rows: int
    judged: int

    def counts(self) -> dict[str, int]:
        """Give the number of flags by kind, also those that found nothing."""
        return {kind: sum(flag.kind == kind for flag in self.flags) for kind in KINDS}


def implied_frame(rows: Iterable[Mapping[str, Any]] | pl.DataFrame) -> pl.DataFrame:
    """Give a frame of IMPLIED; a column that is not given is null."""
    schema = IMPLIED.schema()
    frame = rows if isinstance(rows, pl.DataFrame) else pl.DataFrame(list(rows), schema=schema)
    return frame.select(
        (pl.col(name) if name in frame.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in schema.items()
    )


def read_implied(path: Path) -> tuple[pl.DataFrame, list[Finding], Input]:
    """Read a table of activity and emission; only `quantity` is needed. InputError as read_table.

    `emission` is in tCO2 unless `emission_unit` says otherwise.
    """
    reading = read_table(path, IMPLIED)
    places = [str(reading.place(row, "quantity")) for row in reading.frame["source_row"]]
    frame = reading.frame.with_columns(pl.Series("place", places, pl.String))
    source = Input(reading.file, reading.sha256, reading.rows_read)
    kept = [item for item in reading.findings if item.rule != "tables.column_unknown"]
    return implied_frame(frame), kept, source


def detect(frame: pl.DataFrame, tools: Tools) -> Implied:
    """Judge every row of a frame of IMPLIED.

    Absent: a row without quantity or emission has no implied factor and is judged by its number
    alone. A carrier that the pack does not know has no default to be held against.
    """
    rows = [_sorted_out(row) for row in implied_frame(frame).with_row_index("row").to_dicts()]
    judge = _Judge(tools, {name: Defaults(tools, name) for name in ("co2", "tce")})
    factors = judge.flags(rows)
    flags = sorted([*factors, *patterns(rows)], key=lambda f: (KINDS.index(f.kind), f.row))
    findings = list(_findings(flags, rows, tools))
    return Implied(tuple(flags), tuple(findings), len(rows), judge.judged)


def _sorted_out(row: dict[str, Any]) -> dict[str, Any]:
    """Take a lone number in a unit of CO2 for what it is, an emission without quantity."""
    amount = _measure(row["unit"]) if row["unit"] else None
    if amount is None or amount[0] != "co2" or row["emission"] is not None:
        return row
    if not row["unit"].endswith(("CO2", "CO2e")):
        return row
    moved = {"quantity": None, "emission": row["quantity"], "emission_unit": row["unit"]}
    return {**row, **moved}


@define
class _Judge:
    tools: Tools
    defaults: Mapping[str, Defaults]
    judged: int = 0
    confusions: list[Confusion] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.confusions = load_confusions(self.tools)

    def flags(self, rows: Sequence[Mapping[str, Any]]) -> list[Flag]:
        """Judge the implied factor of every row; a match that may be chance needs company."""
        found: list[Flag] = []
        weak: dict[tuple[str, str], list[Flag]] = defaultdict(list)
        for row in rows:
            flag = self._row(row)
            if flag is None:
                continue
            if flag.facts.get("weak"):
                weak[str(row["carrier"]), str(flag.facts["like"])].append(flag)
            else:
                found.append(flag)
        for group in weak.values():
            found += group if len({flag.found for flag in group}) and len(group) >= AGREE else []
        return found

    def _row(self, row: Mapping[str, Any]) -> Flag | None:
        quantity, emission, unit = row["quantity"], row["emission"], row["unit"]
        if not quantity or not emission:
            return None
        base, amount = _base(unit), _measure(row["emission_unit"] or DEFAULT_EMISSION)
        if unit and amount and base is None and _measure(unit):
            return None  # tce over tce, CO2 over CO2: a factor of one by definition
        carrier = self.tools.carriers.resolve(row["carrier"] or "")
        code = carrier.code if carrier else ""
        if base is None or amount is None:
            return _equal_numbers(row) if not unit else None
        self.judged += 1
        factor = emission * amount[1] / (quantity * base[1])
        room = relative(quantity) + relative(emission)
        table = self.defaults[amount[0]]
        possible = [one.value for one in table.possible[base[0]].get(code, ()) if one.value > 0]
        if _is_near(factor, possible, max(room, SAME)):
            return None
        if exact := _exactly_one(row, factor, room, possible):
            return exact
        return self._off(row, factor, room, code, table, base[0], possible) if possible else None

    def _off(
        self,
        row: Mapping[str, Any],
        factor: float,
        room: float,
        code: str,
        table: Defaults,
        base: str,
        possible: Sequence[float],
    ) -> Flag | None:
        low, high = min(possible), max(possible)
        within = low <= factor <= high
        facts = {"low": low, "high": high, "unit": base}
        if other := _other_fuel(factor, room, code, table.consistent[base]):
            return _flag(
                "other_fuel", row, factor, {**facts, **other, "weak": within or other["weak"]}
            )
        if within:
            return None
        middle = (low * high) ** 0.5
        power = round(log10(factor / middle)) if factor > 0 else 0
        if power and low * (1 - ROUGH) <= factor / 10.0**power <= high * (1 + ROUGH):
            return _flag("power_of_ten", row, factor, {**facts, "power": power})
        if mixed := self._confusion(factor, room, table.consistent[base].get(code, ()), code, base):
            return _flag("confusion", row, factor, {**facts, **mixed})
        if low * (1 - OFF) <= factor <= high * (1 + OFF):
            return None
        nearest = low if factor < low else high
        percent = f"{(factor / nearest - 1) * 100:+.1f}"
        return _flag("factor_off", row, factor, {**facts, "percent": percent})

    def _confusion(
        self, factor: float, room: float, own: Sequence[Default], code: str, base: str
    ) -> dict[str, Any] | None:
        if room > SAME:
            return None
        coal = self.defaults["tce"].consistent[base].get(code, ())
        ratios = [(one.ratio, one.name_zh, one.name_en) for one in self.confusions]
        ratios += [
            (one.value, "实物量与标准煤量", "standard coal and the fuel itself") for one in coal
        ]
        sharp = max(room, LEAST_ROOM)
        weak = 2 * sharp * len(own) * 2 * len(ratios) / log(SPAN) > LEAST_CHANCE
        for default in own:
            for ratio, zh, en in ratios:
                for times in (ratio, 1 / ratio):
                    if _is_near(factor, [default.value * times], sharp):
                        names = {"name_zh": zh, "name_en": en, "like": en}
                        return {"times": f"{times:.6g}", "weak": weak, **names}
        return None


def _base(unit: str | None) -> tuple[str, float] | None:
    try:
        return base_of(unit) if unit else None
    except UnitMismatch:
        return None


def _measure(unit: str) -> tuple[str, float] | None:
    try:
        return measure_of(unit)
    except UnitMismatch:
        return None


def _is_near(factor: float, values: Iterable[float], room: float) -> bool:
    return any(abs(factor - value) <= room * abs(value) for value in values)


def _flag(kind: str, row: Mapping[str, Any], factor: float, facts: Mapping[str, Any]) -> Flag:
    return Flag(kind, row["row"], float(f"{factor:.7g}"), None, (), facts)


def _equal_numbers(row: Mapping[str, Any]) -> Flag | None:
    if row["quantity"] == row["emission"] and digits(row["quantity"]) > 2:
        return _flag("exactly_one", row, 1.0, {})
    return None


def _exactly_one(
    row: Mapping[str, Any], factor: float, room: float, possible: Sequence[float]
) -> Flag | None:
    """Flag equal numbers in both cells, or a factor of 1 to the last digit in other units.

    Equal round numbers say something only where the fuel's own factors are far from 1.
    """
    if _is_near(1.0, possible, 0.005):
        return None
    far = bool(possible) and not min(possible) / FAR <= factor <= max(possible) * FAR
    same = row["quantity"] == row["emission"] and (digits(row["quantity"]) > 2 or far)
    exact = abs(factor - 1) < 1e-9 and digits(row["quantity"]) > 2 and room < 0.005
    return _flag("exactly_one", row, factor, {}) if same or exact else None


def _other_fuel(
    factor: float, room: float, code: str, table: Mapping[str, Sequence[Default]]
) -> dict[str, Any] | None:
    """Give the default of another fuel that the factor equals to the printed digits.

    `weak`: so many defaults stand around the factor that one may be met by chance.
    """
    if room > SHARP or factor <= 0:
        return None
    sharp = max(room, LEAST_ROOM)
    others = [one for other, values in table.items() if other != code for one in values]
    near = [one for one in others if _is_near(factor, [one.value], sharp)]
    if not near:
        return None
    around = {one.value for one in others if _is_near(factor, [one.value], AROUND)}
    best = min(near, key=lambda one: abs(factor - one.value))
    alike = dict.fromkeys(one.carrier for one in near if one.value == best.value)
    return {
        "others": tuple(alike),
        "like": "/".join(alike),
        "value": best.value,
        "origin": best.origin,
        "weak": sharp / AROUND * len(around) > LIKELY,
    }


def _findings(
    flags: Sequence[Flag], rows: Sequence[Mapping[str, Any]], tools: Tools
) -> Iterator[Finding]:
    """Say alike flags once, with their number and the first place."""
    groups: dict[Any, list[Flag]] = defaultdict(list)
    for flag in flags:
        groups[_alike(flag, rows[flag.row])].append(flag)
    told: dict[str, int] = defaultdict(int)
    for group in groups.values():
        told[group[0].kind] += 1
        if told[group[0].kind] <= SHOWN:
            yield _finding(group, rows, tools)
    for kind, number in told.items():
        if number > SHOWN:
            yield finding("accounting.implied_more", found=number - SHOWN, kind=kind)


def _alike(flag: Flag, row: Mapping[str, Any]) -> tuple[Any, ...]:
    if flag.kind == "other_fuel":
        return flag.kind, row["carrier"], flag.facts["like"]
    if flag.kind == "factor_off":
        return flag.kind, row["carrier"], f"{flag.found:.3g}"
    if flag.kind in ("power_of_ten", "confusion", "exactly_one"):
        return flag.kind, row["carrier"], flag.facts.get("power") or flag.facts.get("name_en")
    if flag.kind == "sum_row" and flag.facts["label"]:
        return flag.kind, flag.facts["label"]
    return flag.kind, flag.row


def _finding(group: Sequence[Flag], rows: Sequence[Mapping[str, Any]], tools: Tools) -> Finding:
    first, row = group[0], rows[group[0].row]
    carrier = tools.carriers.resolve(row["carrier"] or "")
    names = (carrier.name_zh, carrier.name_en) if carrier else (row["carrier"] or "-",) * 2
    facts = {
        **{key: _shown(value) for key, value in first.facts.items()},
        "flagged": len(group),
        "carrier_zh": names[0],
        "carrier_en": names[1],
        "where": _where(row),
        "places": ", ".join(_place(rows[number]) for number in first.rows[:6]),
    }
    if first.kind == "other_fuel":
        others = [tools.carriers[code] for code in first.facts["others"]]
        facts["other_zh"] = "/".join(other.name_zh for other in others)
        facts["other_en"] = "/".join(other.name_en for other in others)
    place = Place.parse(row["place"]) if row["place"] else Place(row=row["row"] + 1)
    return finding(
        f"accounting.implied_{first.kind}",
        place,
        found=first.found,
        expected=first.expected,
        **facts,
    )


def _shown(value: Any) -> Any:
    return f"{value:.6g}" if isinstance(value, float) else value


def _where(row: Mapping[str, Any]) -> str:
    names = ("subject", "item", "sector", "flow", "period")
    return ", ".join(str(row[name]) for name in names if row[name]) or "-"


def _place(row: Mapping[str, Any]) -> str:
    cell = Place.parse(row["place"]).cell if row["place"] else None
    return cell or str(row["row"] + 1)
