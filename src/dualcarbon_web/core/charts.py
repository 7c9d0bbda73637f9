"""The charts of the site: one ECharts option, drawn by the server first and by the browser next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import define, field, frozen
from django.http import Http404, HttpResponse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from dualcarbon_web.core import svg
from dualcarbon_web.core.templatetags.figures import number

INK, INK_2, INK_3 = "var(--ink)", "var(--ink-2)", "var(--ink-3)"
ACCENT, LINE, LINE_2 = "var(--accent)", "var(--line)", "var(--line-2)"
BEHIND, AHEAD = "var(--sev-2)", "var(--sev-0)"
SHOWN = 6  # an axis with more labels than this prints values at the last point only


@frozen
class Point:
    """One date of a chart: its label, what was reached, what was required, and the gap."""

    label: str
    value: float | None
    required: float | None = None
    gap: float | None = None
    group: str = ""


@frozen
class Format:
    """How the numbers of a chart print: decimals on the axis and in full, signs, unit."""

    decimals: int = 2
    axis: int = 1
    signed: bool = True
    unit: str = "%"

    def text(self, value: float | None) -> str:
        """A value in full."""
        return number(value, self.decimals, signed=self.signed)


@define
class Chart:
    """A chart of a page: what it says in words, the option, its size, and the table beside it."""

    id: str
    title: str
    about: str
    says: str
    option: dict[str, Any]
    height: int
    heads: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    keys: Sequence[tuple[str, str]] = ()
    width: int = 820
    marks: Sequence[str] = field(factory=list)

    @property
    def svg(self) -> SafeString:
        """The picture that stands there before any script runs."""
        return mark_safe(svg.draw(self.option, self.width, self.height))  # noqa: S308

    @property
    def option_id(self) -> str:
        """The id of the option in the page."""
        return f"{self.id}-option"

    def download(self) -> HttpResponse:
        """The picture as a file."""
        text = svg.standalone(self.option, self.width, self.height, self.says)
        answer = HttpResponse(text, content_type="image/svg+xml; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{self.id}.svg"'
        return answer


def picture(charts: Sequence[Chart], wanted: str) -> HttpResponse:
    """The chart of a page that the address asks for, as a file."""
    for chart in charts:
        if chart.id == wanted:
            return chart.download()
    raise Http404(_("This page has no such chart."))


def base(form: Format, mark: str, above: int) -> dict[str, Any]:
    """Type, tooltip and the mark in the body of every chart."""
    option: dict[str, Any] = {
        "animation": False,
        "format": {"decimals": form.axis, "full": form.decimals, "signed": form.signed},
        "textStyle": {"fontFamily": "var(--sans)", "fontSize": 12, "color": INK_2},
        "tooltip": {
            "trigger": "axis",
            "backgroundColor": "var(--surface)",
            "borderColor": LINE_2,
            "borderWidth": 1,
            "padding": [6, 10],
            "textStyle": {"color": INK, "fontSize": 12, "fontFamily": "var(--sans)"},
            "axisPointer": {"type": "line", "lineStyle": {"color": LINE_2, "type": "solid"}},
        },
    }
    if mark:
        style = {"color": INK_3, "fontSize": 12, "fontWeight": "normal"}
        option["title"] = {
            "text": mark,
            "left": 50,
            "bottom": above,
            "padding": 0,
            "textStyle": style,
        }
    return option


def labels_axis(labels: Sequence[str], *, quiet: bool = False, **more: Any) -> dict[str, Any]:
    """The axis of names; a quiet one shows its line alone."""
    axis = {
        "type": "category",
        "data": list(labels),
        "axisLine": {"lineStyle": {"color": LINE_2}, "onZero": False},
        "axisTick": {"show": not quiet, "alignWithLabel": True, "lineStyle": {"color": LINE_2}},
        "axisLabel": {"show": not quiet, "color": INK_2, "fontSize": 12, "lineHeight": 16},
    }
    return axis | more


def values_axis(**more: Any) -> dict[str, Any]:
    """The axis of values, with hairlines."""
    axis = {
        "type": "value",
        "scale": True,
        "splitNumber": 4,
        "splitLine": {"lineStyle": {"color": LINE}},
        "axisLabel": {"color": INK_3, "fontSize": 12},
    }
    return axis | more


def line(name: str, data: list[Any], style: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A line without marks, named in its end or its key."""
    series = {
        "type": "line",
        "name": name,
        "data": data,
        "lineStyle": style,
        "itemStyle": {"color": style["color"]},
        "symbol": "none",
        "silent": True,
        "labelLayout": {"moveOverlap": "shiftY"},
    }
    return series | more


