"""Share a total among parts by a rule, inside bounds, to the last unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import ceil, floor

from attrs import evolve, frozen

from dualcarbon.errors import InputError
from dualcarbon.findings import Finding, finding
from dualcarbon.plan.decompose.exact import Infeasible, Line, exact, fill, whole
from dualcarbon.plan.decompose.model import Part, Problem, Share
from dualcarbon.plan.decompose.rules import BLEND, Shape, shapes, weights_of

NAMED = 8


@frozen
class Limits:
    """The least and most that a part may have, in whole quanta, and what sets each."""

    low: int
    high: int | None
    low_by: str | None
    high_by: str | None


@frozen
class Sharing:
    """Shares in the order of the parts, and what is left with the city (`reserve`, >= 0)."""

    shares: tuple[Share, ...]
    reserve: int


def share(problem: Problem, rule: str, pins: Mapping[str, int] = {}) -> Sharing:
    """Share the total of a problem by a rule; `pins` are amounts already agreed, by subject.

    Shape: a share a part; their sum and the reserve are the total exactly. A reserve arises only
    where every part is held below its bound by its own remaining task, or by the cap of each.
    Errors: InputError when the bounds cannot be met, naming whose they are.
    """
    limits = [_pinned(_limits(problem, part, rule), part, pins) for part in problem.parts]
    total = _reachable(problem, limits, rule)
    parts = _exact(problem, rule, limits, total)
    amounts = whole(parts, [part.subject for part in problem.parts])
    shares = tuple(
        Share(part, amount, _at(amount, limit))
        for part, amount, limit in zip(problem.parts, amounts, limits, strict=True)
    )
    return Sharing(shares, problem.total - total)


def _exact(problem: Problem, rule: str, limits: Sequence[Limits], total: int) -> list[Fraction]:
    if rule == BLEND:
        mixed = [Fraction(0)] * len(problem.parts)
        for name, weight in problem.weights.items():
            amounts = _exact(problem, name, limits, total)
            mixed = [old + weight * new for old, new in zip(mixed, amounts, strict=True)]
        return mixed
    pairs = zip(shapes(rule, problem), limits, strict=True)
    lines = [_line(shape, limit) for shape, limit in pairs]
    try:
        return fill(lines, Fraction(total))
    except Infeasible as error:
        return _rest(problem, rule, limits, total, [line.end(error.side) for line in lines])


def _rest(
    problem: Problem, rule: str, limits: Sequence[Limits], total: int, start: Sequence[Fraction]
) -> list[Fraction]:
    """From where a rule ends, share the rest at one rate, up to the bounds themselves."""
    triples = zip(start, weights_of(problem), limits, strict=True)
    lines = [Line(at, weight, *_ends(limit)) for at, weight, limit in triples]
    try:
        return fill(lines, Fraction(total))
    except Infeasible as error:
        raise InputError(_infeasible(problem, limits, error, rule)) from error


def _ends(limit: Limits) -> tuple[Fraction, Fraction | None]:
    return Fraction(limit.low), None if limit.high is None else Fraction(limit.high)


def _line(shape: Shape, limit: Limits) -> Line:
    """Move the reach of a rule inside the bounds, which always come first."""
    hard = Line(shape.at, shape.slope, *_ends(limit))
    low = hard.low if shape.least is None else hard.clamp(shape.least)
    high = hard.high if shape.most is None else hard.clamp(shape.most)
    return evolve(hard, low=low, high=high)


def _at(amount: int, limit: Limits) -> str | None:
    if limit.low_by and amount == limit.low:
        return limit.low_by
    return limit.high_by if limit.high_by and amount == limit.high else None


def _limits(problem: Problem, part: Part, rule: str) -> Limits:
    low, high = bounds_of(problem, part)
    limits = Limits(
        max(0, ceil(low)) if low is not None else 0,
        floor(high) if high is not None else None,
        None if low is None else "min",
        None if high is None else "max",
    )
    if problem.cap is not None:
        limits = _under(limits, floor(part.grown * (1 + problem.cap)), "cap")
    if "remaining_task" in (rule, *problem.weights) and part.task is not None:
        most = floor(part.grown * (1 + exact(part.task.rate) / 100))
        limits = _under(limits, most, "floor" if part.task.early else "task")
    return limits


def _pinned(limits: Limits, part: Part, pins: Mapping[str, int]) -> Limits:
    """Hold a part at an agreed amount, which has to lie inside its own limits."""
    pin = pins.get(part.subject)
    if pin is None:
        return limits
    if pin < limits.low or (limits.high is not None and pin > limits.high):
        by = (limits.low_by if pin < limits.low else limits.high_by) or "zero"
        raise InputError(finding("plan.decompose_outside", found=part.subject, by=by))
    return Limits(pin, pin, "agreed", "agreed")


def _under(limits: Limits, most: int, by: str) -> Limits:
    """Lower the upper limit; a minimum above it is brought down with it."""
    if limits.high is not None and limits.high <= most:
        return limits
    return evolve(limits, high=most, high_by=by)


def bounds_of(problem: Problem, part: Part) -> tuple[Fraction | None, Fraction | None]:
    """Give the least and most amount that the bounds of a part mean, in quanta; None = none."""
    low, high = part.low, part.high
    if problem.bounds == "decline":
        low, high = (None if x is None else -x for x in (high, low))

    def amount(written: Fraction | None) -> Fraction | None:
        if written is None:
            return None
        by_rate = part.grown * (1 + written / 100)
        return written * problem.size if problem.bounds == "amount" else by_rate

    return amount(low), amount(high)


def _reachable(problem: Problem, limits: Sequence[Limits], rule: str) -> int:
    """Give the total that can be shared out: less than the total only below tasks and caps."""
    crossed = [
        (part, limit)
        for part, limit in zip(problem.parts, limits, strict=True)
        if limit.high is not None and limit.low > limit.high
    ]
    if crossed:
        raise InputError(*(_crossed(part, limit) for part, limit in crossed))
    kept = any(limit.high_by in ("cap", "floor", "task") for limit in limits)
    if not kept or any(limit.high is None for limit in limits):
        return problem.total
    return min(problem.total, sum(limit.high or 0 for limit in limits))


def _crossed(part: Part, limit: Limits) -> Finding:
    by = limit.high_by or "max"
    return finding("plan.decompose_crossed", found=part.subject, by=by)


def _infeasible(
    problem: Problem, limits: Sequence[Limits], error: Infeasible, rule: str
) -> Finding:
    field = "low_by" if error.side == "low" else "high_by"
    held = [
        part.subject
        for part, limit in zip(problem.parts, limits, strict=True)
        if getattr(limit, field)
    ]
    names = ", ".join(held[:NAMED]) + (" …" if len(held) > NAMED else "")
    if not held:
        return finding("plan.decompose_no_room", found=rule)
    percent = float(error.reach / problem.total * 100) if problem.total else 0.0
    return finding(f"plan.decompose_too_{error.side}", found=names, reach=f"{percent:.3f}")
