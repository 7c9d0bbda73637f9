"""Split the CO2 of combined heat and power between the two, by a named option.

Power and heat are whole grams and add up to the total exactly. Formulas, sources and a worked
comparison: docs/methods/chp.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from attrs import frozen

from dualcarbon.accounting.engine import compose, round_grams
from dualcarbon.accounting.stated import Stated
from dualcarbon.errors import ParameterNotFound, UsageError
from dualcarbon.findings import finding
from dualcarbon.parameters import Parameters
from dualcarbon.units import convert

PARAMETER = "chp_reference"
UNITS = {
    "efficiency_power": "1",
    "efficiency_heat": "1",
    "supply_temperature": "1",
    "ambient_temperature": "1",
    "heat_factor": "tCO2/GJ",
    "power_factor": "kgCO2/kWh",
}
NEEDS: Mapping[str, tuple[str, ...]] = {
    "energy": (),
    "efficiency": ("efficiency_power", "efficiency_heat"),
    "exergy": ("supply_temperature", "ambient_temperature"),
    "residual": ("heat_factor",),
    "power_bonus": ("power_factor",),
}
NAMES = {
    "table": ("原表（第 12、13 行）", "as the table divides it (rows 12 and 13)"),
    "energy": ("按能量（热值）分摊", "by energy content"),
    "efficiency": ("按分产效率分摊", "by alternative production (efficiency)"),
    "exergy": ("按㶲（卡诺系数）分摊", "by exergy (Carnot factor)"),
    "residual": ("热按替代锅炉，余归电", "heat at an alternative boiler, the rest to power"),
    "power_bonus": ("电按替代因子，余归热", "power at a stated factor, the rest to heat"),
}
ZERO_C = Fraction("273.15")
Values = Mapping[str, Stated]


@frozen
class Split:
    """One division: grams of power and of heat (their sum is the total), and what it used."""

    option: str
    power_g: int
    heat_g: int
    values: Mapping[str, Mapping[str, Any]]
    status: str

    def to_json(self) -> dict[str, Any]:
        """Give the split with amounts in tonnes and the stated values."""
        zh, en = NAMES[self.option]
        return {
            "option": self.option,
            "name_zh": zh,
            "name_en": en,
            "power_co2_t": self.power_g / 1e6,
            "heat_co2_t": self.heat_g / 1e6,
            "values": {name: dict(value) for name, value in self.values.items()},
            "data_status": self.status,
        }


def values_of(option: str, given: Values, parameters: Parameters | None) -> dict[str, Stated]:
    """Give the values that an option needs: the stated ones, else the pack's.

    Errors: UsageError naming what is missing, or a value outside its range.
    """
    found = {}
    for name in NEEDS[option]:
        value = given.get(name) or _from_pack(name, parameters)
        if value is None:
            raise UsageError(finding("accounting.chp_value", found=option, expected=name))
        found[name] = value
    _check(option, found)
    return found


def _from_pack(name: str, parameters: Parameters | None) -> Stated | None:
    if parameters is None or PARAMETER not in parameters.by_name:
        return None
    try:
        value = parameters.select(PARAMETER, {"quantity": name}, (2100, 1))
    except ParameterNotFound:
        return None
    title = ", ".join(str(value.source[key]) for key in ("title", "clause") if key in value.source)
    return Stated(value.value, value.unit, title if value.status == "sourced" else None)


def _check(option: str, values: Values) -> None:
    numbers = {
        name: convert(value.value, value.unit, UNITS[name]) for name, value in values.items()
    }
    sound = all(0 < n <= 1.2 for name, n in numbers.items() if name.startswith("efficiency"))
    sound = sound and all(n >= 0 for name, n in numbers.items() if name.endswith("factor"))
    if option == "exergy":
        sound = -273.15 < numbers["ambient_temperature"] < numbers["supply_temperature"] < 2000
    if not sound:
        shown = ", ".join(f"{name}={value:g}" for name, value in numbers.items())
        raise UsageError(finding("accounting.chp_range", found=shown, option=option))


def split(total_g: int, power_kwh: float, heat_gj: float, option: str, values: Values) -> Split:
    """Divide the CO2 of a plant (or of all plants) by one option.

    `total_g`: whole grams; `power_kwh`, `heat_gj`: what was produced. Without any product all
    stays with power. Residual and power bonus may give a negative share: the sign is kept.
    """
    heat = _WAYS[option](total_g, Fraction(str(power_kwh)), Fraction(str(heat_gj)), values)
    used = {
        name: {"value": v.value, "unit": v.unit, "source": v.source, "status": v.status}
        for name, v in values.items()
    }
    status = "sourced" if all(v.source for v in values.values()) else "unsourced"
    return Split(option, total_g - heat, heat, used, status)


def _weighted(total: int, power: Fraction, heat: Fraction) -> int:
    return round_half(total * heat / (power + heat)) if power + heat else 0


def _energy(total: int, kwh: Fraction, gj: Fraction, values: Values) -> int:
    return _weighted(total, _joules(kwh), gj)


def _efficiency(total: int, kwh: Fraction, gj: Fraction, values: Values) -> int:
    power = _exact(values["efficiency_power"], "1")
    heat = _exact(values["efficiency_heat"], "1")
    return _weighted(total, _joules(kwh) / power, gj / heat)


def carnot(values: Values) -> Fraction:
    """Give 1 - T0/Ts of stated temperatures in degrees Celsius."""
    low = _exact(values["ambient_temperature"], "1") + ZERO_C
    return 1 - low / (_exact(values["supply_temperature"], "1") + ZERO_C)


def _exergy(total: int, kwh: Fraction, gj: Fraction, values: Values) -> int:
    return _weighted(total, _joules(kwh), gj * carnot(values))


def _residual(total: int, kwh: Fraction, gj: Fraction, values: Values) -> int:
    factor = values["heat_factor"]
    return round_grams(float(gj) * compose("GJ", [(factor.value, factor.unit, 1)], "tCO2"))


def _bonus(total: int, kwh: Fraction, gj: Fraction, values: Values) -> int:
    factor = values["power_factor"]
    grams = round_grams(float(kwh) * compose("kWh", [(factor.value, factor.unit, 1)], "tCO2"))
    return total - grams


_WAYS: Mapping[str, Callable[[int, Fraction, Fraction, Values], int]] = {
    "energy": _energy,
    "efficiency": _efficiency,
    "exergy": _exergy,
    "residual": _residual,
    "power_bonus": _bonus,
}


def _joules(kwh: Fraction) -> Fraction:
    return kwh * Fraction(36, 10_000)


def _exact(value: Stated, unit: str) -> Fraction:
    return Fraction(str(convert(value.value, value.unit, unit)))


def round_half(value: Fraction) -> int:
    """Round an exact number half away from zero."""
    size = (abs(value) + Fraction(1, 2)).__floor__()
    return -size if value < 0 else size
