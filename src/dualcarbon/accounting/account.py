"""The account of one province and year: CO2 by the scope rule, standard coal in both valuations.

Amounts are whole grams from the first product on; every total is the sum of its rows. Method and
worked numbers: docs/methods/co2-from-balance.md, docs/methods/energy-balance.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
from attrs import define, evolve, field, frozen

from dualcarbon.accounting import engine
from dualcarbon.accounting.balance import Balance, area_code
from dualcarbon.accounting.counted import (
    FACTS,
    counted_facts,
    is_fuel,
    load_scope,
    supply_facts,
)
from dualcarbon.accounting.equal import EqualValue, equal_value
from dualcarbon.accounting.factors import (
    FactorFile,
    coefficients,
    factors_from_file,
    known_sets,
    read_factor_file,
)
from dualcarbon.accounting.identities import check_identities, identity_findings
from dualcarbon.accounting.layout import Layout, load_layout
from dualcarbon.areas import Areas, load_areas
from dualcarbon.carriers import Carrier, load_carriers
from dualcarbon.editions import Input
from dualcarbon.errors import InputError, UsageError
from dualcarbon.findings import Finding, Place, finding
from dualcarbon.packs import Pack
from dualcarbon.parameters import Parameter, Parameters, load_parameters, worst_status
from dualcarbon.parameters.check import check_purposes
from dualcarbon.periods import Period
from dualcarbon.vocabulary import Vocabulary

ON = ("row", "carrier", "unit")
MEASURES = ("co2", "tce_calorific", "tce_equal")
LARGEST = 1e16


@frozen
class Options:
    """What the user chose; everything has a default."""

    factors: str | None = None
    bunkers: str = "include"
    year: int | None = None
    equal_value: float | None = None
    units: Mapping[str, str] = field(factory=dict)


@define
class Tools:
    """The pack's vocabulary, layout and parameters, and which parameters an account has used."""

    pack: Pack
    carriers: Vocabulary[Carrier]
    layout: Layout
    parameters: Parameters
    recipes: Mapping[str, engine.Recipe]
    areas: Areas
    used: list[Parameter] = field(factory=list)

    @classmethod
    def of(cls, pack: Pack) -> Tools:
        """Load what an account needs from a pack and its parents."""
        return cls(
            pack,
            load_carriers(pack),
            load_layout(pack),
            load_parameters(pack),
            engine.load_recipes(pack),
            load_areas(pack),
        )


@frozen(eq=False)
class Account:
    """A finished account.

    `rows`: one row per counted cell with `co2`, `tce_calorific`, `tce_equal` in grams: null where a
    coefficient is missing, zero where the cell is outside the measure's account. `memo`: the cells
    of refuelling abroad. `supply`: those of the reference approach. `coefficients`: what multiplied
    them. Everything a reader asks for is made from these.
    """

    province: str
    year: int | None
    rows: pl.DataFrame
    memo: pl.DataFrame
    supply: pl.DataFrame
    coefficients: pl.DataFrame
    cells: pl.DataFrame
    carriers: Vocabulary[Carrier]
    layout: Layout
    options: Mapping[str, Any]
    equal: EqualValue
    findings: tuple[Finding, ...]
    status: str
    parameters: tuple[Parameter, ...]
    inputs: tuple[Input, ...]


