"""The pages of the account: explorer, balance, drivers, editions, reconciliation, peak."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from dualcarbon_web.accounting import (
    asked,
    choices,
    everything,
    explorer,
    explorer_chart,
    explorer_table,
    sentences,
)
from dualcarbon_web.core.charts import picture
from dualcarbon_web.core.tables import part_asked, respond


def accounts(request: HttpRequest) -> HttpResponse:
    found = explorer.accounts(request.user, settings.PLAN)
    if not found:
        return render(request, "accounting/empty.html")
    account = next((one for one in found if one.id == request.GET.get("edition")), found[0])
    wanted = asked.read(account, request.GET)
    if request.GET.get("all"):
        return respond(
            request, everything.table(account, wanted), lambda: HttpResponse(status=400)
        )
    view = explorer.load(account, wanted)
    chart, table = explorer_chart.chart(view), explorer_table.table(view, request.GET.get("sort", ""))
    if request.GET.get("format") == "svg":
        return picture([chart] if chart else [], request.GET.get("chart", ""))
    context = {"account": account, "edition": account, "view": view, "table": table}
    if part_asked(request, "account"):
        return render(request, "core/part.html", context)
    context |= choices.context(view) | {"chart": chart, "line": sentences.headline(view)}
    context |= {"largest": sentences.largest(view)}
    context["movers"] = sentences.movers(view) if wanted.kind != "enterprise" else None
    page = "explorer_part" if part_asked(request, "explorer") else "explorer"
    return respond(request, table, lambda: render(request, f"accounting/{page}.html", context))
