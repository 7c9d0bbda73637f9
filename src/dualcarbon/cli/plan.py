"""`dualcarbon plan`: show a notice as data, what is covered of it, and what changed."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dualcarbon.cli.output import FORMATS, Answer, common

if TYPE_CHECKING:
    from dualcarbon.plan.diff import PlanDiff
    from dualcarbon.plan.model import Commitment, Plan

MORE = {
    "read": "dualcarbon.cli.plan_read",
    "decompose": "dualcarbon.cli.plan_decompose",
    "budget": "dualcarbon.cli.plan_budget",
}
KINDS = ("target", "task", "standing_duty")
SHOW_HEADS = {
    "zh": ("编号", "事项", "要求", "力度", "时限", "牵头单位"),
    "en": ("No.", "Obligation", "Asks", "Strength", "Deadline", "Lead"),
}
COVER_HEADS = {
    "zh": ("编号", "事项", "机制", "数据", "模块", "命令"),
    "en": ("No.", "Obligation", "Mechanism", "Data", "Room", "Command"),
}
LEAD_NOTE = {
    "zh": "* 通知未写明牵头单位；所列单位按法定职责推定，未经文件确认（unsourced）。",
    "en": "* The notice names no lead; bodies are inferred from their competence (unsourced).",
}
DIFF_HEADS = {
    "zh": ("变化", "编号", "事项", "字段", "原", "新"),
    "en": ("Change", "No.", "Obligation", "Field", "Before", "After"),
}
DIFF_WORDS = {
    "zh": {"added": "新增", "dropped": "取消", "changed": "调整", "same": "未变"},
    "en": {"added": "added", "dropped": "dropped", "changed": "changed", "same": "unchanged"},
}


class _Plan(click.Group):
    """The group of plan commands; those of other modules are imported when asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*super().list_commands(ctx), *MORE]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in MORE:
            command: click.Command = getattr(import_module(MORE[cmd_name]), cmd_name)
            return command
        return super().get_command(ctx, cmd_name)


@click.group(cls=_Plan)
def plan() -> None:
    """Show a notice as data, what the software covers of it, and what changed between two."""


@plan.command("show")
@click.argument("plan_id", metavar="PLAN")
@click.option("--section", help="Only this section of the notice.")
@click.option("--kind", type=click.Choice(KINDS), help="Only obligations of this kind.")
@common("plan show")
def show(
    plan_id: str, section: str | None, kind: str | None, lang: str, packs: tuple[Path, ...]
) -> Answer:
    """Show the obligations of PLAN (`shanghai-2024`, or the path of a notice file)."""
    from dualcarbon.plan import load_plan

    found = load_plan(plan_id, packs)
    sections = _sections(found, section)
    chosen = [
        item for item in found.commitments if item.section in sections and kind in (None, item.kind)
    ]
    payload = {
        "plan": {
            "id": found.id,
            "year": found.year,
            "title_zh": found.title_zh,
            "title_en": found.title_en,
            "document": found.document,
            "issued_on": found.issued_on.isoformat() if found.issued_on else None,
            "synthetic": found.synthetic,
        },
        "sections": [
            {"id": item.id, "title_zh": item.title_zh, "title_en": item.title_en}
            for item in found.sections
            if item.id in sections
        ],
        "commitments": [item.to_json() for item in chosen],
    }
    rows = [_flat(item.to_json()) for item in chosen]
    return Answer(
        "plan show",
        payload,
        header=list(rows[0]) if rows else ["id"],
        rows=[list(row.values()) for row in rows],
        show=lambda console, lang: _print_plan(console, lang, found, chosen),
    )


def _sections(found: Plan, section: str | None) -> set[str]:
    from dualcarbon.errors import UsageError
    from dualcarbon.findings import finding

    known = [item.id for item in found.sections]
    if section is not None and section not in known:
        raise UsageError(
            finding("plan.no_section", found=section, expected=", ".join(known), plan=found.id)
        )
    return {section} if section else set(known)


def _flat(item: dict[str, Any]) -> dict[str, Any]:
    """Spread the nested parts of a commitment for one line of csv."""
    scope = "; ".join(f"{key}={_joined(value)}" for key, value in item["scope"].items())
    bodies = {key: "; ".join(body["id"] for body in item[key]) for key in ("lead", "support")}
    flat = {**item, **bodies, "scope": scope}
    evidence = flat.pop("evidence")
    return {**flat, "evidence_zh": evidence["zh"], "evidence_en": evidence["en"]}


def _joined(value: Any) -> str:
    return "+".join(value) if isinstance(value, list) else str(value)


def _print_plan(console: Any, lang: str, found: Plan, chosen: list[Commitment]) -> None:
    from rich.markup import escape

    document = f"  {found.document}" if found.document else ""
    console.print(f"[bold]{escape(found.title(lang))}[/]{escape(document)}")
    if found.synthetic:
        console.print({"zh": "合成数据（虚构城市）", "en": "synthetic (invented city)"}[lang])
    for item in found.sections:
        listed = [entry for entry in chosen if entry.section == item.id]
        if listed:
            console.print(f"\n[bold]{escape(item.id)}  {escape(item.title(lang))}[/]")
            console.print(_section_table(listed, found, lang))
    if any(entry.lead and entry.lead_status == "unsourced" for entry in chosen):
        console.print(LEAD_NOTE[lang])


