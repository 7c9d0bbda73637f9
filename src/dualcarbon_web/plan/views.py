"""The wall, one commitment, and what the software covers."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from dualcarbon_web.control import board as boards
from dualcarbon_web.core.charts import picture
from dualcarbon_web.core.tables import part_asked, respond
from dualcarbon_web.plan import commitment as commitments
from dualcarbon_web.plan import coverage as covers
from dualcarbon_web.plan import services, wall


def wall_page(request: HttpRequest) -> HttpResponse:
    found = boards.editions(request.user, settings.PLAN)
    edition = boards.chosen(found, request.GET.get("on"))
    sections = wall.sections(edition, request.GET)
    context = {
        "plan": services.plan(),
        "edition": edition,
        "editions": found,
        "sections": sections,
        "count": sum(len(section.table.rows) for section in sections),
        "kinds": [(kind, wall.words(kind)) for kind in wall.KINDS],
        "strengths": [(kind, wall.words(kind)) for kind in wall.STRENGTHS],
        "lights": wall.MARKS,
        "chosen": request.GET,
        "filtered": any(
            request.GET.get(key) for key in ("kind", "strength", "light", "q", "section")
        ),
    }
    return respond(
        request,
        wall.whole(edition, request.GET),
        lambda: render(request, "plan/wall.html", context),
    )


def commitment(request: HttpRequest, number: str) -> HttpResponse:
    item = services.commitment(number)
    if item is None:
        raise Http404(_("There is no commitment with this number in the plan."))
    found = boards.editions(request.user, settings.PLAN)
    edition = boards.chosen(found, request.GET.get("on"))
    content = commitments.load(item, edition, found, request.GET.get("sort", ""))
    content |= {"edition": edition, "editions": found, "table": content["others"]}
    if request.GET.get("format") == "svg":
        return picture(content["charts"], request.GET.get("chart", ""))
    if part_asked(request, "subjects"):
        return render(request, "core/part.html", content)
    return respond(
        request, content["table"], lambda: render(request, "plan/commitment.html", content)
    )


def coverage(request: HttpRequest) -> HttpResponse:
    table = covers.table(services.coverage(), request.GET.get("sort", ""))
    if part_asked(request, "coverage"):
        return render(request, "core/part.html", {"table": table})
    return respond(request, table, lambda: render(request, "plan/coverage.html", {"table": table}))
