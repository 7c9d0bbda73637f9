"""A decomposition as a whole: the shares, what others rules would give, rounds, incentive."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from attrs import evolve, frozen

from dualcarbon.errors import DualcarbonError
from dualcarbon.findings import Finding, Place, finding
from dualcarbon.plan.decompose.base import Base, read_base
from dualcarbon.plan.decompose.entropy import Capability
from dualcarbon.plan.decompose.exact import exact
from dualcarbon.plan.decompose.growth import find_growth
from dualcarbon.plan.decompose.options import Options
from dualcarbon.plan.decompose.rounds import Proposal, Step, negotiate
from dualcarbon.plan.decompose.rules import BLEND, RuleSpec, find_rule, load_rules, scored
from dualcarbon.plan.decompose.share import Sharing
from dualcarbon.plan.decompose.solve import Setting, prepare, share_all
from dualcarbon.plan.decompose.target import Target, find_target
from dualcarbon.plan.model import Plan
from dualcarbon.subjects import Words
from dualcarbon.vocabulary import Vocabulary

__all__ = ["Decomposition", "decompose", "read_base"]
FIRST, SECOND = "equal_rate", "grandfathering"


@frozen
class Decomposition:
    """A target shared: the setting, the shares, those of other rules, the log of the rounds.

    `incentive` is the same with a harder target, None where no margin was given; `first` are the
    shares before the rounds; `capability` the weights of the indicators where scores were used.
    """

    plan: str
    synthetic: bool
    setting: Setting
    sharing: Sharing
    compared: Mapping[str, Sharing]
    first: Sharing
    steps: tuple[Step, ...]
    incentive: tuple[Setting, Sharing] | None
    weights: Mapping[str, float]
    findings: tuple[Finding, ...]

    @property
    def residual(self) -> int:
        """Give the quanta that no subject has: users in no district, and what the city keeps."""
        return self.setting.total - sum(item.allowed for item in self.sharing.shares)


def decompose(
    plan: Plan,
    target_id: str,
    base: Base,
    words: Words,
    rule: str | None = None,
    options: Options | None = None,
    proposals: Sequence[Proposal] = (),
) -> Decomposition:
    """Share a target of a plan among the subjects of a base by a rule.

    `rule` None: that of the notice (what remains), else one rate for all. The sum of the shares
    and the residual is the total in whole units of the smallest measure, always.
    Errors: UsageError for an unknown target, rule or option; InputError for a base that lacks what
    the rule needs, or bounds that cannot be met, naming whose they are.
    Source: docs/methods/decomposition.md.
    """
    target, rules = find_target(plan, target_id), load_rules(words.pack)
    spec = _chosen(rules, rule, target)
    options = _resolved(options or Options(), rules)
    growth = find_growth(target, base.entries, options.growth, words)
    spread = exact(rules["capability"].parameters.get("spread", 0)) if "capability" in rules else 0

    def set_up(goal: Target, chosen: Options) -> Setting:
        return prepare(goal, base, spec, chosen, growth, plan.five_year, Fraction(spread))

    setting = set_up(target, options)
    first = share_all(setting, spec.id)
    sharing, steps = negotiate(setting, spec.id, first, proposals)
    used = (spec.id, *setting.problem.weights)
    capable = scored(setting.problem) if "capability" in used else None
    return Decomposition(
        plan=plan.id,
        synthetic=plan.synthetic,
        setting=setting,
        sharing=sharing,
        compared=_compared(setting, spec, options, rules),
        first=first,
        steps=steps,
        incentive=_incentive(setting, options, set_up),
        weights=capable.weights if capable else {},
        findings=(*setting.findings, *_said(capable, sharing, steps)),
    )


def _said(capable: Capability | None, sharing: Sharing, steps: Sequence[Step]) -> list[Finding]:
    found = [
        finding("plan.decompose_flat", found=name) for name in (capable.flat if capable else ())
    ]
    early = [item.part.subject for item in sharing.shares if item.at == "floor"]
    if early:
        found.append(finding("plan.decompose_early", found=", ".join(early)))
    found += [
        finding(
            "plan.decompose_refused", Place.parse(step.proposal.place),
            found=step.proposal.subject, round=step.proposal.round,
            why_zh=step.refused.message_zh, why_en=step.refused.message_en,
        )
        for step in steps
        if step.refused
    ]  # fmt: skip
    return found


def _chosen(rules: Vocabulary[RuleSpec], rule: str | None, target: Target) -> RuleSpec:
    named = target.rule.name if target.rule else FIRST
    return find_rule(rules, rule or named)


def _resolved(options: Options, rules: Vocabulary[RuleSpec]) -> Options:
    return evolve(
        options,
        compare=tuple(find_rule(rules, name).id for name in options.compare),
        weights={find_rule(rules, name).id: value for name, value in options.weights.items()},
    )


def _compared(
    setting: Setting, spec: RuleSpec, options: Options, rules: Vocabulary[RuleSpec]
) -> dict[str, Sharing]:
    """Give the shares of the rules named; without any, of one rate for all where it can be met."""
    if options.compare:
        return {name: _by(setting, rules[name]) for name in options.compare if name != spec.id}
    other = SECOND if spec.id == FIRST else FIRST
    try:
        return {other: _by(setting, rules[other])}
    except (DualcarbonError, KeyError):
        return {}


def _by(setting: Setting, spec: RuleSpec) -> Sharing:
    """Share by another rule; a blend takes the weights given, else those of the pack."""
    stated = {name: exact(value) for name, value in spec.parameters.get("weights", {}).items()}
    weights = (setting.options.weights or stated) if spec.id == BLEND else {}
    return share_all(setting, spec.id, problem=evolve(setting.problem, weights=weights))


def _incentive(
    setting: Setting, options: Options, set_up: Callable[[Target, Options], Setting]
) -> tuple[Setting, Sharing] | None:
    """Share a target that asks for so many points more (of an amount: so many percent)."""
    if options.incentive is None:
        return None
    target, points = setting.target, options.incentive
    harder = (
        target.value * (1 + setting.problem.asked * points / 100)
        if target.mode == "amount"
        else target.value - points
    )
    fixed = evolve(options, bounds=setting.problem.bounds)
    made = set_up(evolve(target, value=harder), fixed)
    return made, share_all(made, setting.rule.id)
