"""Explain what a run holds, from its edition alone: row, cube, total, figure.

Everything is computed once more: the coefficient from the parameters in the manifest, the amount
from the reported quantity, the sum from its rows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl

from dualcarbon.accounting.activity import KEY
from dualcarbon.accounting.engine import GRAMS, compose, own_grams, round_grams
from dualcarbon.accounting.places import place_of
from dualcarbon.editions import Edition, Explanation, Term

SHOWN = 40
SUM_ZH = "各计入行之和（逐行取整到克）；无参数的行不在其中"
SUM_EN = (
    "sum of the counted rows, each rounded to whole grams; rows without parameter are not in it"
)


class Known:
    """The small tables of an edition, and its coefficients computed once more."""

    def __init__(self, edition: Edition) -> None:
        """Read what every explanation needs."""
        self.edition = edition
        self.keys = {(r["key"], r["who"]): r for r in edition.table("keys").to_dicts()}
        self.measures = {r["measure"]: r for r in edition.table("measures").to_dicts()}
        self.coefficients: dict[tuple[int, str], list[dict[str, Any]]] = {}
        for row in edition.table("coefficients").iter_rows(named=True):
            self.coefficients.setdefault((row["key"], row["who"]), []).append(row)
        self.files = {row["file"]: row for row in edition.table("files").to_dicts()}
        self._made: dict[tuple[int, str], dict[str, float | None]] = {}

    def who(self, key: int, subject: str) -> str:
        """Give the enterprise a key is resolved for: the subject where it has its own values."""
        return subject if (key, subject) in self.coefficients else ""

    def per_unit(self, key: int, who: str) -> dict[str, float | None]:
        """Compute the grams per unit of every measure of a key from the parameters' values."""
        if (key, who) not in self._made:
            unit, made = self.keys[key, who]["unit"], dict[str, float | None]()
            for row in self.coefficients[key, who]:
                made[row["measure"]] = self._compose(row, unit, made)
            self._made[key, who] = made
        return self._made[key, who]

    def _compose(
        self, row: Mapping[str, Any], unit: str, made: Mapping[str, float | None]
    ) -> float | None:
        if row["grams"] is None:
            return None
        parts = json.loads(row["parts"])
        if any("measure" in part for part in parts):
            grams = 0.0
            for part in parts:
                grams += (made[part["measure"]] or 0.0) * self._value(part)["value"]
            return grams
        values = [(self._value(p)["value"], self._value(p)["unit"], int(p["power"])) for p in parts]
        of = self.measures[row["measure"]]["unit"]
        return int(row["sign"]) * (compose(unit, values, of) if values else own_grams(unit, of))

    def _value(self, part: Mapping[str, Any]) -> Mapping[str, Any]:
        return self.edition.parameters[part["parameter"]]

    def term(self, row: Mapping[str, Any], unit: str) -> Term:
        """Give a coefficient as a term, with its parameters beneath."""
        of = self.measures[row["measure"]]["unit"]
        grams = row["grams"]
        return Term(
            name=row["measure"],
            value=None if grams is None else grams / GRAMS,
            unit=f"{of}/{unit}",
            status=row["status"],
            source=row["reason_en"],
            terms=tuple(self._part(part) for part in json.loads(row["parts"])),
        )

    def _part(self, part: Mapping[str, Any]) -> Term:
        value = self._value(part)
        source = value["source"]
        cited = ", ".join(str(source[key]) for key in ("title", "clause") if source.get(key))
        power = part.get("power", 1)
        shown = {1: "{}", -1: "1/{}", 0: "1 - {}"}[power].format(value["name"])
        name = f"{part['measure']} x {shown}" if "measure" in part else shown
        return Term(
            name=name,
            value=value["value"],
            unit=value["unit"],
            parameter=part["parameter"],
            source=cited,
            status=value["status"],
        )