def _solid(name: str, data: list[Any]) -> dict[str, Any]:
    style = {"color": INK, "width": 2, "join": "round", "cap": "round"}
    return line(name, data, style, symbol="circle", symbolSize=6)


def _dashed(name: str, data: list[Any]) -> dict[str, Any]:
    return line(name, data, {"color": ACCENT, "width": 1.5, "type": [5, 3]})


def _at(value: float | None, text: str, strong: bool, first: bool) -> Any:
    """A value that prints above its point; the first one keeps clear of the axis."""
    if value is None:
        return None
    label = {"show": True, "formatter": text, "fontSize": 12, "color": INK, "distance": 8}
    label |= {"fontWeight": "bold" if strong else "normal", "position": "top"}
    return {"value": value, "label": label | ({"align": "left"} if first else {})}


def this_year(
    labels: Sequence[str],
    now: tuple[str, Sequence[float | None]],
    before: tuple[str, Sequence[float | None]] | None,
    required: tuple[str, Sequence[float | None]],
    form: Format,
    mark: str = "",
) -> dict[str, Any]:
    """The year to date against the year before and what is required.

    `labels` are the ends of the year's periods; the series are (name, values) in their order.
    """
    option = base(form, mark, 50)
    option["grid"] = {"left": 46, "right": 58, "top": 22, "bottom": 44}
    option["xAxis"] = labels_axis(labels, boundaryGap=False)
    option["yAxis"] = values_axis()
    option["series"] = []
    if before and any(value is not None for value in before[1]):
        thin = {"color": INK_3, "width": 1}
        option["series"].append(line(before[0], list(before[1]), thin) | _end(before[0], INK_3))
    ended = _end(form.text(_last(required[1])), ACCENT)
    option["series"].append(_dashed(required[0], list(required[1])) | ended)
    last = max((i for i, value in enumerate(now[1]) if value is not None), default=-1)
    values = [_at(value, form.text(value), i == last, i == 0) for i, value in enumerate(now[1])]
    option["series"].append(_solid(now[0], values))
    return option


def _last(values: Sequence[float | None]) -> float | None:
    return next((value for value in reversed(values) if value is not None), None)


def _end(text: str, colour: str) -> dict[str, Any]:
    """The words at the end of a line."""
    return {"endLabel": {"show": True, "formatter": text, "color": colour, "fontSize": 12}}


def history(
    points: Sequence[Point], names: tuple[str, str, str], form: Format, mark: str = ""
) -> dict[str, Any]:
    """What was reached and required at each date, and their distance beneath.

    `names`: of the actual line, of the required line, of the distance. Points of one group (a year)
    are joined; a new group starts a new line.
    """
    has_gap = any(point.gap is not None for point in points)
    option = base(form, mark, 176 if has_gap else 76)
    labels = [point.label for point in points]
    option["grid"] = [{"left": 46, "right": 70, "top": 22, "height": 212 if has_gap else 312}]
    option["xAxis"] = [labels_axis(labels, boundaryGap=True)]
    option["yAxis"] = [values_axis()]
    option["series"] = [*_groups(points, names[0], form), _path(points, names[1], form)]
    if has_gap:
        option["grid"].append({"left": 46, "right": 70, "top": 306, "height": 74})
        option["xAxis"].append(labels_axis(labels, quiet=True, gridIndex=1, boundaryGap=True))
        option["yAxis"].append(
            values_axis(gridIndex=1, splitNumber=2, scale=False, decimals=form.decimals)
        )
        option["xAxis"][1]["axisLine"]["onZero"] = True
        option["series"].append(_bars(points, names[2], form))
        heading = {"color": INK_2, "fontSize": 12, "fontWeight": "normal"}
        option["title"] = [
            *([option["title"]] if mark else []),
            {"text": names[2], "left": 0, "top": 280, "padding": 0, "textStyle": heading},
        ]
    return option


def _groups(points: Sequence[Point], name: str, form: Format) -> list[dict[str, Any]]:
    last = max((i for i, point in enumerate(points) if point.value is not None), default=-1)
    every = len(points) <= SHOWN
    series = []
    for group in dict.fromkeys(point.group for point in points):
        data: list[Any] = [p.value if p.group == group else None for p in points]
        for i, value in enumerate(data):
            if every or i == last:
                data[i] = _at(value, form.text(value), i == last, False)
        series.append(_solid(name, data))
    return series


def _path(points: Sequence[Point], name: str, form: Format) -> dict[str, Any]:
    required = [point.required for point in points]
    step = {"step": "middle" if _stepped(points) else False}
    return _dashed(name, list(required)) | _end(form.text(_last(required)), ACCENT) | step


