"""The consumption-based total: what the power and heat consumed here emit, wherever it is made.

    consumption-based = sectoral - CO2 of own power and heat + consumed power and heat x mix factor
    mix factor = (CO2 of own production + brought in x its factor) / (own production + brought in)

All amounts are whole grams; the causes add up to the difference exactly. Method and worked
numbers: docs/methods/city-account.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl
from attrs import field, frozen

from dualcarbon.accounting import chp
from dualcarbon.accounting.account import Account, Tools
from dualcarbon.accounting.answer import Sum, measured
from dualcarbon.accounting.balance import area_code
from dualcarbon.accounting.engine import round_grams
from dualcarbon.accounting.imported import Brought, Green, Sender, brought_in, green_power
from dualcarbon.accounting.network import (
    BROUGHT,
    OWN,
    SENT,
    SUPPLY,
    USES,
    Network,
    named,
    read_networks,
)
from dualcarbon.accounting.stated import Stated
from dualcarbon.editions import Input
from dualcarbon.findings import Finding, finding
from dualcarbon.parameters import Parameter, worst_status

NETWORK: dict[str, type[pl.DataType] | pl.DataType] = {
    "carrier": pl.String,
    "part": pl.String,
    "sender": pl.String,
    "quantity": pl.Float64,
    "unit": pl.String,
    "per_unit": pl.Float64,
    "grams": pl.Int64,
    "basis": pl.String,
    "sign": pl.Int64,
    "factor": pl.String,
    "places": pl.List(pl.String),
}
ELECTRICITY, HEAT = "electricity", "heat"


@frozen
class Choices:
    """What the user chose about the consumption side; everything has a default.

    `lifted`: the share of the transport row's fuel that was lifted here for international voyages.
    """

    import_factor: str | None = None
    import_from: str | None = None
    heat_import_factor: str | None = None
    losses: str = "include"
    green: str | None = None
    chp: str = "table"
    chp_values: Mapping[str, Stated] = field(factory=dict)
    lifted: Mapping[str, Stated] = field(factory=dict)


@frozen(eq=False)
class Side:
    """One network with its grams: own production, what was brought in, and the factor of the mix.

    `mix`: grams per unit; None where a factor is missing, and then every use is null.
    """

    network: Network
    own: Sum
    brought: Brought
    green: Green
    mix: float | None
    parts: pl.DataFrame

    @property
    def carrier(self) -> str:
        """Give the carrier's code."""
        return self.network.carrier

    def grams(self, *parts: str) -> int | None:
        """Give the grams of some parts; None where one is unknown."""
        values = self.parts.filter(pl.col("part").is_in(parts))["grams"]
        return None if values.null_count() else int(values.sum())

    @property
    def known(self) -> bool:
        """Tell whether the table gives this carrier in units of energy."""
        return self.network.flows is not None

    @property
    def without_output(self) -> bool:
        """Tell whether fuel is burnt for this carrier and the table prints nothing made of it."""
        return bool(self.own[1]) and not self.network.quantity(*OWN)

    @property
    def consumed(self) -> int | None:
        """Give the grams of what is consumed here: the parts marked consumption."""
        inside = self.parts.filter(pl.col("basis") == "consumption")
        if inside["grams"].null_count() or self.without_output or not self.known:
            return None
        return int((inside["grams"] * inside["sign"]).sum())


@frozen(eq=False)
class Consumption:
    """The consumption side of an account: its networks, the split of heat and power, findings.

    `grams`: the consumption-based total; None where a fuel, factor or unit is missing.
    """

    sides: tuple[Side, ...]
    sectoral: int | None
    grams: int | None
    split: chp.Split
    choices: Choices
    findings: tuple[Finding, ...]
    status: str
    inputs: tuple[Input, ...]

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Give the parameters of the pack that the senders' factors are."""
        return tuple(one for side in self.sides for one in side.brought.parameters)

    def side(self, carrier: str) -> Side:
        """Give the side of a carrier."""
        return next(side for side in self.sides if side.carrier == carrier)


