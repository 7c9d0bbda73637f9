"""The chart of the explorer: the largest parts stacked over the reported periods."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from dualcarbon.periods import Period
from dualcarbon_web.accounting import explorer, explorer_table
from dualcarbon_web.accounting.explorer import Part, View
from dualcarbon_web.core import plans, words
from dualcarbon_web.core.charts import Chart, Format, stacked

LAYERS, LABELS = 5, 24


def chart(view: View) -> Chart | None:
    """The stack of a view; None where fewer than two periods were reported."""
    labels = view.known[-LABELS:]
    layers = _layers(view, labels)
    if len(labels) < 2 or not layers:
        return None
    unit, size, decimals = explorer_table.display(view.asked)
    form = Format(decimals=max(decimals, 1), axis=0, signed=False, unit=plans.unit_word(unit))
    mark = _("SYNTHETIC") if view.account.synthetic else ""
    scaled = [(name, [None if v is None else v / size for v in data]) for name, data in layers]
    names = [_label(text, first=at == 0) for at, text in enumerate(labels)]
    return Chart(
        id="account-chart",
        title=words.gas(view.asked.name),
        about=_("%(unit)s, by reported period; zero is at the foot") % {"unit": form.unit},
        says=_says(view),
        option=stacked(names, scaled, form, mark),
        height=352,
        width=1376,
        heads=[_("Period"), *(name for name, _data in scaled)],
        rows=[
            [Period.parse(text).label(plans.lang()), *(form.text(data[at]) for _n, data in scaled)]
            for at, text in enumerate(labels)
        ],
        keys=[(f"layer{at}", name) for at, (name, _data) in reversed(list(enumerate(scaled)))],
        marks=[mark] if mark else [],
    )


def _layers(view: View, labels: Sequence[str]) -> list[tuple[str, list[int | None]]]:
    """The largest parts by name, then all others together."""
    if view.asked.by == "time" or not view.parts:
        whole = [view.whole] if view.whole else []
        return [(_("Whole"), _data(part, labels)) for part in whole]
    first, others = view.parts[:LAYERS], view.parts[LAYERS:]
    found = [(explorer_table.title(view, part), _data(part, labels)) for part in first]
    left = [*others, *([view.rest] if view.rest else [])]
    if left:
        found.append((_("All others"), _summed(left, labels)))
    return found


def _data(part: Part, labels: Sequence[str]) -> list[int | None]:
    return [part.series.get(text) for text in labels]


def _summed(parts: Sequence[Part], labels: Sequence[str]) -> list[int | None]:
    columns = zip(*(_data(part, labels) for part in parts), strict=True)
    return [sum(one for one in column if one is not None) for column in columns]


def _label(text: str, *, first: bool) -> str:
    """A month by its number, the year under January and under the first."""
    period = Period.parse(text)
    if period.kind != "month":
        return period.label(plans.lang())
    month = period.first[1]
    return f"{month}\n{period.year}" if month == 1 or first else str(month)


def _says(view: View) -> str:
    parts = view.parts[:3]
    names = ", ".join(explorer.name_of(view, part) for part in parts)
    return _("Stacked by period; the largest: %(names)s") % {"names": names or _("Whole")}
