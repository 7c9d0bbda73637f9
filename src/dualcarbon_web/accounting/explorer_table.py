"""The table of the explorer in the column grammar, each number with its code."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from dualcarbon.periods import Period
from dualcarbon_web.accounting import explorer, services
from dualcarbon_web.accounting.asked import Asked
from dualcarbon_web.accounting.explorer import Part, View
from dualcarbon_web.core import plans, words
from dualcarbon_web.core.tables import Column, Row, Table, sort_rows

MILLION = 1e6
LARGE = {"tce": "10^4 tce", "tCO2": "10^4 tCO2", "tCO2e": "10^4 tCO2e"}


def display(asked: Asked) -> tuple[str, float, int]:
    """The unit of the page, grams in it, and decimals: large units for a city and its areas."""
    if asked.kind != "enterprise" and asked.unit in LARGE:
        return LARGE[asked.unit], 1e10, 2 if asked.kind == "area" else 1
    return asked.unit, MILLION, 0 if asked.unit in LARGE else 2


def columns(asked: Asked) -> list[Column]:
    """The column grammar of time tables, the valuation of energy named in the head."""
    unit, _size, decimals = display(asked)
    unit, gas = plans.unit_word(unit), words.gas(asked.name)
    now = f"{gas} · {asked.period.label(plans.lang())}"
    to_date = f"{_('To date')} · {asked.to_date.label(plans.lang())}"
    before = pgettext("period", "q/q") if asked.period.kind == "quarter" else _("m/m")
    found = [
        Column("name", _ways()[asked.by], kind="name"),
        Column("now", _("This period"), unit, "explained", now, decimals),
        Column("growth", _("y/y"), "%", "change", now, 1),
        Column("chain", before, "%", "change", now, 1),
        Column("to_date", _("To date"), unit, "explained", to_date, decimals),
        Column("to_date_growth", _("y/y"), "%", "change", to_date, 1, strong=True),
    ]
    found += [] if asked.by == "time" else _shares(asked)
    found.append(Column("status", _("Data"), "", "text", "", sortable=False))
    if asked.by in ("section", "division"):
        found.append(Column("units", _("Units\nfiling"), "", "level", "", 0))
    hidden = [
        Column("grams", _("This period, whole grams"), "g", "text", hidden=True),
        Column("grams_to_date", _("To date, whole grams"), "g", "text", hidden=True),
        Column("unmatched", _("Rows without parameter"), "", "text", hidden=True),
        Column("code", _("Explain code"), "", "text", hidden=True),
    ]
    return [*found, *hidden]


def _shares(asked: Asked) -> list[Column]:
    label = asked.lead.label(plans.lang())
    return [
        Column("share", _("Share"), "%", "share", label, 1),
        Column("pull", _("Moves the\nwhole by"), _("points"), "change", label, 2),
    ]


def _ways() -> dict[str, str]:
    return {
        "carrier": _("Carrier"),
        "section": _("Industry (section)"),
        "division": _("Industry (division)"),
        "area": _("District"),
        "time": _("Period"),
    }


def ways(asked: Asked, keys: tuple[str, ...]) -> list[tuple[str, str, bool]]:
    """The cuts a subject can be shown by: key, words, and whether it is the chosen one."""
    named = _ways()
    return [(key, named[key], key == asked.by) for key in keys]


def table(view: View, sort: str) -> Table:
    """The rows of a view; the whole first, what is in no part last."""
    asked, made = view.asked, columns(view.asked)
    if asked.by == "time":
        rows = _periods(view)
    else:
        whole = [_row(view, view.whole)] if view.whole else []
        rows = whole + [_row(view, part) for part in view.parts]
        rows += [_row(view, view.rest)] if view.rest else []
    return Table(
        id="account",
        caption=_("%(what)s by %(way)s, %(period)s")
        % {
            "what": words.gas(asked.name),
            "way": _ways()[asked.by],
            "period": asked.lead.label(plans.lang()),
        },
        columns=made,
        rows=sort_rows(rows, made, sort),
        sort=sort,
        notes=_notes(view, any(row["note"] for row in rows)),
        marks=[_("SYNTHETIC DATA")] if view.account.synthetic else [],
        extra={"css": "acc"},
    )


def _row(view: View, part: Part) -> Row:
    whole = view.whole or part
    reading, top = part.reading(view), whole.reading(view)
    cumulative = view.asked.cumulative
    value, of = (reading.to_date, top.to_date) if cumulative else (reading.now, top.now)
    last = services.total(whole.series, view.known, view.asked.lead.shift(-1))
    before = services.total(part.series, view.known, view.asked.lead.shift(-1))
    moved = None if value is None or before is None else value - before
    values = _values(view, part, reading) | {
        "name": title(view, part),
        "share": value / of * 100 if value is not None and of else None,
        "pull": moved / last * 100 if moved is not None and last else None,
        "units": _units(view, part),
    }
    if part.kind == "rest":
        values |= {"growth": None, "chain": None, "to_date_growth": None}
    return Row(values, _address(view, part), part.kind)


def _values(view: View, part: Part, reading: services.Reading, period: Period | None = None) -> Any:
    _unit, size, _decimals = display(view.asked)
    at = period or view.asked.period
    code = _code(view, part, at)
    return {
        "now": _cell(reading.now, size, code),
        "growth": reading.growth,
        "chain": reading.chain,
        "to_date": _cell(reading.to_date, size, _code(view, part, at.to_date())),
        "to_date_growth": reading.to_date_growth,
        "grams": reading.now,
        "grams_to_date": reading.to_date,
        "unmatched": part.unmatched,
        "status": _status(view, part),
        "note": _("part") if part.unmatched else "",
        "code": code,
    }


def _cell(grams: int | None, size: float, code: str | None) -> dict[str, Any]:
    return {"text": None if grams is None else grams / size, "code": code}


def _code(view: View, part: Part, period: Period) -> str | None:
    if part.line is None:
        return None
    return services.code(view.account, part.line.number, view.asked.gas, period)


def _status(view: View, part: Part) -> str:
    """Whether what it rests on has a source, and how many rows are not in it."""
    if part.line is None:
        return "—"
    held = words.status(part.line.statuses.get(view.asked.gas)) or "—"
    if not part.unmatched:
        return held
    rows = ngettext("%(n)s row not counted", "%(n)s rows not counted", part.unmatched)
    return f"{held}; {rows % {'n': part.unmatched}}"


def _units(view: View, part: Part) -> int | str | None:
    """The most enterprises that filed in one month of the period that leads."""
    if part.line is None or part.line.own:
        return "—"
    pairs = zip(view.account.known, part.line.units, strict=False)
    inside = [n for text, n in pairs if n and view.asked.lead.contains(Period.parse(text))]
    return max(inside, default=None)


def title(view: View, part: Part) -> str:
    """The name of a row: a part, the whole, or what is in none."""
    if part.kind == "sum":
        return _("Whole")
    if part.kind == "rest":
        return _("In no district") if view.asked.by == "area" else _("In no filing of this list")
    if part.key == "-":
        return _("Industry not stated")
    if part.key.endswith("-"):
        return _("%(section)s, division not stated") % {
            "section": explorer.named(view.asked.by, part.key)
        }
    return explorer.name_of(view, part)


def _address(view: View, part: Part) -> str:
    """Where a row leads: the same view of that part alone."""
    if part.kind or part.key.endswith("-"):
        return ""
    asked = view.asked
    changes = {
        "carrier": {"by": "time", "carrier": part.key},
        "section": {"by": "carrier", "industry": part.key},
        "division": {"by": "carrier", "industry": part.key},
        "area": {"subject": part.key, "by": "carrier"},
    }[asked.by]
    return address(asked, **changes)


def address(asked: Asked, **changes: Any) -> str:
    """The address of a view with some of what it asks for changed."""
    from django.utils.http import urlencode

    values: dict[str, Any] = {
        "subject": asked.subject,
        "by": asked.by,
        "gas": asked.name,
        "scope": asked.scope,
        "period": asked.shown,
        "industry": asked.industry,
        "carrier": asked.carrier,
    }
    return "?" + urlencode({key: one for key, one in (values | changes).items() if one})


def _periods(view: View) -> list[Row]:
    """One row a period of the kind asked for, the latest first."""
    if view.whole is None:
        return []
    kind = view.asked.period.kind
    known = [Period.parse(text) for text in view.account.periods]
    wanted = [one for one in known if one.kind == kind]
    rows = []
    for period in sorted(wanted, reverse=True):
        reading = services.read_series(view.whole.series, view.known, period)
        values = _values(view, view.whole, reading, period)
        rows.append(Row(values | {"name": period.label(plans.lang()), "note": ""}))
    return rows


def _notes(view: View, partial: bool) -> str:
    found = [
        _(
            "Every number leads to its explanation. … not reported; a sum with a month missing is "
            "not made. Parts add up to the whole."
        )
    ]
    if view.asked.by in ("section", "division"):
        found.append(
            _(
                "Industries are those of the register, by what enterprises filed (territory). The "
                "number of units is the most that filed in one month: a growth over missing "
                "filings is not a growth of energy."
            )
        )
    if partial:
        found.append(_("part: rows without a parameter are not in the number."))
    return " ".join(found)
