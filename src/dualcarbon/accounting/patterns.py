"""Patterns that measured numbers do not make: copies, constants, holes, slips, sums among data.

Each check yields flags; it never changes a row. What counts is stated in numbers:
docs/methods/reconciliation.md.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from statistics import median
from typing import Any

from attrs import evolve, field, frozen

from dualcarbon.accounting.printed import (
    LEAST_CHANCE,
    NEIGHBOURS,
    WINDOW,
    chance,
    decimal,
    digits,
    half_unit,
    is_telling,
)
from dualcarbon.errors import InputError
from dualcarbon.periods import Period

Row = Mapping[str, Any]
SERIES = ("subject_kind", "subject", "item", "carrier", "flow", "sector", "unit")
BLOCK = ("subject_kind", "subject", "carrier", "period", "unit")
ACROSS = (
    ("subject_kind", "carrier", "flow", "period", "unit"),
    ("subject_kind", "subject", "flow", "period", "unit"),
)
RUN, SERIES_LEAST, PARTS_LEAST = 3, 6, 2
STEADY, CALM, SLIP_ROOM = 3.0, 0.9, 2.2
LABELS = ("carrier", "sector", "item", "subject")
LIKELY, SHARE, COMPANY = 0.01, 0.5, 3


@frozen(eq=False)
class Flag:
    """One row that a check names: what kind, what was found, what it is like, which rows with it.

    `facts`: what the text of the finding needs beside `found` and `expected`.
    """

    kind: str
    row: int
    found: Any
    expected: Any = None
    rows: tuple[int, ...] = ()
    facts: Mapping[str, Any] = field(factory=dict)


def value_of(row: Row) -> float | None:
    """Give the number a pattern is looked for in: the quantity, else the emission."""
    value = row["quantity"] if row["quantity"] is not None else row["emission"]
    return None if value is None else float(value)


def patterns(rows: Sequence[Row]) -> list[Flag]:
    """Give all flags of a table; a sum row and a constant run are not flagged as repeats too."""
    sums = list(sum_rows(rows))
    series = list(_series(rows))
    runs = [flag for one in series for flag in constant(one)]
    slips = [flag for one in series for check in (zeros, slipped) for flag in check(one)]
    known = {flag.row for flag in sums} | {row for flag in runs for row in flag.rows}
    return [*sums, *runs, *slips, *repeated(rows, known)]


def _key(row: Row, names: Iterable[str]) -> tuple[Any, ...]:
    return tuple(row[name] for name in names)


def _series(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Give rows that differ in their period only, ordered, periods of one length together."""
    found: dict[Any, list[tuple[Any, Row]]] = defaultdict(list)
    for row in rows:
        order = _order(row["period"])
        if order is not None:
            found[(*_key(row, SERIES), order[0])].append((order[1], row))
    for members in found.values():
        members.sort(key=lambda one: one[0])
        if all(one[0] != other[0] for one, other in pairwise(members)):
            yield [row for _, row in members]


def _order(text: str | None) -> tuple[int, Any] | None:
    if text is None:
        return None
    try:
        period = Period.parse(text)
    except InputError:
        return None
    return len(period.months), period.first


def constant(series: Sequence[Row]) -> Iterator[Flag]:
    """Flag a run of three or more periods with one and the same number of four digits or more."""
    for value, group in groupby(series, key=lambda row: row["quantity"]):
        run = list(group)
        if len(run) >= RUN and is_telling(value):
            rows = tuple(row["row"] for row in run)
            facts = {"first": run[0]["period"], "last": run[-1]["period"]}
            yield Flag(
                "constant", rows[0], _clean(value or 0.0), None, rows, {**facts, "count": len(run)}
            )


