"""From the entries of a notice to frozen commitments; each function adds findings, never raises."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from attrs import fields as fields_of
from attrs import frozen

from dualcarbon.figures import Indicator
from dualcarbon.findings import Finding
from dualcarbon.periods import Period
from dualcarbon.plan import model
from dualcarbon.plan.fields import Fields
from dualcarbon.plan.model import Body, Commitment, Coverage, FiveYear, Rule, Scope, Section
from dualcarbon.plan.source import LINES, place

COMMITMENT_KEYS = frozenset(part.name for part in fields_of(Commitment)) - {"file", "line"}
SCOPE_KEYS = frozenset({"subject_kind", "cut", "cuts", "tier", "sector", "reading"})
STATED_KEYS = frozenset(part.name for part in fields_of(model.StatedTarget))
RULES = ("remaining_task",)
PROFILES = ("linear", "s_curve")
LEAD_STATUSES = ("sourced", "unsourced", "synthetic")
MARKS = ("A", "B", "C", "D")


@frozen
class Context:
    """What the entries of a notice may refer to."""

    plan: str
    year: int
    indicators: Mapping[str, Indicator]
    areas: Collection[str]
    sections: Mapping[str, Section]
    bodies: Mapping[str, Body]
    synthetic: bool
    reading: str | None
    held: Mapping[str, Any]
    findings: list[Finding]


def held(raw: dict[str, Any], ids: Collection[str], findings: list[Finding]) -> dict[str, str]:
    """Read which commitments the pack holds data for: `{synthetic: [ids]}` gives data by id."""
    fields = Fields(raw, findings, {"real", "synthetic"})
    listed = {name: word for word in ("real", "synthetic") for name in fields.texts(word)}
    for name in listed:
        if name not in ids:
            fields.complain("data_unknown", listed[name], commitment=name)
    return listed


def section(raw: dict[str, Any], findings: list[Finding]) -> Section:
    """Build a section."""
    fields = Fields(raw, findings, {"id", "title_zh", "title_en", "peak_action"})
    return Section(
        fields.text("id"),
        fields.text("title_zh"),
        fields.text("title_en"),
        fields.integer("peak_action", 1, 10),
    )


def body(raw: dict[str, Any], findings: list[Finding]) -> Body:
    """Build a body."""
    fields = Fields(raw, findings, {"id", "name_zh", "name_en"})
    return Body(fields.text("id"), fields.text("name_zh"), fields.text("name_en"))


def commitment(raw: dict[str, Any], context: Context) -> Commitment:
    """Build a commitment from its entry; references are looked up in the context."""
    fields = Fields(raw, context.findings, COMMITMENT_KEYS)
    spot = place(raw)
    section_id = fields.text("section")
    if section_id and section_id not in context.sections:
        fields.complain("section_unknown", "section", expected=", ".join(context.sections))
    home = context.sections.get(section_id)
    return Commitment(
        id=fields.text("id"),
        section=section_id,
        kind=fields.choice("kind", model.KINDS, "task"),
        title_zh=fields.text("title_zh"),
        title_en=fields.text("title_en"),
        text_zh=fields.text("text_zh"),
        text_en=fields.text("text_en"),
        indicator=_indicator(fields, context),
        yardstick=fields.choice("yardstick", model.YARDSTICKS, "milestone"),
        comparator=fields.choice("comparator", model.COMPARATORS),
        value=fields.number("value"),
        unit=fields.name("unit"),
        direction=fields.choice("direction", model.DIRECTIONS),
        base=fields.period("base"),
        period=fields.period("period") or Period.parse(str(context.year)),
        scope=_scope(fields, context),
        strength=fields.choice("strength", model.STRENGTHS, "must"),
        lead=_bodies(fields, "lead", context),
        support=_bodies(fields, "support", context),
        lead_status=fields.choice("lead_status", LEAD_STATUSES, "unsourced"),
        districts=_districts(fields, context),
        deadline=fields.day("deadline"),
        peak_action=_peak_action(fields, home),
        evidence_zh=fields.text("evidence_zh"),
        evidence_en=fields.text("evidence_en"),
        thresholds=tuple(_threshold(item, context) for item in fields.mappings("thresholds")),
        rule=_rule(fields),
        profile=_profile(fields),
        coverage=_coverage(fields, context),
        file=spot.file or "",
        line=spot.row or 0,
    )


def _peak_action(fields: Fields, home: Section | None) -> int | None:
    """An entry's own number, even null, stands before that of its section."""
    if "peak_action" in fields.raw:
        return fields.integer("peak_action", 1, 10)
    return home.peak_action if home else None


def _indicator(fields: Fields, context: Context) -> str | None:
    name = fields.name("indicator")
    if name is not None and name not in context.indicators:
        fields.complain("indicator_unknown", "indicator", near=_near(name, context.indicators))
    return name


def _near(name: str, known: Collection[str]) -> str:
    from difflib import get_close_matches

    return ", ".join(get_close_matches(name, list(known), n=3, cutoff=0.4)) or "-"


def _bodies(fields: Fields, key: str, context: Context) -> tuple[Body, ...]:
    names = fields.texts(key)
    for name in names:
        if name not in context.bodies:
            fields.complain("body_unknown", key, key=key, body=name)
    return tuple(context.bodies[name] for name in names if name in context.bodies)


def _districts(fields: Fields, context: Context) -> Any:
    if fields.raw.get("districts") == "all":
        return "all"
    codes = fields.texts("districts")
    for code in codes:
        if code not in context.areas:
            fields.complain("area_unknown", "districts", area=code)
    return codes


