"""The control board: one row an area, read from standings and figures of editions."""

from __future__ import annotations

from typing import Any

from attrs import define
from django.utils.translation import gettext as _

from dualcarbon.areas import rest_of
from dualcarbon.periods import Period
from dualcarbon_web.control import board_figures
from dualcarbon_web.control.board_figures import Figures, Place
from dualcarbon_web.control.models import Edition, Standing
from dualcarbon_web.core import plans
from dualcarbon_web.plan import services as plan_services

MAIN = "energy_intensity"
CARBON = "co2_intensity"
CUTS = ("districts", "industries", "groups", "regions")


@define
class Board:
    """What the board page shows: the city, its parts, their figures and the edition before."""

    edition: Edition
    period: Period
    city_code: str
    city: Standing | None
    districts: list[Standing]
    figures: Figures
    carbon: dict[str, Standing]
    earlier: Edition | None
    before: dict[str, Standing]
    figures_before: Figures | None
    rest: str
    cut: str = CUTS[0]

    @property
    def places(self) -> dict[str, Place]:
        """The place of each district by its gap."""
        return self.figures.places(row.subject for row in self.districts)

    @property
    def places_before(self) -> dict[str, Place]:
        """The same in the edition before."""
        return self.figures_before.places(self.before) if self.figures_before else {}


def editions(user: Any, plan: str) -> list[Edition]:
    """The editions of a plan that a person may see, latest first."""
    return list(Edition.objects.visible_to(user).filter(plan=plan))


def chosen(found: list[Edition], on: str | None) -> Edition | None:
    """The edition of a date, else the latest."""
    return next((item for item in found if str(item.on) == on), found[0] if found else None)


def standings(edition: Edition | None, indicator: str, kind: str = "area") -> dict[str, Standing]:
    """Standings of an indicator by subject: the city's and those of one kind of part."""
    if edition is None:
        return {}
    numbers = plan_services.by_indicator(indicator)
    wanted = [number for of, number in numbers.items() if of in ("city", kind)]
    rows = Standing.objects.filter(
        edition=edition, commitment__in=wanted, subject_kind__in=("city", kind)
    )
    return {row.subject: row for row in rows}


def previous(found: list[Edition], edition: Edition) -> Edition | None:
    """The latest edition before that judged another period."""
    older = [item for item in found if item.on < edition.on and item.period != edition.period]
    return older[0] if older else None


def load(found: list[Edition], edition: Edition, cut: str = CUTS[0]) -> Board:
    """Read everything that the board of an edition needs."""
    kind = "industry" if cut == "industries" else "area"
    rows = standings(edition, MAIN, kind)
    earlier = previous(found, edition)
    city = plans.city_code()
    parts = [row for code, row in rows.items() if code != city and _in_cut(code, cut)]
    return Board(
        edition=edition,
        period=board_figures.period_of(edition),
        city_code=city,
        city=rows.get(city),
        districts=sorted(parts, key=lambda row: row.subject),
        figures=board_figures.read(edition),
        carbon=standings(edition, CARBON, kind),
        earlier=earlier,
        before=standings(earlier, MAIN, kind),
        figures_before=board_figures.read(earlier) if earlier else None,
        rest=rest_of(city) if cut == CUTS[0] else "",
        cut=cut,
    )


def _in_cut(code: str, cut: str) -> bool:
    """Tell whether a subject belongs to the cut of the city that is shown."""
    if cut == "industries":
        return True
    area = plans.areas().vocabulary.get(code)
    if cut == "districts":
        return area is not None and area.level == "district"
    return cut == "regions" and (area is None or area.level == "key_region")


def label(edition: Edition) -> str:
    """The period of an edition in words."""
    return Period.parse(edition.period).label(plans.lang()) if edition.period else str(edition.on)


def counts(rows: list[Standing]) -> dict[str, int]:
    """How many rows carry each mark."""
    return {mark: sum(row.mark == mark for row in rows) for mark in "0123xw"}


def moves(board: Board) -> list[dict[str, str]]:
    """Districts whose light changed since the edition before, worst first."""
    changed = []
    for row in board.districts:
        past = board.before.get(row.subject)
        if past is not None and past.mark != row.mark:
            name = plans.area_name(row.subject)
            changed.append({"name": name, "code": row.subject, "from": past.mark, "to": row.mark})
    return sorted(changed, key=lambda move: "x0w123".index(move["to"]), reverse=True)


def tiles(board: Board) -> list[list[dict[str, Any] | None]]:
    """The squares of the tile map, row by row; None where no district lies."""
    by_code = {row.subject: row for row in board.districts}
    places = {area.tile: code for code, area in plans.areas().vocabulary.items() if area.tile}
    placed = {tile: code for tile, code in places.items() if code in by_code}
    if not placed:
        return []
    wide = max(tile[0] for tile in placed) + 1
    high = max(tile[1] for tile in placed) + 1
    return [[_tile(by_code.get(placed.get((x, y), ""))) for x in range(wide)] for y in range(high)]


def _tile(row: Standing | None) -> dict[str, Any] | None:
    if row is None:
        return None
    name = plans.area_name(row.subject)
    short = name.removesuffix("区") if plans.lang() == "zh" else name
    return {"row": row, "name": name, "short": short}


def cuts(chosen_cut: str) -> list[tuple[str, str, bool]]:
    """The cuts that the board can show: key, words, and whether it is the chosen one."""
    words = (_("Districts"), _("Industries"), _("Groups"), _("Key regions"))
    return [(key, name, key == chosen_cut) for key, name in zip(CUTS, words, strict=True)]