def make_consumption(account: Account, tools: Tools, choices: Choices) -> Consumption:
    """Give the consumption side of an account.

    Errors: UsageError, InputError for an option that cannot be read or makes no sense, such as
    more green power than is consumed. A missing factor is a finding and makes the total null.
    """
    networks, findings = read_networks(account.cells, account.layout)
    own, split = _own(account, networks, tools, choices)
    sides = tuple(
        _side(network, own[network.carrier], account, tools, choices) for network in networks
    )
    sectoral = measured(account.rows, "co2")[0][0]
    for side in sides:
        findings += [*side.brought.findings, *side.green.findings, *_said(side, split)]
    return Consumption(
        sides,
        sectoral,
        _total(sectoral, sides),
        split,
        choices,
        tuple(findings),
        _status(account, sides, split),
        tuple(dict.fromkeys(_inputs(sides))),
    )


def _total(sectoral: int | None, sides: Iterable[Side]) -> int | None:
    if sectoral is None:
        return None
    for side in sides:
        if side.consumed is None or side.own[0] is None:
            return None
        sectoral += side.consumed - side.own[0]
    return sectoral


def _status(account: Account, sides: Sequence[Side], split: chp.Split) -> str:
    statuses = [account.status, split.status]
    for side in sides:
        statuses += [sender.status for sender in side.brought.senders]
        statuses += [side.green.status] if side.green.quantity else []
    return worst_status(statuses)


def _inputs(sides: Iterable[Side]) -> Iterable[Input]:
    for side in sides:
        yield from (one for one in (side.brought.input, side.green.input) if one)


def _own(
    account: Account, networks: Sequence[Network], tools: Tools, choices: Choices
) -> tuple[dict[str, Sum], chp.Split]:
    """Give the CO2 of own power and heat: as the table divides its fuel, or by a named option."""
    printed = {
        network.carrier: measured(own_rows(account.rows, network.rule), "co2")[0]
        for network in networks
    }
    option = choices.chp
    power, heat = printed[ELECTRICITY], printed[HEAT]
    if option == "table":
        return printed, chp.Split(option, power[1], heat[1], {}, "sourced")
    values = chp.values_of(option, choices.chp_values, tools.parameters)
    made = {network.carrier: network.quantity("generation") for network in networks}
    split = chp.split(power[1] + heat[1], made[ELECTRICITY], made[HEAT], option, values)
    known = power[0] is not None and heat[0] is not None
    shares = {ELECTRICITY: split.power_g, HEAT: split.heat_g}
    return {code: (share if known else None, share) for code, share in shares.items()}, split


def own_rows(rows: pl.DataFrame, rule: Mapping[str, Any]) -> pl.DataFrame:
    """Give the account rows of the fuel burnt for a network carrier."""
    fuel = (pl.col("block") == "transformation") & pl.col("co2")
    return rows.filter(fuel & pl.col("row").is_in(rule["fuel"]))


def _side(network: Network, own: Sum, account: Account, tools: Tools, choices: Choices) -> Side:
    electric = network.carrier == ELECTRICITY
    factor = choices.import_factor if electric else choices.heat_import_factor
    brought = brought_in(
        network,
        account,
        tools,
        factor,
        choices.import_from if electric else area_code(account.province, tools.areas),
    )
    green = green_power(choices.green if electric else None, network, choices.losses)
    supply = [*_own_parts(network, own), *_brought_parts(network, brought)]
    mix = None if network.flows is None else mix_factor(supply)
    uses = _use_parts(network, mix, green, choices.losses)
    return Side(network, own, brought, green, mix, pl.DataFrame([*supply, *uses], schema=NETWORK))


def mix_factor(supply: Sequence[Mapping[str, Any]]) -> float | None:
    """Give grams per unit of the mix; None where grams are unknown or nothing is supplied."""
    grams = [part["grams"] for part in supply]
    quantity = sum(part["quantity"] for part in supply)
    if any(value is None for value in grams) or quantity <= 0:
        return None
    return float(sum(grams) / quantity)


def _entry(
    network: Network, part: str, quantity: float, grams: int | None, **more: Any
) -> dict[str, Any]:
    flow = (network.flows or {}).get(part)
    entry = {
        "carrier": network.carrier,
        "part": part,
        "sender": None,
        "quantity": quantity,
        "unit": network.unit,
        "per_unit": None,
        "grams": grams,
        "basis": "supply",
        "sign": 1,
        "factor": None,
        "places": list(flow.places) if flow else [],
    }
    return {**entry, **more}


def _own_parts(network: Network, own: Sum) -> list[dict[str, Any]]:
    parts = [_entry(network, "generation", network.quantity("generation"), own[0])]
    for part in ("primary", "recovery"):
        if quantity := network.quantity(part):
            parts.append(_entry(network, part, quantity, 0, per_unit=0.0))
    return parts


