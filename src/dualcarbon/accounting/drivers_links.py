"""Decompose a change: yearly links chained, the two ends beside them, nested to the leaves."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import polars as pl
from attrs import define, evolve, frozen

from dualcarbon.accounting.drivers import Array, Tree, leaf_effects, log_mean, multipliers
from dualcarbon.accounting.drivers_grid import Grid, choose_periods, make_grid, usable
from dualcarbon.accounting.drivers_identity import Fitted, Identity, Word, fit
from dualcarbon.accounting.drivers_levels import Levels
from dualcarbon.errors import InputError
from dualcarbon.findings import Finding, finding
from dualcarbon.vocabulary import Vocabulary

Kind = Literal["chain", "direct", "step"]
Form = Literal["additive", "multiplicative"]
FORMS: tuple[Form, ...] = ("additive", "multiplicative")
STILL = 1e-12


@frozen
class Options:
    """Choices of a decomposition.

    `by`: keys of the leaves, outermost first; None = those of the identity. `first`, `last`:
    periods; None = the ends of the data. `absent_zero`: the table lists only what is not zero.
    """

    by: tuple[str, ...] | None = None
    first: str | None = None
    last: str | None = None
    chain: bool = False
    absent_zero: bool = False
    forms: tuple[Form, ...] = FORMS


@frozen(eq=False)
class Link:
    """The change from one period to another; arrays by node of the tree, and by factor.

    `added`: additive effects. `nested`: what an effect of a node multiplies the whole by. `own`:
    what it multiplies the node itself by. NaN = no ratio exists, since a value is zero. `scale`:
    the largest value of the whole on the way, against which a residual is judged.
    """

    before: str
    after: str
    kind: Kind
    start: Array
    end: Array
    added: Array
    nested: Array
    own: Array
    scale: float

    @property
    def change(self) -> float:
        """Give the change of the whole."""
        return math.fsum((self.end[0], -self.start[0]))

    @property
    def ratio(self) -> float | None:
        """Give the ratio of the whole; None where one end is zero."""
        return float(self.end[0] / self.start[0]) if min(self.start[0], self.end[0]) > 0 else None

    def residual(self, form: Form) -> float | None:
        """Give what the effects leave unexplained, as a share of `scale` (or of the ratio)."""
        if form == "multiplicative":
            return None if self.ratio is None else math.prod(self.nested[0]) / self.ratio - 1
        left = math.fsum((self.end[0], -self.start[0], *(-self.added[0])))
        return left / self.scale if self.scale else 0.0

    def effects(self, form: Form) -> Array:
        """Give (node, factor) of a form."""
        return self.added if form == "additive" else self.nested

    def shares(self, form: Form) -> Array:
        """Give every effect as a share of the change of the whole; NaN where nothing changed."""
        small = abs(self.change) <= STILL * self.scale
        if small or (form == "multiplicative" and self.ratio is None):
            return np.full_like(self.added, np.nan)
        if form == "additive":
            return self.added / self.change + 0.0
        return np.log(self.nested) / math.log(self.end[0] / self.start[0]) + 0.0


@define(slots=False, eq=False)
class Drivers:
    """A decomposition: `links` with the headline first (the chain, else the two ends)."""

    identity: Identity
    fitted: Fitted
    options: Options
    levels: Levels
    grid: Grid
    tree: Tree
    links: tuple[Link, ...]
    findings: tuple[Finding, ...]
    target: Word

    @property
    def unit(self) -> str:
        """Give the unit of the target and of additive effects."""
        return self.levels.units[self.fitted.target.level]

    @cached_property
    def size(self) -> int:
        """Count the rows of one link and form."""
        return len(self.tree.nodes) * len(self.fitted.factors)

    def row(self, link: int, form: Form, node: int, factor: int) -> int:
        """Give the row of an effect in `frame`."""
        block = link * len(FORMS) + FORMS.index(form)
        return block * self.size + node * len(self.fitted.factors) + factor

    def frame(self) -> pl.DataFrame:
        """Give every effect as a row: link, form, node, factor; keys above the node are null.

        Both forms, in the order of `row`. `value` is in `unit`, or the multiplier of the whole.
        """
        return pl.DataFrame(list(self._rows()), schema=self._schema(), orient="row")

    def _schema(self) -> dict[str, Any]:
        texts = dict.fromkeys(("from", "to", "kind", "form"), pl.String)
        keys = dict.fromkeys(self.fitted.by, pl.String)
        names = dict.fromkeys(("factor", "name_zh", "name_en"), pl.String)
        numbers = dict.fromkeys(("value", "own", "share_of_change", "start", "end"), pl.Float64)
        return {**texts, "depth": pl.Int64, **keys, **names, **numbers, "unit": pl.String}

    def _rows(self) -> Iterator[tuple[Any, ...]]:
        for link in self.links:
            for form in FORMS:
                unit = self.unit if form == "additive" else "1"
                shares, effects = link.shares(form), link.effects(form)
                for node, keys in enumerate(self.tree.nodes):
                    padded = (*keys, *(None,) * (len(self.fitted.by) - len(keys)))
                    ends = (float(link.start[node]), float(link.end[node]))
                    for k, factor in enumerate(self.fitted.factors):
                        own = link.own[node, k] if form == "multiplicative" else math.nan
                        numbers = (effects[node, k], own, shares[node, k])
                        yield (
                            *(link.before, link.after, link.kind, form, len(keys), *padded),
                            *(factor.effect, factor.name_zh, factor.name_en),
                            *(number(value) for value in numbers),
                            *(*ends, unit),
                        )


def number(value: float) -> float | None:
    """Give a float for an answer; NaN is absent."""
    return None if math.isnan(value) else float(value)


def decompose(
    levels: Levels,
    identity: Identity,
    options: Options,
    words: Vocabulary[Word] | None = None,
) -> Drivers:
    """Decompose the change of an identity's target between periods.

    Absent: a period that lacks a value is refused with findings; inside a chain the link spans it.
    Where absent rows mean zero, a row that could not be read is an error: it would become zero.
    Errors: UsageError for an identity or periods that do not fit the data; InputError when the
    first or last period is refused. Source: docs/methods/drivers.md.
    """
    broken = [item for item in levels.findings if item.severity == "error"]
    if options.absent_zero and broken:
        raise InputError(*broken)
    fitted = fit(identity, levels.own, options.by)
    known = levels.frame["period"].unique()
    span = choose_periods(known, options.first, options.last, chain=options.chain)
    grid = make_grid(levels, fitted, span.periods, absent_zero=options.absent_zero)
    good, gaps = usable(grid, span)
    tree = Tree.of(grid.leaves)
    links = _links(grid, fitted, tree, good, chain=options.chain)
    findings = [*levels.findings, *fitted.findings, *grid.findings, *gaps]
    if "multiplicative" in options.forms and any(np.isnan(link.nested).any() for link in links):
        findings.append(finding("accounting.drivers_no_ratio", found=str(fitted.target)))
    name = fitted.target.level
    target = (words.resolve(name) if words else None) or Word(name, name, name)
    return Drivers(identity, fitted, options, levels, grid, tree, links, tuple(findings), target)


def _links(
    grid: Grid, fitted: Fitted, tree: Tree, periods: Sequence[str], *, chain: bool
) -> tuple[Link, ...]:
    direct = _link(grid, fitted, tree, periods[0], periods[-1], "direct")
    if not chain:
        return (direct,)
    steps = [_link(grid, fitted, tree, one, other, "step") for one, other in pairwise(periods)]
    return (_chained(steps, direct, tree), direct, *steps)


def _link(grid: Grid, fitted: Fitted, tree: Tree, before: str, after: str, kind: Kind) -> Link:
    first, last = grid.values[before][fitted.target], grid.values[after][fitted.target]
    leaves = leaf_effects(first, last, grid.factors[before], grid.factors[after])
    added = tree.roll(leaves)
    start, end = tree.roll(first[:, None])[:, 0], tree.roll(last[:, None])[:, 0]
    mean = log_mean(start, end)
    nested, own = multipliers(added, mean[0]), multipliers(added, mean[:, None])
    scale = float(max(start[0], end[0]))
    return Link(before, after, kind, start, end, added, nested, own, scale)


def _chained(steps: Sequence[Link], direct: Link, tree: Tree) -> Link:
    """Chain links: leaves add the steps up, nodes add leaves up; multipliers multiply."""
    layers = np.stack([step.added[tree.first_leaf :] for step in steps])
    summed = np.array([[math.fsum(cell) for cell in row.T] for row in layers.transpose(1, 0, 2)])
    nested = np.prod([step.nested for step in steps], axis=0)
    own = np.prod([step.own for step in steps], axis=0)
    return evolve(
        direct,
        kind="chain",
        added=tree.roll(summed),
        nested=nested,
        own=own,
        scale=max(step.scale for step in steps),
    )
