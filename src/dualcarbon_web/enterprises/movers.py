"""The enterprises whose change of energy moves the city most, year to date."""

from __future__ import annotations

from typing import Any

from django.db.models import Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from dualcarbon.periods import Period
from dualcarbon_web.core import plans
from dualcarbon_web.core.tables import Column, Row, Table
from dualcarbon_web.enterprises.models import Consumption, Enterprise

GRAMS = 1e10  # of 10^4 tce
MANY = 10


def sums(user: Any, period: Period) -> dict[int, int]:
    """Energy in grams by enterprise over the months of a period; only complete ones."""
    months = [f"{year}-{month:02d}" for year, month in period.months]
    listed = Enterprise.objects.visible_to(user).exclude(industry="")
    rows = Consumption.objects.filter(enterprise__in=listed, month__in=months)
    found: dict[int, list[int]] = {}
    for enterprise, grams in rows.values_list("enterprise", "grams"):
        found.setdefault(enterprise, []).append(grams)
    return {key: sum(parts) for key, parts in found.items() if len(parts) == len(months)}


def table(user: Any, edition: Any) -> Table:
    """The ten largest changes against the same months of last year."""
    empty = Table("movers", _("The ten enterprises that move the city most"), columns(), [])
    if not edition.period:
        return empty
    period = Period.parse(edition.period)
    now, before = sums(user, period), sums(user, period.shift(-1))
    changes = {key: now[key] - before[key] for key in now if key in before}
    first = sorted(changes, key=lambda key: -abs(changes[key]))[:MANY]
    names = Enterprise.objects.in_bulk(first)
    whole = sum(before[key] for key in changes) or 1
    trend = trends(first, period)
    rows = [
        _row(place, names[key], now[key], before[key], whole, trend[key])
        for place, key in enumerate(first, 1)
    ]
    empty.rows = rows
    empty.notes = _(
        "Ordered by the size of the change on the same months of last year, in calorific value. "
        "Contribution: percentage points of the growth of all key enterprises’ energy. Enterprises "
        "with a month missing in either year are left out."
    )
    most = max((abs(row["share"]) for row in rows), default=0)
    empty.extra = {"most": most, "css": "ent", "period": period.label(plans.lang())}
    empty.extra["list"] = "enterprises/movers_list.html"
    empty.marks = [_("SYNTHETIC DATA")] if edition.synthetic else []
    return empty


def columns() -> list[Column]:
    """The columns of the ten."""
    unit = plans.unit_word("10^4 tce")
    return [
        Column("name", _("Enterprise"), kind="name", sortable=False),
        Column("area", _("District"), sortable=False),
        Column("assessed", _("Assessed by"), sortable=False),
        Column("industry", _("Industry"), sortable=False),
        Column("now", _("To date"), unit, "level", decimals=1, sortable=False),
        Column("growth", _("y/y"), "%", "change", decimals=1, sortable=False),
        Column("moved", _("Change"), unit, "change", decimals=1, sortable=False),
        Column("trend", _("Twelve months"), _("y/y %"), "spark", sortable=False),
        Column("share", _("Contribution"), _("points"), "bar", strong=True, sortable=False),
    ]


def _row(place: int, item: Enterprise, now: int, before: int, whole: int, trend: list[Any]) -> Row:
    industry = plans.industries().get(item.industry)
    share = (now - before) / whole * 100
    values = {
        "number": place,
        "name": item.name(plans.lang()),
        "area": plans.area_name(item.located_in) if item.located_in else "—",
        "assessed": assessor(item),
        "industry": industry.name(plans.lang()) if industry else item.industry or "—",
        "now": now / GRAMS,
        "growth": (now / before - 1) * 100 if before else None,
        "moved": (now - before) / GRAMS,
        "trend": trend,
        "spark_target": 0.0,
        "share": share,
    }
    return Row(values, reverse("enterprise", args=[item.code]))


def assessor(item: Enterprise) -> str:
    """Who assesses an enterprise: city, its district, or a group."""
    if item.assessed_by == plans.city_code():
        return _("city")
    area = plans.areas().vocabulary.get(item.assessed_by)
    if area is not None:
        return _("district")
    return _("group") if item.assessed_by else "—"


def trends(keys: list[int], period: Period) -> dict[int, list[float | None]]:
    """The y/y change of each of the last twelve months by enterprise."""
    last = period.last[0] * 12 + period.last[1] - 1
    months = [f"{n // 12}-{n % 12 + 1:02d}" for n in range(last - 23, last + 1)]
    rows = Consumption.objects.filter(enterprise__in=keys, month__in=months)
    grams = {
        (key, month): value
        for key, month, value in rows.values_list("enterprise", "month", "grams")
    }
    found: dict[int, list[float | None]] = {}
    for key in keys:
        pairs = [
            (grams.get((key, m)), grams.get((key, b)))
            for b, m in zip(months[:12], months[12:], strict=True)
        ]
        found[key] = [
            None if now is None or not then else (now / then - 1) * 100 for now, then in pairs
        ]
    return found


def yearly(item: Enterprise) -> list[tuple[str, int]]:
    """Energy in grams by year of one enterprise, with the months that stand in it."""
    rows = Consumption.objects.filter(enterprise=item).values("month").annotate(g=Sum("grams"))
    return [(row["month"], row["g"]) for row in rows.order_by("month")]
