"""What moved energy and CO2 between two periods: waterfall of the city, effects of its areas."""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from dualcarbon.periods import Period
from dualcarbon_web.accounting.models import Account, Analysis
from dualcarbon_web.core import plans
from dualcarbon_web.core.charts import Chart, Format
from dualcarbon_web.core.charts_flow import Step, waterfall
from dualcarbon_web.core.tables import Column, Row, Table, sort_rows
from dualcarbon_web.core.templatetags.figures import number

MONTH = re.compile("|".join(calendar.month_name[1:]))
TARGETS = ("energy", "co2")
LARGE = {"tce": "10^4 tce", "tCO2": "10^4 tCO2"}


def load(account: Account, target: str, change: str) -> dict[str, Any] | None:
    """One change: city and areas as the library answered; None where figures allow none."""
    found = Analysis.objects.filter(account=account, kind="drivers").order_by("pk")
    keys = [item.key.split(":") for item in found]
    targets = [one for one in TARGETS if any(key[0] == one for key in keys)]
    if not targets:
        return None
    target = target if target in targets else targets[0]
    known = list(dict.fromkeys(f"{key[1]}:{key[2]}" for key in keys if key[0] == target))
    change = change if change in known else known[0]
    by_key = {item.key: item.content for item in found}
    return {
        "target": target,
        "change": change,
        "targets": [(one, _target(one), one == target) for one in targets],
        "changes": [(one, _change(one), one == change) for one in known],
        "whole": by_key[f"{target}:{change}:whole"],
        "parts": by_key.get(f"{target}:{change}:parts"),
    }


def _size(unit: str) -> tuple[str, float]:
    """The unit of the page in its words, and how many of the answer's units are in it."""
    return plans.unit_word(LARGE.get(unit, unit)), 1e4 if unit in LARGE else 1.0


def _target(key: str) -> str:
    return {"energy": _("Energy consumption"), "co2": _("CO₂ emissions")}[key]


def _change(text: str) -> str:
    first, _sep, last = text.partition(":")
    return " → ".join(Period.parse(one).label(plans.lang()) for one in (first, last))


