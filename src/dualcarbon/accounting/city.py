"""The city account as an answer: three totals and their gaps, power and heat on both bases."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import polars as pl

from dualcarbon.accounting.account import Account
from dualcarbon.accounting.answer import tonnes
from dualcarbon.accounting.bunkers import international
from dualcarbon.accounting.consumption import Consumption, Side, causes
from dualcarbon.accounting.engine import GRAMS
from dualcarbon.accounting.network import BROUGHT, OWN, SENT, named
from dualcarbon.findings import Finding, finding
from dualcarbon.units import convert

PARTS = {
    "inflow": ("调入", "brought in from other provinces"),
    "import": ("进口", "imported"),
    "outflow": ("调出", "sent out to other provinces"),
    "export": ("出口", "exported"),
    "transformation": ("加工转换中使用", "used up in transformation"),
    "losses": ("输配损失（未计入用户）", "transmission and distribution losses, left out"),
    "green": ("绿色电力", "green power"),
    "difference": ("原表供需差额与取整", "the table's own difference, and roundings"),
}
NAMES = {
    "reference": ("参考法（表观消费）", "reference approach"),
    "sectoral": ("分部门法（生产侧）", "sectoral (production basis)"),
    "consumption": ("消费侧（含外来电力热力）", "consumption-based"),
}


def city_answer(
    account: Account, made: Consumption, answer: Mapping[str, Any], edition: str | None
) -> tuple[dict[str, Any], list[Finding]]:
    """Give what `balance account` adds: `totals`, `networks`, `chp`, `international`; and findings.

    `answer`: the payload of the account, whose reference approach is one of the totals.
    """
    bunkers, findings = international(account, made.choices.lifted)
    payload = {
        "totals": _totals(made, answer, edition),
        "networks": [_network(made, side, edition) for side in made.sides],
        "chp": made.split.to_json(),
        "international": bunkers,
    }
    if made.grams is None:
        findings.append(finding("accounting.no_consumption_total"))
    return payload, findings


def _totals(made: Consumption, answer: Mapping[str, Any], edition: str | None) -> dict[str, Any]:
    reference = _grams(answer["reference"]["co2_t"])
    amounts = {"reference": reference, "sectoral": made.sectoral, "consumption": made.grams}
    to_reference = [
        {**cause, "carrier": None, "quantity": None, "unit": None}
        for cause in answer["reference"]["gap_causes"]
    ]
    to_consumption = [_cause(one, made.side(one["carrier"]).network.rule) for one in causes(made)]
    paths = (
        ("sectoral", "reference", to_reference),
        ("sectoral", "consumption", to_consumption),
        ("reference", "consumption", [*map(_reversed, to_reference), *to_consumption]),
    )
    return {
        "amounts": [
            {
                "total": name,
                "name_zh": NAMES[name][0],
                "name_en": NAMES[name][1],
                "co2_t": tonnes(grams),
                "code": f"{edition}:totals:{index}" if edition else None,
            }
            for index, (name, grams) in enumerate(amounts.items())
        ],
        "gaps": [
            {"from": one, "to": other, "gap_t": _gap(amounts, one, other), "causes": parts}
            for one, other, parts in paths
        ],
        "losses": made.choices.losses,
        "data_status": made.status,
    }


def _grams(value: float | None) -> int | None:
    return None if value is None else round(value * GRAMS)


def _gap(amounts: Mapping[str, int | None], one: str, other: str) -> float | None:
    left, right = amounts[one], amounts[other]
    return None if left is None or right is None else tonnes(right - left)


def _reversed(cause: Mapping[str, Any]) -> dict[str, Any]:
    amount = cause["co2_t"]
    return {**cause, "co2_t": None if amount is None else -amount}


def _cause(one: Mapping[str, Any], rule: Mapping[str, Any]) -> dict[str, Any]:
    zh, en = rule["name_zh"], rule["name_en"]
    part_zh, part_en = PARTS[one["cause"]]
    return {
        "cause": f"{one['carrier']}_{one['cause']}",
        "co2_t": tonnes(one["grams"]),
        "name_zh": f"{zh}：{part_zh}",
        "name_en": f"{en}: {part_en}",
        "carrier": one["carrier"],
        "quantity": _plain(one["quantity"], one["unit"]),
        "unit": _unit(one["unit"]),
    }


def _unit(unit: str) -> str:
    return "10^8 kWh" if unit == "kWh" else "10^10 kJ"


def _plain(quantity: float, unit: str) -> float:
    return round(convert(quantity, unit, _unit(unit)), 9)


def _network(made: Consumption, side: Side, edition: str | None) -> dict[str, Any]:
    """Give production and consumption basis of one carrier beside each other."""
    network = side.network
    own = network.quantity(*OWN)
    net = None
    brought, sent = side.grams(*BROUGHT), side.grams(*SENT)
    if brought is not None and sent is not None:
        net = brought - sent
    return {
        "carrier": side.carrier,
        **named(network.rule),
        "unit": _unit(network.unit),
        "factor_unit": network.rule["factor_unit"],
        "known": side.known,
        "production": {
            "quantity": _plain(own, network.unit),
            "co2_t": tonnes(side.own[0]),
            "factor": _factor(side.own[0], own, network.unit, network.rule["factor_unit"]),
        },
        "consumption": {
            "quantity": _plain(_consumed(side, made.choices.losses), network.unit),
            "co2_t": tonnes(side.consumed),
            "factor": _factor(1, 1 / side.mix, network.unit, network.rule["factor_unit"])
            if side.mix
            else side.mix,
            "scope2_final_co2_t": _of(side, "final"),
            "scope3_losses_co2_t": _of(side, "losses"),
            "green_co2_t": _of(side, "green"),
        },
        "net_purchased": {
            "quantity": _plain(network.net_purchased, network.unit),
            "co2_t": tonnes(net),
        },
        "parts": _parts(made, side, edition),
    }


def _parts(made: Consumption, side: Side, edition: str | None) -> list[dict[str, Any]]:
    before = made.sides[: made.sides.index(side)]
    first = sum(one.parts.height for one in before)
    return [
        {
            **_part(row, side.network.unit),
            "code": f"{edition}:network:{first + index}" if edition else None,
        }
        for index, row in enumerate(side.parts.iter_rows(named=True))
    ]


def _of(side: Side, part: str) -> float | None:
    return tonnes(side.grams(part))


def _consumed(side: Side, losses: str) -> float:
    parts = ("final", "losses") if losses == "include" else ("final",)
    return side.network.quantity(*parts) - side.green.quantity


def _factor(grams: int | None, quantity: float, unit: str, target: str) -> float | None:
    if grams is None or quantity <= 0:
        return None
    return convert(grams / quantity, f"gCO2/{unit}", target)


def _part(row: Mapping[str, Any], unit: str) -> dict[str, Any]:
    return {
        "part": row["part"],
        "sender": row["sender"],
        "basis": row["basis"],
        "quantity": _plain(row["quantity"], unit),
        "co2_t": tonnes(row["grams"]),
        "factor": _stated(row["factor"]),
        "derived_from": row["places"],
    }


def _stated(text: str | None) -> dict[str, Any] | None:
    """Give the factor of a sender with its source; None where the part has no factor of its own."""
    if text is None:
        return None
    part = json.loads(text)
    names = ("value", "unit", "parameter", "place", "source", "status")
    return {name: part.get(name) for name in names}


def network_table(made: Consumption) -> pl.DataFrame:
    """Give the parts of all networks as one table of the edition."""
    return pl.concat([side.parts for side in made.sides])


def totals_table(made: Consumption, answer: Mapping[str, Any]) -> pl.DataFrame:
    """Give the three totals in grams as a table of the edition; null where one is unknown."""
    rows = [
        ("reference", _grams(answer["reference"]["co2_t"])),
        ("sectoral", made.sectoral),
        ("consumption", made.grams),
    ]
    return pl.DataFrame(rows, schema={"total": pl.String, "grams": pl.Int64}, orient="row")


def chosen(made: Consumption) -> dict[str, Any]:
    """Give the choices of the consumption side as they stand in the edition's options."""
    choices = made.choices
    return {
        "import_factor": choices.import_factor,
        "import_from": choices.import_from,
        "heat_import_factor": choices.heat_import_factor,
        "losses": choices.losses,
        "green": choices.green,
        "chp": choices.chp,
        "chp_values": {name: dict(value) for name, value in made.split.values.items()},
        "bunker_share": {
            code: {"value": share.value, "source": share.source}
            for code, share in choices.lifted.items()
        },
    }
