"""The formulas of target control, as pure functions.

Changes are signed and in percent: a fall of 3 % is -3.0. A target is a signed change too, such as
-14.0 over five years. None means undefined or absent, never zero. Sources: docs/methods/.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, get_args

Pathway = Literal["geometric", "linear"]
PATHWAYS: tuple[Pathway, ...] = get_args(Pathway)


def change(now: float, before: float) -> float | None:
    """Give the signed change in % from `before` to `now`; None when `before` is not positive."""
    return (now / before - 1) * 100 if before > 0 else None


def decline(energy: float, output: float, energy_before: float, output_before: float) -> float:
    """Give the signed change in % of an intensity, a ratio of sums: energy over output.

    Errors: ValueError when a level is not positive, for then no intensity exists.
    Source: docs/methods/decline.md, clause R1.2.
    """
    if min(output, energy_before, output_before) <= 0 or energy < 0:
        raise ValueError("an intensity needs positive levels")
    return ((energy / output) / (energy_before / output_before) - 1) * 100


def change_of_ratio(numerator: float, denominator: float) -> float | None:
    """Give the change in % of a ratio from the changes in % of its parts (clause R1.2).

    None when the denominator vanishes (-100 %).
    """
    if denominator <= -100:
        return None
    return ((1 + numerator / 100) / (1 + denominator / 100) - 1) * 100


def implied_denominator(numerator: float, ratio: float) -> float | None:
    """Give the change in % of the denominator that links the changes of numerator and ratio."""
    return change_of_ratio(numerator, ratio)


def growth_factor(changes: Sequence[float]) -> float:
    """Give the product of `1 + change`, what is left of 1 after all changes."""
    return math.prod(1 + value / 100 for value in changes)


def cumulative(changes: Sequence[float]) -> float:
    """Give the cumulative change in %: multiplicative, never additive (clause R1.2)."""
    return (growth_factor(changes) - 1) * 100


def root_change(total: float, years: float) -> float | None:
    """Give the yearly change in % that compounds to `total` % over `years`; None if it cannot."""
    if total <= -100 or years <= 0:
        return None
    return (math.pow(1 + total / 100, 1 / years) - 1) * 100


def annual_rate(target: float, years: int = 5) -> float | None:
    """Give the average yearly change in % for a target over `years` (clause R1.2)."""
    return root_change(target, years)


def remaining_task(target: float, changes: Sequence[float]) -> float | None:
    """Give the change in % still to come after the yearly `changes` (X of clause R1.2).

    Positive when more than the target has been reached already.
    """
    left = growth_factor(changes)
    return ((1 + target / 100) / left - 1) * 100 if left > 0 else None


def remaining_rate(target: float, changes: Sequence[float], years: int) -> float | None:
    """Give the yearly change in % that spreads the remaining task over `years` (x of R1.2).

    Absent: None when `years` is not positive or the changes leave nothing.
    """
    task = remaining_task(target, changes)
    return None if task is None else root_change(task, years)


def log_progress(target: float, changes: Sequence[float]) -> float | None:
    """Give the progress in % by logarithms; below 0 or above 100 is possible (clause R1.2).

    None when the target is no change or the changes leave nothing.
    """
    left = growth_factor(changes)
    if target == 0 or target <= -100 or left <= 0:
        return None
    return math.log(left) / math.log(1 + target / 100) * 100


def pathway(
    target: float, elapsed: float, years: float = 5, name: Pathway = "geometric"
) -> float | None:
    """Give the cumulative change in % required after `elapsed` of `years` (clause R1.3).

    `geometric` compounds evenly, `linear` adds evenly; quarters are quarters of a year.
    """
    if target <= -100 or years <= 0:
        return None
    if name == "linear":
        return target * elapsed / years
    return (math.pow(1 + target / 100, elapsed / years) - 1) * 100


def needed_change(required: float, value: float, share: float) -> float | None:
    """Give the change in % that the remaining months need so that the year meets `required`.

    `value` is the change so far, `share` the part of last year's numerator that fell in the same
    months. Output is taken to grow in the remaining months as it did so far; then the year's
    change is the mean of both changes weighted by `share`.
    None when nothing of the year remains, or when even a fall of 100 % would not be enough.
    """
    if not 0 < share < 1:
        return None
    left = ((1 + required / 100) - share * (1 + value / 100)) / (1 - share)
    return (left - 1) * 100 if left > 0 else None


def allowed_increment(whole: float, output: float, required: float) -> float:
    """Give the rise of a sum in a year that a rate leaves: last year's whole, grown.

    `output` is the growth of the denominator to date and `required` the target, both in %; the
    result has the unit of `whole` and is negative where the sum has to fall.
    Source: docs/methods/board-figures.md.
    """
    return whole * ((1 + output / 100) * (1 + required / 100) - 1)


def contribution(now: float, before: float, whole: float, output: float) -> float | None:
    """Give the points of the whole's change of intensity that a part accounts for.

    `now` and `before` are the part's sum, `whole` that of the whole a year before, `output` the
    whole's growth in %: the parts add up to the whole. None when the whole was not positive.
    Source: docs/methods/board-figures.md.
    """
    if whole <= 0 or output <= -100:
        return None
    return (now / (1 + output / 100) - before) / whole * 100


RANK_DIGITS = 9  # two gaps that differ less than a billionth of a point share a place


def rank(own: float, *values: float) -> int:
    """Give the place among values, 1 for the smallest; equal values share the better place."""
    mine = round(own, RANK_DIGITS)
    return 1 + sum(round(value, RANK_DIGITS) < mine for value in values)


def tied(own: float, *values: float) -> int:
    """Give how many of the values share a place, at least 1 when `own` is one of them."""
    return sum(round(value, RANK_DIGITS) == round(own, RANK_DIGITS) for value in values)


def linear_share(elapsed: int, months: int) -> float:
    """Give the part of a task expected after `elapsed` of `months`, evenly spread."""
    return min(max(elapsed / months, 0.0), 1.0)


def s_curve_share(elapsed: int, months: int) -> float:
    """Give the part expected on an S-curve, 3t^2 - 2t^3: slow start, fast middle, slow end."""
    part = linear_share(elapsed, months)
    return part * part * (3 - 2 * part)


def stated_share(elapsed: float, before: tuple[float, float], after: tuple[float, float]) -> float:
    """Give the share between two stated points (months elapsed, share), on a straight line."""
    (left, low), (right, high) = before, after
    return high if right == left else low + (high - low) * (elapsed - left) / (right - left)


def certificate_cap(base: float, growth: Sequence[float], target: float) -> tuple[float, float]:
    """Give the saving that a five-year target needs and half of it, the cap on certificates.

    `base` is the energy of the base year, `growth` the yearly output growth in %. The rule names
    the half; the saving `output * base intensity * target` is our reading (unsourced, R1.4).
    """
    saving = -base * growth_factor(growth) * target / 100
    return saving, saving / 2


def sewage_reduction(
    flow: float, inlet: float, outlet: float, before: tuple[float, float, float] = (0, 0, 0)
) -> float:
    """Give the pollutant reduction in t/yr of a sewage plant against its state before.

    `flow` in m3/yr, concentrations in mg/L; `before` is the same triple of the year before.
    The formula is unsourced (R6.1).
    """
    old_flow, old_inlet, old_outlet = before
    return (flow * (inlet - outlet) - old_flow * (old_inlet - old_outlet)) * 1e-6
