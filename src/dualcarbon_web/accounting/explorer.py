"""The account explorer: the lines of one view, read in the column grammar."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from attrs import define
from django.db.models import Q

from dualcarbon_web.accounting import services
from dualcarbon_web.accounting.asked import Asked
from dualcarbon_web.accounting.models import Account, Line
from dualcarbon_web.core import plans

Series = dict[str, int | None]


def accounts(user: Any, plan: str) -> list[Account]:
    """The accounts of a plan that a person may see, latest first."""
    return list(Account.objects.visible_to(user).filter(plan=plan))


@define(slots=False)
class Part:
    """One row of a view: its key, its line where one stands for it, and its series."""

    key: str
    line: Line | None
    series: Series
    kind: str = ""
    unmatched: int = 0

    def reading(self, view: View) -> services.Reading:
        """本期 and 累计 of the part."""
        return services.read_series(self.series, view.known, view.asked.period)


@define(slots=False)
class View:
    """What a page of the explorer shows: the whole, its parts, what is in none of them."""

    account: Account
    asked: Asked
    found: list[Line]

    def series(self, line: Line) -> Series:
        """Grams of the gas by reported period; a period without any is left out."""
        grams = line.amounts.get(self.asked.gas, [])
        pairs = zip(self.account.known, grams, strict=False)
        return {text: value for text, value in pairs if value is not None}

    @cached_property
    def known(self) -> list[str]:
        """The periods in which the subject reported anything."""
        lines = [line for line in self.found if self._mine(line) and not line.carrier]
        own = [line for line in lines if line.own == self.own]
        held = [grams for line in own for grams in line.amounts.values()]
        return [
            text
            for place, text in enumerate(self.account.known)
            if any(grams[place] is not None for grams in held)
        ]

    def _mine(self, line: Line) -> bool:
        at = (self.asked.kind, self.asked.subject)
        return (line.subject_kind, line.subject) == at and not line.industry

    @cached_property
    def own(self) -> bool:
        """Tell whether the subject reports for itself; else its enterprises speak for it."""
        return any(self._mine(line) and line.own for line in self.found)

    @cached_property
    def whole(self) -> Part | None:
        """The line of the subject, its industry and carrier as asked."""
        asked = self.asked
        for line in self.found:
            at = (line.subject_kind, line.subject, line.industry, line.carrier, line.own)
            own = self.own and not asked.industry
            if at == (asked.kind, asked.subject, asked.industry, asked.carrier, own):
                return self.part(line, "", "sum")
        return None

    def part(self, line: Line, key: str, kind: str = "") -> Part:
        """A row that a line stands for."""
        told = line.unmatched.get(self.asked.gas, {})
        inside = [self.asked.lead.contains(services.Period.parse(text)) for text in told]
        count = sum(rows for rows, is_in in zip(told.values(), inside, strict=True) if is_in)
        return Part(key, line, self.series(line), kind, count)

    @cached_property
    def parts(self) -> list[Part]:
        """The rows of the view, the largest first."""
        key = {"carrier": "carrier", "area": "subject"}.get(self.asked.by, "industry")
        rows = [self.part(line, getattr(line, key)) for line in self.found if self._is_part(line)]
        rows = [row for row in rows if row.series]
        return sorted(rows, key=lambda row: -(self.size(row) or 0))

    def size(self, part: Part) -> int | None:
        """Grams of a part in the period that leads."""
        return services.total(part.series, self.known, self.asked.lead)

    def _is_part(self, line: Line) -> bool:
        asked = self.asked
        at = (line.subject_kind, line.subject) == (asked.kind, asked.subject)
        if asked.by == "carrier":
            own = self.own and not asked.industry
            return at and line.own == own and line.industry == asked.industry and bool(line.carrier)
        if asked.by == "area":
            own = not asked.industry
            here = line.subject_kind == "area" and line.own == own
            return here and (line.industry, line.carrier) == (asked.industry, asked.carrier)
        level = line.industry == "-" or _level(line.industry) == asked.by
        return at and not line.own and line.carrier == asked.carrier and level

    @cached_property
    def rest(self) -> Part | None:
        """What the whole has and no part does, so that the rows add up; None where nothing is."""
        if self.whole is None or not self.parts or self.asked.by in ("carrier", "time"):
            return None
        minus = services.rest(self.whole.series, [part.series for part in self.parts])
        return Part("rest", None, minus, "rest") if any(minus.values()) else None


def _level(industry: str) -> str:
    """Section (a letter) or division; the rest of an enterprise's industry counts as both."""
    if not industry:
        return ""
    known = plans.industries().get(industry)
    return "section" if known is not None and known.parent is None else "division"


def load(account: Account, asked: Asked) -> View:
    """Read the lines that a view needs, in one query."""
    mine = Q(subject_kind=asked.kind, subject=asked.subject)
    if asked.by in ("carrier", "time"):
        wanted = mine & Q(industry__in=["", asked.industry])
    else:
        wanted = mine & Q(carrier__in=["", asked.carrier])
    if asked.by == "area":
        children = [area.code for area in plans.areas().children(asked.subject)]
        at = Q(subject_kind="area", subject__in=children, carrier=asked.carrier)
        wanted |= at & Q(industry=asked.industry)
    if asked.industry or asked.carrier:
        wanted |= mine & Q(industry=asked.industry, carrier=asked.carrier)
    return View(account, asked, list(Line.objects.filter(wanted, account=account)))


def name_of(view: View, part: Part) -> str:
    """The name of a row in the language of the page."""
    return named(view.asked.by, part.key)


def named(by: str, key: str) -> str:
    """The name of a carrier, area or industry; its code where the pack does not know it."""
    known: Any = {"carrier": plans.carriers(), "area": plans.areas().vocabulary}.get(
        by, plans.industries()
    )
    plain = key.removesuffix("-")
    found = known.get(plain)
    return found.name(plans.lang()) if found else key


def movers(view: View, many: int) -> list[tuple[Line, int, int]]:
    """The enterprises whose change moves the whole most: line, now and a year before."""
    found = []
    for line in _enterprises(view):
        series, known = view.series(line), _reported(view, line)
        now = services.total(series, known, view.asked.lead)
        before = services.total(series, known, view.asked.lead.shift(-1))
        if now is not None and before is not None and series:
            found.append((line, now, before))
    return sorted(found, key=lambda item: (-abs(item[1] - item[2]), item[0].subject))[:many]


def _enterprises(view: View) -> Sequence[Line]:
    asked = view.asked
    lines = Line.objects.filter(
        account=view.account, subject_kind="enterprise", carrier=asked.carrier
    )
    lines = lines.exclude(of_industry="-")
    if asked.kind == "area":
        lines = lines.filter(area=asked.subject)
    if asked.industry:
        lines = lines.filter(Q(of_industry=asked.industry) | Q(of_section=asked.industry))
    return list(lines)


def _reported(view: View, line: Line) -> list[str]:
    """The periods in which an enterprise reported (this carrier, or any where none is asked)."""
    held = list(line.amounts.values())
    return [
        text
        for place, text in enumerate(view.account.known)
        if any(grams[place] is not None for grams in held)
    ]
