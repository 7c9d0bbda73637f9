"""Explain the city side of an account from its edition: parts of power and heat, three totals."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import polars as pl

from dualcarbon.accounting.chp import split
from dualcarbon.accounting.engine import GRAMS, compose, round_grams
from dualcarbon.accounting.network import BROUGHT, SENT
from dualcarbon.accounting.stated import Stated
from dualcarbon.editions import Edition, Explanation, Term
from dualcarbon.units import convert

FUEL = {"electricity": "12", "heat": "13"}
FORMULAS = {
    "own": ("本地火力发电（供热）燃料的排放", "CO2 of the fuel burnt here for power (heat)"),
    "split": ("热电联产排放按所选口径分摊", "CO2 of power and heat, split by the named option"),
    "none": ("一次电力、回收能不燃烧燃料", "primary and recovered energy burns no fuel"),
    "brought": ("数量 × 送出地因子", "quantity x factor of the sender"),
    "use": ("数量 × 供应平均因子", "quantity x factor of the supply mix"),
    "consumption": (
        "分部门合计－自产电力热力排放＋消费的电力热力排放",
        "sectoral - CO2 of own power and heat + CO2 of the power and heat consumed",
    ),
    "sectoral": ("各计入行之和", "sum of the counted rows"),
    "reference": ("供应侧各行之和，扣除非能源使用", "sum of the supply rows, less non-energy use"),
}


def _tonnes(grams: int | None) -> float | None:
    return None if grams is None else grams / GRAMS


def explain_network(edition: Edition, index: int) -> Explanation:
    """Explain one part of electricity or heat: its quantity from cells, its factor, or the mix."""
    table = edition.table("network").with_row_index("index")
    row = table.row(index, named=True)
    if row["part"] == "generation":
        kind, terms, grams = _generation(edition, table, row)
    elif row["part"] in ("primary", "recovery"):
        kind, terms, grams = "none", (_quantity(edition, table, row),), 0
    elif row["basis"] == "supply":
        kind, terms, grams = _brought(edition, table, row)
    else:
        kind, terms, grams = _use(edition, table, row)
    about = {"carrier": row["carrier"], "part": row["part"]}
    return _explained(f"{edition.id}:network:{index}", kind, row["grams"], terms, grams, about)


def _explained(
    code: str,
    kind: str,
    found: int | None,
    terms: tuple[Term, ...],
    recomputed: int | None,
    about: Mapping[str, Any],
) -> Explanation:
    return Explanation(
        code=code,
        value=_tonnes(found),
        unit="tCO2",
        formula_zh=FORMULAS[kind][0],
        formula_en=FORMULAS[kind][1],
        inputs=terms,
        recomputed=_tonnes(recomputed),
        equal=found == recomputed,
        about=about,
    )


Found = tuple[str, tuple[Term, ...], int | None]


def _generation(edition: Edition, table: pl.DataFrame, row: Mapping[str, Any]) -> Found:
    option = edition.manifest["options"]["city"]["chp"]
    fuel = {code: _fuel(edition, number) for code, number in FUEL.items()}
    if option == "table":
        terms, grams = fuel[row["carrier"]]
        return "own", terms, grams
    made = {
        code: table.filter((pl.col("part") == "generation") & (pl.col("carrier") == code))
        for code in FUEL
    }
    parts = [grams for _, grams in fuel.values()]
    known = [grams for grams in parts if grams is not None]
    total = sum(known)
    values = {
        name: Stated(value["value"], value["unit"], value["source"])
        for name, value in edition.manifest["options"]["city"]["chp_values"].items()
    }
    power, heat = (float(made[code]["quantity"].sum()) for code in FUEL)
    result = split(total, power, heat, option, values)
    grams = result.power_g if row["carrier"] == "electricity" else result.heat_g
    terms = (
        *(term for terms, _ in fuel.values() for term in terms),
        Term("power", power, "kWh", code=f"{edition.id}:network:{_index(made['electricity'])}"),
        Term("heat", heat, "GJ", code=f"{edition.id}:network:{_index(made['heat'])}"),
        *(Term(n, v.value, v.unit, source=v.source, status=v.status) for n, v in values.items()),
    )
    return "split", terms, grams if len(known) == len(parts) else None


def _index(frame: pl.DataFrame) -> int:
    return int(frame["index"][0])


def _fuel(edition: Edition, number: str) -> tuple[tuple[Term, ...], int | None]:
    rows = edition.table("account").with_row_index("index")
    mine = rows.filter(
        (pl.col("row") == int(number)) & pl.col("co2") & (pl.col("block") == "transformation")
    )
    return _rows(edition, mine)


def _rows(edition: Edition, mine: pl.DataFrame) -> tuple[tuple[Term, ...], int | None]:
    terms = tuple(
        Term(
            f"{row['row']} {row['carrier']}",
            _tonnes(row["co2_g"]),
            "tCO2",
            code=f"{edition.id}:account:{row['index']}",
        )
        for row in mine.iter_rows(named=True)
    )
    return terms, None if mine["co2_g"].null_count() else int(mine["co2_g"].sum())


def _quantity(edition: Edition, table: pl.DataFrame, row: Mapping[str, Any]) -> Term:
    """Give the quantity from its cells; a part of several senders is as the user stated it."""
    shared = (
        row["part"] in BROUGHT
        and table.filter(
            (pl.col("carrier") == row["carrier"]) & (pl.col("part") == row["part"])
        ).height
        > 1
    )
    places = ", ".join(row["places"])
    value = row["quantity"]
    cells = edition.table("cells").filter(pl.col("place").is_in(row["places"]))
    if cells.height and not shared and row["sender"] in (None, *_single(edition, row)):
        sign = -1 if row["part"] in (*SENT, "transformation") else 1
        value = float(
            sum(sign * convert(c["value"], c["unit"], row["unit"]) for c in cells.to_dicts())
        )
    return Term("quantity", value, row["unit"], place=places or row["sender"])


def _single(edition: Edition, row: Mapping[str, Any]) -> tuple[str, ...]:
    """A single sender takes all that was brought in, so its quantity is that of the cells."""
    table = edition.table("network").filter(
        (pl.col("carrier") == row["carrier"]) & pl.col("part").is_in(list(BROUGHT))
    )
    names = table["sender"].unique().to_list()
    return (row["sender"],) if len(names) == 1 else ()


def _brought(edition: Edition, table: pl.DataFrame, row: Mapping[str, Any]) -> Found:
    quantity = _quantity(edition, table, row)
    if row["factor"] is None:
        return "brought", (quantity,), None
    part = json.loads(row["factor"])
    per_unit = compose(row["unit"], [(part["value"], part["unit"], 1)], "tCO2")
    factor = Term(
        f"factor: {row['sender']}",
        part["value"],
        part["unit"],
        place=part.get("place"),
        parameter=part.get("parameter"),
        source=part.get("source"),
        status=part["status"],
    )
    return "brought", (quantity, factor), round_grams(quantity.value * per_unit)


def _use(edition: Edition, table: pl.DataFrame, row: Mapping[str, Any]) -> Found:
    supply = table.filter((pl.col("carrier") == row["carrier"]) & (pl.col("basis") == "supply"))
    quantity = _quantity(edition, table, row)
    whole = sum(supply["quantity"].to_list())
    if supply["grams"].null_count() or whole <= 0:
        return "use", (quantity,), None
    mix = float(sum(supply["grams"].to_list()) / whole)
    terms = tuple(
        Term(
            one["part"],
            _tonnes(one["grams"]),
            "tCO2",
            code=f"{edition.id}:network:{one['index']}",
        )
        for one in supply.iter_rows(named=True)
    )
    factor = Term("mix", mix, f"gCO2/{row['unit']}", terms=terms)
    return "use", (quantity, factor), round_grams(quantity.value * mix)


def explain_totals(edition: Edition, index: int) -> Explanation:
    """Explain one of the three totals from the tables it is the sum of."""
    row = edition.table("totals").row(index, named=True)
    ways: Mapping[str, Callable[[Edition], tuple[tuple[Term, ...], int | None]]] = {
        "reference": _reference,
        "sectoral": _sectoral,
        "consumption": _consumption,
    }
    terms, grams = ways[row["total"]](edition)
    code = f"{edition.id}:totals:{index}"
    return _explained(code, row["total"], row["grams"], terms, grams, {"total": row["total"]})


def _sectoral(edition: Edition) -> tuple[tuple[Term, ...], int | None]:
    rows = edition.table("account").with_row_index("index").filter(pl.col("co2"))
    return _rows(edition, rows)


def _reference(edition: Edition) -> tuple[tuple[Term, ...], int | None]:
    supply = edition.table("supply").filter(pl.col("block").is_in(["supply", "non_energy"]))
    if edition.manifest["options"]["bunkers"] == "exclude":
        abroad = edition.table("memo")["row"].unique().to_list()
        supply = supply.filter(~pl.col("row").is_in(abroad))
    terms = tuple(
        Term(
            f"{row['row']} {row['carrier']}",
            _tonnes(row["co2_g"]),
            "tCO2",
            place=", ".join(row["places"]),
        )
        for row in supply.iter_rows(named=True)
    )
    return terms, None if supply["co2_g"].null_count() else int(supply["co2_g"].sum())


def _consumption(edition: Edition) -> tuple[tuple[Term, ...], int | None]:
    _, sectoral = _sectoral(edition)
    terms = [Term("sectoral", _tonnes(sectoral), "tCO2", code=f"{edition.id}:totals:1")]
    table = edition.table("network").with_row_index("index")
    inside = table.filter((pl.col("part") == "generation") | (pl.col("basis") == "consumption"))
    amounts = [sectoral]
    for row in inside.iter_rows(named=True):
        sign = -1 if row["part"] == "generation" else row["sign"]
        amount = None if row["grams"] is None else sign * row["grams"]
        amounts.append(amount)
        name, code = f"{row['carrier']} {row['part']}", f"{edition.id}:network:{row['index']}"
        terms.append(Term(name, _tonnes(amount), "tCO2", code=code))
    known = [one for one in amounts if one is not None]
    return tuple(terms), sum(known) if len(known) == len(amounts) else None


CITY: Mapping[str, Callable[[Edition, int], Explanation]] = {
    "accounting/network": explain_network,
    "accounting/totals": explain_totals,
}
