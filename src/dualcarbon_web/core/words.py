"""Closed lists of the library in the words of the page."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

VINTAGES = ("estimate", "preliminary", "final", "confirmed")


def vintage(key: str | None) -> str | None:
    """How final a figure is; None stays None, the page prints it as not reported."""
    known = {
        "estimate": pgettext("vintage", "estimate"),
        "preliminary": pgettext("vintage", "prelim."),
        "final": pgettext("vintage", "final"),
        "confirmed": pgettext("vintage", "confirmed"),
    }
    return known.get(key or "", key)


def origin(key: str) -> str:
    """Whether a figure was issued or is ours."""
    return {"declared": _("declared"), "computed": _("computed")}.get(key, key)


def status(key: str | None) -> str:
    """Whether a figure or parameter has a source."""
    known = {"sourced": _("sourced"), "unsourced": _("unsourced"), "synthetic": _("synthetic")}
    return known.get(key or "", key or "")


def vintage_or_status(key: str | None) -> str | None:
    """How final an input is, or whether it has a source."""
    return vintage(key) if key in VINTAGES else status(key)


def tier(key: str) -> str:
    """The lists of key units; several stand one after the other."""
    known = {
        "hundred": _("Hundred"),
        "thousand": _("Thousand"),
        "ten_thousand": _("Ten thousand"),
    }
    return " · ".join(known.get(part, part) for part in key.split(", ") if part)


def sector(key: str) -> str:
    """The field of work of an enterprise."""
    known = {
        "industry": _("Industry"),
        "transport": _("Transport"),
        "construction": _("Construction"),
        "commerce": _("Commerce"),
        "public": _("Public bodies"),
        "data": _("Data centres"),
    }
    return known.get(key, key)


def grade(key: str | None) -> str:
    """What a data grade means."""
    known = {
        "A": _("final"),
        "B": _("preliminary"),
        "C": _("estimate"),
        "D": _("in part"),
        "X": _("synthetic"),
    }
    return known.get(key or "", "")


def gas(name: str) -> str:
    """A gas or kind of energy; the valuation of energy is named."""
    known = {
        "tce_equal": _("Energy, equal value"),
        "tce_calorific": _("Energy, calorific value"),
        "CO2": "CO₂",
        "CO2_biogenic": _("CO₂ of biomass (beside the totals)"),
        "CO2e": "CO₂e",
        "CH4": "CH₄",
        "N2O": "N₂O",
    }
    return known.get(name, name)


def scope(number: int | None) -> str:
    """A scope of emissions; None is all of them together."""
    known = {
        1: _("Scope 1 (direct)"),
        2: _("Scope 2 (power and heat bought)"),
        3: _("Scope 3 (other indirect)"),
    }
    return known.get(number or 0, _("All scopes"))


def group(name: str) -> str:
    """A group of carriers."""
    known = {
        "coal": _("Coal"),
        "coking": _("Coke and coking gases"),
        "oil": _("Oil"),
        "gas": _("Natural gas"),
        "biomass": _("Biomass"),
        "waste": _("Waste"),
        "heat": _("Heat"),
        "electricity": _("Electricity"),
        "other": _("Other energy"),
        "conversion_loss": _("Conversion losses"),
        "conversion_loss_in": _("Gain of conversion"),
        "difference": _("Statistical difference"),
        "difference_in": _("Statistical difference"),
        "transformation": _("Transformation"),
    }
    return known.get(name, name)