def make_account(balance: Balance, tools: Tools, options: Options) -> Account:
    """Account for the one province and year that a balance holds.

    Errors: InputError when nothing can be counted or the factor file is wrong; UsageError for an
    option that makes no sense. Everything else is a finding beside the result.
    """
    tools = evolve(tools, used=[])
    file, set_name = _factors(options.factors, tools)
    burnt = frozenset(code for code in (file.lines if file else ()) if _may_burn(code, tools))
    facts, findings = _facts(balance, tools, burnt)
    period, year, noted = _period(balance, options, tools)
    province = balance.cells["province"][0]
    area = area_code(province, tools.areas)
    more = {"area": area} if area else {}
    find = _Finder(tools, engine.selector(tools.parameters, period), more, file, set_name)
    tce = find.tce(facts.filter(pl.col("energy")))
    equal = equal_value(facts, tce, tools, find.select, more, options.equal_value)
    co2 = find.co2(facts.filter(pl.col("co2")))
    measures = {"co2": co2, "tce_calorific": tce, "tce_equal": equal.over(tce)}
    rows = _amounts(facts, measures)
    supply = supply_facts(
        balance.cells, tools.layout, frozenset(facts.filter(pl.col("co2"))["carrier"])
    )
    said = (*findings, *_checked(balance, tools), *_unused(file, balance, burnt, tools))
    said = (*said, *check_purposes(tools.used))
    bunkers = pl.col("block") == "bunkers"
    return Account(
        province=province,
        year=year,
        rows=rows if options.bunkers == "exclude" else rows.filter(~bunkers),
        memo=rows.filter(bunkers),
        supply=_amounts(supply, {"co2": find.general(supply)}),
        coefficients=_labelled(measures),
        cells=balance.cells,
        carriers=tools.carriers,
        layout=tools.layout,
        options=_options(options, file, set_name, equal, balance, year),
        equal=equal,
        findings=(*balance.findings, *noted, *said),
        status=worst_status(pl.concat(measures.values())["status"]),
        parameters=tuple({part.id: part for part in tools.used}.values()),
        inputs=(balance.input, *((file.input,) if file else ())),
    )


def _facts(
    balance: Balance, tools: Tools, burnt: frozenset[str]
) -> tuple[pl.DataFrame, list[Finding]]:
    facts, findings = counted_facts(balance.cells, tools.layout, tools.carriers, burnt)
    if not facts.height:
        place, province = Place(balance.input.file), balance.cells["province"][0]
        raise InputError(finding("accounting.no_activity", place, province=province))
    return facts, findings


def _may_burn(code: str, tools: Tools) -> bool:
    carrier = tools.carriers[code]
    scope = load_scope(tools.layout)
    return not carrier.subtotal_of and carrier.group not in scope.not_combusted


def _unused(
    file: FactorFile | None, balance: Balance, burnt: frozenset[str], tools: Tools
) -> Iterator[Finding]:
    """Say which lines of a factor file name something of this table that is not burnt."""
    present = set(balance.cells["carrier"])
    for code, lines in (file.lines if file else {}).items():
        carrier = tools.carriers[code]
        if code in present and code not in burnt:
            subtotal = bool(carrier.subtotal_of)
            yield finding(
                "accounting.factor_unused",
                lines[0].place,
                found=code,
                carrier_zh=carrier.name_zh,
                carrier_en=carrier.name_en,
                why_zh="它是小计，各品种已分别计入" if subtotal else "它在使用处不燃烧",
                why_en="it is a subtotal" if subtotal else "it is not burnt where it is used",
            )


def _factors(named: str | None, tools: Tools) -> tuple[FactorFile | None, str | None]:
    """Read the factor file, or check that the set exists; the default is the pack's."""
    recipe = tools.recipes["co2"]
    if named is None:
        return None, tools.parameters.default_set(recipe.set_of)
    if named.lower().endswith((".csv", ".xlsx", ".tsv")) or Path(named).is_file():
        counted = load_scope(tools.layout).nameable()
        return read_factor_file(Path(named), tools.layout, tools.carriers, counted), None
    sets = known_sets(tools.parameters, ("co2_per_energy", "carbon_content", "fuel_co2"))
    if named not in sets:
        shown = ", ".join(sets)
        raise UsageError(finding("accounting.factor_set", found=named, expected=shown))
    return None, named


def _period(
    balance: Balance, options: Options, tools: Tools
) -> tuple[Period, int | None, list[Finding]]:
    years = [year for year in balance.cells["year"].unique() if year is not None]
    year = years[0] if years else options.year
    if year is not None:
        return Period.parse(str(year)), year, []
    newest = max((value.valid_from.year for value in tools.parameters), default=2000)
    note = finding("accounting.year_not_stated", Place(balance.input.file))
    return Period.parse(str(newest + 1)), None, [note]


