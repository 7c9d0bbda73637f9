"""`dualcarbon plan read FILE`: draft a pack's notice from the text of a notice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from dualcarbon.cli.output import FORMATS, Answer, common

COLUMNS = [
    "clause",
    "subject",
    "comparator",
    "value",
    "unit",
    "direction",
    "strength",
    "base",
    "kind",
    "start",
    "end",
]
HEADS = {
    "en": ("clause", "subject", "target", "unit", "strength", "base", "read from"),
    "zh": ("条款", "指标或任务", "目标", "单位", "力度", "基数", "原文"),
}
STRENGTH = {
    "en": {
        "must": "must",
        "in_principle": "in principle",
        "strive": "strive",
        "explore": "explore",
    },
    "zh": {"must": "必须", "in_principle": "原则上", "strive": "力争", "explore": "探索"},
}
LEFT_OUT = {"en": "Numbers that are no targets", "zh": "未列为目标的数字"}
SUMMARY = {
    "en": (
        "Targets: {targets}; clauses: {clauses}; other numbers left out: {rejected} "
        "(--explain-rejected)."
    ),
    "zh": (
        "{clauses} 条文句中读出 {targets} 个量化目标；"
        "另有 {rejected} 个数字未列入（--explain-rejected）。"
    ),
}


@click.command("read")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--language",
    type=click.Choice(["auto", "zh", "en"]),
    default="auto",
    show_default=True,
    help="Language of the notice.",
)
@click.option(
    "--explain-rejected", is_flag=True, help="Also list the numbers left out, each with the reason."
)
@common("plan read", formats=(*FORMATS, "yaml"))
def read(
    file: Path, language: Any, explain_rejected: bool, lang: str, packs: tuple[Path, ...]
) -> Answer:
    """Read a notice (txt, md, docx; Chinese or English) into clauses and quantified targets."""
    from dualcarbon.findings import Place, finding
    from dualcarbon.plan.reader import draft_pack_yaml, read_notice_file

    draft = read_notice_file(file, language=language)
    payload = draft.to_json()
    if explain_rejected:
        payload["rejected"] = [_rejected(item) for item in draft.rejected]
    found = [] if draft.targets else [finding("plan_reader.no_target", Place(file=file.name))]
    as_yaml = click.get_current_context().params["output"] == "yaml"
    rows = [[entry[key] for key in COLUMNS] for entry in payload["targets"]]
    return Answer(
        "plan read",
        payload,
        found,
        header=COLUMNS,
        rows=rows,
        show=lambda console, words: (
            click.echo(draft_pack_yaml(draft), nl=False)
            if as_yaml
            else _show(console, words, draft, explain_rejected)
        ),
    )


def _rejected(item: Any) -> dict[str, Any]:
    keys = ("clause", "start", "end", "text", "reason", "reason_zh", "reason_en")
    return {key: getattr(item, key) for key in keys}


def _show(console: Any, lang: str, draft: Any, explain: bool) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD)
    for number, head in enumerate(HEADS[lang]):
        table.add_column(head, justify="right" if number == 2 else "left")
    for item in draft.targets:
        cells = (
            item.clause,
            item.subject,
            _amount(item),
            item.unit,
            STRENGTH[lang][item.strength],
            item.base or "",
            draft.text[item.start : item.end],
        )
        table.add_row(*(escape(cell) for cell in cells))
    console.print(table)
    if explain:
        console.print(_left_out(draft, lang))
    counts = {key: len(getattr(draft, key)) for key in ("targets", "clauses", "rejected")}
    console.print(SUMMARY[lang].format(**counts))


def _amount(item: Any) -> str:
    sign = "" if item.comparator == "=" else f"{item.comparator} "
    plus = "" if item.direction == "level" else "+"
    return f"{sign}{item.value:{plus},.10g}"


def _left_out(draft: Any, lang: str) -> Any:
    from rich.box import SIMPLE_HEAD
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, title=LEFT_OUT[lang], title_justify="left")
    for head in ("clause", "number", "reason") if lang == "en" else ("条款", "数字", "理由"):
        table.add_column(head)
    for item in draft.rejected:
        reason = item.reason_zh if lang == "zh" else item.reason_en
        table.add_row(item.clause, escape(item.text), reason)
    return table
