"""What every page needs: the city, the language, the marks."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from dualcarbon_web.core import plans


def site(request: HttpRequest) -> dict[str, Any]:
    """The city's name, the two languages and whether the data are invented."""
    pack = plans.pack()
    language = plans.lang()
    return {
        "city": pack.name(language),
        "city_name": plans.area_name(plans.city_code()),
        "plan_id": settings.PLAN,
        "synthetic": pack.synthetic,
        "lang": language,
        "html_lang": "zh-Hans" if language == "zh" else "en",
        "other_lang": "en" if language == "zh" else "zh-hans",
        "other_path": _other(request.path, language),
    }


def _other(path: str, language: str) -> str:
    """The same page in the other language."""
    here, there = ("/zh-hans/", "/en/") if language == "zh" else ("/en/", "/zh-hans/")
    return there + path.removeprefix(here) if path.startswith(here) else there
