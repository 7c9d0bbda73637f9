"""Overrides: values of a laboratory or supplier that go before the defaults of the pack.

A file of overrides becomes parameters of three layers, `lab`, `supplier` and `default`, looked up
in this order and then in the pack; inside a layer the most specific match of the month stands.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import field, frozen

from dualcarbon.editions import Input
from dualcarbon.errors import InputError, ParameterNotFound
from dualcarbon.findings import Finding, finding
from dualcarbon.parameters import Parameter, Parameters
from dualcarbon.periods import Period
from dualcarbon.tables import Column, Reading, Table, read_table
from dualcarbon.vocabulary import Vocabulary

LEVELS = ("lab", "supplier", "default")
KEYED = ("carrier", "sector", "equipment", "enterprise", "gas", "area")
ALWAYS = dt.date(1900, 1, 1)

OVERRIDES = Table(
    "overrides",
    (
        Column("name", aliases=("参数",)),
        Column("value", "number", aliases=("数值", "值")),
        Column("unit", "unit", aliases=("单位",)),
        Column("level", "choice", choices=LEVELS, aliases=("级别", "来源级别")),
        Column("carrier", required=False, nullable=True, aliases=("material", "能源品种", "物料")),
        Column("sector", required=False, nullable=True, aliases=("排放部门",)),
        Column("equipment", required=False, nullable=True, aliases=("设备",)),
        Column("enterprise", required=False, nullable=True, aliases=("用能单位", "subject")),
        Column("gas", required=False, nullable=True, aliases=("气体", "污染物", "pollutant")),
        Column("area", required=False, nullable=True, aliases=("地区",)),
        Column("valid_from", "date", required=False, nullable=True, aliases=("有效期起",)),
        Column("valid_to", "date", required=False, nullable=True, aliases=("有效期止",)),
        Column("source", required=False, nullable=True, aliases=("来源", "出处", "依据")),
    ),
    key=("name", "level", *KEYED, "valid_from"),
)


@frozen
class Overrides:
    """The layers of a file of overrides, the enterprises they name, and what was found."""

    layers: tuple[Parameters, ...] = ()
    enterprises: frozenset[str] = frozenset()
    substances: tuple[str, ...] = ()
    inputs: tuple[Input, ...] = ()
    findings: tuple[Finding, ...] = field(default=())

    def select(
        self,
        pack: Parameters,
        name: str,
        keys: Mapping[str, str],
        period: Period,
        chosen: str | None,
    ) -> Parameter:
        """Give the value that holds: of the first layer that has one, else of the pack.

        Errors: as `Parameters.select_period`.
        """
        for layer in self.layers:
            if name not in layer.by_name:
                continue
            try:
                return layer.select_period(name, keys, period)
            except ParameterNotFound:
                continue
        return pack.select_period(name, keys, period, set=chosen)


def read_overrides(path: Path | None, pack: Parameters, substances: Vocabulary[Any]) -> Overrides:
    """Read a file of overrides.

    Errors: InputError with every bad cell: nothing of a faulty file is used, because a value that
    silently falls back to a default is a wrong account.
    """
    if path is None:
        return Overrides()
    reading = read_table(path, OVERRIDES)
    faults = [item for item in reading.findings if item.severity == "error"]
    values = []
    for row in reading.frame.iter_rows(named=True):
        value, wrong = _value(row, reading, pack, substances)
        faults += wrong
        if value is not None:
            values.append(value)
    if faults:
        raise InputError(*faults)
    materials = [value.keys["carrier"] for value in values if "carrier" in value.keys]
    return Overrides(
        tuple(_layer(values, level) for level in LEVELS),
        frozenset(v.keys["enterprise"] for v in values if "enterprise" in v.keys),
        tuple(code for code in dict.fromkeys(materials) if code not in substances),
        (Input(reading.file, reading.sha256, reading.rows_read),),
        reading.findings,
    )


def _layer(values: Sequence[Parameter], level: str) -> Parameters:
    by_name: dict[str, list[Parameter]] = {}
    for value in values:
        if value.set == level:
            by_name.setdefault(value.name, []).append(value)
    return Parameters({name: tuple(group) for name, group in by_name.items()}, {}, {})


def _value(
    row: Mapping[str, Any], reading: Reading, pack: Parameters, substances: Vocabulary[Any]
) -> tuple[Parameter | None, list[Finding]]:
    number = row["source_row"]
    known = set(pack.by_name) | {"pollutant_coefficient", "removal_efficiency", "operating_rate"}
    if row["name"] not in known:
        place = reading.place(number, "name")
        expected = ", ".join(sorted(known))
        return None, [
            finding("accounting.override_name", place, found=row["name"], expected=expected)
        ]
    if row["value"] < 0:
        place = reading.place(number, "value")
        return None, [finding("accounting.override_value", place, found=row["value"])]
    place = reading.place(number, "value")
    return Parameter(
        name=row["name"],
        set=row["level"],
        edition=reading.file,
        keys=_keys(row, substances),
        valid_from=row["valid_from"] or ALWAYS,
        valid_to=row["valid_to"],
        value=row["value"],
        unit=row["unit"],
        mark="M" if row["source"] else "D",
        status="sourced" if row["source"] else "unsourced",
        source={"title": row["source"] or reading.file, "place": str(place)},
        file=reading.file,
        pack="",
    ), []


def _keys(row: Mapping[str, Any], substances: Vocabulary[Any]) -> dict[str, str]:
    keys = {name: str(row[name]) for name in KEYED if row[name]}
    if "carrier" in keys and (entry := substances.resolve(keys["carrier"])) is not None:
        keys["carrier"] = entry.code
    return keys
