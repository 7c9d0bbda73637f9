"""Read a series of a cut in the column grammar: this period, to date, and their growth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import frozen

from dualcarbon.periods import Period

Series = Mapping[str, int | None]


@frozen
class Reading:
    """本期, 同比, 环比, 累计, 累计同比 of a series; growth in %, null where one end is absent."""

    now: int | None
    growth: float | None
    chain: float | None
    to_date: int | None
    to_date_growth: float | None
    before: int | None


def read_series(series: Series, known: Sequence[str], period: Period) -> Reading:
    """Read one series at a period.

    `series`: grams by reported period. `known`: the periods in which its subject reported anything:
    a carrier that is not among them was not used. Absent: a sum over a period of which a month was
    not reported is null (C1.3), and so is a growth on it or on zero.
    """
    now, before = total(series, known, period), total(series, known, period.shift(-1))
    to_date, last = period.to_date(), period.to_date().shift(-1)
    earlier = preceding(period)
    chain = total(series, known, earlier) if earlier else None
    whole = total(series, known, to_date)
    return Reading(
        now,
        growth(now, before),
        growth(now, chain),
        whole,
        growth(whole, total(series, known, last)),
        before,
    )


def total(series: Series, known: Sequence[str], period: Period) -> int | None:
    """Add what was reported inside a period; null when one of its months was not reported."""
    inside = [text for text in known if period.contains(Period.parse(text))]
    if {month for text in inside for month in Period.parse(text).months} != set(period.months):
        return None
    parts = [series[text] for text in inside if text in series]
    if not parts:
        return 0
    return None if None in parts else sum(part for part in parts if part is not None)


def growth(now: int | None, before: int | None) -> float | None:
    """Give the change in %; null where an end is absent or the earlier one is not above zero."""
    return None if now is None or before is None or before <= 0 else (now / before - 1) * 100


def preceding(period: Period) -> Period | None:
    """Give the period of the same length right before; null for a year to date."""
    size = len(period.months)
    if period.kind == "ytd" or 12 % size:
        return None
    index = period.year * 12 + period.first[1] - 1 - size
    year, month = divmod(index, 12)
    return Period((year, month + 1), (year, month + size), as_quarter=period.as_quarter)


def rest(whole: Series, parts: Sequence[Series]) -> dict[str, int | None]:
    """Give what a whole has and none of its parts; null where the whole is."""
    return {
        text: None if grams is None else grams - sum(part.get(text) or 0 for part in parts)
        for text, grams in whole.items()
    }
