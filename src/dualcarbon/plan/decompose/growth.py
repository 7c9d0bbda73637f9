"""The expected growth of output: from the file, the person or a cited parameter, never guessed."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from attrs import frozen

from dualcarbon.errors import InputError, ParameterNotFound
from dualcarbon.findings import Finding, finding
from dualcarbon.parameters import Parameter, load_parameters
from dualcarbon.plan.decompose.base import Entry
from dualcarbon.plan.decompose.exact import exact
from dualcarbon.plan.decompose.target import Target
from dualcarbon.subjects import Words

NAME = "expected_gdp_growth"


@frozen
class Growth:
    """Growth in % of whoever states none, where it comes from, and the parameter behind it."""

    common: Fraction | None
    origin: str
    parameter: Parameter | None = None

    def of(self, entry: Entry | None) -> Fraction:
        """Give the growth of a subject: its own, else the common one."""
        if entry is not None and entry.growth is not None:
            return entry.growth
        return self.common or Fraction(0)

    @property
    def findings(self) -> list[Finding]:
        """Say which parameter serves."""
        used = self.parameter
        if used is None:
            return []
        return [
            finding(
                "plan.decompose_growth_used", found=used.value, status=used.status, id=used.id,
            )
        ]  # fmt: skip


def find_growth(
    target: Target, entries: Sequence[Entry], stated: Fraction | None, words: Words
) -> Growth:
    """Find the growth that a ratio needs; other targets need none.

    Errors: InputError when a subject states none, nobody says one, and the pack has none.
    """
    if target.mode != "ratio":
        return Growth(None, "none")
    if stated is not None:
        return Growth(stated, "option")
    lacking = [item.subject for item in entries if item.growth is None]
    if not lacking:
        return Growth(None, "file")
    parameter = _parameter(target, words)
    if parameter is None:
        names = ", ".join(lacking[:8])
        raise InputError(finding("plan.decompose_growth", found=names, year=target.period))
    return Growth(exact(parameter.value), "parameter", parameter)


def _parameter(target: Target, words: Words) -> Parameter | None:
    year = target.period[:4]
    if target.output != "gdp" or target.base is None or int(target.base[:4]) != int(year) - 1:
        return None
    try:
        return load_parameters(words.pack).select(NAME, {"area": words.city}, (int(year), 1))
    except ParameterNotFound:
        return None
