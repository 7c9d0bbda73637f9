"""The keys of a parameter in the words of the page; a word that is not known stays as it is."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from dualcarbon_web.core import plans


def key_names() -> dict[str, str]:
    """What the keys are called."""
    return {
        "area": _("area"),
        "basis": _("basis"),
        "carrier": _("carrier"),
        "equipment": _("equipment"),
        "gas": _("gas"),
        "material": _("material"),
        "origin": pgettext("carbon", "origin"),
        "plant": _("plant"),
        "sector": _("sector"),
        "use": pgettext("flow", "use"),
    }


def entries() -> dict[str, str]:
    """What the entries of closed lists are called."""
    return {
        "average": _("average"),
        "ets_entities": _("entities of the carbon market"),
        "excl_market_traded_nonfossil": _("without market-traded non-fossil power"),
        "fossil_only": _("fossil power only"),
        "green_power": _("green power"),
        "gas_boiler": _("gas boiler"),
        "gas_chp": _("gas-fired co-generation"),
        "industrial_boiler": _("industrial boiler"),
        "kiln": _("kiln"),
        "power_boiler": _("power station boiler"),
        "crude_steel": _("crude steel"),
        "dolomite": _("dolomite"),
        "electrode": _("electrode"),
        "limestone": _("limestone"),
        "methanol": _("methanol"),
        "pig_iron": _("pig iron"),
        "commercial": _("commercial"),
        "energy_industries": _("energy industries"),
        "manufacturing": _("manufacturing"),
        "residential": _("residential and agriculture"),
        "final": _("final consumption"),
        "thermal_power": _("thermal power"),
        "fossil": _("fossil"),
    }


def words_of(keys: Mapping[str, str]) -> str:
    """Keys as a reader says them; `all` where a value holds for every key."""
    names = key_names()
    colon, stop = ("：", "；") if plans.lang() == "zh" else (": ", "; ")
    parts = [f"{names.get(key, key)}{colon}{entry(key, value)}" for key, value in keys.items()]
    return stop.join(parts) or _("all")


def entry(key: str, value: str) -> str:
    """One key's value: the name of a carrier or area, or an entry of a closed list."""
    if key == "carrier" and value in plans.carriers():
        return plans.carriers()[value].name(plans.lang())
    if key == "area":
        return plans.area_name(value)
    return entries().get(value, value)