def _scope(fields: Fields, context: Context) -> Scope:
    raw = fields.mapping("scope")
    inner = Fields(raw, context.findings, SCOPE_KEYS)
    inner.id = fields.id
    tier = inner.texts("tier")
    for name in tier:
        if name not in model.TIERS:
            inner.complain("choice", "tier", key="tier", expected=", ".join(model.TIERS))
    reading = inner.choice("reading", model.READINGS)
    return Scope(
        subject_kind=inner.choice("subject_kind", model.SCOPE_KINDS, "city"),
        cut=inner.name("cut"),
        cuts=inner.texts("cuts"),
        tier=tier,
        sector=inner.name("sector"),
        reading=(context.reading or reading) if reading else None,  # type: ignore[arg-type]
    )


def _threshold(raw: dict[str, Any], context: Context) -> model.Threshold:
    fields = Fields(raw, context.findings, {"name_zh", "name_en", "value", "unit", "comparator"})
    value = fields.number("value")
    if value is None:
        fields.complain("number", "value", key="value")
    return model.Threshold(
        fields.text("name_zh"),
        fields.text("name_en"),
        value if value is not None else 0.0,
        fields.text("unit"),
        fields.choice("comparator", model.COMPARATORS, ">="),
    )


def _rule(fields: Fields) -> Rule | None:
    raw = fields.mapping("rule")
    if not raw:
        return None
    inner = Fields(raw, fields.findings, {"name", "over_years", "floor"})
    inner.id = fields.id
    return Rule(
        inner.choice("name", RULES) or "",
        inner.integer("over_years", 1, 5),
        inner.number("floor"),
    )


def _profile(fields: Fields) -> Any:
    value = fields.raw.get("profile")
    if isinstance(value, dict):
        return _milestones(fields, value)
    return fields.choice("profile", PROFILES)


def _milestones(fields: Fields, value: dict[str, Any]) -> dict[str, float]:
    """Read `{month: share}`; shares rise from 0 to 1 over the months."""
    shares = {str(key): share for key, share in value.items() if key != LINES}
    inner = Fields(value, fields.findings, set(shares))
    inner.id = fields.id
    numbers = {key: inner.number(key) for key in shares}
    ordered = [numbers[key] for key in sorted(numbers)]
    given = [share for share in ordered if share is not None]
    if given != sorted(given) or any(not 0 <= share <= 1 for share in given):
        fields.complain("profile", "profile")
    return {key: share for key, share in numbers.items() if share is not None}


def _coverage(fields: Fields, context: Context) -> Coverage:
    raw = fields.mapping("coverage")
    inner = Fields(raw, fields.findings, {"mechanism", "data", "room", "command"})
    inner.id = fields.id
    mechanism = inner.choice("mechanism", model.MECHANISMS, "none")
    data: Any = inner.choice("data", model.DATA) or context.held.get(fields.id)
    if data is None:
        data = "synthetic" if context.synthetic and mechanism == "computed" else "none"
    command = (inner.name("command") or "").replace("{plan}", context.plan)
    tracked = mechanism != "none"
    return Coverage(
        mechanism=mechanism,
        data=data if tracked else "none",
        room=inner.name("room") if tracked else None,
        command=command.replace("{id}", fields.id) or None if tracked else None,
    )


def stated(raw: dict[str, Any], findings: list[Finding], last: int) -> model.StatedTarget:
    """Build a target of another document; `last` is the year it is for when it names none."""
    fields = Fields(raw, findings, STATED_KEYS)
    fields.id = str(raw.get("indicator", "?"))
    note_zh, note_en = (
        fields.text("note_zh", required=False),
        fields.text("note_en", required=False),
    )
    value = fields.number("value")
    if value is None and not (note_zh and note_en):
        fields.complain("stated_incomplete", "value")
    return model.StatedTarget(
        indicator=fields.text("indicator"),
        value=value,
        unit=fields.text("unit"),
        comparator=fields.choice("comparator", model.COMPARATORS, "="),
        strength=fields.choice("strength", model.STRENGTHS, "must"),
        base=fields.integer("base", 1900, 2200),
        last=fields.integer("last", 1900, 2200) or last,
        mark=fields.choice("mark", MARKS, "D"),
        status=_stated_status(fields),
        source=_source(fields),
        subject=fields.name("subject"),
        note_zh=note_zh,
        note_en=note_en,
    )


def _stated_status(fields: Fields) -> str:
    """A value marked D may not ship as sourced."""
    status: str = fields.choice("status", LEAD_STATUSES, "unsourced")
    if status == "sourced" and fields.raw.get("mark", "D") == "D":
        fields.complain("mark_d_sourced", "status")
    if status == "sourced" and not fields.raw.get("source"):
        fields.complain("source_missing", "source")
    return status


def _source(fields: Fields) -> dict[str, Any]:
    return {key: value for key, value in fields.mapping("source").items() if key != LINES}


def five_year(raw: dict[str, Any], findings: list[Finding]) -> FiveYear | None:
    """Build the five-year frame of a notice, or None where it has none."""
    if not raw:
        return None
    fields = Fields(raw, findings, {"base", "first", "last", "targets"})
    years = [fields.integer(key, 1900, 2200) for key in ("base", "first", "last")]
    base, first, last = (year or 0 for year in years)
    if None in years or not base < first <= last:
        fields.complain("five_year")
    targets = tuple(stated(item, findings, last) for item in fields.mappings("targets"))
    return FiveYear(base, first, last, targets)
