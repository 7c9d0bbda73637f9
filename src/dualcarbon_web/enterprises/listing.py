"""The list of enterprises: search, filters, sorting, pages."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from dualcarbon_web.core import plans
from dualcarbon_web.core.tables import PAGE, Column, Row, Table
from dualcarbon_web.enterprises.models import Enterprise

FIELDS = {"name": "name_zh", "code": "code", "area": "located_in", "industry": "industry",
          "tier": "tier", "assessed": "assessed_by"}  # fmt: skip


def found(request: HttpRequest) -> QuerySet[Enterprise]:
    """The enterprises that the address asks for, in its order."""
    rows = Enterprise.objects.visible_to(request.user)
    if text := request.GET.get("q", "").strip():
        rows = rows.filter(
            Q(name_zh__icontains=text) | Q(name_en__icontains=text) | Q(code__icontains=text)
        )
    for name, field in (("area", "located_in"), ("industry", "industry"), ("tier", "tier")):
        if value := request.GET.get(name):
            rows = rows.filter(**{f"{field}__contains" if name == "tier" else field: value})
    sort = request.GET.get("sort", "")
    field = FIELDS.get(sort.lstrip("-"), "code")
    return rows.order_by(("-" if sort.startswith("-") else "") + field, "code")


def columns() -> list[Column]:
    """The columns of the list."""
    return [
        Column("name", _("Enterprise"), kind="name"),
        Column("code", _("Code")),
        Column("area", _("Lies in (territory)")),
        Column("assessed", _("Assessed by")),
        Column("industry", _("Industry")),
        Column("tier", _("List")),
    ]


def row(item: Enterprise) -> Row:
    """One enterprise as a row."""
    industry = plans.industries().get(item.industry)
    values = {
        "name": item.name(plans.lang()),
        "code": item.code,
        "area": plans.area_name(item.located_in) if item.located_in else "—",
        "assessed": plans.area_name(item.assessed_by) if item.assessed_by else "—",
        "industry": industry.name(plans.lang()) if industry else item.industry or "—",
        "tier": tier_words(item.tier),
    }
    return Row(values, reverse("enterprise", args=[item.code]))


def tier_words(tier: str) -> str:
    """The issued list in words."""
    words = {
        "hundred": _("hundred"), "thousand": _("thousand"), "ten_thousand": _("ten thousand"),
    }  # fmt: skip
    return ", ".join(str(words.get(part, part)) for part in tier.split(", ")) if tier else "—"


def table(request: HttpRequest, rows: Any, page: Page[Enterprise] | None = None) -> Table:
    """The table of some enterprises, all of them or those of a page."""
    return Table(
        id="enterprises",
        caption=_("Key energy-using enterprises"),
        columns=columns(),
        rows=[row(item) for item in rows],
        sort=request.GET.get("sort", ""),
        page=page,
        marks=[_("SYNTHETIC DATA")] if plans.pack().synthetic else [],
    )


def page(request: HttpRequest) -> Page[Enterprise]:
    """The page of the list that the address asks for."""
    return Paginator(found(request), PAGE).get_page(request.GET.get("page"))


def choices(user: Any) -> dict[str, list[tuple[str, str]]]:
    """What the filters offer: districts, industries and lists that occur."""
    rows = Enterprise.objects.visible_to(user)
    values = {
        name: sorted(set(rows.values_list(field, flat=True)) - {""})
        for name, field in (("area", "located_in"), ("industry", "industry"), ("tier", "tier"))
    }
    known = plans.industries()
    return {
        "area": [(code, plans.area_name(code)) for code in values["area"]],
        "industry": [
            (code, known[code].name(plans.lang()) if code in known else code)
            for code in values["industry"]
        ],
        "tier": [(code, tier_words(code)) for code in values["tier"]],
    }