def explain_row(edition: Edition, index: int) -> Explanation:
    """Explain one row: the reported quantity, and each measure's coefficient and parameters."""
    known, row = Known(edition), edition.row("rows", index)
    who = known.who(row["key"], row["subject"])
    key = known.keys[row["key"], who]
    per_unit = known.per_unit(row["key"], who)
    amounts = {
        name: None if size is None else round_grams(row["quantity"] * size)
        for name, size in per_unit.items()
    }
    first = _first(per_unit, row)
    place = place_of(_file(known, row["file"]), row["source_row"])
    quantity = Term("quantity", row["quantity"], key["unit"], place=str(place))
    return Explanation(
        code=f"{edition.id}:rows:{index}",
        value=_tonnes(row[first]),
        unit=known.measures[first]["unit"],
        formula_zh="数量 × 系数，逐行取整到克",
        formula_en="quantity x coefficient, rounded once to whole grams",
        inputs=(
            quantity,
            *(known.term(one, key["unit"]) for one in known.coefficients[row["key"], who]),
        ),
        recomputed=_tonnes(amounts[first]),
        equal=all(row[name] == grams for name, grams in amounts.items()),
        about={
            "subject": row["subject"],
            "key": {name: key[name] for name in KEY if key[name]},
            "method": edition.manifest["options"]["method"],
            "amounts": {name: _tonnes(row[name]) for name in amounts},
        },
    )


def _file(known: Known, number: int) -> dict[str, Any]:
    about = known.files[number]
    return {**about, "letters": json.loads(about["letters"])}


def _first(per_unit: Mapping[str, float | None], row: Mapping[str, Any]) -> str:
    order = ("co2", "co2_scope2", "co2_process", "co2_biogenic", "tce_calorific", *per_unit)
    return next((name for name in order if row.get(name) is not None), next(iter(per_unit)))


def explain_cube(edition: Edition, index: int) -> Explanation:
    """Explain one subject and key: the sum of its rows."""
    known, row = Known(edition), edition.row("cube", index)
    who = known.who(row["key"], row["subject"])
    first = _first(known.per_unit(row["key"], who), row)
    rows = _rows(edition, row["subject_kind"], [row["subject"]], [row["key"]])
    terms = [
        Term(
            name=f"{one['quantity']} {known.keys[row['key'], who]['unit']}",
            value=_tonnes(one[first]),
            unit=known.measures[first]["unit"],
            code=f"{edition.id}:rows:{one['index']}",
        )
        for one in rows.to_dicts()
    ]
    return _sum_of(known, f"{edition.id}:cube:{index}", row[first], [first], rows, terms)


def explain_total(edition: Edition, index: int) -> Explanation:
    """Explain a total: the sums by carrier and flow it adds up, largest first."""
    known, row = Known(edition), edition.row("totals", index)
    found = _explained(known, row, row["measures"], row["period"])
    return _sum_of(known, f"{edition.id}:totals:{index}", row["grams"], row["measures"], *found)


def explain_figure(edition: Edition, index: int) -> Explanation:
    """Explain a figure: null where a part of it has no parameter, else the sum of its rows."""
    from attrs import evolve

    known, row = Known(edition), edition.row("figures", index)
    wanted = edition.table("indicators").filter(pl.col("indicator") == row["indicator"])
    ids = wanted["measures"][0].to_list()
    rows, terms = _explained(known, row, ids, row["period"])
    made = _sum_of(known, f"{edition.id}:figures:{index}", None, ids, rows, terms)
    absent = any(_is_absent(known, one, ids) for one in rows.select("key", "subject").iter_rows())
    recomputed = None if absent else made.recomputed
    return evolve(
        made,
        value=row["value"],
        recomputed=recomputed,
        equal=row["value"] == recomputed,
        about={"indicator": row["indicator"], **made.about},
    )


def _is_absent(known: Known, at: tuple[int, str], ids: Sequence[str]) -> bool:
    per_unit = known.per_unit(at[0], known.who(*at))
    return any(name in per_unit and per_unit[name] is None for name in ids)


