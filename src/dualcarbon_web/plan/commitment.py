"""One commitment: the clause, its standings by subject, its charts, and its history."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from dualcarbon.periods import Period
from dualcarbon_web.control import services as control
from dualcarbon_web.control.district import subject_url
from dualcarbon_web.control.models import Edition, Figure, Standing
from dualcarbon_web.core import plans, words
from dualcarbon_web.core.tables import Column, Row, Table, sort_rows
from dualcarbon_web.core.templatetags.figures import figure
from dualcarbon_web.plan import charts, services, wall


def load(item: Any, edition: Edition | None, found: list[Edition], sort: str) -> dict[str, Any]:
    """What the page of a commitment shows."""
    rows = list(Standing.objects.filter(edition=edition, commitment=item.id)) if edition else []
    rows.sort(key=lambda row: (row.subject_kind != "city", -(row.severity or 0), -(row.gap or 0)))
    main = rows[0] if rows else None
    unit, factor = plans.display(item.indicator, main.unit if main else item.unit)
    past = history(item.id, [one for one in found if edition and one.on <= edition.on], main)
    return {
        "item": item,
        "main": main,
        "own": main is not None and main.subject_kind == "city",
        "subject": subject_name(main) if main else "",
        "reason": main.reason(plans.lang()) if main else "",
        "unit": plans.unit_word(unit),
        "signed": unit == "%" and item.yardstick == "rate",
        "shown": _shown(main, factor),
        "target": target_words(item),
        "others": others(
            rows[0 if main and main.subject_kind != "city" else 1 :], unit, factor, sort
        ),
        "history": history_table(past, factor),
        "charts": charts.charts(item, main, past, edition),
        "sources": sources(edition, main, factor),
        "levels": levels(main),
        "lead": [body.name(plans.lang()) for body in item.lead],
        "support": [body.name(plans.lang()) for body in item.support],
        "comma": "、" if plans.lang() == "zh" else ", ",
        "section": services.plan().section(item.section).title(plans.lang()),
        "plan": services.plan(),
        "strength": wall.words(item.strength),
        "kind": wall.words(item.kind),
        "yardstick": yardstick(item.yardstick),
        "state": wall.words(main.state) if main else "",
        "grade": words.grade(main.grade) if main else "",
        "grades": [(key, words.grade(key)) for key in "ABCDX"],
    }


def subject_name(row: Standing) -> str:
    """The name of whom a standing speaks of."""
    if row.subject_kind in ("city", "area"):
        return plans.area_name(row.subject)
    if row.subject_kind == "tier":
        return tier_name(row)
    return row.subject


def tier_name(row: Standing) -> str:
    """The group of listed enterprises of a commitment: its lists and its field."""
    item = services.commitment(row.commitment)
    if item is None or not item.scope.tier:
        return row.subject
    comma = "、" if plans.lang() == "zh" else ", "
    lists = comma.join(words.tier(part) for part in item.scope.tier)
    field = words.sector(item.scope.sector) if item.scope.sector else ""
    return " · ".join(part for part in (lists, field) if part)


def yardstick(key: str) -> str:
    """How a commitment is measured."""
    return {
        "rate": _("Rate: the year-to-date change against the full annual rate, never pro rata"),
        "count": _("Count: against the profile of the year"),
        "cap": _("Cap: against the seasonal share of the year’s amount"),
        "milestone": _("Milestones: against the deadline"),
    }[key]


def target_words(item: Any) -> str:
    """The target with its comparator and unit; a dash where the notice states no number."""
    if item.value is None:
        return ""
    unit, factor = plans.display(item.indicator, item.unit)
    sign = {"<=": "≤", ">=": "≥", "~": "≈", "=": "", None: ""}.get(item.comparator, item.comparator)
    value = figure(item.value * factor, unit == "%" and item.yardstick == "rate")
    return f"{sign} {value} {plans.unit_word(unit)}".strip()


def _shown(main: Standing | None, factor: float) -> dict[str, float | None]:
    """Value, required, gap and needed in the display unit."""
    keys = ("value", "required", "gap", "needed", "declared")
    if main is None:
        return dict.fromkeys(keys)
    values = {key: getattr(main, key) for key in keys}
    return {key: None if value is None else value * factor for key, value in values.items()}


def _side(main: Standing) -> int:
    """1 where more is behind, −1 where less is: a gap is positive when it is behind."""
    apart = (main.value or 0) - (main.required or 0)
    return 1 if abs(apart - (main.gap or 0)) <= abs(apart + (main.gap or 0)) else -1


def levels(main: Standing | None) -> list[dict[str, Any]]:
    """The level that each scheme gives, and which one sets the light."""
    if main is None:
        return []
    names, lang = control.scheme_names(), plans.lang()
    return [
        {
            "name": names.get(level["scheme"], (level["scheme"],) * 2)[lang != "zh"],
            "label": level[f"label_{lang}"],
            "mark": "x" if level["severity"] is None else str(level["severity"]),
        }
        for level in main.levels
    ]


def sources(edition: Edition | None, main: Standing | None, factor: float) -> list[dict[str, Any]]:
    """Declared and computed values side by side, and their difference."""
    if edition is None or main is None or main.indicator is None:
        return []
    rows = Figure.objects.filter(
        edition=edition, row=main.row, indicator=main.indicator, subject=main.subject
    )
    found = {row.origin: row for row in rows}
    both = [found[key] for key in ("declared", "computed") if key in found]
    made = [_source(row, main, factor) for row in both]
    values = [row["value"] for row in made if row["value"] is not None]
    if len(made) == len(values) == 2:
        difference = abs(values[0] - values[1])
        made.append({"name": _("Difference"), "value": difference, "plain": True})
    return made


def _source(row: Figure, main: Standing, factor: float) -> dict[str, Any]:
    gap = None
    if row.value is not None and main.gap is not None and main.value is not None:
        gap = (main.gap + (row.value - main.value) * _side(main)) * factor
    drives = row.origin == "declared" or main.declared is None
    return {
        "name": words.origin(row.origin),
        "value": None if row.value is None else row.value * factor,
        "gap": gap,
        "vintage": words.vintage(row.vintage),
        "status": words.status(row.status),
        "use": _("drives the light") if drives else _("cross-check"),
        "drives": drives,
    }


def others(rows: list[Standing], unit: str | None, factor: float, sort: str) -> Table:
    """The standings of the other subjects of the commitment."""
    made = []
    for row in rows:
        values: dict[str, Any] = {
            "title": subject_name(row),
            "light": row.mark,
            "unit": plans.unit_word(unit),
        }
        values |= _shown(row, factor) | {"signed": unit == "%", "grade": row.grade or "—"}
        values |= {"code": row.code, "reason": row.reason(plans.lang())}
        made.append(Row(values, subject_url(row)))
    word = plans.unit_word(unit)
    apart = _("points") if unit == "%" else word
    shape = [
        Column("title", _("Subject"), kind="name"),
        Column("light", _("Light"), kind="light"),
        Column("required", _("Required"), word, kind="figure"),
        Column("value", _("Value"), word, kind="figure", strong=True),
        Column("gap", _("Gap"), apart, kind="figure", strong=True),
        Column("needed", _("Rest needs"), word, kind="figure"),
        Column("grade", _("Grade"), kind="mark"),
        Column("reason", _("Why"), wide=True, sortable=False),
        Column("code", _("Number"), kind="code", sortable=False),
    ]
    caption = _("Standing by subject")
    return Table("subjects", caption, shape, sort_rows(made, shape, sort), sort)


def history(number: str, found: list[Edition], main: Standing | None) -> list[Standing]:
    """The same standing in every edition, oldest first."""
    if main is None:
        return []
    rows = Standing.objects.filter(
        edition__in=found, commitment=number, subject_kind=main.subject_kind, subject=main.subject
    ).select_related("edition")
    return sorted(rows, key=lambda row: row.edition.on)


def history_table(rows: list[Standing], factor: float) -> Table:
    """The history as a table: when it was known, what it said."""
    shape = [
        Column("on", _("Known on"), kind="name", sortable=False),
        Column("period", pgettext("time", "Period"), sortable=False),
        Column("value", _("Value"), kind="figure", strong=True, sortable=False),
        Column("required", _("Required"), kind="figure", sortable=False),
        Column("gap", _("Gap"), kind="figure", strong=True, sortable=False),
        Column("light", _("Light"), kind="light", sortable=False),
        Column("grade", _("Grade"), kind="mark", sortable=False),
        Column("code", _("Number"), kind="code", sortable=False),
    ]
    made = []
    for row in reversed(rows):
        period = Period.parse(row.period).label(plans.lang())
        values: dict[str, Any] = {
            "on": str(row.edition.on),
            "period": period,
            "light": row.mark,
            "code": row.code,
        }
        values |= _shown(row, factor) | {"signed": row.unit == "%", "grade": row.grade or "—"}
        made.append(Row(values))
    return Table("history", _("Standing by edition"), shape, made)
