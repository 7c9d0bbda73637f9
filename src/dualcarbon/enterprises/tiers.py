"""The tier that a yearly consumption would give; membership itself is an issued list."""

from __future__ import annotations

from collections.abc import Mapping


def tier(consumption: float, lines: Mapping[str, float]) -> str | None:
    """Give the highest tier whose line a consumption reaches; None below all lines.

    Units: `consumption` and `lines` in tce a year; a line includes its own value (clause R5.1).
    """
    reached = [(line, name) for name, line in lines.items() if consumption >= line]
    return max(reached)[1] if reached else None
