"""Sentences of the board: the finding as headline, and what stands behind it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dualcarbon_web.control import board_figures as of
from dualcarbon_web.control.board import Board, counts
from dualcarbon_web.control.models import Standing
from dualcarbon_web.core import plans, words
from dualcarbon_web.core.templatetags.figures import number

SCALE = 1e4


def lede(board: Board) -> dict[str, Any]:
    """How many districts stand where, the one that worries most, and who lacks what."""
    found = counts(board.districts)
    sizes = [
        (found["0"], _("%(n)s on track")),
        (found["1"], _("%(n)s slightly behind")),
        (found["2"], _("%(n)s behind")),
        (found["3"], _("%(n)s critical")),
        (found["x"], _("%(n)s without a light")),
    ]
    comma = "、" if plans.lang() == "zh" else ", "
    return {
        "parts": comma.join(text % {"n": count} for count, text in sizes if count),
        "many": len(board.districts),
        "worst": worst(board),
        "vintage": words.vintage(board.figures.vintage(board.city_code)),
        "absent": comma.join(
            plans.area_name(row.subject) for row in board.districts if row.value is None
        ),
    }


def worst(board: Board) -> dict[str, Any] | None:
    """The district that is furthest behind, when it is critical."""
    behind = [row for row in board.districts if row.mark == "3" and row.gap is not None]
    if not behind:
        return None
    row = max(behind, key=lambda item: item.gap or 0)
    over = board.figures.value(of.EXCESS, row.subject) or 0
    return {
        "row": row,
        "name": plans.area_name(row.subject),
        "rose": row.value is not None and row.value > 0,
        "over": number(over / SCALE, 1) if over > 0 else "",
    }


def cells(board: Board) -> list[dict[str, Any]]:
    """The band of figures under the headline: what, value, unit, and what to compare it with.

    `said` marks what the headline says too.
    """
    city = board.city
    if city is None:
        return []
    figures, code = board.figures, board.city_code
    past, step = figures.value(of.PAST, code), figures.value(of.STEP, code)
    return [
        {**_cell(_("Year to date"), city.value, "%", _past(past, step)), "said": True},
        _cell(_("Gap"), city.gap, _("points"), _target(city)),
        {
            **_cell(_("The rest of the year needs"), city.needed, "%", _rest(board)),
            "said": (city.gap or 0) > 0,
        },
        {
            "name": _("Five-year progress"),
            "value": number(figures.value(of.PROGRESS, code), 1),
            "unit": "%",
            "sub": _("%(due)s %% is due by the end of the year")
            % {"due": number(figures.value(of.DUE, code), 1)},
        },
        _total(board),
    ]


def _cell(name: str, value: float | None, unit: str, sub: str) -> dict[str, str]:
    return {"name": name, "value": number(value, 2, signed=True), "unit": unit, "sub": sub}


def _past(past: float | None, step: float | None) -> str:
    if past is None or step is None:
        return _("the year before is not reported")
    facts = {"past": number(past, 2, signed=True), "moved": number(step, 2, signed=True)}
    return _("%(past)s the year before, moved by %(moved)s points") % facts


def _target(city: Standing) -> str:
    return _("annual target %(target)s %%") % {"target": number(city.required, 2, signed=True)}


def _rest(board: Board) -> str:
    left = 12 - board.period.last[1]
    if not left:
        return _("the year is over")
    return ngettext(
        "in the %(n)s month that is left", "in the %(n)s months that are left", left
    ) % {"n": left}


def _total(board: Board) -> dict[str, str]:
    figures, code = board.figures, board.city_code
    facts = {
        "growth": number(figures.value(of.GROWTH, code), 1, signed=True),
        "used": _scaled(figures.value(of.USED, code)),
        "allowed": _scaled(figures.value(of.ALLOWED, code)),
    }
    return {
        "name": _("Total energy (equal value)"),
        "value": _scaled(figures.value(of.TOTAL, code)),
        "unit": plans.unit_word("10^4 tce"),
        "sub": _("%(growth)s %% y/y, increment %(used)s of %(allowed)s") % facts,
    }


def _scaled(value: float | None) -> str:
    return number(None if value is None else value / SCALE, 1)