def zeros(series: Sequence[Row]) -> Iterator[Flag]:
    """Flag a zero between numbers that are far from it, in a series that is hardly ever zero."""
    values = [value_of(row) for row in series]
    known = [value for value in values if value]
    if len(values) < SERIES_LEAST - 1 or not known or values.count(0) * 4 > len(values):
        return
    usual = median(abs(value) for value in known)
    for index in range(1, len(values) - 1):
        near = [abs(value or 0) for value in (values[index - 1], values[index + 1])]
        if values[index] == 0 and min(near) > 0.2 * usual:
            yield Flag("zero", series[index]["row"], 0, f"{min(near):g}..{max(near):g}", (), {})


def slipped(series: Sequence[Row]) -> Iterator[Flag]:
    """Flag a number that is a power of ten away from an otherwise steady series."""
    values = [value_of(row) for row in series]
    for index, value in enumerate(values):
        others = [abs(one) for n, one in enumerate(values) if n != index and one]
        if not value or len(others) < SERIES_LEAST - 1:
            continue
        usual = median(others)
        power = _power(abs(value) / usual)
        calm = sum(usual / STEADY <= one <= usual * STEADY for one in others)
        if power and calm >= CALM * len(others):
            facts = {"power": power, "unit": series[index]["unit"] or ""}
            yield Flag(
                "slip", series[index]["row"], _clean(value), float(f"{usual:.6g}"), (), facts
            )


def _power(times: float) -> int:
    """Give the power of ten (two or more either way) that a ratio is near to, or 0."""
    from math import log10

    power = round(log10(times))
    near = 1 / SLIP_ROOM <= times / 10.0**power <= SLIP_ROOM
    return power if near and abs(power) >= 2 else 0


def repeated(rows: Sequence[Row], known: Iterable[int] = ()) -> Iterator[Flag]:
    """Flag one telling quantity in several places, where coincidence would be rare in such a table.

    Emissions are left out: they repeat wherever their quantities had few digits. Two equal numbers
    of one subject, carrier and period (bought and used; a total of one part) are no sign.
    """
    groups: dict[Any, list[Row]] = defaultdict(list)
    telling: dict[Any, list[float]] = defaultdict(list)
    skip = set(known)
    for row in rows:
        value = row["quantity"]
        if value is not None and is_telling(value) and row["row"] not in skip:
            groups[value, row["unit"]].append(row)
            telling[row["unit"]].append(value)
    for values in telling.values():
        values.sort()
    for (value, unit), found in groups.items():
        blocks = {_key(row, BLOCK) for row in found}
        if len(found) < 2 or (len(blocks) == 1 and len(found) == 2):
            continue
        near = _density(value, len(found), telling[unit])
        expected = chance(len(found), near, len(telling[unit]))
        if expected < LEAST_CHANCE:
            numbers = tuple(row["row"] for row in found)
            facts = {"count": len(found), "chance": f"{expected:.1g}", "unit": unit or ""}
            yield Flag("repeated", numbers[0], _clean(value), None, numbers, facts)


def _density(value: float, times: int, values: Sequence[float]) -> float:
    """Give how many rows one printed step near a number holds, the number itself left out.

    From the rows within fifty steps, or from the thirty next to it, whichever is more: numbers
    lie in clusters, and a gap around one does not make it impossible.
    """
    step = 2 * half_unit(value)
    first, last = bisect_left(values, value), bisect_right(values, value)
    reach = WINDOW * step
    near = bisect_right(values, value + reach) - bisect_left(values, value - reach) - times
    low, high = max(first - NEIGHBOURS, 0), min(last + NEIGHBOURS, len(values))
    width = (values[high - 1] - values[low]) / step + 1
    return max(near / (2 * WINDOW), (high - low - times) / width)


def _clean(value: float) -> float:
    return float(decimal(value))


