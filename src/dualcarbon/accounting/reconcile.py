"""Reconciliation: two sides of the same city, and why they differ, carrier by carrier.

    gap = upper - lower = boundary + activity + factor        (whole grams, exactly)

boundary: what a side does not cover by declaration. activity: the difference of the quantities that
both cover, at the upper side's implied factor. factor: the rest, the same quantity at another
factor. Carriers are never netted against each other. Method: docs/methods/reconciliation.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import polars as pl
from attrs import evolve, frozen

from dualcarbon.accounting.boundary import Boundary, Known
from dualcarbon.accounting.gaps import (
    Carriers,
    doubts,
    largest,
    names_of,
    netted,
    once,
    registered,
    unused,
)
from dualcarbon.accounting.level import Level
from dualcarbon.accounting.lines import Line, Taken, make_line, units_of
from dualcarbon.accounting.members import VIEWS, Members, allocated
from dualcarbon.accounting.side import COUNTED, MEASURES
from dualcarbon.accounting.within import within
from dualcarbon.findings import Finding, Place, finding
from dualcarbon.periods import Period
from dualcarbon.units import dimension

SHOWN = 20
ELSEWHERE = (
    ("located_in", 1, "在本区、由其他主体考核", "located here, assessed by others"),
    ("assessed_by", -1, "由本区考核、不在本区", "assessed here, located elsewhere"),
)


@frozen
class Reconciliation:
    """Levels in the order of the chain, each measure apart, and what was found on the way."""

    period: Period
    levels: tuple[Level, ...]
    findings: tuple[Finding, ...]
    register: tuple[tuple[Known, bool], ...] = ()


@frozen
class _Job:
    """What every level of a chain shares."""

    boundary: Sequence[Boundary]
    carriers: Carriers
    members: Members
    register: Sequence[Known]


def reconcile(
    upper: pl.DataFrame,
    lower: pl.DataFrame,
    *,
    period: Period,
    boundary: Sequence[Boundary] = (),
    others: Sequence[pl.DataFrame] = (),
    carriers: Carriers | None = None,
    members: Members | None = None,
    register: Sequence[Known] = (),
) -> Reconciliation:
    """Hold two sides against each other.

    Shape: SIDE frames, each of one side. `others`: further sides in which a boundary may find its
    rows. `carriers`: names and official units; subtotals among them are left out. `members`: the
    areas of the lower side's subjects by view, for a level per area. Amounts: whole grams.
    Absent: a carrier with an amount that is null has a null gap and a finding; it is in no sum.
    """
    return chain(
        [upper, lower],
        period=period,
        boundary=boundary,
        others=others,
        carriers=carriers,
        members=members,
        register=register,
    )


def chain(
    sides: Sequence[pl.DataFrame],
    *,
    period: Period,
    boundary: Sequence[Boundary] = (),
    others: Sequence[pl.DataFrame] = (),
    carriers: Carriers | None = None,
    members: Members | None = None,
    register: Sequence[Known] = (),
) -> Reconciliation:
    """Hold several sides against each other, each against the next, from the top down."""
    known = dict(carriers or {})
    findings: list[Finding] = []
    ready: list[tuple[str, pl.DataFrame]] = []
    for side in (*sides, *others):
        frame, said = within(side, period)
        frame, more = _fitting(_without_subtotals(frame, known), known)
        findings += [*said, *more]
        name = _name(side, f"side {len(ready) + 1}")
        if not frame.height:
            findings.append(
                finding("accounting.side_empty", found=name, expected=str(period), side=name)
            )
        ready.append((name, frame))
    job = _Job(boundary, known, members or {}, register)
    levels: list[Level] = []
    for index in range(len(sides) - 1):
        further = [frame for n, (_, frame) in enumerate(ready) if n not in (index, index + 1)]
        names = (ready[index][0], ready[index + 1][0])
        made, said = _levels(ready[index][1], ready[index + 1][1], further, names, job)
        levels += made
        findings += said
    matched = {known for level in levels for line in level.lines for known in line.explained}
    pairs = tuple((line, line in matched) for line in register)
    said = [*unused(boundary, levels), *registered(pairs)]
    return Reconciliation(period, tuple(levels), (*findings, *said), pairs)


def _without_subtotals(frame: pl.DataFrame, carriers: Carriers) -> pl.DataFrame:
    return frame.filter(
        ~pl.col("carrier").is_in([code for code, one in carriers.items() if one.subtotal_of])
    )


def _fitting(frame: pl.DataFrame, carriers: Carriers) -> tuple[pl.DataFrame, list[Finding]]:
    """Leave out rows in a unit of another kind than the rest of their carrier, if unpriced."""
    known = {unit: dimension(unit) for unit in frame["unit"].unique()}
    frame = frame.with_columns(_kind=pl.col("unit").replace_strict(known, return_dtype=pl.String))
    mixed = frame.group_by("carrier").agg(
        pl.col("_kind").mode().sort().first(), n=pl.n_unique("_kind")
    )
    main = {}
    for code, usual, kinds in mixed.iter_rows():
        own = dimension(carriers[code].unit) if code in carriers else usual
        if kinds > 1:
            main[code] = (
                own if ((frame["carrier"] == code) & (frame["_kind"] == own)).any() else usual
            )
    wanted = pl.col("carrier").replace_strict(main, default=None, return_dtype=pl.String)
    priced = pl.any_horizontal(pl.col(f"{measure}_g").is_not_null() for measure in MEASURES)
    stray = (wanted != pl.col("_kind")).fill_null(False) & ~priced
    findings = [
        finding(
            "accounting.side_unit",
            Place.parse(row["place"] or ""),
            found=f"{row['quantity']} {row['unit']}",
            expected=main[row["carrier"]],
            subject=row["subject"],
            period=row["period"],
            **names_of(row["carrier"], carriers),
        )
        for row in frame.filter(stray).head(SHOWN).iter_rows(named=True)
    ]
    return frame.filter(~stray).drop("_kind"), findings


def _levels(
    upper: pl.DataFrame,
    lower: pl.DataFrame,
    further: Sequence[pl.DataFrame],
    names: tuple[str, str],
    job: _Job,
) -> tuple[list[Level], list[Finding]]:
    levels: list[Level] = []
    findings: list[Finding] = []
    for measure in MEASURES:
        taken = _taken(upper, lower, further, names, job.boundary)
        lines, said = _lines(upper, lower, taken, measure, None, names, job)
        level = Level(*names, measure, lines)
        levels.append(_explained(level, upper, lower, job.register))
        findings += [*said, *netted(level)]
    for by, subject, one, other, own in _subjects(upper, lower, job.members):
        taken = [*own, *_taken(one, other, (), names, job.boundary)]
        for measure in MEASURES:
            lines, _ = _lines(one, other, taken, measure, subject, names, job)
            level = Level(*names, measure, lines, by, subject)
            levels.append(_explained(level, one, other, job.register))
    return levels, [*once(findings), *largest(levels, job.carriers)]


def _name(frame: pl.DataFrame, default: str) -> str:
    return str(frame["side"][0]) if frame.height else default


def _taken(
    upper: pl.DataFrame,
    lower: pl.DataFrame,
    further: Sequence[pl.DataFrame],
    names: tuple[str, str],
    boundary: Sequence[Boundary],
) -> list[Taken]:
    """Give what each entry of the boundary takes at a level; a row is taken once."""
    sides = [upper, lower, *further]
    left = [side.with_row_index("_line") for side in sides]
    found = []
    for entry in boundary:
        sign = 1 if entry.not_in in (None, names[1]) else -1 if entry.not_in == names[0] else 0
        if not sign or entry.found_in == entry.not_in is not None:
            continue
        if entry.stated:
            found.append(Taken(entry, sign, None, False))
            continue
        index = _where(entry, left, 0 if sign > 0 else 1)
        if index is None:
            continue
        rows = left[index].filter(entry.picks(left[index]))
        left[index] = left[index].join(rows, on="_line", how="anti")
        found.append(Taken(entry, sign, rows.drop("_line"), index == 0))
    return found


def _where(entry: Boundary, left: Sequence[pl.DataFrame], own: int) -> int | None:
    """Give the side in which an entry finds rows: its level's own, else a further one.

    Further sides are asked only for an entry that names the side that lacks them.
    """
    order: list[int] = [own]
    if entry.not_in is not None:
        order += range(2, len(left))
    for index in order:
        frame = left[index]
        if entry.found_in not in (None, _name(frame, "")):
            continue
        if frame.filter(entry.picks(frame)).height:
            return index
    return None


def _lines(
    upper: pl.DataFrame,
    lower: pl.DataFrame,
    taken: Sequence[Taken],
    measure: str,
    subject: str | None,
    names: tuple[str, str],
    job: _Job,
) -> tuple[tuple[Line, ...], list[Finding]]:
    counted = pl.col("flow").is_in(COUNTED[measure])
    sides = [_by_carrier(frame.filter(counted)) for frame in (upper, lower)]
    parts = [
        evolve(one, rows=None if one.rows is None else one.rows.filter(counted)) for one in taken
    ]
    codes = [code for code in job.carriers if any(code in side for side in sides)]
    codes += sorted({code for side in sides for code in side} - set(codes))
    lines: list[Line] = []
    findings: list[Finding] = []
    for code in codes:
        one, other = (side.get(code, upper.clear()) for side in sides)
        unit, kinds = units_of(one, other, job.carriers.get(code))
        line = make_line(code, measure, one, other, parts, unit, subject, len(kinds) == 1)
        lines.append(line)
        findings += doubts(line, kinds, one, other, measure, names, job.carriers)
    return tuple(lines), findings


def _by_carrier(frame: pl.DataFrame) -> dict[str, pl.DataFrame]:
    parts = frame.partition_by("carrier", as_dict=True)
    return {str(code): part for (code,), part in parts.items()}


Subject = tuple[str, str, pl.DataFrame, pl.DataFrame, list[Taken]]


def _subjects(upper: pl.DataFrame, lower: pl.DataFrame, members: Members) -> Iterator[Subject]:
    """Give the two sides of every subject: areas by both views, or the subjects that both have."""
    own = upper["subject"].unique(maintain_order=True).to_list()
    views = {view: allocated(lower, members.get(view, {})) for view in VIEWS}
    placed = {view: _by_area(frame) for view, frame in views.items()}
    if any(area in placed[view] for view in VIEWS for area in own):
        for view in VIEWS:
            for area in own:
                rows = placed[view].get(area, lower.clear())
                elsewhere = _elsewhere(area, placed, lower) if view == "assessed_by" else []
                yield view, area, upper.filter(pl.col("subject") == area), rows, elsewhere
        return
    shared = set(own) & set(lower["subject"])
    for subject in own if len(own) > 1 else []:
        if subject not in shared:
            continue
        sides = [frame.filter(pl.col("subject") == subject) for frame in (upper, lower)]
        yield "subject", subject, sides[0], sides[1], []


def _by_area(frame: pl.DataFrame) -> dict[str, pl.DataFrame]:
    parts = frame.partition_by("area", as_dict=True, include_key=False)
    return {str(area): part for (area,), part in parts.items()}


def _elsewhere(
    area: str, placed: Mapping[str, Mapping[str, pl.DataFrame]], lower: pl.DataFrame
) -> list[Taken]:
    """Name as boundary what the register of enterprises declares: place and assessor differ."""
    found = []
    for view, sign, name_zh, name_en in ELSEWHERE:
        other = next(one for one in VIEWS if one != view)
        rows = placed[view].get(area, lower.clear())
        also = placed[other].get(area, lower.clear())["subject"].unique().to_list()
        rows = rows.filter(~pl.col("subject").is_in(also))
        if rows.height:
            found.append(Taken(Boundary(name_zh, name_en), sign, rows, False))
    return found


def _explained(
    level: Level, upper: pl.DataFrame, lower: pl.DataFrame, register: Sequence[Known]
) -> Level:
    """Put the lines of the error register beside the gaps that they explain."""
    if not register:
        return level
    cells = {
        place: code
        for frame in (upper, lower)
        for place, code in frame.select("place", "carrier").iter_rows()
    }
    lines = []
    for line in level.lines:
        own = [
            known
            for known in register
            if known.measure == level.measure
            and (known.place == level.name or cells.get(known.place) == line.carrier)
            and known.carrier in (line.carrier, None)
            and (known.carrier is not None or known.place in cells)
        ]
        lines.append(evolve(line, explained=tuple(own)))
    return evolve(level, lines=tuple(lines))