def _brought_parts(network: Network, brought: Brought) -> list[dict[str, Any]]:
    if not network.quantity(*BROUGHT):
        return []
    if len(brought.senders) > 1:
        return _by_sender(network, brought.senders)
    sender = brought.senders[0] if brought.senders else None
    return [
        _priced(network, part, quantity, sender)
        for part in BROUGHT
        if (quantity := network.quantity(part))
    ]


def _by_sender(network: Network, senders: Sequence[Sender]) -> list[dict[str, Any]]:
    whole = network.quantity(*BROUGHT)
    rest = whole - sum(one.quantity for one in senders if one.quantity is not None)
    return [
        _priced(network, "inflow", rest if one.quantity is None else one.quantity, one)
        for one in senders
    ]


def _priced(network: Network, part: str, quantity: float, sender: Sender | None) -> dict[str, Any]:
    if sender is None:
        return _entry(network, part, quantity, None)
    return _entry(
        network,
        part,
        quantity,
        round_grams(quantity * sender.per_unit),
        per_unit=sender.per_unit,
        sender=sender.name,
        factor=json.dumps(dict(sender.part), ensure_ascii=False, sort_keys=True),
    )


def _use_parts(
    network: Network, mix: float | None, green: Green, losses: str
) -> list[dict[str, Any]]:
    parts = []
    for part in USES:
        if quantity := network.quantity(part):
            inside = part == "final" or (part == "losses" and losses == "include")
            parts.append(_use(network, part, quantity, mix, "consumption" if inside else "use"))
    if green.quantity:
        more = {"sign": -1, "places": list(green.places), "sender": green.source}
        parts.append({**_use(network, "green", green.quantity, mix, "consumption"), **more})
    return parts


def _use(
    network: Network, part: str, quantity: float, mix: float | None, basis: str
) -> dict[str, Any]:
    grams = None if mix is None else round_grams(quantity * mix)
    return _entry(network, part, quantity, grams, per_unit=mix, basis=basis)


def causes(made: Consumption) -> list[dict[str, Any]]:
    """Split consumption-based less sectoral into named causes: whole grams that add up exactly.

    Each: `cause`, `carrier`, `grams` (None where unknown), `quantity` and `unit`. The last cause of
    a carrier is what the table itself leaves between supply and uses, with the roundings.
    """
    found: list[dict[str, Any]] = []
    for side in made.sides:
        found += _causes(side, made.choices.losses)
    return found


def _causes(side: Side, losses: str) -> list[dict[str, Any]]:
    outside = ["transformation", *(["losses"] if losses == "exclude" else [])]
    named = [(part, 1) for part in BROUGHT] + [(part, -1) for part in (*SENT, *outside, "green")]
    found = []
    present = set(side.parts["part"])
    for part, sign in named:
        if part in present:
            grams = side.grams(part)
            amount = None if grams is None else sign * grams
            quantity = float(side.parts.filter(pl.col("part") == part)["quantity"].sum())
            found.append(_cause(side, part, amount, quantity))
    known = [one["grams"] for one in found]
    whole = None
    if side.consumed is not None and side.own[0] is not None and None not in known:
        whole = side.consumed - side.own[0] - sum(known)
    if side.parts["quantity"].sum() or not side.known:
        found.append(_cause(side, "difference", whole, round(side.network.unaccounted, 6)))
    return found


def _cause(side: Side, part: str, grams: int | None, quantity: float) -> dict[str, Any]:
    unit = side.network.unit
    return {
        "cause": part,
        "carrier": side.carrier,
        "grams": grams,
        "quantity": quantity,
        "unit": unit,
    }


def _said(side: Side, split: chp.Split) -> Iterable[Finding]:
    network = side.network
    names = named(network.rule)
    uses, supply = network.quantity("final", "losses"), network.quantity(*SUPPLY)
    if side.known and uses and supply <= 0:
        yield finding("accounting.no_supply", found=network.carrier, **names)
    if side.without_output:
        yield finding("accounting.fuel_without_output", found=network.carrier, **names)
    if min(split.power_g, split.heat_g) < 0 and network.carrier == HEAT:
        yield finding("accounting.chp_negative", found=split.option)
    if split.option != "table" and network.carrier == HEAT:
        yield finding("accounting.chp_all_thermal", found=split.option)
    if side.green.quantity and side.green.status != "sourced":
        yield finding("accounting.green_unsourced", found=side.green.quantity, unit=network.unit)
