"""From a target, a base and a rule to shares whose sum is the target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from attrs import evolve, field, frozen

from dualcarbon.errors import InputError, UsageError
from dualcarbon.findings import Finding, Place, finding
from dualcarbon.plan.decompose.base import Base, Entry
from dualcarbon.plan.decompose.exact import exact, nearest
from dualcarbon.plan.decompose.growth import Growth
from dualcarbon.plan.decompose.model import READINGS, Part, Problem
from dualcarbon.plan.decompose.options import Options
from dualcarbon.plan.decompose.remaining import Task, remaining
from dualcarbon.plan.decompose.rules import RuleSpec
from dualcarbon.plan.decompose.share import Sharing, share
from dualcarbon.plan.decompose.target import Target, quantum
from dualcarbon.plan.model import FiveYear
from dualcarbon.units import compatible, ratio

CLOSE = Fraction(1, 1000)
MOST = 10**17  # quanta of a subject; sums stay whole 64-bit numbers


@frozen
class Whole:
    """The city: amount and output of the base year, its growth, and those in no district."""

    base: Fraction
    output: Fraction | None
    growth: Fraction
    rest: Fraction
    rest_growth: Fraction


@frozen
class Setting:
    """All that a sharing follows from; `total`, of which `problem` shares a part, in quanta."""

    target: Target
    base: Base
    rule: RuleSpec
    options: Options
    growth: Growth
    unit: str
    quantum: str
    size: Fraction
    whole: Whole
    problem: Problem
    total: int
    findings: tuple[Finding, ...] = field(default=())

    @property
    def residual(self) -> int:
        """Give the quanta of users in no district."""
        return self.total - self.problem.total


def prepare(
    target: Target,
    base: Base,
    rule: RuleSpec,
    options: Options,
    growth: Growth,
    five_year: FiveYear | None = None,
    spread: Fraction = Fraction(0),
) -> Setting:
    """Put a problem together: parts in quanta, the total, the residual, the bounds as read.

    Errors: InputError for a subject without the output that a ratio needs, or districts that use
    more than the city; UsageError for an option that does not fit.
    """
    findings = list(growth.findings)
    unit = _unit(target, base, options, findings)
    fine, size = quantum(unit)
    options = _in_unit(options, unit)
    _check_outputs(target, base)
    base = _converted(base, target)
    tasks = _tasks(target, base, rule, options, five_year, findings)
    parts = tuple(_part(item, target, growth, size, tasks, options) for item in base.entries)
    whole = _whole(base, growth, size, findings)
    reading = options.reading or target.reading
    problem = Problem(
        mode=target.mode,
        parts=parts,
        total=0,
        asked=_asked(target),
        factors=_directions(base, options, findings),
        spread=spread if options.spread is None else options.spread,
        weights=_weights(rule, options),
        cap=_asked(target) if reading == "each" and target.mode != "amount" else None,
        size=size,
    )
    total, left = _totals(target, whole, problem, options)
    setting = Setting(
        target, base, rule, options, growth, unit, fine, size, whole,
        evolve(problem, total=left), total,
    )  # fmt: skip
    setting = _read_bounds(setting, findings)
    return evolve(setting, findings=(*base.findings, *findings))


def _asked(target: Target) -> Fraction:
    """Give the change asked for; of an amount its direction: 1 = a task, -1 = a cap."""
    if target.mode != "amount":
        return target.value / 100
    return Fraction(-1 if target.comparator in ("<=", "<") else 1)


def _unit(target: Target, base: Base, options: Options, findings: list[Finding]) -> str:
    if target.mode == "amount":
        return target.unit
    unit = base.unit or options.unit or target.unit
    ratio(unit, target.unit)
    if base.unit is None and options.unit is None:
        findings.append(finding("plan.decompose_unit", found=unit))
    return unit


def _in_unit(options: Options, unit: str) -> Options:
    """Bring the totals of groups into the unit of the answer."""
    if options.totals is None or options.totals_unit is None:
        return options
    size = ratio(options.totals_unit, unit)
    totals = {name: value * size for name, value in options.totals.items()}
    return evolve(options, totals=totals, totals_unit=unit)


def _converted(base: Base, target: Target) -> Base:
    """Bring the base of an amount into the unit of the target where it measures the same."""
    if target.mode != "amount" or base.unit is None or not compatible(base.unit, target.unit):
        return base
    size = ratio(base.unit, target.unit)
    entries = tuple(evolve(item, energy=item.energy * size) for item in base.entries)
    return evolve(base, entries=entries, city=None, rest=None)


def _totals(target: Target, whole: Whole, problem: Problem, options: Options) -> tuple[int, int]:
    """Give the total and what of it the parts share; groups with totals bring their own."""
    size = problem.size
    if options.totals is not None:
        summed = sum(nearest(value * size) for value in options.totals.values())
        return summed, summed
    total = total_of(target, whole, problem.asked, size)
    left = total - _residual(target, whole, problem.asked, options, size)
    if left < 0:
        raise InputError(finding("plan.decompose_no_left", found=float(options.residual or 0)))
    return total, left


def _check_outputs(target: Target, base: Base) -> None:
    lacking = [item.subject for item in base.entries if item.gdp is None]
    if target.mode == "ratio" and lacking:
        names = ", ".join(lacking[:8])
        raise InputError(
            finding("plan.decompose_lacks", found=names, column="gdp", needs=target.indicator)
        )


def _part(
    item: Entry,
    target: Target,
    growth: Growth,
    size: Fraction,
    tasks: Mapping[str, Task],
    options: Options,
) -> Part:
    amount = nearest(item.energy * size)
    growing = growth.of(item) if target.mode == "ratio" else Fraction(0)
    if growing <= -100 or amount > MOST:
        name, value = ("growth", growing) if growing <= -100 else ("energy", item.energy)
        place = Place.parse(item.place)
        raise InputError(
            finding(
                "plan.decompose_level", place, found=float(value), name=name, subject=item.subject
            )
        )
    stated = options.benchmarks.get(item.industry or "", options.benchmarks.get(""))
    mark = item.benchmark if item.benchmark is not None else stated
    return Part(
        subject=item.subject,
        base=amount,
        grown=amount * (1 + growing / 100),
        output=item.gdp,
        growth=growing if target.mode == "ratio" else None,
        low=item.low,
        high=item.high,
        benchmark=None if mark is None else mark * size,
        task=tasks.get(item.subject),
        factors=item.factors,
        group=item.group(options.by) if options.by else None,
        row=item.row,
    )


def _whole(base: Base, growth: Growth, size: Fraction, findings: list[Finding]) -> Whole:
    energy = sum((nearest(item.energy * size) for item in base.entries), 0)
    outputs = [item.gdp for item in base.entries]
    output = None if None in outputs else sum((x for x in outputs if x), Fraction(0))
    city, rest = base.city, base.rest
    own = _mean_growth(base, growth)
    grows = growth.of(city) if city and (city.growth is not None or growth.common) else own
    if city is None:
        left = nearest(rest.energy * size) if rest else 0
        return Whole(
            Fraction(energy + left), output, own, Fraction(left),
            growth.of(rest) if rest and rest.growth is not None else own,
        )  # fmt: skip
    left = nearest(city.energy * size) - energy
    if left < 0:
        raise InputError(
            finding("plan.decompose_over", found=float(energy / size), city=float(city.energy))
        )
    if rest and abs(rest.energy * size - left) > CLOSE * max(left, 1):
        findings.append(
            finding("plan.decompose_rest", found=float(rest.energy), rest=float(left / size))
        )
    _check_growth(own, grows, findings)
    return Whole(
        Fraction(energy + left), city.gdp or output, grows, Fraction(left),
        growth.of(rest) if rest and rest.growth is not None else grows,
    )  # fmt: skip


def _check_growth(own: Fraction, city: Fraction, findings: list[Finding]) -> None:
    """The districts' outputs should grow as the city's; where they do not, that is said."""
    if abs(own - city) > Fraction(1, 10):
        findings.append(
            finding("plan.decompose_growths", found=f"{float(own):.2f}", city=f"{float(city):.2f}")
        )


def _mean_growth(base: Base, growth: Growth) -> Fraction:
    """Give the growth of the districts together, a ratio of sums; 0 where outputs are not used."""
    pairs = [(item.gdp, growth.of(item)) for item in base.entries if item.gdp is not None]
    before = sum((gdp for gdp, _ in pairs), Fraction(0))
    after = sum((gdp * (1 + rate / 100) for gdp, rate in pairs), Fraction(0))
    return (after / before - 1) * 100 if before else Fraction(0)


def total_of(target: Target, whole: Whole, asked: Fraction, size: Fraction) -> int:
    """Give the quanta of the whole: of a rate from the base year, of an amount itself."""
    if target.mode == "amount":
        return nearest(target.value * size)
    grown = whole.base * (1 + whole.growth / 100) if target.mode == "ratio" else whole.base
    return nearest(grown * (1 + asked))


def _residual(
    target: Target, whole: Whole, asked: Fraction, options: Options, size: Fraction
) -> int:
    if options.residual is not None:
        return nearest(options.residual * size)
    if target.mode == "amount":
        return 0
    rate = asked if options.residual_rate is None else options.residual_rate / 100
    grown = whole.rest * (1 + whole.rest_growth / 100) if target.mode == "ratio" else whole.rest
    return nearest(grown * (1 + rate))


def _directions(base: Base, options: Options, findings: list[Finding]) -> dict[str, bool]:
    unknown = [name for name in options.directions if name not in base.factors]
    if unknown:
        known = ", ".join(base.factors) or "-"
        raise UsageError(finding("plan.decompose_factor", found=", ".join(unknown), expected=known))
    assumed = [name for name in base.factors if name not in options.directions]
    if assumed:
        findings.append(finding("plan.decompose_direction", found=", ".join(assumed)))
    return {name: options.directions.get(name, True) for name in base.factors}


def _weights(rule: RuleSpec, options: Options) -> Mapping[str, Fraction]:
    if rule.id != "blend":
        return {}
    stated = rule.parameters.get("weights", {})
    weights = options.weights or {name: exact(value) for name, value in stated.items()}
    if "blend" in weights or sum(weights.values()) != 1 or min(weights.values()) < 0:
        text = ", ".join(f"{name}={float(value):g}" for name, value in weights.items())
        raise UsageError(finding("plan.decompose_weights", found=text))
    return weights


def _tasks(
    target: Target,
    base: Base,
    rule: RuleSpec,
    options: Options,
    five_year: FiveYear | None,
    findings: list[Finding],
) -> dict[str, Task]:
    """Give the remaining task of every subject that has a five-year target and its years."""
    if five_year is None or target.mode == "amount":
        return {}
    year = int(target.period[:4])
    given = target.rule.over_years if target.rule else None
    years = options.over_years or given or five_year.last - year + 1
    floor = _floor(target, options)
    tasks = {}
    for item in base.entries:
        stated = five_year.target(target.indicator, item.subject)
        goal = item.five_year if item.five_year is not None else stated.value if stated else None
        done = [item.changes.get(at) for at in range(five_year.first, year)]
        if goal is not None and None not in done:
            changes = [value for value in done if value is not None]
            tasks[item.subject] = _task(item, float(goal), changes, years, floor)
    if "remaining_task" in (rule.id, *_weights(rule, options)) and floor == 0:
        findings.append(finding("plan.decompose_floor"))
    return tasks


def _task(item: Entry, goal: float, changes: list[float], years: int, floor: float) -> Task:
    try:
        return remaining(goal, changes, years, floor)
    except ValueError as error:
        raise InputError(
            finding("plan.decompose_spent", Place.parse(item.place), found=item.subject)
        ) from error


def _floor(target: Target, options: Options) -> float:
    """Give the least change of everyone, signed; the notice and the option write a decline."""
    if options.floor is not None:
        return -float(options.floor)
    return -(target.rule.floor or 0.0) if target.rule else 0.0


def _read_bounds(setting: Setting, findings: list[Finding]) -> Setting:
    """Read min and max: of a rate as signed rates, unless only another reading can be met.

    A negative bound is a signed rate: neither a decline nor an amount is written so.
    """
    problem, options = setting.problem, setting.options
    written = [x for part in problem.parts for x in (part.low, part.high) if x is not None]
    if problem.mode == "amount" or not written:
        return evolve(setting, problem=evolve(problem, bounds="amount"))
    if options.bounds != "auto":
        return evolve(setting, problem=evolve(problem, bounds=options.bounds))
    for bounds in READINGS if min(written) >= 0 else READINGS[:1]:
        tried = evolve(problem, bounds=bounds)
        if _met(tried, setting.rule.id):
            if bounds != "rate":
                findings.append(finding(f"plan.decompose_bounds_{bounds}"))
            return evolve(setting, problem=tried)
    return evolve(setting, problem=evolve(problem, bounds="rate"))


def _met(problem: Problem, rule: str) -> bool:
    try:
        share(problem, rule)
    except InputError:
        return False
    return True


def groups_of(problem: Problem) -> dict[str, Sequence[Part]]:
    """Give the parts of each group in the order in which groups first appear."""
    found: dict[str, list[Part]] = {}
    for part in problem.parts:
        found.setdefault(part.group or "", []).append(part)
    return dict(found)


def share_all(
    setting: Setting,
    rule: str,
    *,
    problem: Problem | None = None,
    pins: Mapping[str, int] = {},
) -> Sharing:
    """Share among all, or within each group of a second cut that has its own total."""
    problem = problem or setting.problem
    totals = setting.options.totals
    if totals is None:
        return share(problem, rule, pins)
    shares = {}
    for name, parts in groups_of(problem).items():
        if name not in totals:
            raise InputError(
                finding("plan.decompose_group", found=name or "-", expected=", ".join(totals))
            )
        own = inside(problem, parts, nearest(totals[name] * setting.size))
        made = share(own, rule, pins)
        shares.update({item.part.subject: item for item in made.shares})
    found = tuple(shares[part.subject] for part in problem.parts)
    return Sharing(found, problem.total - sum(item.allowed for item in found))


def inside(problem: Problem, parts: Sequence[Part], total: int) -> Problem:
    """Give the problem of one group: its parts, its total, the change that this total asks for."""
    grown = sum((part.grown for part in parts), Fraction(0))
    asked = Fraction(total) / grown - 1 if grown else Fraction(0)
    asked = problem.asked if problem.mode == "amount" else asked
    return evolve(problem, parts=tuple(parts), total=total, asked=asked)
