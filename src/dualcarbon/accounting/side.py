"""Sides: what one level of the city reports, as rows that another level can be held against.

A side is a frame of SIDE: the city's balance, its districts, its enterprises or their meters, all
priced by the same engine. Method: docs/methods/reconciliation.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
from attrs import define, field

from dualcarbon.accounting import engine
from dualcarbon.accounting.balance import Balance
from dualcarbon.accounting.counted import counted_facts
from dualcarbon.accounting.layout import Layout, load_layout
from dualcarbon.accounting.run_tables import ROOM
from dualcarbon.areas import Areas, load_areas
from dualcarbon.carriers import Carrier, load_carriers
from dualcarbon.editions import Edition, Input
from dualcarbon.errors import EditionError, InputError, UsageError
from dualcarbon.findings import Finding, Place, finding
from dualcarbon.packs import Pack
from dualcarbon.parameters import Parameter, Parameters, load_parameters
from dualcarbon.periods import Period
from dualcarbon.tables import Column, Table, read_table
from dualcarbon.vocabulary import Vocabulary

COUNTED: Mapping[str, tuple[str, ...]] = {
    "co2": ("use", "conversion_in", "conversion_out", "emission"),
    "tce": ("use", "conversion_in", "conversion_out", "non_energy", "losses", "transformation"),
}
MEASURES = tuple(COUNTED)
FLOWS = tuple(dict.fromkeys(flow for flows in COUNTED.values() for flow in flows))
LARGEST = 1e16
VALUATIONS = ("calorific", "equal")
KEYS = ("carrier", "unit", "period")
SIDE = Table(
    "side",
    (
        Column("side", required=False, nullable=True),
        Column("subject_kind", required=False, nullable=True, aliases=("对象类别",)),
        Column("subject", aliases=("对象", "enterprise")),
        Column("item", required=False, nullable=True, aliases=("计量点", "表计", "meter")),
        Column("carrier", vocabulary="carriers", aliases=("能源品种", "品种")),
        Column("flow", required=False, nullable=True, aliases=("流向",)),
        Column("sector", required=False, nullable=True, aliases=("领域",)),
        Column("period", "period", aliases=("期间", "时期")),
        Column("quantity", "number", nullable=True, aliases=("数量",)),
        Column("unit", "unit", aliases=("单位", "计量单位")),
        Column("co2_g", "integer", required=False, nullable=True),
        Column("tce_g", "integer", required=False, nullable=True),
        Column("place", required=False, nullable=True),
    ),
)


@define
class Tools:
    """What sides are read and priced with: a pack's words, layout and parameters."""

    pack: Pack
    carriers: Vocabulary[Carrier]
    layout: Layout
    areas: Areas
    parameters: Parameters
    recipes: Mapping[str, engine.Recipe]
    valuation: str = "calorific"
    used: list[Parameter] = field(factory=list)

    @classmethod
    def of(cls, pack: Pack, valuation: str = "calorific") -> Tools:
        """Load them from a pack; UsageError for a valuation that is neither of the two."""
        if valuation not in VALUATIONS:
            shown = ", ".join(VALUATIONS)
            raise UsageError(finding("accounting.valuation", found=valuation, expected=shown))
        return cls(
            pack,
            load_carriers(pack),
            load_layout(pack),
            load_areas(pack),
            load_parameters(pack),
            engine.load_recipes(pack),
            valuation,
        )

    @property
    def city(self) -> str:
        """Give the area whose parameters hold: that of the nearest pack that has one."""
        return next((part.area for part in self.pack.chain if part.area), self.pack.id)


def make_side(rows: Iterable[Mapping[str, Any]] | pl.DataFrame, name: str) -> pl.DataFrame:
    """Give a frame of SIDE; a column that is not given is null, `flow` is `use`."""
    schema = SIDE.schema()
    frame = rows if isinstance(rows, pl.DataFrame) else pl.DataFrame(list(rows), schema=schema)
    given = [
        (pl.col(key) if key in frame.columns else pl.lit(None)).cast(kind).alias(key)
        for key, kind in schema.items()
    ]
    return frame.select(given).with_columns(
        side=pl.lit(name), flow=pl.col("flow").fill_null(pl.lit("use"))
    )


def signed(frame: pl.DataFrame) -> pl.DataFrame:
    """Turn what a conversion gives out negative: it is reported as a positive quantity."""
    out = pl.col("flow") == "conversion_out"
    return frame.with_columns(
        quantity=pl.when(out).then(-pl.col("quantity")).otherwise(pl.col("quantity"))
    )


