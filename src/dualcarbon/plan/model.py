"""The plan: a notice of a city for a year, as frozen facts.

A plan is what a notice says, never how a city stands: standings are computed in `control`. Text
exists in Chinese and English. Absent values are None, never zero; a fall is a negative value.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal, get_args

from attrs import frozen

from dualcarbon.figures import Indicator
from dualcarbon.periods import Period

Kind = Literal["target", "task", "standing_duty"]
Yardstick = Literal["rate", "count", "cap", "milestone"]
Comparator = Literal["<=", ">=", "=", "~", ">", "<"]
Direction = Literal["up", "down", "level"]
Strength = Literal["must", "in_principle", "strive", "explore"]
Mechanism = Literal["computed", "milestone-tracked", "none"]
Data = Literal["real", "synthetic", "none"]
Reading = Literal["sum", "each"]
ScopeKind = Literal["city", "area", "industry", "enterprise", "project"]

KINDS: tuple[str, ...] = get_args(Kind)
YARDSTICKS: tuple[str, ...] = get_args(Yardstick)
COMPARATORS: tuple[str, ...] = get_args(Comparator)
DIRECTIONS: tuple[str, ...] = get_args(Direction)
STRENGTHS: tuple[str, ...] = get_args(Strength)
MECHANISMS: tuple[str, ...] = get_args(Mechanism)
DATA: tuple[str, ...] = get_args(Data)
READINGS: tuple[str, ...] = get_args(Reading)
SCOPE_KINDS: tuple[str, ...] = get_args(ScopeKind)
TIERS = ("hundred", "thousand", "ten_thousand")


@frozen
class Body:
    """A government body, enterprise or institution that leads or supports a commitment."""

    id: str
    name_zh: str
    name_en: str

    def name(self, lang: str) -> str:
        """Give the name in `zh` or `en`."""
        return self.name_zh if lang == "zh" else self.name_en


@frozen
class Section:
    """A section of the notice; `peak_action` (1-10) is the default of its commitments."""

    id: str
    title_zh: str
    title_en: str
    peak_action: int | None = None

    def title(self, lang: str) -> str:
        """Give the title in `zh` or `en`."""
        return self.title_zh if lang == "zh" else self.title_en


@frozen
class Threshold:
    """A line that says whom or what a clause covers; it is never a target."""

    name_zh: str
    name_en: str
    value: float
    unit: str
    comparator: Comparator


@frozen
class Rule:
    """How a value follows from others: `remaining_task` spreads what is left over `over_years`."""

    name: str
    over_years: int | None = None
    floor: float | None = None


@frozen
class Scope:
    """Whom a commitment binds; `cuts` are the overlapping cuts of the city that it names.

    `reading` chooses, for a tier of enterprises, between the `sum` of the group and `each` member.
    """

    subject_kind: ScopeKind = "city"
    cut: str | None = None
    cuts: tuple[str, ...] = ()
    tier: tuple[str, ...] = ()
    sector: str | None = None
    reading: Reading | None = None

    def to_json(self) -> dict[str, Any]:
        """Give the parts that are stated."""
        parts: dict[str, Any] = {"subject_kind": self.subject_kind, "cut": self.cut}
        parts |= {"cuts": list(self.cuts), "tier": list(self.tier)}
        parts |= {"sector": self.sector, "reading": self.reading}
        return {key: value for key, value in parts.items() if value}


@frozen
class StatedTarget:
    """A target of another document (five-year plan, earlier year) with its mark and source.

    `value` is None where the document states none in figures; then `note_*` says what it states.
    `subject` None is the city. `base` and `last` are years; a fall is negative.
    """

    indicator: str
    value: float | None
    unit: str
    comparator: Comparator
    strength: Strength
    base: int | None
    last: int
    mark: str
    status: str
    source: Mapping[str, Any]
    subject: str | None = None
    note_zh: str = ""
    note_en: str = ""


@frozen
class FiveYear:
    """The five-year plan around the notice: base year, first and last year, its targets."""

    base: int
    first: int
    last: int
    targets: tuple[StatedTarget, ...]

    def target(self, indicator: str, subject: str | None = None) -> StatedTarget | None:
        """Give the target of an indicator for a subject (None: the city) at the plan's end."""
        return next(
            (
                item
                for item in self.targets
                if (item.indicator, item.subject, item.last) == (indicator, subject, self.last)
            ),
            None,
        )


