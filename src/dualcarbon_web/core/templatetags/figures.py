"""How figures and lights are printed: signs, decimals, absence, shapes."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

register = template.Library()
MINUS = "\u2212"
NOT_REPORTED = "…"
NOT_APPLICABLE = "—"


def number(value: Any, decimals: int = 2, *, signed: bool = False) -> str:
    """Print a number with fixed decimals, comma groups and a real minus; `…` when it is absent."""
    if value is None or value == "":
        return NOT_REPORTED
    if value == NOT_APPLICABLE:
        return NOT_APPLICABLE
    text = f"{abs(float(value)):,.{decimals}f}"
    if not any(digit in text for digit in "123456789"):
        return f"{0:,.{decimals}f}"
    return (MINUS if float(value) < 0 else "+" if signed else "") + text


@register.filter
def fixed(value: Any, decimals: int = 2) -> str:
    """A level: 4,000.5."""
    return number(value, int(decimals))


@register.filter
def change(value: Any, decimals: int = 2) -> str:
    """A change or gap, always with its sign: −2.40, +0.60."""
    return number(value, int(decimals), signed=True)


@register.simple_tag
def figure(value: Any, signed: bool = False) -> str:
    """A value of any indicator: changes in % signed with two decimals, amounts as they are."""
    if signed or value is None:
        return number(value, 2, signed=True)
    return number(value, 0 if float(value).is_integer() else 2)


@register.filter
def plain(value: Any) -> str:
    """All digits, as few as tell the value apart."""
    if value is None:
        return NOT_REPORTED
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    text = f"{value:,.10f}".rstrip("0").rstrip(".") if abs(value) >= 1e-6 else f"{value:g}"
    return text.replace("-", MINUS)


@register.filter
def size(value: Any, decimals: int = 2) -> str:
    """The size of a change without its sign, for a sentence that says fell or rose."""
    return number(abs(value), decimals)


@register.filter(name="word")
def light_word(mark: str) -> str:
    """The word of a mark: 0-3, x (no data), w (watch)."""
    return {
        "0": _("On track"),
        "1": _("Slightly behind"),
        "2": _("Behind"),
        "3": _("Critical"),
        "w": _("Watch"),
    }.get(mark, _("No data"))


@register.simple_tag
def light(mark: str) -> SafeString:
    """Shape, colour and word of a severity."""
    return format_html(
        '<span class="lt k{0}"><svg class="g s{0}" aria-hidden="true"><use href="#g{0}"/></svg>'
        "{1}</span>",
        mark,
        light_word(mark),
    )


@register.simple_tag
def glyph(mark: str, about: str = "") -> SafeString:
    """The shape alone, with its name for those who do not see it."""
    word = f"{about}{light_word(mark)}"
    return format_html(
        '<svg class="g s{0}" role="img" aria-label="{1}"><title>{1}</title>'
        '<use href="#g{0}"/></svg>',
        mark,
        word,
    )


@register.simple_tag
def spark(values: list[float | None], target: float | str | None = None) -> SafeString:
    """A line of the last values with one hairline for the target and a dot on now."""
    target = target if isinstance(target, float) else None
    known = [(i, v) for i, v in enumerate(values) if v is not None]
    if len(known) < 2:
        return format_html('<span class="faint">{}</span>', NOT_APPLICABLE)
    scale = [v for _i, v in known] + ([target] if target is not None else [])
    low, high = min(scale), max(scale)
    span = (high - low) or 1

    def height(value: float) -> float:
        return round(15 - (value - low) / span * 12, 1)

    step = 49 / max(len(values) - 1, 1)
    points = " ".join(f"{2 + i * step:.1f},{height(v)}" for i, v in known)
    last = known[-1]
    line = (
        format_html('<path class="sp-t" d="M0 {}H54"/>', height(target))
        if (target is not None)
        else ""
    )
    return format_html(
        '<svg class="spark" viewBox="0 0 54 18" aria-hidden="true">{}'
        '<polyline class="sp-l" points="{}"/>'
        '<circle class="sp-d" cx="{}" cy="{}" r="2"/></svg>',
        line,
        points,
        f"{2 + last[0] * step:.1f}",
        height(last[1]),
    )


@register.simple_tag
def diverging(value: float | None, most: float) -> SafeString:
    """A bar to the left for a fall, to the right for a rise, from one middle line."""
    if value is None or not most:
        return format_html("{}", NOT_REPORTED)
    width = round(abs(value) / most * 58, 1)
    start = 60 - width if value < 0 else 60
    return format_html(
        '<svg viewBox="0 0 120 10" width="120" height="10" aria-hidden="true">'
        '<rect class="{}" x="{}" y="1" width="{}" height="8"/><path class="div-z" d="M60 -10V20"/>'
        "</svg>",
        "div-n" if value < 0 else "div-p",
        start,
        width,
    )


@register.simple_tag(takes_context=True)
def query(context: dict[str, Any], **changes: Any) -> str:
    """The address of this page with some query values changed (None takes one out)."""
    values = context["request"].GET.copy()
    for key, value in changes.items():
        values.pop(key, None)
        if value is not None:
            values[key] = str(value)
    return "?" + values.urlencode()


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """An entry of a mapping."""
    return mapping.get(key) if mapping else None


@register.filter
def place(value: Any) -> str:
    """Where a finding points: file, sheet and cell."""
    if not isinstance(value, dict):
        return str(value or "")
    row = f"{value['row']}" if value.get("row") and not value.get("cell") else None
    parts = (value.get("file"), value.get("sheet"), value.get("cell") or row)
    return "!".join(str(part or "") for part in parts).strip("!")


@register.filter
def unit(text: str | None) -> str:
    """A unit in the words of the page; nothing where there is none."""
    from dualcarbon_web.core import plans

    return "" if text in (None, "", "1") else plans.unit_word(text)


@register.filter
def digits(value: Any) -> str:
    """A value short enough for a line: at most six digits after the point."""
    if value is None or isinstance(value, (str, bool)):
        return NOT_REPORTED if value is None else str(value)
    text = f"{abs(value):,.6f}" if abs(value) < 1 else f"{abs(value):,.4f}"
    return (MINUS if value < 0 else "") + text.rstrip("0").rstrip(".")


@register.filter
def statusword(key: str) -> str | None:
    """Vintage or status of an input in words."""
    from dualcarbon_web.core import words

    return words.vintage_or_status(key)


@register.filter
def termname(name: str) -> str:
    """The name of an input of a number in the words of the page."""
    from dualcarbon_web.control.term_words import words_of

    return words_of(name)


@register.filter
def clauseof(term: dict[str, Any]) -> str:
    """The commitment whose clause gave an input of a number; empty for any other input."""
    from dualcarbon_web.control.term_words import clause_of

    found = clause_of(str(term.get("name", "")))
    return str(found.id) if found else ""


@register.filter
def termsource(term: dict[str, Any]) -> str:
    """What an input comes from: the clause in the language of the page, or the source as given."""
    from dualcarbon_web.control.term_words import clause_of
    from dualcarbon_web.core import plans

    found = clause_of(str(term.get("name", "")))
    text = getattr(found, f"text_{plans.lang()}") if found else term.get("source")
    return text or ""


@register.filter
def periodname(text: str) -> str:
    """A period in the words of the page."""
    from dualcarbon.periods import Period
    from dualcarbon_web.core import plans

    return Period.parse(text).label(plans.lang())
