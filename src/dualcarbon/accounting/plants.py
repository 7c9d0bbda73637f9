"""Combined heat and power of a file of plants, split by every option side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dualcarbon.accounting.chp import NAMES, NEEDS, Split, split, values_of
from dualcarbon.accounting.engine import GRAMS
from dualcarbon.accounting.stated import Stated, converted, whole
from dualcarbon.errors import InputError, UsageError
from dualcarbon.findings import Finding, Place, finding
from dualcarbon.parameters import Parameters
from dualcarbon.tables import Column, Reading, Table, read_table

PLANTS = Table(
    "plants",
    (
        Column("plant", aliases=("电厂", "机组", "单位")),
        Column("co2", "number", aliases=("排放量", "二氧化碳")),
        Column("co2_unit", "unit", required=False, nullable=True, aliases=("排放单位",)),
        Column("power", "number", aliases=("供电量", "发电量", "电量")),
        Column("power_unit", "unit", required=False, nullable=True, aliases=("电量单位",)),
        Column("heat", "number", aliases=("供热量", "热量")),
        Column("heat_unit", "unit", required=False, nullable=True, aliases=("热量单位",)),
    ),
    key=("plant",),
)
BASE = {"co2": "tCO2", "power": "10^8 kWh", "heat": "GJ"}


def compare_plants(
    path: Path, given: Mapping[str, Stated], parameters: Parameters
) -> tuple[list[dict[str, Any]], list[Finding]]:
    """Give every plant with its split by each option, and what was found.

    Amounts in tonnes of CO2, factors in kg/kWh and t/GJ; null where nothing of that kind is
    produced or an option's values are not known, with the reason. Errors: InputError for a file
    that cannot be read, a negative quantity or a unit that does not fit.
    """
    reading = read_table(path, PLANTS)
    errors = [item for item in reading.findings if item.severity == "error"]
    if errors or not reading.frame.height:
        raise InputError(*errors or [finding("accounting.nothing", Place(reading.file))])
    options, findings = _options(given, parameters)
    plants = []
    for row in reading.frame.iter_rows(named=True):
        total, kwh, gj = _amounts(row, reading)
        plants.append(
            {
                "plant": row["plant"],
                "co2_t": total / GRAMS,
                "power_kwh": kwh,
                "heat_gj": gj,
                "options": [_one(total, kwh, gj, name, values) for name, values in options],
            }
        )
    return plants, [*reading.findings, *findings, *_negative(plants)]


def _options(
    given: Mapping[str, Stated], parameters: Parameters
) -> tuple[list[tuple[str, Mapping[str, Stated] | None]], list[Finding]]:
    options: list[tuple[str, Mapping[str, Stated] | None]] = []
    findings = []
    for name in NEEDS:
        try:
            options.append((name, values_of(name, given, parameters)))
        except UsageError as error:
            if error.findings[0].rule != "accounting.chp_value":
                raise
            options.append((name, None))
            missing = error.findings[0].expected
            findings.append(finding("accounting.chp_left_out", found=name, expected=missing))
    return options, findings


def _amounts(row: Mapping[str, Any], reading: Reading) -> tuple[int, float, float]:
    units = {name: row[f"{name}_unit"] or unit for name, unit in BASE.items()}
    for name in BASE:
        place = reading.place(row["source_row"], name)
        if row[name] < 0:
            raise InputError(finding("accounting.negative", place, found=row[name]))
    tonnes, kwh, gj = (
        converted(row[name], units[name], target, reading.place(row["source_row"], name))
        for name, target in (("co2", "tCO2"), ("power", "kWh"), ("heat", "GJ"))
    )
    return whole(tonnes * GRAMS, units["co2"], reading.place(row["source_row"], "co2")), kwh, gj


def _one(
    total: int, kwh: float, gj: float, name: str, values: Mapping[str, Stated] | None
) -> dict[str, Any]:
    zh, en = NAMES[name]
    if values is None:
        empty = ("data_status", "power_co2_t", "heat_co2_t", "power_factor", "heat_factor")
        names = {"option": name, "name_zh": zh, "name_en": en}
        return {**names, "values": {}, **dict.fromkeys(empty)}
    made: Split = split(total, kwh, gj, name, values)
    power = made.power_g / 1000 / kwh if kwh else None
    heat = made.heat_g / GRAMS / gj if gj else None
    return {**made.to_json(), "power_factor": power, "heat_factor": heat}


def _negative(plants: list[dict[str, Any]]) -> Iterator[Finding]:
    bad = [
        one["option"]
        for plant in plants
        for one in plant["options"]
        if min(one["power_co2_t"] or 0, one["heat_co2_t"] or 0) < 0
    ]
    for option in dict.fromkeys(bad):
        yield finding("accounting.chp_negative", found=option)
