"""What changed between two plans: duties added, dropped and changed, field by field.

Duties are matched by id and, where ids moved, by indicator and by the likeness of their titles. The
measure of likeness is symmetric, so the comparison read backwards is the comparison reversed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from attrs import asdict, frozen

from dualcarbon.periods import Period
from dualcarbon.plan.model import Body, Commitment, Plan

SAME_INDICATOR = 0.4
SAME_ID = 0.15
ENOUGH = 0.55
COMMON_YEAR = 2000


@frozen
class FieldChange:
    """One field of a duty that differs; values are JSON values."""

    field: str
    before: Any
    after: Any

    def to_json(self) -> dict[str, Any]:
        """Give the change as JSON."""
        return {"field": self.field, "before": self.before, "after": self.after}


@frozen
class Change:
    """A duty present in both plans whose fields differ."""

    before: Commitment
    after: Commitment
    fields: tuple[FieldChange, ...]

    @property
    def matched_by(self) -> str:
        """Tell whether the id stayed (`id`) or the duty was recognised (`similarity`)."""
        return "id" if self.before.id == self.after.id else "similarity"

    def to_json(self) -> dict[str, Any]:
        """Give the change as JSON."""
        return {
            "id": self.after.id,
            "id_before": self.before.id,
            "matched_by": self.matched_by,
            "title_zh": self.after.title_zh,
            "title_en": self.after.title_en,
            "fields": [item.to_json() for item in self.fields],
        }


@frozen
class PlanDiff:
    """The difference of two plans, from `before` to `after`."""

    before: Plan
    after: Plan
    added: tuple[Commitment, ...]
    dropped: tuple[Commitment, ...]
    changed: tuple[Change, ...]
    unchanged: int

    @property
    def empty(self) -> bool:
        """Tell whether nothing differs."""
        return not (self.added or self.dropped or self.changed)

    def to_json(self) -> dict[str, Any]:
        """Give the difference as `plan diff` answers it."""
        return {
            "before": _head(self.before),
            "after": _head(self.after),
            "added": [item.to_json() for item in self.added],
            "dropped": [item.to_json() for item in self.dropped],
            "changed": [item.to_json() for item in self.changed],
            "unchanged": self.unchanged,
        }


def _head(plan: Plan) -> dict[str, Any]:
    return {"id": plan.id, "year": plan.year, "title_zh": plan.title_zh, "title_en": plan.title_en}


def diff_plans(before: Plan, after: Plan) -> PlanDiff:
    """Compare two plans. Periods, bases and deadlines are compared relative to the plan's year."""
    pairs = _match(before.commitments, after.commitments)
    kept = {old.id for old, _ in pairs}
    found = {new.id for _, new in pairs}
    changes = [Change(old, new, _fields(old, new, before.year, after.year)) for old, new in pairs]
    changed = tuple(item for item in changes if item.fields)
    return PlanDiff(
        before,
        after,
        added=tuple(item for item in after.commitments if item.id not in found),
        dropped=tuple(item for item in before.commitments if item.id not in kept),
        changed=changed,
        unchanged=len(pairs) - len(changed),
    )


def _match(
    old: Sequence[Commitment], new: Sequence[Commitment]
) -> list[tuple[Commitment, Commitment]]:
    """Pair the likeliest first; ties are broken in a way that does not depend on the direction."""
    pieces = {id(item): _pieces(item) for item in (*old, *new)}
    scored = [(score, a, b) for a in old for b in new if (score := _score(a, b, pieces)) >= ENOUGH]
    scored.sort(key=lambda item: (-item[0], *sorted((item[1].id, item[2].id))))
    taken_old: set[str] = set()
    taken_new: set[str] = set()
    pairs = []
    for _, a, b in scored:
        if a.id not in taken_old and b.id not in taken_new:
            taken_old.add(a.id)
            taken_new.add(b.id)
            pairs.append((a, b))
    order = {item.id: place for place, item in enumerate(new)}
    return sorted(pairs, key=lambda pair: order[pair[1].id])


