"""Working days of a country, with public holidays and the weekends that are made up for them."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

from attrs import frozen

from dualcarbon.errors import PackError
from dualcarbon.findings import Place, finding
from dualcarbon.packs import Pack

DAY = dt.timedelta(days=1)
SHIFTS = ("none", "next_working_day", "previous_working_day")
WEEKEND = (5, 6)


@cache
def _country(code: str) -> Any:
    from holidays import country_holidays

    return country_holidays(code)


@cache
def _year(code: str, year: int) -> Any:
    """Give the calendar with a year and its neighbours, whose holidays may be made up in it."""
    calendar = _country(code)
    for near in (year - 1, year, year + 1):
        _ = dt.date(near, 1, 1) in calendar
    return calendar


@frozen
class Workdays:
    """The working days of a country (ISO 3166 code); without one, Monday to Friday."""

    country: str | None = None

    @staticmethod
    def of(pack: Pack) -> Workdays:
        """Give the working days that a pack or its parents name (`choices.holidays`).

        Errors: PackError for a country that the library of holidays does not know.
        """
        code = pack.setting("choices", "holidays")
        try:
            if code is not None:
                _country(code)
            return Workdays(code)
        except (NotImplementedError, AttributeError) as error:
            place = Place(str(pack.folder / "pack.yaml"))
            raise PackError(finding("control.calendar", place, found=code)) from error

    def is_working(self, day: dt.date) -> bool:
        """Tell whether a day is worked: no holiday, and no weekend unless it is made up."""
        if self.country is None:
            return day.weekday() not in WEEKEND
        return bool(_year(self.country, day.year).is_working_day(day))

    def published(self, year: int) -> bool:
        """Tell whether the year's arrangement of made-up weekends is known, so days are certain."""
        if self.country is None:
            return False
        return any(day.year == year for day in _year(self.country, year).weekend_workdays)

    def shift(self, day: dt.date, rule: str) -> dt.date:
        """Move a day that is not worked as a rule of SHIFTS says; `none` leaves it."""
        if rule == "none":
            return day
        step = DAY if rule == "next_working_day" else -DAY
        while not self.is_working(day):
            day += step
        return day

    def nth(self, day: dt.date, n: int) -> dt.date:
        """Give the n-th working day after a day, which itself does not count."""
        while n > 0:
            day += DAY
            n -= self.is_working(day)
        return day
