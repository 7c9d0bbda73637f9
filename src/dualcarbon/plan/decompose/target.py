"""What is to be shared: a target of the notice or of its five-year plan, and how it is formed."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from attrs import frozen

from dualcarbon.errors import UsageError
from dualcarbon.figures import Indicator
from dualcarbon.findings import finding
from dualcarbon.plan.decompose.exact import exact
from dualcarbon.plan.decompose.model import Mode
from dualcarbon.plan.model import Commitment, Plan, Rule, StatedTarget
from dualcarbon.units import compatible, ratio

FINEST = ("gce", "gCO2", "gCO2e", "g", "Wh", "W", "cm2", "1")
CUT = 10_000


@frozen
class Target:
    """A target that can be shared.

    `value` is signed: % of change for the modes `ratio` and `sum`, else an amount in `unit`.
    `amount` and `output` are the indicators whose sums it speaks of; `unit` is that of amounts.
    `rule` is how the notice itself spreads it; `origin` says whether it is a clause or of the
    five-year plan; `reading` is `each` where every member of a group has to meet it.
    """

    id: str
    title_zh: str
    title_en: str
    indicator: str
    mode: Mode
    value: Fraction
    unit: str
    comparator: str
    amount: str
    output: str | None
    base: str | None
    period: str
    mark: str | None
    status: str
    source: Mapping[str, Any]
    rule: Rule | None = None
    reading: str | None = None

    @property
    def falls(self) -> bool:
        """Tell whether the target asks for a fall."""
        return self.mode != "amount" and self.value < 0


def find_target(plan: Plan, name: str) -> Target:
    """Find a target by the id of a clause, or by the indicator of a five-year target.

    A clause without a figure that spreads what remains takes the figure of the city's clause for
    the same indicator.
    Errors: UsageError when there is none, or none in figures, or it cannot be shared.
    """
    clause = next((item for item in plan.commitments if item.id == name), None)
    stated = plan.five_year.target(name) if plan.five_year else None
    if clause is not None:
        return _of_clause(plan, clause)
    if stated is not None and stated.value is not None:
        return _of_stated(plan, stated)
    raise UsageError(finding("plan.decompose_target", found=name, expected=_known(plan)))


def _known(plan: Plan) -> str:
    five = plan.five_year.targets if plan.five_year else ()
    ids = [item.id for item in plan.targets]
    return ", ".join([*ids, *dict.fromkeys(t.indicator for t in five if t.value is not None)])


def _of_clause(plan: Plan, clause: Commitment) -> Target:
    figure = clause if clause.value is not None else _city(plan, clause)
    if figure is None or figure.value is None or figure.unit is None or clause.indicator is None:
        raise UsageError(finding("plan.decompose_target", found=clause.id, expected=_known(plan)))
    titles = {"zh": clause.title_zh, "en": clause.title_en}
    source = {"title": plan.title_zh, "clause": figure.id, "reference": plan.document}
    return _target(
        plan, clause.id, titles, clause.indicator, figure.value, figure.unit,
        comparator=figure.comparator or "<=",
        base=str(clause.base) if clause.base else None,
        period=str(clause.period),
        mark=None,
        status="synthetic" if plan.synthetic else "sourced",
        source=source,
        rule=clause.rule,
        reading=clause.scope.reading,
    )  # fmt: skip


def _city(plan: Plan, clause: Commitment) -> Commitment | None:
    return next(
        (
            item
            for item in plan.targets
            if (item.indicator, item.scope.subject_kind) == (clause.indicator, "city")
            and item.value is not None
        ),
        None,
    )


def _of_stated(plan: Plan, stated: StatedTarget) -> Target:
    indicator = plan.indicators[stated.indicator]
    titles = {"zh": f"五年目标：{indicator.name_zh}", "en": f"Five years: {indicator.name_en}"}
    return _target(
        plan, stated.indicator, titles, stated.indicator, stated.value or 0.0, stated.unit,
        comparator=stated.comparator,
        base=str(stated.base) if stated.base else None,
        period=str(stated.last),
        mark=stated.mark,
        status=stated.status,
        source=stated.source,
    )  # fmt: skip


def _target(
    plan: Plan,
    name: str,
    titles: Mapping[str, str],
    indicator_id: str,
    value: float,
    unit: str,
    **facts: Any,
) -> Target:
    indicator = plan.indicators[indicator_id]
    mode = _mode(indicator, unit)
    if mode is None or (mode != "amount" and facts["base"] is None):
        raise UsageError(finding("plan.decompose_share", found=name, unit=unit))
    amount = plan.indicators[indicator.numerator or indicator.id] if mode == "ratio" else indicator
    return Target(
        id=name,
        title_zh=titles["zh"],
        title_en=titles["en"],
        indicator=indicator_id,
        mode=mode,
        value=exact(value),
        unit=unit if mode == "amount" else amount.display_unit or amount.unit,
        amount=amount.id,
        output=indicator.denominator if mode == "ratio" else None,
        **facts,
    )


def _mode(indicator: Indicator, unit: str) -> Mode | None:
    if unit != "%":
        return "amount" if indicator.kind != "ratio" else None
    return {"ratio": "ratio", "sum": "sum"}.get(indicator.kind)  # type: ignore[return-value]


def quantum(unit: str) -> tuple[str, Fraction]:
    """Give the smallest unit of an answer and how many of it a unit has, a whole number.

    Grams, watt-hours, watts; a count is whole; any other unit is cut into 10,000.
    """
    if compatible(unit, "count"):
        return "count", ratio(unit, "count")
    for fine in FINEST:
        if _fits(unit, fine):
            return fine, ratio(unit, fine)
    return f"1/{CUT} {unit}", Fraction(CUT)


def _fits(unit: str, fine: str) -> bool:
    from dualcarbon.errors import UnitMismatch

    try:
        return ratio(unit, fine).denominator == 1
    except UnitMismatch:
        return False
