"""Pictures of change and flow: the waterfall and the Sankey, drawn as the other charts are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from attrs import frozen

from dualcarbon_web.core import charts
from dualcarbon_web.core.charts import ACCENT, AHEAD, BEHIND, INK, INK_2, LINE_2, Format
from dualcarbon_web.core.templatetags.figures import number


@frozen
class Step:
    """A bar of a waterfall: a level that stands, or an effect that moves from one to the next."""

    label: str
    start: float
    end: float
    level: bool = False


def waterfall(steps: Sequence[Step], form: Format, mark: str = "") -> dict[str, Any]:
    """From one level to another, effect by effect; the axis does not start at zero.

    Levels are marks and not bars, since a bar from another foot than zero would mislead.
    """
    option = charts.base(form, mark, 0)
    option["tooltip"]["show"] = False
    if mark:
        option["title"] = {**option["title"], "top": 0, "left": 60}
        option["title"].pop("bottom")
    option["grid"] = {"left": 60, "right": 12, "top": 30, "bottom": 62}
    option["narrow"] = {"left": 46, "right": 2}
    option["xAxis"] = charts.labels_axis([step.label for step in steps])
    option["xAxis"]["axisLabel"] |= {"interval": 0, "width": 132, "overflow": "break"}
    foot, top = _bounds(steps)
    option["yAxis"] = charts.values_axis(min=foot, max=top)
    option["series"] = [*_joints(steps), *_effects(steps, form), _levels(steps, form)]
    return option


def _bounds(steps: Sequence[Step]) -> tuple[float, float]:
    """A foot and a top of round numbers that leave room for the words."""
    ends = [value for step in steps for value in (step.end, step.end if step.level else step.start)]
    low, high = min(ends), max(ends)
    room = (high - low or abs(high) or 1.0) * 0.18
    unit = 10 ** math.floor(math.log10(room))
    foot, top = math.floor((low - room) / unit) * unit, math.ceil((high + room) / unit) * unit
    return (0.0 if low >= 0 > foot else foot), top


def _joints(steps: Sequence[Step]) -> list[dict[str, Any]]:
    found = []
    for at in range(len(steps) - 1):
        data: list[Any] = [None] * len(steps)
        data[at] = data[at + 1] = steps[at].end
        found.append(charts.line("", data, {"color": LINE_2, "width": 1}))
    return found


def _effects(steps: Sequence[Step], form: Format) -> list[dict[str, Any]]:
    """Floating bars: an unseen one below and the effect on it."""
    below: list[Any] = []
    shown: list[Any] = []
    for step in steps:
        size, rises = step.end - step.start, step.end >= step.start
        below.append(None if step.level else min(step.start, step.end))
        label: dict[str, Any] = {"show": True, "position": "top" if rises else "bottom"}
        label |= {
            "color": INK,
            "formatter": number(size, form.decimals, signed=True),
            "fontSize": 12,
        }
        style = {"color": BEHIND if rises else AHEAD}
        bar = {"value": abs(size), "itemStyle": style, "label": label}
        shown.append(None if step.level else bar)
    bars: dict[str, Any] = {"type": "bar", "stack": "step", "silent": True, "barWidth": "46%"}
    return [{**bars, "data": below, "itemStyle": {"opacity": 0}}, {**bars, "data": shown}]


def _levels(steps: Sequence[Step], form: Format) -> dict[str, Any]:
    points = []
    for at, step in enumerate(steps):
        label = {"show": True, "position": "top", "color": INK, "fontWeight": "bold"}
        label |= {"formatter": number(step.end, form.decimals), "fontSize": 12}
        if step.level:
            points.append({"value": [at, step.end], "label": label})
    return {
        "type": "scatter",
        "data": points,
        "symbol": "rect",
        "symbolSize": [56, 3],
        "itemStyle": {"color": INK, "opacity": 1},
        "silent": True,
        "z": 5,
    }


@frozen
class Node:
    """A place that flows come from or go to; `words` stand beside it."""

    id: str
    words: str
    strong: bool = False


def sankey(
    nodes: Sequence[Node], links: Sequence[tuple[str, str, float]], form: Format, mark: str = ""
) -> dict[str, Any]:
    """Flows between nodes, from where they enter on the left to where they end on the right."""
    option = charts.base(form, mark, 0)
    option["tooltip"]["trigger"] = "item"
    data = [
        {
            "name": node.id,
            "label": {"formatter": node.words},
            "itemStyle": {"color": INK if node.strong else INK_2, "borderWidth": 0},
        }
        for node in nodes
    ]
    label = {"color": INK, "fontSize": 12, "fontFamily": "var(--sans)", "lineHeight": 14}
    label |= {"width": 230, "overflow": "break"}
    emphasis = {"focus": "adjacency", "lineStyle": {"color": ACCENT, "opacity": 0.4}}
    option["series"] = [
        {
            "type": "sankey",
            "data": data,
            "links": [{"source": a, "target": b, "value": value} for a, b, value in links],
            "nodeAlign": "justify",
            "nodeWidth": 10,
            "nodeGap": 18,
            "draggable": False,
            "left": 4,
            "right": 252,
            "top": 6,
            "bottom": 26,
            "label": label,
            "labelLayout": {"moveOverlap": "shiftY"},
            "lineStyle": {"color": INK, "opacity": 0.13, "curveness": 0.5},
            "emphasis": emphasis,
            "blur": {"lineStyle": {"opacity": 0.05}},
        }
    ]
    return option


def paths(
    labels: Sequence[str],
    actual: tuple[str, Sequence[float | None]],
    lines: Sequence[tuple[str, Sequence[float | None]]],
    form: Format,
    mark: str = "",
) -> dict[str, Any]:
    """What was reported, and lines ahead of it that are only thought of, named at their ends."""
    option = charts.base(form, mark, 50)
    if mark:
        option["title"] = {**option["title"], "left": 68}
    option["grid"] = {"left": 60, "right": 150, "top": 22, "bottom": 44}
    option["narrow"] = {"left": 46, "right": 112}
    option["xAxis"] = charts.labels_axis(labels, boundaryGap=False)
    option["yAxis"] = charts.values_axis()
    style = {"color": INK, "width": 2, "join": "round", "cap": "round"}
    values = list(actual[1])
    top = max((value for value in values if value is not None), default=None)
    data = [_top(value, form) if value is not None and value == top else value for value in values]
    option["series"] = [
        charts.line(actual[0], data, style, symbol="circle", symbolSize=5),
        *(_ahead(name, list(line)) for name, line in lines),
    ]
    return option


def _top(value: float, form: Format) -> dict[str, Any]:
    label = {"show": True, "formatter": form.text(value), "position": "top", "color": INK}
    label |= {"fontSize": 12, "fontWeight": "bold", "align": "right", "distance": 8}
    return {"value": value, "label": label}


def _ahead(name: str, data: list[Any]) -> dict[str, Any]:
    style = {"color": INK_2, "width": 1.5, "type": "dotted"}
    end = {"show": True, "formatter": name, "color": INK_2, "fontSize": 12}
    return charts.line(name, data, style) | {"endLabel": end}
