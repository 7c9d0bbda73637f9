"""The plan that this site shows, its pack, areas, indicators and parameters; read once."""

from __future__ import annotations

import re
from functools import cache

from django.conf import settings
from django.utils.translation import get_language

from dualcarbon.areas import Areas, load_areas
from dualcarbon.carriers import Carrier, load_carriers
from dualcarbon.figures import Indicator, load_indicators
from dualcarbon.industries import Industry, load_industries
from dualcarbon.packs import Pack, load_pack
from dualcarbon.parameters import Parameters, load_parameters
from dualcarbon.units import compatible, factor
from dualcarbon.vocabulary import Vocabulary


def lang() -> str:
    """The language of the page as the library names it: zh or en."""
    return "zh" if (get_language() or "zh").startswith("zh") else "en"


@cache
def pack() -> Pack:
    """The pack of the plan."""
    return load_pack(settings.PLAN.rpartition("-")[0])


@cache
def areas() -> Areas:
    """Areas and cuts of the pack."""
    return load_areas(pack())


@cache
def indicators() -> dict[str, Indicator]:
    """Indicators of the pack by id."""
    return load_indicators(pack())


@cache
def industries() -> Vocabulary[Industry]:
    """Industries by code."""
    return load_industries(pack())


@cache
def carriers() -> Vocabulary[Carrier]:
    """Carriers by code."""
    return load_carriers(pack())


@cache
def parameters() -> Parameters:
    """All parameters of the pack chain."""
    return load_parameters(pack())


def city_code() -> str:
    """The code of the city: of the nearest pack of the chain that names one."""
    named = (part.area for part in pack().chain if part.area and part.kind == "city")
    return next(named, pack().id)


def is_of_city(code: str) -> bool:
    """Tell whether an area is a part of the city, or a cut of it."""
    area = areas().vocabulary.get(code)
    return code in areas().cuts or (area is not None and area.parent == city_code())


def area_name(code: str) -> str:
    """The name of an area in the language of the page; its code when it is not known."""
    area = areas().vocabulary.get(code)
    return area.name(lang()) if area else code


UNIT_WORDS = {
    "%": ("%", "%"),
    "percentage points": ("百分点", "percentage points"),
    "count": ("个（项）", "count"),
    "10^4 tce": ("万吨标准煤", "10^4 tce"),
    "10^8 kWh": ("亿千瓦时", "10^8 kWh"),
    "10^4 kW": ("万千瓦", "10^4 kW"),
    "10^4 m2": ("万平方米", "10^4 m2"),
    "10^4 mu": ("万亩", "10^4 mu"),
    "10^4 t": ("万吨", "10^4 t"),
    "10^4 tCO2": ("万吨CO2", "10^4 tCO2"),
    "10^4 tCO2e": ("万吨CO2e", "10^4 tCO2e"),
    "ha": ("公顷", "ha"),
    "kW": ("千瓦", "kW"),
    "tce": ("吨标准煤", "tce"),
}


def unit_word(unit: str | None) -> str:
    """A unit in the words of the page; an absent unit is a dash."""
    if not unit:
        return "—"
    words = UNIT_WORDS.get(unit)
    if lang() == "zh" and words:
        return words[0]
    return typeset(words[1] if words else unit)


GASES = re.compile(r"CO2|CH4|N2O|SF6|NF3|CF4|C2F6")
LOWERED = str.maketrans("23456", "₂₃₄₅₆")
RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def typeset(unit: str) -> str:
    """A unit as it is printed: powers raised, the numbers of a gas lowered."""
    raised = re.sub(r"\^(\d+)", lambda power: power[1].translate(RAISED), unit)
    raised = GASES.sub(lambda gas: gas[0].translate(LOWERED), raised)
    return re.sub(r"(?<=[a-zA-Z])([23])\b", lambda power: power[1].translate(RAISED), raised)


def display(indicator: str | None, unit: str | None) -> tuple[str | None, float]:
    """The display unit of an indicator and the factor that leads to it from a unit."""
    known = indicators().get(indicator or "")
    if not known or not known.display_unit or not unit or not compatible(unit, known.display_unit):
        return unit, 1.0
    return known.display_unit, factor(unit, known.display_unit)


def clear() -> None:
    """Forget what was read; tests that change the plan call it."""
    for function in (pack, areas, indicators, industries, carriers, parameters):
        function.cache_clear()
