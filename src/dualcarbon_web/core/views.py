"""Health, help and what a page says when something is missing or failed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static

from dualcarbon import __version__


def health(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok", "version": __version__})


def favicon(request: HttpRequest) -> HttpResponse:
    return redirect(static("core/favicon.svg"))


def help_page(request: HttpRequest) -> HttpResponse:
    return render(request, "core/help.html")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "core/404.html", status=404)


def failed(request: HttpRequest) -> HttpResponse:
    return render(request, "core/500.html", status=500)
