"""The energy balance of a year as flows, and the same as a table in standard coal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from dualcarbon_web.accounting.models import Account, Analysis
from dualcarbon_web.core import plans, words
from dualcarbon_web.core.charts import Chart, Format
from dualcarbon_web.core.charts_flow import Node, sankey
from dualcarbon_web.core.tables import Column, Row, Table
from dualcarbon_web.core.templatetags.figures import number

SIZE = 1e10
WAYS = ("group", "carrier")
KINDS = ("supply", "transformation", "loss", "use", "difference")


def years(account: Account) -> list[str]:
    """The years that have a balance, latest first."""
    keys = Analysis.objects.filter(account=account, kind="flows").values_list("key", flat=True)
    return sorted({key.partition(":")[0] for key in keys}, reverse=True)


def load(account: Account, year: str, by: str) -> dict[str, Any] | None:
    """The flows of a year, else of the latest; None where there is no balance."""
    known = years(account)
    if not known:
        return None
    year = year if year in known else known[0]
    by = by if by in WAYS else WAYS[0]
    found = Analysis.objects.get(account=account, kind="flows", key=f"{year}:{by}")
    return {**found.content, "by": by, "year": year}


def ways(by: str) -> list[tuple[str, str, bool]]:
    """By what the carriers can be shown: key, words, and whether it is the chosen one."""
    named = {"group": _("Groups of carriers"), "carrier": _("Single carriers")}
    return [(key, named[key], key == by) for key in WAYS]


def name_of(node: dict[str, Any], by: str) -> str:
    """The name of a node in the language of the page."""
    plain = node["id"].removesuffix("_out")
    text = node["id"].removeprefix("carrier:")
    known = words.group(text)
    own = node["kind"] in ("loss", "difference") or (node["kind"] == "carrier" and by == "group")
    name = str(known if own and known != text else node[f"name_{plans.lang()}"])
    name = name.replace("（-）", "").replace("(-)", "")
    if plain != node["id"] and plain == "stock":
        return _("Stock increase")
    return _("Stock decrease") if node["id"] == "stock" else name


def sums(content: dict[str, Any]) -> dict[str, int]:
    """Grams by kind of node: supply (net), use, loss, conversion loss, difference."""
    kinds = {node["id"]: node["kind"] for node in content["nodes"]}
    found = dict.fromkeys((*KINDS, "conversion"), 0)
    for flow in content["flows"]:
        source, target, grams = flow["source"], flow["target"], flow["grams"]
        if kinds[source] == "supply":
            found["supply"] += grams
        if kinds[target] == "supply":
            found["supply"] -= grams
        if kinds[target] in ("use", "difference"):
            found[kinds[target]] += grams
        if kinds[source] == "difference":
            found["difference"] -= grams
        found["loss"] += grams if target == "losses" else 0
        found["conversion"] += grams if target == "conversion_loss" else 0
        found["conversion"] -= grams if source == "conversion_loss_in" else 0
    return found


def story(content: dict[str, Any]) -> dict[str, Any]:
    """The sentence and the band of figures above the picture."""
    held = sums(content)
    whole = held["supply"] or 1
    cells = (
        ("supply", _("Supply, net")),
        ("use", _("Final consumption")),
        ("conversion", _("Conversion losses")),
        ("loss", _("Losses")),
        ("difference", _("Statistical difference")),
    )
    return {
        "supply": number(held["supply"] / SIZE, 1),
        "use": number(held["use"] / whole * 100, 1),
        "conversion": number(held["conversion"] / whole * 100, 1),
        "unit": plans.unit_word("10^4 tce"),
        "cells": [
            {
                "name": name,
                "value": number(held[key] / SIZE, 1),
                "sub": f"{number(held[key] / whole * 100, 1)} %",
            }
            for key, name in cells
        ],
    }


def chart(content: dict[str, Any], mark: str) -> Chart:
    """The flows from supply to use."""
    unit = plans.unit_word("10^4 tce")
    form = Format(decimals=1, axis=0, signed=False, unit=unit)
    through = _through(content)
    nodes = [
        Node(
            node["id"],
            f"{name_of(node, content['by'])}  {form.text(through[node['id']] / SIZE)}",
            node["kind"] in ("carrier", "transformation"),
        )
        for node in content["nodes"]
    ]
    names = {node["id"]: name_of(node, content["by"]) for node in content["nodes"]}
    links = [(f["source"], f["target"], f["grams"] / SIZE) for f in content["flows"]]
    ordered = sorted(content["flows"], key=lambda flow: -flow["grams"])
    first = ordered[0]
    return Chart(
        id="balance-chart",
        title=_("From supply to use"),
        about=_("%(unit)s, calorific value; width is the amount") % {"unit": unit},
        says=_("Flows of energy; the largest: %(a)s to %(b)s, %(size)s")
        % {
            "a": names[first["source"]],
            "b": names[first["target"]],
            "size": form.text(first["grams"] / SIZE),
        },
        option=sankey(nodes, links, form, mark),
        height=620,
        width=1376,
        heads=[_("From"), _("To"), unit],
        rows=[
            [names[f["source"]], names[f["target"]], number(f["grams"] / SIZE, 2)] for f in ordered
        ],
        marks=[mark] if mark else [],
    )


def _through(content: dict[str, Any]) -> dict[str, int]:
    """What goes through each node: the larger of what comes in and what goes out."""
    inward = dict.fromkeys((node["id"] for node in content["nodes"]), 0)
    outward = dict(inward)
    for flow in content["flows"]:
        outward[flow["source"]] += flow["grams"]
        inward[flow["target"]] += flow["grams"]
    return {name: max(inward[name], outward[name]) for name in inward}


def table(content: dict[str, Any], marks: Sequence[str]) -> Table:
    """The balance in standard coal: items down, carriers across, signs as a balance prints them."""
    carriers = [node for node in content["nodes"] if node["kind"] == "carrier"]
    unit = plans.unit_word("10^4 tce")
    columns = [Column("name", _("Item"), kind="name", sortable=False)]
    columns += [
        Column(node["id"], name_of(node, content["by"]), unit, "level", decimals=1, sortable=False)
        for node in carriers
    ]
    columns.append(
        Column("total", _("Total"), unit, "level", decimals=1, strong=True, sortable=False)
    )
    rows = [row for kind in KINDS for row in _items(content, kind, carriers)]
    caption = _("Energy balance of %(year)s in standard coal, calorific value") % {
        "year": content["year"]
    }
    notes = _(
        "Every cell of the balance is converted once, at its calorific value; signs are those of "
        "the balance: what a transformation takes in and what leaves the city is negative. The "
        "statistical difference is what comes to a carrier and is not explained by its use."
    )
    return Table("balance", caption, columns, rows, notes=notes, marks=marks, extra={"css": "acc"})


def _items(content: dict[str, Any], kind: str, carriers: Sequence[dict[str, Any]]) -> list[Row]:
    nodes = [node for node in content["nodes"] if node["kind"] == kind]
    nodes = [node for node in nodes if not node["id"].startswith("conversion_loss")]
    rows = [_item(content, [node["id"]], name_of(node, content["by"]), carriers) for node in nodes]
    if kind == "difference" and nodes:
        ids = [node["id"] for node in nodes]
        rows = [_item(content, ids, _("Statistical difference"), carriers)]
    titles = {"supply": _("Supply"), "transformation": _("Transformation"), "use": _("Final use")}
    if kind in titles and nodes:
        whole = _item(content, [node["id"] for node in nodes], titles[kind], carriers)
        whole.kind = "sum"
        rows = [whole, *rows]
    if rows:
        rows[-1].ends = True
    return rows


def _item(
    content: dict[str, Any], ids: Sequence[str], name: str, carriers: Sequence[dict[str, Any]]
) -> Row:
    """One item: what it gives a carrier, or what the carrier gives it, by the kind of the item."""
    kinds = {node["id"]: node["kind"] for node in content["nodes"]}
    gives = kinds[ids[0]] in ("supply", "transformation")
    values: dict[str, Any] = {}
    for node in carriers:
        inward = sum(
            f["grams"] for f in content["flows"] if f["source"] in ids and f["target"] == node["id"]
        )
        outward = sum(
            f["grams"] for f in content["flows"] if f["target"] in ids and f["source"] == node["id"]
        )
        net = inward - outward if gives else outward - inward
        values[node["id"]] = net / SIZE if inward or outward else "—"
    held = [value for value in values.values() if value != "—"]
    return Row({**values, "name": name, "total": sum(held)})
