"""What was brought in from other grids, at their factors, and green power used once."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import frozen

from dualcarbon.accounting.account import Account, Tools
from dualcarbon.accounting.engine import compose
from dualcarbon.accounting.network import BROUGHT, Network
from dualcarbon.accounting.stated import Stated, converted, is_number, parse_stated
from dualcarbon.editions import Input
from dualcarbon.errors import (
    InputError,
    ParameterAmbiguous,
    ParameterNotFound,
    UsageError,
)
from dualcarbon.findings import Finding, Place, finding
from dualcarbon.parameters import Parameter
from dualcarbon.periods import Period
from dualcarbon.tables import Column, Reading, Table, read_table
from dualcarbon.units import convert

FILES = (".csv", ".xlsx", ".tsv", ".parquet")
COUNTRY = "100000"
SENDERS = Table(
    "senders",
    (
        Column("sender", aliases=("送出电网", "来源", "调出地", "from")),
        Column("quantity", "number", nullable=True, aliases=("数量", "电量")),
        Column("unit", "unit", required=False, nullable=True, aliases=("单位",)),
        Column("value", "number", aliases=("因子", "factor")),
        Column("value_unit", "unit", required=False, nullable=True, aliases=("因子单位",)),
        Column("source", required=False, nullable=True, aliases=("出处", "依据")),
    ),
    key=("sender",),
)
GREEN = Table(
    "green power",
    (
        Column("id", aliases=("编号", "证书编号", "合同编号")),
        Column("kind", "choice", choices=("certificate", "physical"), aliases=("方式", "类别")),
        Column("quantity", "number", aliases=("数量", "电量")),
        Column("unit", "unit", required=False, nullable=True, aliases=("单位",)),
        Column("source", required=False, nullable=True, aliases=("出处", "依据")),
    ),
)


@frozen
class Sender:
    """A part of what was brought in: quantity (None = all the rest) and grams per unit."""

    name: str
    quantity: float | None
    per_unit: float
    part: Mapping[str, Any]

    @property
    def status(self) -> str:
        """Give the status of its factor."""
        return str(self.part["status"])


@frozen
class Brought:
    """The senders of a network, and the file that named them; no sender = no factor is known."""

    senders: tuple[Sender, ...]
    findings: tuple[Finding, ...] = ()
    input: Input | None = None
    parameters: tuple[Parameter, ...] = ()


@frozen
class Green:
    """Green power bought: in the unit of the network, each certificate or delivery once."""

    quantity: float = 0.0
    source: str | None = None
    status: str = "sourced"
    findings: tuple[Finding, ...] = ()
    input: Input | None = None
    places: tuple[str, ...] = ()


def is_file(text: str) -> bool:
    """Tell whether an option names a file."""
    return text.lower().endswith(FILES) or (not is_number(text) and Path(text).is_file())


def brought_in(
    network: Network, account: Account, tools: Tools, factor: str | None, sender: str | None
) -> Brought:
    """Give the factors of what was brought in.

    `factor`: a stated number, a parameter set of the pack, or a file of senders; None is the
    pack's default set. `sender`: the sending area; None is the national average. Without any
    inflow nothing is needed. Absent: no factor for that place and year gives no sender and a
    finding. Errors: UsageError, InputError for an option that cannot be read.
    """
    unit = network.rule["factor_unit"]
    if not network.quantity(*BROUGHT):
        return Brought(())
    if factor is not None and is_file(factor):
        return _file(Path(factor), network)
    if factor is not None and is_number(factor):
        stated = parse_stated(factor, unit, "--import-factor", high=_most(factor, unit))
        return Brought((Sender("stated", None, _per(stated, network), _part(stated)),))
    return _parameter(network, account, tools, factor, sender)


def _most(text: str, unit: str) -> float:
    """Ten kilograms a kilowatt-hour is a slip; the bound is in the unit the text is in."""
    named = parse_stated(text, unit, "--import-factor").unit
    return 10 * convert(1, "kgCO2/kWh", named)


def _per(stated: Stated, network: Network) -> float:
    return compose(network.unit, [(stated.value, stated.unit, 1)], "tCO2")


def _part(stated: Stated, place: Place | None = None) -> dict[str, Any]:
    return {
        "name": "factor",
        "value": stated.value,
        "unit": stated.unit,
        "power": 1,
        "place": str(place) if place else None,
        "source": stated.source,
        "status": stated.status,
    }


def _parameter(
    network: Network, account: Account, tools: Tools, set_name: str | None, sender: str | None
) -> Brought:
    from dualcarbon.accounting.factors import known_sets, part_of

    name = network.rule["parameter"]
    sets = known_sets(tools.parameters, (name,))
    if set_name is not None and set_name not in sets:
        shown = ", ".join(sets)
        raise UsageError(finding("accounting.import_factor", found=set_name, expected=shown))
    area = _area(sender, tools)
    try:
        if account.year is None:
            raise ParameterNotFound(finding("accounting.year_not_stated"))
        keys = {**network.rule["keys"], "area": area}
        period = Period.parse(str(account.year))
        value = tools.parameters.select_period(name, keys, period, set=set_name)
    except (ParameterNotFound, ParameterAmbiguous):
        year = account.year or "?"
        facts: dict[str, Any] = {"found": name, "area": area, "year": year}
        return Brought((), (finding("accounting.no_import_factor", **facts),))
    per_unit = compose(network.unit, [(value.value, value.unit, 1)], "tCO2")
    note = () if sender else (finding("accounting.national_grid", found=value.id),)
    one = Sender(area, None, per_unit, part_of(value))
    return Brought((one,), note, parameters=(value,))


def _area(sender: str | None, tools: Tools) -> str:
    if sender is None:
        return COUNTRY
    entry = tools.areas.resolve(sender)
    if entry is None:
        near = ", ".join(tools.areas.vocabulary.suggest(sender)) or "-"
        raise UsageError(finding("accounting.import_from", found=sender, expected=near))
    return entry.code


def _file(path: Path, network: Network) -> Brought:
    reading = _read(path, SENDERS)
    senders = [_sender(row, reading, network) for row in reading.frame.iter_rows(named=True)]
    named = sum(one.quantity for one in senders if one.quantity is not None)
    whole, rests = network.quantity(*BROUGHT), sum(one.quantity is None for one in senders)
    exact = math.isclose(named, whole, rel_tol=1e-9)
    if rests > 1 or (named > whole and not exact):
        facts: dict[str, Any] = {"found": named, "expected": whole, "unit": network.unit}
        raise InputError(finding("accounting.senders", Place(reading.file), **facts))
    source = Input(reading.file, reading.sha256, reading.rows_read)
    if not rests and not exact:
        facts = {"found": named, "expected": whole, "unit": network.unit}
        short = finding("accounting.senders_short", Place(reading.file), **facts)
        return Brought((), (*reading.findings, short), source)
    return Brought(tuple(senders), reading.findings, source)


def _read(path: Path, table: Table) -> Reading:
    reading = read_table(path, table)
    errors = [item for item in reading.findings if item.severity == "error"]
    if errors or not reading.frame.height:
        raise InputError(*errors or [finding("accounting.nothing", Place(reading.file))])
    return reading


def _sender(row: Mapping[str, Any], reading: Reading, network: Network) -> Sender:
    place = reading.place(row["source_row"], "value")
    if not row["value"] >= 0 or (row["quantity"] or 0) < 0:
        raise InputError(finding("accounting.factor_value", place, found=row["value"]))
    stated = Stated(row["value"], row["value_unit"] or network.rule["factor_unit"], row["source"])
    converted(stated.value, stated.unit, network.rule["factor_unit"], place)
    quantity, unit = row["quantity"], row["unit"] or network.unit
    if quantity is not None:
        quantity = converted(quantity, unit, network.unit, place)
    return Sender(row["sender"], quantity, _per(stated, network), _part(stated, place))


def green_power(text: str | None, network: Network, losses: str) -> Green:
    """Read `--green`: `VALUE [UNIT][; SOURCE]`, or a file `id,kind,quantity,unit,source`.

    A certificate and the delivery it belongs to carry one id and count once; the second is a
    finding. `losses`: whether they are consumption. Errors: InputError for an amount beyond what is
    consumed here, negative or unread.
    """
    if text is None:
        return Green()
    green = _green_file(Path(text), network) if is_file(text) else _green_value(text, network)
    parts = ("final", "losses") if losses == "include" else ("final",)
    most = network.quantity(*parts)
    if green.quantity > most:
        place = Place(green.input.file) if green.input else Place()
        facts: dict[str, Any] = {"found": green.quantity, "expected": most, "unit": network.unit}
        raise InputError(finding("accounting.green_beyond", place, **facts))
    return green


def _green_value(text: str, network: Network) -> Green:
    stated = parse_stated(text, network.unit, "--green")
    quantity = convert(stated.value, stated.unit, network.unit)
    return Green(quantity, stated.source, stated.status)


def _green_file(path: Path, network: Network) -> Green:
    reading = _read(path, GREEN)
    seen: dict[str, Any] = {}
    findings, total, places = list(reading.findings), 0.0, []
    for row in reading.frame.iter_rows(named=True):
        place = reading.place(row["source_row"], "quantity")
        if row["quantity"] < 0:
            raise InputError(finding("accounting.negative", place, found=row["quantity"]))
        first = seen.setdefault(row["id"].strip().casefold(), place)
        if first is not place:
            twice = finding("accounting.green_twice", place, found=row["id"], places=str(first))
            findings.append(twice)
            continue
        unit = row["unit"] or network.unit
        total += converted(row["quantity"], unit, network.unit, place)
        places.append(str(place))
    sourced = all(reading.frame["source"].is_not_null())
    source = Input(reading.file, reading.sha256, reading.rows_read)
    status = "sourced" if sourced else "unsourced"
    return Green(total, reading.file, status, tuple(findings), source, tuple(places))
