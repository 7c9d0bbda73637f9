"""Parameters: dated, cited values; the month of the activity and the most specific keys decide."""

from dualcarbon.parameters.model import PURPOSES, STATUSES, Candidate, Parameter, worst_status
from dualcarbon.parameters.select import Parameters, distinct, load_parameters

__all__ = [
    "PURPOSES",
    "STATUSES",
    "Candidate",
    "Parameter",
    "Parameters",
    "distinct",
    "load_parameters",
    "worst_status",
]