@frozen
class _Finder:
    """Finds the coefficients of facts: the user's file, or the parameters of a period."""

    tools: Tools
    select: engine.Select
    more: Mapping[str, str]
    file: FactorFile | None
    set_name: str | None

    def co2(self, facts: pl.DataFrame) -> pl.DataFrame:
        if self.file is not None:
            follows = load_scope(self.tools.layout).follows
            return factors_from_file(facts, self.file, self.tools.carriers, follows)
        return self._recipe("co2", facts, self.set_name)

    def general(self, facts: pl.DataFrame) -> pl.DataFrame:
        if self.file is not None:
            whole = self.file.general()
            return factors_from_file(facts, whole, self.tools.carriers, {})
        return self._recipe("co2", facts, self.set_name)

    def tce(self, facts: pl.DataFrame) -> pl.DataFrame:
        recipe = self.tools.recipes["tce_calorific"]
        return self._recipe(recipe.id, facts, self.tools.parameters.default_set(recipe.set_of))

    def _recipe(self, name: str, facts: pl.DataFrame, set_name: str | None) -> pl.DataFrame:
        return coefficients(
            facts,
            self.tools.carriers,
            self.tools.recipes[name],
            self.select,
            set_name=set_name,
            more=self.more,
            used=self.tools.used,
        )


def _amounts(facts: pl.DataFrame, measures: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Add each measure's grams: zero outside its account, null where a coefficient is missing."""
    for measure, table in measures.items():
        _refuse_absurd(facts, table)
        inside = pl.col("co2" if measure == "co2" else "energy")
        counted = engine.account(facts, table, on=ON, amount=f"{measure}_g")
        facts = counted.with_columns(pl.when(inside).then(pl.col(f"{measure}_g")).otherwise(0))
    return facts.sort("row", "carrier", maintain_order=True)


def _refuse_absurd(facts: pl.DataFrame, table: pl.DataFrame) -> None:
    """Refuse an amount of ten thousand megatonnes in one cell: sums must stay within 64 bits."""
    size = (pl.col("quantity") * pl.col("grams")).abs()
    absurd = facts.join(table, on=ON).filter(~(size < LARGEST))
    if absurd.height:
        row = absurd.row(0, named=True)
        place = Place.parse(row["places"][0])
        raise InputError(
            finding("accounting.too_large", place, found=row["quantity"], unit=row["unit"])
        )


def _labelled(measures: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    frames = [table.with_columns(measure=pl.lit(name)) for name, table in measures.items()]
    return pl.concat(frames).sort("measure", *ON)


def _checked(balance: Balance, tools: Tools) -> list[Finding]:
    """Repeat as warnings the identities that fail on cells the account uses."""
    wanted = tools.layout.scope["checked"]["identities"]
    result = check_identities(balance.cells, tools.layout, tools.carriers, rows=balance.rows)
    used = result.filter(pl.col("identity").is_in(wanted))
    return identity_findings(used, tools.layout, tools.carriers, severity="warning")


def _options(
    options: Options,
    file: FactorFile | None,
    set_name: str | None,
    equal: EqualValue,
    balance: Balance,
    year: int | None,
) -> dict[str, Any]:
    return {
        "factors": file.input.file if file else set_name,
        "bunkers": options.bunkers,
        "year": year,
        "units": dict(options.units),
        "signs": balance.signs,
        "equal_value": equal.to_json(),
    }


def fuels(account: Account) -> list[str]:
    """Give the fuels of the table in the order of the vocabulary, also those nothing counts."""
    present = set(account.cells["carrier"])
    counted = set(account.rows.filter(pl.col("co2"))["carrier"])
    return [
        code
        for code, carrier in account.carriers.items()
        if code in counted or (code in present and is_fuel(carrier))
    ]


def others(account: Account) -> list[str]:
    """Give the carriers of the table that are not counted as fuel: power, heat, other energy."""
    burnt = set(fuels(account))
    present = dict.fromkeys(account.rows["carrier"])
    return [code for code in account.carriers if code in present and code not in burnt]


def sums(frame: pl.DataFrame, measure: str, by: Sequence[str]) -> pl.DataFrame:
    """Give grams of one measure by group, with how many of its facts have no coefficient."""
    inside = frame.filter(pl.col("co2" if measure == "co2" else "energy"))
    return engine.rollup(inside, by, amount=f"{measure}_g") if inside.height else _no_sums(by)


def _no_sums(by: Sequence[str]) -> pl.DataFrame:
    counts = dict.fromkeys(("unmatched", "rows"), pl.Int64)
    return pl.DataFrame(schema={**{name: FACTS[name] for name in by}, **counts})
