"""What an account says: rows, carriers, totals, reference approach, bunkers and findings.

A sum with an uncovered part is null; beside it stands the partial sum of what is covered.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from dualcarbon.accounting.account import MEASURES, Account, fuels, others, sums
from dualcarbon.accounting.counted import load_scope
from dualcarbon.accounting.engine import GRAMS
from dualcarbon.findings import Finding, Place, finding

KEYS = {"co2": "co2_t", "tce_calorific": "tce_calorific", "tce_equal": "tce_equal"}
Sum = tuple[int | None, int]


def tonnes(grams: int | None) -> float | None:
    """Give whole grams in tonnes; null stays null."""
    return None if grams is None else grams / GRAMS


def measured(frame: pl.DataFrame, measure: str) -> tuple[Sum, dict[str, Sum]]:
    """Give whole and partial sum of a measure, in all and by carrier.

    A sum is (whole, partial) in grams; whole is None when a part has no coefficient.
    """
    by_carrier = {
        row["carrier"]: _sum(row[f"{measure}_g"], row["unmatched"])
        for row in sums(frame, measure, ["carrier"]).iter_rows(named=True)
    }
    return _added(by_carrier.values()), by_carrier


def _sum(grams: int | None, unmatched: int) -> Sum:
    partial = grams or 0
    return (None if unmatched else partial), partial


def _added(parts: Any) -> Sum:
    pairs = list(parts)
    whole = None if any(one is None for one, _ in pairs) else sum(one for one, _ in pairs)
    return whole, sum(partial for _, partial in pairs)


def payload(account: Account, edition: str | None = None) -> dict[str, Any]:
    """Give the answer as JSON data; amounts in tonnes, from whole grams."""
    totals = {measure: measured(account.rows, measure) for measure in MEASURES}
    return {
        "province": account.province,
        "year": account.year,
        "data_status": account.status,
        "options": dict(account.options),
        "rows": list(_rows(account, edition)),
        "carriers": [_carrier(account, code, totals, edition) for code in fuels(account)],
        "not_counted": [_other(account, code, totals) for code in others(account)],
        "total": _total(totals, edition),
        "energy": _energy(account),
        "reference": _reference(account, totals["co2"][0]),
        "bunkers": _bunkers(account, totals["co2"][0]),
        "parameters": [_parameter(part) for part in account.parameters],
    }


def _rows(account: Account, edition: str | None) -> Iterator[dict[str, Any]]:
    sources = _sources(account)
    for index, row in enumerate(account.rows.iter_rows(named=True)):
        item, carrier = account.layout.items[row["row"]], account.carriers[row["carrier"]]
        key = (row["row"], row["carrier"], row["unit"])
        used = [source for measure in MEASURES for source in sources.get((measure, *key), ())]
        yield {
            "row": row["row"],
            "item": item.name_en,
            "item_zh": item.name_zh,
            "carrier": row["carrier"],
            "carrier_zh": carrier.name_zh,
            "carrier_en": carrier.name_en,
            "block": row["block"],
            "counted": [name for name in ("co2", "energy") if row[name]],
            "quantity": row["quantity"],
            "unit": row["unit"],
            "tce_calorific": tonnes(row["tce_calorific_g"]),
            "tce_equal": tonnes(row["tce_equal_g"]),
            "co2_t": tonnes(row["co2_g"]),
            "derived_from": list(dict.fromkeys([*row["places"], *used])),
            "code": f"{edition}:account:{index}" if edition else None,
        }


def _sources(account: Account) -> dict[tuple[str, int, str, str], list[str]]:
    found = {}
    for row in account.coefficients.iter_rows(named=True):
        parts = json.loads(row["parts"])
        key = (row["measure"], row["row"], row["carrier"], row["unit"])
        found[key] = [part.get("parameter") or part.get("place") or part["name"] for part in parts]
    return found


Totals = Mapping[str, tuple[Sum, Mapping[str, Sum]]]


def _carrier(account: Account, code: str, totals: Totals, edition: str | None) -> dict[str, Any]:
    carrier = account.carriers[code]
    whole, partial = totals["co2"][1].get(code, (0, 0))
    counted = account.rows.filter((pl.col("carrier") == code) & pl.col("co2"))
    units = counted["unit"].unique().to_list()
    used = account.coefficients.filter((pl.col("carrier") == code) & (pl.col("measure") == "co2"))
    index = fuels(account).index(code)
    return {
        "carrier": code,
        "carrier_zh": carrier.name_zh,
        "carrier_en": carrier.name_en,
        "quantity": round(float(counted["quantity"].sum()), 9),
        "unit": units[0] if len(units) == 1 else carrier.unit,
        "co2_t": tonnes(whole),
        "co2_partial_t": tonnes(partial),
        **_standard_coal(code, totals),
        "data_status": _worst(used),
        "code": f"{edition}:carriers:{index}" if edition else None,
    }


def _worst(used: pl.DataFrame) -> str | None:
    from dualcarbon.parameters import worst_status

    return worst_status(used["status"]) if used.height else None


def _standard_coal(code: str, totals: Totals) -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    for measure in MEASURES[1:]:
        found[measure] = tonnes(totals[measure][1].get(code, (0, 0))[0])
    return found


def _other(account: Account, code: str, totals: Totals) -> dict[str, Any]:
    carrier = account.carriers[code]
    burnt = carrier.group not in load_scope(account.layout).not_combusted
    return {
        "carrier": code,
        "carrier_zh": carrier.name_zh,
        "carrier_en": carrier.name_en,
        "reason": "mixed" if burnt else "not_combusted",
        **_standard_coal(code, totals),
    }


def _total(totals: Totals, edition: str | None) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for measure, (pair, _) in totals.items():
        found[KEYS[measure]] = tonnes(pair[0])
    for measure, (pair, _) in totals.items():
        name = "co2_partial_t" if measure == "co2" else f"{measure}_partial"
        found[name] = tonnes(pair[1])
    found["code"] = f"{edition}:total:0" if edition else None
    return found


def _energy(account: Account) -> dict[str, dict[str, float | None]]:
    """Split the energy total: final consumption, losses, net loss of transformation."""
    found = {}
    for block in ("final", "losses", "transformation"):
        part = account.rows.filter((pl.col("block") == block) & pl.col("energy"))
        found[block] = {m: tonnes(measured(part, m)[0][0]) for m in MEASURES[1:]}
    return found


def _reference(account: Account, sectoral: Sum) -> dict[str, Any]:
    rows = _reference_rows(account)
    pair, by_carrier = measured(rows, "co2")
    gap = None
    if pair[0] is not None and sectoral[0] is not None:
        gap = tonnes(pair[0] - sectoral[0])
    return {
        "carriers": [
            {"carrier": code, "co2_t": tonnes(by_carrier[code][0])}
            for code in account.carriers
            if code in by_carrier
        ],
        "co2_t": tonnes(pair[0]),
        "co2_partial_t": tonnes(pair[1]),
        "gap_t": gap,
        "gap_causes": _causes(account, gap),
        "method_zh": "表观消费：一次生产＋调入＋进口＋境外加油－调出－出口－外轮外机加油±库存，"
        "扣除非能源使用；不含回收能",
        "method_en": "apparent consumption: production + inflow + import + refuelling abroad"
        " - outflow - export - foreign refuelling +/- stock, less non-energy use;"
        " recovered energy left out",
    }


def _reference_rows(account: Account) -> pl.DataFrame:
    rows = account.supply.filter(pl.col("block").is_in(["supply", "non_energy"]))
    if account.options["bunkers"] == "include":
        return rows
    return rows.filter(~pl.col("row").is_in(load_scope(account.layout).bunkers))


def _causes(account: Account, gap: float | None) -> list[dict[str, Any]]:
    """Split the gap to the sectors into named causes; what they leave is the table's own gaps."""
    found, left = [], gap
    for name, cause in account.layout.scope["reference"]["causes"].items():
        amount = tonnes(measured(account.supply.filter(pl.col("block") == name), "co2")[0][0])
        left = None if left is None or amount is None else left - amount
        names = {"name_zh": cause["name_zh"], "name_en": cause["name_en"]}
        found.append({"cause": name, "co2_t": amount, **names})
    rest = {
        "name_zh": "原表自身不平与分行因子",
        "name_en": "the table's own gaps, factors that differ by row",
    }
    kept = None if left is None else round(left, 6)
    return [*found, {"cause": "unexplained", "co2_t": kept, **rest}]


