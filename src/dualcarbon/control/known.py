"""What was known on a date: the one version of every fact that stood, ready to be asked for.

A row recorded after the date is not known yet; of one key the last recorded stands, on the same
day the later vintage. Two different numbers that tie are a contradiction, not a choice.
`editions.as_of` is not used: a row without date is known here from the end of its period, vintages
break ties, and the rows that tie are needed to say that they contradict each other.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl
from attrs import field, frozen

from dualcarbon.control.data import Data
from dualcarbon.control.deductions.facts import Facts, facts_of
from dualcarbon.control.reported import known_activity
from dualcarbon.control.trace import Node, apply, constant
from dualcarbon.control.when import RANK, over, recorded, spans
from dualcarbon.editions import as_of
from dualcarbon.figures import Indicator
from dualcarbon.findings import Finding, Place, finding
from dualcarbon.periods import Period
from dualcarbon.tables.model import SOURCE_ROW
from dualcarbon.units import canonical, compatible, convert, dimension, factor

PERCENT = "%"
ABSURD_CHANGE = 50.0
KEY = ("indicator", "subject_kind", "subject", "span", "growth", "price_base", "origin")
Subject = tuple[str, str]


@frozen
class Fact:
    """One known statistic: a level in the indicator's unit, or a published change in %."""

    indicator: str
    subject: Subject
    period: Period
    growth: bool
    value: float
    unit: str
    raw_unit: str
    price_base: str | None
    origin: str
    vintage: str | None
    source: str | None
    row: int
    place: str
    raw: float

    def node(self) -> Node:
        """Give the traced number: the cell, and its unit conversion where there is one."""
        kind = "y/y" if self.growth else "level"
        cell = Node(
            f"{self.indicator} {self.period} {kind}",
            self.raw,
            self.raw_unit,
            "cell",
            table="statistics",
            row=self.row,
            place=self.place,
            source=self.source,
            vintage=self.vintage,
        )
        if self.raw_unit == self.unit:
            return cell
        size = factor(self.raw_unit, self.unit)
        per = constant(f"{self.raw_unit} -> {self.unit}", size, f"{self.unit}/{self.raw_unit}")
        return apply("convert", cell.name, self.unit, cell, per)


@frozen
class Bad:
    """A fact that cannot stand: which one, where, and the rule that says why."""

    indicator: str
    subject: Subject
    period: Period
    place: str
    why: str
    growth: bool = False
    found: str = ""


@frozen
class Known:
    """All that was known on a date."""

    on: dt.date
    data: Data
    statistics: pl.DataFrame
    activity: pl.DataFrame
    progress: pl.DataFrame
    enterprises: pl.DataFrame
    refused_activity: pl.DataFrame
    deductions: Facts
    facts: Mapping[tuple[str, Subject], tuple[Fact, ...]]
    bad: Mapping[tuple[str, Subject], tuple[Bad, ...]]
    findings: tuple[Finding, ...] = field(default=())

    def of(self, indicator: str | None, subject: Subject) -> tuple[Fact, ...]:
        """Give the facts of an indicator and subject, in order of their periods."""
        return self.facts.get((indicator or "", subject), ())

    def broken(
        self, indicator: str | None, subject: Subject, periods: Iterable[Period]
    ) -> Bad | None:
        """Give a contradictory or refused fact that touches one of the periods, or None."""
        wanted = tuple(periods)
        for item in self.bad.get((indicator or "", subject), ()):
            if any(p.contains(item.period) or item.period.contains(p) for p in wanted):
                return item
        return None


def known(data: Data, on: dt.date) -> Known:
    """Reduce a data folder to what was known at the end of a day.

    Findings: rows without `recorded_at` (known from the end of their period), periods that were not
    over, values that contradict each other, negative amounts, units that do not fit.
    """
    findings: list[Finding] = []
    raw = spans(data.frames["statistics"])
    rows, said = recorded(raw, on, "statistics")
    findings += said
    statistics, ties = _latest(rows)
    facts, bad, said = _facts(statistics, ties, data)
    deductions = facts_of(data.frames["deductions"], on, data.refused["deductions"])
    findings += said
    activity, lost, said = known_activity(data, on)
    for item in _refused(data, on):
        bad[item.indicator, item.subject].append(item)
    return Known(
        on=on,
        data=data,
        statistics=statistics,
        activity=activity,
        progress=_progress(data.frames["progress"], on),
        enterprises=data.frames["enterprises"],
        refused_activity=lost,
        deductions=deductions,
        facts={key: tuple(sorted(v, key=lambda f: f.period)) for key, v in facts.items()},
        bad={key: tuple(v) for key, v in bad.items()},
        findings=(*findings, *said, *deductions.findings),
    )


def _progress(frame: pl.DataFrame, on: dt.date) -> pl.DataFrame:
    """Give the steps known on a date: of one project, period and stage the last recorded."""
    rows = as_of(over(spans(frame), on), on, ("commitment", "project", "span", "stage"))
    return rows.sort(SOURCE_ROW).with_row_index("fact")