def with_amounts(frame: pl.DataFrame, tools: Tools) -> pl.DataFrame:
    """Add `co2_g` and `tce_g`: whole grams of every row by the parameters of its month.

    Absent: no parameter for carrier and unit leaves the amount null; an amount that a measure does
    not count (losses have no CO2) is null too and never asked for. `tools.used` collects the
    parameters. Errors: ParameterAmbiguous when a value changes within a row's period.
    """
    grams = {"co2_g": "co2", "tce_g": "tce"}
    for column, measure in grams.items():
        table = _coefficients(frame, measure, tools)
        _refuse_absurd(frame, table)
        frame = engine.account(frame.drop(column), table, on=KEYS, amount=column)
    return frame.select(*SIDE.schema())


def _refuse_absurd(frame: pl.DataFrame, table: pl.DataFrame) -> None:
    """Refuse an amount of ten thousand megatonnes in one row, as an account does."""
    size = (pl.col("quantity") * pl.col("grams")).abs()
    absurd = frame.join(table, on=KEYS).filter(~(size < LARGEST))
    if absurd.height:
        row = absurd.row(0, named=True)
        place = Place.parse(row["place"] or "")
        raise InputError(
            finding("accounting.too_large", place, found=row["quantity"], unit=row["unit"])
        )


def _coefficients(frame: pl.DataFrame, measure: str, tools: Tools) -> pl.DataFrame:
    counted = frame.filter(pl.col("flow").is_in(COUNTED[measure]))
    keys = counted.select(*KEYS).unique(maintain_order=True)
    keys = keys.with_columns(area=pl.lit(tools.city), basis=pl.lit("average"))
    names = {code: _recipe(tools.carriers.get(code), measure, tools) for code in keys["carrier"]}
    tables = [
        engine.resolve(
            part, tools.parameters, tools.recipes[name], carriers=tools.carriers, used=tools.used
        ).select(*KEYS, "grams")
        for name in sorted(set(names.values()))
        for part in [keys.filter(pl.col("carrier").replace_strict(names) == name)]
    ]
    empty = pl.DataFrame(schema={**dict.fromkeys(KEYS, pl.String), "grams": pl.Float64})
    return pl.concat([empty, *tables])


def _recipe(carrier: Carrier | None, measure: str, tools: Tools) -> str:
    group = carrier.group if carrier else ""
    if measure == "co2":
        return {"electricity": "co2_electricity", "heat": "co2_heat"}.get(group, "co2")
    equal = group == "electricity" and tools.valuation == "equal"
    return "tce_equal_electricity" if equal else "tce_calorific"


def balance_side(
    balance: Balance, tools: Tools, name: str, period: Period
) -> tuple[pl.DataFrame, list[Finding]]:
    """Give one province's balance as a side: the facts that its account counts.

    `sector` is the number of the item. Final consumption is `use`, less what is used as material
    (`non_energy`); fuel for power and heat is `conversion_in`; other transformation is net, inputs
    positive; `losses` as printed. Fuel taken abroad is left out.
    """
    facts, findings = counted_facts(balance.cells, tools.layout, tools.carriers)
    rows = [row for fact in facts.iter_rows(named=True) for row in _fact_rows(fact)]
    year = next((y for y in balance.cells["year"] if y is not None), None)
    shared = {
        "subject_kind": "city",
        "subject": balance.cells["province"][0],
        "period": str(year) if year is not None else str(period.year),
    }
    frame = make_side([{**shared, **row} for row in rows], name)
    return with_amounts(frame, tools), [*balance.findings, *findings]


def _fact_rows(fact: Mapping[str, Any]) -> list[dict[str, Any]]:
    row = {
        "carrier": fact["carrier"],
        "sector": str(fact["row"]),
        "quantity": fact["quantity"],
        "unit": fact["unit"],
        "place": fact["places"][0],
    }
    if fact["block"] == "non_energy":
        other = {**row, "flow": "non_energy", "quantity": -fact["quantity"]}
        return [{**row, "flow": "use"}, other]
    if fact["block"] == "transformation":
        return [{**row, "flow": "conversion_in" if fact["co2"] else "transformation"}]
    flow = {"final": "use", "losses": "losses"}.get(fact["block"])
    return [{**row, "flow": flow}] if flow else []