def _bunkers(account: Account, total: Sum) -> dict[str, Any]:
    """Show both readings: the total with and without the fuel taken abroad (row 6)."""
    pair = measured(account.memo, "co2")[0]
    shift = {"include": 0, "exclude": 1}
    used = shift[account.options["bunkers"]]
    found: dict[str, Any] = {"abroad_co2_t": None if pair[0] is None else tonnes(-pair[0])}
    for name, times in shift.items():
        whole = None
        if total[0] is not None and pair[0] is not None:
            whole = tonnes(total[0] + (times - used) * pair[0])
        found[f"{name}_co2_t"] = whole
    return found


def _parameter(part: Any) -> dict[str, Any]:
    return {
        "id": part.id,
        "value": part.value,
        "unit": part.unit,
        "mark": part.mark,
        "status": part.status,
        "source": dict(part.source),
    }


def notes(account: Account) -> list[Finding]:
    """Give what a reader must know beside the figures: gaps, sources, choices."""
    return [
        *_uncovered(account),
        *_no_coefficient(account),
        *_left_out(account),
        *_equal(account),
        *_bunker_note(account),
        *_unsourced(account),
    ]


def _names(account: Account, code: str) -> dict[str, Any]:
    carrier = account.carriers[code]
    return {"carrier_zh": carrier.name_zh, "carrier_en": carrier.name_en}


