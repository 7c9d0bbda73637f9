"""City, districts and enterprises held against each other, carrier by carrier."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from dualcarbon.periods import Period
from dualcarbon_web.accounting.models import Account, Analysis
from dualcarbon_web.core import plans
from dualcarbon_web.core.tables import Column, Row, Table, sort_rows
from dualcarbon_web.core.templatetags.figures import number

SIZE = 1e10
CAUSES = ("boundary", "activity", "factor")
MEASURES = ("tce", "co2")
VIEWS = ("located_in", "assessed_by")


def load(account: Account, values: Any) -> dict[str, Any] | None:
    """One level of the chain and measure; None where nothing was held against anything."""
    found = Analysis.objects.filter(account=account, kind="reconcile").exclude(key="failed").first()
    if found is None:
        return None
    content: dict[str, Any] = found.content
    whole = [level for level in content["levels"] if level["by"] is None]
    keys = list(dict.fromkeys(f"{one['upper']}:{one['lower']}" for one in whole))
    level = values.get("level", "")
    level = level if level in keys else keys[-1]
    measure = values.get("measure", "")
    measure = measure if measure in MEASURES else MEASURES[0]
    view = values.get("view", "")
    view = view if view in VIEWS else VIEWS[0]
    at = [one for one in content["levels"] if f"{one['upper']}:{one['lower']}" == level]
    at = [one for one in at if one["measure"] == measure]
    return {
        "period": Period.parse(content["period"]).label(plans.lang()),
        "findings": content["findings"],
        "whole": next(one for one in at if one["by"] is None),
        "parts": [one for one in at if one["by"] == view],
        "levels": [(one, _level(one), one == level) for one in keys],
        "measures": [(one, _measure(one), one == measure) for one in MEASURES],
        "views": [(one, _view(one), one == view) for one in VIEWS],
        "measure": measure,
    }


def _level(key: str) -> str:
    upper, _sep, lower = key.partition(":")
    return f"{_side(upper)} − {_side(lower)}"


def _side(name: str) -> str:
    known = {"city": _("City"), "area": _("Districts"), "enterprise": _("Enterprises")}
    return known.get(name, name)


def _measure(key: str) -> str:
    return {"tce": _("Energy, calorific value"), "co2": _("CO₂ emissions")}[key]


def _view(key: str) -> str:
    return {"located_in": _("Territory"), "assessed_by": _("Assessment")}[key]


def unit_of(content: dict[str, Any]) -> str:
    """The unit of the page."""
    return plans.unit_word({"tce": "10^4 tce", "co2": "10^4 tCO2"}[content["measure"]])


def causes() -> dict[str, str]:
    """The causes of a gap in the words of the page."""
    return {"boundary": _("Boundary"), "activity": _("Activity"), "factor": _("Factor")}


def gap() -> str:
    """What two sides differ by."""
    return pgettext("reconciliation", "Gap")


def _text(grams: int | None, decimals: int = 2) -> str:
    return number(None if grams is None else grams / SIZE, decimals, signed=True)


def story(content: dict[str, Any]) -> dict[str, Any]:
    """The sentence, and net beside absolute for the gap and each cause."""
    whole = content["whole"]
    cells = [(gap(), whole["net_g"], whole["absolute_g"])]
    cells += [
        (name, whole["causes"][cause]["net_g"], whole["causes"][cause]["absolute_g"])
        for cause, name in causes().items()
    ]
    held = [cause for cause in CAUSES if whole["causes"][cause]["absolute_g"] is not None]
    most = max(held, key=lambda cause: whole["causes"][cause]["absolute_g"], default="")
    return {
        "upper": _side(whole["upper"]),
        "lower": _side(whole["lower"]),
        "net": _text(whole["net_g"]),
        "absolute": number(None if whole["absolute_g"] is None else whole["absolute_g"] / SIZE, 2),
        "most": causes().get(most, ""),
        "unit": unit_of(content),
        "measure": _measure(content["measure"]),
        "cells": [
            {
                "name": name,
                "net": _text(net),
                "absolute": number(None if size is None else size / SIZE, 2),
            }
            for name, net, size in cells
        ],
        "boundary": _named(whole),
    }


def _named(whole: dict[str, Any]) -> list[dict[str, str]]:
    """The parts of the boundary by name, largest first, with their carrier."""
    lang = plans.lang()
    parts = [
        (part[f"name_{lang}"], line[f"carrier_{lang}"], part["g"])
        for line in whole["carriers"]
        for part in line["boundary"]
    ]
    parts.sort(key=lambda item: -abs(item[2] or 0))
    return [{"name": a, "carrier": b, "size": _text(size)} for a, b, size in parts[:12]]


def carriers_table(content: dict[str, Any], sort: str, marks: Sequence[str]) -> Table:
    """Every carrier: both sides, the gap, and its causes; never netted against each other."""
    whole, unit = content["whole"], unit_of(content)
    upper, lower = _side(whole["upper"]), _side(whole["lower"])
    quantity, amount = _("Quantity"), _measure(content["measure"])
    split = _("Gap and its causes")
    columns = [
        Column("name", _("Carrier"), kind="name"),
        Column("unit", _("Unit"), sortable=False, group=quantity),
        Column("quantity_upper", upper, "", "level", quantity, 2),
        Column("quantity_lower", lower, "", "level", quantity, 2),
        Column("upper", upper, unit, "level", amount, 2),
        Column("lower", lower, unit, "level", amount, 2),
        Column("gap", gap(), unit, "change", split, 2, strong=True),
        *(Column(cause, name, unit, "change", split, 2) for cause, name in causes().items()),
        Column("gap_g", "gap, g", hidden=True),
        *(Column(f"{cause}_g", f"{cause}, g", hidden=True) for cause in CAUSES),
    ]
    rows = [_line(line) for line in whole["carriers"]]
    return Table(
        id="carriers",
        caption=_("Carrier by carrier, %(period)s") % {"period": content["period"]},
        columns=columns,
        rows=[*_sums(whole), *sort_rows(rows, columns, sort)],
        sort=sort,
        notes=_(
            "Gap = upper − lower = boundary + activity + factor, to the gram. Boundary: what a "
            "side does not cover by declaration; activity: another quantity at the upper side’s "
            "factor; factor: the same quantity at another factor. Carriers are never netted: the "
            "absolute row adds the sizes of their gaps. Nothing is repaired."
        ),
        marks=marks,
        extra={"css": "acc"},
    )


def _scaled(grams: int | None) -> float | None:
    return None if grams is None else grams / SIZE


def _line(line: dict[str, Any]) -> Row:
    values: dict[str, Any] = {
        name: _scaled(line[f"{name}_g"]) for name in ("upper", "lower", "gap", *CAUSES)
    }
    values |= {f"{name}_g": line[f"{name}_g"] for name in ("gap", *CAUSES)}
    values["name"] = line[f"carrier_{plans.lang()}"]
    values["unit"] = plans.unit_word(line["unit"])
    values |= {name: line[name] for name in ("quantity_upper", "quantity_lower")}
    return Row(values)


def _sums(whole: dict[str, Any]) -> list[Row]:
    """Net and absolute, one under the other."""
    found = []
    for key, name in (("net_g", _("Net")), ("absolute_g", _("Absolute"))):
        values: dict[str, Any] = {cause: _scaled(whole["causes"][cause][key]) for cause in CAUSES}
        dashes = dict.fromkeys(("quantity_upper", "quantity_lower", "upper", "lower"), "—")
        values |= dashes | {"name": name, "unit": "—", "gap": _scaled(whole[key])}
        values["unsigned"] = key == "absolute_g"
        found.append(Row(values, kind="sum"))
    return found


def areas_table(content: dict[str, Any], marks: Sequence[str]) -> Table | None:
    """Every district of the level by one view, net beside absolute."""
    if not content["parts"]:
        return None
    unit = unit_of(content)
    columns = [
        Column("name", _("District"), kind="name", sortable=False),
        Column("net", _("Gap, net"), unit, "change", strong=True, sortable=False),
        Column("absolute", _("Absolute"), unit, "level", sortable=False),
        *(Column(c, name, unit, "change", sortable=False) for c, name in causes().items()),
    ]
    rows = [
        Row(
            {
                "name": plans.area_name(one["subject"]),
                "net": _scaled(one["net_g"]),
                "absolute": _scaled(one["absolute_g"]),
                **{cause: _scaled(one["causes"][cause]["net_g"]) for cause in CAUSES},
            }
        )
        for one in content["parts"]
    ]
    return Table("districts", _("District by district"), columns, rows, marks=marks)
