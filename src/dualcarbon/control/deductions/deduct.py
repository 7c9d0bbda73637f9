"""Apply a deduction regime to the facts of a subject and year: lines, gross and net, changes.

Base and assessed year are always computed by the same lines, so that a one-sided deduction of
feedstock cannot be asked for. An absent input makes its line absent, and then net is absent; the
partial sum beside it takes off what is known. Source: docs/methods/deductions.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import define, field, frozen

from dualcarbon.control.deductions.amounts import GRAM_TCE, Amount, Amounts
from dualcarbon.control.deductions.facts import POWER
from dualcarbon.control.deductions.regimes import Document, Item, Regime
from dualcarbon.control.trace import Node, apply, constant
from dualcarbon.errors import UsageError
from dualcarbon.findings import Finding, finding

PERCENT = "%"
MONEY = "10^4 CNY"
YEARS_OF_PLAN = 5


@frozen
class Line:
    """What one item of a regime takes off in a year.

    `amount`: whole grams of standard coal, never negative; None when an input is absent, and then
    `problem` is true. `parts` are the numbers it is made of.
    """

    item: Item
    year: int
    amount: Node | None
    parts: Mapping[str, Node]
    evidence: tuple[str, ...]
    reason: Finding

    @property
    def problem(self) -> bool:
        """Tell whether the amount is absent although the regime asks for it."""
        return self.amount is None and self.item.formula != "total_exempt"

    @property
    def status(self) -> str:
        """Give the status of the rule; the cap on certificates has no published formula."""
        capped = "certificate_cap" in self.parts
        return "unsourced" if capped else self.item.status


@frozen
class Side:
    """One year before and after deduction, in grams.

    `partial` takes off what is known where the net total is absent: net can only be lower.
    """

    year: int
    gross: Node | None
    net_total: Node | None
    net_intensity: Node | None
    partial: Node | None
    lines: tuple[Line, ...]
    output: Node | None = None


@frozen
class Deduction:
    """A regime applied to a subject and year.

    `applies` is false where no document turns the regime on for the level: then nothing is
    deducted and net is gross. `changes` are those from the base to the assessed year in %: of the
    total and of the intensity, gross and net. `total_assessed` is false for a region that a regime
    exempts, None where it cannot be told.
    """

    subject: str
    regime: Regime
    level: str
    applies: bool
    document: Document | None
    choices: Mapping[str, str]
    now: Side
    before: Side
    changes: Mapping[str, Node | None]
    total_assessed: bool | None
    reason: Finding
    findings: tuple[Finding, ...]

    @property
    def missing(self) -> tuple[Line, ...]:
        """Give the lines of both years whose input is absent."""
        return tuple(line for line in self.lines if line.problem)

    @property
    def lines(self) -> tuple[Line, ...]:
        """Give the lines of both years."""
        return (*self.now.lines, *self.before.lines)

    @property
    def status(self) -> str:
        """Give the worst status of the regime and of what was deducted."""
        order = ("synthetic", "unsourced", "sourced")
        return min((self.regime.status, *(line.status for line in self.lines)), key=order.index)


def deduct(
    amounts: Amounts,
    regime: Regime,
    level: str,
    year: int,
    choices: Mapping[str, str] | None = None,
    *,
    subject: str,
    base: int | None = None,
    document: Document | None = None,
) -> Deduction:
    """Apply a regime to a subject and year; `base` is the year compared with, else the one before.

    `document` is the one that turns the regime on for the level. A level that the regime itself
    names needs none, any other does.
    Units: grams of standard coal; output in 10^4 yuan at one constant price.
    Errors: UsageError for a choice that does not exist or a base that is not earlier.
    """
    base = year - 1 if base is None else base
    if base >= year:
        raise UsageError(finding("control.deduct_base", found=base, expected=f"< {year}"))
    on = level in regime.levels or document is not None
    worker = _Worker(amounts, regime, subject, regime.chosen(choices), year)
    now, before = worker.side(year, on), worker.side(base, on)
    exempt = worker.exempt(year) if on else True
    return Deduction(
        subject=subject,
        regime=regime,
        level=level,
        applies=on,
        document=document,
        choices=worker.choices,
        now=now,
        before=before,
        changes=_changes(now, before),
        total_assessed=exempt,
        reason=_reason(regime, level, on, document),
        findings=tuple(worker.findings),
    )


def _reason(regime: Regime, level: str, on: bool, document: Document | None) -> Finding:
    facts: dict[str, Any] = {"regime": regime.id, "level": level}
    if document is not None:
        return finding("control.deduct_document", found=document.document, **facts)
    return finding("control.deduct_on" if on else "control.deduct_off", **facts)


def _changes(now: Side, before: Side) -> dict[str, Node | None]:
    found: dict[str, Node | None] = {}
    for kind, name in (("total", "net_total"), ("intensity", "net_intensity")):
        for basis, side in (("gross", "gross"), ("net", name)):
            pair = [getattr(now, side), getattr(before, side)]
            if kind == "intensity":
                pair = [_per(pair[0], now.output), _per(pair[1], before.output)]
            found[f"{kind}_{basis}"] = _change(f"{kind} {basis}", *pair)
    return found


def _per(energy: Node | None, output: Node | None) -> Node | None:
    if energy is None or output is None:
        return None
    return apply("quotient", f"intensity of {energy.name}", f"g/{MONEY}", energy, output)


def _change(name: str, now: Node | None, before: Node | None) -> Node | None:
    if now is None or before is None:
        return None
    node = apply("change", name, PERCENT, now, before)
    return node if node.value is not None else None


@define
class _Worker:
    """Makes the lines of one subject under one regime."""

    amounts: Amounts
    regime: Regime
    subject: str
    choices: Mapping[str, str]
    year: int
    findings: list[Finding] = field(factory=list)

    def side(self, year: int, on: bool) -> Side:
        gross = self._known(self.amounts.energy("energy_total", self.subject, year, self.power))
        output = self._known(self.amounts.plain("gdp", self.subject, year, MONEY))
        lines = tuple(self._line(item, year) for item in self._items(year)) if on else ()
        total = [line for line in lines if line.item.total]
        rated = [line for line in lines if line.item.intensity]
        net = self._net(gross, total, f"net total {year}")
        return Side(
            year,
            gross,
            net,
            self._net(gross, rated, f"net {year}"),
            None if net is not None else self._less(gross, total, f"partial {year}"),
            lines,
            output,
        )

    @property
    def power(self) -> str:
        return self.choices.get("power_value", "calorific")

    def _items(self, year: int) -> list[Item]:
        """Give the items that count in a year; one that is deducted at all counts in both."""
        found = []
        for item in self.regime.items:
            wanted = item.when is None or self.choices.get(item.when[0]) == item.when[1]
            if wanted and (year == self.year or item.in_base(self.choices)):
                found.append(item)
        return found

    def exempt(self, year: int) -> bool | None:
        """Tell whether the total is assessed; None when the fact that decides is absent."""
        items = [item for item in self.regime.items if item.formula == "total_exempt"]
        for item in items:
            found = self.amounts.plain(item.of[0], self.subject, year, "1")
            if isinstance(found, Finding):
                return None
            if found.value:
                return False
        return True

    def _known(self, amount: Amount) -> Node | None:
        if isinstance(amount, Finding):
            self.findings.append(amount)
            return None
        return amount

    def _net(self, gross: Node | None, lines: Sequence[Line], name: str) -> Node | None:
        if any(line.problem for line in lines):
            return None
        net = self._less(gross, lines, name)
        if net is not None and net.value is not None and net.value < 0:
            self.findings.append(
                finding("control.deduct_too_much", found=net.value, subject=self.subject, what=name)
            )
            return None
        return net

    def _less(self, gross: Node | None, lines: Sequence[Line], name: str) -> Node | None:
        taken = [line.amount for line in lines if line.amount is not None]
        if gross is None or not taken:
            return gross
        total = taken[0] if len(taken) == 1 else apply("sum", "deducted", GRAM_TCE, *taken)
        return apply("difference", name, GRAM_TCE, gross, total)

    def _line(self, item: Item, year: int) -> Line:
        made = getattr(self, f"_{item.formula}")(item, year)
        evidence = self.amounts.evidence(item.of, self.subject, year)
        amount, parts, reason = made
        return Line(item, year, amount, parts, evidence, reason)

    def _amount(self, item: Item, year: int) -> Any:
        parts, problem = self._parts(item.of, year)
        if problem is not None:
            return None, parts, problem
        amount = _sum(f"{item.id} {year}", list(parts.values()))
        return amount, parts, self._said("deduct_amount", item)

    def _parts(self, items: Sequence[str], year: int) -> tuple[dict[str, Node], Finding | None]:
        """Give the energy of items; with the first that is absent, as a finding."""
        parts: dict[str, Node] = {}
        problem: Finding | None = None
        for name in items:
            found = self.amounts.energy(name, self.subject, year, self.power)
            if isinstance(found, Finding):
                problem = problem or found
            else:
                parts[name] = found
        return parts, problem

    def _said(self, rule: str, item: Item, **facts: Any) -> Finding:
        names: dict[str, Any] = {"name_zh": item.name_zh, "name_en": item.name_en}
        return finding(f"control.{rule}", regime=self.regime.id, **names, **facts)

    def _increase(self, item: Item, year: int) -> Any:
        yearly = self.choices.get("renewable_base") == "previous_year"
        start = year - 1 if yearly else self.regime.plan[0]
        parts, problem = self._parts(item.of, year)
        then, lost = self._parts(item.of, start)
        shown = {**parts, **{f"{name} {start}": node for name, node in then.items()}}
        if problem or lost:
            return None, shown, problem or lost
        now = _sum(f"{item.id} {year}", list(parts.values()))
        before = _sum(f"{item.id} {start}", list(then.values()))
        added = apply("added", f"{item.id} {year}", GRAM_TCE, now, before)
        rule = "deduct_added" if added.value else "deduct_not_added"
        return added, shown, self._said(rule, item, start=start)

    def _total_exempt(self, item: Item, year: int) -> Any:
        assessed = self.exempt(year)
        rule = {False: "deduct_exempt", True: "deduct_assessed", None: "deduct_unknown"}[assessed]
        return None, {}, self._said(rule, item)

    def _non_fossil(self, item: Item, year: int) -> Any:
        parts, problem = self._parts(item.of, year)
        if problem is not None:
            return None, parts, problem
        credit, cap, why = self._credit(item, parts["certificates_in"])
        if credit is None:
            return None, parts, why
        used = [*(parts[name] for name in POWER), parts["other_non_fossil"], credit]
        whole, left = _sum(f"used {year}", used), parts["certificates_out"]
        shown = {
            **parts,
            "certificates_credited": credit,
            **({"certificate_cap": cap} if cap else {}),
        }
        if (whole.value or 0) < (left.value or 0):
            return None, shown, self._said("deduct_sold_more", item, found=left.value)
        amount = apply("difference", f"{item.id} {year}", GRAM_TCE, whole, left)
        cut = credit.value != parts["certificates_in"].value
        return amount, shown, self._said("deduct_capped" if cut else "deduct_amount", item)

    def _credit(self, item: Item, bought: Node) -> tuple[Node | None, Node | None, Finding | None]:
        """Give the certificates that count under the cap; none were bought, none is needed."""
        if item.cap is None or not bought.value:
            return bought, None, None
        saving = self._saving()
        if isinstance(saving, Finding):
            return None, None, saving
        years = YEARS_OF_PLAN if self.choices.get("certificate_cap_period") == "year" else 1
        share = constant("share of the saving", float(item.cap["share"]))
        cap = apply("cap", "certificate cap", GRAM_TCE, saving, share, constant("years", years))
        return apply("least", "certificates credited", GRAM_TCE, bought, cap), cap, None

    def _saving(self) -> Amount:
        first, last = self.regime.plan
        if self.choices.get("required_saving") == "stated":
            return self.amounts.energy("required_saving", self.subject, last, self.power)
        energy = self.amounts.energy("energy_total", self.subject, first, self.power)
        target = self.amounts.plain("intensity_target", self.subject, last, PERCENT)
        outputs = [self.amounts.plain("gdp", self.subject, at, MONEY) for at in (last, first)]
        nodes = [energy, target, *outputs]
        problem = next((node for node in nodes if isinstance(node, Finding)), None)
        if problem is not None:
            return problem
        known = [node for node in nodes if isinstance(node, Node)]
        saving = apply("saving", "required saving", GRAM_TCE, *known)
        if saving.value is None:
            return finding("control.deduct_missing", found="gdp", subject=self.subject, year=first)
        return saving


def _sum(name: str, nodes: Sequence[Node]) -> Node:
    return nodes[0] if len(nodes) == 1 else apply("sum", name, GRAM_TCE, *nodes)