def file_side(path: Path, tools: Tools, name: str) -> tuple[pl.DataFrame, list[Finding], Input]:
    """Read a side from a file with the columns of SIDE; meters give `subject` and `item`.

    Only `subject, carrier, period, quantity, unit` are needed. A file without `co2_g` and `tce_g`
    is priced with the pack's parameters; where it has such a column, an empty cell stays null.
    `conversion_out` is given positive, as in activity.csv. Errors: InputError of `read_table`.
    """
    reading = read_table(path, SIDE, vocabularies={"carriers": tools.carriers})
    places = [str(reading.place(row, "quantity")) for row in reading.frame["source_row"]]
    subjects = [_subject(text, tools.areas) for text in reading.frame["subject"]]
    frame = make_side(
        reading.frame.with_columns(
            pl.Series("place", places, pl.String), pl.Series("subject", subjects, pl.String)
        ),
        name,
    )
    frame, unknown = _known_flows(frame)
    frame = signed(frame)
    if not {"co2_g", "tce_g"} & set(reading.letters):
        frame = with_amounts(frame, tools)
    findings = [item for item in reading.findings if item.rule != "tables.column_unknown"]
    source = Input(reading.file, reading.sha256, reading.rows_read)
    return frame, [*findings, *unknown], source


def _subject(text: str, areas: Areas) -> str:
    area = areas.resolve(text)
    return area.code if area else text.strip()


def _known_flows(frame: pl.DataFrame) -> tuple[pl.DataFrame, list[Finding]]:
    """Leave out flows that no measure counts, and say so once per flow."""
    other = frame.filter(~pl.col("flow").is_in(FLOWS))
    findings = [
        finding(
            "accounting.side_flow",
            Place.parse(part["place"][0] or ""),
            found=flow[0],
            expected=", ".join(FLOWS),
            count=part.height,
        )
        for flow, part in other.group_by("flow", maintain_order=True)
    ]
    return frame.filter(pl.col("flow").is_in(FLOWS)), findings


def edition_side(edition: Edition, tools: Tools, name: str, kind: str | None) -> pl.DataFrame:
    """Give a side from the edition of an account run: its `cube` for grams, `rows` for quantities.

    `kind` keeps one kind of subject, and must be named where the run has several: a city and its
    districts are the same energy twice. CO2 is fossil and process CO2 and that of bought energy; it
    is null where some row has no parameter. Errors: EditionError when the edition is of another
    room, UsageError when `kind` is needed.
    """
    if edition.room != ROOM:
        place = Place(edition.id)
        raise EditionError(finding("accounting.side_edition", place, found=edition.room))
    cube = edition.scan("cube")
    kinds = cube.select(pl.col("subject_kind").unique().sort()).collect().to_series().to_list()
    if kind is None and len(kinds) > 1:
        kinds_ = ", ".join(f"{edition.id}:{one}" for one in kinds)
        raise UsageError(finding("accounting.side_kinds", Place(edition.id), found=kinds_))
    on = ["subject_kind", "subject", "key"]
    wanted = pl.col("subject_kind").is_in([kind] if kind else kinds)
    quantities = edition.scan("rows").group_by(on).agg(pl.col("quantity").sum())
    keys = edition.table("keys")
    who = pl.when(pl.col("subject").is_in(keys["who"].unique().to_list())).then("subject")
    frame = (
        cube.filter(wanted)
        .with_columns(who=who.otherwise(pl.lit("")))
        .join(quantities, on=on, how="left")
        .join(keys.drop("subject_kind").lazy(), on=["key", "who"], how="left")
        .collect()
    )
    tce = "tce_equal" if tools.valuation == "equal" else "tce_calorific"
    for column, measures in (("co2_g", ("co2", "co2_process", "co2_scope2")), ("tce_g", (tce,))):
        frame = _with_grams(frame, edition, measures, column)
    frame = frame.with_columns(
        # a sum of floats in no fixed order: what is beyond twelve digits is noise
        pl.col("quantity").round_sig_figs(12),
        place=pl.lit(f"{edition.id}:cube:") + pl.col("key").cast(pl.String),
    )
    return signed(make_side(frame.sort("subject", "key"), name))


def _with_grams(
    frame: pl.DataFrame, edition: Edition, measures: Sequence[str], name: str
) -> pl.DataFrame:
    """Add the grams of several measures; null where one has no parameter, or none speaks."""
    present = [measure for measure in measures if measure in frame.columns]
    if not present:
        return frame.with_columns(pl.lit(None, pl.Int64).alias(name))
    missing = pl.col("measure").is_in(present) & pl.col("grams").is_null()
    lost = edition.table("coefficients").filter(missing).select("key", "who").unique()
    marked = frame.join(lost.with_columns(lost=True), on=["key", "who"], how="left")
    some = pl.any_horizontal(pl.col(one).is_not_null() for one in present)
    whole = pl.when(some & pl.col("lost").is_null()).then(pl.sum_horizontal(present))
    return marked.with_columns(whole.cast(pl.Int64).alias(name)).drop("lost")
