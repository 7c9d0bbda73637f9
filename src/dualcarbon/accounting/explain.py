"""Freeze an account as an edition, and explain each of its figures from the edition alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from dualcarbon.accounting.account import MEASURES, Account, fuels
from dualcarbon.accounting.answer import measured, tonnes
from dualcarbon.accounting.engine import GRAMS, compose, round_grams
from dualcarbon.accounting.explain_allocation import ALLOCATION
from dualcarbon.accounting.explain_city import CITY
from dualcarbon.accounting.explain_peak import PEAK
from dualcarbon.accounting.explain_share import SHARE
from dualcarbon.editions import Edition, Explanation, Input, Term, write_edition
from dualcarbon.packs import Pack
from dualcarbon.parameters import Parameter

UNITS = {"co2": "tCO2", "tce_calorific": "tce", "tce_equal": "tce"}
NAMES = {
    "co2": ("二氧化碳", "CO2"),
    "tce_calorific": ("标准煤（当量值）", "standard coal, calorific value"),
    "tce_equal": ("标准煤（等价值）", "standard coal, equal value"),
}


def freeze(
    account: Account,
    store: Path,
    pack: Pack,
    more: Mapping[str, pl.DataFrame] | None = None,
    chosen: Mapping[str, Any] | None = None,
    inputs: Iterable[Input] = (),
    parameters: Iterable[Parameter] = (),
) -> Edition:
    """Write the account as an edition: rows, totals, the cells and coefficients they come from.

    The rest: tables, options, files and parameters of the city side, where there is one.
    """
    tables = {
        "account": account.rows,
        "carriers": _by_carrier(account),
        "total": _total(account),
        "coefficients": account.coefficients,
        "cells": account.cells,
        "supply": account.supply,
        "memo": account.memo,
        **(more or {}),
    }
    return write_edition(
        store,
        room="accounting",
        tables=tables,
        inputs=(*account.inputs, *inputs),
        parameters=(*account.parameters, *parameters),
        pack=pack,
        options={"province": account.province, **account.options, **(chosen or {})},
    )


def _by_carrier(account: Account) -> pl.DataFrame:
    by_carrier = measured(account.rows, "co2")[1]
    rows = [(code, *by_carrier.get(code, (0, 0))) for code in fuels(account)]
    schema = {"carrier": pl.String, "co2_g": pl.Int64, "co2_partial_g": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _total(account: Account) -> pl.DataFrame:
    pairs = {measure: measured(account.rows, measure)[0] for measure in MEASURES}
    row = {f"{measure}_g": whole for measure, (whole, _) in pairs.items()}
    partial = {f"{measure}_partial_g": part for measure, (_, part) in pairs.items()}
    schema = dict.fromkeys((*row, *partial), pl.Int64)
    return pl.DataFrame([{**row, **partial}], schema=schema)


def explain_row(edition: Edition, index: int) -> Explanation:
    """Explain one row of an account: quantity from its cells, coefficient from its parts."""
    row = edition.table("account").row(index, named=True)
    found = [_measure(edition, row, measure) for measure in MEASURES]
    first = found[0] if row["co2"] else found[1]
    quantity = _quantity(edition, row)
    return Explanation(
        code=f"{edition.id}:account:{index}",
        value=tonnes(first["grams"]),
        unit=UNITS[first["measure"]],
        formula_zh="用量 × 系数，逐行取整到克",
        formula_en="quantity x coefficient, rounded once to whole grams",
        inputs=(quantity, *(term for one in found for term in one["terms"])),
        recomputed=tonnes(first["recomputed"]),
        equal=all(one["grams"] == one["recomputed"] for one in found),
        about={
            "row": row["row"],
            "carrier": row["carrier"],
            **{one["measure"]: tonnes(one["grams"]) for one in found},
        },
    )


def _quantity(edition: Edition, row: Mapping[str, Any]) -> Term:
    cells = edition.table("cells").filter(
        (pl.col("row") == row["row"]) & (pl.col("carrier") == row["carrier"])
    )
    value = row["sign"] * float(cells["value"].sum())
    return Term("quantity", value, row["unit"], place=", ".join(cells["place"]))


def _measure(edition: Edition, row: Mapping[str, Any], measure: str) -> dict[str, Any]:
    table = edition.table("coefficients")
    inside = row["co2" if measure == "co2" else "energy"]
    match = table.filter(
        (pl.col("measure") == measure)
        & (pl.col("row") == row["row"])
        & (pl.col("carrier") == row["carrier"])
    )
    grams = row[f"{measure}_g"]
    if not inside or not match.height:
        recomputed = None if inside else 0
        return {"measure": measure, "grams": grams, "recomputed": recomputed, "terms": ()}
    parts = json.loads(match["parts"][0])
    values = [(part["value"], part["unit"], part["power"]) for part in parts]
    per_unit = compose(row["unit"], values, UNITS[measure])
    name = NAMES[measure][1]
    term = Term(
        name=name,
        value=per_unit / GRAMS,
        unit=f"{UNITS[measure]}/{row['unit']}",
        status=match["status"][0],
        terms=tuple(_term(part) for part in parts),
    )
    recomputed = round_grams(_quantity(edition, row).value * per_unit)
    return {"measure": measure, "grams": grams, "recomputed": recomputed, "terms": (term,)}


def _term(part: Mapping[str, Any]) -> Term:
    return Term(
        name=part["name"],
        value=part["value"],
        unit=part["unit"],
        place=part.get("place"),
        parameter=part.get("parameter"),
        source=part.get("source"),
        status=part.get("status"),
    )


def explain_carrier(edition: Edition, index: int) -> Explanation:
    """Explain the CO2 of a carrier: the sum of its rows."""
    row = edition.table("carriers").row(index, named=True)
    code = f"{edition.id}:carriers:{index}"
    account = edition.table("account").with_row_index("index")
    mine = account.filter((pl.col("carrier") == row["carrier"]) & pl.col("co2"))
    return _sum_of(edition, code, mine, "co2", row["co2_g"])


def explain_total(edition: Edition, index: int) -> Explanation:
    """Explain the total CO2 of an account: the sum of its rows."""
    row = edition.table("total").row(index, named=True)
    account = edition.table("account").with_row_index("index")
    mine = account.filter(pl.col("co2"))
    return _sum_of(edition, f"{edition.id}:total:{index}", mine, "co2", row["co2_g"])


def _sum_of(
    edition: Edition, code: str, rows: pl.DataFrame, measure: str, grams: int | None
) -> Explanation:
    values = rows[f"{measure}_g"]
    recomputed = None if values.null_count() else int(values.sum())
    terms = [
        Term(
            name=f"{row['row']} {row['carrier']}",
            value=tonnes(row[f"{measure}_g"]),
            unit=UNITS[measure],
            code=f"{edition.id}:account:{row['index']}",
        )
        for row in rows.iter_rows(named=True)
    ]
    return Explanation(
        code=code,
        value=tonnes(grams),
        unit=UNITS[measure],
        formula_zh="各计入行之和；任一行缺因子则不给合计",
        formula_en="sum of the counted rows; null when a row has no factor",
        inputs=tuple(terms),
        recomputed=tonnes(recomputed),
        equal=grams == recomputed,
        about={"measure": measure},
    )


EXPLAINERS: dict[str, Callable[[Edition, int], Explanation]] = {
    "accounting/account": explain_row,
    "accounting/carriers": explain_carrier,
    "accounting/total": explain_total,
    **CITY,
    **ALLOCATION,
    **SHARE,
    **PEAK,
}
