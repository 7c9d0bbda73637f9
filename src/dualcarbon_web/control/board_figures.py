"""Figures of the board: one look-up over what an edition keeps, and what follows by subtraction.

Growth is a published change in %; a level is in the indicator's unit. What is not there is None.
"""

from __future__ import annotations

from collections.abc import Iterable

from attrs import define, field

from dualcarbon.periods import Period
from dualcarbon_web.control.models import Edition, Figure

INTENSITY, TOTAL, GDP = "energy_intensity", "energy_total", "gdp"
SHOWN = (INTENSITY, TOTAL, GDP, "co2_intensity", "five_year_progress")
QUARTER_ENDS = (3, 6, 9, 12)
PERCENT = "%"
Key = tuple[str, str, str, bool]


@define
class Figures:
    """The figures of an edition by indicator, subject, period and whether it is a change."""

    edition: Edition
    by_key: dict[Key, Figure] = field(factory=dict)

    def level(self, indicator: str, subject: str, period: Period) -> float | None:
        """The level of an indicator."""
        return self._value(indicator, subject, period, growth=False)

    def growth(self, indicator: str, subject: str, period: Period) -> float | None:
        """The change in % on a year before, as published; else of the two levels."""
        published = self._value(indicator, subject, period, growth=True)
        if published is not None:
            return published
        now = self.level(indicator, subject, period)
        before = self.level(indicator, subject, period.shift(-1))
        return None if now is None or not before else (now / before - 1) * 100

    def vintage(self, indicator: str, subject: str, period: Period) -> str | None:
        """How final the published change is."""
        figure = self.by_key.get((indicator, subject, str(period), True))
        return figure.vintage if figure else None

    def trend(self, subject: str, period: Period, many: int = 8) -> list[float | None]:
        """The year-to-date changes of the main rate at the last quarter ends, oldest first."""
        return [self._value(INTENSITY, subject, one, growth=True) for one in quarters(period, many)]

    def moved(self, subject: str, period: Period) -> float | None:
        """By how much total energy to date differs from last year's."""
        now = self.level(TOTAL, subject, period)
        before = self.level(TOTAL, subject, period.shift(-1))
        return None if now is None or before is None else now - before

    def allowed(self, subject: str, period: Period, required: float | None) -> float | None:
        """The rise of total energy in the year that the target leaves at the growth to date."""
        whole = self.level(TOTAL, subject, Period.year_to_date(period.year - 1, 12))
        growth = self._value(GDP, subject, period, growth=True)
        if whole is None or growth is None or required is None:
            return None
        return whole * ((1 + growth / 100) * (1 + required / 100) - 1)

    def contribution(self, subject: str, city: str, period: Period) -> float | None:
        """Points of the city's change that a part accounts for; the parts add up to the city.

        Change of the city = sum over its parts of (E / (1 + g) - E before) / E of the city before,
        with g the city's growth of GDP.
        """
        base = self.level(TOTAL, city, period.shift(-1))
        growth = self._value(GDP, city, period, growth=True)
        now = self.level(TOTAL, subject, period)
        before = self.level(TOTAL, subject, period.shift(-1))
        if not base or growth is None or now is None or before is None:
            return None
        return (now / (1 + growth / 100) - before) / base * 100

    def _value(self, indicator: str, subject: str, period: Period, *, growth: bool) -> float | None:
        figure = self.by_key.get((indicator, subject, str(period), growth))
        return figure.value if figure else None


def read(edition: Edition) -> Figures:
    """Read the figures of the board; of two origins the declared one stands."""
    rows = Figure.objects.filter(
        edition=edition, indicator__in=SHOWN, subject_kind__in=("city", "area")
    )
    found = Figures(edition)
    for row in sorted(rows, key=lambda row: (row.origin == "declared", row.row < 0)):
        key = (row.indicator, row.subject, row.period, is_change(row))
        found.by_key[key] = row
    return found


def is_change(figure: Figure) -> bool:
    """Tell a change in % from a level."""
    return figure.unit == PERCENT and figure.indicator != "five_year_progress"


def quarters(period: Period, many: int) -> list[Period]:
    """The last years-to-date that end with a quarter, up to a period, oldest first."""
    year, month = period.last
    ends = [
        (y, m) for y in range(year - 3, year + 1) for m in QUARTER_ENDS if (y, m) <= (year, month)
    ]
    return [Period.year_to_date(y, m) for y, m in ends[-many:]]


def ranked(values: dict[str, float | None]) -> dict[str, tuple[int, bool]]:
    """The place of each subject, smallest value first, and whether it shares it."""
    known = sorted(round(value, 9) for value in values.values() if value is not None)
    return {
        subject: (known.index(round(value, 9)) + 1, known.count(round(value, 9)) > 1)
        for subject, value in values.items()
        if value is not None
    }


def total_of(values: Iterable[float | None]) -> float | None:
    """The sum of parts; None as soon as one is absent."""
    parts = list(values)
    known = [part for part in parts if part is not None]
    return sum(known) if parts and len(known) == len(parts) else None
