"""The table of the board: its columns in the order officials read them, and one row an area."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from dualcarbon_web.control import board as boards
from dualcarbon_web.control import board_figures as of
from dualcarbon_web.control.board import Board
from dualcarbon_web.control.models import Standing
from dualcarbon_web.core import plans, words
from dualcarbon_web.core.tables import Column, Row, Table, sort_rows

SCALE = 1e4
WORST_FIRST = "-light"
SEVEREST = "32xw10"
BY_SEVERITY = ("rank", "light", "gap")
COLS = (
    "c-n",
    "",
    "",
    "c-s",
    "",
    "",
    "",
    "",
    "",
    "c-e",
    "",
    "c-i",
    "",
    "",
    "c-l",
    "c-g",
    "c-r",
    "",
    "",
)


def columns() -> list[Column]:
    """The columns of the board."""
    return [Column("name", _("Area"), kind="name"), *_rate(), *_total(), *_signal()]


def _rate() -> list[Column]:
    group, points = _("Energy per unit of GDP (declared)"), _("points")
    return [
        Column("required", _("Annual\ntarget"), "%", "change", group),
        Column("value", _("Year to\ndate"), "%", "change", group, strong=True),
        Column("spark", _("Trend, 8\nquarters"), "", "spark", group, sortable=False),
        Column("last", _("Year\nbefore"), "%", "change", group),
        Column("moved", _("Change"), points, "change", group),
        Column("gap", _("Gap"), points, "change", group, strong=True),
        Column("needed", _("Rest\nneeds"), "%", "change", group),
        Column("five", _("Five\nyears"), "%", "level", group, 1),
    ]


def _total() -> list[Column]:
    group, unit = _("Total energy (equal value)"), plans.unit_word("10^4 tce")
    city = _("Of city")
    return [
        Column("total", _("To date"), unit, "level", group, 1),
        Column("growth", _("y/y"), "%", "change", group, 1),
        Column("increment", _("Increment\nused / allowed"), unit, "used", group, 1),
        Column("used", _("Increment used"), unit, "level", group, 1, hidden=True),
        Column("allowed", _("Increment allowed"), unit, "level", group, 1, hidden=True),
        Column("carbon", _("Year to\ndate"), "%", "change", _("CO₂/GDP")),
        Column("share", _("Contri-\nbution"), _("points"), "change", city),
    ]


def _signal() -> list[Column]:
    signal, data = _("Light of the intensity and rank"), _("Data")
    return [
        Column("light", pgettext("light", "Now"), "", "light", signal),
        Column("before", pgettext("light", "Before"), "", "glyph", signal),
        Column("rank", _("Rank"), pgettext("rank", "moved"), "rank", signal),
        Column("filed", _("Filed in\ntime"), _("units"), "rank", data, sortable=False),
        Column("vintage", _("Vintage"), "", "text", data),
        Column("grade", _("Grade"), "", "text", data, hidden=True),
        Column("code", _("Explain code"), "", "text", data, hidden=True),
    ]


def table(board: Board, asked: str) -> Table:
    """The table of the board, by rank unless asked otherwise."""
    sort, made = asked or "rank", columns()
    rows = [_row(board, item) for item in board.districts]
    ordered = sort_rows(by_severity(rows) if sort == WORST_FIRST else rows, made, sort)
    if sort.lstrip("-") in BY_SEVERITY:
        _part(ordered)
    first = [_row(board, board.city)] if board.city else []
    rest = _rest(board)
    return Table(
        id="board",
        caption=_(
            "Control board of the districts: intensity, total energy, carbon and lights, %(period)s"
        )
        % {"period": boards.label(board.edition)},
        columns=made,
        rows=[*first, *ordered, *([rest] if rest and rows else [])],
        sort=sort,
        notes=_notes(any(row["note"] for row in rows)),
        marks=[_("SYNTHETIC DATA")] if board.edition.synthetic else [],
        extra={"css": "bd", "cols": COLS, **_list(board, by_severity(rows), ordered, asked)},
    )


def by_severity(rows: Sequence[Row]) -> list[Row]:
    """The worst first, and of one severity the widest gap first."""
    gaps = {id(row): -(row["gap"] or 0) for row in rows}
    return sorted(rows, key=lambda row: (SEVEREST.index(row["light"]), gaps[id(row)]))


def _list(board: Board, worst: list[Row], ordered: list[Row], asked: str) -> dict[str, Any]:
    """The compact list that a small screen shows in place of the table: its rows and orders."""
    now = asked or WORST_FIRST
    orders = [(WORST_FIRST, _("Severity")), ("rank", _("Rank")), ("area", _("Areas"))]
    many = len(ordered)
    heading = ngettext("%(n)s district", "%(n)s districts", many) % {"n": many}
    return {
        "list": "control/board_list.html",
        "items": worst if now == WORST_FIRST else ordered,
        "orders": [(key, words, key == now) for key, words in orders],
        "heading": _("Industries") if board.cut == "industries" else heading,
    }


def _part(rows: list[Row]) -> None:
    """Draw a darker line where one severity ends and the next begins."""
    for row, following in pairwise(rows):
        row.ends = row["light"] != following["light"]


def _notes(early: bool) -> str:
    notes = _(
        "A minus is a fall. Gap = year to date − annual target; positive is behind. What the "
        "rest of the year needs weighs the months as last year's energy did. The allowed "
        "increment is what the annual target leaves of last year's total at the growth of "
        "GDP to date. Shares are taken at the city's growth; districts and the residual add "
        "up to the city. … not reported, — does not apply. The dashed line of a trend is the "
        "annual target. Total energy has a light of its own on the wall and never shares "
        "this one."
    )
    return (
        f"{notes} {_('a five-year task completed early; the floor is kept.')}" if early else notes
    )


def _row(board: Board, item: Standing) -> Row:
    is_city = item.subject == board.city_code
    code, figures = item.subject, board.figures
    values = {
        "name": _("Whole city") if is_city else _name(item),
        "required": item.required,
        "note": "a" if item.required is not None and abs(item.required) < 1e-9 else "",
        "value": item.value,
        "spark": figures.trend(code),
        "spark_target": item.required,
        "last": figures.value(of.PAST, code),
        "moved": figures.value(of.STEP, code),
        "gap": item.gap,
        "needed": item.needed,
        "five": figures.value(of.PROGRESS, code),
        "light": item.mark,
        "before": board.before[code].mark if code in board.before else None,
        "rank": None if is_city else _rank(board, code),
        "vintage": words.vintage(figures.vintage(code)),
        "grade": item.grade,
        "code": item.code,
    }
    values |= _amounts(board, code)
    url = (
        reverse("commitment", args=[item.commitment])
        if is_city
        else reverse("district", args=[code])
    )
    return Row(
        values, url if is_city or item.subject_kind == "area" else "", "sum" if is_city else ""
    )


def _name(item: Standing) -> str:
    if item.subject_kind != "industry":
        return plans.area_name(item.subject)
    industry = plans.industries().get(item.subject)
    return industry.name(plans.lang()) if industry else item.subject


def _amounts(board: Board, code: str) -> dict[str, Any]:
    """Total energy, its rise, the city's share, and carbon."""
    figures = board.figures
    used = _scaled(figures.value(of.USED, code))
    allowed = _scaled(figures.value(of.ALLOWED, code))
    carbon = board.carbon.get(code)
    return {
        "total": _scaled(figures.value(of.TOTAL, code)),
        "growth": figures.value(of.GROWTH, code),
        "used": used,
        "allowed": allowed,
        "increment": {"used": used, "allowed": allowed, "sort": used},
        "carbon": carbon.value if carbon else None,
        "share": figures.value(of.SHARE, code),
    }


def _scaled(value: float | None) -> float | None:
    return None if value is None else value / SCALE


def _rank(board: Board, code: str) -> dict[str, Any] | None:
    place = board.places.get(code)
    if place is None:
        return None
    past = board.places_before.get(code)
    step = past[0] - place[0] if past else None
    return {"place": place[0], "tie": place[1], "step": step, "sort": place[0], "text": place[0]}


def _rest(board: Board) -> Row | None:
    """What lies in no district, so that the parts add up to the city."""
    if board.figures.value(of.TOTAL, board.rest) is None:
        return None
    values = {"name": _("In no district"), "light": None, "before": None}
    return Row(values | _amounts(board, board.rest), "", "rest")
