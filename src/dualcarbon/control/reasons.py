"""The reason of a standing: whole sentences in Chinese and English from one set of templates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from attrs import frozen

from dualcarbon.control import wording as w
from dualcarbon.control.draft import Draft, Note, number
from dualcarbon.control.series import Problem
from dualcarbon.control.trace import Node
from dualcarbon.figures import Indicator
from dualcarbon.plan.model import Commitment

GROSS = ("energy_total", "energy_intensity", "tier_energy_total", "tier_energy_intensity")
STRENGTHS = ("strive", "in_principle", "explore")
ENDS = {"。", "."}


@frozen
class Context:
    """What a reason speaks of beside the draft."""

    commitment: Commitment
    indicators: Mapping[str, Indicator]
    subject: str
    deadline: dt.date
    on: dt.date

    @property
    def indicator(self) -> Indicator | None:
        """Give the indicator of the commitment."""
        return self.indicators.get(self.commitment.indicator or "")

    def name(self, indicator: str | None = None) -> w.Pair:
        """Give the name of an indicator; the title of the commitment where there is none."""
        entry = self.indicators.get(indicator or self.commitment.indicator or "")
        if entry is None:
            return self.title
        return entry.name_zh, entry.name_en

    @property
    def title(self) -> w.Pair:
        """Give the short name of the commitment."""
        return self.commitment.title_zh, self.commitment.title_en


class Sentences:
    """Collects sentences in both languages."""

    def __init__(self) -> None:
        """Start with nothing said."""
        self.zh: list[str] = []
        self.en: list[str] = []

    def say(self, template: str, **facts: w.Pair) -> None:
        """Add a sentence, or the rest of one, from its template."""
        texts = templates()[template]
        self.zh.append(texts["zh"].format(**{key: pair[0] for key, pair in facts.items()}))
        self.en.append(texts["en"].format(**{key: pair[1] for key, pair in facts.items()}))

    def texts(self) -> w.Pair:
        """Give the reason: sentences joined, without a space in Chinese."""
        english = ""
        for part in self.en:
            english += part if part[:1] in ",." or not english else f" {part}"
        english = english[:1].upper() + english[1:]
        return "".join(self.zh), english


@cache
def templates() -> Mapping[str, Mapping[str, str]]:
    """Give the templates of all sentences."""
    text = files("dualcarbon.control").joinpath("reasons.yaml").read_text(encoding="utf-8")
    loaded: Mapping[str, Mapping[str, str]] = yaml.safe_load(text)
    return loaded


def reason(draft: Draft, context: Context, *, no_scheme: bool = False) -> w.Pair:
    """Give the reason of a standing in Chinese and English."""
    out = Sentences()
    if draft.value is None or draft.value.value is None:
        _absent(draft, context, out)
    else:
        {
            "rate": _rate,
            "count": _count,
            "cap": _cap,
            "level": _level,
            "tracked": _tracked,
            "milestone": _steps,
        }[draft.yardstick](draft, context, out)
    _notes(draft, context, out)
    _closing(draft, context, out, no_scheme)
    return out.texts()


def _absent(draft: Draft, context: Context, out: Sentences) -> None:
    problem = draft.problem or Problem("absent", "no_rows", "", draft.period)
    _problem(problem, context, out)
    if context.on > context.deadline:
        out.say("passed", deadline=w.date(context.deadline))


def _problem(problem: Problem, context: Context, out: Sentences) -> None:
    indicator = problem.indicator or context.commitment.indicator or ""
    out.say(
        problem.rule.removeprefix("control."),
        period=w.period(problem.period),
        indicator=context.name(indicator or None),
        indicator_id=w.plain(indicator or "-"),
        subject=w.plain(context.subject),
        months=w.months(problem.months),
        found=w.plain(problem.found or "-"),
        place=w.plain(problem.place or "-"),
        title=context.title,
        commitment=w.plain(context.commitment.id),
    )


def _rate(draft: Draft, context: Context, out: Sentences) -> None:
    value = number(draft.value) or 0.0
    out.say(
        "rate",
        period=w.period(draft.period),
        indicator=context.name(),
        change=w.changed(value),
        changed=w.changed(value),
        vintage=_vintage(draft.value),
        source=_source(draft.value),
    )
    required, gap = number(draft.required), number(draft.gap)
    if required is None or gap is None:
        out.say("no_target")
    else:
        shown = round(gap, 2)
        template = "behind" if gap > 1e-9 else "met_exactly" if shown == 0 else "met"
        out.say(template, target=w.rate(required), gap=w.points(gap))
        _needed(draft, gap, context, out)
    _sides(draft, out)


def _needed(draft: Draft, gap: float, context: Context, out: Sentences) -> None:
    needed = number(draft.needed)
    if needed is None:
        return
    template = "needed" if gap > 1e-9 else "needed_met"
    out.say(template, rest=w.rest(draft.period), change=w.change(needed, 1))
    if context.on > context.deadline:
        out.say("year_open", deadline=w.date(context.deadline))


def _sides(draft: Draft, out: Sentences) -> None:
    declared, computed = number(draft.declared), number(draft.computed)
    if declared is not None and computed is not None:
        out.say(
            "both",
            declared=w.change(declared),
            computed=w.change(computed),
            difference=w.points(declared - computed),
        )
    elif declared is None:
        out.say("computed_only")


def _vintage(node: Node | None) -> w.Pair:
    found = {leaf.vintage for leaf in node.leaves() if leaf.op == "cell"} if node else set()
    order = list(w.VINTAGES)
    known = sorted((v for v in found if v in order), key=lambda v: order.index(str(v)))
    if None in found or not known:
        return "未注明版本", "vintage not stated"
    return w.VINTAGES[str(known[0])]


def _source(node: Node | None) -> w.Pair:
    found = {leaf.source for leaf in node.leaves() if leaf.op == "cell"} if node else set()
    named = sorted(str(s) for s in found if s)
    if not named:
        return "，来源未注明", ", source not stated"
    text = named[0] if len(named) == 1 else f"{named[0]} +{len(named) - 1}"
    return f"，{text}", f", {text}"


def _amount(node: Node | None, draft: Draft, context: Context, *, size: bool = False) -> w.Pair:
    value = number(node)
    if value is None:
        return w.NONE
    unit = draft.unit or "1"
    return w.amount(abs(value) if size else value, unit, context.indicator)


def _count(draft: Draft, context: Context, out: Sentences) -> None:
    commitment = context.commitment
    facts = {
        "title": context.title,
        "until": w.month_end(draft.period.last),
        "value": _amount(draft.value, draft, context),
        "required": _amount(draft.required, draft, context),
        "gap": _amount(draft.gap, draft, context, size=True),
        "left": _amount(draft.left, draft, context),
        "deadline": w.date(context.deadline),
        "target": w.amount(commitment.value or 0, commitment.unit or "1", context.indicator),
    }
    if draft.required is None:
        out.say("count_open", **facts)
    elif draft.state in ("done", "overdue"):
        out.say(f"count_{draft.state}", **facts)
    else:
        out.say("count", **facts)
        ahead = (number(draft.gap) or 0) <= 1e-9
        out.say("count_ahead" if ahead else "count_behind", **facts)


def _cap(draft: Draft, context: Context, out: Sentences) -> None:
    facts = {
        "period": w.period(draft.period),
        "indicator": context.name(),
        "value": _amount(draft.value, draft, context),
        "required": _amount(draft.required, draft, context),
        "gap": _amount(draft.gap, draft, context, size=True),
        "left": _amount(draft.left, draft, context),
    }
    if draft.required is None:
        out.say("tracked", **facts)
        return
    commitment = context.commitment
    target = w.amount(commitment.value or 0, commitment.unit or "1", context.indicator)
    out.say("cap", target=target, **facts)
    out.say("cap_over" if (number(draft.gap) or 0) > 1e-9 else "cap_within", **facts)


def _level(draft: Draft, context: Context, out: Sentences) -> None:
    facts = {
        "period": w.period(draft.period),
        "indicator": context.name(),
        "value": _amount(draft.value, draft, context),
        "target": _amount(draft.required, draft, context),
        "gap": _amount(draft.gap, draft, context, size=True),
    }
    if draft.required is None:
        out.say("tracked", **facts)
    else:
        out.say("level" if (number(draft.gap) or 0) > 1e-9 else "level_met", **facts)


def _tracked(draft: Draft, context: Context, out: Sentences) -> None:
    out.say(
        "tracked",
        period=w.period(draft.period),
        indicator=context.name(),
        value=_amount(draft.value, draft, context),
    )


def _steps(draft: Draft, context: Context, out: Sentences) -> None:
    state = draft.state or "open"
    out.say(f"steps_{state}", title=context.title, deadline=w.date(context.deadline))


def _notes(draft: Draft, context: Context, out: Sentences) -> None:
    for note in draft.notes:
        _note(note, context, out)


def _note(note: Note, context: Context, out: Sentences) -> None:
    facts = note.facts
    if note.id == "held":
        inner = Sentences()
        _problem(facts["problem"], context, inner)
        out.say("held", why=inner.texts())
    elif note.id in ("remaining", "early"):
        plain = {key: w.plain(facts[key]) for key in ("first", "last", "until")}
        out.say(note.id, target=w.rate(facts["target"]), **plain)
    elif note.id == "no_history":
        out.say(note.id, year=w.plain(facts["year"]), indicator=context.name(facts["indicator"]))
    elif note.id == "works":
        _works(facts, context, out)
    elif note.id == "steps":
        stages = {key: w.plain(value) for key, value in facts["stages"].items()}
        out.say("steps", total=w.plain(facts["total"]), **stages)
    elif note.id == "season":
        out.say("season" if facts["years"] else "season_linear", years=w.plain(facts["years"]))
    elif note.id == "net":
        gross = w.change(facts["gross"]) if facts["gross"] is not None else w.NONE
        plain = {key: w.plain(facts[key]) for key in ("regime", "document")}
        out.say(note.id, gross=gross, net=w.change(facts["net"]), **plain)
    elif note.id == "last_issued":
        out.say(note.id, period=w.period(facts["period"]), declared=w.change(facts["declared"]))
    else:
        out.say(note.id, **{key: w.plain(value) for key, value in facts.items()})


def _works(facts: Mapping[str, Any], context: Context, out: Sentences) -> None:
    unit = context.commitment.unit or "count"
    columns = {
        name: w.NONE if value is None else w.amount(value, unit, context.indicator)
        for name, value in facts["columns"].items()
    }
    out.say(
        "works",
        projects=w.plain(facts["projects"]),
        stage=w.STAGES[facts["stage"]],
        **columns,
    )


def _closing(draft: Draft, context: Context, out: Sentences, no_scheme: bool) -> None:
    if draft.rose:
        quarter = draft.period.last[1] % 3 == 0
        out.say("rose_quarter" if quarter else "rose_watch")
    if no_scheme:
        out.say("no_scheme")
    net = any(note.id.startswith("net") for note in draft.notes)
    if draft.value is not None and context.commitment.indicator in GROSS and not net:
        out.say("gross")
    if context.commitment.strength in STRENGTHS:
        out.say(context.commitment.strength)
