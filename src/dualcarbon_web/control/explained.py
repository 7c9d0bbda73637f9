"""An explanation as a page shows it: the number, and each number beside it, as one tree."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from dualcarbon.errors import DualcarbonError
from dualcarbon.periods import Period
from dualcarbon_web.accounting import explained as accounts
from dualcarbon_web.control.models import Edition
from dualcarbon_web.core import plans
from dualcarbon_web.plan import services as plan_services

NUMBERS = ("declared", "computed", "required", "gap", "needed")


def load(explanation: Any, code: str) -> dict[str, Any]:
    """What the page of an explanation shows."""
    about, lang = explanation.about, plans.lang()
    item = plan_services.commitment(str(about.get("commitment", "")))
    title = item.title(lang) if item else accounts.title(about) or _("Value")
    main = {
        "name": title,
        "code": code,
        "value": explanation.value,
        "unit": explanation.unit,
        "formula": explanation.formula_zh if lang == "zh" else explanation.formula_en,
        "equal": explanation.equal,
        "terms": explanation.inputs,
    }
    return {
        "explanation": explanation,
        "code": code,
        "item": item,
        "title": title,
        "reason": about.get(f"reason_{lang}", main["formula"]),
        "edition": edition_of(code.partition(":")[0]),
        "parts": [main, *_beside(about.get("numbers", {}), lang)],
    }


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


def words_of(name: str) -> str:
    """The name of an input in the words of the page: indicator, period, change or level."""
    parts = name.split(" ")
    known = plans.indicators().get(parts[0])
    if known is None:
        return name
    found = [known.name(plans.lang())]
    for part in parts[1:]:
        found.append(_part(part))
    return " ".join(part for part in found if part)


def _part(text: str) -> str:
    try:
        return Period.parse(text).label(plans.lang())
    except DualcarbonError:
        return {"y/y": _("y/y"), "level": ""}.get(text, text)
