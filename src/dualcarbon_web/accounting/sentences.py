"""What the explorer says before it shows: the finding as a sentence, and what moved it."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from dualcarbon_web.accounting import explorer, explorer_table, services
from dualcarbon_web.accounting.explorer import View
from dualcarbon_web.core import plans, words
from dualcarbon_web.core.tables import Column, Row, Table
from dualcarbon_web.core.templatetags.figures import number
from dualcarbon_web.enterprises.models import Enterprise

MANY = 10


def subject_name(view: View) -> str:
    """The name of the subject of a view."""
    if view.asked.kind != "enterprise":
        return plans.area_name(view.asked.subject)
    found = Enterprise.objects.filter(code=view.asked.subject).first()
    return found.name(plans.lang()) if found else view.asked.subject


def headline(view: View) -> dict[str, Any]:
    """The parts of the sentence: where, when, what, how much, and how it moved."""
    asked, whole = view.asked, view.whole
    unit, size, decimals = explorer_table.display(asked)
    cut = [explorer.named("division", asked.industry)] if asked.industry else []
    cut += [explorer.named("carrier", asked.carrier)] if asked.carrier else []
    found: dict[str, Any] = {
        "subject": subject_name(view),
        "period": asked.lead.label(plans.lang()),
        "gas": words.gas(asked.name),
        "scope": words.scope(asked.scope) if asked.scope else "",
        "cut": " · ".join(cut),
        "unit": plans.unit_word(unit),
    }
    if whole is None:
        return found
    reading = whole.reading(view)
    value, moved = (
        (reading.to_date, reading.to_date_growth)
        if asked.cumulative
        else (reading.now, reading.growth)
    )
    found["value"] = None if value is None else number(value / size, decimals)
    found["moved"], found["partial"] = moved, whole.unmatched
    return found


def largest(view: View) -> list[dict[str, Any]]:
    """The three largest parts with their share, for the line under the sentence."""
    whole = view.size(view.whole) if view.whole else None
    found = []
    for part in view.parts[:3] if view.asked.by != "time" else []:
        size = view.size(part)
        if size and whole:
            name = explorer_table.title(view, part)
            found.append({"name": name, "share": number(size / whole * 100, 1)})
    return found


def movers(view: View) -> Table:
    """The enterprises whose change moves the whole most."""
    asked, found = view.asked, explorer.movers(view, MANY)
    unit, size, decimals = explorer_table.display(asked)
    names = Enterprise.objects.in_bulk([item[0].subject for item in found], field_name="code")
    last = (
        services.total(view.whole.series, view.known, asked.lead.shift(-1)) if view.whole else None
    )
    rows = [
        _mover(view, place, item, names.get(item[0].subject), size, last)
        for place, item in enumerate(found, 1)
    ]
    return Table(
        id="account-movers",
        caption=_("The enterprises that move it most"),
        columns=_columns(plans.unit_word(unit), decimals),
        rows=rows,
        notes=_(
            "By size of the change on the same months of last year. Enterprises with a month "
            "missing in either year are left out. Contribution: points of the growth of the whole."
        ),
        marks=[_("SYNTHETIC DATA")] if view.account.synthetic else [],
        extra={"css": "ent", "most": max((abs(row["share"] or 0) for row in rows), default=0)},
    )


def _columns(unit: str, decimals: int) -> list[Column]:
    return [
        Column("name", _("Enterprise"), kind="name", sortable=False),
        Column("area", _("District"), sortable=False),
        Column("industry", _("Industry"), sortable=False, wide=True),
        Column("now", _("Now"), unit, "explained", decimals=max(decimals, 1), sortable=False),
        Column("growth", _("y/y"), "%", "change", decimals=1, sortable=False),
        Column("moved", _("Change"), unit, "change", decimals=max(decimals, 2), sortable=False),
        Column("share", _("Contribution"), _("points"), "bar", strong=True, sortable=False),
    ]


def _mover(
    view: View, place: int, item: Any, known: Enterprise | None, size: float, last: int | None
) -> Row:
    line, now, before = item
    code = services.code(view.account, line.number, view.asked.gas, view.asked.lead)
    name = known.name(plans.lang()) if known else line.subject
    values = {
        "number": place,
        "name": name,
        "area": plans.area_name(line.area) if line.area else "—",
        "industry": explorer.named("division", line.of_industry),
        "now": {"text": now / size, "code": code},
        "growth": services.growth(now, before),
        "moved": (now - before) / size,
        "share": (now - before) / last * 100 if last else None,
    }
    return Row(values, f"{reverse('accounts')}?subject={line.subject}&gas={view.asked.name}")