def _gaps(account: Account, measure: str) -> Iterator[tuple[str, pl.DataFrame]]:
    inside = account.rows.filter(pl.col("co2" if measure == "co2" else "energy"))
    missing = inside.filter(pl.col(f"{measure}_g").is_null())
    for key, part in missing.group_by("carrier", maintain_order=True):
        yield str(key[0]), part


def _uncovered(account: Account) -> Iterator[Finding]:
    for code, part in _gaps(account, "co2"):
        rows = ", ".join(str(row) for row in part["row"])
        place = Place.parse(part["places"][0][0])
        facts: dict[str, Any] = {"rows": rows, **_names(account, code)}
        yield finding("accounting.factor_absent", place, found=code, **facts)


def _no_coefficient(account: Account) -> Iterator[Finding]:
    seen = set()
    for code, part in _gaps(account, "tce_calorific"):
        seen.add(code)
        place = Place.parse(part["places"][0][0])
        basis: dict[str, Any] = {"basis_zh": "当量值与等价值", "basis_en": "both valuations"}
        yield finding(
            "accounting.coefficient_absent", place, found=code, **basis, **_names(account, code)
        )
    power = account.equal.carrier
    if account.equal.value is None and power in set(account.rows["carrier"]) - seen:
        yield finding("accounting.no_thermal_rate", found=power)


def _left_out(account: Account) -> Iterator[Finding]:
    groups = load_scope(account.layout).not_combusted
    quiet = [code for code in others(account) if account.carriers[code].group in groups]
    if quiet:
        yield finding(
            "accounting.not_combusted",
            found=quiet,
            carriers_zh="、".join(account.carriers[code].name_zh for code in quiet),
            carriers_en=", ".join(account.carriers[code].name_en for code in quiet),
        )
    for code in others(account):
        if code not in quiet:
            yield finding(
                "accounting.not_counted",
                found=code,
                why_zh="它包含生物质、余热、垃圾等，没有通用的因子",
                why_en="it mixes biomass, waste heat and waste, and has no common factor",
                **_names(account, code),
            )


def _equal(account: Account) -> Iterator[Finding]:
    if account.equal.method == "derived" and account.equal.value is not None:
        yield finding(
            "accounting.equal_derived",
            found=account.equal.value,
            value=f"{account.equal.value:.4f}",
            fuel=f"{account.equal.parts[0]['value']:.0f}",
            power=f"{account.equal.parts[1]['value'] / 1e8:.2f}",
        )


def _bunker_note(account: Account) -> Iterator[Finding]:
    pair = measured(account.memo, "co2")[0]
    if not account.memo.height:
        return
    included = account.options["bunkers"] == "include"
    yield finding(
        "accounting.bunkers",
        Place.parse(account.memo["places"][0][0]),
        found=account.options["bunkers"],
        abroad="?" if pair[0] is None else f"{-pair[0] / GRAMS:.0f}",
        state_zh="已包括在内" if included else "已扣除",
        state_en="included" if included else "left out",
    )


def _unsourced(account: Account) -> Iterator[Finding]:
    parts = {
        part.get("parameter") or part.get("place") or part["name"]
        for row in account.coefficients["parts"]
        for part in json.loads(row)
        if part["status"] != "sourced"
    }
    if parts:
        names = sorted(parts)
        shown = ", ".join(names[:4]) + (" ..." if len(names) > 4 else "")
        yield finding(
            "accounting.unsourced",
            found=names,
            count=len(names),
            names=shown,
            status=account.status,
        )