def _latest(frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give the row that stands of every key, and the rows that tie with it but differ."""
    frame = frame.with_columns(
        growth=pl.col("unit") == PERCENT,
        rank=RANK,
        measure=pl.col("unit").map_elements(_measure, return_dtype=pl.String),
    )
    key = [*KEY, "measure"]
    order = ["known_at", "rank"]
    ordered = frame.sort(order, descending=True, maintain_order=True)
    top = ordered.with_columns(
        pl.col(name).first().over(key).alias(f"top_{name}") for name in order
    )
    top = top.filter(
        (pl.col("known_at") == pl.col("top_known_at")) & (pl.col("rank") == pl.col("top_rank"))
    )
    best = top.unique(key, keep="first", maintain_order=True).sort("source_row")
    best = best.drop("top_known_at", "top_rank", "rank").with_row_index("fact")
    return best, top


def _measure(unit: str) -> str:
    return dimension(unit)


def _facts(
    frame: pl.DataFrame, ties: pl.DataFrame, data: Data
) -> tuple[defaultdict[Any, list[Fact]], defaultdict[Any, list[Bad]], list[Finding]]:
    facts: defaultdict[Any, list[Fact]] = defaultdict(list)
    bad: defaultdict[Any, list[Bad]] = defaultdict(list)
    findings: list[Finding] = []
    rivals = _rivals(ties)
    for row in frame.iter_rows(named=True):
        indicator = data.words.indicators[row["indicator"]]
        subject = (row["subject_kind"], row["subject"])
        key = (row["indicator"], subject)
        fact, problem = _fact(row, indicator, subject)
        if problem is None and fact is not None and _contradicted(row, fact, rivals):
            problem = _problem("control.contradiction", row, expected=indicator.unit)
        if problem is not None:
            findings.append(problem)
            bad[key].append(_bad(row, subject, problem))
        elif fact is not None:
            facts[key].append(fact)
            findings += _doubts(row, fact)
    return facts, bad, findings


def _fact(
    row: Mapping[str, Any], indicator: Indicator, subject: Subject
) -> tuple[Fact | None, Finding | None]:
    growth = row["unit"] == PERCENT and indicator.unit != PERCENT
    unit = PERCENT if growth else canonical(indicator.unit)
    if not growth and not compatible(row["unit"], unit):
        return None, _problem("control.unit", row, expected=unit)
    value = convert(row["value"], row["unit"], unit)
    if _impossible(value, growth, indicator):
        return None, _problem("control.negative", row, expected=">= 0" if not growth else "> -100")
    fact = Fact(
        indicator=indicator.id,
        subject=subject,
        period=Period.parse(row["span"]),
        growth=growth,
        value=value,
        unit=unit,
        raw_unit=row["unit"],
        price_base=row["price_base"],
        origin=row["origin"],
        vintage=row["vintage"],
        source=row["source"],
        row=row["fact"],
        place=row["place"],
        raw=row["value"],
    )
    return fact, None


def _impossible(value: float, growth: bool, indicator: Indicator) -> bool:
    if growth:
        return value <= -100
    return value < 0 and not indicator.unit.startswith("tCO2") and indicator.kind != "change"


def _problem(rule: str, row: Mapping[str, Any], expected: str) -> Finding:
    place = Place.parse(row["place"])
    return finding(
        rule,
        place,
        found=f"{row['value']} {row['unit']}",
        expected=expected,
        indicator=row["indicator"],
        subject=row["subject"],
        period=row["span"],
    )


def _bad(row: Mapping[str, Any], subject: Subject, problem: Finding) -> Bad:
    return Bad(
        indicator=row["indicator"],
        subject=subject,
        period=Period.parse(row["span"]),
        place=row["place"],
        why=problem.rule,
        growth=row["unit"] == PERCENT,
        found=str(problem.found),
    )


def _rivals(ties: pl.DataFrame) -> Mapping[Any, list[tuple[float, str]]]:
    rivals: defaultdict[Any, list[tuple[float, str]]] = defaultdict(list)
    key = [*KEY, "measure"]
    doubled = ties.filter(pl.struct(key).is_duplicated())
    for row in doubled.iter_rows(named=True):
        rivals[tuple(row[name] for name in key)].append((row["value"], row["unit"]))
    return rivals


def _contradicted(row: Mapping[str, Any], fact: Fact, rivals: Mapping[Any, Any]) -> bool:
    others = rivals.get(tuple(row[name] for name in [*KEY, "measure"]), ())
    values = [convert(value, unit, fact.unit) for value, unit in others]
    scale = max((abs(value) for value in values), default=0.0)
    return any(abs(value - fact.value) > 1e-9 * max(scale, 1.0) for value in values)


def _doubts(row: Mapping[str, Any], fact: Fact) -> list[Finding]:
    if fact.growth and abs(fact.value) > ABSURD_CHANGE:
        return [_problem("control.implausible", row, expected=f"+-{ABSURD_CHANGE:g} %")]
    return []


def _refused(data: Data, on: dt.date) -> list[Bad]:
    frame = spans(data.refused["statistics"])
    frame = frame.with_columns(pl.coalesce("recorded_at", "ends").alias("known_at"))
    return [
        Bad(
            indicator=row["indicator"],
            subject=(row["subject_kind"], row["subject"]),
            period=Period.parse(row["span"]),
            place=row["place"],
            why="control.refused",
            growth=row["unit"] == PERCENT,
        )
        for row in frame.filter(pl.col("known_at") <= on).iter_rows(named=True)
    ]
