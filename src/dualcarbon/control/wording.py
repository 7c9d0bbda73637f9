"""Numbers, units, periods and dates in the words of each language."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

from dualcarbon.figures import Indicator
from dualcarbon.packs import built_in, load_yaml
from dualcarbon.periods import Month, Period
from dualcarbon.units import compatible, convert

Pair = tuple[str, str]
MINUS = "−"
STAGES = {
    "planned": ("计划", "planned"),
    "started": ("开工", "started"),
    "accepted": ("验收", "accepted"),
    "verified": ("计量核验", "metered-verified"),
}
VINTAGES = {
    "estimate": ("预计数", "estimate"),
    "preliminary": ("初步核算数", "preliminary"),
    "final": ("最终核实数", "final"),
    "confirmed": ("核定数", "confirmed"),
}
NONE: Pair = ("无", "none")


def change(value: float, digits: int = 2) -> Pair:
    """Give a change as a noun: 下降2.40 %, a fall of 2.40 %."""
    size = f"{abs(value):.{digits}f}"
    if float(size) == 0:
        return "持平", "no change"
    zh, en = ("下降", "a fall") if value < 0 else ("上升", "a rise")
    return f"{zh}{size} %", f"{en} of {size} %"


def changed(value: float, digits: int = 2) -> Pair:
    """Give a change as a verb: 下降2.40 %, fell 2.40 %."""
    size = f"{abs(value):.{digits}f}"
    if float(size) == 0:
        return "持平", "was unchanged"
    zh, en = ("下降", "fell") if value < 0 else ("上升", "rose")
    return f"{zh}{size} %", f"{en} {size} %"


def rate(value: float) -> Pair:
    """Give a target rate with as many digits as it needs, at least one."""
    return change(value, 1 if round(value, 1) == round(value, 6) else 2)


def points(value: float) -> Pair:
    """Give a difference of rates without sign."""
    text = f"{abs(value):.2f}"
    return text, text


@cache
def _labels() -> dict[str, str]:
    data = load_yaml(built_in() / "world" / "units.yaml")
    found = {}
    for unit, names in data["aliases"].items():
        chinese = [n for n in names if isinstance(n, str) and any(c >= "\u4e00" for c in n)]
        if chinese:
            found[unit] = chinese[0]
    return found


def unit_label(unit: str, lang: str) -> str:
    """Give a unit as it is printed: 万千瓦, 10^4 kW; nothing for a plain number."""
    if lang == "en":
        return {"count": "", "1": ""}.get(unit, unit)
    if unit == "1":
        return ""
    return _labels().get(unit, unit)


def amount(value: float, unit: str, indicator: Indicator | None = None) -> Pair:
    """Give an amount in the display unit of its indicator, in both languages."""
    shown = shown_amount(value, unit, indicator)
    assert shown is not None
    return _joined(*shown, "zh"), _joined(*shown, "en")


def shown_amount(
    value: float | None, unit: str, indicator: Indicator | None = None
) -> tuple[str, str] | None:
    """Give the digits of an amount in the display unit of its indicator, and that unit."""
    if value is None:
        return None
    shown, decimals = unit, 2
    if indicator is not None:
        decimals = indicator.decimals
        if indicator.display_unit and compatible(unit, indicator.display_unit):
            shown = indicator.display_unit
    text = f"{convert(value, unit, shown):,.{decimals}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text, shown


def _joined(text: str, unit: str, lang: str) -> str:
    label = unit_label(unit, lang)
    if not label:
        return text
    return f"{text} {label}" if lang == "en" or label == "%" else f"{text}{label}"


def period(value: Period) -> Pair:
    """Give a period."""
    return value.label("zh"), value.label("en")


def months(values: tuple[Month, ...]) -> Pair:
    """Give a list of months, or the whole year where it is one."""
    if len(values) == 12 and len({year for year, _ in values}) == 1:
        return f"{values[0][0]}年", str(values[0][0])
    spans = [Period.of_month(*month) for month in values]
    return "、".join(s.label("zh") for s in spans), ", ".join(s.label("en") for s in spans)


def rest(value: Period) -> Pair:
    """Give the months after a period to date: 四季度, the fourth quarter, or the months."""
    month, year = value.last[1], value.year
    quarters = {9: ("四季度", "The fourth quarter"), 6: ("下半年", "The second half of the year")}
    if month in quarters:
        return quarters[month]
    if month == 11:
        return "12月", f"December {year}"
    left = Period((year, month + 1), (year, 12))
    return f"{month + 1}—12月", left.label("en")


def date(value: dt.date) -> Pair:
    """Give a date."""
    return f"{value.year}年{value.month}月{value.day}日", value.isoformat()


def month_end(value: Month) -> Pair:
    """Give the end of a month."""
    one = Period.of_month(*value)
    return f"{one.label('zh')}末", one.label("en")


def plain(value: Any) -> Pair:
    """Give anything else as text, alike in both languages."""
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return text, text
