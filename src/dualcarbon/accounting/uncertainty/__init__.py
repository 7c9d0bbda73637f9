"""Uncertainty of an account: Approach 1, Approach 2, trend, ranks, key categories.

    problem = prepare(rows, amount="co2", by=["subject"], coefficients=..., keys=..., stated=...)
    approach1(problem)                         linear, with correlation
    draws = draw(problem, 10_000, seed=1)      by factor
    approach2(draws)

Each parameter is one variable: rows that use it move together. docs/methods/uncertainty.md.
"""

from dualcarbon.accounting.uncertainty.approach1 import approach1, linear, trend
from dualcarbon.accounting.uncertainty.distributions import (
    KINDS,
    NEGATIVE,
    Marginal,
    from_bounds,
    from_percent,
)
from dualcarbon.accounting.uncertainty.indicators import (
    DENOMINATORS,
    figure_bounds,
    ratio,
    read_denominators,
)
from dualcarbon.accounting.uncertainty.key_categories import key_categories, keys_of
from dualcarbon.accounting.uncertainty.problem import Problem, prepare
from dualcarbon.accounting.uncertainty.ranks import probabilities, rank_draws, ranks
from dualcarbon.accounting.uncertainty.sampling import Draws, approach2, draw, drawn_trend
from dualcarbon.accounting.uncertainty.stated import (
    UNCERTAINTIES,
    Stated,
    read_stated,
    stated_frame,
)

__all__ = [
    "DENOMINATORS",
    "KINDS",
    "NEGATIVE",
    "UNCERTAINTIES",
    "Draws",
    "Marginal",
    "Problem",
    "Stated",
    "approach1",
    "approach2",
    "draw",
    "drawn_trend",
    "figure_bounds",
    "from_bounds",
    "from_percent",
    "key_categories",
    "keys_of",
    "linear",
    "prepare",
    "probabilities",
    "rank_draws",
    "ranks",
    "ratio",
    "read_denominators",
    "read_stated",
    "stated_frame",
    "trend",
]
