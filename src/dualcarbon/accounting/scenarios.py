"""The way ahead of a series: the path to a target, and scenarios of growth with their peak year."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import frozen

from dualcarbon.accounting.peak import GDP, Monitor
from dualcarbon.editions import Input
from dualcarbon.errors import InputError, PackError, UsageError
from dualcarbon.findings import Finding, Place, finding
from dualcarbon.tables import Column, Table, read_table
from dualcarbon.units import compatible, convert

STEPS = Table(
    "scenarios",
    (
        Column("scenario", aliases=("情景",)),
        Column("series", required=False, nullable=True, aliases=("序列", "指标")),
        Column("from", "integer", aliases=("起始年", "from_year")),
        Column("to", "integer", aliases=("终止年", "to_year")),
        Column("rate", "number", aliases=("年均增速", "增速")),
    ),
)
LATEST = 2200


@frozen
class Step:
    """Growth of a scenario in some years, in % a year; `series` None = every series."""

    scenario: str
    series: str | None
    first: int
    last: int
    rate: float
    place: Place


def read_scenarios(path: Path) -> tuple[list[Step], list[Finding], Input]:
    """Read `scenario,series,from,to,rate` (csv, xlsx), or a YAML list of such entries.

    Errors: InputError when nothing can be used, or years or rate make no sense.
    """
    if path.suffix.lower() in (".yaml", ".yml"):
        steps, findings, source = _yaml(path)
    else:
        reading = read_table(path, STEPS)
        findings = list(reading.findings)
        steps = [
            _step(row, reading.place(row["source_row"], "rate"))
            for row in reading.frame.iter_rows(named=True)
        ]
        source = Input(reading.file, reading.sha256, reading.rows_read)
    if not steps:
        raise InputError(*findings or [finding("accounting.nothing", Place(path.name))])
    return steps, findings, source


def _yaml(path: Path) -> tuple[list[Step], list[Finding], Input]:
    import hashlib

    from dualcarbon.packs import load_yaml

    try:
        entries = load_yaml(path)
    except PackError as error:
        raise InputError(*error.findings) from error
    if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
        raise InputError(finding("accounting.scenario", Place(path.name), found="list"))
    steps = [_step(entry, Place(path.name, row=n)) for n, entry in enumerate(entries, 1)]
    return steps, [], Input(path.name, hashlib.sha256(path.read_bytes()).hexdigest(), len(steps))


def _step(entry: Mapping[str, Any], place: Place) -> Step:
    try:
        rate = float(entry["rate"])
        first, last = int(entry["from"]), int(entry["to"])
        step = Step(str(entry["scenario"]), entry.get("series"), first, last, rate, place)
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(finding("accounting.scenario", place, found=str(error))) from error
    if not (1900 <= first <= last <= LATEST and -100 < rate < 1000):
        raise InputError(finding("accounting.scenario", place, found=f"{first}-{last} {rate}"))
    return step


def project(made: Monitor, steps: Sequence[Step]) -> tuple[list[dict[str, Any]], list[Finding]]:
    """Give every scenario of every series it concerns: its values and the year of the maximum.

    The maximum is taken over reported and projected years; of equal values the latest. `peak_year`
    is null when it would be the last projected year: then the scenario has none within its horizon.
    Findings: a step that begins late, overlaps another or names no series.
    """
    found, findings = [], list[Finding]()
    known = {one["series"] for one in made.judgements}
    for step in steps:
        if step.series is not None and step.series not in known:
            findings.append(finding("accounting.scenario_series", step.place, found=step.series))
    for name in dict.fromkeys(step.scenario for step in steps):
        for judgement in made.judgements:
            mine = _mine(steps, name, judgement["series"])
            if not mine:
                continue
            rates, wrong = _rates(mine, judgement["last_year"])
            findings += wrong
            if not wrong:
                found.append(_scenario(made, name, judgement, rates))
    return found, findings


def _mine(steps: Iterable[Step], scenario: str, series: str) -> list[Step]:
    mine = [s for s in steps if s.scenario == scenario and s.series in (None, series)]
    own = [step for step in mine if step.series is not None]
    return sorted(own or mine, key=lambda step: step.first)


def _rates(steps: Sequence[Step], last: int) -> tuple[dict[int, float], list[Finding]]:
    rates: dict[int, float] = {}
    for step in steps:
        ahead = [year for year in range(step.first, step.last + 1) if year > last]
        wanted = last + 1 + len(rates)
        if ahead and (ahead[0] != wanted or any(year in rates for year in ahead)):
            facts: dict[str, Any] = {"found": step.first, "expected": wanted}
            return {}, [
                finding("accounting.scenario_years", step.place, name=step.scenario, **facts)
            ]
        rates |= dict.fromkeys(ahead, step.rate)
    if not rates:
        place = steps[-1].place
        facts = {"found": steps[-1].last, "expected": last + 1}
        return {}, [finding("accounting.scenario_years", place, name=steps[0].scenario, **facts)]
    return rates, []


def _scenario(
    made: Monitor, name: str, judgement: Mapping[str, Any], rates: Mapping[int, float]
) -> dict[str, Any]:
    value, points = judgement["last_value"], []
    for year in sorted(rates):
        value *= 1 + rates[year] / 100
        points.append({"year": year, "value": value})
    top = {"year": judgement["maximum_year"], "value": judgement["maximum_value"]}
    for point in points:
        top = point if point["value"] >= top["value"] else top
    horizon = points[-1]["year"]
    open_ = top["year"] == horizon
    return {
        "scenario": name,
        "series": judgement["series"],
        "unit": judgement["unit"],
        "peak_year": None if open_ else top["year"],
        "peak_value": None if open_ else top["value"],
        "reported": top["year"] <= judgement["last_year"],
        "horizon": horizon,
        "values": points,
    }


def path_to(
    made: Monitor, year: int | None, targets: Mapping[str, tuple[float, str]]
) -> tuple[list[dict[str, Any]], list[Finding]]:
    """Give the years left to a target year and the yearly change that reaches a target value.

    Absent: without a target value of a series its needed change is null. Errors: UsageError for a
    target in a unit that does not fit, of an unknown series, or that is not above zero.
    """
    known = {one["series"] for one in made.judgements}
    for name in targets:
        if name not in known or year is None:
            shown = ", ".join(sorted(known)) if year is not None else "--target-year"
            raise UsageError(finding("accounting.target", found=name, expected=shown))
    if year is None:
        return [], []
    found, findings = [], list[Finding]()
    for judgement in made.judgements:
        left = year - judgement["last_year"]
        if left <= 0:
            facts: dict[str, Any] = {"found": year, "expected": judgement["last_year"]}
            findings.append(finding("accounting.target_past", name=judgement["series"], **facts))
            continue
        found.append(_path(judgement, year, left, targets.get(judgement["series"])))
    return found, findings


def _path(
    judgement: Mapping[str, Any], year: int, left: int, target: tuple[float, str] | None
) -> dict[str, Any]:
    value = needed = None
    if target is not None:
        number, unit = target
        if not compatible(unit, judgement["unit"]) or number <= 0:
            expected = judgement["unit"]
            raise UsageError(finding("accounting.target", found=unit, expected=expected))
        value = convert(number, unit, judgement["unit"])
        needed = 100 * ((value / judgement["last_value"]) ** (1 / left) - 1)
    return {
        "series": judgement["series"],
        "target_year": year,
        "years_left": left,
        "target_value": value,
        "unit": judgement["unit"],
        "needed_change": needed,
    }


def parse_targets(texts: Iterable[str]) -> dict[str, tuple[float, str]]:
    """Read repeated `SERIES=VALUE UNIT`; UsageError for what cannot be read."""
    from dualcarbon.accounting.stated import STATED

    found: dict[str, tuple[float, str]] = {}
    for text in texts:
        name, _, rest = text.rpartition("=")
        match = STATED.match(rest)
        if not name.strip() or match is None or not match[2].strip() or name.strip() == GDP:
            expected = "SERIES=VALUE UNIT"
            raise UsageError(finding("accounting.target", found=text, expected=expected))
        found[name.strip()] = (float(match[1]), _unit(match[2].strip(), text))
    return found


def _unit(unit: str, text: str) -> str:
    from dualcarbon.errors import UnitMismatch
    from dualcarbon.units import canonical

    try:
        return canonical(unit)
    except UnitMismatch as error:
        raise UsageError(finding("accounting.target", found=text, expected="UNIT")) from error


def peak_answer(
    made: Monitor,
    scenarios: Sequence[Mapping[str, Any]],
    paths: Sequence[Mapping[str, Any]],
    edition: str | None = None,
) -> dict[str, Any]:
    """Give the answer: judgements with their words, years, paths, scenarios and the rules used."""
    return {
        "series": list(_judgements(made, edition)),
        "years": list(_years(made, edition)),
        "path": list(paths),
        "scenarios": list(scenarios),
        "correlation": made.correlation,
        "rules": [
            {
                "id": entry["id"],
                "mark": entry["mark"],
                "valid_from": str(entry["valid_from"]),
                "note": entry.get("note") or entry.get("source", {}).get("title"),
            }
            for entry in made.rules.entries
        ],
    }


def _judgements(made: Monitor, edition: str | None) -> Iterator[dict[str, Any]]:
    from dualcarbon.accounting.peak import STATES

    for index, one in enumerate(made.judgements):
        zh, en = STATES[one["state"]]
        code = f"{edition}:judgements:{index}" if edition else None
        yield {**one, "state_zh": zh, "state_en": en, "code": code}


def _years(made: Monitor, edition: str | None) -> Iterator[dict[str, Any]]:
    from dualcarbon.accounting.peak import DECOUPLING

    for index, row in enumerate(made.years.iter_rows(named=True)):
        zh, en = DECOUPLING.get(row["decoupling"], (None, None))
        code = f"{edition}:years:{index}" if edition else None
        yield {**row, "decoupling_zh": zh, "decoupling_en": en, "code": code}
