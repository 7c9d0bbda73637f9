"""What the filters of the explorer offer."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from dualcarbon.periods import Period
from dualcarbon_web.accounting import asked as asks
from dualcarbon_web.accounting import explorer, explorer_table
from dualcarbon_web.accounting.explorer import View
from dualcarbon_web.accounting.models import Line
from dualcarbon_web.core import plans, words

KINDS = ("ytd", "year", "quarter", "month", "span")


def context(view: View) -> dict[str, Any]:
    """Everything the form needs, in the order of the page."""
    asked, account = view.asked, view.account
    return {
        "asked": asked,
        "ways": explorer_table.ways(asked, asks.WAYS[asked.kind]),
        "subjects": _subjects(view),
        "gases": [(name, words.gas(name)) for name in asks.names(account)],
        "scopes": [(one, words.scope(one)) for one in asks.scopes(account, asked.name)],
        "periods": _periods(account.periods),
        "carriers": _carriers(view),
        "industries": _industries(view),
        "pager": _beside(view),
        "unmatched": account.unmatched if _concerned(view) else [],
    }


def _concerned(view: View) -> bool:
    """Tell whether rows without a parameter are the subject's matter: the city's always are."""
    return view.asked.kind == "city" or bool(view.whole and view.whole.unmatched)


def _subjects(view: View) -> list[tuple[str, str]]:
    city = plans.city_code()
    areas = [city, *(area.code for area in plans.areas().children(city))]
    found = [(code, plans.area_name(code)) for code in areas]
    asked = view.asked
    if asked.subject not in areas:
        from dualcarbon_web.accounting.sentences import subject_name

        found.append((asked.subject, subject_name(view)))
    return found


def _periods(texts: list[str]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Periods grouped by kind, the latest first."""
    known = sorted((Period.parse(text) for text in texts), reverse=True)
    named = {
        "ytd": _("Year to date"),
        "year": _("Years"),
        "quarter": _("Quarters"),
        "month": _("Months"),
        "span": _("Other spans"),
    }
    groups = [(named[kind], [one for one in known if one.kind == kind]) for kind in KINDS]
    return [
        (name, [(str(p), p.label(plans.lang())) for p in mine]) for name, mine in groups if mine
    ]


def _carriers(view: View) -> list[tuple[str, str]]:
    if view.asked.by == "carrier":
        return []
    lines = Line.objects.filter(
        account=view.account, subject_kind=view.asked.kind, subject=view.asked.subject
    )
    codes = lines.exclude(carrier="").order_by("carrier").values_list("carrier", flat=True)
    return [(code, explorer.named("carrier", code)) for code in codes.distinct()]


def _industries(view: View) -> list[tuple[str, str]]:
    asked = view.asked
    if asked.by in ("section", "division") or asked.kind == "enterprise":
        return []
    lines = Line.objects.filter(
        account=view.account, subject_kind=asked.kind, subject=asked.subject, own=False
    )
    codes = lines.exclude(industry="").order_by("industry").values_list("industry", flat=True)
    plain = [code for code in codes.distinct() if not code.endswith("-")]
    return [(code, f"{code} {explorer.named('division', code)}") for code in plain]


def _beside(view: View) -> dict[str, str]:
    """The addresses of the periods of the same kind before and after."""
    kind = Period.parse(view.asked.shown).kind
    known = [text for text in view.account.periods if Period.parse(text).kind == kind]
    ordered = sorted(known, key=lambda text: Period.parse(text).first + Period.parse(text).last)
    at = ordered.index(view.asked.shown)
    found = {}
    if at > 0:
        found["before"] = explorer_table.address(view.asked, period=ordered[at - 1])
    if at + 1 < len(ordered):
        found["after"] = explorer_table.address(view.asked, period=ordered[at + 1])
    return found
