"""From levels to factors: which periods, which leaves, and every level at each leaf."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import polars as pl
from attrs import frozen

from dualcarbon.accounting.drivers import Array, Keys
from dualcarbon.accounting.drivers_identity import Factor, Fitted, Ref
from dualcarbon.accounting.drivers_levels import SHOWN, Levels, more, refused
from dualcarbon.errors import InputError, UsageError
from dualcarbon.findings import Finding, Place, finding
from dualcarbon.periods import Period

WHOLE = "-"
Gap = tuple[str, str, tuple[str, ...]]


@frozen
class Span:
    """The periods of a decomposition in order, and those between them that the data lack."""

    periods: tuple[str, ...]
    absent: tuple[str, ...] = ()


def choose_periods(
    known: Iterable[str], first: str | None, last: str | None, *, chain: bool
) -> Span:
    """Give the periods from `first` to `last`: all of their kind when chained, else the two.

    Errors: UsageError when an end is not in the data, the two are not of one kind, or not in order.
    """
    texts = {Period.parse(text): text for text in sorted(known)}
    periods = sorted(texts)
    start = Period.parse(first) if first else periods[0]
    end = Period.parse(last) if last else periods[-1]
    kinds = {_kind(p) for p in periods if start <= p <= end} if not (first and last) else set()
    if (
        not {start, end} <= {*periods}
        or start >= end
        or len({_kind(start), _kind(end), *kinds}) > 1
    ):
        raise UsageError(
            finding(
                "accounting.drivers_periods",
                found=f"{start} .. {end}",
                known=", ".join(map(str, periods)),
            )
        )
    if not chain:
        return Span((texts[start], texts[end]))
    wanted = _between(start, end)
    there = tuple(texts[period] for period in wanted if period in texts)
    return Span(there, tuple(str(period) for period in wanted if period not in texts))


def _kind(period: Period) -> tuple[object, ...]:
    """Give what makes periods comparable: the kind, and the months where a year has one such."""
    if period.kind in ("month", "quarter"):
        return (period.kind,)
    return (period.kind, period.first[1], period.last[1])


def _between(start: Period, end: Period) -> list[Period]:
    months = 12 if len(_kind(start)) > 1 else len(start.months)
    found = [start]
    while found[-1] < end:
        found.append(_later(found[-1], months))
    return found


def _later(period: Period, months: int) -> Period:
    def moved(year: int, month: int) -> tuple[int, int]:
        years, rest = divmod(year * 12 + month - 1 + months, 12)
        return years, rest + 1

    return Period(moved(*period.first), moved(*period.last), as_quarter=period.as_quarter)


@frozen(eq=False)
class Grid:
    """Leaves in order; per period the value of every level and factor at each leaf.

    `factors[period]` is (leaf, factor); NaN = 0/0. `bad`: periods that cannot be used, with
    `findings` that say why.
    """

    leaves: tuple[Keys, ...]
    values: Mapping[str, Mapping[Ref, Array]]
    factors: Mapping[str, Array]
    findings: tuple[Finding, ...]
    bad: frozenset[str]


def make_grid(levels: Levels, fitted: Fitted, periods: Sequence[str], *, absent_zero: bool) -> Grid:
    """Sum every level at its cut and divide.

    `absent_zero`: a row that is not there is zero, because the table lists only what is not; else
    it refuses its period. Absent, negative or infinite: the period is refused with findings.
    """
    frame = levels.frame.filter(pl.col("period").is_in(list(periods)))
    findings, bad = refused(frame, periods)
    gaps = _gaps(levels, frame, fitted, periods)
    said, fallen = _absences(gaps, absent_zero=absent_zero)
    bad |= fallen
    leaves = _leaves(frame, fitted)
    sums = {ref: _sums(frame, ref) for ref in fitted.refs}
    values, factors = {}, {}
    for period in periods:
        values[period] = {ref: _at(sums[ref], ref, fitted, period, leaves) for ref in fitted.refs}
        columns = [_ratio(values[period], factor) for factor in fitted.factors]
        factors[period] = np.stack(columns, axis=1)
    endless = [
        item
        for period in periods
        if period not in bad
        for item in _endless(levels, fitted, leaves, period, factors[period])
    ]
    bad |= {str(item.found) for item in endless}
    listed = [*endless[:SHOWN], *more(len(endless))]
    return Grid(leaves, values, factors, (*findings, *said, *listed), frozenset(bad))


def _leaves(frame: pl.DataFrame, fitted: Fitted) -> tuple[Keys, ...]:
    mine = frame.filter(pl.col("level") == fitted.target.level)
    if not fitted.by:
        return ((),)
    return tuple(sorted(mine.select(fitted.by).unique().iter_rows()))


def _sums(frame: pl.DataFrame, ref: Ref) -> dict[tuple[str, ...], float]:
    """Give the exact sum of a level by period and key, whatever the order of its rows."""
    parts: dict[tuple[str, ...], list[float]] = {}
    mine = frame.filter((pl.col("level") == ref.level) & pl.col("value").is_not_null())
    for *key, value in mine.select("period", *(ref.keys or ()), "value").iter_rows():
        parts.setdefault(tuple(key), []).append(value)
    return {key: math.fsum(values) for key, values in parts.items()}


def _at(
    sums: Mapping[tuple[str, ...], float],
    ref: Ref,
    fitted: Fitted,
    period: str,
    leaves: Sequence[Keys],
) -> Array:
    spots = [fitted.by.index(key) for key in ref.keys or ()]
    found = [sums.get((period, *(leaf[spot] for spot in spots)), 0.0) for leaf in leaves]
    return np.array(found, dtype=np.float64)


def _ratio(values: Mapping[Ref, Array], factor: Factor) -> Array:
    if factor.below is None:
        return values[factor.above]
    with np.errstate(all="ignore"):
        ratio: Array = values[factor.above] / values[factor.below]
    return ratio


def _endless(
    levels: Levels, fitted: Fitted, leaves: Sequence[Keys], period: str, factors: Array
) -> Iterable[Finding]:
    for leaf, column in np.argwhere(np.isinf(factors)):
        factor = fitted.factors[column]
        rows = cells(levels.frame, factor.above, fitted.by, leaves[leaf], period)
        yield finding(
            "accounting.drivers_infinite",
            Place.parse(rows["place"][0]),
            found=period,
            expected=factor.ratio,
            above=str(factor.above),
            below=str(factor.below),
            leaf=named(fitted.by, leaves[leaf]),
        )


def cells(
    frame: pl.DataFrame, ref: Ref, by: Sequence[str], leaf: Keys, period: str
) -> pl.DataFrame:
    """Give the rows that a level is the sum of, at a leaf and period."""
    here = [pl.col(key) == leaf[by.index(key)] for key in ref.keys or ()]
    return frame.filter(pl.col("level") == ref.level, pl.col("period") == period, *here)


def named(by: Sequence[str], keys: Sequence[str]) -> str:
    """Give `area=310101, industry=C` of a node; `-` for the total."""
    return ", ".join(f"{key}={value}" for key, value in zip(by, keys, strict=False)) or WHOLE


def _gaps(levels: Levels, frame: pl.DataFrame, fitted: Fitted, periods: Sequence[str]) -> list[Gap]:
    """Give every (level, key, periods) whose row is not there although the others say it should."""
    target, found = fitted.target.level, []
    for level, own in levels.own.items():
        found += _holes(frame, level, own, periods)
        shared = [key for key in own if key in fitted.by]
        if level == target or not shared:
            continue
        for lacking, other in ((level, target), (target, level)):
            lost = _keys(frame, other, shared).join(
                _keys(frame, lacking, shared), on=shared, how="anti"
            )
            keys = [named(shared, row) for row in lost.sort(shared).iter_rows()]
            found += [(lacking, key, tuple(periods)) for key in keys]
    return found


def _keys(frame: pl.DataFrame, level: str, keys: Sequence[str]) -> pl.DataFrame:
    return frame.filter(pl.col("level") == level).select(keys).unique()


def _holes(
    frame: pl.DataFrame, level: str, own: Sequence[str], periods: Sequence[str]
) -> list[Gap]:
    """Give what a level lacks: periods without any row (key `-`), and rows in the others."""
    mine = frame.filter(pl.col("level") == level)
    there = mine["period"].unique()
    empty = tuple(period for period in periods if period not in set(there))
    whole = [(level, WHOLE, empty)] if empty else []
    if not own:
        return whole
    every = mine.select(own).unique().join(there.to_frame(), how="cross")
    lost_rows = every.join(mine, on=["period", *own], how="anti")
    grouped = lost_rows.group_by(own).agg(pl.col("period")).sort(own)
    rows = [(level, named(own, row[:-1]), tuple(row[-1])) for row in grouped.iter_rows()]
    return [*whole, *rows]


def _absences(gaps: Sequence[Gap], *, absent_zero: bool) -> tuple[list[Finding], set[str]]:
    """Say what is not there; give the periods that fall with it.

    Where absent means zero, a period without any row of a level falls nevertheless.
    """
    grave = [gap for gap in gaps if not absent_zero or gap[1] == WHOLE]
    said = [_missing(*gap) for gap in grave[:SHOWN]]
    count = sum(len(lost) for _, _, lost in gaps) - sum(len(lost) for _, _, lost in grave)
    if count:
        said.append(finding("accounting.drivers_zero", found=count))
    return [*said, *more(len(grave))], {period for _, _, lost in grave for period in lost}


def _missing(level: str, key: str, lost: Sequence[str]) -> Finding:
    periods = ", ".join(sorted(lost))
    return finding(
        "accounting.drivers_missing", found=level, expected=periods, key=key, periods=periods
    )


def usable(grid: Grid, span: Span) -> tuple[list[str], list[Finding]]:
    """Give the periods that can be linked, with a finding for every gap that a link spans.

    Errors: InputError when the first or last period is refused.
    """
    if grid.bad & {span.periods[0], span.periods[-1]}:
        raise InputError(*grid.findings)
    good = [period for period in span.periods if period not in grid.bad]
    gaps = sorted({*span.absent, *(grid.bad & {*span.periods})}, key=Period.parse)
    found = []
    for gap in gaps:
        place = Period.parse(gap)
        before = max((p for p in good if Period.parse(p) < place), key=Period.parse)
        after = min((p for p in good if Period.parse(p) > place), key=Period.parse)
        found.append(finding("accounting.drivers_gap", found=gap, before=before, after=after))
    return good, found