Pieces = tuple[frozenset[str], ...]


def _pieces(item: Commitment) -> Pieces:
    texts = (item.title_zh, item.title_en, item.text_zh, item.text_en)
    return tuple(_bigrams(text) for text in texts)


def _bigrams(text: str) -> frozenset[str]:
    """Give the pairs of neighbouring letters; figures are left out, they are what changes."""
    letters = "".join(sign for sign in text.lower() if sign.isalpha())
    return frozenset(letters[place : place + 2] for place in range(len(letters) - 1))


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """Give the Dice coefficient of two sets, 0 to 1; two empty sets are not alike."""
    total = len(one) + len(other)
    return 2 * len(one & other) / total if total else 0.0


def _score(a: Commitment, b: Commitment, pieces: dict[int, Pieces]) -> float:
    pairs = zip(pieces[id(a)], pieces[id(b)], strict=True)
    score = max(likeness(one, other) for one, other in pairs)
    if a.indicator is not None and (a.indicator, a.kind, a.scope) == (b.indicator, b.kind, b.scope):
        score += SAME_INDICATOR
    return score + (SAME_ID if a.id == b.id else 0.0)


READERS: dict[str, Callable[[Commitment, int], Any]] = {
    "id": lambda item, year: item.id,
    "section": lambda item, year: item.section,
    "kind": lambda item, year: item.kind,
    "title_zh": lambda item, year: item.title_zh,
    "title_en": lambda item, year: item.title_en,
    "text_zh": lambda item, year: item.text_zh,
    "text_en": lambda item, year: item.text_en,
    "indicator": lambda item, year: item.indicator,
    "yardstick": lambda item, year: item.yardstick,
    "comparator": lambda item, year: item.comparator,
    "value": lambda item, year: item.value,
    "unit": lambda item, year: item.unit,
    "direction": lambda item, year: item.direction,
    "base": lambda item, year: _relative(item.base, year),
    "period": lambda item, year: _relative(item.period, year),
    "scope": lambda item, year: item.scope.to_json(),
    "strength": lambda item, year: item.strength,
    "lead": lambda item, year: _ids(item.lead),
    "support": lambda item, year: _ids(item.support),
    "lead_status": lambda item, year: item.lead_status,
    "districts": lambda item, year: item.districts,
    "deadline": lambda item, year: _relative_day(item.deadline, year),
    "peak_action": lambda item, year: item.peak_action,
    "evidence_zh": lambda item, year: item.evidence_zh,
    "evidence_en": lambda item, year: item.evidence_en,
    "thresholds": lambda item, year: item.thresholds,
    "rule": lambda item, year: item.rule,
    "profile": lambda item, year: item.profile,
}


def _fields(
    old: Commitment, new: Commitment, year_old: int, year_new: int
) -> tuple[FieldChange, ...]:
    return tuple(
        FieldChange(name, _plain(old, name), _plain(new, name))
        for name, read in READERS.items()
        if read(old, year_old) != read(new, year_new)
    )


def _relative(period: Period | None, year: int) -> str | None:
    return str(period.shift(COMMON_YEAR - year)) if period else None


def _relative_day(day: date | None, year: int) -> tuple[int, int, int] | None:
    return (day.year - year, day.month, day.day) if day else None


def _ids(bodies: Sequence[Body]) -> tuple[str, ...]:
    return tuple(item.id for item in bodies)


def _plain(item: Commitment, name: str) -> Any:
    """Give a field as a JSON value."""
    value = getattr(item, name)
    if name == "scope":
        return value.to_json()
    if name in ("lead", "support"):
        return list(_ids(value))
    if isinstance(value, Period | date):
        return str(value)
    if name == "thresholds":
        return [f"{line.comparator} {line.value:g} {line.unit}" for line in value]
    if name == "rule":
        return None if value is None else asdict(value)
    return list(value) if isinstance(value, tuple) else value
