"""An explanation as a page shows it: the number, and each number beside it, as one tree."""

from __future__ import annotations

from typing import Any

from attrs import evolve
from django.utils.translation import gettext as _

from dualcarbon_web.accounting import explained as accounts
from dualcarbon_web.control.models import Edition
from dualcarbon_web.control.tree import Tree
from dualcarbon_web.core import plans
from dualcarbon_web.plan import services as plan_services

NUMBERS = ("declared", "computed", "required", "gap", "needed")


def load(explanation: Any, code: str) -> dict[str, Any]:
    """What the page of an explanation shows."""
    about, lang = explanation.about, plans.lang()
    item = plan_services.commitment(str(about.get("commitment", "")))
    title = item.title(lang) if item else accounts.title(about) or _("Value")
    main = {
        "field": "value",
        "name": title,
        "code": code,
        "value": explanation.value,
        "unit": explanation.unit,
        "formula": explanation.formula_zh if lang == "zh" else explanation.formula_en,
        "equal": explanation.equal,
        "terms": _named(explanation.inputs) if about.get("cut") else explanation.inputs,
    }
    return {
        "explanation": explanation,
        "code": code,
        "item": item,
        "title": title,
        "reason": about.get(f"reason_{lang}", main["formula"]),
        "edition": edition_of(code.partition(":")[0]),
        "tree": Tree.of([main, *_beside(about.get("numbers", {}), lang)]),
    }


def _named(terms: Any) -> list[Any]:
    """Inputs of an account under the names of their enterprises."""
    names = accounts.names(terms)
    return [evolve(term, name=names.get(term.name, term.name)) for term in terms]


def edition_of(edition: str) -> Any:
    """The edition of standings, or the account, that a code belongs to."""
    found = Edition.objects.filter(pk=edition).first()
    return found or accounts.account_of(edition)


def _beside(numbers: Any, lang: str) -> list[dict[str, Any]]:
    words = {
        "declared": _("Declared"),
        "computed": _("Computed"),
        "required": _("Required"),
        "gap": _("Gap"),
        "needed": _("The rest of the year needs"),
    }
    return [
        {
            "field": key,
            "name": words[key],
            "code": "",
            "value": numbers[key]["value"],
            "unit": numbers[key]["unit"],
            "formula": numbers[key][f"formula_{lang}"],
            "equal": numbers[key]["equal"],
            "terms": numbers[key]["inputs"],
        }
        for key in NUMBERS
        if numbers.get(key)
    ]


def marks() -> list[str]:
    """The marks that an export of the tree carries."""
    return [_("SYNTHETIC DATA")] if plans.pack().synthetic else []


def opened(tree: Tree, asked: Any) -> dict[str, Any]:
    """The branch that an address asks for, and which of it: closed, some inputs, or all."""
    text = asked.get("from", "")
    first = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
    branch = tree.reach(asked["at"], first)
    if branch is not None and asked.get("fold"):
        branch.inside = []
    return {"branch": branch, "only": "inputs" if text else "all"}
