"""The plan room: a notice becomes commitments, and what the software covers of it."""

from dualcarbon.plan.load import list_plans, load_plan
from dualcarbon.plan.model import (
    Body,
    Commitment,
    Coverage,
    FiveYear,
    Plan,
    Rule,
    Scope,
    Section,
    StatedTarget,
    Threshold,
)

__all__ = [
    "Body",
    "Commitment",
    "Coverage",
    "FiveYear",
    "Plan",
    "Rule",
    "Scope",
    "Section",
    "StatedTarget",
    "Threshold",
    "list_plans",
    "load_plan",
]
