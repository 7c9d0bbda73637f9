"""Sentences of the board: the finding as headline, and what stands behind it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dualcarbon_web.control.board import Board, counts
from dualcarbon_web.control.board_figures import INTENSITY, TOTAL
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
        "vintage": words.vintage(board.figures.vintage(INTENSITY, board.city_code, board.period)),
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
    used = board.figures.moved(row.subject, board.period)
    allowed = board.figures.allowed(row.subject, board.period, row.required)
    over = used - max(allowed, 0) if used is not None and allowed is not None else 0
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
    figures, period, code = board.figures, board.period, board.city_code
    past = figures.growth(INTENSITY, code, period.shift(-1))
    five = figures.level("five_year_progress", code, period)
    return [
        {**_cell(_("Year to date"), city.value, "%", _past(city, past)), "said": True},
        _cell(_("Gap"), city.gap, _("points"), _target(city)),
        {
            **_cell(_("The rest of the year needs"), city.needed, "%", _rest(board)),
            "said": (city.gap or 0) > 0,
        },
        {
            "name": _("Five-year progress"),
            "value": number(five, 1),
            "unit": "%",
            "sub": _("%(due)s %% is due by the end of the year") % {"due": _due(board)},
        },
        _total(board),
    ]


def _cell(name: str, value: float | None, unit: str, sub: str) -> dict[str, str]:
    return {"name": name, "value": number(value, 2, signed=True), "unit": unit, "sub": sub}


def _past(city: Standing, past: float | None) -> str:
    if past is None or city.value is None:
        return _("the year before is not reported")
    facts = {
        "past": number(past, 2, signed=True),
        "moved": number(city.value - past, 2, signed=True),
    }
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


def _due(board: Board) -> str:
    """The share of the five-year task that is due by the end of the year, by logarithms."""
    from dualcarbon_web.plan.services import plan

    five = plan().five_year
    if five is None:
        return "…"
    return number((board.period.year - five.base) / (five.last - five.base) * 100, 1)


def _total(board: Board) -> dict[str, str]:
    figures, period, code = board.figures, board.period, board.city_code
    total = figures.level(TOTAL, code, period)
    used = figures.moved(code, period)
    allowed = figures.allowed(code, period, board.city.required if board.city else None)
    facts = {
        "growth": number(figures.growth(TOTAL, code, period), 1, signed=True),
        "used": number(None if used is None else used / SCALE, 1),
        "allowed": number(None if allowed is None else allowed / SCALE, 1),
    }
    return {
        "name": _("Total energy (equal value)"),
        "value": number(None if total is None else total / SCALE, 1),
        "unit": plans.unit_word("10^4 tce"),
        "sub": _("%(growth)s %% y/y, increment %(used)s of %(allowed)s") % facts,
    }
