"""Parameters as tables: names and sets, then the values of one name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from attrs import evolve
from django.urls import reverse
from django.utils.translation import gettext as _

from dualcarbon.parameters import Candidate, Parameter
from dualcarbon.periods import Period
from dualcarbon_web.core import plans
from dualcarbon_web.core import words as texts
from dualcarbon_web.core.tables import Column, Row, Table, flat, sort_rows
from dualcarbon_web.parameters import key_words

STATUSES = ("sourced", "unsourced", "synthetic")


def names(sort: str) -> Table:
    """Every name and set, with how many values it has and their status."""
    loaded = plans.parameters()
    rows = []
    for name, values in loaded.by_name.items():
        for chosen in dict.fromkeys(value.set for value in values):
            of_set = [value for value in values if value.set == chosen]
            rows.append(
                Row(
                    {
                        "title": loaded.names[name][plans.lang()],
                        "name": name,
                        "set": chosen,
                        "default": _("default") if chosen == loaded.default_set(name) else "—",
                        "count": len(of_set),
                        **_status(value.status for value in of_set),
                    },
                    reverse("parameter", args=[name]) + f"?set={chosen}",
                )
            )
    shape = [
        Column("title", _("Parameter"), kind="name"),
        Column("name", _("Name")),
        Column("set", _("Set")),
        Column("default", _("Choice of the pack")),
        Column("count", _("Values"), kind="level", decimals=0),
        Column("status", _("Status")),
    ]
    caption = _("Dated, cited values that accounts use")
    return Table("parameters", caption, shape, sort_rows(rows, shape, sort), sort)


def _status(found: Iterable[str]) -> dict[str, Any]:
    """The statuses of some values: what a filter looks at, and the words of the page."""
    keys = [status for status in STATUSES if status in set(found)]
    comma = "、" if plans.lang() == "zh" else ", "
    return {"statuses": keys, "status": comma.join(texts.status(key) for key in keys)}


def narrowed(table: Table, asked: Mapping[str, str]) -> Table:
    """The rows that hold every word of the search and have the status asked for."""
    words = asked.get("q", "").casefold().split()
    status = asked.get("status", "")
    rows = [
        row
        for row in table.rows
        if status in ("", *(row["statuses"] or ())) and _holds(row, table.columns, words)
    ]
    return evolve(table, rows=rows)


def _holds(row: Row, columns: Iterable[Column], words: list[str]) -> bool:
    text = " ".join(str(flat(row[column.key])) for column in columns).casefold()
    return all(word in text for word in words)


def choices() -> list[tuple[str, str]]:
    """What the filter of statuses offers."""
    return [(key, texts.status(key)) for key in STATUSES]


def values(name: str, on: str, chosen: str, keys: dict[str, str], sort: str) -> Table:
    """The values of a name: all, or those considered for a month with the reason for each."""
    loaded = plans.parameters()
    if on:
        month = Period.parse(on).first
        found = loaded.candidates(name, keys, month, set=chosen or None)
    else:
        found = [_plain(value) for value in loaded.by_name[name] if chosen in ("", value.set)]
    rows = [_row(item) for item in found]
    shape = [
        Column("keys", _("For"), kind="name", wide=True),
        Column("codes", _("Keys"), hidden=True),
        Column("value", _("Value"), kind="full", strong=True),
        Column("unit", _("Unit")),
        Column("set", _("Set")),
        Column("valid", _("Holds")),
        Column("status", _("Status")),
        Column("mark", _("Mark")),
        Column("source", _("Source"), wide=True),
        Column("why", _("Taken or not, and why"), wide=True),
    ]
    if not on:
        shape.pop()
    caption = loaded.names[name][plans.lang()]
    return Table("values", caption, shape, sort_rows(rows, shape, sort), sort)


def _plain(value: Parameter) -> Candidate:
    return Candidate(value, False, "", "")


def _row(item: Candidate) -> Row:
    value = item.parameter
    values: dict[str, Any] = {
        "keys": key_words.words_of(value.keys),
        "codes": ",".join(f"{key}={word}" for key, word in value.keys.items()),
        "value": value.value,
        "unit": plans.unit_word(value.unit) if value.unit != "1" else "—",
        "set": value.set,
        "valid": _holding(value),
        **_status([value.status]),
        "mark": value.mark,
        "source": ", ".join(
            str(value.source[key])
            for key in ("title", "clause", "table", "publisher")
            if value.source.get(key)
        ),
        "why": item.reason(plans.lang()),
    }
    return Row(values, kind="sum" if item.accepted else "")


def _holding(value: Parameter) -> str:
    """The span in which a value holds."""
    if value.valid_to is None:
        return _("from %(day)s") % {"day": value.valid_from}
    return _("%(day)s to %(end)s") % {"day": value.valid_from, "end": value.valid_to}
