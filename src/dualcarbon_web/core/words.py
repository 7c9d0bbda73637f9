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
