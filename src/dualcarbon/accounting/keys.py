"""From keys to coefficients: every distinct key is resolved once, for every measure of a method.

The parameters that hold are looked up per span of months in which none of them can change, so that
forty-eight months of one fuel cost as many look-ups as the parameters have values.
"""

from __future__ import annotations

import datetime as dt
import json
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import polars as pl
from attrs import define, evolve, field, frozen

from dualcarbon.accounting.activity import KEY
from dualcarbon.accounting.engine import Coefficient, Recipe, coefficient, own_grams
from dualcarbon.accounting.methods import CO2E, Line, Measure, Method
from dualcarbon.accounting.overrides import Overrides, levels_used
from dualcarbon.accounting.substances import GAS, Gas
from dualcarbon.errors import ParameterChanges, ParameterNotFound, UnitMismatch
from dualcarbon.findings import Finding
from dualcarbon.parameters import Parameter, Parameters, worst_status
from dualcarbon.periods import Period
from dualcarbon.subjects import Words
from dualcarbon.vocabulary import Vocabulary

COEFFICIENTS: dict[str, pl.DataType | type[pl.DataType]] = {
    "key": pl.Int64,
    "who": pl.String,
    "measure": pl.String,
    "grams": pl.Float64,
    "sign": pl.Int8,
    "parts": pl.String,
    "status": pl.String,
    "reason_zh": pl.String,
    "reason_en": pl.String,
}
USED: dict[str, pl.DataType | type[pl.DataType]] = {
    "sector_used": pl.String,
    "sector_from": pl.String,
    "status": pl.String,
}
POLLUTANT = "pollutant"


@frozen
class Equivalent:
    """Grams CO2e per unit of quantity: coefficients of gases, each times the GWP of its gas."""

    grams: float
    terms: tuple[tuple[str, Parameter], ...]
    status: str


Made = Coefficient | Equivalent | list[Finding]


@frozen
class Resolved:
    """Keys with the sector taken, their coefficients by measure, and the measures met."""

    keys: pl.DataFrame
    coefficients: pl.DataFrame
    measures: tuple[Measure, ...]
    used: tuple[Parameter, ...]

    def wide(self) -> pl.DataFrame:
        """Give one row per key with the grams per unit of each measure; null where none is."""
        base = self.coefficients.select("key", "who").unique(maintain_order=True)
        names = [measure.id for measure in self.measures]
        if not self.coefficients.height:
            return base.with_columns(pl.lit(None, pl.Float64).alias(name) for name in names)
        wide = self.coefficients.pivot("measure", index=["key", "who"], values="grams")
        missing = [
            pl.lit(None, pl.Float64).alias(name) for name in names if name not in wide.columns
        ]
        return wide.with_columns(missing).select("key", "who", *names)


