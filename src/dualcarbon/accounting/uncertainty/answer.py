"""The answer of `dualcarbon uncertainty`: both approaches, trend, ranks and key categories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from attrs import evolve, frozen

from dualcarbon.accounting.engine import GRAMS
from dualcarbon.accounting.uncertainty.approach1 import approach1, trend
from dualcarbon.accounting.uncertainty.indicators import Denominators, ratios
from dualcarbon.accounting.uncertainty.key_categories import LIMITS, key_categories
from dualcarbon.accounting.uncertainty.problem import Problem, prepare
from dualcarbon.accounting.uncertainty.ranks import LARGEST, ranks
from dualcarbon.accounting.uncertainty.sampling import Draws, approach2, draw, drawn_trend
from dualcarbon.accounting.uncertainty.stated import Stated
from dualcarbon.errors import UsageError
from dualcarbon.findings import Finding, finding

DIGITS = 10
MASSES = ("half", "low", "high", "mean", "sd", "median")


@frozen
class Options:
    """What is asked for: cut, approach, draws, years, ranks."""

    by: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    approach: str = "both"
    draws: int = 10_000
    seed: int = 1
    base: str | None = None
    period: str | None = None
    negative: str = "as_drawn"
    ranges: bool = False
    rank: str | None = None
    first: str = LARGEST


@frozen(eq=False)
class Subject:
    """What it is asked of: rows with the column `amount`, and what they were made with."""

    rows: pl.DataFrame
    amount: str
    coefficients: pl.DataFrame
    stated: Stated
    unit: str
    keys: pl.DataFrame | None = None
    parameters: Mapping[str, Mapping[str, Any]] | None = None
    year: str | None = None
    per: Denominators | None = None

    def problem(self, by: Sequence[str], options: Options) -> Problem:
        """Prepare the propagation for a cut."""
        return prepare(
            self.rows,
            amount=self.amount,
            by=by,
            coefficients=self.coefficients,
            keys=self.keys,
            stated=self.stated,
            parameters=self.parameters,
            year=self.year,
            negative=options.negative,
            ranges=options.ranges,
        )


def make(subject: Subject, options: Options) -> tuple[dict[str, Any], list[Finding]]:
    """Give the payload of the command and its findings.

    Errors: UsageError for a column or period that is not there, or for too many draws.
    """
    problem = subject.problem(options.by, options)
    options = _periods(problem, options)
    draws = draw(problem, options.draws, options.seed) if options.approach != "1" else None
    linear = options.approach != "2"
    payload = {
        "unit": subject.unit,
        "by": list(options.by),
        "period": options.period,
        "base": options.base,
        "options": {
            "approach": options.approach,
            "draws": options.draws if draws else None,
            "seed": options.seed if draws else None,
            "negative": options.negative,
            "ranges": options.ranges,
        },
        "approach1": _groups(problem, approach1) if linear else [],
        "approach2": _groups(draws, approach2) if draws else [],
        "trend": _trends(problem, draws, options, linear) if options.base else [],
        "figures": _figures(subject.per, subject.unit, draws, options)
        if draws and subject.per
        else [],
        "ranks": _ranks(draws, options) if draws else [],
        "key_categories": _key_categories(subject, options),
    }
    return payload, list(problem.findings)


def _periods(problem: Problem, options: Options) -> Options:
    """Fill in the period asked about: the last one but the base."""
    if problem.year is None:
        if options.base or options.period:
            raise _no_period(str(options.base or options.period), ["-"])
        return options
    known = sorted({str(each) for each in problem.groups[problem.year]})
    for each in (options.base, options.period):
        if each is not None and each not in known:
            raise _no_period(each, known)
    rest = [each for each in known if each != options.base]
    if not rest:
        raise _no_period(f"!= {options.base}", known)
    return evolve(options, period=options.period or rest[-1])


def _no_period(found: str, known: Sequence[str]) -> UsageError:
    return UsageError(finding("uncertainty.base", found=found, expected=", ".join(known)))


def _groups(of: Any, function: Any) -> list[dict[str, Any]]:
    """Give the groups of the cut and, above them, the totals (of each period)."""
    problem: Problem = of.problem if isinstance(of, Draws) else of
    years = [problem.year] if problem.year else []
    cuts = [years] if set(years) == set(problem.columns) else [years, problem.columns]
    return [
        _record(row, columns, problem.year)
        for columns in cuts
        for row in function(of, columns).iter_rows(named=True)
    ]


def _record(row: Mapping[str, Any], columns: Sequence[str], year: str | None) -> dict[str, Any]:
    record: dict[str, Any] = {
        "group": {name: row[name] for name in columns if name != year},
        "period": row[year] if year and year in columns else None,
        "value": _mass(row["grams"]),
    }
    for name, value in row.items():
        if name not in columns:
            record[name] = _mass(value) if name in MASSES else _digits(value)
    record["complete"] = row["unmatched"] == 0 and row["unstated"] == 0
    return record


def _mass(grams: float | None) -> float | None:
    return None if grams is None else _digits(grams / GRAMS)


def _digits(value: Any) -> Any:
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value


def _trends(
    problem: Problem, draws: Draws | None, options: Options, linear: bool
) -> list[dict[str, Any]]:
    base, now = str(options.base), str(options.period)
    by = [name for name in options.by if name != problem.year]
    found = []
    for columns in [[], by] if by else [[]]:
        exact = trend(problem, base, now, columns)
        sampled = drawn_trend(draws, base, now, columns) if draws else None
        for number, row in enumerate(exact.iter_rows(named=True)):
            found.append(_trend(row, columns, linear))
            drawn = sampled.row(number, named=True) if sampled is not None else {}
            found[-1]["approach2"] = _part(drawn, ("mean", "sd", "low", "median", "high"))
    return found


def _trend(row: Mapping[str, Any], columns: Sequence[str], linear: bool) -> dict[str, Any]:
    return {
        "group": {name: row[name] for name in columns},
        "base_value": _mass(row["base"]),
        "value": _mass(row["grams"]),
        "change": _digits(row["change"]),
        "unstated": row["unstated"],
        "approach1": _part(row, ("half", "low", "high")) if linear else None,
    }


def _part(row: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any] | None:
    return {name: _digits(row[name]) for name in names} if row else None


def _figures(per: Denominators, unit: str, draws: Draws, options: Options) -> list[dict[str, Any]]:
    if "subject" not in options.by:
        known = ", ".join(options.by)
        raise UsageError(finding("uncertainty.column", found="subject", expected=known))
    made = ratios(draws, per, unit, options.period)
    return [{name: _digits(value) for name, value in row.items()} for row in made]


def _ranks(draws: Draws, options: Options) -> list[dict[str, Any]]:
    year = draws.problem.year
    column = options.rank or ("subject" if "subject" in options.by else None)
    if column is None:
        return []
    if column not in options.by:
        known = ", ".join(options.by)
        raise UsageError(finding("uncertainty.column", found=column, expected=known))
    members, values = draws.of([column, *([year] if year else [])])
    if year:
        at = (members[year].cast(pl.String) == options.period).arg_true()
        members, values = members[at], values[at.to_numpy()]
    made = ranks(members.select(column, "grams"), values, first=options.first)
    return [
        {
            column: row[column],
            "value": _mass(row["grams"]),
            **{k: _digits(v) for k, v in row.items() if k not in (column, "grams")},
        }
        for row in made.iter_rows(named=True)
    ]


def _key_categories(subject: Subject, options: Options) -> list[dict[str, Any]]:
    """Assess the categories by Approach 1 ranges, in the period and against the base."""
    if not options.categories:
        return []
    names = list(options.categories)
    problem = subject.problem(names, options)
    found = approach1(problem)
    if problem.year:
        of = pl.col(problem.year).cast(pl.String)
        before = found
        found = found.filter(of == options.period)
        if options.base:
            first = before.filter(of == options.base).select(*names, base="grams")
            found = found.join(first, on=names, how="full", coalesce=True, nulls_equal=True)
    base = "base" if options.base else None
    assessed = key_categories(found, base=base, percent="percent")
    return [_category(row, names) for row in assessed.iter_rows(named=True)]


def _category(row: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    columns = [n for name in LIMITS for n in (name, f"{name}_share", f"{name}_cumulative")]
    return {
        "category": {name: row[name] for name in names},
        "value": _mass(row["grams"]),
        "base_value": _mass(row.get("base")),
        "percent": _digits(row["percent"]),
        **{name: _digits(row[name]) for name in columns},
        "key": [name for name in LIMITS if row[f"{name}_key"]],
    }