def sum_rows(rows: Sequence[Row]) -> list[Flag]:
    """Flag rows that add up others of their block: all of it, or those right above.

    Blocks: subjects or items of one carrier and period, and carriers or items of one subject and
    period. A match counts where rounding alone would rarely make one in as many tries.
    """
    tries, found = 0, dict[int, tuple[float, Flag]]()
    for names in ACROSS:
        blocks: dict[Any, list[Row]] = defaultdict(list)
        for row in rows:
            if value_of(row) is not None:
                blocks[_key(row, names)].append(row)
        for block in blocks.values():
            if len(block) > PARTS_LEAST:
                made, flags = _sums_in(block)
                tries += made
                for odds, flag in flags:
                    if flag.row not in found or odds < found[flag.row][0]:
                        found[flag.row] = (odds, flag)
    likely = {row: flag for row, (odds, flag) in found.items() if odds < LIKELY}
    systematic = _systematic(rows, likely)
    return [
        evolve(flag, facts={**flag.facts, "label": systematic.get(row)})
        for row, flag in likely.items()
        if found[row][0] * tries < LEAST_CHANCE or row in systematic
    ]


def _systematic(rows: Sequence[Row], likely: Iterable[int]) -> dict[int, str]:
    """Give matches that share a label (a column of totals) most of whose rows match."""
    wanted, found = set(likely), dict[int, str]()
    groups: dict[Any, list[int]] = defaultdict(list)
    for row in rows:
        for label in LABELS:
            if row[label] is not None and value_of(row):
                groups[label, row[label]].append(row["row"])
    hits = {key: wanted.intersection(members) for key, members in groups.items()}
    for key, own in sorted(hits.items(), key=lambda one: len(one[1])):
        if len(own) >= COMPANY and len(own) > SHARE * len(groups[key]):
            found |= dict.fromkeys(own, str(key[1]))
    return found


def _sums_in(block: Sequence[Row]) -> tuple[int, list[tuple[float, Flag]]]:
    values = [float(value_of(row) or 0.0) for row in block]
    tries, flags = 0, []
    for index, value in enumerate(values):
        if digits(value) < PARTS_LEAST or value <= 0:
            continue
        made, parts = _above(values, index)
        tries += made
        if parts:
            flags.append(_sum_flag(block, values, index, parts))
    largest = max(range(len(values)), key=lambda n: values[n])
    levels = _whole(values, largest)
    if levels and len([v for v in values if v]) > PARTS_LEAST + 1:
        parts = [n for n in range(len(values)) if n != largest and values[n]]
        flags.append(_sum_flag(block, values, largest, parts))
    return tries + 2, flags


def _above(values: Sequence[float], index: int) -> tuple[int, list[int]]:
    """Add up the rows right above one until they reach it; give the tries and the parts."""
    total, room, parts = 0.0, half_unit(values[index]), list[int]()
    for tries, n in enumerate(range(index - 1, -1, -1), 1):
        total += values[n]
        room += half_unit(values[n])
        parts += [n] if values[n] else []
        if len(parts) >= PARTS_LEAST and abs(total - values[index]) <= room + 1e-12 * total:
            return tries, parts
        if values[n] < 0 or total > values[index] + room:
            return tries, []
    return max(index, 1), []


def _whole(values: Sequence[float], largest: int) -> int:
    """Tell whether the largest row is the sum of the rest, or of two levels of parts in it."""
    rest = sum(values) - values[largest]
    room = sum(half_unit(value) for value in values) + 1e-12 * abs(rest)
    return next((n for n in (1, 2) if abs(rest - n * values[largest]) <= room), 0)


def _sum_flag(
    block: Sequence[Row], values: Sequence[float], index: int, parts: Sequence[int]
) -> tuple[float, Flag]:
    room = half_unit(values[index]) + sum(half_unit(values[n]) for n in parts)
    odds = 2 * (room + 1e-13 * values[index]) / values[index]
    rows = tuple(block[n]["row"] for n in parts)
    facts = {"count": len(parts), "unit": block[index]["unit"] or ""}
    return odds, Flag("sum_row", block[index]["row"], _clean(values[index]), None, rows, facts)