@define
class Resolver:
    """Resolves keys with the parameters of a pack, the overrides of a user and a method."""

    words: Words
    substances: Vocabulary[Any]
    gases: Vocabulary[Gas]
    parameters: Parameters
    recipes: Mapping[str, Recipe]
    method: Method
    overrides: Overrides
    gwp: str
    sets: Mapping[str, str] = field(factory=dict)
    used: dict[str, Parameter] = field(factory=dict)
    _cache: dict[Any, Made] = field(factory=dict)
    _breaks: list[dt.date] = field(factory=list)

    def resolve(self, keys: pl.DataFrame) -> Resolved:
        """Resolve distinct keys.

        Shape of `keys`: `key`, `who` (the enterprise where overrides name it, else empty) and the
        columns KEY. Absent: a measure that does not speak of a key has no row; one that does and
        finds no parameter has a row with null grams and the reason. Errors: ParameterAmbiguous.
        """
        self._breaks = self._boundaries()
        measures = self.method.measures(self.recipes)
        rows, sectors = [], []
        for key in keys.iter_rows(named=True):
            sector, origin = self._sector(key)
            made = list(self._key(key, sector, measures))
            rows += [_row(key, measure, result) for measure, result in made]
            sectors.append(_about(sector, origin, [result for _, result in made]))
        used = pl.DataFrame(sectors, schema=USED, orient="row")
        coefficients = pl.DataFrame(rows, schema=COEFFICIENTS, orient="row")
        met = tuple(m for name, m in measures.items() if name in set(coefficients["measure"]))
        return Resolved(
            pl.concat([keys, used], how="horizontal"), coefficients, met, tuple(self.used.values())
        )

    def _boundaries(self) -> list[dt.date]:
        layers = (*self.overrides.layers, self.parameters)
        days = {value.valid_from for layer in layers for value in layer}
        ends = {value.valid_to for layer in layers for value in layer if value.valid_to}
        return sorted(days | {end + dt.timedelta(days=1) for end in ends if end.year < 9999})

    def _sector(self, key: Mapping[str, str]) -> tuple[str, str]:
        """Give the sector of a key and where it is from: given, flow, industry or assumed."""
        if key["sector"]:
            return key["sector"], "given"
        if found := self.method.sector_flows.get(key["flow"]):
            return found, "flow"
        code = key["industry"]
        while code:
            if found := self.method.sector_industries.get(code):
                return found, "industry"
            entry = self.words.industries.get(code)
            code = (entry.parent if entry else None) or ""
        return self.method.sector_assumed or "", "assumed"

    def _key(
        self, key: Mapping[str, str], sector: str, measures: dict[str, Measure]
    ) -> Iterator[tuple[str, Made]]:
        """Give the coefficients of a key: those of its lines, then CO2e of each scope."""
        substance = self.substances[key["carrier"]]
        if substance.group == GAS:
            made = dict(self._given(key, substance, measures))
        else:
            made = dict(self._lines(key, substance, sector))
            made.update(self._pollutants(key, substance, sector, measures))
        yield from made.items()
        for scope, name in CO2E.items():
            parts = {n: m for n, m in made.items() if measures[n].scope == scope}
            if parts:
                measures.setdefault(name, Measure(name, "CO2e", "tCO2e", scope))
                yield name, self._co2e(key, parts, measures)

    def _lines(
        self, key: Mapping[str, str], substance: Any, sector: str
    ) -> Iterator[tuple[str, Made]]:
        taken: set[str] = set()
        for line in self.method.lines:
            sign = None if line.measure in taken else line.sign(substance, key["flow"])
            if sign is not None:
                taken.add(line.measure)
                made = self._line(line, key, sector)
                yield line.measure, made if sign > 0 else _negated(made)

    def _line(self, line: Line, key: Mapping[str, str], sector: str, **more: str) -> Made:
        recipe = self.recipes[line.recipe]
        period = Period.parse(key["period"])
        spans = frozenset(bisect_right(self._breaks, dt.date(*month, 1)) for month in period.months)
        depends = (*(key[name] for name in ("carrier", "unit", "equipment", "area", "who")), sector)
        cached = (line.recipe, depends, tuple(more.items()), spans)
        if cached not in self._cache:
            self._cache[cached] = self._find(recipe, key, sector, period, more)
        return self._cache[cached]

    def _find(
        self,
        recipe: Recipe,
        key: Mapping[str, str],
        sector: str,
        period: Period,
        more: Mapping[str, str],
    ) -> Made:
        wanted = {
            "carrier": key["carrier"],
            "material": key["carrier"],
            "sector": sector,
            "equipment": key["equipment"],
            "enterprise": key["who"],
            "basis": str(self.words.pack.setting("choices", "grid_basis") or "average"),
            **more,
        }
        wanted = {name: value for name, value in wanted.items() if value}
        chosen = self.sets.get(recipe.set_of) or self.parameters.default_set(recipe.set_of)
        select = self._select(list(self._areas(key["area"] or self.words.city)), period)
        carriers: Any = self.words.carriers
        rank = levels_used if self.overrides.layers else None
        recipe = self._of_named_sets(recipe)
        try:
            made = coefficient(recipe, key["unit"], wanted, select, chosen, carriers, rank)
        except ParameterChanges as error:
            return list(error.findings)
        if isinstance(made, Coefficient):
            self.used.update((part.id, part) for part in made.parts)
        return made

    def _of_named_sets(self, recipe: Recipe) -> Recipe:
        """Keep the ways with the most parameters of which a set was named: the choice counts."""
        named = [sum(_name(part) in self.sets for part in way) for way in recipe.ways]
        most = max(named, default=0)
        ways = [way for way, count in zip(recipe.ways, named, strict=True) if count == most]
        return evolve(recipe, ways=ways) if most else recipe

    def _areas(self, code: str) -> Iterator[str]:
        """Give an area and those above it, up to the province: a factor of it may stand in."""
        areas = self.words.areas.vocabulary
        current: str | None = code
        while current is not None:
            yield current
            current = areas[current].parent if current in areas else None
            if current is not None and areas[current].level == "country":
                return

    def _select(self, areas: Sequence[str], period: Period) -> Callable[..., Parameter]:
        """Give the look-up of a period: overrides by level, then the pack; in each the areas.

        Errors: ParameterChanges when an override has two values in the period.
        """

        def select(name: str, keys: Mapping[str, str], set_name: str | None) -> Parameter:
            for layer in self.overrides.layers:
                if name in layer.by_name:
                    with suppress(ParameterNotFound):
                        return _nearest(layer, name, keys, areas, period, None)
            chosen = self.sets.get(name) or set_name
            try:
                return _nearest(self.parameters, name, keys, areas, period, chosen)
            except ParameterChanges as error:
                raise ParameterNotFound(*error.findings) from error

        return select

    def _given(
        self, key: Mapping[str, str], gas: Gas, measures: dict[str, Measure]
    ) -> Iterator[tuple[str, Made]]:
        if key["flow"] != "emission":
            return
        scope = None if gas.pollutant else 1
        measures.setdefault(
            gas.measure, Measure(gas.measure, gas.gas, gas.unit, scope, gas.origin or "given")
        )
        try:
            yield gas.measure, Coefficient(own_grams(key["unit"], gas.unit), (), ())
        except UnitMismatch as error:
            yield gas.measure, list(error.findings)

    def _pollutants(
        self,
        key: Mapping[str, str],
        substance: Any,
        sector: str,
        measures: dict[str, Measure],
    ) -> Iterator[tuple[str, Made]]:
        """Give production x coefficient x (1 - efficiency x rate) of each pollutant with one."""
        flow = getattr(substance, "flow", "use")
        if key["flow"] != flow or POLLUTANT not in self.recipes:
            return
        for gas in self._pollutant_gases(key["carrier"]):
            entry = self.gases.resolve(gas)
            name = entry.measure if entry else gas.lower()
            measures.setdefault(name, Measure(name, entry.gas if entry else gas, "t"))
            line = Line(name, gas, POLLUTANT)
            yield name, self._line(line, key, sector, gas=gas)

    def _pollutant_gases(self, carrier: str) -> list[str]:
        layers = (*self.overrides.layers, self.parameters)
        values = [v for layer in layers for v in layer.by_name.get("pollutant_coefficient", ())]
        own = [v for v in values if v.keys.get("carrier", carrier) == carrier and "gas" in v.keys]
        return list(dict.fromkeys(value.keys["gas"] for value in own))

    def _co2e(
        self, key: Mapping[str, str], parts: Mapping[str, Made], measures: Mapping[str, Measure]
    ) -> Made:
        """Add gas coefficient x GWP; what is missing in one gas is missing in the sum."""
        terms: list[tuple[str, Parameter]] = []
        grams, missing, statuses = 0.0, list[Finding](), list[str]()
        for name, made in parts.items():
            if isinstance(made, list):
                missing += made
                continue
            try:
                gwp = self._gwp(measures[name], Period.parse(key["period"]))
            except ParameterNotFound as error:
                missing += error.findings
                continue
            grams += made.grams * gwp.value
            terms.append((name, gwp))
            statuses += [made.status, gwp.status]
        return missing or Equivalent(grams, tuple(terms), worst_status(statuses))

    def _gwp(self, measure: Measure, period: Period) -> Parameter:
        keys = {"gas": measure.gas}
        if measure.origin == "fossil":
            keys["origin"] = "fossil"
        found = self.parameters.select_period("gwp100", keys, period, set=self.gwp)
        self.used[found.id] = found
        return found


