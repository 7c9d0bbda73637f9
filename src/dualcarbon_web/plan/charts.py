"""The charts of a commitment: five years, this year, and the path of counts and amounts."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from dualcarbon.periods import Period
from dualcarbon_web.control.models import Edition, Figure, Standing
from dualcarbon_web.core import plans
from dualcarbon_web.core.charts import Chart, Format, Point, history, this_year
from dualcarbon_web.plan import services

QUARTERS = (3, 6, 9, 12)
DISTANCE_KEYS = (("act", "actual"), ("req", "required"))


def charts(
    item: Any, main: Standing | None, past: list[Standing], edition: Edition | None
) -> list[Chart]:
    """The charts that the data of a commitment allow, the wide one first."""
    if main is None or edition is None or (main.required is None and main.value is None):
        return []
    mark = _("SYNTHETIC") if edition.synthetic else ""
    if item.yardstick == "rate" and main.unit == "%":
        changes = _changes(edition, main)
        found = [_five_years(item, main, changes, mark), _this_year(item, main, changes, mark)]
        return [chart for chart in found if chart is not None]
    amounts = (
        _amounts(item, main, past, mark) if item.yardstick in ("count", "cap", "rate") else None
    )
    return [amounts] if amounts else []


def _changes(edition: Edition, main: Standing) -> dict[Period, float]:
    """The published year-to-date changes of the subject, by period."""
    rows = Figure.objects.filter(
        edition=edition, indicator=main.indicator, subject=main.subject, unit="%"
    ).exclude(value=None)
    ordered = sorted(rows, key=lambda row: row.origin == "declared")
    return {Period.parse(row.period): row.value for row in ordered if row.value is not None}


def short(period: Period) -> str:
    """A year to date in a few letters: 1—9月, Q1–3, or the year."""
    month = period.last[1]
    if plans.lang() == "zh":
        return "全年" if month == 12 else f"1—{month}月"
    named = {3: "Q1", 6: "Q1–2", 9: "Q1–3", 12: "Year"}
    return named.get(month, f"to {month}")


def _five_years(item: Any, main: Standing, changes: dict[Period, float], mark: str) -> Chart | None:
    now = Period.parse(main.period)
    yearly = {p.year: value for p, value in changes.items() if p.last[1] == 12}
    if main.value is not None:
        yearly[now.year] = main.value
    subject = None if main.subject == plans.city_code() else main.subject
    path = services.five_year_path(item.indicator, subject, yearly)
    known = [value for _year, value, _required in path if value is not None]
    if len(known) < 2:
        return None
    points = [
        Point(
            label=f"{year}\n{short(now)}" if year == now.year and now.last[1] < 12 else str(year),
            value=value,
            required=required,
            gap=None if value is None or required is None or i == 0 else value - required,
        )
        for i, (year, value, required) in enumerate(path)
    ]
    form = Format(decimals=1, axis=0, signed=False, unit="")
    names = (
        _("Actual"),
        _("Required path"),
        _("Distance from the path, index points; above is behind"),
    )
    last = next(point for point in reversed(points) if point.value is not None)
    return Chart(
        id="five-years",
        title=_("Five years"),
        about=_("%(base)s = 100; the running year is the year to date") % {"base": path[0][0]},
        says=_(
            "Index of five years: actual %(value)s, required %(required)s at the end of that year"
        )
        % {"value": form.text(last.value), "required": form.text(last.required)},
        option=history(points, names, form, mark),
        height=404,
        heads=[_("Year"), _("Actual"), _("Required"), _("Distance")],
        rows=_rows(points, form),
        keys=[("act", _("Actual")), ("req", _("Required path, geometric"))],
        marks=[mark] if mark else [],
    )


def _rows(points: list[Point], form: Format) -> list[list[str]]:
    from dualcarbon_web.core.templatetags.figures import number

    return [
        [
            point.label.replace("\n", " "),
            form.text(point.value),
            form.text(point.required),
            number(point.gap, form.decimals, signed=True),
        ]
        for point in points
    ]


def _this_year(item: Any, main: Standing, changes: dict[Period, float], mark: str) -> Chart | None:
    now = Period.parse(main.period)
    months = sorted({*QUARTERS, now.last[1]})
    spans = [Period.year_to_date(now.year, month) for month in months]
    values = [changes.get(one) for one in spans]
    values[spans.index(now)] = main.value
    if main.value is None:
        return None
    before = [changes.get(one.shift(-1)) for one in spans]
    form = Format()
    required = [main.required] * len(spans)
    labels = [short(one) for one in spans]
    heads = ["", str(now.year), str(now.year - 1), _("Required")]
    rows = [
        [label, form.text(a), form.text(b), form.text(main.required)]
        for label, a, b in zip(labels, values, before, strict=True)
    ]
    known = any(value is not None for value in before)
    past = [("prev", str(now.year - 1))] if known else []
    keys = [("act", str(now.year)), *past, ("req", _("Full annual rate"))]
    return Chart(
        id="this-year",
        title=_("This year"),
        about=_("year to date, change in %"),
        says=_("Year-to-date change in %(period)s %(value)s %%, annual target %(required)s %%")
        % {
            "period": now.label(plans.lang()),
            "value": form.text(main.value),
            "required": form.text(main.required),
        },
        option=this_year(
            labels,
            (str(now.year), values),
            (str(now.year - 1), before),
            (_("Full annual rate"), required),
            form,
            mark,
        ),
        height=352,
        width=336,
        heads=heads,
        rows=rows,
        keys=keys,
        marks=[mark] if mark else [],
    )


def _amounts(item: Any, main: Standing, past: list[Standing], mark: str) -> Chart | None:
    """What was done and was due at each date that was published, and the target at the end."""
    unit, size = plans.display(item.indicator, main.unit)

    def scaled(value: float | None) -> float | None:
        return None if value is None else value * size

    points = [
        Point(
            short(Period.parse(row.period)),
            scaled(row.value),
            scaled(row.required),
            scaled(row.gap),
        )
        for row in past
        if row.value is not None
    ]
    if not points:
        return None
    if item.value is not None and Period.parse(main.period).last[1] < 12:
        target = item.value * plans.display(item.indicator, item.unit)[1]
        points.append(Point(short(Period.year_to_date(item.period.year, 12)), None, target))
    known = plans.indicators().get(item.indicator or "")
    decimals = min(known.decimals, 2) if known else 0
    form = Format(decimals=decimals, axis=0, signed=False, unit=unit or "")
    words = plans.unit_word(unit)
    names = (
        _("Done"),
        _("Due"),
        _("Distance, %(unit)s; above is behind") % {"unit": words},
    )
    return Chart(
        id="path",
        title=_("Done and due"),
        about=_("since the start of the year, %(unit)s") % {"unit": words},
        says=_("Done %(value)s, due %(required)s %(unit)s")
        % {
            "value": form.text(scaled(main.value)),
            "required": form.text(scaled(main.required)),
            "unit": words,
        },
        option=history(points, names, form, mark),
        height=404,
        heads=[_("Period"), _("Done"), _("Due"), _("Distance")],
        rows=_rows(points, form),
        keys=[("act", _("Done")), ("req", _("Due; at the end the target"))],
        marks=[mark] if mark else [],
    )
