"""Peak monitor: growth, elasticity, years since the maximum and how sure it is, path, scenarios.

A series is never called peaked on one year: the rule is pack data (`accounting/peak.yaml`). Method
and worked numbers: docs/methods/peak.md.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
from attrs import frozen

from dualcarbon.accounting.stated import LARGEST
from dualcarbon.editions import Input
from dualcarbon.errors import InputError, PackError, UsageError
from dualcarbon.findings import Finding, Place, finding
from dualcarbon.packs import Pack
from dualcarbon.tables import Column, Reading, Table, read_table
from dualcarbon.units import compatible, convert

GDP = "gdp"
SERIES = Table(
    "yearly series",
    (
        Column("series", aliases=("序列", "指标")),
        Column("year", "integer", aliases=("年份", "年")),
        Column("value", "number", aliases=("数值", "值")),
        Column("unit", "unit", aliases=("单位",)),
        Column("uncertainty", "number", required=False, nullable=True, aliases=("不确定度",)),
        Column("source", required=False, nullable=True, aliases=("出处", "来源")),
    ),
    key=("series", "year"),
)
YEARS: dict[str, type[pl.DataType] | pl.DataType] = {
    "series": pl.String,
    "year": pl.Int64,
    "value": pl.Float64,
    "unit": pl.String,
    "uncertainty": pl.Float64,
    "status": pl.String,
    "growth": pl.Float64,
    "gdp_growth": pl.Float64,
    "elasticity": pl.Float64,
    "decoupling": pl.String,
    "place": pl.String,
}
STATES = {
    "rising": ("最高值在最近一年", "the last year is the highest"),
    "below": (
        "低于最高值，尚不能判定最高值已过",
        "below the maximum; not yet to be called behind us",
    ),
    "behind": (
        "按本规则最高值已过（不等于主管部门认定达峰）",
        "by this rule the maximum is behind us (no official finding of a peak)",
    ),
    "unknown": ("数据不足，不作判断", "too few years to judge"),
}
DECOUPLING = {
    "strong_decoupling": ("强脱钩", "strong decoupling"),
    "weak_decoupling": ("弱脱钩", "weak decoupling"),
    "expansive_coupling": ("扩张连结", "expansive coupling"),
    "expansive_negative": ("扩张负脱钩", "expansive negative decoupling"),
    "strong_negative": ("强负脱钩", "strong negative decoupling"),
    "weak_negative": ("弱负脱钩", "weak negative decoupling"),
    "recessive_coupling": ("衰退连结", "recessive coupling"),
    "recessive_decoupling": ("衰退脱钩", "recessive decoupling"),
}
Z95 = 1.96
FIRST, LAST = 1900, 2200


@frozen
class Rules:
    """What the monitor judges by: years and confidence, bounds of decoupling, draws."""

    years: int
    confidence: float
    low: float
    high: float
    draws: int
    seed: int
    entries: tuple[Mapping[str, Any], ...]


@frozen(eq=False)
class Monitor:
    """The result: `years` (YEARS, one row per series and year), a judgement a series, findings."""

    years: pl.DataFrame
    judgements: tuple[dict[str, Any], ...]
    rules: Rules
    correlation: float
    findings: tuple[Finding, ...]
    input: Input


def load_rules(pack: Pack) -> Rules:
    """Load the monitor's rules; PackError when one is missing or malformed."""
    entries = {entry["id"]: entry for entry in pack.load_list("accounting/peak.yaml", "id")}
    try:
        behind, states, draws = (entries[name] for name in ("behind", "decoupling", "draws"))
        made = Rules(
            int(behind["years"]),
            float(behind["confidence"]),
            float(states["low"]),
            float(states["high"]),
            int(draws["number"]),
            int(draws["seed"]),
            tuple(entries.values()),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise PackError(finding("accounting.peak_rule", found=str(error))) from error
    if made.years < 2 or not 0.5 < made.confidence < 1 or made.draws < 1000:
        raise PackError(finding("accounting.peak_rule", found=f"{made.years}, {made.confidence}"))
    return made


def read_series(path: Path) -> tuple[pl.DataFrame, list[Finding], Input]:
    """Read yearly series: `series,year,value,unit,uncertainty,source`.

    Shape: YEARS without the computed columns, sorted; one unit a series, that of its first year.
    `uncertainty`: half the 95 % range in %; empty = not stated. Findings: bad cells, values that
    are not above zero, missing years. Errors: InputError when nothing can be used.
    """
    reading = read_table(path, SERIES)
    findings = list(reading.findings)
    rows: list[dict[str, Any]] = []
    units: dict[str, str] = {}
    for line in reading.frame.sort("series", "year").iter_rows(named=True):
        row, wrong = _row(line, reading, units)
        findings += [wrong] if wrong else []
        rows += [row] if row else []
    if not rows:
        raise InputError(*findings or [finding("accounting.nothing", Place(reading.file))])
    frame = pl.DataFrame(rows, schema={k: v for k, v in YEARS.items() if k in rows[0]})
    findings += _gaps(frame, reading.file)
    return frame, findings, Input(reading.file, reading.sha256, reading.rows_read)


def _row(
    line: Mapping[str, Any], reading: Reading, units: dict[str, str]
) -> tuple[dict[str, Any] | None, Finding | None]:
    place = reading.place(line["source_row"], "value")
    name = line["series"].strip()
    unit = units.setdefault(name.casefold(), line["unit"])
    uncertainty = line["uncertainty"]
    if not FIRST <= line["year"] <= LAST:
        where = reading.place(line["source_row"], "year")
        return None, finding("accounting.series_year", where, found=line["year"])
    if not compatible(line["unit"], unit):
        facts: dict[str, Any] = {"found": line["unit"], "expected": unit}
        return None, finding("accounting.series_unit", place, series=name, **facts)
    if not 0 < line["value"] <= LARGEST or (uncertainty is not None and not 0 <= uncertainty < 100):
        found = uncertainty if 0 < line["value"] <= LARGEST else line["value"]
        return None, finding("accounting.series_value", place, found=found, series=name)
    row = {
        "series": GDP if name.casefold() in (GDP, "地区生产总值") else name,
        "year": line["year"],
        "value": convert(line["value"], line["unit"], unit),
        "unit": unit,
        "uncertainty": uncertainty,
        "status": "sourced" if line["source"] else "unsourced",
        "place": str(place),
    }
    return row, None


def _gaps(frame: pl.DataFrame, file: str) -> Iterator[Finding]:
    for key, part in frame.group_by("series", maintain_order=True):
        present = set(part["year"])
        missing = [y for y in range(min(present), max(present)) if y not in present]
        if missing:
            shown = ", ".join(map(str, missing[:20]))
            yield finding("accounting.years_missing", Place(file), found=shown, series=key[0])


def monitor(path: Path, pack: Pack, correlation: float = 0.0) -> Monitor:
    """Give growth, elasticity, decoupling and the judgement of every series but GDP.

    `correlation`: of the errors of two years, 0 (independent) to 1 (a common factor only).
    Errors: UsageError for a correlation outside 0 to 1; InputError for a file without any value.
    """
    if not 0 <= correlation <= 1:
        raise UsageError(finding("accounting.correlation", found=correlation))
    rules = load_rules(pack)
    frame, findings, source = read_series(path)
    years = with_growth(frame, rules)
    names = [name for name in years["series"].unique(maintain_order=True) if name != GDP]
    judgements = [judge(years, name, rules, correlation) for name in names]
    findings += list(_notes(judgements, years, source.file, correlation))
    return Monitor(years, tuple(judgements), rules, correlation, tuple(findings), source)


def with_growth(frame: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Add growth in %, growth of GDP, elasticity and decoupling state of every year.

    Absent: a growth whose year before is missing, and what follows from it, is null.
    """
    values = {(row[0], row[1]): row[2] for row in frame.select("series", "year", "value").rows()}

    def growth(series: str, year: int) -> float | None:
        now, before = values.get((series, year)), values.get((series, year - 1))
        return None if now is None or before is None else 100 * (now / before - 1)

    more = []
    for name, year in frame.select("series", "year").rows():
        own = growth(name, year)
        gdp = None if name == GDP else growth(GDP, year)
        ratio = own / gdp if own is not None and gdp else None
        state = None if own is None or gdp is None else decoupling(own, gdp, rules)
        more.append({"growth": own, "gdp_growth": gdp, "elasticity": ratio, "decoupling": state})
    schema = {k: YEARS[k] for k in ("growth", "gdp_growth", "elasticity", "decoupling")}
    return pl.concat([frame, pl.DataFrame(more, schema=schema)], how="horizontal").select(*YEARS)


def decoupling(growth: float, gdp: float, rules: Rules) -> str | None:
    """Give the decoupling state of a year; None where GDP did not change."""
    if gdp == 0:
        return None
    ratio = growth / gdp
    if gdp > 0:
        names = ("strong_decoupling", "weak_decoupling", "expansive_coupling", "expansive_negative")
    else:
        names = ("strong_negative", "weak_negative", "recessive_coupling", "recessive_decoupling")
    if ratio < 0:
        return names[0]
    return names[1] if ratio < rules.low else names[2] if ratio <= rules.high else names[3]


def judge(years: pl.DataFrame, name: str, rules: Rules, correlation: float) -> dict[str, Any]:
    """Judge one series: its maximum, the years since, how sure that is, and the state by the rule.

    Of equal maxima the latest counts. `probability_behind`: that the highest true value lies before
    the last year; `probability_rule`: at least the rule's years before it. Both are null where an
    uncertainty is not stated, and then the rule is never met.
    """
    part = years.filter(pl.col("series") == name).sort("year")
    values, stated = part["value"].to_list(), part["uncertainty"].to_list()
    numbers = part["year"].to_list()
    top = max(range(len(values)), key=lambda i: (values[i], numbers[i]))
    last = len(values) - 1
    known = [one for one in stated if one is not None]
    sigma = [v * u / 100 / Z95 for v, u in zip(values, known, strict=False)]
    complete = len(known) == len(values)
    chances = chance(values, sigma, numbers, rules, correlation) if complete else (None, None)
    state, reason = _state(numbers, values, sigma if complete else None, top, rules, correlation)
    return {
        "series": name,
        "unit": part["unit"][0],
        "first_year": numbers[0],
        "last_year": numbers[-1],
        "last_value": values[last],
        "maximum_year": numbers[top],
        "maximum_value": values[top],
        "years_since": numbers[-1] - numbers[top],
        "from_maximum": 100 * (values[last] / values[top] - 1),
        "probability_behind": chances[0],
        "probability_rule": chances[1],
        "state": state,
        "reason": reason,
        "data_status": "sourced" if set(part["status"]) == {"sourced"} else "unsourced",
    }


def _state(
    numbers: Sequence[int],
    values: Sequence[float],
    sigma: Sequence[float] | None,
    top: int,
    rules: Rules,
    correlation: float,
) -> tuple[str, str]:
    after = range(top + 1, len(values))
    if len(values) < 2:
        return "unknown", "few"
    if not after:
        return "rising", "last"
    if any(later - earlier != 1 for earlier, later in pairwise(numbers[top:])):
        return "below", "gap"
    if len(after) < rules.years:
        return "below", "years"
    if sigma is None:
        return "below", "uncertainty"
    sure = (surely_below(values[i], values[top], sigma[i], sigma[top], correlation) for i in after)
    return ("behind", "rule") if min(sure) >= rules.confidence else ("below", "confidence")


def surely_below(
    value: float, top: float, sigma: float, sigma_top: float, correlation: float
) -> float:
    """Give the probability that a year's true value lies below that of the maximum's year."""
    spread = math.sqrt(max(sigma**2 + sigma_top**2 - 2 * correlation * sigma * sigma_top, 0.0))
    if spread <= 1e-12 * top:
        return 1.0 if value < top else 0.0
    return 0.5 * (1 + math.erf((top - value) / spread / math.sqrt(2)))


def chance(
    values: Sequence[float],
    sigma: Sequence[float],
    numbers: Sequence[int],
    rules: Rules,
    correlation: float,
) -> tuple[float, float]:
    """Give the probabilities that the true maximum lies before the last year, and N years before.

    Normal errors, equally correlated between any two years, drawn with the rule's seed.
    """
    import numpy as np

    random = np.random.default_rng(rules.seed)
    common = random.standard_normal((rules.draws, 1))
    own = random.standard_normal((rules.draws, len(values)))
    error = math.sqrt(correlation) * common + math.sqrt(1 - correlation) * own
    drawn = np.asarray(values) + np.asarray(sigma) * error
    latest = drawn.shape[1] - 1 - np.argmax(drawn[:, ::-1], axis=1)
    when = np.asarray(numbers)[latest]
    last = numbers[-1]
    return float((when < last).mean()), float((when <= last - rules.years).mean())


def _notes(
    judgements: Iterable[Mapping[str, Any]], years: pl.DataFrame, file: str, correlation: float
) -> Iterator[Finding]:
    place = Place(file)
    for one in judgements:
        if one["reason"] in ("uncertainty", "gap", "few"):
            yield finding(f"accounting.peak_{one['reason']}", place, found=one["series"])
    if GDP not in set(years["series"]):
        yield finding("accounting.no_gdp", place)
    if correlation == 0 and years["uncertainty"].drop_nulls().len():
        yield finding("accounting.independent_years", place)
