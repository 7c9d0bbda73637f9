"""The control board: one row a district, read from standings and figures of editions."""

from __future__ import annotations

from typing import Any

from attrs import define, field
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from dualcarbon.periods import Period
from dualcarbon_web.control.models import Edition, Figure, Standing
from dualcarbon_web.core import plans
from dualcarbon_web.core.tables import Column, Row, Table, sort_rows
from dualcarbon_web.plan import services as plan_services

MAIN = "energy_intensity"
CARBON = "co2_intensity"
TOTAL = "energy_total"
SCALE = 1e4
HISTORY = 8


@define
class Board:
    """What the board page shows: city, districts, the editions before, and the table."""

    edition: Edition
    city: Standing | None
    districts: list[Standing]
    before: dict[str, str]
    table: Table | None = None
    totals: dict[str, Figure] = field(factory=dict)
    growth: dict[str, Figure] = field(factory=dict)


def editions(user: Any, plan: str) -> list[Edition]:
    """The editions of a plan that a person may see, latest first."""
    return list(Edition.objects.visible_to(user).filter(plan=plan))


def chosen(found: list[Edition], on: str | None) -> Edition | None:
    """The edition of a date, else the latest."""
    return next((item for item in found if str(item.on) == on), found[0] if found else None)


def standings(edition: Edition, indicator: str) -> dict[str, Standing]:
    """Standings of an indicator by subject: the city's and each area's."""
    numbers = plan_services.by_indicator(indicator)
    wanted = [number for kind, number in numbers.items() if kind in ("city", "area")]
    rows = Standing.objects.filter(
        edition=edition, commitment__in=wanted, subject_kind__in=("city", "area")
    )
    return {row.subject: row for row in rows}


def history(found: list[Edition], edition: Edition) -> dict[str, list[float | None]]:
    """The last values of the main indicator by subject, oldest first, one a period."""
    past: dict[str, Edition] = {}
    for item in reversed([e for e in found if e.on <= edition.on]):
        past[item.period] = item
    chain = list(past.values())[-HISTORY:]
    numbers = plan_services.by_indicator(MAIN).values()
    rows = Standing.objects.filter(
        edition__in=chain, commitment__in=numbers, subject_kind__in=("city", "area")
    ).values_list("subject", "edition_id", "value")
    values = {(subject, edition_id): value for subject, edition_id, value in rows}
    subjects = {subject for subject, _edition in values}
    return {s: [values.get((s, item.id)) for item in chain] for s in subjects}


def previous(found: list[Edition], edition: Edition) -> Edition | None:
    """The edition of the quarter before."""
    older = [e for e in found if e.on < edition.on and e.period != edition.period]
    return older[0] if older else None


def year_before(found: list[Edition], edition: Edition) -> Edition | None:
    """The edition of the same period of last year."""
    if not edition.period:
        return None
    wanted = str(Period.parse(edition.period).shift(-1))
    return next((item for item in found if item.period == wanted), None)


def totals(edition: Edition, kind: str = "level") -> dict[str, Figure]:
    """Total energy to date by subject: declared before computed; `growth` gives the change in %."""
    rows = Figure.objects.filter(
        edition=edition,
        indicator=TOTAL,
        subject_kind__in=("city", "area"),
        period=edition.period,
    ).order_by("-origin")
    wanted = [row for row in rows if (row.unit == "%") == (kind == "growth")]
    return {row.subject: row for row in reversed(wanted)}


def load(found: list[Edition], edition: Edition) -> Board:
    """Read everything that the board of an edition needs."""
    rows = standings(edition, MAIN)
    older = previous(found, edition)
    before = standings(older, MAIN) if older else {}
    city = plans.pack().area or ""
    return Board(
        edition=edition,
        city=rows.get(city),
        districts=[row for code, row in rows.items() if code != city],
        before={code: row.mark for code, row in before.items()},
        totals=totals(edition),
        growth=totals(edition, "growth"),
    )


def columns() -> list[Column]:
    """The columns of the board, in the order officials read them."""
    rate, total = _("Energy per unit of GDP"), _("Total energy (equal value)")
    signal, data = _("Warning and rank"), _("Data")
    return [
        Column("name", _("Area"), kind="name"),
        Column("required", _("Target"), "%", "change", rate),
        Column("value", _("Year to date"), "%", "change", rate, strong=True),
        Column("spark", _("Trend"), "", "spark", rate, sortable=False),
        Column("last", _("Last year"), "%", "change", rate),
        Column("moved", _("Change"), _("points"), "change", rate),
        Column("gap", _("Gap"), _("points"), "change", rate, strong=True),
        Column("needed", _("Rest needs"), "%", "change", rate),
        Column("total", _("To date"), _("10^4 tce"), "level", total, 1),
        Column("growth", _("y/y"), "%", "change", total, 1),
        Column("carbon", _("CO2 per GDP"), "%", "change", _("Carbon")),
        Column("light", pgettext("light", "Now"), "", "light", signal),
        Column("before", pgettext("light", "Before"), "", "glyph", signal),
        Column("rank", _("Rank"), "", "rank", signal),
        Column("vintage", _("Grade"), "", "text", data),
        Column("code", _("Number"), "", "code", data, sortable=False),
    ]


