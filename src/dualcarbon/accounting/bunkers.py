"""International bunkers of a balance, in and out: taken abroad, by foreigners here, lifted here.

The transport row is not divided between home and international voyages; a share that the user
states divides it, and without one the part is null. Method: docs/methods/city-account.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

import polars as pl

from dualcarbon.accounting.account import Account
from dualcarbon.accounting.answer import Sum, measured, tonnes
from dualcarbon.accounting.chp import round_half
from dualcarbon.accounting.counted import is_fuel
from dualcarbon.accounting.stated import Stated
from dualcarbon.errors import UsageError
from dualcarbon.findings import Finding, Place, finding
from dualcarbon.units import convert
from dualcarbon.vocabulary import Vocabulary

SHARE = "--bunker-share"


def parse_shares(texts: Iterable[str], carriers: Vocabulary[Any]) -> dict[str, Stated]:
    """Read repeated `CARRIER=SHARE[; SOURCE]`; a share is from 0 to 1, or in %.

    Errors: UsageError for an unknown carrier or a share outside 0 to 1.
    """
    from dualcarbon.accounting.stated import parse_stated

    found: dict[str, Stated] = {}
    for text in texts:
        name, _, rest = text.partition("=")
        carrier = carriers.resolve(name.strip())
        if carrier is None or carrier.code in found:
            near = ", ".join(carriers.suggest(name)) or "-"
            raise UsageError(finding("accounting.stated", found=text, expected=near, option=SHARE))
        stated = parse_stated(rest, "1", SHARE)
        share = convert(stated.value, stated.unit, "1")
        if share > 1:
            raise UsageError(
                finding("accounting.stated", found=text, expected="0..1", option=SHARE)
            )
        found[carrier.code] = Stated(share, "1", stated.source)
    return found


def international(
    account: Account, shares: Mapping[str, Stated]
) -> tuple[dict[str, Any], list[Finding]]:
    """Give the fuel of international voyages in tonnes CO2, and the totals with and without it.

    `abroad`: row 6, inside the sectoral total. `foreign`: row 9, outside it. `lifted`: by carrier,
    the stated share of the transport row less what row 6 put into it; null = not divided. `in` is
    the sectoral total with all of them, `out` without any; null where a part is unknown.
    """
    rule = account.layout.scope["international"]
    abroad = _negative(measured(account.memo, "co2")[0])
    foreign = _foreign(account, rule)
    lifted, findings = _lifted(account, rule, shares)
    base = measured(account.rows, "co2")[0][0]
    if account.options["bunkers"] == "exclude":
        base = _plus(base, abroad)
    out = _plus(base, _minus(abroad), *(_minus(one["grams"]) for one in lifted))
    answer = {
        "abroad_co2_t": tonnes(abroad),
        "foreign_co2_t": tonnes(foreign),
        "lifted": [_shown(one) for one in lifted],
        "in_co2_t": tonnes(_plus(base, foreign)),
        "out_co2_t": tonnes(out),
    }
    return answer, findings


def _foreign(account: Account, rule: Mapping[str, Any]) -> int | None:
    """Give row 9; None where a fuel stands there that the account counts nowhere else."""
    inside = pl.col("row").is_in(rule["foreign"])
    block = account.supply.filter((pl.col("block") == "supply") & inside)
    cells = account.cells.filter(inside & (pl.col("value") != 0))
    fuels = {code for code in cells["carrier"] if is_fuel(account.carriers[code])}
    return _negative(measured(block, "co2")[0]) if fuels <= set(block["carrier"]) else None


def _negative(pair: Sum) -> int | None:
    return _minus(pair[0])


def _minus(grams: int | None) -> int | None:
    return None if grams is None else -grams


def _plus(*grams: int | None) -> int | None:
    known = [one for one in grams if one is not None]
    return sum(known) if len(known) == len(grams) else None


def _lifted(
    account: Account, rule: Mapping[str, Any], shares: Mapping[str, Stated]
) -> tuple[list[dict[str, Any]], list[Finding]]:
    transport = account.rows.filter(
        pl.col("row").is_in(rule["transport"]) & pl.col("co2") & (pl.col("block") == "final")
    )
    present = list(dict.fromkeys(transport["carrier"]))
    wanted = [code for code in present if code in rule["carriers"] or code in shares]
    findings = [
        finding("accounting.bunker_share_unused", found=code, **_named(account, code))
        for code in shares
        if code not in present
    ]
    found = []
    for code in wanted:
        one, said = _one(account, transport, code, shares.get(code))
        found.append(one)
        findings += said
    open_ = [one["carrier"] for one in found if one["share"] is None]
    if open_:
        names = [_named(account, code) for code in open_]
        facts: dict[str, Any] = {
            "names_zh": "、".join(one["carrier_zh"] for one in names),
            "names_en": ", ".join(one["carrier_en"] for one in names),
        }
        findings.append(finding("accounting.not_divided", found=open_, **facts))
    return found, findings


def _one(
    account: Account, transport: pl.DataFrame, code: str, share: Stated | None
) -> tuple[dict[str, Any], list[Finding]]:
    mine, names = pl.col("carrier") == code, _named(account, code)
    row = measured(transport.filter(mine), "co2")[0][0]
    taken = measured(account.memo.filter(mine), "co2")[0][0]
    here = _plus(row, taken)
    grams, findings = None, list[Finding]()
    if here is not None and here < 0:
        place = Place.parse(transport.filter(mine)["places"][0][0])
        findings.append(finding("accounting.bunker_exceeds", place, found=code, **names))
    elif here is not None and share is not None:
        grams = round_half(here * Fraction(str(share.value)))
    return {"carrier": code, **names, "here": here, "share": share, "grams": grams}, findings


def _named(account: Account, code: str) -> dict[str, Any]:
    carrier = account.carriers[code]
    return {"carrier_zh": carrier.name_zh, "carrier_en": carrier.name_en}


def _shown(one: Mapping[str, Any]) -> dict[str, Any]:
    share: Stated | None = one["share"]
    return {
        **{name: one[name] for name in ("carrier", "carrier_zh", "carrier_en")},
        "transport_co2_t": tonnes(one["here"]),
        "share": share.value if share else None,
        "source": share.source if share else None,
        "data_status": share.status if share else None,
        "state": "divided" if one["grams"] is not None else "not_divided",
        "co2_t": tonnes(one["grams"]),
    }
