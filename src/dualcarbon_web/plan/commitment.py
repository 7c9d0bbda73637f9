"""One commitment: the clause, its standings by subject, and its history over editions."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from dualcarbon_web.control import board as boards
from dualcarbon_web.control.models import Edition, Standing
from dualcarbon_web.core import plans
from dualcarbon_web.core.tables import Column, Row, Table
from dualcarbon_web.plan import wall


def load(item: Any, edition: Edition | None, found: list[Edition], sort: str) -> dict[str, Any]:
    """What the page of a commitment shows."""
    rows = list(Standing.objects.filter(edition=edition, commitment=item.id)) if edition else []
    rows.sort(key=lambda row: (row.subject_kind != "city", -(row.severity or 0)))
    main = rows[0] if rows else None
    unit, factor = plans.display(item.indicator, main.unit if main else item.unit)
    past = history(item.id, found, main, factor)
    return {
        "item": item,
        "main": main,
        "reason": main.reason(plans.lang()) if main else "",
        "unit": plans.unit_word(unit),
        "target": None if item.value is None else item.value * factor,
        "signed": unit == "%",
        "others": others(rows[1:], unit, factor, sort),
        "history": past,
        "points": points(past),
        "lead": [body.name(plans.lang()) for body in item.lead],
        "support": [body.name(plans.lang()) for body in item.support],
        "period": boards.label(edition) if edition else "",
        "strength": wall.words(item.strength),
        "kind": wall.words(item.kind),
        "state": wall.words(main.state) if main else "",
    }


def others(rows: list[Standing], unit: str | None, factor: float, sort: str) -> Table:
    """The standings of the other subjects of the commitment."""
    made = []
    for row in rows:
        name = plans.area_name(row.subject) if row.subject_kind == "area" else row.subject
        scaled = {
            key: None if getattr(row, key) is None else getattr(row, key) * factor
            for key in ("value", "required", "gap")
        }
        values = {"title": name, "light": row.mark, "unit": plans.unit_word(unit), **scaled}
        values |= {"signed": unit == "%", "grade": row.grade or "—", "code": row.code}
        values["reason"] = row.reason(plans.lang())
        made.append(Row(values))
    shape = [
        Column("title", _("Subject"), kind="name"),
        Column("light", _("Light"), kind="light"),
        Column("value", _("Value"), kind="figure", strong=True),
        Column("required", _("Required"), kind="figure"),
        Column("gap", _("Gap"), kind="figure", strong=True),
        Column("grade", _("Grade")),
        Column("reason", _("Why"), wide=True),
        Column("code", _("Number"), kind="code", sortable=False),
    ]
    from dualcarbon_web.core.tables import sort_rows

    return Table("subjects", _("By subject"), shape, sort_rows(made, shape, sort), sort)


def history(number: str, found: list[Edition], main: Standing | None, factor: float) -> Table:
    """The same standing in every edition, oldest first."""
    shape = [
        Column("on", _("Known on"), kind="name", sortable=False),
        Column("period", _("Period"), sortable=False),
        Column("value", _("Value"), kind="figure", strong=True, sortable=False),
        Column("required", _("Required"), kind="figure", sortable=False),
        Column("gap", _("Gap"), kind="figure", sortable=False),
        Column("light", _("Light"), kind="light", sortable=False),
        Column("code", _("Number"), kind="code", sortable=False),
    ]
    if main is None:
        return Table("history", _("Standing by edition"), shape, [])
    rows = Standing.objects.filter(
        edition__in=found, commitment=number, subject_kind=main.subject_kind, subject=main.subject
    ).select_related("edition")
    made = []
    for row in sorted(rows, key=lambda row: row.edition.on):
        values = {
            "on": str(row.edition.on), "period": row.period, "light": row.mark, "code": row.code,
            "signed": row.unit == "%",
        }  # fmt: skip
        for key in ("value", "required", "gap"):
            number_ = getattr(row, key)
            values[key] = None if number_ is None else number_ * factor
        made.append(Row(values))
    return Table("history", _("Standing by edition"), shape, made)


def points(past: Table) -> list[dict[str, Any]]:
    """The history as points of a chart: period, actual, required."""
    return [
        {"period": row["period"], "value": row["value"], "required": row["required"]}
        for row in past.rows
    ]
