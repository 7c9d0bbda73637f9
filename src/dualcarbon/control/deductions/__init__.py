"""Deductions: what a regime takes off total and intensity, gross and net side by side."""

from dualcarbon.control.deductions.deduct import Deduction, Line, deduct
from dualcarbon.control.deductions.facts import DEDUCTIONS, Facts, facts_of, read_facts
from dualcarbon.control.deductions.regimes import (
    Regime,
    documents,
    load_regime,
    load_regimes,
    turned_on,
)

__all__ = [
    "DEDUCTIONS",
    "Deduction",
    "Facts",
    "Line",
    "Regime",
    "deduct",
    "documents",
    "facts_of",
    "load_regime",
    "load_regimes",
    "read_facts",
    "turned_on",
]