def _explained(
    known: Known, row: Mapping[str, Any], ids: Sequence[str], period: str
) -> tuple[pl.DataFrame, list[Term]]:
    """Give the rows inside a period and the terms of their cube, largest first."""
    from dualcarbon.periods import Period

    whole = Period.parse(period)
    keys = [key for (key, _), one in known.keys.items() if _inside(one["period"], whole)]
    rows = _rows(known.edition, row["subject_kind"], [row["subject"]], keys)
    cube = known.edition.scan("cube").with_row_index("index")
    own = (
        cube.filter(
            (pl.col("subject_kind") == row["subject_kind"])
            & (pl.col("subject") == row["subject"])
            & pl.col("key").is_in(keys)
        )
        .with_columns(grams=pl.sum_horizontal(*ids))
        .filter(pl.any_horizontal(pl.col(name).is_not_null() for name in ids))
        .collect()
    )
    return rows, _terms(known, own, ids)


def _inside(text: str, whole: Any) -> bool:
    from dualcarbon.periods import Period

    return bool(whole.contains(Period.parse(text)))


def _terms(known: Known, cube: pl.DataFrame, ids: Sequence[str]) -> list[Term]:
    """Give one term per carrier and flow, the largest first, with its periods beneath."""
    unit = known.measures[ids[0]]["unit"]
    groups: dict[str, list[tuple[str, Mapping[str, Any]]]] = {}
    for row in cube.iter_rows(named=True):
        key = known.keys[row["key"], known.who(row["key"], row["subject"])]
        place = ", ".join(key[name] for name in ("sector", "equipment") if key[name])
        name = f"{key['period']} {place}".strip()
        groups.setdefault(f"{key['carrier']} {key['flow']}", []).append((name, row))
    terms = [_group(known, name, members, unit) for name, members in groups.items()]
    return sorted(terms, key=lambda term: -abs(term.value or 0))


def _group(
    known: Known, name: str, members: Sequence[tuple[str, Mapping[str, Any]]], unit: str
) -> Term:
    ordered = sorted(members, key=lambda one: one[0])
    terms = [
        Term(text, _tonnes(row["grams"]), unit, code=f"{known.edition.id}:cube:{row['index']}")
        for text, row in ordered[:SHOWN]
    ]
    if rest := ordered[SHOWN:]:
        more = sum(row["grams"] for _, row in rest)
        terms.append(Term(f"+ {len(rest)}", _tonnes(more), unit))
    return Term(name, _tonnes(sum(row["grams"] for _, row in members)), unit, terms=tuple(terms))


def _rows(
    edition: Edition, kind: str, subjects: Sequence[str], keys: Sequence[int]
) -> pl.DataFrame:
    return (
        edition.scan("rows")
        .with_row_index("index")
        .filter(
            (pl.col("subject_kind") == kind)
            & pl.col("subject").is_in(list(subjects))
            & pl.col("key").is_in(list(keys))
        )
        .collect()
    )


def _sum_of(
    known: Known,
    code: str,
    grams: int | None,
    ids: Sequence[str],
    rows: pl.DataFrame,
    terms: Sequence[Term],
) -> Explanation:
    recomputed, differing = _again(known, rows, ids)
    return Explanation(
        code=code,
        value=_tonnes(grams),
        unit=known.measures[ids[0]]["unit"],
        formula_zh=SUM_ZH,
        formula_en=SUM_EN,
        inputs=tuple(terms),
        recomputed=_tonnes(recomputed),
        equal=grams == recomputed and not differing,
        about={"rows": rows.height, "rows_that_differ": differing, "measures": list(ids)},
    )


def _again(known: Known, rows: pl.DataFrame, ids: Sequence[str]) -> tuple[int | None, int]:
    """Compute rows once more: their sum, and how many differ from what is frozen."""
    total: int | None = None
    differing = 0
    for row in rows.iter_rows(named=True):
        per_unit = known.per_unit(row["key"], known.who(row["key"], row["subject"]))
        for name in ids:
            size = per_unit.get(name)
            again = None if size is None else round_grams(row["quantity"] * size)
            differing += again != row[name]
            if again is not None:
                total = again + (total or 0)
    return total, differing


def _tonnes(grams: int | None) -> float | None:
    return None if grams is None else grams / GRAMS


EXPLAINERS: dict[str, Callable[[Edition, int], Explanation]] = {
    "accounting_run/rows": explain_row,
    "accounting_run/cube": explain_cube,
    "accounting_run/totals": explain_total,
    "accounting_run/figures": explain_figure,
}
