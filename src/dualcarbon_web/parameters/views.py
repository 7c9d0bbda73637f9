"""Parameters: the list, and one name with its values and why one is taken on a date."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from dualcarbon.errors import DualcarbonError
from dualcarbon_web.core import plans
from dualcarbon_web.core.tables import part_asked, respond
from dualcarbon_web.parameters import listing


def parameters(request: HttpRequest) -> HttpResponse:
    table = listing.names(request.GET.get("sort", ""))
    if part_asked(request, "parameters"):
        return render(request, "core/part.html", {"table": table})
    return respond(
        request, table, lambda: render(request, "parameters/list.html", {"table": table})
    )


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
    }
    context["sets"] = list(dict.fromkeys(value.set for value in loaded.by_name[name]))
    arguments = (asked.get("set", ""), keys, asked.get("sort", ""))
    try:
        context["table"] = listing.values(name, asked.get("on", ""), *arguments)
    except DualcarbonError as error:
        context["findings"] = [item.message(plans.lang()) for item in error.findings]
        context["table"] = listing.values(name, "", *arguments)
    return respond(
        request, context["table"], lambda: render(request, "parameters/parameter.html", context)
    )
