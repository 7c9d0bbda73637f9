"""Net changes in standings: only where a document of the pack turns a regime on for the subject.

Deductions are yearly, so a period shorter than a year stays gross, and the reason says so.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import define, evolve, field

from dualcarbon.control.deductions.amounts import GRAMS, Amounts
from dualcarbon.control.deductions.deduct import MONEY, Deduction, deduct
from dualcarbon.control.deductions.regimes import (
    Document,
    Regime,
    documents,
    load_regimes,
    turned_on,
)
from dualcarbon.control.draft import Note, number
from dualcarbon.control.known import Known, Subject
from dualcarbon.control.rates import Reading
from dualcarbon.control.series import Reader
from dualcarbon.control.trace import Node, apply, constant
from dualcarbon.parameters import Parameter
from dualcarbon.periods import Period
from dualcarbon.units import factor

CHANGES = {"energy_intensity": "intensity", "energy_total": "total"}


@define
class Net:
    """Applies the regimes of a pack to changes of energy that a standing judges."""

    known: Known
    used: dict[str, Parameter] = field(factory=dict)
    _papers: list[Document] | None = None
    _regimes: Mapping[str, Regime] | None = None

    def applied(
        self, reading: Reading, subject: Subject, reader: Reader
    ) -> tuple[Reading, tuple[Note, ...]]:
        """Give a reading whose computed change is net, and what is to be said of it.

        A declared change stays as published; where nothing is turned on the reading is untouched.
        """
        kind = CHANGES.get(reading.indicator)
        paper = self._paper(subject, reading.period.year) if kind and reading.value else None
        if kind is None or paper is None:
            return reading, ()
        facts = {"regime": paper.regime, "document": paper.document}
        if reading.period.kind != "year":
            return reading, (Note("net_part", facts),)
        found = self._deduct(paper, subject, reading.period.year, reader)
        net, gross = found.changes[f"{kind}_net"], found.changes[f"{kind}_gross"]
        if net is None:
            return reading, (Note("net_missing", {**facts, "items": _missing(found)}),)
        note = Note("net", {**facts, "net": number(net), "gross": number(gross)})
        return evolve(reading, computed=net), (note,)

    def _paper(self, subject: Subject, year: int) -> Document | None:
        if self._papers is None:
            self._papers = documents(self.known.data.words.pack)
        level = self._level(subject)
        return turned_on(self._papers, level, subject[1], year) if level else None

    def _level(self, subject: Subject) -> str | None:
        words = self.known.data.words
        if subject[0] == "city":
            return str(words.pack.setting("choices", "deduction_level") or "city")
        if subject[0] == "area":
            area = words.areas.vocabulary.get(subject[1])
            return area.level if area else None
        return "enterprise" if subject[0] == "enterprise" else None

    def _deduct(self, paper: Document, subject: Subject, year: int, reader: Reader) -> Deduction:
        pack = self.known.data.words.pack
        if self._regimes is None:
            self._regimes = load_regimes(pack)

        def given(item: str, _: str, at: int) -> Node | None:
            return _level_of(reader, item, subject, at)

        amounts = Amounts(self.known.deductions, pack, given, self.used)
        regime, level = self._regimes[paper.regime], paper.level
        return deduct(amounts, regime, level, year, subject=subject[1], document=paper)


def _missing(found: Deduction) -> str:
    """Name what is missing: the inputs of lines, else the total or the output."""
    lines = dict.fromkeys(str(line.reason.found or line.item.id) for line in found.missing)
    return ", ".join(lines or dict.fromkeys(str(item.found) for item in found.findings)) or "-"


def _level_of(reader: Reader, item: str, subject: Subject, year: int) -> Node | None:
    """Give a total or output that the statistics hold for a whole year."""
    if item not in ("energy_total", "gdp"):
        return None
    node = reader.amounts(item, subject, Period.parse(str(year))).now
    if node is None or node.value is None:
        return None
    if item == "gdp":
        per = constant(f"{node.unit} -> {MONEY}", factor(node.unit, MONEY), f"{MONEY}/{node.unit}")
        return apply("convert", node.name, MONEY, node, per)
    per = constant(f"tce per {node.unit}", factor(node.unit, "tce") * GRAMS, f"g/{node.unit}")
    return apply("grams", node.name, "g", node, per)
