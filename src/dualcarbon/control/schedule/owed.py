"""What a subject owes in a year, when it is due, and whether it was filed by a date.

An item stands in the year of its due day, after the holiday shift or an extension. Nothing that was
filed, granted or recorded after the date is known. Source: docs/methods/schedule.md.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import define, field, frozen

from dualcarbon.areas import Area
from dualcarbon.control.schedule.calendar import Rule, due_day
from dualcarbon.control.schedule.records import GROUP, Records, Row, code_of
from dualcarbon.control.schedule.workdays import Workdays
from dualcarbon.errors import UsageError
from dualcarbon.findings import Finding, finding
from dualcarbon.subjects import Words

Subject = tuple[str, str]
AROUND = 3


@frozen
class Owed:
    """One duty of a subject: due day, where it was shifted from, filings, extension, state."""

    rule: Rule
    period: str
    due: dt.date
    shifted_from: dt.date | None
    filings: tuple[Row, ...]
    extension: Row | None
    event: Row | None
    state: str

    @property
    def filed_on(self) -> dt.date | None:
        """Give the day of the first filing, which decides whether it was in time."""
        return min((row["filed_on"] for row in self.filings), default=None)

    @property
    def last_day(self) -> dt.date:
        """Give the last day in time: the due day or that of an extension."""
        return max(self.due, self.extension["due"]) if self.extension else self.due

    def to_json(self) -> dict[str, Any]:
        """Give the item as the command answers it."""
        rule, extension = self.rule, self.extension
        names = ("title_zh", "title_en", "article", "status", "mark", "note_zh", "note_en")
        return {
            "id": rule.item,
            "rule": rule.id,
            **{name: getattr(rule, name) for name in names},
            "period": self.period,
            "due": self.due.isoformat(),
            "shifted_from": _iso(self.shifted_from),
            "penalty": dict(rule.penalty) if rule.penalty else None,
            "source": dict(rule.source),
            "state": self.state,
            "filed_on": _iso(self.filed_on),
            "filings": [_filing(row) for row in self.filings],
            "extension": _extension(extension) if extension else None,
            "event": self.event["event"] if self.event else None,
        }


def _iso(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None


def _filing(row: Row) -> dict[str, Any]:
    return {"filed_on": _iso(row["filed_on"]), "document": row["document"], "place": row["place"]}


def _extension(row: Row) -> dict[str, Any]:
    days = {"due": _iso(row["due"]), "granted_on": _iso(row["granted_on"])}
    return {**days, "document": row["document"]}


@frozen
class Schedule:
    """The items of a subject in a year, in the order of their due days."""

    subject: Subject
    names: tuple[str | None, str | None]
    year: int
    on: dt.date
    items: tuple[Owed, ...]
    findings: tuple[Finding, ...]

    def to_json(self) -> dict[str, Any]:
        """Give the answer of the command."""
        return {
            "subject": self.subject[1],
            "subject_kind": self.subject[0],
            "name_zh": self.names[0],
            "name_en": self.names[1],
            "year": self.year,
            "on": self.on.isoformat(),
            "items": [item.to_json() for item in self.items],
        }


def schedule(
    rules: Sequence[Rule],
    subject: str,
    year: int,
    on: dt.date,
    words: Words,
    records: Records,
) -> Schedule:
    """Give what a subject owes in a year, as it stood at the end of a day.

    Errors: UsageError for a subject that neither the pack nor the register knows, and for a year
    outside 1950 to 2100.
    """
    if not 1950 <= year <= 2100:
        raise UsageError(finding("control.schedule_year", found=year))
    who, names = _subject(subject, words, records)
    worker = _Worker(words, records, who, on, Workdays.of(words.pack))
    found: dict[tuple[str, str], Owed] = {}
    for rule in sorted(rules, key=lambda rule: rule.valid_from):
        for item in worker.items(rule, year):
            found[rule.item, item.period] = item
    owed = [item for item in found.values() if year in (item.due.year, item.last_day.year)]
    owed.sort(key=lambda item: (item.due, item.rule.item, item.period))
    if not records.filings:
        worker.findings.append(finding("control.schedule_no_filings"))
    said = [*records.findings, *worker.findings, *_uncertain(owed, worker.workdays)]
    return Schedule(who, names, year, on, tuple(owed), tuple(dict.fromkeys(said)))


def _subject(
    text: str, words: Words, records: Records
) -> tuple[Subject, tuple[str | None, str | None]]:
    code = code_of(text, records.enterprises, words)
    rows = [row for row in records.enterprises if row["enterprise"] == code]
    if rows:
        return ("enterprise", code), (rows[-1]["name_zh"], rows[-1]["name_en"])
    known = words.subject("area", text)
    if known is None:
        near = words.near("area", text)
        raise UsageError(finding("control.schedule_subject", found=text, expected=near))
    area = words.areas.vocabulary.get(known[1])
    return known, (area.name_zh, area.name_en) if area else (None, None)


def _uncertain(items: Sequence[Owed], workdays: Workdays) -> list[Finding]:
    """Say of which years the made-up working days are not published yet, where they matter."""
    moved = (
        item
        for item in items
        if item.rule.shift != "none" or "working" in str(item.rule.due["rule"])
    )
    years = sorted({item.due.year for item in moved})
    return [
        finding("control.schedule_holidays", found=year)
        for year in years
        if not workdays.published(year)
    ]


@define
class _Worker:
    """Makes the items of one subject."""

    words: Words
    records: Records
    subject: Subject
    on: dt.date
    workdays: Workdays
    findings: list[Finding] = field(factory=list)

    def items(self, rule: Rule, year: int) -> Iterator[Owed]:
        if rule.who["kind"] != self.subject[0]:
            return
        if rule.cycle == "event":
            yield from self._events(rule)
            return
        for at in range(max(year - AROUND, 1950), year + 2):
            for index, period in rule.periods(at):
                if rule.holds(period.end) and self._owes(rule.who, period.end):
                    yield self._owed(rule, str(period), index, period.end, None)

    def _events(self, rule: Rule) -> Iterator[Owed]:
        rows = [
            row
            for row in self.records.events
            if row["event"] == rule.due["event"]
            and row["subject"] in (None, self.subject[1])
            and self._known(row, "happened_on")
        ]
        for row in rows:
            day = row["happened_on"]
            if rule.holds(day) and self._owes(rule.who, day):
                yield self._owed(rule, day.isoformat(), 0, day, row)
        if not rows and rule.holds(self.on) and self._owes(rule.who, self.on):
            names: dict[str, Any] = {"title_zh": rule.title_zh, "title_en": rule.title_en}
            said = finding("control.schedule_event", found=rule.due["event"], **names)
            self.findings.append(said)

    def _owed(self, rule: Rule, period: str, index: int, start: dt.date, event: Row | None) -> Owed:
        plain = due_day(rule, index, start, self.workdays)
        due = self.workdays.shift(plain, rule.shift)
        filings = self._filings(rule, period)
        extension = self._extension(rule, period, start, due)
        moved = plain if plain != due else None
        state = _state(due, extension, filings, self.on)
        return Owed(rule, period, due, moved, filings, extension, event, state)

    def _filings(self, rule: Rule, period: str) -> tuple[Row, ...]:
        """Give every version that was filed by the date, the first one first."""
        key = (self.subject[1], rule.item, period)
        rows = [
            row
            for row in self.records.filings
            if (row["subject"], row["item"], row["period"]) == key and self._known(row, "filed_on")
        ]
        return tuple(sorted(rows, key=lambda row: row["filed_on"]))

    def _known(self, row: Row, name: str) -> bool:
        """Tell whether a row was known on the date: recorded, or of that day where not said."""
        return bool(max(row[name], row["recorded_at"] or row[name]) <= self.on)

    def _extension(self, rule: Rule, period: str, at: dt.date, due: dt.date) -> Row | None:
        """Give the longest extension granted by the date; one without document is none."""
        found = []
        for row in self.records.extensions:
            if (row["item"], row["period"]) != (rule.item, period) or row["granted_on"] > self.on:
                continue
            if not self._in_group(row, at):
                continue
            if not row["document"]:
                self.findings.append(finding("control.schedule_no_document", found=row["place"]))
            elif row["due"] > due:
                found.append(row)
        return max(found, key=lambda row: row["due"], default=None)

    def _in_group(self, row: Row, at: dt.date) -> bool:
        """Tell whether an extension speaks of the subject: of all that it names, each must fit."""
        if row["subject"] is not None and row["subject"] != self.subject[1]:
            return False
        named = {name: [row[name]] for name in GROUP[1:] if row[name]}
        if not named:
            return True
        plural = {"tier": "tiers", "industry": "industries", "sector": "sectors"}
        return self._owes({plural.get(name, name): value for name, value in named.items()}, at)

    def _owes(self, who: Mapping[str, Any], day: dt.date) -> bool:
        """Tell whether the subject is among those that a rule speaks of, as it stood on a day."""
        place = who.get("place")
        if place is not None and str(place)[:2] != self.words.city[:2]:
            return False
        if self.subject[0] == "enterprise":
            return any(self._fits(who, row) for row in self._register(day))
        if any(who.get(name) for name in ("tiers", "industries", "sectors", "assessed_by")):
            return False
        if self.subject[0] == "city":
            return not who.get("located_in")
        return self._is_level(self.words.areas.vocabulary.get(self.subject[1]), who)

    def _is_level(self, area: Area | None, who: Mapping[str, Any]) -> bool:
        if area is None:
            return False
        if who.get("located_in"):
            return area.code in map(self._code, who["located_in"])
        return area.level in who.get("levels", ("district",))

    def _register(self, day: dt.date) -> Iterator[Row]:
        for row in self.records.enterprises:
            if row["enterprise"] == self.subject[1] and _valid(row, day):
                yield row

    def _fits(self, who: Mapping[str, Any], row: Row) -> bool:
        for name, column in (("tiers", "tier"), ("sectors", "sector")):
            if who.get(name) and row[column] not in who[name]:
                return False
        for name in ("located_in", "assessed_by"):
            if who.get(name) and self._code(row[name]) not in map(self._code, who[name]):
                return False
        return not who.get("industries") or self._in_industry(who["industries"], row["industry"])

    def _code(self, text: Any) -> str | None:
        area = self.words.areas.resolve(str(text)) if text else None
        return area.code if area else text

    def _in_industry(self, wanted: Sequence[Any], text: str | None) -> bool:
        """Tell whether an industry is one of those wanted, or lies in a section of them."""
        own = self.words.industries.resolve(text) if text else None
        if own is None:
            return False
        entries = [self.words.industries.resolve(str(name)) for name in wanted]
        return any(entry is not None and entry.code in (own.code, own.parent) for entry in entries)


def _valid(row: Row, day: dt.date) -> bool:
    first, last = row["valid_from"], row["valid_to"]
    return (first is None or first <= day) and (last is None or day <= last)


def _state(due: dt.date, extension: Row | None, filings: Sequence[Row], on: dt.date) -> str:
    last = max(due, extension["due"]) if extension else due
    if filings:
        return "filed" if filings[0]["filed_on"] <= last else "late"
    if on > last:
        return "missing"
    return "extended" if extension else "due"