def _link(content: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = next(link for link in content["links"] if link["form"] == "additive")
    return found


def name(item: dict[str, Any]) -> str:
    """The name of an effect in the language of the page."""
    return str(item[f"name_{plans.lang()}"])


def story(content: dict[str, Any]) -> dict[str, Any]:
    """The sentence: how much it moved, and the two effects that moved it most."""
    link = _link(content["whole"])
    effects = sorted(link["effects"], key=lambda item: -abs(item["value"] or 0))
    first = content["change"].partition(":")
    unit, size = _size(content["whole"]["unit"])
    return {
        "target": _target(content["target"]),
        "before": Period.parse(first[0]).label(plans.lang()),
        "after": Period.parse(first[2]).label(plans.lang()),
        "moved": link["total_change"] / size,
        "percent": (link["end"] / link["start"] - 1) * 100 if link["start"] else None,
        "unit": unit,
        "most": [
            {"name": name(item), "value": (item["value"] or 0.0) / size} for item in effects[:2]
        ],
    }


def method(content: dict[str, Any]) -> dict[str, Any]:
    """The method in words: the identity, the form, what is left."""
    whole = content["whole"]
    pairs = [(name(factor), _ratio(factor["ratio"])) for factor in whole["identity"]["factors"]]
    form = "{}（{}）" if plans.lang() == "zh" else "{} ({})"
    levels = [form.format(*pair) for pair in pairs]
    residual = _link(whole)["residual"]
    return {
        "identity": name(whole["identity"]),
        "product": " × ".join(levels),
        "residual": "0" if not residual else f"{residual:.1e}",
    }


def _ratio(text: str) -> str:
    """A ratio of levels in words."""
    known = {
        "population": _("population"),
        "gdp": _("output"),
        "energy": _("energy"),
        "co2": "CO₂",
    }
    plain = re.sub(r"\[[^\]]*\]", "", text)
    return " / ".join(known.get(part.strip(), part.strip()) for part in plain.split("/"))


def chart(content: dict[str, Any], mark: str) -> Chart:
    """The waterfall of the city."""
    whole = content["whole"]
    unit, size = _size(whole["unit"])
    form = Format(decimals=1, axis=0, signed=False, unit=unit)
    bars = whole["waterfall"]
    steps = [
        Step(_bar_label(bar), bar["start"] / size, bar["end"] / size, bar["kind"] == "level")
        for bar in bars
    ]
    signed = [number(bar["value"] / size, 2, signed=bar["kind"] == "effect") for bar in bars]
    rows = [[step.label.replace("\n", " "), text] for step, text in zip(steps, signed, strict=True)]
    return Chart(
        id="drivers-chart",
        title=_("What moved it"),
        about=_("%(unit)s; the axis does not start at zero") % {"unit": unit},
        says=_("From %(start)s to %(end)s %(unit)s")
        % {
            "start": form.text(steps[0].end),
            "end": form.text(steps[-1].end),
            "unit": unit,
        },
        option=waterfall(steps, form, mark),
        height=404,
        width=900,
        heads=["", unit],
        rows=rows,
        marks=[mark] if mark else [],
    )


def _bar_label(bar: dict[str, Any]) -> str:
    if bar["kind"] == "level":
        label = Period.parse(bar["period"]).label(plans.lang())
        return MONTH.sub(lambda month: month[0][:3], label) if plans.lang() == "en" else label
    return str(bar[f"label_{plans.lang()}"])


def effects_table(content: dict[str, Any], marks: Sequence[str]) -> Table:
    """The effects of the city one by one, each with its code."""
    whole = content["whole"]
    link, (unit, size) = _link(whole), _size(whole["unit"])
    columns = [
        Column("name", _("Effect"), kind="name", sortable=False),
        Column("value", _("Moves it by"), unit, "effect", decimals=1, strong=True, sortable=False),
        Column("share", _("Of the change"), "%", "change", decimals=1, sortable=False),
    ]
    rows = [
        Row(
            {
                "name": name(item),
                "value": _cell(item, size),
                "share": None if item["share_of_change"] is None else item["share_of_change"] * 100,
            }
        )
        for item in link["effects"]
    ]
    total = {"name": _("Change"), "value": {"text": link["total_change"] / size}, "share": 100.0}
    rows.append(Row(total, kind="sum"))
    return Table("effects", _("Effects of the city"), columns, rows, marks=marks)


def _cell(effect: dict[str, Any], size: float) -> dict[str, Any]:
    value = effect["value"]
    return {"text": None if value is None else value / size, "code": effect["code"]}


def areas_table(content: dict[str, Any], sort: str, marks: Sequence[str]) -> Table | None:
    """The effects of every area; with what is in none of them they add up to the city."""
    parts = content["parts"]
    if parts is None:
        return None
    link, (unit, size) = _link(parts), _size(parts["unit"])
    factors = parts["identity"]["factors"]
    group = _("Effects")
    columns = [
        Column("name", _("District"), kind="name"),
        Column("start", _("Before"), unit, "level", decimals=1),
        Column("end", _("After"), unit, "level", decimals=1),
        Column("change", _("Change"), unit, "change", decimals=2, strong=True),
        *(Column(f["factor"], name(f), unit, "effect", group, 2) for f in factors),
    ]
    rows = [_area(item, plans.area_name(item["keys"]["area"]), size) for item in link["parts"]]
    whole = _area(link, _("Districts together"), size)
    whole.kind = "sum"
    rest = _rest(_link(content["whole"]), link, factors, size)
    return Table(
        id="areas",
        caption=_("Effects by district"),
        columns=columns,
        rows=sort_rows([whole, *rows, *rest], columns, sort),
        sort=sort,
        notes=_areas_notes(parts),
        marks=marks,
        extra={"css": "acc"},
    )


def _ends(words: str, start: float, end: float, size: float) -> dict[str, Any]:
    values = {"start": start / size, "end": end / size, "change": (end - start) / size}
    return {"name": words, **values}


def _area(item: dict[str, Any], words: str, size: float) -> Row:
    cells = {effect["factor"]: _cell(effect, size) for effect in item["effects"]}
    return Row(_ends(words, item["start"], item["end"], size) | cells)


def _rest(
    city: dict[str, Any], parts: dict[str, Any], factors: Sequence[Any], size: float
) -> list[Row]:
    """What is in no area that could be decomposed, and the city itself."""
    start, end = city["start"] - parts["start"], city["end"] - parts["end"]
    dashes = {factor["factor"]: None for factor in factors}
    return [
        Row(_ends(_("In none of them"), start, end, size) | dashes, kind="rest"),
        Row(_ends(_("Whole city"), city["start"], city["end"], size) | dashes, kind="rest"),
    ]


def _areas_notes(parts: dict[str, Any]) -> str:
    found = _(
        "Effects of a district add up to its change, those of all districts to the first row. "
        "Users in no district have no output of their own and are not decomposed."
    )
    names = [plans.area_name(code) for code in parts["left_out"]]
    if names:
        gap = "、" if plans.lang() == "zh" else ", "
        found += " " + _("Without a figure at one end, and so not decomposed: %(names)s.") % {
            "names": gap.join(names)
        }
    return found