@frozen
class Coverage:
    """What the software does about a commitment: how it is followed, on which data, where."""

    mechanism: Mechanism
    data: Data
    room: str | None
    command: str | None


@frozen
class Commitment:
    """One obligation of the notice, restated in our own words; `file` and `line` are its place.

    `value` is signed and in `unit`; only a target has one. `base` is the period compared with, or
    None. `lead_status` is `unsourced` where the notice names no body and leads are inferred.
    """

    id: str
    section: str
    kind: Kind
    title_zh: str
    title_en: str
    text_zh: str
    text_en: str
    indicator: str | None
    yardstick: Yardstick
    comparator: Comparator | None
    value: float | None
    unit: str | None
    direction: Direction | None
    base: Period | None
    period: Period
    scope: Scope
    strength: Strength
    lead: tuple[Body, ...]
    support: tuple[Body, ...]
    lead_status: str
    districts: tuple[str, ...] | Literal["all"]
    deadline: date | None
    peak_action: int | None
    evidence_zh: str
    evidence_en: str
    thresholds: tuple[Threshold, ...]
    rule: Rule | None
    profile: str | Mapping[str, float] | None
    coverage: Coverage
    file: str
    line: int

    def title(self, lang: str) -> str:
        """Give the short name in `zh` or `en`."""
        return self.title_zh if lang == "zh" else self.title_en

    def text(self, lang: str) -> str:
        """Give the clause in our words in `zh` or `en`."""
        return self.text_zh if lang == "zh" else self.text_en

    def evidence(self, lang: str) -> str:
        """Give what proves the commitment, in `zh` or `en`."""
        return self.evidence_zh if lang == "zh" else self.evidence_en

    def to_json(self) -> dict[str, Any]:
        """Give the commitment as `plan show` answers it; periods and dates as text."""
        return {
            "id": self.id,
            "section": self.section,
            "kind": self.kind,
            "title_zh": self.title_zh,
            "title_en": self.title_en,
            "indicator": self.indicator,
            "comparator": self.comparator,
            "value": self.value,
            "unit": self.unit,
            "direction": self.direction,
            "strength": self.strength,
            "base": str(self.base) if self.base else None,
            "period": str(self.period),
            "scope": self.scope.to_json(),
            "lead": [self._body(item) for item in self.lead],
            "support": [self._body(item) for item in self.support],
            "deadline": self.deadline.isoformat() if self.deadline else None,
            "evidence": {"zh": self.evidence_zh, "en": self.evidence_en},
        }

    def _body(self, body: Body) -> dict[str, str]:
        return {
            "id": body.id,
            "name_zh": body.name_zh,
            "name_en": body.name_en,
            "status": self.lead_status,
        }


@frozen
class Plan:
    """A notice of a pack: `id` is `<pack>-<year>`; `files` are those read, root first."""

    id: str
    pack: str
    year: int
    title_zh: str
    title_en: str
    document: str | None
    issued_on: date | None
    issuer_zh: str
    issuer_en: str
    five_year: FiveYear | None
    history: tuple[StatedTarget, ...]
    sections: tuple[Section, ...]
    bodies: tuple[Body, ...]
    commitments: tuple[Commitment, ...]
    indicators: Mapping[str, Indicator]
    synthetic: bool
    files: tuple[str, ...]

    def commitment(self, commitment_id: str) -> Commitment:
        """Give one commitment; KeyError when the plan has none of that id."""
        for item in self.commitments:
            if item.id == commitment_id:
                return item
        raise KeyError(commitment_id)

    def section(self, section_id: str) -> Section:
        """Give one section; KeyError when the plan has none of that id."""
        for item in self.sections:
            if item.id == section_id:
                return item
        raise KeyError(section_id)

    def in_section(self, section_id: str) -> tuple[Commitment, ...]:
        """Give the commitments of a section in the order of the notice."""
        return tuple(item for item in self.commitments if item.section == section_id)

    @property
    def targets(self) -> tuple[Commitment, ...]:
        """Give the quantified targets in the order of the notice."""
        return tuple(item for item in self.commitments if item.kind == "target")

    def title(self, lang: str) -> str:
        """Give the title of the notice in `zh` or `en`."""
        return self.title_zh if lang == "zh" else self.title_en
