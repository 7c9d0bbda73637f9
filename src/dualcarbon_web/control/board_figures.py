"""Figures of the board: one look-up over what an edition keeps; nothing is computed here.

Growth is a published change in %; the other figures are in their indicator's unit. What is not
there is None.
"""

from __future__ import annotations

from collections.abc import Iterable

from attrs import define, field

from dualcarbon.periods import Period
from dualcarbon_web.control.models import Edition, Figure

INTENSITY = "energy_intensity"
TOTAL = "energy_to_date"
GROWTH = "energy_growth"
USED = "energy_increment"
ALLOWED = "energy_increment_allowed"
EXCESS = "energy_increment_excess"
SHARE = "energy_intensity_contribution"
PAST = "energy_intensity_year_before"
STEP = "energy_intensity_step"
PROGRESS = "five_year_progress"
DUE = "five_year_due"
RANK = "energy_intensity_rank"
TIED = "energy_intensity_tied"
RANKED = "energy_intensity_ranked"
SHOWN = (
    INTENSITY, TOTAL, GROWTH, USED, ALLOWED, EXCESS, SHARE, PAST, STEP, PROGRESS, DUE,
    RANK, TIED, RANKED,
)  # fmt: skip
QUARTER_ENDS = (3, 6, 9, 12)
Place = tuple[int, bool]


@define
class Figures:
    """The figures of an edition by indicator, subject and period."""

    edition: Edition
    period: Period
    by_key: dict[tuple[str, str, str], Figure] = field(factory=dict)

    def value(self, indicator: str, subject: str) -> float | None:
        """A figure of the edition's period."""
        return self._value(indicator, subject, self.period)

    def vintage(self, subject: str) -> str | None:
        """How final the published change of the main rate is."""
        figure = self.by_key.get((INTENSITY, subject, str(self.period)))
        return figure.vintage if figure else None

    def trend(self, subject: str, many: int = 8) -> list[float | None]:
        """The year-to-date changes of the main rate at the last quarter ends, oldest first."""
        return [self._value(INTENSITY, subject, one) for one in quarters(self.period, many)]

    def places(self, subjects: Iterable[str]) -> dict[str, Place]:
        """The place of each subject by its gap, and whether it shares it."""
        found = {one: (self.value(RANK, one), self.value(TIED, one)) for one in subjects}
        return {
            one: (int(rank), tied is not None and tied > 1)
            for one, (rank, tied) in found.items()
            if rank is not None
        }

    def _value(self, indicator: str, subject: str, period: Period) -> float | None:
        figure = self.by_key.get((indicator, subject, str(period)))
        return figure.value if figure else None


def read(edition: Edition) -> Figures:
    """Read the figures of the board; of two origins the declared one stands."""
    rows = Figure.objects.filter(
        edition=edition, indicator__in=SHOWN, subject_kind__in=("city", "area")
    )
    found = Figures(edition, period_of(edition))
    for row in sorted(rows, key=lambda row: (row.origin == "declared", row.row < 0)):
        if row.indicator != INTENSITY or row.unit == "%":  # its level in tce is not shown
            found.by_key[row.indicator, row.subject, row.period] = row
    return found


def period_of(edition: Edition) -> Period:
    """The period of an edition's figures: that of the city's main rate, else the year."""
    return Period.parse(edition.period or str(edition.on.year))


def quarters(period: Period, many: int) -> list[Period]:
    """The last years-to-date that end with a quarter, up to a period, oldest first."""
    year, month = period.last
    ends = [
        (y, m) for y in range(year - 3, year + 1) for m in QUARTER_ENDS if (y, m) <= (year, month)
    ]
    return [Period.year_to_date(y, m) for y, m in ends[-many:]]
