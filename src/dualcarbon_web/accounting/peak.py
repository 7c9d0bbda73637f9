"""The peak monitor: totals, growth, the years since the maximum, how sure it is, scenarios."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from dualcarbon_web.accounting.models import Account, Analysis
from dualcarbon_web.core import plans
from dualcarbon_web.core.charts import Chart, Format
from dualcarbon_web.core.charts_flow import paths
from dualcarbon_web.core.tables import Column, Row, Table
from dualcarbon_web.core.templatetags.figures import number


def load(account: Account, values: Any) -> dict[str, Any] | None:
    """One series of the monitor; None where there are no yearly series."""
    found = Analysis.objects.filter(account=account, kind="peak").exclude(key="failed").first()
    if found is None or not found.content["series"]:
        return None
    content: dict[str, Any] = found.content
    named = {one["series"]: one for one in content["series"]}
    series = values.get("series", "")
    series = series if series in named else ("co2" if "co2" in named else next(iter(named)))
    return content | {
        "judged": named[series],
        "choices": [(one, series_name(one), one == series) for one in named],
        "mine": [row for row in content["years"] if row["series"] == series],
        "ahead": [one for one in content["scenarios"] if one["series"] == series],
        "paths": [one for one in content["path"] if one["series"] == series],
    }


def series_name(key: str) -> str:
    """A series in the words of the page; other names stand for themselves."""
    known = {"energy": _("Energy consumption"), "co2": _("CO₂ emissions"), "gdp": _("Output")}
    return known.get(key, key)


def scenario_name(text: str) -> str:
    """The name of a scenario; one written in both languages gives that of the page."""
    first, sep, second = text.partition(" / ")
    return (first if plans.lang() == "zh" else second) if sep else text


def rules(content: dict[str, Any]) -> list[dict[str, str]]:
    """The rules that the monitor judges by, each with the mark of its source."""
    known = {
        "behind": _("When a maximum is called behind"),
        "decoupling": _("States of decoupling"),
        "draws": _("Draws"),
    }
    return [
        {
            "name": f"{known.get(one['id'], one['id'])} · {one['mark']}",
            "note": scenario_name(one["note"] or "—"),
        }
        for one in content["rules"]
    ]


def story(content: dict[str, Any]) -> dict[str, Any]:
    """The judgement in words and figures; the word peaked is not among them."""
    one = content["judged"]
    chance = one["probability_behind"]
    path = content["paths"][0] if content["paths"] else None
    cells = [
        (_("Latest, %(year)s") % {"year": one["last_year"]}, number(one["last_value"], 1), ""),
        (
            _("Maximum, %(year)s") % {"year": one["maximum_year"]},
            number(one["maximum_value"], 1),
            "",
        ),
        (_("Years since the maximum"), str(one["years_since"]), _("reported years")),
        (_("Against the maximum"), number(one["from_maximum"], 2, signed=True), "%"),
        (
            _("Chance that the true maximum is earlier"),
            number(None if chance is None else chance * 100, 0),
            "%",
        ),
    ]
    if path is not None:
        cells.append(
            (_("Years to %(year)s") % {"year": path["target_year"]}, str(path["years_left"]), "")
        )
    return {
        "series": series_name(one["series"]),
        "state": one[f"state_{plans.lang()}"],
        "unit": plans.unit_word(one["unit"]),
        "cells": [{"name": name, "value": value, "unit": unit} for name, value, unit in cells],
        "rules": rules(content),
        "code": one["code"],
    }


def chart(content: dict[str, Any], mark: str) -> Chart:
    """The reported years, the maximum, and what each scenario makes of the years ahead."""
    one = content["judged"]
    unit = plans.unit_word(one["unit"])
    form = Format(decimals=1, axis=0, signed=False, unit=unit)
    past = {row["year"]: row["value"] for row in content["mine"]}
    ahead = {s["scenario"]: {p["year"]: p["value"] for p in s["values"]} for s in content["ahead"]}
    years = sorted({*past, *(year for line in ahead.values() for year in line)})
    lines = []
    for name, line in ahead.items():
        joined = {one["last_year"]: one["last_value"], **line}
        lines.append((scenario_name(name), [joined.get(year) for year in years]))
    actual = [past.get(year) for year in years]
    option = paths([str(y) for y in years], (_("Reported"), actual), lines, form, mark)
    return Chart(
        id="peak-chart",
        title=_("Behind and ahead"),
        about=_("%(unit)s; the axis does not start at zero") % {"unit": unit},
        says=f"{series_name(one['series'])}: {one[f'state_{plans.lang()}']}",
        option=option,
        height=404,
        width=900,
        heads=[_("Year"), _("Reported"), *(name for name, _line in lines)],
        rows=[
            [str(year), form.text(actual[at]), *(form.text(line[at]) for _name, line in lines)]
            for at, year in enumerate(years)
        ],
        keys=[("act", _("Reported")), ("fc", _("Scenario"))],
        marks=[mark] if mark else [],
    )


def years_table(content: dict[str, Any], marks: Sequence[str]) -> Table:
    """Year by year: total, growth, growth of output, elasticity, decoupling."""
    unit = plans.unit_word(content["judged"]["unit"])
    columns = [
        Column("name", _("Year"), kind="name", sortable=False),
        Column("value", _("Total"), unit, "explained", decimals=1, sortable=False),
        Column("uncertainty", _("Uncertainty"), "± %", "level", decimals=1, sortable=False),
        Column("growth", _("Growth"), "%", "change", decimals=1, strong=True, sortable=False),
        Column("gdp", _("Growth of output"), "%", "change", decimals=1, sortable=False),
        Column("elasticity", _("Elasticity"), "", "level", decimals=2, sortable=False),
        Column("decoupling", _("Decoupling"), sortable=False),
    ]
    rows = [
        Row(
            {
                "name": str(row["year"]),
                "value": {"text": row["value"], "code": row["code"]},
                "uncertainty": row["uncertainty"],
                "growth": row["growth"],
                "gdp": row["gdp_growth"],
                "elasticity": row["elasticity"],
                "decoupling": row[f"decoupling_{plans.lang()}"],
            },
            kind="sum" if row["year"] == content["judged"]["maximum_year"] else "",
        )
        for row in reversed(content["mine"])
    ]
    notes = _(
        "Uncertainty is half the range of 95 in 100. Elasticity: growth over growth of output at "
        "constant prices; … where a year before is missing. The year in bold is the maximum."
    )
    caption = _("Year by year")
    return Table("years", caption, columns, rows, notes=notes, marks=marks)


def scenarios_table(content: dict[str, Any], marks: Sequence[str]) -> Table:
    """The scenarios: year and size of the maximum, and where each ends."""
    unit = plans.unit_word(content["judged"]["unit"])
    columns = [
        Column("name", _("Scenario"), kind="name", sortable=False),
        Column("year", _("Maximum in"), sortable=False, strong=True),
        Column("value", _("Maximum"), unit, "level", decimals=1, sortable=False),
    ]
    rows = [
        Row(
            {
                "name": scenario_name(one["scenario"]),
                "year": str(one["peak_year"])
                if one["peak_year"]
                else _("none by %(year)s") % {"year": one["horizon"]},
                "value": "—" if one["peak_value"] is None else one["peak_value"],
            }
        )
        for one in content["ahead"]
    ]
    return Table("scenarios", _("Scenarios"), columns, rows, marks=marks)