def _name(part: str) -> str:
    """Give the parameter of a way's entry; a divisor chooses no way."""
    return "" if part.startswith("/") else part.partition("@")[0]


def _nearest(
    parameters: Parameters,
    name: str,
    keys: Mapping[str, str],
    areas: Sequence[str],
    period: Period,
    chosen: str | None,
) -> Parameter:
    """Give the value of the nearest area, else one that names no area; errors: select_period."""
    general: list[Parameter] = []
    missing: list[ParameterNotFound] = []
    for area in areas:
        try:
            wanted = {**keys, "area": area}
            found = parameters.select_period(name, wanted, period, set=chosen)
        except ParameterNotFound as error:
            missing.append(error)
            continue
        if "area" in found.keys:
            return found
        general.append(found)
    if not general:
        raise missing[0]
    return general[0]


def _negated(made: Made) -> Made:
    if not isinstance(made, Coefficient):
        return made
    return Coefficient(-made.grams, made.parts, made.powers)


def _about(sector: str, origin: str, made: Sequence[Made]) -> tuple[str, str, str]:
    statuses = [one.status for one in made if not isinstance(one, list)]
    needed = any(
        "sector" in part.keys for one in made if isinstance(one, Coefficient) for part in one.parts
    )
    return sector if needed else "", origin if needed else "", worst_status(statuses)


def _row(key: Mapping[str, Any], measure: str, made: Made) -> tuple[Any, ...]:
    head = (key["key"], key["who"], measure)
    if isinstance(made, list):
        zh = "；".join(dict.fromkeys(item.message_zh for item in made))
        en = "; ".join(dict.fromkeys(item.message_en for item in made))
        return *head, None, None, "[]", None, zh, en
    sign = -1 if made.grams < 0 else 1
    return *head, made.grams, sign, json.dumps(_parts(made)), made.status, None, None


def _parts(made: Coefficient | Equivalent) -> list[dict[str, Any]]:
    if isinstance(made, Equivalent):
        return [{"measure": name, "parameter": gwp.id} for name, gwp in made.terms]
    pairs = zip(made.parts, made.powers, strict=True)
    return [{"parameter": part.id, "power": power} for part, power in pairs]


def key_text(row: Mapping[str, Any]) -> str:
    """Give a key as a person reads it."""
    return ", ".join(f"{name}={row[name]}" for name in KEY if row[name])
