"""Periods: year, quarter, month, year to date (`2024-01..06`) and the combined January-February.

A period is a run of whole months. Its text is canonical; official spellings are read.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
import unicodedata
from functools import lru_cache
from typing import Literal

from attrs import evolve, field, frozen

from dualcarbon.errors import InputError
from dualcarbon.findings import Place, finding

Month = tuple[int, int]
Kind = Literal["year", "quarter", "month", "ytd", "span"]
Basis = Literal["month", "cumulative"]

_YEAR = r"(?P<y>\d{4})年?"
_FORMS = (
    (re.compile(rf"^{_YEAR}$"), "year"),
    (re.compile(r"^(?P<y>\d{4})[-/]?Q(?P<q>[1-4])$", re.I), "quarter"),
    (re.compile(r"^(?P<y>\d{4})年?第?(?P<q>[1-4一二三四])季度?$"), "quarter"),
    # 2024.1 is left out: a spreadsheet writes 2024.10 so, and October would become January.
    (re.compile(r"^(?P<y>\d{4})(?:[-/年](?P<a>\d{1,2})|[.]?(?P<c>\d{2}))月?份?$"), "month"),
    (re.compile(r"^(?P<y>\d{4})[-/.](?P<a>\d{1,2})\.\.(?:(?P=y)-)?(?P<b>\d{1,2})$"), "span"),
    (
        re.compile(r"^(?P<y>\d{4})年(?P<a>\d{1,2})月?[-—–~至到](?P<b>\d{1,2})月份?(?:累计)?$"),
        "span",
    ),
    (re.compile(r"^(?P<y>\d{4})年(?P<h>上半年|前三季度|全年)$"), "words"),
)
_WORDS = {"上半年": 6, "前三季度": 9, "全年": 12}
_QUARTERS = {"一": 1, "二": 2, "三": 3, "四": 4}


@frozen(order=True)
class Period:
    """A run of whole months of one year, from `first` to `last`, both included.

    The first quarter and January-March to date are the same months: equal, but each keeps its text.
    """

    first: Month
    last: Month
    as_quarter: bool = field(default=False, eq=False, order=False)

    @staticmethod
    def parse(text: str) -> Period:
        """Read a period; InputError names the forms that are read."""
        return _parse(text)

    @staticmethod
    def year_to_date(year: int, month: int) -> Period:
        """Give January to `month` of a year (the whole year for 12)."""
        return Period((year, 1), (year, month))

    @staticmethod
    def of_month(year: int, month: int) -> Period:
        """Give one month."""
        return Period((year, month), (year, month))

    @property
    def year(self) -> int:
        """Give the year."""
        return self.first[0]

    @property
    def kind(self) -> Kind:
        """Give what the period is called; January-February is a year to date of two months."""
        a, b = self.first[1], self.last[1]
        if (a, b) == (1, 12):
            return "year"
        if a == b:
            return "month"
        if b - a == 2 and b % 3 == 0 and (a > 1 or self.as_quarter):
            return "quarter"
        return "ytd" if a == 1 else "span"

    @property
    def basis(self) -> Basis:
        """Give `cumulative` for what starts in January and is longer than a month, else `month`."""
        return "cumulative" if self.first[1] == 1 and self.last[1] > 1 else "month"

    @property
    def months(self) -> tuple[Month, ...]:
        """Give the months in order."""
        return tuple((self.year, month) for month in range(self.first[1], self.last[1] + 1))

    @property
    def start(self) -> dt.date:
        """Give the first day."""
        return dt.date(*self.first, 1)

    @property
    def end(self) -> dt.date:
        """Give the last day."""
        return dt.date(*self.last, calendar.monthrange(*self.last)[1])

    def shift(self, years: int) -> Period:
        """Give the same months of another year."""
        return evolve(
            self,
            first=(self.year + years, self.first[1]),
            last=(self.year + years, self.last[1]),
        )

    def contains(self, other: Period) -> bool:
        """Tell whether every month of the other period is in this one."""
        return self.first <= other.first and other.last <= self.last

    def to_date(self) -> Period:
        """Give January to this period's last month."""
        return Period((self.year, 1), self.last)

    def __str__(self) -> str:
        """Give the canonical text."""
        year, a, b = self.year, self.first[1], self.last[1]
        if self.kind == "year":
            return f"{year}"
        if self.kind == "month":
            return f"{year}-{a:02d}"
        return f"{year}-Q{b // 3}" if self.kind == "quarter" else f"{year}-{a:02d}..{b:02d}"

    def label(self, lang: str) -> str:
        """Give the words for people: 2024 年 1—6 月, January–June 2024."""
        year, a, b = self.year, self.first[1], self.last[1]
        if lang == "zh":
            months = "" if self.kind == "year" else f"{a}月" if a == b else f"{a}—{b}月"
            return f"{year}年{months}"
        if self.kind == "year":
            return f"{year}"
        names = calendar.month_name
        return f"{names[a]} {year}" if a == b else f"{names[a]}–{names[b]} {year}"


@lru_cache(maxsize=4096)
def _parse(text: str) -> Period:
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    for form, kind in _FORMS:
        if match := form.match(plain):
            year, (a, b) = int(match["y"]), _span(match, kind)
            if 1 <= a <= b <= 12 and 1900 <= year <= 2200:
                return Period((year, a), (year, b), as_quarter=kind == "quarter")
    raise InputError(finding("periods.bad", Place(), found=text))


def _span(match: re.Match[str], kind: str) -> tuple[int, int]:
    if kind == "year":
        return 1, 12
    if kind == "quarter":
        quarter = _QUARTERS.get(match["q"]) or int(match["q"])
        return 3 * quarter - 2, 3 * quarter
    if kind == "words":
        return 1, _WORDS[match["h"]]
    first = match["a"] or match["c"] if kind == "month" else match["a"]
    return int(first), int(match["b"] if kind == "span" else first)
