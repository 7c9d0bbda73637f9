"""A level: two sides held against each other, carrier by carrier, never netted."""

from __future__ import annotations

from attrs import frozen

from dualcarbon.accounting.lines import Line

CAUSES = ("gap", "boundary", "activity", "factor")


@frozen
class Level:
    """Two sides held against each other in one measure, as a whole or for one subject.

    `by`: None for the whole; `located_in`, `assessed_by` or `subject` for one subject.
    """

    upper: str
    lower: str
    measure: str
    lines: tuple[Line, ...]
    by: str | None = None
    subject: str | None = None

    def net(self, cause: str = "gap") -> int:
        """Give the signed sum over carriers of the gap or one of its causes, in grams."""
        return sum(value for line in self.lines if (value := line.cause(cause)) is not None)

    def absolute(self, cause: str = "gap") -> int:
        """Give the sum of absolute values over carriers, in grams: nothing is netted."""
        return sum(abs(value) for line in self.lines if (value := line.cause(cause)) is not None)

    @property
    def complete(self) -> bool:
        """Tell whether every carrier has a gap; one without is in no sum."""
        return all(line.gap_g is not None for line in self.lines)

    @property
    def name(self) -> str:
        """Give the name that an error register uses for the level."""
        return f"{self.upper}>{self.lower}" + (f":{self.subject}" if self.subject else "")
