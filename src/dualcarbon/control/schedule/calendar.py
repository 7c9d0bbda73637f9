"""The statutory calendar as pack data: dated rules that say who owes what, by when, and why."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from attrs import frozen

from dualcarbon.control.schedule.workdays import SHIFTS, Workdays
from dualcarbon.errors import PackError
from dualcarbon.findings import Place, finding
from dualcarbon.packs import Pack
from dualcarbon.periods import Period

CYCLES = {"year": 12, "half": 6, "quarter": 3, "month": 1, "event": 0}
KINDS = ("city", "area", "enterprise")
WHO = (
    "kind", "levels", "tiers", "industries", "sectors", "located_in", "assessed_by", "place",
)  # fmt: skip
STATUSES = ("sourced", "unsourced", "synthetic")
MOST = 1000


@frozen
class Rule:
    """One dated rule of the calendar; `item` is what filings name, `id` the rule about it."""

    id: str
    item: str
    title_zh: str
    title_en: str
    who: Mapping[str, Any]
    cycle: str
    due: Mapping[str, Any]
    shift: str
    article: str | None
    penalty: Mapping[str, Any] | None
    valid_from: dt.date
    valid_to: dt.date | None
    mark: str
    status: str
    source: Mapping[str, Any]
    note_zh: str | None = None
    note_en: str | None = None

    def holds(self, day: dt.date) -> bool:
        """Tell whether it is about a period that ends, or an event that happens, on a day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def periods(self, year: int) -> Iterator[tuple[int, Period]]:
        """Give the periods of a year with their number from 0; none for events."""
        size = CYCLES[self.cycle]
        for index in range(12 // size if size else 0):
            first, last = index * size + 1, (index + 1) * size
            yield index, Period((year, first), (year, last), as_quarter=size == 3)

    def title(self, lang: str) -> str:
        """Give the title in `zh` or `en`."""
        return self.title_zh if lang == "zh" else self.title_en


def load_calendar(pack: Pack) -> list[Rule]:
    """Load the rules of a pack and its parents; a child's rule of the same id overrides fields.

    Errors: PackError for a rule without source, outside the closed lists, or D as sourced.
    """
    return [_rule(entry) for entry in pack.load_list("calendar.yaml", "id")]


def _rule(entry: Mapping[str, Any]) -> Rule:
    try:
        rule = Rule(
            id=str(entry["id"]),
            item=str(entry.get("item", entry["id"])),
            title_zh=entry["title_zh"],
            title_en=entry["title_en"],
            who=entry["who"],
            cycle=entry["cycle"],
            due=entry["due"],
            shift=entry["shift"],
            article=entry.get("article"),
            penalty=_penalty(entry.get("penalty")),
            valid_from=_day(entry["valid_from"]),
            valid_to=_day(entry["valid_to"]) if entry.get("valid_to") else None,
            mark=entry["mark"],
            status=entry["status"],
            source=entry["source"],
            note_zh=entry.get("note_zh"),
            note_en=entry.get("note_en"),
        )
        _check(rule)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        place = Place(str(entry["_file"]))
        said = finding("control.calendar", place, found=f"{entry['id']}: {error}")
        raise PackError(said) from error
    return rule


def _day(value: Any) -> dt.date:
    return value if isinstance(value, dt.date) else dt.date.fromisoformat(str(value))


def _penalty(raw: Any) -> dict[str, Any] | None:
    if raw is None:
        return None
    wanted = {"text_zh": raw["text_zh"], "text_en": raw["text_en"]}
    return {**wanted, **{key: raw.get(key) for key in ("article", "low", "high", "unit")}}


def _check(rule: Rule) -> None:
    """Hold a rule to the closed lists."""
    name = rule.due["rule"]
    wrong = [
        *(key for key in rule.who if key not in WHO),
        *(() if rule.who["kind"] in KINDS else (rule.who["kind"],)),
        *(() if rule.cycle in CYCLES else (rule.cycle,)),
        *(() if rule.shift in SHIFTS else (rule.shift,)),
        *(() if name in DUE else (name,)),
        *(() if rule.status in STATUSES else (rule.status,)),
        *(("mark D",) if rule.mark == "D" and rule.status == "sourced" else ()),
    ]
    if wrong:
        raise ValueError(", ".join(map(str, wrong)))
    if not isinstance(rule.source, Mapping):
        raise TypeError("source")
    if (rule.cycle == "event") != name.endswith("_after_event"):
        raise ValueError(f"{rule.cycle}, {name}")
    _check_due(rule)


def _check_due(rule: Rule) -> None:
    """Compute a due day once for every period of a year, so that a bad rule fails on load."""
    sizes = [rule.due.get("n", 0), rule.due.get("months", 0)]
    if any(not isinstance(n, int) or not 0 <= n <= MOST for n in sizes):
        raise ValueError(str(sizes))
    if rule.cycle == "event":
        _ = rule.due["event"], rule.due["n"]
        return
    plain = Workdays()
    for index, period in rule.periods(2023):
        due_day(rule, index, period.end, plain)


def due_day(rule: Rule, index: int, start: dt.date, workdays: Workdays) -> dt.date:
    """Give the due day before any holiday shift.

    `start` is the last day of the period, whose number in the year is `index`, or the event's day.
    """
    return DUE[rule.due["rule"]](rule.due, index, start, workdays)


def _fixed(due: Mapping[str, Any], index: int, start: dt.date, _: Workdays) -> dt.date:
    """Give a stated day of the period's year or of a later one; the end of a shorter month."""
    on = due["dates"][index]
    year, month = start.year + int(on.get("years", 0)), int(on["month"])
    return dt.date(year, month, min(int(on["day"]), calendar.monthrange(year, month)[1]))


def _last_day(due: Mapping[str, Any], _i: int, start: dt.date, _w: Workdays) -> dt.date:
    """Give the last day of the n-th month after the period's last month."""
    year, month = _later(start, int(due["months"]))
    return dt.date(year, month, calendar.monthrange(year, month)[1])


def _months(due: Mapping[str, Any], _i: int, start: dt.date, _w: Workdays) -> dt.date:
    """Give the same day n months later, or the last day of a shorter month."""
    year, month = _later(start, int(due["n"]))
    return dt.date(year, month, min(start.day, calendar.monthrange(year, month)[1]))


def _later(start: dt.date, months: int) -> tuple[int, int]:
    years, month = divmod(start.month - 1 + months, 12)
    return start.year + years, month + 1


def _days(due: Mapping[str, Any], _i: int, start: dt.date, _w: Workdays) -> dt.date:
    return start + dt.timedelta(days=int(due["n"]))


def _working(due: Mapping[str, Any], _i: int, start: dt.date, workdays: Workdays) -> dt.date:
    return workdays.nth(start, int(due["n"]))


Due = Callable[[Mapping[str, Any], int, dt.date, Workdays], dt.date]
DUE: Mapping[str, Due] = {
    "fixed": _fixed,
    "last_day": _last_day,
    "days_after_period": _days,
    "working_days_after_period": _working,
    "days_after_event": _days,
    "working_days_after_event": _working,
    "months_after_event": _months,
}
