"""Errors carry findings and nothing else, so that a person reads the same words everywhere."""

from __future__ import annotations

from dualcarbon.findings import Finding


class DualcarbonError(Exception):
    """Nothing sensible can be computed; `findings` say what, where, why and how to fix it."""

    def __init__(self, *findings: Finding) -> None:
        """Keep the findings; there is at least one."""
        self.findings = findings
        super().__init__("; ".join(_line(item) for item in findings))

    def __reduce__(self) -> tuple[type[DualcarbonError], tuple[Finding, ...]]:
        """Travel between processes with the findings, not with their text."""
        return type(self), self.findings


def _line(item: Finding) -> str:
    place = str(item.place)
    return (
        f"{place}: {item.message_en} {item.remedy_en}"
        if place
        else (f"{item.message_en} {item.remedy_en}")
    )


class InputError(DualcarbonError):
    """A file, table or value that was given cannot be used."""


class UsageError(DualcarbonError):
    """A command or function was called in a way that makes no sense."""


class PackError(DualcarbonError):
    """A pack is missing, malformed or contradicts itself."""


class ParameterNotFound(DualcarbonError):
    """No parameter matches the name, keys and month."""


class ParameterAmbiguous(DualcarbonError):
    """Two parameters match equally well."""


class ParameterChanges(ParameterAmbiguous):
    """A parameter has more than one value within the period asked for."""


class UnitMismatch(DualcarbonError):
    """Two units measure different things, or a unit is not known."""


class EditionError(DualcarbonError):
    """An edition is missing, damaged or cannot answer."""
