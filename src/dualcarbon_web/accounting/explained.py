"""An explanation of an account in the words of the page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from dualcarbon.errors import DualcarbonError
from dualcarbon.periods import Period
from dualcarbon_web.accounting.explorer import named
from dualcarbon_web.accounting.models import Account, holding
from dualcarbon_web.core import plans, words


def account_of(edition: str) -> Account | None:
    """The account that an edition of the library belongs to."""
    return Account.objects.filter(holding(edition)).first()


def title(about: Mapping[str, Any]) -> str:
    """What a number of an account is: subject, cut, gas and period; empty for other numbers."""
    cut = about.get("cut")
    if not cut:
        return ""
    parts = [_subject(cut)]
    parts += [_industry(cut["industry"])] if cut["industry"] else []
    parts += [named("carrier", cut["carrier"])] if cut["carrier"] else []
    parts += [words.gas(about["gas"])]
    parts += [words.scope(about["scope"])] if about["scope"] else []
    return " · ".join([*parts, _period(about["period"])])


def names(terms: Iterable[Any]) -> dict[str, str]:
    """The names of enterprises among the names of inputs, in one query."""
    from dualcarbon_web.enterprises.models import Enterprise

    found = Enterprise.objects.in_bulk([term.name for term in terms], field_name="code")
    return {code: item.name(plans.lang()) for code, item in found.items()}


def _industry(code: str) -> str:
    """An industry, or that none is stated."""
    return _("Industry not stated") if code == "-" else named("division", code)


def _subject(cut: Mapping[str, Any]) -> str:
    from dualcarbon_web.enterprises.models import Enterprise

    if cut["subject_kind"] != "enterprise":
        return plans.area_name(cut["subject"])
    found = Enterprise.objects.filter(code=cut["subject"]).first()
    return found.name(plans.lang()) if found else str(cut["subject"])


def _period(text: str) -> str:
    try:
        return Period.parse(text).label(plans.lang())
    except DualcarbonError:
        return text
