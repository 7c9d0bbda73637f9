"""The board, a district, and the explanation of a number."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from dualcarbon_web.control import board as boards
from dualcarbon_web.control import board_table, explained, services, story, tree
from dualcarbon_web.control import district as districts
from dualcarbon_web.control.models import Edition
from dualcarbon_web.core import plans
from dualcarbon_web.core.charts import picture
from dualcarbon_web.core.tables import part_asked, respond
from dualcarbon_web.enterprises import movers


def board(request: HttpRequest) -> HttpResponse:
    found = boards.editions(request.user, settings.PLAN)
    edition = boards.chosen(found, request.GET.get("on"))
    if edition is None:
        return render(request, "control/empty.html")
    cut = request.GET.get("cut", "")
    cut = cut if cut in boards.CUTS else boards.CUTS[0]
    content = boards.load(found, edition, cut)
    table = board_table.table(content, request.GET.get("sort", ""))
    if part_asked(request, "board"):
        return render(request, "core/part.html", {"table": table})
    context = {
        "board": content,
        "edition": edition,
        "editions": found,
        "table": table,
        "cuts": boards.cuts(cut),
        "period": boards.label(edition),
        "counts": boards.counts(content.districts),
        "moves": boards.moves(content),
        "tiles": boards.tiles(content),
        "lede": story.lede(content),
        "band": story.cells(content),
        "movers": movers.table(request.user, edition),
    }
    return respond(request, table, lambda: render(request, "control/board.html", context))


def district(request: HttpRequest, code: str) -> HttpResponse:
    area = plans.areas().vocabulary.get(code)
    found = boards.editions(request.user, settings.PLAN)
    edition = boards.chosen(found, request.GET.get("on"))
    if area is None or edition is None or not plans.is_of_city(code):
        raise Http404(_("There is no such area in this plan."))
    content = districts.load(request.user, found, edition, code, request.GET.get("sort", ""))
    if request.GET.get("format") == "svg":
        return picture(content["charts"], request.GET.get("chart", ""))
    if part_asked(request, "district"):
        return render(request, "core/part.html", content)
    context = {**content, "area": area, "edition": edition, "period": boards.label(edition)}
    return respond(
        request, content["table"], lambda: render(request, "control/district.html", context)
    )


def explain(request: HttpRequest, code: str) -> HttpResponse:
    explanation = services.explain(request.user, code)
    if explanation is None:
        raise Http404(_("There is no number with this code."))
    context = explained.load(explanation, code)
    if request.GET.get("format"):
        table = tree.table(context["tree"], context["title"], explained.marks())
        return respond(request, table, lambda: HttpResponse(status=400))
    if request.GET.get("at"):
        context |= explained.opened(context["tree"], request.GET)
        if context["branch"] is None:
            raise Http404(_("This number has no such input."))
        if getattr(request, "htmx", None):
            return render(request, "control/branch_alone.html", context)
    context["tree"].unfold()
    name = "control/tree.html" if part_asked(request, "tree") else "control/explain.html"
    return render(request, name, context)


def findings(request: HttpRequest, edition: str) -> HttpResponse:
    found = get_object_or_404(Edition.objects.visible_to(request.user), pk=edition)
    return render(request, "control/findings.html", {"edition": found})
