"""The core of every account: activity times parameter, in whole grams, on any engine.

Three steps, used by the balance account and by the figures of the control room:

1. `resolve(keys, parameters, recipe)` - once per distinct key (carrier, unit, period, ...): the
   parameters that hold and the one coefficient they make, unit conversion folded in;
2. `account(activity, resolved, on=...)` - an equi-join, one product, one rounding to whole grams;
   a native frame of Polars, DuckDB or PySpark goes in and the same kind comes out;
3. `rollup(frame, by)` - integers are added, so no order, partition or engine changes a digit.

Rounding: the IEEE double `quantity * coefficient`, rounded half away from zero by
`floor(|x| + 0.5)`, which the three engines compute alike. Absent is never zero: a null quantity or
a key without coefficient gives a null amount, and `rollup` counts them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from functools import cache
from typing import Any

import narwhals as nw
import polars as pl
from attrs import field, frozen
from narwhals.typing import IntoFrameT

from dualcarbon.carriers import Carrier
from dualcarbon.errors import PackError, ParameterNotFound, UnitMismatch
from dualcarbon.findings import Finding, Place, finding
from dualcarbon.packs import Pack
from dualcarbon.parameters import Parameter, Parameters, worst_status
from dualcarbon.periods import Period
from dualcarbon.units import canonical, dimension, ratio

GRAMS = 1_000_000
Select = Callable[[str, Mapping[str, str], "str | None"], Parameter]


def _ways(value: Any) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(way) for way in value)


@frozen
class Recipe:
    """How a quantity is computed: the amount's unit and the products of parameters that give it.

    `ways` are tried in order; the first whose parameters all exist and whose units fit is taken.
    An entry is `name` (of the account's set), `name@` (of the default set) or `name@set`; `/name`
    divides. `set_of` names the parameter whose default set is the account's when none is named.
    `as_is`: a quantity that is in `unit` already (other energy in tce) counts without parameter.
    `kept`: shares whose product is held back; the amount is multiplied by one less that product.
    """

    id: str
    unit: str
    ways: tuple[tuple[str, ...], ...] = field(converter=_ways)
    set_of: str = ""
    kept: tuple[str, ...] = field(default=(), converter=tuple)
    as_is: bool = False
    name_zh: str = ""
    name_en: str = ""


@frozen(eq=False)
class Coefficient:
    """Grams per unit of quantity, and the parameters whose product it is, each with its power.

    A part with power 0 is a share that is held back (see `Recipe.kept`).
    """

    grams: float
    parts: tuple[Parameter, ...]
    powers: tuple[int, ...]

    @property
    def status(self) -> str:
        """Give the worst status of the parts."""
        return worst_status(part.status for part in self.parts)


Rank = Callable[[Coefficient], tuple[int, ...]]


def load_recipes(pack: Pack) -> dict[str, Recipe]:
    """Load the recipes of a pack and its parents by id; PackError for an unknown field."""
    recipes = {}
    for entry in pack.load_list("balance/recipes.yaml", "id"):
        fields = {key: value for key, value in entry.items() if not key.startswith("_")}
        try:
            recipes[entry["id"]] = Recipe(**fields)
        except TypeError as error:
            place = Place(entry["_file"])
            raise PackError(finding("accounting.recipe", place, found=str(error))) from error
    return recipes


def compose(unit: str, values: Iterable[tuple[float, str, int]], target: str) -> float:
    """Give millionths of `target` (grams, where it is a tonne) per `unit`.

    `values`: number, unit and power of each part: 1 multiplies, -1 divides, the product of those
    with 0 is held back. The result is exact and rounded once.
    Errors: UnitMismatch when the units do not lead from `unit` to `target`.
    """
    parts = tuple((str(value), of, power) for value, of, power in values)
    return float(_exact(unit, parts, target) * GRAMS)


@cache
def _exact(unit: str, values: tuple[tuple[str, str, int], ...], target: str) -> Fraction:
    product, held = Fraction(1), Fraction(1)
    for value, of, power in values:
        product *= Fraction(value) ** power
        held *= 1 if power else Fraction(value) * ratio(of, "1")
    if any(power == 0 for _, _, power in values):
        product *= 1 - held
    powers = [(of, power) for _, of, power in values if power]
    return product * ratio(_unit_of([(unit, 1), *powers]), target)


def own_grams(unit: str, of: str) -> float:
    """Give grams per `unit` of something that needs no parameter: a gas as released, energy in tce.

    `of` is its own unit, such as tCH4; plain mass of a gas is mass of that gas.
    Errors: UnitMismatch when `unit` measures something else.
    """
    return compose(unit, [], "t" if dimension(unit) == dimension("t") else of)


def _unit_of(units: Iterable[tuple[str, int]]) -> str:
    """Give one unit text for a product: first what stands above the line, then below."""
    sides: dict[bool, list[str]] = {True: [], False: []}
    for text, power in units:
        for mark, term in re.findall(r"([*/]?)([^*/]+)", canonical(text)):
            sides[(mark == "/") == (power < 0)].append(term)
    return "*".join(sides[True] or ["1"]) + "".join(f"/{term}" for term in sides[False])


def coefficient(
    recipe: Recipe,
    unit: str,
    keys: Mapping[str, str],
    select: Select,
    set_name: str | None = None,
    carriers: Mapping[str, Carrier] | None = None,
    rank: Rank | None = None,
) -> Coefficient | list[Finding]:
    """Give the coefficient of a key, or the findings that say why there is none.

    The first way that leads to the recipe's unit is taken; with `rank`, the first of the highest
    rank. With `carriers`, a carrier without value of its own takes that of its `parent`, as the
    pack says. Errors: ParameterAmbiguous when two values match equally well.
    """
    if recipe.as_is and dimension(unit) == dimension(recipe.unit):
        return Coefficient(own_grams(unit, recipe.unit), (), ())
    refused: list[Finding] = []
    for code in _line(keys.get("carrier"), carriers or {}):
        own = {**keys, "carrier": code} if code else keys
        made = _best_way(recipe, unit, own, select, set_name, rank)
        if isinstance(made, Coefficient):
            return made
        refused += made
    return refused


def _line(code: str | None, carriers: Mapping[str, Carrier]) -> Iterable[str | None]:
    yield code
    while code is not None and code in carriers and (code := carriers[code].parent):
        yield code


def _best_way(
    recipe: Recipe,
    unit: str,
    keys: Mapping[str, str],
    select: Select,
    set_name: str | None,
    rank: Rank | None,
) -> Coefficient | list[Finding]:
    made: list[Coefficient] = []
    refused: list[Finding] = []
    for way in recipe.ways:
        powers = (*(-1 if name.startswith("/") else 1 for name in way), *(0 for _ in recipe.kept))
        names = (*way, *(f"{name}@" for name in recipe.kept))
        try:
            parts = tuple(_part(name.lstrip("/"), keys, select, set_name) for name in names)
            values = [(p.value, p.unit, n) for p, n in zip(parts, powers, strict=True)]
            made.append(Coefficient(compose(unit, values, recipe.unit), parts, powers))
        except (ParameterNotFound, UnitMismatch) as error:
            refused += error.findings
        if made and rank is None:
            break
    return max(made, key=rank or (lambda _: ())) if made else refused


def _part(entry: str, keys: Mapping[str, str], select: Select, set_name: str | None) -> Parameter:
    name, own, fixed = entry.partition("@")
    return select(name, keys, fixed or (None if own else set_name))


def selector(parameters: Parameters, period: Period) -> Select:
    """Give the look-up of one period: of the named set, or of the default set for None."""

    def select(name: str, keys: Mapping[str, str], set_name: str | None) -> Parameter:
        return parameters.select_period(name, keys, period, set=set_name)

    return select


RESOLVED: dict[str, type[pl.DataType] | pl.DataType] = {
    "grams": pl.Float64,
    "parameters": pl.List(pl.String),
    "status": pl.String,
    "reason_zh": pl.String,
    "reason_en": pl.String,
}


def resolve(
    keys: pl.DataFrame,
    parameters: Parameters,
    recipe: Recipe,
    *,
    set_name: str | None = None,
    unit: str = "unit",
    period: str = "period",
    carriers: Mapping[str, Carrier] | None = None,
    used: list[Parameter] | None = None,
) -> pl.DataFrame:
    """Resolve the parameters of every distinct key once.

    Shape: one row per distinct row of `keys`, which has the columns `unit`, `period` and any
    parameter keys (`carrier`, `area`, ...); added are `grams` (of the amount per unit of quantity),
    `parameters` (their ids), `status`, and for a key without value the reason in both languages.
    Absent: a key without parameter keeps a null `grams`; it is never zero. `used` collects the
    parameters themselves. Errors: ParameterAmbiguous; InputError for a period that is none.
    """
    distinct = keys.unique(maintain_order=True)
    names = [name for name in distinct.columns if name not in (unit, period)]
    set_name = set_name or parameters.default_set(recipe.set_of)
    found = []
    for row in distinct.iter_rows(named=True):
        select = selector(parameters, Period.parse(row[period]))
        wanted = {name: row[name] for name in names if row[name] is not None}
        found.append(
            _resolved(coefficient(recipe, row[unit], wanted, select, set_name, carriers), used)
        )
    return pl.concat([distinct, pl.DataFrame(found, schema=RESOLVED)], how="horizontal")


def _resolved(result: Coefficient | list[Finding], used: list[Parameter] | None) -> dict[str, Any]:
    if isinstance(result, Coefficient):
        if used is not None:
            used.extend(result.parts)
        ids = [part.id for part in result.parts]
        return {"grams": result.grams, "parameters": ids, "status": result.status}
    return {
        "parameters": [],
        "reason_zh": "；".join(item.message_zh for item in result),
        "reason_en": "; ".join(item.message_en for item in result),
    }


def account(
    activity: IntoFrameT,
    resolved: IntoFrameT,
    *,
    on: Sequence[str],
    quantity: str = "quantity",
    amount: str = "amount",
) -> IntoFrameT:
    """Add the amount of every activity row, in whole grams.

    Shape: the rows and columns of `activity` and one more, `amount` (int64). `resolved` is of the
    same kind of frame and has unique keys `on` and `grams`. Absent: a null quantity or coefficient
    leaves the amount null. Source: docs/convention.md (amounts are integers).
    """
    left: Any = nw.from_native(activity)
    columns = [*left.collect_schema().names()]
    right: Any = nw.from_native(resolved)
    joined = left.join(right.select(*on, "grams"), on=list(on), how="left")
    made = joined.with_columns(whole_grams(quantity, "grams").alias(amount))
    native: IntoFrameT = made.select(*columns, amount).to_native()
    return native


def accounts(
    facts: IntoFrameT,
    resolved: IntoFrameT,
    measures: Sequence[str],
    *,
    on: Sequence[str],
    keep: Sequence[str],
    quantity: str = "quantity",
) -> IntoFrameT:
    """Give the amounts of many measures for every fact whose key is resolved.

    Shape: one row per fact with a key in `resolved`: the columns `keep` and, per measure, whole
    grams (int64). `resolved` has unique keys `on` and a column of grams per unit of quantity for
    each measure, of the same name. Absent: a null coefficient leaves the amount null.
    """
    left: Any = nw.from_native(facts)
    right: Any = nw.from_native(resolved)
    joined = left.join(right.select(*on, *measures), on=list(on), how="inner")
    amounts = (whole_grams(quantity, name).alias(name) for name in measures)
    native: IntoFrameT = joined.select(*keep, *amounts).to_native()
    return native


def whole_grams(quantity: str, per_unit: str) -> Any:
    """Give the expression of one product rounded half away from zero."""
    product = nw.col(quantity).cast(nw.Float64()) * nw.col(per_unit)
    size = (product.abs() + 0.5).floor()
    return nw.when(product < 0).then(-size).otherwise(size).cast(nw.Int64())


def rollup(frame: IntoFrameT, by: Sequence[str], *, amount: str = "amount") -> IntoFrameT:
    """Add amounts by group.

    Shape: one row per group: `by`, the sum in grams (null when every amount is), `rows`, and
    `unmatched`, how many rows have none. A sum beside `unmatched` above zero is partial.
    """
    data: Any = nw.from_native(frame)
    absent = nw.col(amount).is_null().cast(nw.Int64())
    marked = data.with_columns(absent.alias("unmatched"), (absent * 0 + 1).alias("rows"))
    names = (amount, "rows", "unmatched")
    sums = marked.group_by(*by).agg(*(nw.col(name).sum() for name in names))
    whole = sums.with_columns(*(nw.col(name).cast(nw.Int64()) for name in names))
    some = nw.when(nw.col("unmatched") < nw.col("rows")).then(nw.col(amount))
    native: IntoFrameT = whole.with_columns(some.alias(amount)).to_native()
    return native


def round_grams(value: float) -> int:
    """Round one product as the engines do: half away from zero."""
    from math import floor

    size = floor(abs(value) + 0.5)
    return -size if value < 0 else size
