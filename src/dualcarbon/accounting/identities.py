"""Check what a balance says of itself: every identity, cell by cell; nothing is repaired.

Cells: province, year, row, carrier, value, unit, place. An absent cell is zero in this format (the
yearbook prints nothing where there is nothing). Method: docs/methods/energy-balance.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl
from attrs import frozen

from dualcarbon.accounting.layout import Identity, Layout
from dualcarbon.carriers import Carrier
from dualcarbon.findings import Finding, Place, Severity, finding

KEY = ("province", "year", "carrier")
RESULT: dict[str, type[pl.DataType] | pl.DataType] = {
    "identity": pl.String,
    "province": pl.String,
    "year": pl.Int64,
    "row": pl.Int64,
    "carrier": pl.String,
    "found": pl.Float64,
    "expected": pl.Float64,
    "gap": pl.Float64,
    "tolerance": pl.Float64,
    "holds": pl.Boolean,
    "unit": pl.String,
    "place": pl.String,
}


@frozen
class Tolerance:
    """How far printed figures may miss: `absolute + relative x |printed value|`."""

    absolute: float = 0.05
    relative: float = 1e-4


DEFAULT_TOLERANCE = Tolerance()


def check_identities(
    cells: pl.DataFrame,
    layout: Layout,
    carriers: Mapping[str, Carrier],
    tolerance: Tolerance = DEFAULT_TOLERANCE,
    *,
    rows: Iterable[int] | None = None,
) -> pl.DataFrame:
    """Give one row per identity and cell that it applies to, with found, expected, gap and `holds`.

    Shape: the columns of RESULT, ordered by identity (as in the pack), province, row and carrier.
    `rows`: the rows the file has, where `cells` is only a part of it. Absent: a cell that is not
    in the table is zero; an identity whose total row is nowhere in the file, and a subtotal whose
    carriers are nowhere in a province's table, is not checked.
    """
    known = set(cells["row"]) if rows is None else set(rows)
    parts = [_apply(cells, identity, carriers, known) for identity in layout.identities]
    order = {identity.id: n for n, identity in enumerate(layout.identities)}
    at_most = [item.id for item in layout.identities if item.relation == "at_most"]
    result = pl.concat([part.select(_columns()) for part in parts])
    gap = pl.col("found") - pl.col("expected")
    allowed = tolerance.absolute + tolerance.relative * pl.col("found").abs()
    size = pl.when(pl.col("identity").is_in(at_most)).then(gap).otherwise(gap.abs())
    return (
        result.with_columns(gap=gap.round(9), tolerance=allowed)
        .with_columns(holds=size.round(9) <= pl.col("tolerance"))
        .sort(
            pl.col("identity").replace_strict(order, return_dtype=pl.Int64),
            *("province", "year", "row", "carrier"),
        )
        .select(*RESULT)
    )


def _columns() -> list[pl.Expr]:
    kept = [name for name in RESULT if name not in ("gap", "tolerance", "holds")]
    return [pl.col(name).cast(RESULT[name]) for name in kept]


def _apply(
    cells: pl.DataFrame, identity: Identity, carriers: Mapping[str, Carrier], known: set[int]
) -> pl.DataFrame:
    if identity.relation == "subtotals":
        return _subtotals(cells, identity, carriers)
    checked = cells if identity.total in known else cells.clear()
    joined = checked.join(_sides(identity), on="row")
    value = pl.when(pl.col("inputs")).then(pl.col("value").clip(upper_bound=0))
    return (
        joined.with_columns(value=value.otherwise(pl.col("value")))
        .group_by(*KEY, maintain_order=True)
        .agg(*_totals())
        .with_columns(identity=pl.lit(identity.id), row=pl.lit(identity.total, dtype=pl.Int64))
    )


def _sides(identity: Identity) -> pl.DataFrame:
    rows = [(row, weight, False, False) for row, weight in identity.terms.items()]
    rows += [(row, weight, False, True) for row, weight in identity.inputs.items()]
    rows.append((identity.total or 0, 1.0, True, False))
    schema = {"row": pl.Int64, "weight": pl.Float64, "total": pl.Boolean, "inputs": pl.Boolean}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _totals() -> list[pl.Expr]:
    total = pl.col("total")
    return [
        pl.col("value").filter(total).sum().alias("found"),
        (pl.col("value") * pl.col("weight")).filter(~total).sum().round(9).alias("expected"),
        pl.col("unit").first(),
        pl.col("place").sort_by(~total, maintain_order=True).first(),
    ]


def _subtotals(
    cells: pl.DataFrame, identity: Identity, carriers: Mapping[str, Carrier]
) -> pl.DataFrame:
    members = [(c.code, c.subtotal_of) for c in _values(carriers) if c.subtotal_of]
    pairs = [(part, code, False) for code, parts in members for part in parts]
    pairs += [(code, code, True) for code, _ in members]
    schema = {"carrier": pl.String, "subtotal": pl.String, "total": pl.Boolean}
    joined = cells.join(pl.DataFrame(pairs, schema=schema, orient="row"), on="carrier")
    table = ["province", "year", "subtotal"]
    whole = joined.group_by(table).agg(pl.col("total").any() & ~pl.col("total").all())
    alike = joined.group_by(table).agg((pl.col("unit").n_unique() == 1).alias("alike"))
    usable = whole.filter("total").join(
        alike.filter("alike"), on=table, how="semi", nulls_equal=True
    )
    return (
        joined.join(usable, on=table, how="semi", nulls_equal=True)
        .with_columns(weight=pl.lit(1.0))
        .group_by("province", "year", "row", "subtotal", maintain_order=True)
        .agg(*_totals())
        .rename({"subtotal": "carrier"})
        .with_columns(identity=pl.lit(identity.id))
    )


def _values(carriers: Mapping[str, Carrier]) -> Iterable[Carrier]:
    return (carriers[code] for code in carriers)


def summarise(result: pl.DataFrame, layout: Layout) -> list[dict[str, Any]]:
    """Count, per identity in the order of the pack, the cells checked and the cells that fail."""
    counts = result.group_by("identity").agg(
        pl.len().alias("checked"), (~pl.col("holds")).sum().alias("failing")
    )
    by_id = {row["identity"]: row for row in counts.iter_rows(named=True)}
    return [
        {
            "identity": identity.id,
            "name_zh": identity.name_zh,
            "name_en": identity.name_en,
            "severity": identity.severity,
            "checked": by_id.get(identity.id, {}).get("checked", 0),
            "failing": by_id.get(identity.id, {}).get("failing", 0),
        }
        for identity in layout.identities
    ]


def identity_findings(
    result: pl.DataFrame,
    layout: Layout,
    carriers: Mapping[str, Carrier],
    *,
    severity: Severity | None = None,
) -> list[Finding]:
    """Give a finding for every cell that does not hold; `severity` overrides that of the pack."""
    identities = {identity.id: identity for identity in layout.identities}
    failing = result.filter(~pl.col("holds"))
    return [
        _finding(row, identities[row["identity"]], layout, carriers[row["carrier"]], severity)
        for row in failing.iter_rows(named=True)
    ]


def _finding(
    row: Mapping[str, Any],
    identity: Identity,
    layout: Layout,
    carrier: Carrier,
    severity: Severity | None,
) -> Finding:
    item = layout.items[row["row"]]
    year = f" {row['year']}" if row["year"] is not None else ""
    return finding(
        f"accounting.identity_{identity.relation}",
        Place.parse(row["place"]),
        found=row["found"],
        expected=row["expected"],
        severity=severity or identity.severity,
        identity=identity.id,
        identity_zh=identity.name_zh,
        identity_en=identity.name_en,
        province=f"{row['province']}{year}",
        row=row["row"],
        item_zh=item.name_zh,
        item_en=item.name_en,
        carrier_zh=carrier.name_zh,
        carrier_en=carrier.name_en,
        gap=f"{row['gap']:+.10g}",
        unit=row["unit"],
    )
