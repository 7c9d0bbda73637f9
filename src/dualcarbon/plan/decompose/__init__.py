"""Decomposition: a target of the city becomes the targets of its parts, and the sum is exact."""

from dualcarbon.plan.decompose.base import Base, Entry, read_base
from dualcarbon.plan.decompose.options import Options
from dualcarbon.plan.decompose.rounds import Proposal, read_proposals
from dualcarbon.plan.decompose.run import Decomposition, decompose
from dualcarbon.plan.decompose.target import Target, find_target

__all__ = [
    "Base",
    "Decomposition",
    "Entry",
    "Options",
    "Proposal",
    "Target",
    "decompose",
    "find_target",
    "read_base",
    "read_proposals",
]
