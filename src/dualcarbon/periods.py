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
    # 2024.1 is left out: a spreadsheet writes 2024.10 so, and October would become January.
    (re.compile(r"^(?P<y>\d{4})(?:[-/年](?P<a>\d{1,2})|[.]?(?P<c>\d{2}))月?份?$"), "month"),
    (re.compile(r"^(?P<y>\d{4})[-/.](?P<a>\d{1,2})\.\.(?:(?P=y)-)?(?P<b>\d{1,2})$"), "span"),
    (
        re.compile(r"^(?P<y>\d{4})年(?P<a>\d{1,2})月?[-—–~至到](?P<b>\d{1,2})月份?$"),
        "span",
    ),
    (re.compile(r"^(?P<y>\d{4})年?[-/]?第?(?P<w>\d?[^\d\W]\w*)$"), "words"),
    (re.compile(r"^(?P<w>[1-4]?[a-z][a-z0-9]*?)(?:of)?[-/,]?(?P<y>\d{4})$"), "words"),
)
_ORDINALS = (("first", "1st", "一"), ("second", "2nd", "二"), ("third", "3rd", "三"),
             ("fourth", "4th", "四"))  # fmt: skip
_DIGITS = ("", *"一二三四五六七八九十", "十一", "十二")
_ENDS = re.compile(r"\.\.|[-—–~/至到]|to")
_SHORT = re.compile(r"^(?P<y>\d{4})[-—–~/](?P<z>\d{2})年?$")  # 2021-25


def _names() -> dict[str, tuple[int, int]]:
    """Give the months that a name stands for beside a year: quarters, halves, months."""
    names = {"全年": (1, 12), "上半年": (1, 6), "下半年": (7, 12), "前三季度": (1, 9)}
    names |= {"firstthreequarters": (1, 9), "firstninemonths": (1, 9)}
    for half, words in enumerate(_ORDINALS[:2], 1):
        names |= dict.fromkeys((f"h{half}", f"{half}h"), (6 * half - 5, 6 * half))
        names |= dict.fromkeys((f"{word}half" for word in words), (6 * half - 5, 6 * half))
    for quarter, (*english, chinese) in enumerate(_ORDINALS, 1):
        months = (3 * quarter - 2, 3 * quarter)
        names |= dict.fromkeys((f"q{quarter}", *(f"{word}quarter" for word in english)), months)
        for number in (chinese, str(quarter)):
            names |= dict.fromkeys((f"{number}季度", f"{number}季"), months)
    for month in range(1, 13):
        full = calendar.month_name[month].casefold()
        chinese = f"{_DIGITS[month]}月"
        names |= dict.fromkeys((full, full[:3], chinese, f"{chinese}份"), (month, month))
    return names | {"sept": (9, 9)}


_NAMES = _names()


@frozen(order=True)
class Period:
    """A run of whole months of one year, from `first` to `last`, both included.

    What runs over two years is refused: every rule compares a period with the same months of the
    year before, and an amount is never split between years.

    The first quarter and January-March to date are the same months: equal, but each keeps its text.
    """

    first: Month
    last: Month
    as_quarter: bool = field(default=False, eq=False, order=False)

    @staticmethod
    def parse(text: str) -> Period:
        """Read a period.

        Errors: InputError that names the forms that are read, or tells to split by year.
        """
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
    plain = "".join(unicodedata.normalize("NFKC", text).casefold().split())
    plain = re.sub(r"(?<=[a-z])\.", "", plain.removeprefix("the").removesuffix("累计"))
    found = _form(plain)
    if found is not None:
        return found
    first, last = _two_ends(plain)
    if first and last and first.year == last.year and first.first <= last.last:
        return Period(first.first, last.last)
    if first and last and first.year < last.year:
        raise InputError(finding("periods.years", found=text, first=first.year, last=last.year))
    raise InputError(finding("periods.bad", Place(), found=text))


def _form(plain: str) -> Period | None:
    """Read one period; None when the text is none."""
    for form, kind in _FORMS:
        if match := form.match(plain):
            year, months = int(match["y"]), _span(match, kind)
            if months and 1 <= months[0] <= months[1] <= 12 and 1900 <= year <= 2200:
                (a, b), quarter = months, kind == "words" and months[1] - months[0] == 2
                return Period((year, a), (year, b), as_quarter=quarter)
    return None


def _span(match: re.Match[str], kind: str) -> tuple[int, int] | None:
    if kind == "year":
        return 1, 12
    if kind == "words":
        return _NAMES.get(match["w"])
    first = match["a"] or match["c"] if kind == "month" else match["a"]
    return int(first), int(match["b"] if kind == "span" else first)


def _two_ends(plain: str) -> tuple[Period | None, Period | None]:
    """Read "one period to another"; a name without a year takes that of the other end."""
    if match := _SHORT.match(plain):
        return _form(match["y"]), _form(match["y"][:2] + match["z"])
    for sign in _ENDS.finditer(plain):
        left, right = plain[: sign.start()], plain[sign.end() :]
        first = _form(left) or (_form(left + right[-4:]) if left in _NAMES else None)
        last = _form(right) or (_form(left[:4] + right) if right in _NAMES else None)
        if first and last:
            return first, last
    return None, None
