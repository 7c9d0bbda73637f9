"""Traced numbers: every value remembers the operation and the inputs that gave it.

A leaf is a cell, a parameter, a clause of the notice or a constant of the method. The same
operation computes a value and recomputes it later, so an explanation reaches the same digits.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence

from attrs import frozen

from dualcarbon.accounting.engine import round_grams
from dualcarbon.control import formulas

Number = float | int
DIGITS = 12  # a gap of 0.6 points is 0.6, not 0.6000000000000001
Function = Callable[..., Number | None]


@frozen
class Operation:
    """A formula with its text in both languages; the function takes the inputs in order."""

    zh: str
    en: str
    function: Function


@frozen(eq=False)
class Node:
    """A number with its origin; `value` None is absence.

    `table` and `row` point to the fact in the edition, `place` to its cell. `vintage`, `sourced`
    and `status` speak of leaves only.
    """

    name: str
    value: Number | None
    unit: str
    op: str
    inputs: tuple[Node, ...] = ()
    table: str | None = None
    row: int | None = None
    place: str | None = None
    parameter: str | None = None
    source: str | None = None
    status: str | None = None
    vintage: str | None = None

    def leaves(self) -> Iterator[Node]:
        """Give the leaves below, each once."""
        seen: set[int] = set()
        stack = [self]
        while stack:
            node = stack.pop()
            if id(node) in seen:
                continue
            seen.add(id(node))
            if node.inputs:
                stack.extend(reversed(node.inputs))
            else:
                yield node


def constant(name: str, value: Number, unit: str = "1") -> Node:
    """Give a constant of the method."""
    return Node(name, value, unit, "constant")


def apply(op: str, name: str, unit: str, *inputs: Node) -> Node:
    """Compute a traced number; absent when an input is absent or the formula is undefined."""
    return Node(name, evaluate(op, [node.value for node in inputs]), unit, op, tuple(inputs))


def evaluate(op: str, values: Sequence[Number | None]) -> Number | None:
    """Compute an operation from values; None when one is None or the result is not finite."""
    if any(value is None for value in values):
        return None
    result = OPERATIONS[op].function(*values)
    return None if result is None or not math.isfinite(result) else result


def _quotient(above: Number, below: Number) -> Number | None:
    return above / below if below else None


def _grams(quantity: Number, coefficient: Number, sign: Number = 1) -> Number:
    return int(sign) * round_grams(quantity * coefficient)


def _mean(*values: Number) -> Number:
    return math.fsum(values) / len(values)


def _sum(*values: Number) -> Number:
    return sum(values) if all(isinstance(value, int) for value in values) else math.fsum(values)


def _profile(elapsed: Number, x0: Number, y0: Number, x1: Number, y1: Number) -> Number:
    return formulas.stated_share(int(elapsed), (x0, y0), (x1, y1))


def _rate(target: Number, years: Number, *changes: Number) -> Number | None:
    return formulas.remaining_rate(target, changes, int(years))


def _change_or_none(now: Number, before: Number) -> Number | None:
    return formulas.change(now, before) if now >= 0 else None


LEAF = Operation("登记值", "as recorded", lambda *_: None)
OPERATIONS: Mapping[str, Operation] = {
    "cell": Operation("取自数据文件的单元格", "read from a cell of a data file", LEAF.function),
    "clause": Operation("取自通知或规划条款", "read from a clause of the notice", LEAF.function),
    "parameter": Operation("取自参数", "a parameter", LEAF.function),
    "divisor": Operation("除以参数", "divided by a parameter", LEAF.function),
    "project": Operation("一个项目计一次", "one project, counted once", LEAF.function),
    "coefficient": Operation(
        "参数之积并换算单位", "product of parameters with their units", LEAF.function
    ),
    "constant": Operation("方法常数", "a constant of the method", LEAF.function),
    "convert": Operation("数量 × 单位换算系数", "quantity x unit factor", lambda a, b: a * b),
    "same": Operation("取同一数值", "the same value", lambda a: a),
    "sum": Operation("各项之和", "sum of the parts", _sum),
    "count": Operation("各项目数量之和", "sum over projects, each counted once", _sum),
    "grams": Operation(
        "数量 × 参数，四舍五入到克", "quantity x parameter, rounded once to grams", _grams
    ),
    "quotient": Operation("分子 ÷ 分母", "numerator / denominator", _quotient),
    "change": Operation(
        "（本期 ÷ 上年同期 − 1）× 100",
        "(this period / same period of last year - 1) x 100",
        _change_or_none,
    ),
    "ratio_change": Operation(
        "（（1 + 分子增速）÷（1 + 分母增速）− 1）× 100",
        "((1 + change of numerator) / (1 + change of denominator) - 1) x 100",
        formulas.change_of_ratio,
    ),
    "difference": Operation("前项 − 后项", "first - second", lambda a, b: a - b),
    "behind_up": Operation(
        "应达 − 实际（正为滞后）", "required - value", lambda v, r: round(r - v, DIGITS)
    ),
    "behind_down": Operation(
        "实际 − 应达（正为滞后）", "value - required", lambda v, r: round(v - r, DIGITS)
    ),
    "left": Operation("max(目标 − 实际, 0)", "max(target - value, 0)", lambda t, v: max(t - v, 0)),
    "needed_change": Operation(
        "（（1 + 目标）− 占比 ×（1 + 累计））÷（1 − 占比）− 1",
        "((1 + required) - share x (1 + value)) / (1 - share) - 1",
        formulas.needed_change,
    ),
    "remaining_rate": Operation(
        "（（1 + 五年目标）÷ ∏（1 + 各年变化））^(1/剩余年数) − 1",
        "((1 + five-year target) / product of (1 + yearly changes)) ^ (1 / years left) - 1",
        _rate,
    ),
    "floor": Operation("提前完成时取下限", "the floor, once completed early", min),
    "linear_share": Operation("已过月数 ÷ 总月数", "months gone / months", formulas.linear_share),
    "s_curve_share": Operation(
        "3t² − 2t³，t = 已过月数 ÷ 总月数",
        "3t^2 - 2t^3 with t = months gone / months",
        formulas.s_curve_share,
    ),
    "stated_share": Operation(
        "在进度表相邻两点间直线取值", "a straight line between two stated points", _profile
    ),
    "product": Operation("目标 × 应达比例", "target x share", lambda a, b: a * b),
    "mean": Operation("各年平均", "mean of the years", _mean),
    "standing": Operation("取自另一条评判结果", "of another standing", LEAF.function),
    "allowed": Operation(
        "上年全年 ×（（1 + 本期地区生产总值增速）×（1 + 目标）− 1）",
        "whole of last year x ((1 + growth of output to date) x (1 + required) - 1)",
        formulas.allowed_increment,
    ),
    "excess": Operation(
        "max(已用增量 − max(允许增量, 0), 0)",
        "max(used - max(allowed, 0), 0)",
        lambda used, allowed: max(used - max(allowed, 0), 0),
    ),
    "contribution": Operation(
        "（本期 ÷（1 + 全市增速）− 上年同期）÷ 全市上年同期 × 100",
        "(now / (1 + growth of the whole) - before) / the whole before x 100",
        formulas.contribution,
    ),
    "log_progress": Operation(
        "∑ ln(1 + 各年变化) ÷ ln(1 + 五年目标) × 100",
        "sum of ln(1 + yearly changes) / ln(1 + five-year target) x 100",
        lambda target, *changes: formulas.log_progress(target, changes),
    ),
    "percent_of": Operation(
        "前项 ÷ 后项 × 100", "first / second x 100", lambda a, b: a / b * 100 if b else None
    ),
    "rank": Operation("差距较小者的个数 + 1", "1 + how many have a smaller gap", formulas.rank),
    "tied": Operation("差距相同者的个数", "how many have the same gap", formulas.tied),
    "ranked": Operation("参加排名者的个数", "how many are ranked", lambda _, *values: len(values)),
}
