"""What the reader gives: clauses, targets, and the numbers it left out with the reason."""

from __future__ import annotations

from typing import Any, Literal

from attrs import asdict, frozen

Direction = Literal["up", "down", "level"]
Strength = Literal["must", "in_principle", "strive", "explore"]
TARGET_KEYS = (
    "clause",
    "start",
    "end",
    "subject",
    "value",
    "unit",
    "comparator",
    "direction",
    "strength",
    "base",
    "kind",
)


@frozen
class Clause:
    """One sentence of the notice: `document[start:end] == text`.

    `id` is `section.sentence`: section 0 is what stands before the first numbered heading.
    """

    id: str
    text: str
    start: int
    end: int

    def to_json(self) -> dict[str, str]:
        """Give id and exact text."""
        return {"id": self.id, "text": self.text}


@frozen
class Target:
    """One quantified duty.

    `start`, `end`: offsets in the whole document; there stands the number with its unit.
    `value`: signed, in `unit`; a fall is negative. `comparator` is of the signed value.
    `base`: a year, "previous year", or None. `deadline`: a year, or None when none is named.
    `kind`: rate (relative change), change (absolute change), cap, level (a share or state to
    reach), ratio (plain or compound unit to reach), count (a number or amount to deliver).
    """

    clause: str
    start: int
    end: int
    subject: str
    value: float
    unit: str
    comparator: str
    direction: Direction
    strength: Strength
    base: str | None
    kind: str
    deadline: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Give the keys of the JSON answer; a whole value is an integer."""
        whole = asdict(self)
        whole["value"] = int(self.value) if self.value == int(self.value) else self.value
        return {key: whole[key] for key in TARGET_KEYS}


@frozen
class Rejected:
    """A number that is no target, with the id and the words of the reason."""

    clause: str
    start: int
    end: int
    text: str
    reason: str
    reason_zh: str
    reason_en: str


@frozen
class NoticeDraft:
    """Everything that was read from one notice."""

    clauses: tuple[Clause, ...]
    targets: tuple[Target, ...]
    rejected: tuple[Rejected, ...] = ()
    title: str = ""
    language: str = "en"
    year: int | None = None
    text: str = ""

    def to_json(self) -> dict[str, Any]:
        """Give `clauses` and `targets` as the command prints them."""
        return {
            "clauses": [item.to_json() for item in self.clauses],
            "targets": [item.to_json() for item in self.targets],
        }
