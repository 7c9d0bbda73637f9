"""One subject's facts as the forms see them: numbers, met or not, levels; some are derived."""

from __future__ import annotations

import math
from collections.abc import Mapping

from attrs import frozen

from dualcarbon.control.assessment.facts import Given
from dualcarbon.control.assessment.model import Ratio, Rubric
from dualcarbon.units import convert

DIGITS = 10
NOTHING: Mapping[str, float] = {}


@frozen
class View:
    """What is known of a subject; `drawn` numbers stand in the place of the given ones."""

    rubric: Rubric
    given: Mapping[str, Given]
    drawn: Mapping[str, float] = NOTHING

    def number(self, name: str) -> float | None:
        """Give the number of a fact, given or as a ratio of two others; absent is None."""
        value = self._stated(name)
        fact = self.rubric.facts[name]
        if value is None and fact.ratio is not None:
            value = self._ratio(fact.ratio, fact.unit)
        return None if value is None else round(value, DIGITS)

    def _stated(self, name: str) -> float | None:
        if name in self.drawn:
            return self.drawn[name]
        given = self.given.get(name)
        return None if given is None else given.value

    def _ratio(self, ratio: Ratio, unit: str) -> float | None:
        of = self._stated(ratio.of)
        to = self._stated(ratio.to) if isinstance(ratio.to, str) else ratio.to
        if of is None or to is None or not to:
            return None
        if isinstance(ratio.to, str):
            facts = self.rubric.facts
            of = convert(of, facts[ratio.of].unit, facts[ratio.to].unit)
        if ratio.change and self.rubric.chosen("progress") == "log":
            done = _log_share(of, to)
        else:
            done = of / to
        return None if done is None else _within(done, unit)

    def met(self, name: str) -> bool | None:
        """Tell whether a fact is met: as declared, else by its own test; None when unknown."""
        given = self.given.get(name)
        if given is not None and given.met is not None:
            return given.met
        return self.tested(name)

    def tested(self, name: str) -> bool | None:
        """Tell what the number of a fact says about it being met; None when it says nothing."""
        fact = self.rubric.facts[name]
        value = self.number(name)
        if value is None or fact.met_when is None:
            return None
        return fact.met_when.holds(value, self.rubric.chosen("edges"))

    def level(self, name: str) -> str | None:
        """Give the level of a fact; absent is None."""
        given = self.given.get(name)
        return None if given is None else given.level

    def used(self, name: str) -> list[Given]:
        """Give what was given for a fact, or for the facts that it is derived from."""
        if name in self.given:
            return [self.given[name]]
        ratio = self.rubric.facts[name].ratio
        parts = [] if ratio is None else [p for p in (ratio.of, ratio.to) if isinstance(p, str)]
        return [self.given[part] for part in parts if part in self.given]

    def lacks(self, name: str) -> list[str]:
        """Give the facts that would fill a gap: the fact itself, or the missing parts of it."""
        ratio = self.rubric.facts[name].ratio
        parts = [] if ratio is None else [p for p in (ratio.of, ratio.to) if isinstance(p, str)]
        missing = [part for part in parts if self._stated(part) is None]
        return missing if len(missing) < len(parts) and missing else [name]


def _within(share: float, unit: str) -> float | None:
    """Give a share in a unit; None where what it is of is so small that no number holds it."""
    try:
        value = convert(share, "1", unit)
    except (OverflowError, ValueError):
        return None
    return value if math.isfinite(value) else None


def _log_share(of: float, to: float) -> float | None:
    if of <= -100 or to <= -100:
        return None
    return math.log1p(of / 100) / math.log1p(to / 100)
