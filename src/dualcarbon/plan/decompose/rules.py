"""Rules of decomposition as pack data, and the line that each gives to a part."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from attrs import frozen

from dualcarbon.errors import UsageError
from dualcarbon.findings import Place, finding
from dualcarbon.packs import Pack
from dualcarbon.plan.decompose.entropy import Capability, capability
from dualcarbon.plan.decompose.exact import exact
from dualcarbon.plan.decompose.model import Part, Problem
from dualcarbon.vocabulary import Vocabulary

BLEND = "blend"


@frozen
class Shape:
    """How a part moves under a rule: `at + slope * level`, as long as it stays within its reach.

    `least` and `most` are how far the rule itself goes (to the benchmark and no further); what is
    then still to be shared is shared at one rate. None = no end.
    """

    at: Fraction
    slope: Fraction
    least: Fraction | None = None
    most: Fraction | None = None


@frozen
class RuleSpec:
    """A rule of the pack: names, formula in words, parameters, and where it comes from."""

    id: str
    name_zh: str
    name_en: str
    formula_zh: str
    formula_en: str
    parameters: Mapping[str, Any]
    mark: str
    status: str
    source: Mapping[str, Any]
    aliases: tuple[str, ...] = ()

    @property
    def code(self) -> str:
        """Give the id under the name that every vocabulary uses."""
        return self.id

    def to_json(self) -> dict[str, Any]:
        """Give what an answer says of the rule."""
        names = ("id", "name_zh", "name_en", "formula_zh", "formula_en", "mark", "status")
        return {name: getattr(self, name) for name in names} | {
            "parameters": dict(self.parameters),
            "source": dict(self.source),
        }


def load_rules(pack: Pack) -> Vocabulary[RuleSpec]:
    """Load the rules of a pack and its parents.

    Errors: PackError for an entry with an unknown or missing field.
    """
    from dualcarbon.errors import PackError

    found = []
    for entry in pack.load_list("decomposition.yaml", "id"):
        fields = {key: value for key, value in entry.items() if not key.startswith("_")}
        try:
            aliases = tuple(fields.pop("aliases", ()))
            found.append(RuleSpec(**fields, aliases=aliases))
        except TypeError as error:
            place = Place(str(entry["_file"]))
            raise PackError(
                finding("vocabulary.entry", place, found=str(error), code=entry["id"])
            ) from error
    return Vocabulary(found)


def find_rule(rules: Vocabulary[RuleSpec], text: str) -> RuleSpec:
    """Find a rule by id, name or alias; UsageError lists those there are."""
    found = rules.resolve(text) or rules.resolve(text.strip().replace("-", "_").replace(" ", "_"))
    if found is None or found.id not in (*RULES, BLEND):
        raise UsageError(
            finding("plan.decompose_rule", found=text, expected=", ".join(r for r in rules))
        )
    return found


def shapes(rule: str, problem: Problem) -> list[Shape]:
    """Give `at` and `slope` of every part under a rule (not of `blend`, which mixes others)."""
    return RULES[rule](problem)


def _equal(problem: Problem) -> list[Shape]:
    return [Shape(Fraction(0), weight) for weight in weights_of(problem)]


def _grandfathered(problem: Problem) -> list[Shape]:
    return [Shape(Fraction(0), Fraction(part.base)) for part in problem.parts]


def weights_of(problem: Problem) -> list[Fraction]:
    """Give what a rate multiplies; of an amount, the output of each part, else its base."""
    if problem.mode != "amount":
        return [part.grown for part in problem.parts]
    if all(part.output is not None for part in problem.parts):
        return [part.output or Fraction(0) for part in problem.parts]
    return [Fraction(part.base) for part in problem.parts]


def _benchmark(problem: Problem) -> list[Shape]:
    lacking = [part for part in problem.parts if part.output is None]
    if lacking:
        raise UsageError(_lacks(lacking, "gdp", "benchmark"))
    common = benchmark_of(problem)
    if problem.mode == "amount":
        cap = problem.asked < 0
        return [Shape(Fraction(0), _lag(part, common, cap)) for part in problem.parts]
    return [_toward(part, distance(part, common)) for part in problem.parts]


def _toward(part: Part, far: Fraction) -> Shape:
    """From standing still down to the benchmark; whoever meets it does not move."""
    return Shape(part.grown, part.grown * far, part.grown * (1 - far), part.grown)


def _lag(part: Part, common: Fraction, cap: bool) -> Fraction:
    """Give what the benchmark allows of a cap; of a task, what is missing up to it."""
    goal = _goal(part, common) * (part.output or 0)
    return goal if cap else max(Fraction(0), goal - part.base)


def benchmark_of(problem: Problem) -> Fraction:
    """Give the benchmark of parts that state none: the ratio of sums of all."""
    outputs = sum((part.output or Fraction(0) for part in problem.parts), Fraction(0))
    bases = sum(part.base for part in problem.parts)
    return Fraction(bases) / outputs if outputs else Fraction(0)


def _goal(part: Part, common: Fraction) -> Fraction:
    return common if part.benchmark is None else part.benchmark


def distance(part: Part, common: Fraction) -> Fraction:
    """Give how far a part lies above its benchmark, as a share of its own intensity; never < 0."""
    if not part.base or part.output is None:
        return Fraction(0)
    return max(Fraction(0), 1 - _goal(part, common) * part.output / part.base)


def _capability(problem: Problem) -> list[Shape]:
    if not problem.factors:
        raise UsageError(finding("plan.decompose_no_factors"))
    scores = scored(problem).scores
    weights, spread = weights_of(problem), problem.spread
    whole = sum(weights, Fraction(0))
    mean = sum((w * s for w, s in zip(weights, scores, strict=True)), Fraction(0)) / (whole or 1)
    if problem.mode == "amount":
        return [
            Shape(Fraction(0), weight * (1 + spread * problem.asked * (score - mean)))
            for weight, score in zip(weights, scores, strict=True)
        ]
    tilt = spread * problem.asked
    return [
        Shape(weight * tilt * (score - mean), weight)
        for weight, score in zip(weights, scores, strict=True)
    ]


def scored(problem: Problem) -> Capability:
    """Give the capability scores of the parts; UsageError names who lacks an indicator."""
    columns: dict[str, list[float]] = {}
    for name in problem.factors:
        values = [part.factors[name] for part in problem.parts]
        columns[name] = [value for value in values if value is not None]
        if len(columns[name]) < len(values):
            empty = [part for part in problem.parts if part.factors[name] is None]
            raise UsageError(_lacks(empty, name, "capability"))
    return capability(columns, problem.factors)


def _remaining(problem: Problem) -> list[Shape]:
    lacking = [part for part in problem.parts if part.task is None]
    if lacking or problem.mode == "amount":
        raise UsageError(_lacks(lacking or problem.parts, "five_year, changes", "remaining_task"))
    return [Shape(_own(part), part.grown) for part in problem.parts]


def _own(part: Part) -> Fraction:
    return part.grown * (1 + exact(part.task.rate if part.task else 0) / 100)


def _lacks(parts: Sequence[Part], column: str, rule: str) -> Any:
    names = ", ".join(part.subject for part in parts[:8])
    return finding("plan.decompose_lacks", found=names, column=column, needs=rule)


RULES: Mapping[str, Callable[[Problem], list[Shape]]] = {
    "equal_rate": _equal,
    "grandfathering": _grandfathered,
    "benchmark": _benchmark,
    "capability": _capability,
    "remaining_task": _remaining,
}
