"""`dualcarbon explain CODE`: a number down to cells, clauses and parameters, computed once more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from dualcarbon.cli.edition import store_option
from dualcarbon.cli.output import Answer, common

ROOMS = (
    "dualcarbon.control.explain",
    "dualcarbon.control.assessment.freeze",
    "dualcarbon.accounting.explain",
    "dualcarbon.accounting.run_explain",
    "dualcarbon.accounting.cuts_explain",
    "dualcarbon.accounting.drivers_frozen",
    "dualcarbon.plan.decompose.frozen",
)


def explainers() -> Mapping[str, Any]:
    """Join the explainers of the rooms that have some."""
    from importlib import import_module
    from importlib.util import find_spec

    joined: dict[str, Any] = {}
    for name in ROOMS:
        if find_spec(name) is not None:
            joined.update(import_module(name).EXPLAINERS)
    return joined


@click.command()
@click.argument("code")
@click.option(
    "--bundle",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Exported bundle to explain from, with nothing else at hand.",
)
@store_option
@common("explain")
def explain(
    code: str, bundle: Path | None, store: Path | None, lang: str, packs: tuple[Path, ...]
) -> Answer:
    """Explain CODE (`<edition>:<table>:<row>`) from its edition alone and recompute it."""
    from dualcarbon.editions import default_store
    from dualcarbon.editions import explain as explained
    from dualcarbon.editions.bundle import explain_bundle

    if bundle is not None:
        answer = explain_bundle(code, bundle, explainers())
    else:
        answer = explained(code, store or default_store(), explainers())
    payload = answer.to_json(lang)
    rows = list(_flat(answer.inputs))
    return Answer(
        "explain",
        payload,
        answer.findings,
        code.split(":")[0],
        header=("depth", "name", "value", "unit", "from"),
        rows=rows,
        show=_shown(answer),
    )


def _flat(terms: Any, depth: int = 0) -> Any:
    for term in terms:
        origin = term.place or term.parameter or term.code or ""
        yield [depth, term.name, term.value, term.unit, origin]
        yield from _flat(term.terms, depth + 1)


def _shown(answer: Any) -> Callable[[Any, str], None]:
    def show(console: Any, lang: str) -> None:
        from rich.markup import escape
        from rich.tree import Tree

        zh = lang == "zh"
        about = answer.about
        if about.get(f"reason_{lang}"):
            console.print(escape(about[f"reason_{lang}"]))
        formula = answer.formula_zh if zh else answer.formula_en
        tree = Tree(f"[bold]{answer.value} {answer.unit or ''}[/]  {escape(formula)}")
        _grow(tree, answer.inputs)
        console.print(tree)
        for name, item in about.get("numbers", {}).items():
            branch = Tree(f"{name}: {item['value']} {item['unit']}  {item[f'formula_{lang}']}")
            _grow_json(branch, item["inputs"])
            console.print(branch)
        label = "重新计算" if zh else "recomputed"
        same = ("一致" if answer.equal else "不一致") if zh else f"equal: {answer.equal}"
        console.print(f"{label} {answer.recomputed}  {same}")

    return show


def _grow(tree: Any, terms: Any) -> None:
    for term in terms:
        origin = term.place or term.parameter or term.code or ""
        branch = tree.add(_text(term.name, term.value, term.unit, origin, term.source))
        _grow(branch, term.terms)


def _grow_json(tree: Any, terms: Any) -> None:
    for term in terms:
        origin = term["place"] or term["parameter"] or term["code"] or ""
        branch = tree.add(_text(term["name"], term["value"], term["unit"], origin, term["source"]))
        _grow_json(branch, term["terms"])


def _text(name: str, value: Any, unit: Any, origin: str, source: Any) -> str:
    from rich.markup import escape

    beside = f"  [dim]{escape(origin)}  {escape(str(source or ''))}[/]" if origin or source else ""
    return f"{escape(name)} = {value} {unit or ''}{beside}"
