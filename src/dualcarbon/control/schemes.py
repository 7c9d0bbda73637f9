"""Warning schemes: facts to the scheme's own level, and the level to a severity by a pack table.

Trap: in the barometers level 1 is the worst, in the completion scheme grade 3 is. The severity,
0 (fine) to 3 (worst), is the only number that may be compared between schemes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from attrs import frozen

from dualcarbon.control.conditions import Condition, all_hold, read_conditions
from dualcarbon.errors import PackError, UsageError
from dualcarbon.findings import Place, finding
from dualcarbon.packs import Pack


@frozen
class Rung:
    """One level of a scheme: its number and labels, its severity, and when it holds."""

    level: int
    label_zh: str
    label_en: str
    severity: int
    when: tuple[Condition, ...]


@frozen
class Level:
    """Where a scheme puts a standing."""

    scheme: str
    level: int
    label_zh: str
    label_en: str
    severity: int

    def to_json(self) -> dict[str, Any]:
        """Give the level as it stands in a standing."""
        return {
            "scheme": self.scheme,
            "level": self.level,
            "label_zh": self.label_zh,
            "label_en": self.label_en,
            "severity": self.severity,
        }


@frozen
class Scheme:
    """A named reading of progress, with its source; it judges some yardsticks and directions."""

    id: str
    name_zh: str
    name_en: str
    mark: str
    status: str
    source: Mapping[str, Any]
    yardsticks: tuple[str, ...]
    directions: tuple[str, ...]
    default_for: tuple[str, ...]
    rungs: tuple[Rung, ...]
    file: str

    def applies(self, yardstick: str, direction: str | None) -> bool:
        """Tell whether the scheme can judge a yardstick whose target points in a direction."""
        return yardstick in self.yardsticks and (direction or "level") in self.directions

    def judge(self, facts: Mapping[str, float | None]) -> Level | None:
        """Give the first level that holds; None as soon as a fact that it needs is absent."""
        for rung in self.rungs:
            answer = all_hold(rung.when, facts)
            if answer:
                return Level(self.id, rung.level, rung.label_zh, rung.label_en, rung.severity)
            if answer is None:
                return None
        return None


def facts_of(
    value: float | None,
    required: float | None,
    gap: float | None,
    *,
    left: float | None = None,
    overdue: bool | None = None,
) -> dict[str, float | None]:
    """Give the facts that a scheme may ask for.

    `gap` is positive when behind. `missed_share` is the gap in % of the required value, infinite
    when nothing was required and it was missed. `completion` is value / required in %, absent when
    nothing is required. `left` is what remains to reach the target or of a cap.
    """
    return {
        "value": value,
        "required": required,
        "gap": gap,
        "missed_share": _missed(gap, required),
        "completion": value / required * 100 if value is not None and required else None,
        "left": left,
        "overdue": None if overdue is None else float(overdue),
    }


def _missed(gap: float | None, required: float | None) -> float | None:
    if gap is None or required is None:
        return None
    if required == 0:
        return math.inf if gap > 0 else 0.0
    return gap / abs(required) * 100


def load_schemes(pack: Pack) -> dict[str, Scheme]:
    """Load the schemes of a pack and its parents by id; a child's file of the same id replaces.

    Errors: PackError for a scheme without source, labels, severity or with a wrong condition.
    """
    found = (_scheme(path) for path in pack.files("schemes/*.yaml"))
    return {scheme.id: scheme for scheme in found}


def _scheme(path: Path) -> Scheme:
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        applies = raw["applies_to"]
        return Scheme(
            id=raw["id"],
            name_zh=raw["name_zh"],
            name_en=raw["name_en"],
            mark=raw["mark"],
            status=raw["status"],
            source=raw["source"],
            yardsticks=tuple(applies["yardsticks"]),
            directions=tuple(applies["directions"]),
            default_for=tuple(raw.get("default_for", ())),
            rungs=tuple(_rung(entry, str(path)) for entry in raw["levels"]),
            file=str(path),
        )
    except (KeyError, TypeError, ValueError, yaml.YAMLError, OSError) as error:
        raise PackError(finding("control.scheme", Place(str(path)), found=str(error))) from error


def _rung(entry: Mapping[str, Any], file: str) -> Rung:
    severity = entry["severity"]
    if severity not in (0, 1, 2, 3):
        raise ValueError(f"severity {severity}")
    return Rung(
        level=int(entry["level"]),
        label_zh=entry["label_zh"],
        label_en=entry["label_en"],
        severity=severity,
        when=read_conditions(entry["when"], file),
    )


def default_scheme(
    schemes: Mapping[str, Scheme],
    chosen: str | Mapping[str, str] | None,
    yardstick: str,
    direction: str | None,
) -> Scheme | None:
    """Give the scheme that sets the severity: the choice where it applies, else the pack default.

    `chosen` is a scheme id or a mapping of yardstick to scheme id.
    Errors: UsageError when a chosen scheme does not exist.
    """
    name = chosen.get(yardstick) if isinstance(chosen, Mapping) else chosen
    if name is not None and name not in schemes:
        known = ", ".join(schemes)
        raise UsageError(finding("control.scheme_unknown", found=name, expected=known))
    if name is not None and schemes[name].applies(yardstick, direction):
        return schemes[name]
    defaults = (s for s in schemes.values() if yardstick in s.default_for)
    return next((s for s in defaults if s.applies(yardstick, direction)), None)
