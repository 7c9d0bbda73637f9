"""The board, a district, and the explanation of a number."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from dualcarbon_web.control import board as boards
from dualcarbon_web.control import district as districts
from dualcarbon_web.control import services
from dualcarbon_web.core import plans
from dualcarbon_web.core.tables import respond
from dualcarbon_web.enterprises import movers


def board(request: HttpRequest) -> HttpResponse:
    found = boards.editions(request.user, settings.PLAN)
    edition = boards.chosen(found, request.GET.get("on"))
    if edition is None:
        return render(request, "control/empty.html")
    content = boards.load(found, edition)
    table = boards.table(content, found, request.GET.get("sort", ""))
    if request.htmx and request.htmx.target == "part-board":
        return render(request, "core/part.html", {"table": table})
    context = {
        "board": content,
        "edition": edition,
        "editions": found,
        "table": table,
        "period": boards.label(edition),
        "counts": boards.counts(content.districts),
        "moves": boards.moves(content),
        "tiles": boards.tiles(content),
        "reason": content.city.reason(plans.lang()) if content.city else "",
        "movers": movers.table(request.user, edition),
    }
    return respond(request, table, lambda: render(request, "control/board.html", context))


def district(request: HttpRequest, code: str) -> HttpResponse:
    area = plans.areas().vocabulary.get(code)
    found = boards.editions(request.user, settings.PLAN)
    edition = boards.chosen(found, request.GET.get("on"))
    if area is None or edition is None:
        raise Http404(_("There is no such area in this plan."))
    content = districts.load(request.user, edition, code, request.GET.get("sort", ""))
    context = {**content, "area": area, "edition": edition, "period": boards.label(edition)}
    return respond(
        request, content["table"], lambda: render(request, "control/district.html", context)
    )


def explain(request: HttpRequest, code: str) -> HttpResponse:
    explanation = services.explain(request.user, code)
    if explanation is None:
        raise Http404(_("There is no number with this code."))
    return render(request, "control/explain.html", {"explanation": explanation, "code": code})
