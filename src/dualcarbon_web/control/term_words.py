"""The names that the library gives to inputs, in the words of the page."""

from __future__ import annotations

import re
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from dualcarbon.errors import DualcarbonError
from dualcarbon.periods import Period
from dualcarbon_web.core import plans
from dualcarbon_web.plan import services as plan_services

BOTH = re.compile(r"(?P<zh>.*[\u3400-\u9fff].*?) / (?P<en>.+?)(?P<rest>( \S+){0,2})$")
STEP = re.compile(r"(?P<name>.+) (?P<stage>accepted|planned|started|verified) (?P<month>\S+)$")
PER = re.compile(r"(?P<what>\S+) per (?P<unit>.+)$")
OTHER_UNIT = re.compile(r"(?P<unit>.+) -> (?P<to>.+)$")


def phrases() -> dict[str, str]:
    """What an input may be called besides indicators, carriers, parameters and periods."""
    return {
        "declared": _("declared"),
        "computed": _("computed"),
        "value": _("value"),
        "gap": _("gap"),
        "needed": _("what the rest of the year needs"),
        "required": _("required"),
        "required to date": _("required to date"),
        "five-year target": _("five-year target"),
        "target": _("target"),
        "floor": _("floor"),
        "left to do": _("left to do"),
        "months gone": _("months gone"),
        "months of the period": _("months of the period"),
        "remaining rate": _("remaining rate"),
        "share expected": _("share expected by now"),
        "share to date": _("share of the year to date"),
        "steps left": _("steps left"),
        "steps listed": _("steps listed"),
        "years left": _("years left"),
        "y/y": _("y/y"),
        "level": "",
        **flows(),
        **stages(),
    }


def flows() -> dict[str, str]:
    """What happens to a carrier."""
    return {
        "use": pgettext("flow", "use"),
        "purchase": pgettext("flow", "purchase"),
        "conversion_in": pgettext("flow", "conversion input"),
        "conversion_out": pgettext("flow", "conversion output"),
        "non_energy": pgettext("flow", "non-energy use"),
        "sale": pgettext("flow", "sale"),
        "stock": pgettext("flow", "stock"),
    }


def stages() -> dict[str, str]:
    """How far a step of a project is."""
    return {
        "planned": pgettext("stage", "planned"),
        "started": pgettext("stage", "started"),
        "accepted": pgettext("stage", "accepted"),
        "verified": pgettext("stage", "metered and verified"),
    }


def clause_of(name: str) -> Any:
    """The commitment that a target of a number is read from; None for any other input."""
    return plan_services.commitment(name.removeprefix("target ")) if name[:7] == "target " else None


def words_of(name: str) -> str:
    """The name of an input in the words of the page; what is not known stays as it is."""
    if found := OTHER_UNIT.fullmatch(name):
        units = {key: plans.unit_word(text) for key, text in found.groupdict().items()}
        return _("conversion of %(unit)s into %(to)s") % units
    if (found := PER.fullmatch(name)) and " " not in found["what"]:
        units = {key: plans.unit_word(text) for key, text in found.groupdict().items()}
        return _("%(what)s for each %(unit)s") % units
    if found := STEP.fullmatch(name):
        stage = f"{stages()[found['stage']]} {_token(found['month'])}"
        return f"{_own(found['name'])} {stage}"
    head, colon, _rest = name.partition(": ")
    if colon and head in phrases():
        return _("see %(name)s") % {"name": phrases()[head]}
    return _tokens(name)


def _own(name: str) -> str:
    """A name that carries both languages, and perhaps the code of a district, in one of them."""
    found = BOTH.fullmatch(name)
    if not found:
        return name
    words = name.split(" ")
    area = plans.area_name(words[-1])
    zh, en = found["zh"], name.partition(" / ")[2]
    if area != words[-1]:
        en = en.removesuffix(" " + words[-1])
        return f"{zh} {area}" if plans.lang() == "zh" else f"{en}, {area}"
    return zh if plans.lang() == "zh" else en


def _tokens(name: str) -> str:
    known = phrases()
    for phrase in sorted(known, key=len, reverse=True):
        if " " in phrase and phrase in name:
            around = [_tokens(part.strip()) for part in name.split(phrase, 1)]
            return " ".join(part for part in (around[0], known[phrase], around[1]) if part)
    found = [known[part] if part in known else _token(part) for part in name.split(" ")]
    return " ".join(part for part in found if part)


def _token(text: str) -> str:
    """One word: an indicator, a carrier, a parameter, an area or a period."""
    lang = plans.lang()
    if text in plans.indicators():
        return plans.indicators()[text].name(lang)
    if text in plans.carriers():
        return plans.carriers()[text].name(lang)
    if text in plans.parameters().names:
        return plans.parameters().names[text][lang]
    if text in plans.areas().vocabulary:
        return plans.area_name(text)
    try:
        return Period.parse(text).label(lang)
    except DualcarbonError:
        return text
