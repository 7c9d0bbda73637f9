"""How a cell of a table prints, by the kind of its column."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from dualcarbon_web.core import plans
from dualcarbon_web.core.templatetags import figures as print_as
from dualcarbon_web.core.templatetags.figures import NOT_APPLICABLE, NOT_REPORTED, number

register = template.Library()
METER = 30  # width of the small meter, in px
NUMBERS = ("level", "explained", "effect", "change", "figure", "full")
SHARE = 72  # width of the bar of a share, in px


def _level(value: Any, column: Any, _row: Any, _table: Any) -> str:
    return number(value, column.decimals)


def _change(value: Any, column: Any, row: Any, _table: Any) -> str:
    return number(value, column.decimals, signed=not row["unsigned"])


def _figure(value: Any, _column: Any, row: Any, _table: Any) -> str:
    return str(print_as.figure(value, row["signed"]))


def _light(value: Any, _column: Any, _row: Any, _table: Any) -> str:
    return print_as.light(value) if value else NOT_APPLICABLE


def _glyph(value: Any, column: Any, _row: Any, _table: Any) -> str:
    return (
        print_as.glyph(value, f"{column.title.replace(chr(10), '')}: ") if value else NOT_APPLICABLE
    )


def _spark(value: Any, _column: Any, row: Any, _table: Any) -> str:
    return print_as.spark(value or [], row["spark_target"])


def _bar(value: Any, column: Any, _row: Any, table: Any) -> str:
    bar = print_as.diverging(value, table.extra.get("most", 0))
    return format_html(
        '<span class="dv">{}{}</span>', bar, number(value, column.decimals, signed=True)
    )


def _rank(value: Any, _column: Any, _row: Any, _table: Any) -> str:
    """The place, ties said, and how far it moved."""
    if not value:
        return NOT_APPLICABLE
    place = _("tied %(place)s") % {"place": value["place"]} if value["tie"] else str(value["place"])
    return format_html('<span class="rk">{}<span class="mv">{}</span></span>', place, move(value))


def move(value: dict[str, Any]) -> str:
    """Up, down or level against the edition before."""
    step = value.get("step")
    if step is None:
        return NOT_APPLICABLE
    if step == 0:
        return _("level")
    return (_("up %(n)s") if step > 0 else _("down %(n)s")) % {"n": abs(step)}


@register.filter
def placewords(value: dict[str, Any] | None) -> str:
    """The place in a sentence: no. 15, up 1; tied no. 11; `rank …` where there is none."""
    if not value:
        return _("rank …")
    text = _("tied no. %(place)s") if value["tie"] else _("no. %(place)s")
    comma = "，" if plans.lang() == "zh" else ", "
    moved = "" if value.get("step") is None else comma + move(value)
    return text % {"place": value["place"]} + moved


def _used(value: Any, column: Any, _row: Any, _table: Any) -> str:
    """What is used of what is allowed, with a meter that turns when it is more."""
    if not value or value["used"] is None:
        return NOT_REPORTED
    used, allowed = value["used"], value["allowed"]
    text = number(used, column.decimals)
    if allowed is None:
        return format_html('<span class="incr">{}<i>/</i>{}</span>', text, NOT_REPORTED)
    part = min(max(used / allowed, 0), 1) if allowed > 0 else float(used > 0)
    return format_html(
        '<span class="incr">{}<i>/</i>{}<svg viewBox="0 0 30 8" width="30" height="8" '
        'aria-hidden="true"><rect class="meter-b" y="2" width="30" height="4"/>'
        '<rect class="{}" y="2" width="{}" height="4"/></svg></span>',
        text,
        number(allowed, column.decimals),
        "meter-o" if used > max(allowed, 0) else "meter-f",
        round(part * METER, 1),
    )


def _code(value: Any, _column: Any, _row: Any, _table: Any) -> str:
    if not value:
        return NOT_APPLICABLE
    address = reverse("explain", args=[value])
    return format_html('<a href="{}" title="{}">{}</a>', address, value, _("explain"))


def _explained(value: Any, column: Any, _row: Any, _table: Any) -> str:
    """A level that leads to its explanation."""
    if not value or value["text"] is None:
        return NOT_REPORTED
    text = number(value["text"], column.decimals, signed=column.kind == "effect")
    if not value.get("code"):
        return text
    return format_html(
        '<a class="num" href="{}">{}</a>', reverse("explain", args=[value["code"]]), text
    )


def _share(value: Any, column: Any, _row: Any, _table: Any) -> str:
    """A part of the whole in %, with its bar."""
    if value is None:
        return NOT_REPORTED
    width = round(min(max(value, 0), 100) / 100 * SHARE, 1)
    return format_html(
        '<span class="shr"><svg viewBox="0 0 {0} 8" width="{0}" height="8" aria-hidden="true">'
        '<rect class="meter-b" y="2" width="{0}" height="4"/>'
        '<rect class="meter-f" y="2" width="{1}" height="4"/></svg>{2}</span>',
        SHARE,
        width,
        number(value, column.decimals),
    )


def _link(value: Any, _column: Any, _row: Any, _table: Any) -> str:
    return format_html('<a href="{}">{}</a>', *value) if value else NOT_APPLICABLE


def _full(value: Any, _column: Any, _row: Any, _table: Any) -> str:
    return str(print_as.plain(value))


def _text(value: Any, _column: Any, _row: Any, _table: Any) -> str:
    return NOT_REPORTED if value is None else str(value)


PRINTERS: dict[str, Callable[[Any, Any, Any, Any], str]] = {
    "level": _level,
    "explained": _explained,
    "effect": _explained,
    "share": _share,
    "change": _change,
    "figure": _figure,
    "full": _full,
    "light": _light,
    "glyph": _glyph,
    "spark": _spark,
    "bar": _bar,
    "rank": _rank,
    "used": _used,
    "code": _code,
    "link": _link,
}


def _name(value: Any, column: Any, row: Any) -> SafeString:
    css = "fix l w" if column.wide else "fix l"
    words = format_html('<a href="{}">{}</a>', row.url, value) if row.url else value
    number_ = row["number"]
    head = format_html('<span class="no">{}</span>', number_) if number_ else ""
    note = format_html("<sup>{}</sup>", row["note"]) if row["note"] else ""
    return format_html('<th scope="row" class="{}">{}{}{}</th>', css, head, words, note)


@register.simple_tag
def cell(value: Any, column: Any, row: Any, table: Any) -> SafeString:
    """One cell of a table; what does not apply to a row is a dash."""
    if column.kind == "name":
        return _name(value, column, row)
    if value is None and (row.kind == "rest" or column.key in (row["apart"] or ())):
        return format_html('<td class="{}">{}</td>', column.css, NOT_APPLICABLE)
    words = PRINTERS.get(column.kind, _text)(value, column, row, table)
    if column.kind in NUMBERS and words == NOT_REPORTED:
        return format_html('<td class="{} none">{}</td>', column.css, words)
    return format_html('<td class="{}">{}</td>', column.css, words)


@register.filter
def lines(text: str) -> SafeString:
    """A head parted where its words say so."""
    parts = [format_html("{}", part) for part in text.split("\n")]
    return mark_safe("<br>".join(parts))  # noqa: S308
