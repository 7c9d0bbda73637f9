"""Non-fossil share of primary energy in both valuations, and renewable consumption weights.

Standard coal in whole grams, power in whole watt-hours; each share is a ratio of sums. Method and
worked numbers: docs/methods/non-fossil-share.md.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import polars as pl
from attrs import frozen

from dualcarbon.accounting.engine import compose
from dualcarbon.accounting.factors import part_of
from dualcarbon.accounting.stated import Stated, bounded, parse_stated, whole
from dualcarbon.editions import Input
from dualcarbon.errors import InputError, PackError, ParameterAmbiguous, ParameterNotFound
from dualcarbon.findings import Finding, Place, finding
from dualcarbon.packs import Pack
from dualcarbon.parameters import Parameters, worst_status
from dualcarbon.periods import Period
from dualcarbon.tables import Column, Reading, Table, read_table
from dualcarbon.units import compatible, convert

PROOFS = ("physical", "certificate", "sold")
ROLES = ("energy", "total", "consumption")
LOWEST, HIGHEST = 0.1229, 1.0
LINES = Table(
    "energy mix",
    (
        Column("period", "period", aliases=("年份", "时期")),
        Column("class", aliases=("类别", "能源类别")),
        Column("quantity", "number", aliases=("数量", "电量", "能源量")),
        Column("unit", "unit", aliases=("单位",)),
        Column("proof", "choice", required=False, nullable=True, choices=PROOFS, aliases=("方式",)),
        Column("id", required=False, nullable=True, aliases=("编号", "证书编号")),
        Column("source", required=False, nullable=True, aliases=("出处", "依据")),
    ),
)
ROWS: dict[str, type[pl.DataType] | pl.DataType] = {
    "period": pl.String,
    "class": pl.String,
    "proof": pl.String,
    "id": pl.String,
    "quantity": pl.Float64,
    "unit": pl.String,
    "calorific_g": pl.Int64,
    "equal_g": pl.Int64,
    "wh": pl.Int64,
    "energy": pl.Boolean,
    "nonfossil": pl.Boolean,
    "renewable": pl.Boolean,
    "hydro": pl.Boolean,
    "status": pl.String,
    "place": pl.String,
}
SHARES: dict[str, type[pl.DataType] | pl.DataType] = {
    "period": pl.String,
    "measure": pl.String,
    "numerator": pl.Int64,
    "denominator": pl.Int64,
    "unit": pl.String,
    "percent": pl.Float64,
    "basis": pl.String,
    "status": pl.String,
}
MEASURES = {
    "nonfossil_calorific": (
        "非化石能源占一次能源消费比重（电热当量计算法，当量值）",
        "non-fossil share of primary energy (calorific value)",
    ),
    "nonfossil_equal": (
        "非化石能源占一次能源消费比重（发电煤耗计算法，等价值）",
        "non-fossil share of primary energy (equal value, coal equivalent)",
    ),
    "weight_total": ("可再生能源电力消纳责任权重（总量）", "renewable consumption weight, total"),
    "weight_non_hydro": (
        "可再生能源电力消纳责任权重（非水电）",
        "renewable consumption weight, non-hydro",
    ),
}
VALUATIONS = ("calorific", "equal")


@frozen
class EnergyClass:
    """What a line of the table is; see `accounting/energy_classes.yaml`."""

    id: str
    name_zh: str
    name_en: str
    role: str
    electricity: bool = False
    nonfossil: bool = False
    renewable: bool = False
    hydro: bool = False


@frozen(eq=False)
class Mix:
    """The result: `rows` (ROWS), `shares` (SHARES: one row per period and measure), findings."""

    rows: pl.DataFrame
    shares: pl.DataFrame
    values: Mapping[str, Mapping[str, Any]]
    findings: tuple[Finding, ...]
    input: Input


def load_classes(pack: Pack) -> dict[str, EnergyClass]:
    """Load the classes of a pack and its parents by id; PackError for an unknown field or role."""
    classes = {}
    for entry in pack.load_list("accounting/energy_classes.yaml", "id"):
        fields = {key: value for key, value in entry.items() if not key.startswith("_")}
        try:
            one = EnergyClass(**fields)
        except TypeError as error:
            raise _bad(entry, str(error)) from error
        if one.role not in ROLES:
            raise _bad(entry, one.role)
        classes[one.id] = one
    return classes


def _bad(entry: Mapping[str, Any], found: str) -> PackError:
    return PackError(finding("accounting.energy_class", Place(str(entry["_file"])), found=found))


def find_values(
    parameters: Parameters, period: str, area: str | None, equal: str | None
) -> dict[str, tuple[Stated, Mapping[str, Any]]]:
    """Give the standard coal of a kilowatt-hour by valuation; one that is not known is left out.

    `equal`: the stated equal value, `0.30 kgce/kWh; source`; None takes the pack's series of the
    area and year. Errors: UsageError for a value outside 0.1229 to 1 kgce/kWh.
    """
    found: dict[str, tuple[Stated, Mapping[str, Any]]] = {}
    keys = {"carrier": "electricity", **({"area": area} if area else {})}
    names = {"calorific": "standard_coal", "equal": "electricity_equal_value"}
    for valuation, name in names.items():
        try:
            value = parameters.select_period(name, keys, Period.parse(period))
        except (ParameterNotFound, ParameterAmbiguous):
            continue
        found[valuation] = (Stated(value.value, value.unit), part_of(value))
    if equal is not None:
        stated = parse_stated(equal, "kgce/kWh", "--equal-value", low=LOWEST, high=HIGHEST)
        part = {"name": "equal_value", "value": stated.value, "unit": stated.unit}
        more = {"source": stated.source, "status": stated.status}
        found["equal"] = (stated, {**part, **more})
    return found


def energy_mix(
    path: Path, pack: Pack, parameters: Parameters, area: str | None, equal: str | None
) -> Mix:
    """Read a table of the energy mix and give the shares of every period in it.

    Physical power counts in both; a certificate counts in the weights only and needs an id; what
    was sold is subtracted from the weights. Physical and certificate of one id count once. Absent:
    a share without denominator or without value of electricity is null with a finding. Errors:
    InputError when no line can be used or a class or unit does not fit.
    """
    reading = read_table(path, LINES)
    classes = load_classes(pack)
    errors = [item for item in reading.findings if item.severity == "error"]
    if not reading.frame.height:
        raise InputError(*errors or [finding("accounting.nothing", Place(reading.file))])
    findings = list(reading.findings)
    periods = reading.frame["period"].unique(maintain_order=True).to_list()
    values = {period: find_values(parameters, period, area, equal) for period in periods}
    rows, said = _rows(reading, classes, values)
    made = [
        _with_status(share, values[period]) for period in periods for share in _shares(rows, period)
    ]
    shares = pl.DataFrame(made, schema=SHARES)
    parts = {p: {name: dict(one[1]) for name, one in values[p].items()} for p in periods}
    source = Input(reading.file, reading.sha256, reading.rows_read)
    noted = _notes(rows, shares, reading.file)
    return Mix(rows, shares, parts, (*findings, *said, *noted), source)


Values = Mapping[str, Mapping[str, tuple[Stated, Mapping[str, Any]]]]


def _rows(
    reading: Reading, classes: Mapping[str, EnergyClass], values: Values
) -> tuple[pl.DataFrame, list[Finding]]:
    seen: dict[tuple[str, bool, str], Place] = {}
    rows, findings = [], list[Finding]()
    for line in reading.frame.iter_rows(named=True):
        place = reading.place(line["source_row"], "quantity")
        one = classes.get(line["class"].strip())
        if one is None:
            shown = ", ".join(classes)
            where = reading.place(line["source_row"], "class")
            raise InputError(
                finding("accounting.unknown_class", where, found=line["class"], expected=shown)
            )
        if wrong := _refused(line, one, place, seen):
            findings.append(wrong)
            continue
        rows.append(_row(line, one, place, values[line["period"]]))
    return pl.DataFrame(rows, schema=ROWS), findings


def _refused(
    line: Mapping[str, Any],
    one: EnergyClass,
    place: Place,
    seen: dict[tuple[str, bool, str], Place],
) -> Finding | None:
    unit = "kWh" if one.electricity else "tce"
    if not compatible(line["unit"], unit):
        facts: dict[str, Any] = {"found": line["unit"], "expected": unit}
        raise InputError(finding("accounting.class_unit", place, name=one.id, **facts))
    proof = line["proof"] or "physical"
    if proof != "physical" and not one.renewable:
        return finding("accounting.not_renewable", place, found=one.id)
    if line["quantity"] < 0 and (proof != "physical" or not one.electricity):
        return finding("accounting.negative", place, found=line["quantity"])
    if proof != "physical" and not line["id"]:
        return finding("accounting.certificate_id", place, found=line["quantity"])
    if not line["id"]:
        return None
    name = unicodedata.normalize("NFKC", line["id"]).strip().casefold()
    first = seen.setdefault((line["period"], proof == "sold", name), place)
    if first is place:
        return None
    return finding("accounting.green_twice", place, found=line["id"], places=str(first))


def _row(
    line: Mapping[str, Any],
    one: EnergyClass,
    place: Place,
    values: Mapping[str, tuple[Stated, Mapping[str, Any]]],
) -> dict[str, Any]:
    proof = line["proof"] or "physical"
    quantity, unit = bounded(line["quantity"], line["unit"], place), line["unit"]
    kwh = convert(quantity, unit, "kWh") if one.electricity else None
    coal = {name: standard_coal(line, one, values, name) for name in VALUATIONS}
    return {
        "period": line["period"],
        "class": one.id,
        "proof": proof,
        "id": line["id"],
        "quantity": line["quantity"],
        "unit": line["unit"],
        **{
            f"{name}_g": None if grams is None else whole(grams, unit, place)
            for name, grams in coal.items()
        },
        "wh": None if kwh is None else whole(kwh * 1000, unit, place),
        "energy": one.role == "energy" and proof == "physical",
        "nonfossil": one.nonfossil,
        "renewable": one.renewable,
        "hydro": one.hydro,
        "status": "sourced" if line["source"] else "unsourced",
        "place": str(place),
    }


def standard_coal(
    line: Mapping[str, Any],
    one: EnergyClass,
    values: Mapping[str, tuple[Stated, Mapping[str, Any]]],
    valuation: str,
) -> float | None:
    """Give grams of standard coal of a line, not rounded; None where electricity has no value."""
    if not one.electricity:
        return float(line["quantity"] * compose(line["unit"], [], "tce"))
    if valuation not in values:
        return None
    value = values[valuation][0]
    per_unit = compose(line["unit"], [(value.value, value.unit, 1)], "tce")
    return float(line["quantity"] * per_unit)


def _with_status(
    share: Mapping[str, Any], values: Mapping[str, tuple[Stated, Mapping[str, Any]]]
) -> dict[str, Any]:
    """The status of a non-fossil share is also that of the value of electricity it used."""
    used = values.get(share["measure"].partition("_")[2])
    statuses = [share["status"], *([str(used[1]["status"])] if used else [])]
    return {**share, "status": worst_status(statuses)}


def _shares(rows: pl.DataFrame, period: str) -> Iterable[dict[str, Any]]:
    mine = rows.filter(pl.col("period") == period)
    for valuation in VALUATIONS:
        yield nonfossil(mine, period, valuation)
    for name in ("weight_total", "weight_non_hydro"):
        yield weight(mine, period, name)


def nonfossil(rows: pl.DataFrame, period: str, valuation: str) -> dict[str, Any]:
    """Give the non-fossil share of one period in one valuation.

    The denominator is the declared total of that valuation, else the sum of all energy lines.
    """
    column = f"{valuation}_g"
    inside = rows.filter(pl.col("energy"))
    declared = rows.filter(pl.col("class") == f"total_{valuation}")[column]
    above = _whole(inside.filter(pl.col("nonfossil"))[column])
    below = _whole(declared) if len(declared) else _whole(inside[column])
    basis = "declared" if len(declared) else "sum"
    return _share(period, f"nonfossil_{valuation}", above, below, "gce", basis, rows)


def weight(rows: pl.DataFrame, period: str, name: str) -> dict[str, Any]:
    """Give a renewable consumption weight: physical + certificates - sold, over consumption."""
    renewable = rows.filter(pl.col("renewable"))
    if name == "weight_non_hydro":
        renewable = renewable.filter(~pl.col("hydro"))
    sold = pl.col("proof") == "sold"
    above = int(renewable.filter(~sold)["wh"].sum()) - int(renewable.filter(sold)["wh"].sum())
    used = rows.filter(pl.col("class") == "electricity_consumption")["wh"]
    return _share(period, name, above, _whole(used) if len(used) else None, "Wh", "declared", rows)


def _whole(values: pl.Series) -> int | None:
    return None if values.null_count() or not len(values) else int(values.sum())


def _share(
    period: str,
    measure: str,
    above: int | None,
    below: int | None,
    unit: str,
    basis: str,
    rows: pl.DataFrame,
) -> dict[str, Any]:
    known = above is not None and below is not None and below > 0
    return {
        "period": period,
        "measure": measure,
        "numerator": above,
        "denominator": below,
        "unit": unit,
        "percent": 100 * above / below if known else None,  # type: ignore[operator]
        "basis": basis,
        "status": worst_status(rows["status"]),
    }


def _notes(rows: pl.DataFrame, shares: pl.DataFrame, file: str) -> Iterable[Finding]:
    for row in shares.iter_rows(named=True):
        zh, en = MEASURES[row["measure"]]
        facts: dict[str, Any] = {"found": row["measure"], "period": row["period"]}
        names: dict[str, Any] = {"name_zh": zh, "name_en": en}
        if row["percent"] is None:
            yield finding("accounting.share_absent", Place(file), **facts, **names)
        elif not 0 <= row["percent"] <= 100:
            shown = f"{row['percent']:.2f}"
            yield finding("accounting.share_range", Place(file), percent=shown, **facts, **names)
    yield from _unsourced(rows, file)


def _unsourced(rows: pl.DataFrame, file: str) -> Iterable[Finding]:
    bare = rows.filter(pl.col("status") != "sourced")["place"]
    if len(bare):
        shown = ", ".join(bare[:4]) + (" ..." if len(bare) > 4 else "")
        facts: dict[str, Any] = {"found": len(bare), "places": shown}
        yield finding("accounting.lines_unsourced", Place(file), **facts)


def share_answer(mix: Mix, edition: str | None = None) -> dict[str, Any]:
    """Give the answer: shares in percent with their sums, the values used, and every line."""
    return {
        "shares": [
            {
                **row,
                "name_zh": MEASURES[row["measure"]][0],
                "name_en": MEASURES[row["measure"]][1],
                "code": f"{edition}:shares:{index}" if edition else None,
            }
            for index, row in enumerate(mix.shares.iter_rows(named=True))
        ],
        "values": {period: dict(parts) for period, parts in mix.values.items()},
        "lines": [{name: row[name] for name in LINE} for row in mix.rows.iter_rows(named=True)],
    }


LINE = [name for name in ROWS if name not in ("energy", "nonfossil", "renewable", "hydro")]
