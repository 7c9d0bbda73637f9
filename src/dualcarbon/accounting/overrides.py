"""Overrides: values of a laboratory or supplier that go before the defaults of the pack.

A file of overrides becomes parameters of three layers, `lab`, `supplier` and `default`, looked up
in this order and then in the pack; inside a layer the most specific match of the month stands. Of
several ways to a coefficient the one with the most values of the highest level is taken, so that a
measured carbon content is not passed over for a default that needs none.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import field, frozen

from dualcarbon.accounting.activity import SECTORS
from dualcarbon.accounting.engine import Coefficient
from dualcarbon.accounting.reading import SECTOR_WORDS
from dualcarbon.editions import Input
from dualcarbon.errors import DualcarbonError, InputError, UnitMismatch
from dualcarbon.findings import Finding, Place, finding
from dualcarbon.parameters import Parameter, Parameters
from dualcarbon.parameters.load import close_series
from dualcarbon.tables import Column, Reading, Table, read_table
from dualcarbon.units import ratio
from dualcarbon.vocabulary import Vocabulary

LEVELS = ("lab", "supplier", "default")
KEYED = ("carrier", "sector", "equipment", "enterprise", "gas", "area")
OWN = ("pollutant_coefficient", "removal_efficiency", "operating_rate")
SHARES = OWN[1:]
SHOWN = 20
ALWAYS = dt.date(1900, 1, 1)

OVERRIDES = Table(
    "overrides",
    (
        Column("name", aliases=("参数",)),
        Column("value", "number", aliases=("数值", "值")),
        Column("unit", "unit", aliases=("单位",)),
        Column("level", "choice", choices=LEVELS, aliases=("级别", "来源级别")),
        Column("carrier", required=False, nullable=True, aliases=("material", "能源品种", "物料")),
        Column(
            "sector",
            "choice",
            vocabulary="sector",
            required=False,
            nullable=True,
            choices=SECTORS,
            aliases=("排放部门",),
        ),
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

    def unused(self, used: Iterable[Parameter]) -> list[Finding]:
        """Say which values of the file no coefficient took: a slip in a key is easily made."""
        taken = {value.id for value in used}
        left = [value for layer in self.layers for value in layer if value.id not in taken]
        places = [Place.parse(str(value.source["place"])) for value in left]
        said = [
            finding("accounting.override_unused", place, found=value.id)
            for value, place in zip(left[:SHOWN], places, strict=False)
        ]
        if more := len(left) - len(said):
            rule = "accounting.override_unused"
            said.append(finding("accounting.more", Place(), found=more, of=rule))
        return said


def levels_used(made: Coefficient) -> tuple[int, ...]:
    """Count the parts of a coefficient that are overrides, by level: more of a higher go before."""
    own = [part.set for part in made.parts if not part.pack]
    return tuple(own.count(level) for level in LEVELS)


def read_overrides(
    path: Path | None, pack: Parameters, vocabularies: Mapping[str, Vocabulary[Any]]
) -> Overrides:
    """Read a file of overrides.

    `vocabularies`: those of `carrier`, `gas` and `area`; a name that is in none stays as it is.
    Errors: InputError with every bad cell: nothing of a faulty file is used, because a value that
    silently falls back to a default is a wrong account.
    """
    if path is None:
        return Overrides()
    reading = read_table(path, OVERRIDES, vocabularies={"sector": SECTOR_WORDS})
    faults = [item for item in reading.findings if item.severity == "error"]
    values = []
    for row in reading.frame.iter_rows(named=True):
        wrong = list(_wrong(row, reading, pack))
        faults += wrong
        if not wrong:
            values.append(_value(row, reading, vocabularies))
    if faults:
        raise InputError(*faults)
    values = _closed(values)
    substances = vocabularies["carrier"]
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


def _closed(values: Sequence[Parameter]) -> list[Parameter]:
    """Close earlier values of a series; InputError for two that begin on one day."""
    try:
        return close_series(values)
    except DualcarbonError as error:
        raise InputError(*error.findings) from error


def _wrong(row: Mapping[str, Any], reading: Reading, pack: Parameters) -> Iterable[Finding]:
    known = set(pack.by_name) | set(OWN)
    if row["name"] not in known:
        place = reading.place(row["source_row"], "name")
        expected = ", ".join(sorted(known))
        yield finding("accounting.override_name", place, found=row["name"], expected=expected)
    place = reading.place(row["source_row"], "value")
    if row["value"] < 0:
        yield finding("accounting.override_value", place, found=row["value"])
    elif row["name"] in SHARES and not _is_share(row["value"], row["unit"]):
        found = f"{row['value']} {row['unit']}"
        yield finding("accounting.override_share", place, found=found, name=row["name"])
    start, end = row["valid_from"], row["valid_to"]
    if start is not None and end is not None and end < start:
        place = reading.place(row["source_row"], "valid_to")
        yield finding("accounting.override_dates", place, found=str(end), expected=str(start))


def _is_share(value: float, unit: str) -> bool:
    try:
        return value * ratio(unit, "1") <= 1
    except UnitMismatch:
        return False


def _value(
    row: Mapping[str, Any], reading: Reading, vocabularies: Mapping[str, Vocabulary[Any]]
) -> Parameter:
    place = reading.place(row["source_row"], "value")
    return Parameter(
        name=row["name"],
        set=row["level"],
        edition=reading.file,
        keys=_keys(row, vocabularies),
        valid_from=row["valid_from"] or ALWAYS,
        valid_to=row["valid_to"],
        value=row["value"],
        unit=row["unit"],
        mark="M" if row["source"] else "D",
        status="sourced" if row["source"] else "unsourced",
        source={"title": row["source"] or reading.file, "place": str(place)},
        file=reading.file,
        pack="",
    )


def _keys(row: Mapping[str, Any], vocabularies: Mapping[str, Vocabulary[Any]]) -> dict[str, str]:
    keys = {name: str(row[name]) for name in KEYED if row[name]}
    for name, words in vocabularies.items():
        if name in keys and (entry := words.resolve(keys[name])) is not None:
            keys[name] = entry.code
    return keys
