"""What a reconciliation answers: its levels as JSON data and as flat rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dualcarbon.accounting.level import CAUSES, Level
from dualcarbon.accounting.lines import Line
from dualcarbon.accounting.reconcile import Reconciliation
from dualcarbon.carriers import Carrier

LINE = ("unit", "quantity_upper", "quantity_lower", "upper_g", "lower_g")
AMOUNTS = ("gap_g", "boundary_g", "activity_g", "factor_g", "explained_g")
HEADER = ("upper", "lower", "measure", "by", "subject", "carrier", *LINE, *AMOUNTS)


def payload(result: Reconciliation, carriers: Mapping[str, Carrier]) -> dict[str, Any]:
    """Give levels and register as JSON data; amounts are whole grams, null where not known."""
    return {
        "period": str(result.period),
        "levels": [_level(level, carriers) for level in result.levels],
        "register": [{**known.to_json(), "matched": found} for known, found in result.register],
    }


def _level(level: Level, carriers: Mapping[str, Carrier]) -> dict[str, Any]:
    return {
        "upper": level.upper,
        "lower": level.lower,
        "measure": level.measure,
        "by": level.by,
        "subject": level.subject,
        "complete": level.complete,
        "carriers": [_line(line, carriers) for line in level.lines],
        "net_g": level.net(),
        "absolute_g": level.absolute(),
        "causes": {
            cause: {"net_g": level.net(cause), "absolute_g": level.absolute(cause)}
            for cause in CAUSES[1:]
        },
    }


def _line(line: Line, carriers: Mapping[str, Carrier]) -> dict[str, Any]:
    carrier = carriers.get(line.carrier)
    return {
        "carrier": line.carrier,
        "carrier_zh": carrier.name_zh if carrier else line.carrier,
        "carrier_en": carrier.name_en if carrier else line.carrier,
        **{name: getattr(line, name) for name in LINE},
        "gap_g": line.gap_g,
        "boundary_g": line.boundary_g,
        "boundary": [
            {"name_zh": part.name_zh, "name_en": part.name_en, "g": part.g}
            for part in line.boundary
        ],
        "activity_g": line.activity_g,
        "factor_g": line.factor_g,
        "explained": [known.to_json() for known in line.explained],
        "explained_g": line.explained_g,
        "open_g": line.open_g,
    }


def flat(result: Reconciliation) -> Iterator[list[Any]]:
    """Give a row of HEADER for every carrier of every level."""
    for level in result.levels:
        head = [level.upper, level.lower, level.measure, level.by, level.subject]
        for line in level.lines:
            yield [*head, line.carrier, *(getattr(line, name) for name in (*LINE, *AMOUNTS))]