def ranks(rows: list[Standing]) -> dict[str, str]:
    """Places by gap, the smallest first; ties are said."""
    gaps = sorted(row.gap for row in rows if row.gap is not None)
    places = {}
    for row in rows:
        if row.gap is not None:
            place = gaps.index(row.gap) + 1
            tie = gaps.count(row.gap) > 1
            places[row.subject] = _("tied %(place)s") % {"place": place} if tie else str(place)
    return places


def table(board: Board, found: list[Edition], sort: str) -> Table:
    """The table of the board."""
    trend, places = history(found, board.edition), ranks(board.districts)
    past = year_before(found, board.edition)
    last = standings(past, MAIN) if past else {}
    carbon = standings(board.edition, CARBON)
    rows = []
    for item in [*([board.city] if board.city else []), *board.districts]:
        rows.append(_row(board, item, last.get(item.subject), carbon.get(item.subject), places))
        rows[-1].values |= {"spark": trend.get(item.subject, []), "spark_target": item.required}
    notes = _(
        "Negative is a fall. Gap = year to date − target; positive is behind. … not reported, "
        "— does not apply. The light follows the pack's scheme; total energy has a light of its "
        "own on the wall of commitments and never shares this one."
    )
    made = columns()
    return Table(
        id="board",
        caption=_("Districts: energy per unit of GDP, %(period)s") % {"period": label(board.edition)},
        columns=made,
        rows=sort_rows(rows, made, sort),
        sort=sort,
        notes=notes,
        marks=[_("SYNTHETIC DATA")] if board.edition.synthetic else [],
        extra={"css": "bd"},
    )


def _row(
    board: Board,
    item: Standing,
    last: Standing | None,
    carbon: Standing | None,
    places: dict[str, str],
) -> Row:
    is_city = item.subject_kind == "city"
    total, growth = board.totals.get(item.subject), board.growth.get(item.subject)
    past = last.value if last else None
    moved = item.value - past if item.value is not None and past is not None else None
    values = {
        "name": _("Whole city") if is_city else plans.area_name(item.subject),
        "required": item.required,
        "value": item.value,
        "last": past,
        "moved": moved,
        "gap": item.gap,
        "needed": item.needed,
        "total": total.value / SCALE if total and total.value is not None else None,
        "growth": growth.value if growth else None,
        "carbon": carbon.value if carbon else None,
        "light": item.mark,
        "before": board.before.get(item.subject),
        "rank": places.get(item.subject),
        "vintage": item.grade,
        "code": item.code,
    }
    url = (
        reverse("commitment", args=[item.commitment])
        if is_city
        else reverse("district", args=[item.subject])
    )
    return Row(values, url, "sum" if is_city else "")


def label(edition: Edition) -> str:
    """The period of an edition in words."""
    return Period.parse(edition.period).label(plans.lang()) if edition.period else str(edition.on)


def counts(rows: list[Standing]) -> dict[str, int]:
    """How many rows carry each mark."""
    return {mark: sum(row.mark == mark for row in rows) for mark in "0123xw"}


def moves(board: Board) -> list[dict[str, str]]:
    """Districts whose light changed since the edition before, worst first."""
    changed = [
        {"name": plans.area_name(row.subject), "from": board.before[row.subject], "to": row.mark}
        for row in board.districts
        if board.before.get(row.subject, row.mark) != row.mark
    ]
    return sorted(changed, key=lambda move: move["to"], reverse=True)


def tiles(board: Board) -> list[list[dict[str, Any] | None]]:
    """The squares of the tile map, row by row; None where no district lies."""
    by_code = {row.subject: row for row in board.districts}
    places = {area.tile: code for code, area in plans.areas().vocabulary.items() if area.tile}
    placed = {tile: code for tile, code in places.items() if code in by_code}
    if not placed:
        return []
    wide = max(tile[0] for tile in placed) + 1
    high = max(tile[1] for tile in placed) + 1
    return [
        [_tile(by_code.get(placed.get((x, y), ""))) for x in range(wide)] for y in range(high)
    ]


def _tile(row: Standing | None) -> dict[str, Any] | None:
    if row is None:
        return None
    name = plans.area_name(row.subject)
    short = name.removesuffix("区") if plans.lang() == "zh" else name
    return {"row": row, "name": name, "short": short}
