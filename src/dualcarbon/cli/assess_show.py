"""How an assessment is shown in a terminal: ranking, score sheets, stability, other weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

SHEETS = 3
WORDS = {
    "zh": {
        "rank": "名次", "subject": "对象", "score": "得分", "max": "满分", "computed": "计算等次",
        "grade": "等次", "forced": "强制依据", "item": "计分项", "reason": "理由", "source": "依据",
        "range": "可能范围", "choices": "读法", "fact": "事实", "unit": "单位", "form": "方式",
        "stability": "名次与等次的稳定性（抽样{draws}次，种子{seed}）", "p_rank": "各名次的概率",
        "p_grade": "各等次的概率", "ends": "得分95 %范围", "what_if": "调整权重后",
        "change": "变化（分）", "outcome": "结果", "gains": "受益", "loses": "受损", "same": "不变",
        "more": "其余 {n} 张得分表：加 --subject，或用 --format json、csv。", "unsourced": "无来源",
        "open": "未定", "full": "满分合计", "name": "名称", "synthetic": "虚构", "from": "起",
        "mark": "标记",
    },
    "en": {
        "rank": "rank", "subject": "subject", "score": "score", "max": "max",
        "computed": "computed", "grade": "grade", "forced": "forced by", "item": "item",
        "reason": "reason", "source": "evidence", "range": "possible", "choices": "readings",
        "fact": "fact", "unit": "unit", "form": "form",
        "stability": "How sure ranks and grades are ({draws} draws, seed {seed})",
        "p_rank": "probability of each rank", "p_grade": "probability of each grade",
        "ends": "95 % of the scores", "what_if": "With the other weights",
        "change": "change (points)", "outcome": "outcome", "gains": "gains", "loses": "loses",
        "same": "same", "more": "{n} more sheets: use --subject, or --format json, csv.",
        "unsourced": "unsourced", "open": "open", "full": "points in all", "name": "name",
        "synthetic": "synthetic", "from": "from", "mark": "mark",
    },
}  # fmt: skip


def _table(*heads: str, right: Sequence[int] = ()) -> Any:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for k, head in enumerate(heads):
        table.add_column(head, justify="right" if k in right else "left", overflow="fold")
    return table


def _text(value: Any) -> str:
    from rich.markup import escape

    return escape(str(value))


def _number(value: float | None) -> str:
    if value is None:
        return "…"
    text = f"{value:,.2f}"
    return text.rstrip("0").rstrip(".").replace("-", "−")


def _share(p: float) -> str:
    """Give a probability that is certain only where it is."""
    return "<1%" if p < 0.01 else ">99%" if 0.99 < p < 1 else f"{p:.0%}"


def print_list(console: Any, rubrics: Sequence[Mapping[str, Any]], lang: str) -> None:
    """Print one line for each rubric: id, name, start, highest total, mark."""
    words = WORDS[lang]
    table = _table("id", words["name"], words["from"], words["max"], words["mark"], right=(3,))
    for one in rubrics:
        name = f"{_text(one[f'name_{lang}'])}{_mark(one, words)}"
        table.add_row(one["id"], name, one["valid_from"], _number(one["max"]), one["mark"])
    console.print(table)


def print_rubric(console: Any, rubric: Mapping[str, Any], lang: str) -> None:
    """Print a rubric: its source, choices, items and the facts that it asks for."""
    words = WORDS[lang]
    _head(console, rubric, lang)
    table = _table(
        words["item"], words["name"], words["form"], words["max"], words["fact"], right=(3,)
    )
    for item in rubric["items"]:
        mark = _mark(item, words)
        name = f"{_text(item[f'name_{lang}'])}{mark}"
        facts = _text(", ".join(item["facts"]))
        table.add_row(_text(item["item"]), name, item["form"], _number(item["max"]), facts)
    console.print(table)
    table = _table(words["fact"], words["name"], words["unit"])
    for fact in rubric["facts"]:
        unit = "/".join(fact["levels"]) or fact["unit"]
        table.add_row(_text(fact["name"]), _text(fact[f"name_{lang}"]), _text(unit))
    console.print(table)


def _mark(item: Mapping[str, Any], words: Mapping[str, str]) -> str:
    return "" if item["status"] == "sourced" else f" [yellow]({words[item['status']]})[/]"


def _head(console: Any, rubric: Mapping[str, Any], lang: str) -> None:
    words = WORDS[lang]
    span = f"{rubric['valid_from']}..{rubric['valid_to'] or ''}"
    name = _text(rubric[f"name_{lang}"])
    console.print(f"[bold]{name}[/]{_mark(rubric, words)}  [dim]{rubric['id']}  {span}[/]")
    console.print(f"{_text(rubric['source'])}  [dim]({rubric['mark']})[/]", style="dim")
    if rubric[f"note_{lang}"]:
        console.print(_text(rubric[f"note_{lang}"]))
    chosen = [f"{c['id']}={c['chosen']} ({'|'.join(c['options'])})" for c in rubric["choices"]]
    if chosen:
        console.print(f"{words['choices']}: {_text('; '.join(chosen))}", style="dim")


def print_assessment(console: Any, answer: Mapping[str, Any], lang: str) -> None:
    """Print the ranking, up to three score sheets, stability and what-if."""
    words, rubric = WORDS[lang], answer["rubric"]
    grades = {grade["id"]: grade[f"name_{lang}"] for grade in rubric["grades"]}
    _head(console, rubric, lang)
    results = sorted(answer["results"], key=lambda one: (one["rank"] is None, one["rank"] or 0))
    _ranking(console, results, grades, lang)
    for one in results[:SHEETS]:
        _sheet(console, one, lang)
    if len(results) > SHEETS:
        console.print(words["more"].format(n=len(results) - SHEETS), style="dim")
    if answer["stability"]:
        _stability(console, answer["stability"], grades, words)
    if answer["what_if"]:
        _what_if(console, answer["what_if"], grades, words)


def _ranking(
    console: Any, results: Sequence[Mapping[str, Any]], grades: Mapping[str, str], lang: str
) -> None:
    words = WORDS[lang]
    heads = ("rank", "subject", "score", "range", "computed", "grade", "forced")
    table = _table(*(words[head] for head in heads), right=(0, 2))
    for one in results:
        closed = one["score"] is not None or one["max"] is None
        span = "" if closed else f"{_number(one['low'])}–{_number(one['high'])}"
        forced = one["grade"] != one["computed_grade"]
        grade = grades.get(one["grade"], words["open"])
        table.add_row(
            str(one["rank"] or "…"),
            _text(one["subject"]),
            "" if one["max"] is None else _number(one["score"]),
            span,
            _text(grades.get(one["computed_grade"], words["open"])),
            f"[red]{_text(grade)}[/]" if forced else _text(grade),
            _text(", ".join(veto["item"] for veto in one["vetoes"])),
        )
    console.print(table)


def _sheet(console: Any, one: Mapping[str, Any], lang: str) -> None:
    words = WORDS[lang]
    total = "" if one["max"] is None else f"{_number(one['score'])} / {_number(one['max'])}"
    console.print(f"[bold]{_text(one['subject'])}[/]  {total}")
    heads = (words["item"], words["score"], words["max"], words["reason"], words["source"])
    table = _table(*heads, right=(1, 2))
    for line in one["lines"]:
        places = "\n".join(_text(_origin(evidence)) for evidence in line["evidence"])
        name = f"{_text(line[f'name_{lang}'])}{_mark(line, words)}"
        reason = _text(line[f"reason_{lang}"])
        bare = line["max"] is None
        numbers = ("", "") if bare else (_number(line["score"]), _number(line["max"]))
        table.add_row(name, *numbers, reason, places)
    console.print(table)
    for veto in (*one["vetoes"], *one["vetoes_unknown"]):
        console.print(f"  {_text(veto[f'reason_{lang}'])}", style="red")


def _origin(evidence: Mapping[str, Any]) -> str:
    return f"{evidence['source'] or evidence['name']} ({evidence['place']})"


def _stability(
    console: Any, found: Mapping[str, Any], grades: Mapping[str, str], words: Mapping[str, str]
) -> None:
    console.print(f"[bold]{words['stability'].format(**found)}[/]")
    table = _table(words["subject"], words["ends"], words["p_rank"], words["p_grade"])
    for row in found["rows"]:
        ranks = "  ".join(f"{k}: {_share(p)}" for k, p in enumerate(row["p_rank"], 1) if p)
        shares = [
            f"{grades.get(code, words['open'])} {_share(p)}"
            for code, p in row["p_grade"].items()
            if p
        ]
        ends = f"{_number(row['score_low'])}–{_number(row['score_high'])}"
        table.add_row(_text(row["subject"]), ends, ranks, _text("  ".join(shares)))
    console.print(table)


def _what_if(
    console: Any, found: Mapping[str, Any], grades: Mapping[str, str], words: Mapping[str, str]
) -> None:
    total = f"{words['full']} {_number(found['max'])} → {_number(found['new_max'])}"
    console.print(f"[bold]{words['what_if']}[/]  {total}")
    heads = ("subject", "score", "change", "rank", "grade", "outcome")
    table = _table(*(words[head] for head in heads), right=(1, 2))
    for row in found["rows"]:
        grade, new = (grades.get(row[k], words["open"]) for k in ("grade", "new_grade"))
        table.add_row(
            _text(row["subject"]),
            f"{_number(row['score'])} → {_number(row['new_score'])}",
            _number(row["change"]),
            f"{row['rank'] or '…'} → {row['new_rank'] or '…'}",
            _text(grade if grade == new else f"{grade} → {new}"),
            words.get(row["outcome"] or "", "…"),
        )
    console.print(table)
