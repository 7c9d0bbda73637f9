"""What a rubric is: declared facts, items with one scoring form each, grades, named choices."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from attrs import frozen

from dualcarbon.control.assessment.bands import Band

FORMS = (
    "all_or_nothing", "proportional", "stepped", "bonus", "matrix", "count", "veto",
)  # fmt: skip
MARKS = ("A", "B", "C", "D")
STATUSES = ("sourced", "unsourced", "synthetic")
HIGHER, LOWER = "higher", "lower"
POINT = "point"
ENGINE_CHOICES = {
    "edges": ("lower", "upper"),
    "gap": ("lower", "round", "open"),
    "progress": ("ratio", "log"),
    "part_step": ("started", "full"),
    "ties": ("drop", "keep"),
}
DEFAULTS = {name: options[0] for name, options in ENGINE_CHOICES.items()}
BARE = ("1", "count", POINT)  # a number that may stand without its unit


@frozen
class Named:
    """Something with a code and a name in both languages."""

    code: str
    name_zh: str
    name_en: str

    def name(self, lang: str) -> str:
        """Give the name in `zh` or `en`."""
        return self.name_zh if lang == "zh" else self.name_en


@frozen
class Ratio:
    """How a fact follows from two others when it is not given itself: of / to.

    `to` is a fact or a number. `change`: both are changes in %, so that the choice `progress` may
    take logarithms, ln(1 + of) / ln(1 + to).
    """

    of: str
    to: str | float
    change: bool = False


@frozen
class Fact(Named):
    """A fact that the rubric asks for: its unit, which way is better, when it counts as met.

    `levels` (best first) name the values of a fact that is a level and not a number.
    """

    unit: str = "1"
    better: str = HIGHER
    met_when: Band | None = None
    ratio: Ratio | None = None
    levels: tuple[Named, ...] = ()


@frozen
class Step:
    """Points for a band of numbers, or for a named level."""

    points: float
    band: Band | None = None
    level: str | None = None


@frozen
class Ladder:
    """Points lost for every `per` short of `start`: 10, 9, 8 for each 10 % missed."""

    start: float
    per: float
    lose: float


@frozen
class Veto:
    """A fact that forces a grade when it is `missed` or `met`.

    `absent`: without the fact it is `unknown`, or `clear` where only a finding counts (fraud).
    """

    fact: str
    when: str
    forces: str
    absent: str = "unknown"


@frozen
class Item(Named):
    """A line of the sheet. Fields that its form does not use have their empty value.

    `max` is the highest score of the line (the cap of a bonus); None for a line without points.
    """

    form: str
    facts: tuple[str, ...]
    max: float | None
    full: float = 100.0
    zero: float = 0.0
    steps: tuple[Step, ...] = ()
    otherwise: float | None = None
    ladder: Ladder | None = None
    over: float = 0.0
    per: float = 1.0
    each: float = 0.0
    cells: Mapping[tuple[bool, ...], float] = {}
    fail_at: int | None = None
    forces: str | None = None
    veto: Veto | None = None
    mark: str = ""
    status: str = "sourced"
    source: str = ""


@frozen
class Grade(Named):
    """A grade; without a band it is only ever forced or decided."""

    band: Band | None = None


@frozen
class Share:
    """At most `percent` of the subjects may have a grade; the rest of them get the next one."""

    grade: str
    percent: float


@frozen
class Choice(Named):
    """A named reading of what the text leaves open, and the option taken."""

    options: tuple[str, ...]
    chosen: str


@frozen
class Rubric(Named):
    """A dated rubric, read with its choices. `grades` go from the best to the worst.

    `raw` is the YAML mapping it was built from, so that an edition can build it again.
    """

    applies_to: str
    valid_from: dt.date
    valid_to: dt.date | None
    mark: str
    status: str
    source: str
    note: tuple[str, str]
    choices: Mapping[str, Choice]
    facts: Mapping[str, Fact]
    items: tuple[Item, ...]
    grades: tuple[Grade, ...]
    shares: tuple[Share, ...]
    base_grade: str | None
    decision: str | None
    raw: Mapping[str, Any]
    file: str

    def chosen(self, name: str) -> str:
        """Give the option taken of a choice; of one that does not matter here, the default."""
        choice = self.choices.get(name)
        return DEFAULTS[name] if choice is None else choice.chosen

    @property
    def max(self) -> float | None:
        """Give the highest total, bonuses included; None for a rubric without points."""
        points = [item.max for item in self.items if item.max is not None]
        return sum(points) if points else None

    @property
    def statuses(self) -> str:
        """Give the worst status of the rubric and its items: unsourced before sourced."""
        own = {self.status, *(item.status for item in self.items)}
        order = ("synthetic", "unsourced", "sourced")
        return next(status for status in order if status in own)

    def place_of(self, grade: str) -> int:
        """Give the place of a grade, 0 for the best."""
        return next(k for k, one in enumerate(self.grades) if one.code == grade)
