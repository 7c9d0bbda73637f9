"""Addresses: pages under /zh-hans/ and /en/, health for operators."""

from __future__ import annotations

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path

from dualcarbon_web.core import views

urlpatterns = [
    path("health", views.health, name="health"),
    path("favicon.ico", views.favicon),
    *i18n_patterns(
        path("", include("dualcarbon_web.control.urls")),
        path("", include("dualcarbon_web.plan.urls")),
        path("", include("dualcarbon_web.enterprises.urls")),
        path("", include("dualcarbon_web.accounting.urls")),
        path("", include("dualcarbon_web.parameters.urls")),
        path("help/", views.help_page, name="help"),
    ),
]
handler404 = "dualcarbon_web.core.views.not_found"
handler500 = "dualcarbon_web.core.views.failed"
