"""The list of enterprises and one of them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from dualcarbon_web.core import plans
from dualcarbon_web.core.tables import part_asked, respond
from dualcarbon_web.enterprises import listing, months
from dualcarbon_web.enterprises.models import Enterprise


def enterprises(request: HttpRequest) -> HttpResponse:
    if request.GET.get("format"):
        table = listing.table(request, listing.found(request))
        return respond(request, table, lambda: HttpResponse(status=400))
    page = listing.page(request)
    context = {"table": listing.table(request, page, page), "chosen": request.GET}
    if part_asked(request, "enterprises"):
        return render(request, "core/part.html", context)
    context["choices"] = listing.choices(request.user)
    return render(request, "enterprises/list.html", context)


def enterprise(request: HttpRequest, code: str) -> HttpResponse:
    item = get_object_or_404(Enterprise.objects.visible_to(request.user), code=code)
    table = months.table(item, request.GET.get("sort", ""))
    context = {
        "item": item,
        "name": item.name(plans.lang()),
        "row": listing.row(item).values,
        "table": table,
        "latest": months.latest(table),
    }
    return respond(request, table, lambda: render(request, "enterprises/enterprise.html", context))
