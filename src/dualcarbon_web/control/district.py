"""One district: its standings, and the enterprises that lie in it."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from dualcarbon_web.control import board_figures
from dualcarbon_web.control import board_figures as of
from dualcarbon_web.control.models import Edition, Standing
from dualcarbon_web.core import plans
from dualcarbon_web.core.tables import Column, Row, Table, sort_rows
from dualcarbon_web.core.templatetags.figures import number
from dualcarbon_web.enterprises.models import Enterprise
from dualcarbon_web.plan import charts
from dualcarbon_web.plan import services as plan_services


def subject_url(row: Standing) -> str:
    """The page of whom a standing speaks of; empty where there is none."""
    if row.subject_kind == "area":
        return reverse("district", args=[row.subject])
    if row.subject_kind == "enterprise":
        return reverse("enterprise", args=[row.subject])
    return ""


def load(user: Any, found: list[Edition], edition: Edition, code: str, sort: str) -> dict[str, Any]:
    """What the page of a district shows."""
    rows = list(Standing.objects.filter(edition=edition, subject_kind="area", subject=code))
    main = next((row for row in rows if row.indicator == of.INTENSITY), None)
    visible = Enterprise.objects.visible_to(user)
    figures = board_figures.read(edition)
    item = plan_services.commitment(main.commitment) if main else None
    return {
        "table": table(rows, code, edition, sort),
        "main": main,
        "rank": figures.places([code]).get(code),
        "many": number(figures.value(of.RANKED, code), 0),
        "reason": main.reason(plans.lang()) if main else "",
        "band": _band(main, figures, code),
        "charts": charts.charts(item, main, [], edition) if item else [],
        "located": visible.filter(located_in=code).exclude(industry="").count(),
        "assessed": visible.filter(assessed_by=code).exclude(industry="").count(),
        "editions": found,
    }


def _band(main: Standing | None, figures: board_figures.Figures, code: str) -> list[dict[str, str]]:
    """The figures under the headline: gap, what the rest needs, five years, total energy."""
    if main is None:
        return []
    amounts = [figures.value(name, code) for name in (of.TOTAL, of.USED, of.ALLOWED)]
    scaled = [None if value is None else value / 1e4 for value in amounts]
    share, five = figures.value(of.SHARE, code), figures.value(of.PROGRESS, code)
    growth = number(figures.value(of.GROWTH, code), 1, signed=True)
    facts = {"growth": growth, "used": number(scaled[1], 1), "allowed": number(scaled[2], 1)}
    target = _("annual target %(target)s %%") % {"target": number(main.required, 2, signed=True)}
    unit = plans.unit_word("10^4 tce")
    return [
        _cell(_("Gap"), number(main.gap, 2, signed=True), _("points"), target),
        _cell(_("The rest of the year needs"), number(main.needed, 2, signed=True), "%"),
        _cell(_("Five-year progress"), number(five, 1), "%"),
        _cell(
            _("Total energy (equal value)"),
            number(scaled[0], 1),
            unit,
            _("%(growth)s %% y/y, increment %(used)s of %(allowed)s") % facts,
        ),
        _cell(
            _("Contribution to the city"),
            number(share, 2, signed=True),
            _("points"),
            _("of the city’s change"),
        ),
    ]


def _cell(name: str, value: str, unit: str, sub: str = "") -> dict[str, str]:
    return {"name": name, "value": value, "unit": unit, "sub": sub}


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
        Column("grade", _("Grade"), kind="mark"),
        Column("reason", _("Why"), hidden=True),
        Column("code", _("Number"), kind="code", sortable=False),
    ]


def row_of(item: Standing) -> Row:
    """One standing as a row of a table."""
    known = plan_services.commitment(item.commitment)
    title = known.title(plans.lang()) if known else item.commitment
    unit, factor = plans.display(item.indicator, item.unit)

    def scaled(value: float | None) -> float | None:
        return None if value is None else value * factor

    values = {
        "number": item.commitment,
        "title": title,
        "light": item.mark,
        "value": scaled(item.value),
        "required": scaled(item.required),
        "gap": scaled(item.gap),
        "needed": scaled(item.needed),
        "unit": plans.unit_word(unit),
        "signed": item.unit == "%",
        "apart": plan_services.without_target(known, item),
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
