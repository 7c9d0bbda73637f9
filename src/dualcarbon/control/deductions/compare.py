"""Regimes side by side: every subject of the facts under every regime that was asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dualcarbon.control.deductions.amounts import Amounts
from dualcarbon.control.deductions.deduct import Deduction, deduct
from dualcarbon.control.deductions.facts import code_of
from dualcarbon.control.deductions.regimes import (
    documents,
    load_regime,
    turned_on,
)
from dualcarbon.errors import UsageError
from dualcarbon.findings import Finding, finding
from dualcarbon.subjects import Words


def deduct_all(
    amounts: Amounts,
    words: Words,
    names: Sequence[str],
    level: str,
    *,
    year: int | None = None,
    base: int | None = None,
    subject: str | None = None,
    choices: Mapping[str, str] | None = None,
) -> tuple[list[Deduction], list[Finding]]:
    """Apply regimes to the subjects of the facts; without `year` to the last that has a total.

    Errors: UsageError for an unknown regime, subject or choice, and for facts without a total.
    """
    regimes = [load_regime(amounts.pack, name) for name in dict.fromkeys(names)]
    papers = documents(amounts.pack)
    found: list[Deduction] = []
    findings: list[Finding] = []
    for one in _subjects(amounts, words, subject):
        at = year if year is not None else _last(amounts, one)
        for regime in regimes:
            paper = turned_on(papers, level, one, at, regime.id)
            item = deduct(
                amounts, regime, level, at, choices, subject=one, base=base, document=paper
            )
            found.append(item)
            findings += item.findings
            if not regime.in_force(at):
                start = regime.valid_from.isoformat()
                said = finding(
                    "control.regime_not_in_force", found=start, regime=regime.id, year=at
                )
                findings.append(said)
    return found, list(dict.fromkeys(findings))


def _subjects(amounts: Amounts, words: Words, subject: str | None) -> tuple[str, ...]:
    known = amounts.facts.subjects
    wanted = code_of(subject, words) if subject else None
    if (wanted and wanted not in known) or not known:
        expected = ", ".join(known) or "-"
        raise UsageError(finding("control.deduct_subject", found=subject or "-", expected=expected))
    return (wanted,) if wanted else known


def _last(amounts: Amounts, subject: str) -> int:
    years = [key[1] for key in amounts.facts.rows if key[0] == subject and key[2] == "energy_total"]
    if not years:
        said = finding("control.deduct_missing", found="energy_total", subject=subject, year="-")
        raise UsageError(said)
    return max(years)