def _section_table(listed: list[Commitment], found: Plan, lang: str) -> Any:
    from dualcarbon.plan.words import STRENGTH, target_words

    table = _table(SHOW_HEADS[lang], (5, 31, 20, 12, 10, 12))
    for item in listed:
        table.add_row(
            *_escaped(
                item.id,
                item.title(lang),
                target_words(item, found, lang),
                STRENGTH[item.strength][lang],
                item.deadline.isoformat() if item.deadline else "",
                _first(item, lang),
            )
        )
    return table


def _first(item: Commitment, lang: str) -> str:
    if not item.lead:
        return ""
    name = item.lead[0].name(lang) if lang == "zh" else item.lead[0].id
    return f"{name}*" if item.lead_status == "unsourced" else name


def _table(heads: tuple[str, ...], widths: tuple[int, ...]) -> Any:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    for name, width in zip(heads, widths, strict=True):
        table.add_column(name, width=width, overflow="fold")
    return table


def _escaped(*texts: str) -> list[str]:
    from rich.markup import escape

    return [escape(text) for text in texts]


@plan.command("coverage")
@click.argument("plan_id", metavar="PLAN")
@click.option("--full", is_flag=True, help="Markdown: every clause instead of the summary.")
@common("plan coverage", formats=(*FORMATS, "markdown"))
def coverage(plan_id: str, full: bool, lang: str, packs: tuple[Path, ...]) -> Answer:
    """Tell, for every obligation of PLAN, what the software does, on which data and where."""
    from dualcarbon.plan import load_plan
    from dualcarbon.plan.coverage import coverage as cover
    from dualcarbon.plan.coverage import coverage_markdown

    found = load_plan(plan_id, packs)
    answer = cover(found)
    rows = answer["obligations"]
    markdown = click.get_current_context().params["output"] == "markdown"

    def render(console: Any, lang: str) -> None:
        if markdown:
            click.echo(coverage_markdown(found, lang, full=full), nl=False)
        else:
            _print_coverage(console, lang, found, answer)

    return Answer(
        "plan coverage",
        answer,
        header=list(rows[0]) if rows else ["id"],
        rows=[list(row.values()) for row in rows],
        show=render,
    )


def _print_coverage(console: Any, lang: str, found: Plan, answer: dict[str, Any]) -> None:
    from rich.markup import escape

    from dualcarbon.plan.coverage import WORDS

    words = WORDS[lang]
    for item in found.sections:
        console.print(f"\n[bold]{escape(item.id)}  {escape(item.title(lang))}[/]")
        table = _table(COVER_HEADS[lang], (5, 38, 17, 9, 8, 13))
        for entry in found.in_section(item.id):
            cover = entry.coverage
            cells = (entry.id, entry.title(lang), words[cover.mechanism], words[cover.data])
            command = " ".join((cover.command or "").split()[1:2])
            table.add_row(*_escaped(*cells, cover.room or "-", command or "-"))
        console.print(table)
    console.print(_totals(answer["totals"], words, lang))


def _totals(counted: dict[str, Any], words: dict[str, str], lang: str) -> str:
    def part(name: str) -> str:
        return ", ".join(f"{words[key]} {value}" for key, value in counted[name].items())

    if lang == "zh":
        head = f"\n共 {counted['obligations']} 项（定量目标 {counted['targets']} 项）"
        return f"{head}；机制：{part('mechanism')}；数据：{part('data')}。"
    head = f"\n{counted['obligations']} obligations, {counted['targets']} of them targets"
    return f"{head}; mechanism: {part('mechanism')}; data: {part('data')}."


@plan.command("diff")
@click.argument("before", metavar="BEFORE")
@click.argument("after", metavar="AFTER")
@common("plan diff")
def diff(before: str, after: str, lang: str, packs: tuple[Path, ...]) -> Answer:
    """Tell what AFTER adds to, drops from and changes in BEFORE (plan ids or notice files)."""
    from dualcarbon.plan import load_plan
    from dualcarbon.plan.diff import diff_plans

    found = diff_plans(load_plan(before, packs), load_plan(after, packs))
    rows = _diff_rows(found, lang)
    return Answer(
        "plan diff",
        found.to_json(),
        header=["change", "id", "title", "field", "before", "after"],
        rows=rows,
        show=lambda console, lang: _print_diff(console, lang, found),
    )


def _diff_rows(found: PlanDiff, lang: str) -> list[list[Any]]:
    rows: list[list[Any]] = [
        ["added", item.id, item.title(lang), None, None, None] for item in found.added
    ]
    rows += [["dropped", item.id, item.title(lang), None, None, None] for item in found.dropped]
    rows += [
        ["changed", item.after.id, item.after.title(lang), part.field, part.before, part.after]
        for item in found.changed
        for part in item.fields
    ]
    return rows


def _print_diff(console: Any, lang: str, found: PlanDiff) -> None:
    words = DIFF_WORDS[lang]
    console.print(f"{found.before.id} -> {found.after.id}")
    rows = _diff_rows(found, lang)
    if rows:
        table = _table(DIFF_HEADS[lang], (8, 5, 27, 12, 19, 19))
        for change, *cells in rows:
            shown = ["" if cell is None else str(cell) for cell in cells]
            table.add_row(*_escaped(words[change], *shown))
        console.print(table)
    counts = {"added": len(found.added), "dropped": len(found.dropped)}
    counts |= {"changed": len(found.changed), "same": found.unchanged}
    console.print(", ".join(f"{words[key]} {value}" for key, value in counts.items()))
