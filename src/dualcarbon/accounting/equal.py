"""The equal value of electricity: the standard coal that a kilowatt-hour stands for in its year."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import polars as pl
from attrs import evolve, frozen

from dualcarbon.accounting import engine
from dualcarbon.accounting.factors import COEFFICIENTS, part_of
from dualcarbon.errors import UsageError
from dualcarbon.findings import Place, finding
from dualcarbon.units import dimension

if TYPE_CHECKING:
    from dualcarbon.accounting.account import Tools

UNIT = "kgce/kWh"
LOWEST, HIGHEST = 0.1229, 1.0
KWH = "kWh"


@frozen(eq=False)
class EqualValue:
    """The equal value in kgce/kWh, how it was found, and what it was computed from.

    `method`: given | parameter | derived | none. Absent: `value` is None where it cannot be found,
    and then the standard coal of electricity at equal value is null.
    """

    value: float | None
    method: str
    carrier: str
    parts: tuple[Mapping[str, Any], ...] = ()
    status: str = "sourced"

    def to_json(self) -> dict[str, Any]:
        """Give value, unit, method and inputs."""
        return {
            "value": self.value,
            "unit": UNIT,
            "method": self.method,
            "status": self.status if self.value is not None else None,
            "inputs": [dict(part) for part in self.parts],
        }

    def over(self, table: pl.DataFrame) -> pl.DataFrame:
        """Give calorific coefficients with those of electricity at equal value instead."""
        rest = table.filter(pl.col("carrier") != self.carrier)
        if self.value is None:
            return rest
        mine = table.filter(pl.col("carrier") == self.carrier).filter(
            pl.col("unit").map_elements(_electric, return_dtype=pl.Boolean)
        )
        entries = [self._entry(row, unit) for row, unit in mine.select("row", "unit").iter_rows()]
        return pl.concat([rest, pl.DataFrame(entries, schema=COEFFICIENTS)])

    def _entry(self, row: int, unit: str) -> dict[str, Any]:
        assert self.value is not None
        return {
            "row": row,
            "carrier": self.carrier,
            "unit": unit,
            "grams": engine.compose(unit, [(self.value, UNIT, 1)], "tce"),
            "parts": json.dumps([self._part()], ensure_ascii=False, sort_keys=True),
            "status": self.status,
        }

    def _part(self) -> dict[str, Any]:
        if self.method == "parameter":
            return dict(self.parts[0])
        return {
            "name": "equal_value",
            "value": self.value,
            "power": 1,
            "unit": UNIT,
            "source": self.method,
            "status": self.status,
        }


def _electric(unit: str) -> bool:
    return dimension(unit) == dimension(KWH)


def equal_value(
    facts: pl.DataFrame,
    tce: pl.DataFrame,
    tools: Tools,
    select: engine.Select,
    keys: Mapping[str, str],
    given: float | None,
) -> EqualValue:
    """Find the equal value: the one given, else the pack's series, else this table's coal rate.

    Derived: standard coal of all that goes into thermal power (other outputs deducted), over the
    electricity that comes out of it, both of the same table. Errors: UsageError for a given value
    outside 0.1229 to 1 kgce/kWh.
    """
    scope = tools.layout.scope["equal_value"]
    code = scope["electricity"]
    if given is not None:
        if not LOWEST <= given <= HIGHEST:
            raise UsageError(finding("accounting.equal_value", Place(), found=given))
        return EqualValue(given, "given", code, status="unsourced")
    recipe = tools.recipes["tce_equal_electricity"]
    set_name = tools.parameters.default_set(recipe.set_of)
    found = engine.coefficient(recipe, KWH, keys, select, set_name)
    if isinstance(found, engine.Coefficient):
        tools.used.extend(found.parts)
        parts = tuple(part_of(part) for part in found.parts)
        return EqualValue(found.grams / 1000, "parameter", code, parts, found.status)
    return _derived(facts.filter(pl.col("row") == scope["row"]), tce, code)


def _derived(facts: pl.DataFrame, tce: pl.DataFrame, code: str) -> EqualValue:
    power = facts.filter((pl.col("carrier") == code) & (pl.col("quantity") < 0))
    fuel = facts.filter((pl.col("carrier") != code) & pl.col("energy"))
    counted = engine.account(fuel, tce, on=("row", "carrier", "unit"), amount="grams_in")
    absent = EqualValue(None, "none", code)
    if power.height != 1 or not fuel.height or counted["grams_in"].null_count():
        return absent
    row = power.row(0, named=True)
    if not _electric(row["unit"]):
        return absent
    kwh = -row["quantity"] * engine.compose(row["unit"], [], KWH) / engine.GRAMS
    value = counted["grams_in"].sum() / 1000 / kwh
    if not LOWEST <= value <= HIGHEST:
        return absent
    parts = (
        {"name": "fuel", "value": counted["grams_in"].sum() / engine.GRAMS, "unit": "tce"},
        {"name": "electricity", "value": kwh, "unit": KWH, "place": row["places"][0]},
    )
    used = tce.join(fuel.select("row", "carrier", "unit"), on=["row", "carrier", "unit"])
    return evolve(absent, value=value, method="derived", parts=parts, status=_worst(used))


def _worst(table: pl.DataFrame) -> str:
    from dualcarbon.parameters import worst_status

    return worst_status(table["status"])
