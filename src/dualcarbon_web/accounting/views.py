"""The pages of the account: explorer, balance, drivers, editions, reconciliation, peak."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from dualcarbon_web.accounting import (
    asked,
    balance,
    choices,
    compare,
    drivers,
    everything,
    explorer,
    explorer_chart,
    explorer_table,
    peak,
    reconciliation,
    sentences,
)
from dualcarbon_web.accounting.models import Account
from dualcarbon_web.core import plans
from dualcarbon_web.core.charts import Chart, picture
from dualcarbon_web.core.tables import Table, part_asked, respond


def accounts(request: HttpRequest) -> HttpResponse:
    account = _account(request)
    if account is None:
        return render(request, "accounting/empty.html")
    wanted = asked.read(account, request.GET)
    if request.GET.get("all"):
        return respond(request, everything.table(account, wanted), lambda: HttpResponse(status=400))
    view = explorer.load(account, wanted)
    chart, table = (
        explorer_chart.chart(view),
        explorer_table.table(view, request.GET.get("sort", "")),
    )
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


def balance_page(request: HttpRequest) -> HttpResponse:
    account = _account(request)
    if account is None:
        return render(request, "accounting/empty.html")
    asked_for = request.GET
    content = balance.load(account, asked_for.get("year", ""), asked_for.get("by", ""))
    context: dict[str, Any] = {"account": account, "edition": account, "content": content}
    if content is None:
        return render(request, "accounting/balance.html", context)
    context |= {
        "chart": balance.chart(content, _mark(account)),
        "table": balance.table(content, _marks(account)),
        "story": balance.story(content),
        "years": balance.years(account),
        "ways": balance.ways(content["by"]),
    }
    return _page(request, "balance", context)


def drivers_page(request: HttpRequest) -> HttpResponse:
    account = _account(request)
    if account is None:
        return render(request, "accounting/empty.html")
    asked_for = request.GET
    content = drivers.load(account, asked_for.get("what", ""), asked_for.get("change", ""))
    context: dict[str, Any] = {"account": account, "edition": account, "content": content}
    if content is None:
        return render(request, "accounting/drivers.html", context)
    marks = _marks(account)
    context |= {
        "chart": drivers.chart(content, _mark(account)),
        "effects": drivers.effects_table(content, marks),
        "table": drivers.areas_table(content, asked_for.get("sort", ""), marks)
        or drivers.effects_table(content, marks),
        "story": drivers.story(content),
        "method": drivers.method(content),
    }
    return _page(request, "drivers", context)


def compare_page(request: HttpRequest) -> HttpResponse:
    account = _account(request)
    content = compare.load(account, request.GET) if account else None
    if account is None or content is None:
        return _later(request, account, "compare")
    marks = _marks(account)
    context = {
        "content": content,
        "edition": account,
        "chart": compare.chart(content, _mark(account)),
        "table": compare.table(content, request.GET.get("sort", ""), marks),
        "inputs": compare.inputs(content, marks),
        "story": compare.story(content),
    }
    return _page(request, "compare", context)


def reconciliation_page(request: HttpRequest) -> HttpResponse:
    account = _account(request)
    content = reconciliation.load(account, request.GET) if account else None
    if account is None or content is None:
        return _later(request, account, "reconciliation")
    marks = _marks(account)
    context = {
        "content": content,
        "edition": account,
        "chart": None,
        "table": reconciliation.carriers_table(content, request.GET.get("sort", ""), marks),
        "districts": reconciliation.areas_table(content, marks),
        "story": reconciliation.story(content),
    }
    return _page(request, "reconciliation", context)


def peak_page(request: HttpRequest) -> HttpResponse:
    account = _account(request)
    content = peak.load(account, request.GET) if account else None
    if account is None or content is None:
        return _later(request, account, "peak")
    marks = _marks(account)
    context = {
        "content": content,
        "edition": account,
        "chart": peak.chart(content, _mark(account)),
        "table": peak.years_table(content, marks),
        "scenarios": peak.scenarios_table(content, marks),
        "story": peak.story(content),
    }
    return _page(request, "peak", context)


def _later(request: HttpRequest, account: Account | None, name: str) -> HttpResponse:
    """The page before there is anything on it."""
    page = f"accounting/{name}.html" if account else "accounting/empty.html"
    return render(request, page, {"edition": account})


def _account(request: HttpRequest) -> Account | None:
    found = explorer.accounts(request.user, settings.PLAN)
    return next(
        (one for one in found if one.id == request.GET.get("edition")), next(iter(found), None)
    )


def _marks(account: Account) -> list[str]:
    return [_("SYNTHETIC DATA")] if account.synthetic else []


def _mark(account: Account) -> str:
    return _("SYNTHETIC") if account.synthetic else ""


def _page(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    """A page with one chart and one table: the picture, the table alone, a file, or all of it."""
    chart: Chart | None = context["chart"]
    table: Table = context["table"]
    if request.GET.get("format") == "svg":
        return picture([chart] if chart else [], request.GET.get("chart", ""))
    if part_asked(request, table.id):
        return render(request, "core/part.html", context)
    context["city_name"] = plans.area_name(plans.city_code())
    return respond(request, table, lambda: render(request, f"accounting/{name}.html", context))