def _stepped(points: Sequence[Point]) -> bool:
    """Tell whether what is required stays level within each group."""
    by_group: dict[str, set[float]] = {}
    for point in points:
        if point.required is not None:
            by_group.setdefault(point.group, set()).add(point.required)
    return len(by_group) > 1 and all(len(values) == 1 for values in by_group.values())


def _bars(points: Sequence[Point], name: str, form: Format) -> dict[str, Any]:
    last = max((i for i, point in enumerate(points) if point.gap is not None), default=-1)
    data: list[Any] = []
    for i, point in enumerate(points):
        if point.gap is None:
            data.append(None)
            continue
        bar: dict[str, Any] = {"value": point.gap}
        bar["itemStyle"] = {"color": BEHIND if point.gap > 0 else AHEAD}
        if i == last:
            text = number(point.gap, form.decimals, signed=True)
            side = "top" if point.gap > 0 else "bottom"
            bar["label"] = {"show": True, "formatter": text, "position": side, "color": INK}
            bar["label"] |= {"fontWeight": "bold", "fontSize": 12}
        data.append(bar)
    return {
        "type": "bar",
        "name": name,
        "data": data,
        "xAxisIndex": 1,
        "yAxisIndex": 1,
        "barWidth": 9,
        "silent": True,
    }


NAME = 176  # px for the name of a layer
LINE_HEIGHT, PLOT = 16, 290  # px of a line of text, and of the height of a stack
RAMP = (0.8, 0.6, 0.44, 0.31, 0.2, 0.1)  # how dark the layers of a stack are, the lowest first


def stacked(
    labels: Sequence[str],
    layers: Sequence[tuple[str, Sequence[float | None]]],
    form: Format,
    mark: str = "",
) -> dict[str, Any]:
    """Layers of a whole, one bar a label; each layer is named beside its last bar.

    On a narrow screen the names leave the picture; the key of the page has them.
    """
    option = base(form, mark, 0)
    option["tooltip"]["axisPointer"] = {"type": "shadow", "shadowStyle": {"opacity": 0.06}}
    if mark:
        option["title"] = {**option["title"], "top": 0, "left": 54}
        option["title"].pop("bottom")
    option["grid"] = {"left": 54, "right": 206, "top": 24, "bottom": 34}
    option["narrow"] = {"left": 44, "right": 6}
    option["xAxis"] = labels_axis(labels)
    option["yAxis"] = values_axis(scale=False)
    bars = [_layer(at, name, list(data)) for at, (name, data) in enumerate(layers)]
    option["series"] = [*bars, *_names(labels, layers)]
    return option


def _layer(at: int, name: str, data: list[Any]) -> dict[str, Any]:
    style = {"color": INK, "opacity": RAMP[at % len(RAMP)], "borderColor": "var(--paper)"}
    return {
        "type": "bar",
        "name": name,
        "stack": "all",
        "data": data,
        "barCategoryGap": "18%",
        "itemStyle": style | {"borderWidth": 0.5},
    }


def _names(
    labels: Sequence[str], layers: Sequence[tuple[str, Sequence[float | None]]]
) -> list[dict[str, Any]]:
    """The names of layers as points without a mark, half way up each layer of the last bar.

    Names keep a line's height from one another, so that none covers the next.
    """
    foot, floor, points = 0.0, 0.0, list[Any]()
    line = LINE_HEIGHT * _highest(layers) / PLOT
    for name, data in layers:
        height = data[-1] or 0.0
        label = {"show": True, "position": "right", "formatter": name, "color": INK_2}
        label |= {"fontSize": 12, "width": NAME, "overflow": "break", "lineHeight": 14}
        label |= {"distance": 24}
        if height > 0:
            room = line * (1 + _width(name) // (NAME - 16))
            middle = max(foot + height / 2, floor + room / 2)
            points.append({"value": [len(labels) - 1, middle], "label": label})
            floor = middle + room / 2
        foot += max(height, 0.0)
    return [_points(points)]


def _highest(layers: Sequence[tuple[str, Sequence[float | None]]]) -> float:
    """What the axis reaches at least: the highest bar and a little more."""
    sums = [
        sum(value or 0.0 for value in column)
        for column in zip(*(d for _, d in layers), strict=True)
    ]
    return max(sums, default=0.0) * 1.1


def _width(text: str) -> int:
    """About how wide a text is at 12 px."""
    return sum(12 if ord(letter) > 0x2E7F else 7 for letter in text)


def _points(points: list[Any], **more: Any) -> dict[str, Any]:
    """Points that carry words and no mark."""
    series = {"type": "scatter", "data": points, "symbolSize": 0.1, "silent": True}
    return series | {"tooltip": {"show": False}} | more
