"""Two editions of the account side by side: what went in, and what moved every amount."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from dualcarbon_web.accounting.explorer_table import LARGE
from dualcarbon_web.accounting.models import Account, Analysis
from dualcarbon_web.core import plans, words
from dualcarbon_web.core.charts import Chart, Format
from dualcarbon_web.core.charts_flow import Step, waterfall
from dualcarbon_web.core.tables import Column, Row, Table, sort_rows
from dualcarbon_web.core.templatetags.figures import number

STEPS = ("data", "parameter", "method", "boundary")


def load(account: Account, values: Any) -> dict[str, Any] | None:
    """One pair of editions, gas and year; None where nothing has been compared."""
    found = Analysis.objects.filter(account=account, kind="compare").exclude(key="failed")
    by_key = {item.key: item.content for item in found}
    if not by_key:
        return None
    key = values.get("pair", "")
    key = key if key in by_key else max(by_key)
    rows = by_key[key]["waterfall"]
    gases = list(dict.fromkeys((row["gas"], row["scope"]) for row in rows))
    wanted = values.get("gas", "CO2e:1")
    named = {_gas_key(*one): one for one in gases}
    gas = named.get(wanted) or next(iter(named.values()))
    years = sorted({row["period"] for row in rows}, reverse=True)
    year = values.get("year", "")
    whole = [one for one in years if int(one) < account.on.year] if "as_of" in key else years
    year = year if year in years else next(iter(whole or years))
    kept = [r for r in rows if (r["gas"], r["scope"]) == gas and r["period"] == year]
    return by_key[key] | {
        "key": key,
        "rows": kept,
        "gas": gas,
        "year": year,
        "years": years,
        "pairs": [(one, _pair(one), one == key) for one in sorted(by_key, reverse=True)],
        "gases": [(_gas_key(*one), _gas(*one), one == gas) for one in gases],
    }


def _gas_key(name: str, scope: int | None) -> str:
    return name if scope is None else f"{name}:{scope}"


def _gas(name: str, scope: int | None) -> str:
    return words.gas(name) if scope is None else f"{words.gas(name)} · {words.scope(scope)}"


def _pair(key: str) -> str:
    kind, _sep, what = key.partition(":")
    if kind == "gwp":
        return _("With GWP of %(set)s instead") % {"set": what}
    return _("Since what was known on %(day)s") % {"day": what}


def _size(unit: str) -> tuple[str, float]:
    return plans.unit_word(LARGE.get(unit, unit)), 1e10 if unit in LARGE else 1e6


def city(content: dict[str, Any]) -> dict[str, Any] | None:
    """The row of the city."""
    return next((row for row in content["rows"] if row["subject_kind"] == "city"), None)


def story(content: dict[str, Any]) -> dict[str, Any] | None:
    """The sentence: how much the amount moved and which kind of change moved it most."""
    row = city(content)
    if row is None:
        return None
    unit, size = _size(row["unit"])
    moved = row["to"] - row["from"]
    most = max(STEPS, key=lambda step: abs(row[step]))
    return {
        "gas": _gas(*content["gas"]),
        "pair": _pair(content["key"]),
        "year": content["year"],
        "moved": number(moved / size, 2, signed=True) if moved else None,
        "percent": moved / row["from"] * 100 if row["from"] else None,
        "most": steps()[most] if moved else "",
        "unit": unit,
    }


def steps() -> dict[str, str]:
    """The kinds of change in the words of the page."""
    return {
        "data": _("Data"),
        "parameter": _("Parameters"),
        "method": _("Method"),
        "boundary": _("Boundary"),
    }


def chart(content: dict[str, Any], mark: str) -> Chart | None:
    """The waterfall of the city; None where it has no row."""
    row = city(content)
    if row is None:
        return None
    unit, size = _size(row["unit"])
    form = Format(decimals=2, axis=1, signed=False, unit=unit)
    named, at = steps(), row["from"]
    bars = [Step(_("Edition A"), 0.0, at / size, True)]
    for step in STEPS:
        bars.append(Step(named[step], at / size, (at + row[step]) / size))
        at += row[step]
    bars.append(Step(_("Edition B"), 0.0, row["to"] / size, True))
    return Chart(
        id="compare-chart",
        title=_("From edition to edition"),
        about=_("%(unit)s; the axis does not start at zero") % {"unit": unit},
        says=_("From %(start)s to %(end)s %(unit)s")
        % {"start": form.text(bars[0].end), "end": form.text(bars[-1].end), "unit": unit},
        option=waterfall(bars, form, mark),
        height=404,
        width=1376,
        heads=["", unit],
        rows=[[bar.label, number(bar.end - bar.start, 4, signed=not bar.level)] for bar in bars],
        marks=[mark] if mark else [],
    )


def table(content: dict[str, Any], sort: str, marks: Sequence[str]) -> Table:
    """Every subject: from, the four kinds of change, to; exact in whole grams."""
    unit, size = _size(content["rows"][0]["unit"]) if content["rows"] else ("", 1.0)
    named, group = steps(), _("What moved it")
    columns = [
        Column("name", _("Subject"), kind="name"),
        Column("from", _("Edition A"), unit, "level", decimals=2),
        *(Column(step, named[step], unit, "change", group, 2) for step in STEPS),
        Column("to", _("Edition B"), unit, "level", decimals=2),
        Column("percent", _("Change"), "%", "change", decimals=2, strong=True),
        Column("complete", _("Data"), "", "text", sortable=False),
        *(Column(f"{n}_g", f"{n}, g", hidden=True) for n in ("from", *STEPS, "to")),
    ]
    rows = [_row(row, size) for row in content["rows"]]
    rows.sort(key=lambda row: row.kind != "sum")
    return Table(
        id="compare",
        caption=_("What moved every amount, %(year)s") % {"year": content["year"]},
        columns=columns,
        rows=sort_rows(rows, columns, sort),
        sort=sort,
        notes=_(
            "Edition A + data + parameters + method + boundary = edition B, to the gram. Data: "
            "other quantities; parameters: other values of the same formula; method: another "
            "formula or GWP set; boundary: activity that only one of the two knows. partial: some "
            "activity has no parameter."
        ),
        marks=marks,
        extra={"css": "acc"},
    )


def _row(row: dict[str, Any], size: float) -> Row:
    moved = row["to"] - row["from"]
    whole = not (row["unmatched_from"] or row["unmatched_to"])
    values: dict[str, Any] = {name: row[name] / size for name in ("from", *STEPS, "to")}
    values |= {f"{name}_g": row[name] for name in ("from", *STEPS, "to")}
    values["percent"] = moved / row["from"] * 100 if row["from"] else None
    values["complete"] = _("complete") if whole else _("partial")
    is_city = row["subject_kind"] == "city"
    values["name"] = _("Whole city") if is_city else plans.area_name(row["subject"])
    return Row(values, kind="sum" if is_city else "")


def inputs(content: dict[str, Any], marks: Sequence[str]) -> Table:
    """What went into the two editions and differs: options, files, parameters."""
    rows = [
        Row({"name": one["name"], "what": _("Option"), "a": one["from"], "b": one["to"]})
        for one in content["options"]
    ]
    rows += [
        Row({"name": one["file"], "what": _("File"), "a": one["from"], "b": one["to"]})
        for one in content["inputs"]
    ]
    rows += [
        Row({"name": one["id"], "what": _("Parameter"), "a": one["from"], "b": one["to"]})
        for one in content["parameters"]
    ]
    columns = [
        Column("name", _("What differs"), kind="name", sortable=False, wide=True),
        Column("what", _("Kind"), sortable=False),
        Column("a", _("Edition A"), sortable=False),
        Column("b", _("Edition B"), sortable=False),
    ]
    return Table("inputs", _("What went in"), columns, rows, marks=marks)
