"""Groups of enterprises: the members of an issued list, and their total as a ratio of sums.

Only members with whole data to date in both years enter a total (the same sample in both); how many
of the list that is decides the grade. The sum of a group is never the total of a city.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

import polars as pl
from attrs import frozen

from dualcarbon.control.known import Known, Subject
from dualcarbon.control.series import Levels, Span, levels
from dualcarbon.control.trace import Node, apply
from dualcarbon.plan.model import Scope

ENOUGH = 0.9
Extra = Callable[[str, Subject], Levels | None]


@frozen
class Group:
    """A group of enterprises on a date: its subject, its members, and which of them are whole."""

    subject: Subject
    members: tuple[str, ...]

    @property
    def label(self) -> str:
        """Give the id of the group, such as `hundred_thousand_industry`."""
        return self.subject[1]


@frozen
class Sample:
    """The members that have whole data to a month in both years."""

    month: int
    included: tuple[str, ...]


def group_of(scope: Scope, known: Known) -> Group:
    """Give the group that a scope names: tier and sector, as the list stood on the date."""
    name = "_".join((*scope.tier, scope.sector or "")).strip("_")
    return Group(("tier", name), members(known, scope.tier, scope.sector, known.on))


def members(known: Known, tiers: Sequence[str], sector: str | None, on: dt.date) -> tuple[str, ...]:
    """Give the enterprises on a list on a date, in order of their codes."""
    frame = known.enterprises
    if not frame.height:
        return ()
    inside = (
        pl.col("tier").is_in(list(tiers))
        & (pl.col("valid_from").is_null() | (pl.col("valid_from") <= on))
        & (pl.col("valid_to").is_null() | (pl.col("valid_to") >= on))
    )
    if sector:
        inside &= pl.col("sector") == sector
    return tuple(sorted(frame.filter(inside)["enterprise"].unique()))


@frozen
class Totals:
    """Adds up the members of a group; `parts` says which indicators of a member may serve."""

    known: Known
    group: Group
    parts: Mapping[str, Sequence[str]]
    more: Extra

    def member(self, indicator: str, enterprise: str) -> list[Levels]:
        """Give the levels of one member for an indicator of the group."""
        subject = ("enterprise", enterprise)
        for name in self.parts.get(indicator, (indicator,)):
            found = levels(self.known, name, subject)
            extra = self.more(name, subject)
            if found or extra:
                return [*found, *([extra] if extra else [])]
        return []

    def sample(self, indicators: Sequence[str], year: int) -> Sample | None:
        """Give the latest month to which enough members are whole in both years.

        None when no member is whole at all. Below nine tenths the month with most members stands.
        """
        best: Sample | None = None
        for month in sorted(self._months(indicators, year), reverse=True):
            whole = tuple(m for m in self.group.members if self._whole(indicators, m, year, month))
            if whole and len(whole) >= ENOUGH * len(self.group.members):
                return Sample(month, whole)
            if whole and (best is None or len(whole) > len(best.included)):
                best = Sample(month, whole)
        return best

    def _months(self, indicators: Sequence[str], year: int) -> set[int]:
        return {
            month
            for indicator in indicators
            for enterprise in self.group.members
            for item in self.member(indicator, enterprise)
            for month in item.ends(year)
        }

    def _whole(self, indicators: Sequence[str], enterprise: str, year: int, month: int) -> bool:
        return all(
            self._node(indicator, enterprise, at, month) is not None
            for indicator in indicators
            for at in (year, year - 1)
        )

    def _node(self, indicator: str, enterprise: str, year: int, month: int) -> Node | None:
        for item in self.member(indicator, enterprise):
            found = item.to_date(year, month)
            if isinstance(found, Node) and found.value is not None:
                return found
        return None

    def levels(self, indicator: str, sample: Sample, year: int) -> Levels:
        """Give the totals of the sample to its month in both years, and of the whole last year."""
        wanted = {year: (sample.month,), year - 1: (sample.month, 12)}
        years: dict[int, dict[Span, Callable[[], Node]]] = {}
        for at, months in wanted.items():
            for month in months:
                nodes = [self._node(indicator, m, at, month) for m in sample.included]
                if all(node is not None for node in nodes):
                    years.setdefault(at, {})[(1, month)] = _sum(indicator, at, month, nodes)
        return Levels(indicator, years)


def _sum(indicator: str, year: int, month: int, nodes: Sequence[Node | None]) -> Callable[[], Node]:
    parts = [node for node in nodes if node is not None]
    name = f"{indicator} {year}-01..{month:02d}"
    return lambda: apply("sum", name, parts[0].unit, *parts)
