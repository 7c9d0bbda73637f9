"""What must hold inside a commitment: value, unit, sign, comparator and indicator agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from dualcarbon.errors import DualcarbonError
from dualcarbon.figures import Indicator
from dualcarbon.findings import Finding, Place, finding
from dualcarbon.plan.model import Commitment, StatedTarget, Threshold
from dualcarbon.plan.source import place
from dualcarbon.units import dimension

TARGET_NEEDS = ("indicator", "comparator", "value", "unit", "direction")
AGAINST = {"up": ("<=", "<"), "down": (">=", ">"), "level": ()}


def duplicates(raws: Iterable[dict[str, Any]], what: str) -> list[Finding]:
    """Find ids given twice in one list of one file."""
    listed = list(raws)
    counted = Counter(str(item.get("id")) for item in listed)
    return [
        finding("plan.duplicate_id", place(item, "id"), found=item.get("id"), what=what)
        for item in listed
        if counted[str(item.get("id"))] > 1
    ]


def check_commitment(item: Commitment, indicators: Mapping[str, Indicator]) -> list[Finding]:
    """Check one commitment; the findings name its file and line."""
    checks: Sequence[Callable[[Commitment, Mapping[str, Indicator]], list[Finding]]] = (
        _complete,
        _sign,
        _comparator,
        _unit,
        _thresholds,
        _numbering,
        _dates,
        _rule,
    )
    return [found for check in checks for found in check(item, indicators)]


def _at(item: Commitment, rule: str, column: str, **facts: Any) -> list[Finding]:
    spot = Place(item.file or None, row=item.line or None, column=column)
    return [finding(f"plan.{rule}", spot, id=item.id, **facts)]


def _complete(item: Commitment, indicators: Mapping[str, Indicator]) -> list[Finding]:
    if item.kind != "target":
        if item.value is not None:
            return _at(item, "value_without_target", "value", found=item.value)
        return []
    missing = [name for name in TARGET_NEEDS if getattr(item, name) is None]
    if item.yardstick == "milestone":
        missing.append("yardstick")
    if not missing:
        return []
    return _at(item, "target_incomplete", missing[0], found=", ".join(missing))


def _sign(item: Commitment, indicators: Mapping[str, Indicator]) -> list[Finding]:
    """Only a change carries the direction in its sign; a level is positive either way."""
    if item.value is None or item.base is None:
        return []
    wrong = {"up": item.value <= 0, "down": item.value >= 0, "level": item.value != 0}
    if item.direction is None or not wrong[item.direction]:
        return []
    return _at(item, "direction_sign", "value", found=item.value, direction=item.direction)


def _comparator(item: Commitment, indicators: Mapping[str, Indicator]) -> list[Finding]:
    if item.direction is None or item.comparator not in AGAINST[item.direction]:
        return []
    return _at(
        item, "comparator_direction", "comparator", found=item.comparator, direction=item.direction
    )


def _unit(item: Commitment, indicators: Mapping[str, Indicator]) -> list[Finding]:
    known = indicators.get(item.indicator or "")
    if known is None or item.unit is None:
        return []
    if item.base is not None and item.unit == "%":
        return []
    if _same(item.unit, known.unit):
        return []
    return _at(item, "unit_mismatch", "unit", found=item.unit, expected=known.unit, name=known.id)


def _same(unit: str, expected: str) -> bool:
    try:
        return dimension(unit) == dimension(expected)
    except DualcarbonError:
        return False


def _known(unit: str) -> bool:
    return _same(unit, unit)


def _thresholds(item: Commitment, indicators: Mapping[str, Indicator]) -> list[Finding]:
    unknown: list[Threshold] = [line for line in item.thresholds if not _known(line.unit)]
    return [
        found
        for line in unknown
        for found in _at(item, "unit_unknown", "thresholds", found=line.unit)
    ]


def _numbering(item: Commitment, indicators: Mapping[str, Indicator]) -> list[Finding]:
    if item.id.startswith(f"{item.section}.") or not item.section:
        return []
    return _at(item, "id_section", "id", found=item.id, section=item.section)


def _dates(item: Commitment, indicators: Mapping[str, Indicator]) -> list[Finding]:
    found: list[Finding] = []
    if item.base is not None and item.base.end >= item.period.end:
        found += _at(item, "base_late", "base", found=str(item.base), period=str(item.period))
    if item.deadline is not None and item.deadline < item.period.start:
        found += _at(
            item, "deadline_early", "deadline", found=str(item.deadline), period=str(item.period)
        )
    return found


def _rule(item: Commitment, indicators: Mapping[str, Indicator]) -> list[Finding]:
    if item.rule is None or item.indicator is not None:
        return []
    return _at(item, "rule_indicator", "rule", found=item.rule.name)


def check_stated(
    item: StatedTarget, indicators: Mapping[str, Indicator], areas: Iterable[str], spot: Place
) -> list[Finding]:
    """Check a target of another document: its indicator, unit and subject are known."""
    known = indicators.get(item.indicator)
    facts: dict[str, Any] = {"id": item.indicator}
    if known is None:
        return [finding("plan.indicator_unknown", spot, found=item.indicator, near="-", **facts)]
    found: list[Finding] = []
    change = item.base is not None and item.unit == "%"
    if not change and not _same(item.unit, known.unit):
        found.append(
            finding(
                "plan.unit_mismatch",
                spot,
                found=item.unit,
                expected=known.unit,
                name=known.id,
                **facts,
            )
        )
    if item.subject is not None and item.subject not in set(areas):
        found.append(
            finding("plan.area_unknown", spot, found=item.subject, area=item.subject, **facts)
        )
    return found
