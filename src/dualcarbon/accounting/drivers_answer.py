"""What a decomposition says: links, effects, parts, and the bars of the waterfall."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from dualcarbon.accounting.drivers import Array
from dualcarbon.accounting.drivers_identity import Factor, Word
from dualcarbon.accounting.drivers_links import Drivers, Form, number
from dualcarbon.periods import Period


def payload(
    drivers: Drivers, edition: str | None = None, depth: int | None = None
) -> dict[str, Any]:
    """Give the answer as JSON data; additive values in the unit of the target.

    `depth`: parts with at most so many keys; None = down to the leaves.
    """
    nodes = [n for n, keys in enumerate(drivers.tree.nodes) if depth is None or len(keys) <= depth]
    identity, fitted = drivers.identity, drivers.fitted
    return {
        "identity": {
            "id": identity.id,
            "name_zh": identity.name_zh,
            "name_en": identity.name_en,
            "text": identity.text,
            "factors": [_factor(drivers, factor) for factor in fitted.factors],
        },
        "target": {
            "level": fitted.target.level,
            "name_zh": drivers.target.name_zh,
            "name_en": drivers.target.name_en,
        },
        "unit": drivers.unit,
        "by": list(fitted.by),
        "chained": drivers.options.chain,
        "absent": "zero" if drivers.options.absent_zero else "refuse",
        "links": [
            _link(drivers, index, form, nodes, edition)
            for index in range(len(drivers.links))
            for form in drivers.options.forms
        ],
        "waterfall": waterfall(drivers),
    }


def _factor(drivers: Drivers, factor: Factor) -> dict[str, Any]:
    above = drivers.levels.units[factor.above.level]
    below = drivers.levels.units[factor.below.level] if factor.below else None
    return {
        "factor": factor.effect,
        "name_zh": factor.name_zh,
        "name_en": factor.name_en,
        "ratio": factor.ratio,
        "unit": above if below is None else "1" if above == below else f"({above})/({below})",
    }


def _link(
    drivers: Drivers, index: int, form: Form, nodes: Sequence[int], edition: str | None
) -> dict[str, Any]:
    link = drivers.links[index]
    shares = link.shares(form)
    whole, *parts = (_node(drivers, index, form, node, shares, edition) for node in nodes)
    return {
        "from": link.before,
        "to": link.after,
        "kind": link.kind,
        "form": form,
        "start": whole["start"],
        "end": whole["end"],
        "total_change": link.change if form == "additive" else None,
        "ratio": link.ratio if form == "multiplicative" else None,
        "effects": whole["effects"],
        "parts": parts,
        "residual": link.residual(form),
    }


def _node(
    drivers: Drivers, index: int, form: Form, node: int, shares: Array, edition: str | None
) -> dict[str, Any]:
    link, keys = drivers.links[index], drivers.tree.nodes[node]
    return {
        "keys": dict(zip(drivers.fitted.by, keys, strict=False)),
        "start": float(link.start[node]),
        "end": float(link.end[node]),
        "effects": list(_effects(drivers, index, form, node, shares[node], edition)),
    }


def _effects(
    drivers: Drivers, index: int, form: Form, node: int, shares: Array, edition: str | None
) -> Iterator[dict[str, Any]]:
    link = drivers.links[index]
    effects = link.effects(form)[node]
    for k, factor in enumerate(drivers.fitted.factors):
        row = drivers.row(index, form, node, k)
        yield {
            "factor": factor.effect,
            "name_zh": factor.name_zh,
            "name_en": factor.name_en,
            "value": number(effects[k]),
            "share_of_change": number(shares[k]),
            "own": number(link.own[node, k]) if form == "multiplicative" else None,
            "code": f"{edition}:effects:{row}" if edition else None,
        }


def waterfall(drivers: Drivers) -> list[dict[str, Any]]:
    """Give the bars of the headline: the start, each additive effect, the end; each joins the next.

    Units: those of the target. The last effect ends at the end itself, whatever the last digit.
    """
    link, names = drivers.links[0], drivers.target
    begin, finish = float(link.start[0]), float(link.end[0])
    rows = [_bar("level", link.before, names, 0.0, begin)]
    low, effects = begin, link.added[0]
    for k, factor in enumerate(drivers.fitted.factors):
        last = k == len(effects) - 1
        high = finish if last else math.fsum((begin, *effects[: k + 1]))
        word = Word(factor.effect, factor.name_zh, factor.name_en)
        rows.append(_bar("effect", None, word, low, high, float(effects[k])))
        low = high
    return [*rows, _bar("level", link.after, names, 0.0, finish)]


def _bar(
    kind: str, period: str | None, word: Word, start: float, end: float, value: float | None = None
) -> dict[str, Any]:
    labels = [Period.parse(period).label(lang) if period else "" for lang in ("zh", "en")]
    return {
        "kind": kind,
        "factor": word.code if kind == "effect" else None,
        "period": period,
        "label_zh": f"{labels[0]}{word.name_zh}",
        "label_en": f"{word.name_en} {labels[1]}".strip(),
        "start": start,
        "end": end,
        "value": end if value is None else value,
    }
