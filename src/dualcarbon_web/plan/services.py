"""The plan of this site, read from its pack."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.conf import settings

from dualcarbon.plan import Commitment, Plan, load_plan
from dualcarbon.plan.coverage import coverage_rows


@cache
def plan() -> Plan:
    """The plan that the settings name."""
    return load_plan(settings.PLAN)


def commitment(number: str) -> Commitment | None:
    """One commitment by its number, or None."""
    return next((item for item in plan().commitments if item.id == number), None)


def by_indicator(indicator: str) -> dict[str, str]:
    """Commitment numbers of an indicator by the kind of subject they ask of."""
    found: dict[str, str] = {}
    for item in plan().commitments:
        if item.indicator == indicator:
            found.setdefault(item.scope.subject_kind, item.id)
    return found


def coverage() -> list[dict[str, Any]]:
    """What the software does about each obligation, one entry each, in the notice's order."""
    return coverage_rows(plan())
