"""What the address of the explorer asks for, held to what the account can answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from dualcarbon.errors import DualcarbonError
from dualcarbon.periods import Period
from dualcarbon_web.accounting.models import Account, Line
from dualcarbon_web.core import plans

GASES = ("tce_equal", "tce_calorific", "CO2", "CO2e", "CH4", "N2O")
WAYS = {
    "city": ("carrier", "section", "division", "area", "time"),
    "area": ("carrier", "section", "division", "time"),
    "enterprise": ("carrier", "time"),
}


@frozen
class Asked:
    """Subject, cut, gas and period of one view of an account.

    `gas` is the code of the account's gas with its scope; `name` and `scope` are its parts.
    `industry` and `carrier`: "" is all of them. `period`: what 本期 is; `to_date` its cumulation.
    """

    kind: str
    subject: str
    by: str
    name: str
    scope: int | None
    gas: str
    unit: str
    shown: str
    period: Period
    to_date: Period
    industry: str
    carrier: str

    @property
    def cumulative(self) -> bool:
        """Tell whether the year to date leads, and not the period alone."""
        return self.shown != str(self.period) or self.period.kind == "year"

    @property
    def lead(self) -> Period:
        """The period that sentence, shares and order are about."""
        return self.to_date if self.cumulative else self.period


def read(account: Account, values: Mapping[str, str]) -> Asked:
    """Read the address; what is not there or not known falls back to the widest view."""
    kind, subject = _subject(account, values.get("subject", ""))
    gas = _gas(account, values.get("gas", ""), values.get("scope", ""))
    shown = _period(account, values.get("period", ""))
    ways = WAYS[kind]
    by = values.get("by", "")
    by = by if by in ways else ways[0]
    period = Period.parse(shown)
    whole = period
    if period.kind == "ytd":
        period = Period(period.last, period.last)
    industry = values.get("industry", "") if kind != "enterprise" else ""
    return Asked(
        kind=kind,
        subject=subject,
        by=by,
        name=gas["name"],
        scope=gas["scope"],
        gas=gas["gas"],
        unit=gas["unit"],
        shown=shown,
        period=period,
        to_date=whole.to_date(),
        industry="" if by in ("section", "division") else industry,
        carrier="" if by == "carrier" else values.get("carrier", ""),
    )


def _subject(account: Account, text: str) -> tuple[str, str]:
    city = plans.city_code()
    if not text or text == city:
        return "city", city
    if text in plans.areas().vocabulary:
        return "area", text
    known = Line.objects.filter(account=account, subject_kind="enterprise", subject=text).exists()
    return ("enterprise", text) if known else ("city", city)


def names(account: Account) -> list[str]:
    """The gases and kinds of energy of an account, the usual ones first."""
    held = dict.fromkeys(gas["name"] for gas in account.gases)
    return sorted(held, key=lambda name: (name not in GASES, [*GASES, name].index(name)))


def scopes(account: Account, name: str) -> list[int | None]:
    """The scopes of a gas; None is all of them together."""
    return [gas["scope"] for gas in account.gases if gas["name"] == name]


def _gas(account: Account, name: str, scope: str) -> dict[str, Any]:
    known = names(account)
    name = name if name in known else known[0]
    mine = [gas for gas in account.gases if gas["name"] == name]
    found: dict[str, Any] = next((gas for gas in mine if str(gas["scope"]) == scope), mine[0])
    return found


def _period(account: Account, text: str) -> str:
    if text in account.periods:
        return text
    known = [Period.parse(one) for one in account.known]
    last = max(known, key=lambda one: one.last)
    try:
        wanted = str(last.to_date())
    except DualcarbonError:
        wanted = str(last)
    return wanted if wanted in account.periods else str(last)
