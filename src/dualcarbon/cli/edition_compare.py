"""`dualcarbon edition compare A B`: what went in, what moved each amount, which standings move."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from dualcarbon.cli.edition import store_option
from dualcarbon.cli.output import Answer, common

STEPS = ("data", "parameter", "method", "boundary")
AMOUNTS = ("from", *STEPS, "to")
RUN, STANDINGS = "accounting_run", "control"
JUDGED = ("commitment", "subject_kind", "subject")
SEEN = ("value", "computed", "declared", "required", "gap", "severity", "state", "grade")
TABLES: dict[str, dict[str, tuple[str, ...]]] = {
    STANDINGS: {
        "figures": ("indicator", "subject_kind", "subject", "period", "basis", "unit", "origin")
    },
    "accounting": {"account": ("row", "carrier"), "carriers": ("carrier",), "total": ()},
}
PLACE = {"edition", "row", "code", "file", "sheet", "source_row", "place", "fact"}
ALWAYS = {"gas", "scope", "unit", "subject_kind"}


@click.command("compare")
@click.argument("old", metavar="A")
@click.argument("new", metavar="B")
@click.option(
    "--by", default="subject", show_default=True, help="Cuts of the waterfall, such as subject,gas."
)
@click.option("--plan", "plan_id", help="Plan whose standings two account editions would move.")
@click.option("--on", metavar="DATE", help="Day of these standings; the default is today.")
@click.option("--data", "folder", type=click.Path(path_type=Path), help="Their data folder.")
@store_option
@common("edition compare")
def compare(
    old: str,
    new: str,
    by: str,
    plan_id: str | None,
    on: str | None,
    folder: Path | None,
    store: Path | None,
    lang: str,
    packs: tuple[Path, ...],
) -> Answer:
    """Compare edition A with edition B: what went in, and what moved every amount.

    Two account runs give a waterfall of data, parameter, method and boundary that adds up to the
    gram. Two standings give the commitments whose standing changed; with --plan and --data two
    account runs do too.
    """
    from dualcarbon.editions import default_store, open_edition
    from dualcarbon.editions.compare import what_went_in

    store = store or default_store()
    a, b = open_edition(store, old), open_edition(store, new)
    _same_room(a, b)
    cuts = _cuts(by)
    rows = _waterfall(a, b, cuts)
    payload = {
        "a": a.id,
        "b": b.id,
        "room": a.room,
        **what_went_in(a, b),
        "waterfall": rows,
        "standings": _standings(a, b, plan_id, on, folder, packs),
        "tables": _tables(a, b),
    }
    header = ["subject_kind", *cuts, "gas", "scope", "unit", *AMOUNTS, "complete"]
    cells = [[row[name] for name in header] for row in rows]
    return Answer("edition compare", payload, (), b.id, header, cells, show=_shown(payload, header))


def _same_room(a: Any, b: Any) -> None:
    from dualcarbon.errors import UsageError
    from dualcarbon.findings import Place, finding

    if a.room != b.room:
        raise UsageError(finding("editions.other_room", Place(b.id), found=b.room, expected=a.room))


def _cuts(by: str) -> list[str]:
    from dualcarbon.accounting.compare import CUTS
    from dualcarbon.errors import UsageError
    from dualcarbon.findings import finding

    names = [name.strip() for name in by.split(",") if name.strip()]
    for name in names:
        if name not in CUTS and name not in ALWAYS:
            raise UsageError(finding("editions.cut", found=name, expected=", ".join(CUTS)))
    return [name for name in dict.fromkeys(names) if name not in ALWAYS]


def _waterfall(a: Any, b: Any, cuts: Sequence[str]) -> list[dict[str, Any]]:
    from dualcarbon.accounting.compare import waterfall

    if a.room != RUN:
        return []
    rows = waterfall(a, b, cuts).to_dicts()
    return [{**row, "complete": not (row["unmatched_from"] or row["unmatched_to"])} for row in rows]


def _standings(
    a: Any,
    b: Any,
    plan_id: str | None,
    on: str | None,
    folder: Path | None,
    packs: tuple[Path, ...],
) -> list[dict[str, Any]]:
    """Give the standings that differ, or that would with the figures of two account runs."""
    from dualcarbon.control.figured import with_computed
    from dualcarbon.editions.compare import changed_values

    if a.room == STANDINGS:
        frames = [with_computed(e.table("standings"), e.table("figures")) for e in (a, b)]
    elif a.room == RUN and plan_id is not None and folder is not None:
        frames = _judged((a, b), plan_id, on, folder, packs)
    else:
        return []
    before, after = frames
    return changed_values(before, after, JUDGED, [n for n in SEEN if n in before.columns])


def _judged(
    editions: Sequence[Any],
    plan_id: str,
    on: str | None,
    folder: Path,
    packs: tuple[Path, ...],
) -> list[Any]:
    """Judge the plan twice on the same data, each time with the figures of one account run."""
    from dualcarbon.cli.standing import day_of
    from dualcarbon.control.data import read_data
    from dualcarbon.control.figured import with_computed, with_figures
    from dualcarbon.control.standing import standing
    from dualcarbon.packs import load_pack
    from dualcarbon.plan.load import load_plan

    plan = load_plan(plan_id, packs)
    data = read_data(folder, load_pack(plan.pack, packs))
    day = day_of(on)
    found = [
        standing(plan, day, with_figures(data, edition.table("figures"), edition.id))
        for edition in editions
    ]
    return [with_computed(one.rows, one.figures) for one in found]


def _tables(a: Any, b: Any) -> list[dict[str, Any]]:
    """Give the changed values of the small tables that a room is read by."""
    from dualcarbon.editions.compare import changed_values

    found = []
    for name, key in TABLES.get(a.room, {}).items():
        left, right = a.table(name), b.table(name)
        columns = [column for column in left.columns if column not in PLACE]
        for change in changed_values(left, right, key, columns):
            head = {column: change[column] for column in key}
            rest = {"change": change["change"], "fields": change["fields"]}
            found.append({"table": name, "key": head, **rest})
    return found


WORDS = {
    "zh": {
        "inputs": "输入文件",
        "parameters": "参数",
        "packs": "规则包文件",
        "options": "选项",
        "waterfall": "变化分解（█ 数据 ▓ 参数 ▒ 方法 ░ 范围）",
        "standings": "将随之变化的评价",
        "tables": "变化的数值",
        "none": "两个版次没有差别。",
        "partial": "* 有活动数据缺少参数，合计不完整。",
        "more": "另有 {count} 行；见 --format json。",
    },
    "en": {
        "inputs": "Inputs",
        "parameters": "Parameters",
        "packs": "Files of packs",
        "options": "Options",
        "waterfall": "What moved the amounts (█ data ▓ parameter ▒ method ░ boundary)",
        "standings": "Standings that change",
        "tables": "Values that change",
        "none": "The two editions do not differ.",
        "partial": "* some activity has no parameter; the sum is partial.",
        "more": "{count} more; see --format json.",
    },
}
GLYPHS = dict(zip(STEPS, "█▓▒░", strict=True))
WIDTH = 12
SHOWN = 30


def _shown(payload: Mapping[str, Any], header: Sequence[str]) -> Callable[[Any, str], None]:
    def show(console: Any, lang: str) -> None:
        words = WORDS[lang]
        console.print(f"[bold]{payload['a']} → {payload['b']}[/]  {payload['room']}")
        listed = ("inputs", "parameters", "packs", "options", "standings", "tables")
        parts = {name: payload[name] for name in listed if payload[name]}
        for name in ("options", "inputs", "packs", "parameters"):
            _list(console, words, name, parts.get(name, ()))
        if payload["waterfall"]:
            console.print(f"[bold]{words['waterfall']}[/]")
            _print_waterfall(console, payload["waterfall"], header, words)
        for name in ("standings", "tables"):
            _list(console, words, name, parts.get(name, ()))
        if not parts and not payload["waterfall"]:
            console.print(words["none"])

    return show


def _list(console: Any, words: Mapping[str, str], name: str, rows: Sequence[Any]) -> None:
    from rich.markup import escape

    if not rows:
        return
    console.print(f"[bold]{words[name]}[/] ({len(rows)})")
    for row in rows[:SHOWN]:
        console.print("  " + escape(_line(row)))
    if len(rows) > SHOWN:
        console.print("  " + words["more"].format(count=len(rows) - SHOWN))


def _line(row: Mapping[str, Any]) -> str:
    """Give one difference as text: its names, then from → to."""
    heads = {**row.get("key", {}), **row}
    skipped = {"from", "to", "fields", "key", "unit"}
    names = [str(v) for k, v in heads.items() if k not in skipped and v is not None]
    moves = [f"{name} {m['from']} → {m['to']}" for name, m in row.get("fields", {}).items()]
    if "from" in row:
        moves.append(f"{_short(row['from'])} → {_short(row['to'])} {row.get('unit') or ''}")
    return "  ".join([*names, *moves]).rstrip()


def _short(value: Any) -> str:
    text = str(value)
    return "…" if value is None else text if len(text) <= 24 else f"{text[:12]}…"


def _print_waterfall(
    console: Any, rows: Sequence[Any], header: Sequence[str], words: Mapping[str, str]
) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    names = [name for name in header if name not in (*AMOUNTS, "gas", "scope", "complete", "unit")]
    table.add_column(" / ".join(names), overflow="fold", ratio=1)
    table.add_column("")
    for name in (*AMOUNTS, ""):
        table.add_column(name, justify="right" if name else "left", no_wrap=True)
    largest: dict[str, int] = {}
    for row in rows:
        size = sum(abs(row[step]) for step in STEPS)
        largest[row["gas"]] = max(size, largest.get(row["gas"], 1))
    for row in rows[:SHOWN]:
        label = " / ".join(str(row[name] or "…") for name in names)
        gas = " ".join(str(row[name]) for name in ("gas", "scope") if row[name] is not None)
        cells = [_cell(row, name) for name in AMOUNTS]
        table.add_row(label, f"{gas} {row['unit']}", *cells, _bar(row, largest[row["gas"]]))
    console.print(table)
    if len(rows) > SHOWN:
        console.print(words["more"].format(count=len(rows) - SHOWN))
    if not all(row["complete"] for row in rows):
        console.print(words["partial"])


def _cell(row: Mapping[str, Any], name: str) -> str:
    if name not in ("from", "to"):
        return f"{row[name] / 1e6:+,.3f}" if row[name] else "0"
    if not row[f"unmatched_{name}"]:
        return f"{row[name] / 1e6:,.3f}"
    return f"{row[name] / 1e6:,.3f}*" if row[name] else "…*"


def _bar(row: Mapping[str, Any], largest: int) -> str:
    return "".join(GLYPHS[step] * round(WIDTH * abs(row[step]) / largest) for step in STEPS)
