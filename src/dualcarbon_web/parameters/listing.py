"""Parameters as tables: names and sets, then the values of one name."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from dualcarbon.parameters import Candidate, Parameter
from dualcarbon.periods import Period
from dualcarbon_web.core import plans
from dualcarbon_web.core.tables import Column, Row, Table, sort_rows

MOST = 600


def names(sort: str) -> Table:
    """Every name and set, with how many values it has and their status."""
    loaded = plans.parameters()
    rows = []
    for name, values in loaded.by_name.items():
        for chosen in dict.fromkeys(value.set for value in values):
            of_set = [value for value in values if value.set == chosen]
            rows.append(
                Row(
                    {
                        "title": loaded.names[name][plans.lang()],
                        "name": name,
                        "set": chosen,
                        "default": _("default") if chosen == loaded.default_set(name) else "—",
                        "count": len(of_set),
                        "status": ", ".join(sorted({words(value.status) for value in of_set})),
                    },
                    reverse("parameter", args=[name]) + f"?set={chosen}",
                )
            )
    shape = [
        Column("title", _("Parameter"), kind="name"),
        Column("name", _("Name")),
        Column("set", _("Set")),
        Column("default", _("Choice of the pack")),
        Column("count", _("Values"), kind="level", decimals=0),
        Column("status", _("Status")),
    ]
    caption = _("Dated, cited values that accounts use")
    return Table("parameters", caption, shape, sort_rows(rows, shape, sort), sort)


def words(status: str) -> str:
    """A status in words."""
    return {
        "sourced": _("sourced"),
        "unsourced": _("unsourced"),
        "synthetic": _("synthetic"),
    }.get(status, status)


def values(name: str, on: str, chosen: str, keys: dict[str, str], sort: str) -> Table:
    """The values of a name: all, or those considered for a month with the reason for each."""
    loaded = plans.parameters()
    if on:
        month = Period.parse(on).first
        found = loaded.candidates(name, keys, month, set=chosen or None)
    else:
        found = [_plain(value) for value in loaded.by_name[name] if chosen in ("", value.set)]
    rows = [_row(item) for item in found[:MOST]]
    shape = [
        Column("keys", _("For"), kind="name"),
        Column("value", _("Value"), kind="full", strong=True),
        Column("unit", _("Unit")),
        Column("set", _("Set")),
        Column("valid", _("Holds")),
        Column("status", _("Status")),
        Column("mark", _("Mark")),
        Column("source", _("Source"), wide=True),
        Column("why", _("Taken or not, and why"), wide=True),
    ]
    if not on:
        shape.pop()
    caption = loaded.names[name][plans.lang()]
    return Table("values", caption, shape, sort_rows(rows, shape, sort), sort)


def _plain(value: Parameter) -> Candidate:
    return Candidate(value, False, "", "")


def _row(item: Candidate) -> Row:
    value = item.parameter
    values: dict[str, Any] = {
        "keys": ", ".join(f"{key} = {word}" for key, word in value.keys.items()) or _("all"),
        "value": value.value,
        "unit": value.unit,
        "set": value.set,
        "valid": f"{value.valid_from} – {value.valid_to or ''}",
        "status": words(value.status),
        "mark": value.mark,
        "source": ", ".join(
            str(value.source[key])
            for key in ("title", "clause", "table", "publisher")
            if value.source.get(key)
        ),
        "why": item.reason(plans.lang()),
    }
    return Row(values, kind="sum" if item.accepted else "")
