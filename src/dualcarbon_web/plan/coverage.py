"""The coverage of the notice as a table."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from dualcarbon_web.core import plans
from dualcarbon_web.core.tables import Column, Row, Table, sort_rows


def words(kind: str) -> str:
    """Mechanisms and data in words."""
    return {
        "computed": _("computed"),
        "milestone-tracked": _("milestone-tracked"),
        "none": _("none"),
        "real": _("real"),
        "synthetic": _("synthetic"),
    }.get(kind, kind)


def table(entries: list[dict[str, Any]], sort: str) -> Table:
    """One row an obligation: how it is followed, on which data, where."""
    shape = [
        Column("title", _("Commitment"), kind="name", wide=True),
        Column("mechanism", _("Mechanism")),
        Column("data", _("Data")),
        Column("room", _("Room")),
        Column("command", _("Command"), wide=True),
    ]
    rows = []
    for entry in entries:
        title = entry["title_zh"] if plans.lang() == "zh" else entry["title_en"]
        values = {
            "title": f"{entry['id']} {title}",
            "mechanism": words(entry["mechanism"]),
            "data": words(entry["data"]),
            "room": entry["room"] or "—",
            "command": entry["command"] or "—",
        }
        rows.append(Row(values, reverse("commitment", args=[entry["id"]])))
    caption = _("Coverage, obligation by obligation")
    return Table("coverage", caption, shape, sort_rows(rows, shape, sort), sort)
