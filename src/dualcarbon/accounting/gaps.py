"""What a reconciliation says about its gaps, so that a reader looks where it matters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from dualcarbon.accounting.boundary import Boundary, Known
from dualcarbon.accounting.level import Level
from dualcarbon.accounting.lines import Line
from dualcarbon.carriers import Carrier
from dualcarbon.findings import Finding, Place, finding

NOTABLE = 0.01
ROUNDING = 1e-6
SHOWN = 20
Carriers = Mapping[str, Carrier]


def names_of(code: str, carriers: Carriers) -> dict[str, Any]:
    """Give the names of a carrier in both languages; its code where the pack has none."""
    carrier = carriers.get(code)
    names = (carrier.name_zh, carrier.name_en) if carrier else (code, code)
    return {"carrier_zh": names[0], "carrier_en": names[1]}


def once(findings: Iterable[Finding]) -> list[Finding]:
    """Keep what is said of a carrier in one measure only: it is the same in the other."""
    kept: dict[Any, Finding] = {}
    for item in findings:
        same = item.rule in ("accounting.reconcile_one_sided", "accounting.reconcile_dimension")
        kept.setdefault((item.rule, item.found if same else item), item)
    return list(kept.values())


def doubts(
    line: Line,
    kinds: Sequence[str],
    upper: pl.DataFrame,
    lower: pl.DataFrame,
    measure: str,
    names: tuple[str, str],
    carriers: Carriers,
) -> Iterator[Finding]:
    """Say what is doubtful about one carrier of a level: units, absence, one side, factors."""
    facts: dict[str, Any] = {
        **names_of(line.carrier, carriers),
        "upper": names[0],
        "lower": names[1],
    }
    if len(kinds) > 1:
        units = " / ".join(dict.fromkeys([*upper["unit"], *lower["unit"]]))
        yield finding("accounting.reconcile_dimension", found=f"{line.carrier}: {units}", **facts)
        return
    facts["measure"] = measure
    if line.gap_g is None:
        for name, frame in zip(names, (upper, lower), strict=True):
            lost = frame.filter(pl.col(f"{measure}_g").is_null() | pl.col("quantity").is_null())
            if lost.height:
                place = Place.parse(lost["place"][0] or "")
                facts.update(count=lost.height, side=name, unit=lost["unit"][0])
                yield finding("accounting.reconcile_null", place, found=line.carrier, **facts)
        return
    if line.boundary_g is None:
        yield finding("accounting.boundary_unpriced", found=line.carrier, **facts)
        return
    size = max(abs(line.upper_g or 0), abs(line.lower_g or 0))
    if not (upper.height and lower.height):
        if abs(line.activity_g or 0) <= ROUNDING * size:
            return
        facts["side"] = names[0] if upper.height else names[1]
        facts["gap"] = f"{(line.activity_g or 0) / 1e6:+,.0f}"
        yield finding("accounting.reconcile_one_sided", found=line.carrier, **facts)
    elif abs(line.factor_g or 0) > NOTABLE * abs(line.upper_g or 0):
        shown = [_factor(line, "upper"), _factor(line, "lower")]
        facts.update(gap=f"{(line.factor_g or 0) / 1e6:+,.0f}", unit=line.unit)
        yield finding("accounting.reconcile_factor", found=shown[1], expected=shown[0], **facts)


def _factor(line: Line, side: str) -> str:
    quantity, grams = getattr(line, f"quantity_{side}"), getattr(line, f"{side}_g")
    return f"{grams / 1e6 / quantity:.6g}" if quantity else "-"


def netted(level: Level) -> Iterator[Finding]:
    """Say where the net hides the gaps: carriers above and below cancel out."""
    net, absolute = level.net(), level.absolute()
    if absolute and abs(net) * 2 < absolute:
        yield finding(
            "accounting.reconcile_net",
            found=net,
            expected=absolute,
            upper=level.upper,
            lower=level.lower,
            measure=level.measure,
            net=f"{net / 1e6:+,.0f}",
            absolute=f"{absolute / 1e6:,.0f}",
        )


def registered(pairs: Iterable[tuple[Known, bool]]) -> Iterator[Finding]:
    """Show every line of the error register, matched or not: nothing is removed in silence."""
    for known, found in pairs:
        yield finding(
            "accounting.register_known" if found else "accounting.register_unmatched",
            Place.parse(known.source),
            found=known.delta_g,
            where=known.place,
            delta=f"{known.delta_g / 1e6:+,.6g}",
            measure=known.measure,
            state=known.state,
            reason=known.reason,
        )


def unused(boundary: Sequence[Boundary], levels: Sequence[Level]) -> Iterator[Finding]:
    """Name the entries of a boundary statement that met no data."""
    used = {part.place for level in levels for line in level.lines for part in line.boundary}
    for entry in boundary:
        if entry.place and entry.place not in used:
            place = Place.parse(entry.place)
            yield finding("accounting.boundary_unused", place, found=entry.name_zh)


def largest(levels: Sequence[Level], carriers: Carriers) -> Iterator[Finding]:
    """Name the largest gaps of single subjects that no boundary explains."""
    open_gaps = [
        (abs(line.open_g), level, line)
        for level in levels
        for line in level.lines
        if level.by in ("located_in", "subject")
        and level.measure == "tce"
        and line.open_g
        and abs(line.open_g) > NOTABLE * abs(line.upper_g or 0)
    ]
    open_gaps.sort(key=lambda one: -one[0])
    for _, level, line in open_gaps[:SHOWN]:
        yield finding(
            "accounting.reconcile_gap",
            found=line.open_g,
            subject=level.subject,
            upper=level.upper,
            lower=level.lower,
            gap=f"{(line.open_g or 0) / 1e6:+,.1f}",
            activity=f"{(line.activity_g or 0) / 1e6:+,.1f}",
            factor=f"{(line.factor_g or 0) / 1e6:+,.1f}",
            **names_of(line.carrier, carriers),
        )
