"""What a person may choose when a target is shared; every choice is named in the answer."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from attrs import frozen

from dualcarbon.plan.decompose.model import Bounds


@frozen
class Options:
    """Choices; None = that of the file, the plan or the pack, in this order.

    `growth`: expected growth of output in %. `unit`: of amounts without one. `benchmarks`: amount
    per output by industry, "" for all. `directions`: True where a higher factor asks for more.
    `floor`: points that everyone does at least. `incentive`: points beyond the target. `residual`:
    amount kept for users in no district; `residual_rate`: their change in %. `by`: the column of
    the second cut; `totals`: what each of its groups has, in `totals_unit` or the unit of the base.
    """

    growth: Fraction | None = None
    unit: str | None = None
    benchmarks: Mapping[str, Fraction] = {}
    directions: Mapping[str, bool] = {}
    weights: Mapping[str, Fraction] = {}
    spread: Fraction | None = None
    floor: Fraction | None = None
    over_years: int | None = None
    incentive: Fraction | None = None
    residual: Fraction | None = None
    residual_rate: Fraction | None = None
    bounds: Bounds = "auto"
    reading: str | None = None
    compare: tuple[str, ...] = ()
    by: str | None = None
    totals: Mapping[str, Fraction] | None = None
    totals_unit: str | None = None
