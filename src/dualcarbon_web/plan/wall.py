"""The wall of commitments: every obligation of the notice by section, with its light."""

from __future__ import annotations

from typing import Any

from attrs import frozen
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from dualcarbon_web.control.models import Edition, Standing
from dualcarbon_web.core import plans
from dualcarbon_web.core.tables import Column, Row, Table, sort_rows
from dualcarbon_web.plan import services

KINDS = ("target", "task", "standing_duty")
STRENGTHS = ("must", "in_principle", "strive", "explore")
MARKS = ("0", "1", "2", "3", "w", "x")


@frozen
class Section:
    """A section of the notice and the table of what it asks."""

    number: str
    title: str
    table: Table


def words(kind: str) -> str:
    """Kinds and strengths in words."""
    return {
        "target": _("target"),
        "task": _("task"),
        "standing_duty": _("standing duty"),
        "must": _("must"),
        "in_principle": _("in principle"),
        "strive": _("strive"),
        "explore": _("explore"),
        "measured": _("measured"),
        "no_data": _("no data"),
        "invalid": _("invalid"),
        "done": _("done"),
        "overdue": _("overdue"),
        "watch": _("watch"),
    }.get(kind, kind)


def worst(edition: Edition | None) -> dict[str, Standing]:
    """The standing of each commitment: the city's, else the worst of its subjects."""
    found: dict[str, Standing] = {}
    rows = Standing.objects.filter(edition=edition) if edition else []
    for row in rows:
        held = found.get(row.commitment)
        if held is None or _weight(row) > _weight(held):
            found[row.commitment] = row
    return found


def _weight(row: Standing) -> tuple[bool, int]:
    return row.subject_kind == "city", -1 if row.severity is None else row.severity


def columns() -> list[Column]:
    """The columns of the wall."""
    return [
        Column("title", _("Commitment"), kind="name", wide=True),
        Column("light", _("Light"), kind="light"),
        Column("state", _("State")),
        Column("value", _("Value"), kind="figure", strong=True),
        Column("required", _("Required"), kind="figure"),
        Column("gap", _("Gap"), kind="figure", strong=True),
        Column("unit", _("Unit")),
        Column("strength", _("Strength")),
        Column("deadline", _("Due")),
        Column("grade", _("Grade")),
        Column("code", _("Number"), kind="code", sortable=False),
    ]


def rows(edition: Edition | None, asked: QueryDict) -> list[tuple[str, Row]]:
    """Every commitment that the filters leave, with its section."""
    found = worst(edition)
    made = []
    for item in services.plan().commitments:
        row = found.get(item.id)
        mark = row.mark if row else "x"
        text = f"{item.title_zh} {item.title_en} {item.text_zh} {item.text_en} {item.id}".casefold()
        wanted = (
            asked.get("kind", "") in ("", item.kind),
            asked.get("strength", "") in ("", item.strength),
            asked.get("light", "") in ("", mark),
            asked.get("section", "") in ("", item.section),
            asked.get("q", "").strip().casefold() in text,
        )
        if all(wanted):
            made.append((item.section, _row(item, row, mark)))
    return made


def _row(item: Any, row: Standing | None, mark: str) -> Row:
    unit, factor = plans.display(item.indicator, row.unit if row else item.unit)

    def scaled(value: float | None) -> float | None:
        return None if value is None else value * factor

    values = {
        "title": f"{item.id} {item.title(plans.lang())}",
        "light": mark,
        "state": words(row.state) if row else words("no_data"),
        "value": scaled(row.value) if row else None,
        "required": scaled(row.required) if row else None,
        "gap": scaled(row.gap) if row else None,
        "unit": plans.unit_word(unit),
        "signed": unit == "%",
        "apart": services.without_target(item, row),
        "strength": words(item.strength),
        "deadline": str(item.deadline) if item.deadline else "—",
        "grade": (row.grade if row else None) or "—",
        "code": row.code if row else None,
    }
    return Row(values, reverse("commitment", args=[item.id]))


def table(number: str, caption: str, made: list[Row], sort: str, synthetic: bool) -> Table:
    """One table of the wall."""
    shape = columns()
    return Table(
        id=f"wall-{number}" if number else "wall",
        caption=caption,
        columns=shape,
        rows=sort_rows(made, shape, sort),
        sort=sort,
        marks=[_("SYNTHETIC DATA")] if synthetic else [],
    )


def sections(edition: Edition | None, asked: QueryDict) -> list[Section]:
    """The sections that have something left, each with its table."""
    made = rows(edition, asked)
    synthetic = plans.pack().synthetic
    found = []
    for section in services.plan().sections:
        own = [row for number, row in made if number == section.id]
        if own:
            title = section.title(plans.lang())
            shape = table(section.id, title, own, asked.get("sort", ""), synthetic)
            found.append(Section(section.id, title, shape))
    return found


def whole(edition: Edition | None, asked: QueryDict) -> Table:
    """The wall as one table, for exports."""
    made = [row for _section, row in rows(edition, asked)]
    title = services.plan().title_zh if plans.lang() == "zh" else services.plan().title_en
    return table("", title, made, asked.get("sort", ""), plans.pack().synthetic)
