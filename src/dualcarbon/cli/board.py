"""The board in a terminal: headline counts, then sections with lights, numbers, reasons."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

SEVERITIES = {
    0: ("●", "达标", "on track", "green"),
    1: ("◆", "偏慢", "slightly behind", "yellow"),
    2: ("▲", "滞后", "behind", "dark_orange"),
    3: ("■", "严重", "critical", "red"),
    None: ("○", "未判定", "no light", "dim"),
}
STATES = {
    "measured": ("已测算", "measured"),
    "no_data": ("无数据", "no data"),
    "invalid": ("数据有误", "invalid"),
    "done": ("已完成", "done"),
    "overdue": ("逾期", "overdue"),
    "watch": ("关注", "watch"),
}
WORDS = {
    "zh": {
        "head": ("", "事项", "对象", "数值", "应达", "差距", "尚需", "单位", "级", "码"),
        "hint": "每行末尾为行号 N；dualcarbon explain {edition}:standings:N 可解释到单元格",
        "none": "无数据 {count} 项：{items}",
        "many": "{title}（{count}个对象）",
    },
    "en": {
        "head": (
            "",
            "commitment",
            "subject",
            "value",
            "required",
            "gap",
            "needed",
            "unit",
            "",
            "#",
        ),
        "hint": "# is the row N; dualcarbon explain {edition}:standings:N goes down to the cell",
        "none": "No data ({count}): {items}",
        "many": "{title} ({count} subjects)",
    },
}
WIDTHS = (17, 34, 12, 9, 9, 9, 9, 9, 2, 4)
RIGHT = {3, 4, 5, 6, 9}
REASON = 150


def print_board(
    console: Any, found: Any, rows: Sequence[dict[str, Any]], edition: str, lang: str
) -> None:
    """Print standings for people; everything printed is also in the JSON answer."""
    _headline(console, found, lang, edition)
    sections = {item.id: found.plan.commitment(item.id).section for item in found.plan.commitments}
    for section in found.plan.sections:
        own = [row for row in rows if sections[row["commitment"]] == section.id]
        if own:
            console.print(f"\n[bold]{section.id}  {section.title(lang)}[/]")
            _section(console, found, own, lang)


def _headline(console: Any, found: Any, lang: str, edition: str) -> None:
    from dualcarbon.control.standing import headline

    counts = headline(found.rows)
    column = 1 if lang == "zh" else 2
    console.print(f"[bold]{found.plan.title(lang)}[/]  {found.on.isoformat()}")
    parts = []
    for level in (3, 2, 1, 0, None):
        light = SEVERITIES[level]
        number = counts.severities.get(level, 0)
        parts.append(f"[{light[3]}]{light[0]} {light[column]} {number}[/]")
    console.print("   ".join(parts))
    states = [f"{STATES[s][column - 1]} {n}" for s, n in sorted(counts.states.items())]
    console.print(" · ".join(states), style="dim")
    console.print(WORDS[lang]["hint"].format(edition=edition), style="dim")  # type: ignore[attr-defined]


def _section(console: Any, found: Any, rows: Sequence[dict[str, Any]], lang: str) -> None:
    from rich.text import Text

    judged = [row for row in rows if row["state"] != "no_data"]
    if judged:
        console.print(Text(_columns(WORDS[lang]["head"]), style="dim"))
    for row in judged:
        style = SEVERITIES[row["severity"]][3]
        line = Text(_columns(_cells(found, row, lang)))
        line.stylize(style, 0, 17)
        console.print(line, overflow="crop", no_wrap=True)
        if row["severity"] != 0:
            reason = Text(" " * 6 + _short(row[f"reason_{lang}"]), style="dim")
            console.print(reason, overflow="fold")
    absent = [row for row in rows if row["state"] == "no_data"]
    if absent:
        items = "; ".join(_absent(found, absent, lang))
        text = str(WORDS[lang]["none"]).format(count=len(absent), items=items)
        console.print(Text(f"○ {text}", style="dim"), overflow="fold")


def _absent(found: Any, rows: Sequence[dict[str, Any]], lang: str) -> Iterator[str]:
    for commitment, group in groupby(rows, key=lambda row: row["commitment"]):
        own = list(group)
        title = f"{commitment} {found.plan.commitment(commitment).title(lang)}"
        if len(own) > 1:
            title = str(WORDS[lang]["many"]).format(title=title, count=len(own))
        yield title


def _cells(found: Any, row: dict[str, Any], lang: str) -> list[str]:
    shape, zh, en, _ = SEVERITIES[row["severity"]]
    word = zh if lang == "zh" else en
    if row["state"] != "measured":
        word = STATES[row["state"]][0 if lang == "zh" else 1]
    title = found.plan.commitment(row["commitment"]).title(lang)
    numbers, unit = _numbers(found, row, lang)
    return [
        f"{shape} {word}",
        f"{row['commitment']} {title}",
        _subject(found, row, lang),
        *numbers,
        unit,
        row["grade"] or "",
        row["code"].rsplit(":", 1)[1],
    ]


def _subject(found: Any, row: dict[str, Any], lang: str) -> str:
    words = found.known.data.words
    code, kind = row["subject"], row["subject_kind"]
    entry = words.areas.vocabulary.get(code) if kind in ("city", "area") else None
    if kind == "industry":
        entry = words.industries.get(code)
    return str(entry.name(lang)) if entry is not None else str(code)


def _numbers(found: Any, row: dict[str, Any], lang: str) -> tuple[list[str], str]:
    from dualcarbon.control.wording import shown_amount, unit_label

    keys = ("value", "required", "gap", "needed")
    if row["unit"] == "%":
        return [_signed(row[key]) for key in keys], "%"
    indicator = found.plan.indicators.get(row["indicator"] or "")
    unit = row["unit"] or "1"
    cells = [shown_amount(row[key], unit, indicator) for key in keys]
    shown = next((cell[1] for cell in cells if cell), unit)
    return [cell[0] if cell else "…" for cell in cells], unit_label(shown, lang)


def _signed(value: float | None) -> str:
    return "…" if value is None else f"{value:+.2f}"


def _columns(cells: Sequence[str]) -> str:
    return " ".join(
        _fit(text, width, index in RIGHT)
        for index, (text, width) in enumerate(zip(cells, WIDTHS, strict=True))
    ).rstrip()


def _fit(text: str, width: int, right: bool) -> str:
    from rich.cells import cell_len, set_cell_size

    size = cell_len(text)
    if size > width:
        return set_cell_size(text, width - 1) + "…" if not right else text
    return " " * (width - size) + text if right else text + " " * (width - size)


def _short(text: str) -> str:
    return text if len(text) <= REASON else f"{text[: REASON - 1]}…"
