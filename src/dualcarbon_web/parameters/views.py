"""Parameters: the list, and one name with its values and why one is taken on a date."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from dualcarbon.errors import DualcarbonError
from dualcarbon_web.core import plans
from dualcarbon_web.core.tables import Table, paged, part_asked, respond
from dualcarbon_web.parameters import listing


def parameters(request: HttpRequest) -> HttpResponse:
    table = listing.narrowed(listing.names(request.GET.get("sort", "")), request.GET)
    context = {"asked": request.GET, "statuses": listing.choices()}
    return _answer(request, table, "parameters/list.html", context)


def parameter(request: HttpRequest, name: str) -> HttpResponse:
    loaded = plans.parameters()
    if name not in loaded.by_name:
        raise Http404(_("There is no parameter of this name."))
    asked = request.GET
    pairs = [pair.partition("=") for pair in asked.get("keys", "").replace("，", ",").split(",")]
    keys = {key.strip(): value.strip() for key, equals, value in pairs if equals}
    context: dict[str, Any] = {
        "name": name,
        "title": loaded.names[name][plans.lang()],
        "asked": asked,
        "asked_keys": asked.get("keys", ""),
        "statuses": listing.choices(),
        "sets": list(dict.fromkeys(value.set for value in loaded.by_name[name])),
    }
    arguments = (asked.get("set", ""), keys, asked.get("sort", ""))
    try:
        table = listing.values(name, asked.get("on", ""), *arguments)
    except DualcarbonError as error:
        context["findings"] = [item.message(plans.lang()) for item in error.findings]
        table = listing.values(name, "", *arguments)
    return _answer(request, listing.narrowed(table, asked), "parameters/parameter.html", context)


def _answer(request: HttpRequest, table: Table, page: str, context: dict[str, Any]) -> HttpResponse:
    """A page of the table, the part of it that htmx wants, or all of it as a file."""
    shown = {**context, "table": paged(table, request.GET.get("page")), "many": len(table.rows)}
    if part_asked(request, table.id):
        return render(request, "core/part.html", shown)
    return respond(request, table, lambda: render(request, page, shown))
