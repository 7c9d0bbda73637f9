"""Small editions of an account run, written as the run writes them, with the engine's rounding."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from dualcarbon.accounting.engine import compose, round_grams
from dualcarbon.accounting.substitute import CELL
from dualcarbon.editions import Edition, Input, Part, write_edition
from dualcarbon.packs import load_pack
from dualcarbon.parameters import Parameter

PACK = load_pack("world")
UNITS = {"co2": "tCO2", "ch4": "tCH4", "co2e_scope1": "tCO2e"}
GASES = {"co2": "CO2", "ch4": "CH4", "co2e_scope1": "CO2e"}
Line = tuple[str, str, str, float]
"""Subject, item, carrier, quantity in t."""


def parameter(name: str, value: float, unit: str, set_name: str = "s", **keys: str) -> Parameter:
    day = dt.date(2000, 1, 1)
    source = {"title": "a table", "clause": "1"}
    return Parameter(name, set_name, "1", keys, day, None, value, unit, "A", "sourced", source)


def factors(co2: Mapping[str, float], ch4: float = 2.0, gwp: float = 28.0) -> list[Parameter]:
    """A factor of CO2 per carrier, one of CH4 for all, and GWPs of a set named by their value."""
    own = [parameter("co2_factor", v, "tCO2/t", carrier=c) for c, v in co2.items()]
    gwps = [("CO2", 1.0), ("CH4", gwp)]
    return [
        *own,
        parameter("ch4_factor", ch4, "kgCH4/t"),
        *(parameter("gwp100", v, f"tCO2e/t{gas}", f"AR{gwp:g}", gas=gas) for gas, v in gwps),
    ]


def coefficients(
    keys: Sequence[Mapping[str, Any]],
    values: Sequence[Parameter],
    measures: Sequence[str],
    sign: int,
) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    by_name = {(p.name, p.keys.get("carrier"), p.keys.get("gas")): p for p in values}
    for key in keys:
        made: dict[str, float | None] = {}
        for measure in measures:
            parts, grams = [], 0.0
            if measure == "co2e_scope1":
                for gas in (m for m in ("co2", "ch4") if m in measures):
                    gwp = by_name["gwp100", None, GASES[gas]]
                    parts.append({"measure": gas, "parameter": gwp.id})
                    grams += (made[gas] or 0.0) * gwp.value
                whole = all(made[gas] is not None for gas in ("co2", "ch4") if gas in measures)
            else:
                carrier = key["carrier"] if measure == "co2" else None
                one = by_name.get((f"{measure}_factor", carrier, None))
                whole = one is not None
                if one is not None:
                    parts.append({"parameter": one.id, "power": 1})
                    grams = sign * compose(key["unit"], [(one.value, one.unit, 1)], UNITS[measure])
            made[measure] = grams if whole else None
            row = {"key": key["key"], "who": "", "measure": measure, "grams": made[measure]}
            row["sign"] = (-1 if grams < 0 else 1) if whole else None
            found.append({**row, "parts": json.dumps(parts if whole else []), "status": None})
    return found


def run(
    store: Path,
    lines: Sequence[Line],
    values: Sequence[Parameter],
    *,
    measures: Sequence[str] = ("co2", "ch4", "co2e_scope1"),
    unit: str = "t",
    sign: int = 1,
    parts: int = 1,
    linked: Sequence[Part] = (),
    figures: pl.DataFrame | None = None,
) -> Edition:
    """Write an edition; `parts` files of rows, after those that are linked from another one."""
    carriers = sorted({line[2] for line in lines})
    base = dict.fromkeys(CELL, "") | {"subject_kind": "enterprise", "flow": "use"}
    keys = [
        {"key": hash_of(c, unit), "who": "", **base, "carrier": c, "period": "2024", "unit": unit}
        for c in carriers
    ]
    known = coefficients(keys, values, measures, sign)
    grams = {(row["key"], row["measure"]): row["grams"] for row in known}
    rows = []
    for number, (subject, item, carrier, quantity) in enumerate(lines):
        key = hash_of(carrier, unit)
        row = {"subject_kind": "enterprise", "subject": subject, "item": item, "key": key}
        row |= {"quantity": quantity, "file": 0, "source_row": number + 2}
        for name in measures:
            size = grams[key, name]
            row[name] = None if size is None else round_grams(quantity * size)
        rows.append(row)
    schema = {"key": pl.Int64, "quantity": pl.Float64, "source_row": pl.Int64, "file": pl.Int64}
    schema |= dict.fromkeys(("subject_kind", "subject", "item"), pl.String)
    frame = pl.DataFrame(rows, schema={**schema, **dict.fromkeys(measures, pl.Int64)})
    sums = [pl.when(pl.col(m).count() > 0).then(pl.col(m).sum()).alias(m) for m in measures]
    cube = frame.group_by("subject_kind", "subject", "key").agg(pl.len().alias("rows"), *sums)
    about = [{"measure": m, "gas": GASES[m], "unit": UNITS[m], "scope": 1} for m in measures]
    tables: dict[str, Any] = {
        "rows": [*linked, *files(store / "work", frame, parts)],
        "cube": cube.sort("subject", "key"),
        "keys": pl.DataFrame(keys),
        "coefficients": pl.DataFrame(known, infer_schema_length=None),
        "measures": pl.DataFrame(about),
    }
    if figures is not None:
        tables["figures"] = figures
    options = {"gwp": next(p.set for p in values if p.name == "gwp100")}
    return write_edition(
        store,
        room="accounting_run",
        tables=tables,
        inputs=[Input("activity.csv", f"{len(lines):064x}", len(lines))],
        parameters=values,
        pack=PACK,
        options=options,
    )


def hash_of(carrier: str, unit: str) -> int:
    import zlib

    return zlib.crc32(f"{carrier} {unit}".encode())


def files(folder: Path, frame: pl.DataFrame, parts: int) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    size = -(-frame.height // parts) if frame.height else 1
    paths = []
    for number in range(parts):
        path = folder / f"{len(list(folder.iterdir()))}-{number}.parquet"
        frame.slice(number * size, size).write_parquet(path)
        paths.append(path)
    return paths
