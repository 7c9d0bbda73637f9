"""One district: its standings, and the enterprises that lie in it."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from dualcarbon_web.control.models import Edition, Standing
from dualcarbon_web.core import plans
from dualcarbon_web.core.tables import Column, Row, Table, sort_rows
from dualcarbon_web.enterprises.models import Enterprise
from dualcarbon_web.plan import services as plan_services


def load(user: Any, edition: Edition, code: str, sort: str) -> dict[str, Any]:
    """What the page of a district shows."""
    rows = list(Standing.objects.filter(edition=edition, subject_kind="area", subject=code))
    main = next((row for row in rows if row.indicator == "energy_intensity"), None)
    located = Enterprise.objects.visible_to(user).filter(located_in=code).count()
    assessed = Enterprise.objects.visible_to(user).filter(assessed_by=code).count()
    return {
        "table": table(rows, code, edition, sort),
        "main": main,
        "reason": main.reason(plans.lang()) if main else "",
        "located": located,
        "assessed": assessed,
    }


def columns() -> list[Column]:
    """The columns of standings where the commitment is the row."""
    return [
        Column("title", _("Commitment"), kind="name", wide=True),
        Column("light", _("Light"), kind="light"),
        Column("value", _("Value"), kind="figure", strong=True),
        Column("required", _("Required"), kind="figure"),
        Column("gap", _("Gap"), kind="figure", strong=True),
        Column("needed", _("Rest needs"), kind="figure"),
        Column("unit", _("Unit")),
        Column("grade", _("Grade")),
        Column("reason", _("Why"), wide=True),
        Column("code", _("Number"), kind="code", sortable=False),
    ]


def row_of(item: Standing) -> Row:
    """One standing as a row of a table."""
    number = plan_services.commitment(item.commitment)
    title = f"{item.commitment} {number.title(plans.lang())}" if number else item.commitment
    unit, factor = plans.display(item.indicator, item.unit)

    def scaled(value: float | None) -> float | None:
        return None if value is None else value * factor

    values = {
        "title": title,
        "light": item.mark,
        "value": scaled(item.value),
        "required": scaled(item.required),
        "gap": scaled(item.gap),
        "needed": scaled(item.needed),
        "unit": plans.unit_word(unit),
        "signed": item.unit == "%",
        "grade": item.grade,
        "reason": item.reason(plans.lang()),
        "code": item.code,
    }
    return Row(values, reverse("commitment", args=[item.commitment]))


def table(rows: list[Standing], code: str, edition: Edition, sort: str) -> Table:
    """All standings of a district."""
    made = columns()
    return Table(
        id="district",
        caption=_("Standings of %(area)s on %(on)s")
        % {"area": plans.area_name(code), "on": edition.on},
        columns=made,
        rows=sort_rows([row_of(row) for row in rows], made, sort),
        sort=sort,
        marks=[_("SYNTHETIC DATA")] if edition.synthetic else [],
    )
