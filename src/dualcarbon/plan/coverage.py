"""Coverage: what the software does about every obligation of a plan, and on which data.

`computed` is said only where a standing is computed from data; `milestone-tracked` where progress
that people report is shown; `none` where nothing is followed. Data are `real` only where the pack
holds them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from dualcarbon.plan.model import DATA, MECHANISMS, Commitment, Plan

HEADS = {
    "en": {
        "section": "Section",
        "title": "Obligation",
        "number": "Obligations",
        "targets": "Targets",
        "mechanism": "Mechanism",
        "data": "Data",
        "room": "Room",
        "command": "Command",
        "sum": "All",
        "id": "No.",
    },
    "zh": {
        "section": "章节",
        "title": "事项",
        "number": "事项数",
        "targets": "定量目标",
        "mechanism": "机制",
        "data": "数据",
        "room": "模块",
        "command": "命令",
        "sum": "合计",
        "id": "编号",
    },
}
WORDS = {
    "en": {name: name for name in (*MECHANISMS, *DATA)},
    "zh": {
        "computed": "计算",
        "milestone-tracked": "节点跟踪",
        "none": "无",
        "real": "真实",
        "synthetic": "合成",
    },
}


def coverage_rows(plan: Plan) -> list[dict[str, Any]]:
    """Give one row per obligation, in the order of the notice."""
    return [_row(item) for item in plan.commitments]


def _row(item: Commitment) -> dict[str, Any]:
    return {
        "id": item.id,
        "section": item.section,
        "kind": item.kind,
        "title_zh": item.title_zh,
        "title_en": item.title_en,
        "indicator": item.indicator,
        "mechanism": item.coverage.mechanism,
        "data": item.coverage.data,
        "room": item.coverage.room,
        "command": item.coverage.command,
    }


def totals(rows: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Count rows by mechanism and by data, with every word present."""
    listed = list(rows)
    mechanism = Counter(row["mechanism"] for row in listed)
    data = Counter(row["data"] for row in listed)
    return {
        "obligations": len(listed),
        "targets": sum(row["kind"] == "target" for row in listed),
        "mechanism": {name: mechanism[name] for name in MECHANISMS},
        "data": {name: data[name] for name in DATA},
    }


def coverage(plan: Plan) -> dict[str, Any]:
    """Give the coverage of a plan: rows, totals, totals of the targets and of each section."""
    rows = coverage_rows(plan)
    return {
        "plan": plan.id,
        "obligations": rows,
        "totals": totals(rows),
        "targets": totals(row for row in rows if row["kind"] == "target"),
        "sections": [
            {"id": item.id, "title_zh": item.title_zh, "title_en": item.title_en}
            | totals(row for row in rows if row["section"] == item.id)
            for item in plan.sections
        ],
    }


def coverage_markdown(plan: Plan, lang: str = "en", *, full: bool = False) -> str:
    """Give the coverage as Markdown: a summary by section and the targets; `full`: every clause."""
    if full:
        return _clauses(plan, lang)
    return f"{_summary(plan, lang)}\n\n{_listing(plan.targets, lang)}\n"


def _summary(plan: Plan, lang: str) -> str:
    head, words = HEADS[lang], WORDS[lang]
    answer = coverage(plan)
    columns = [head["section"], head["number"], head["targets"]]
    columns += [f"{head['mechanism']}: {words[name]}" for name in MECHANISMS]
    columns += [f"{head['data']}: {words[name]}" for name in DATA]
    rows = [
        [f"{item['id']} {item[f'title_{lang}']}", *_numbers(item)] for item in answer["sections"]
    ]
    rows.append([f"**{head['sum']}**", *_numbers(answer["totals"])])
    return _markdown(columns, rows)


def _numbers(counted: dict[str, Any]) -> list[str]:
    parts = [counted["obligations"], counted["targets"]]
    parts += [*counted["mechanism"].values(), *counted["data"].values()]
    return [str(part) for part in parts]


def _listing(items: Sequence[Commitment], lang: str) -> str:
    head, words = HEADS[lang], WORDS[lang]
    columns = [head[name] for name in ("id", "title", "mechanism", "data", "room", "command")]
    rows = [
        [
            item.id,
            item.title(lang),
            words[item.coverage.mechanism],
            words[item.coverage.data],
            item.coverage.room or "-",
            f"`{item.coverage.command}`" if item.coverage.command else "-",
        ]
        for item in items
    ]
    return _markdown(columns, rows)


def _clauses(plan: Plan, lang: str) -> str:
    parts = []
    for item in plan.sections:
        parts.append(f"## {item.id} {item.title(lang)}")
        parts.append(_listing(plan.in_section(item.id), lang))
    return "\n\n".join(parts) + "\n"


def _markdown(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(_cell(text) for text in line) + " |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
