"""A schedule as a calendar file (RFC 5545): whole-day events with stable identities."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator

from dualcarbon.control.schedule.owed import Owed, Schedule

LINE = 75
STATES = {
    "due": ("待报", "due"),
    "filed": ("已报", "filed"),
    "late": ("迟报", "filed late"),
    "missing": ("逾期未报", "missing"),
    "extended": ("已延期", "extended"),
}
OPEN = ("due", "extended", "missing")


def to_ics(found: Schedule, lang: str) -> str:
    """Give the calendar file of a schedule: CRLF, folded at 75 octets, UTF-8.

    An event's UID depends on subject, item and period only, so that a moved deadline moves the
    event. DTSTAMP is the schedule's date: the same facts give the same file.
    """
    name = found.names[0] if lang == "zh" else found.names[1]
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//dualcarbon//schedule//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_text(f'{name or found.subject[1]} {found.year}')}",
    ]
    for item in found.items:
        lines += _event(item, found, lang)
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line))


def _event(item: Owed, found: Schedule, lang: str) -> Iterator[str]:
    key = "|".join((*found.subject, item.rule.item, item.period))
    day = item.last_day
    title = f"{item.rule.title(lang)} {item.period}"
    yield "BEGIN:VEVENT"
    yield f"UID:{hashlib.sha256(key.encode()).hexdigest()[:32]}@dualcarbon"
    yield f"DTSTAMP:{found.on:%Y%m%d}T000000Z"
    yield f"DTSTART;VALUE=DATE:{day:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{day + dt.timedelta(days=1):%Y%m%d}"
    yield f"SEQUENCE:{int(item.extension is not None)}"
    yield f"SUMMARY;LANGUAGE={lang}:{_text(title)}"
    yield f"DESCRIPTION;LANGUAGE={lang}:{_text(_about(item, lang))}"
    yield f"CATEGORIES:{item.state.upper()}"
    yield "TRANSP:TRANSPARENT"
    if item.state in OPEN:
        yield "BEGIN:VALARM"
        yield "ACTION:DISPLAY"
        yield f"DESCRIPTION:{_text(title)}"
        yield "TRIGGER:-P7D"
        yield "END:VALARM"
    yield "END:VEVENT"


def _about(item: Owed, lang: str) -> str:
    rule, zh = item.rule, lang == "zh"
    penalty = rule.penalty or {}
    cost = penalty.get("text_zh" if zh else "text_en")
    if cost and penalty.get("low") is not None:
        cost += f" {penalty['low']}-{penalty['high']} {penalty['unit']}"
    parts = (
        (("状态", "State"), STATES[item.state][0 if zh else 1]),
        (("依据", "Article"), rule.article),
        (("罚则", "Penalty"), " ".join(filter(None, (cost, penalty.get("article"))))),
        (("延期文件", "Extension"), item.extension["document"] if item.extension else None),
        (("原日期", "Shifted from"), item.shifted_from),
        (("来源", "Source"), rule.source.get("title")),
        (("标记", "Mark"), f"{rule.mark} {rule.status}"),
        (("说明", "Note"), rule.note_zh if zh else rule.note_en),
    )
    return "\n".join(f"{names[0 if zh else 1]}: {value}" for names, value in parts if value)


def _text(text: str) -> str:
    """Escape a TEXT value; other control characters are left out."""
    plain = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    plain = plain.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\n")
    return "".join(sign for sign in plain if sign >= " " and sign != "\x7f")


def _folded(line: str) -> Iterator[str]:
    """Cut a line after at most 75 octets, never inside a character; go on after a space."""
    part, size = "", 0
    for sign in line:
        octets = len(sign.encode())
        if size + octets > LINE:
            yield part
            part, size = " ", 1
        part += sign
        size += octets
    yield part
