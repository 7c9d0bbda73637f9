"""`dualcarbon schedule`: what a subject owes in a year, by when, why, and what is late."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from dualcarbon.cli.output import Answer, common

COLUMNS = (
    "id", "title_zh", "title_en", "period", "due", "shifted_from", "state", "filed_on", "article",
    "status", "mark", "rule",
)  # fmt: skip


@click.command()
@click.argument("plan_id", metavar="PLAN")
@click.option("--for", "subject", required=True, help="city, a district, or an enterprise.")
@click.option("--year", type=int, required=True, help="Year in which the items are due.")
@click.option(
    "--data",
    "folder",
    type=click.Path(path_type=Path),
    help="Folder with enterprises, filings, extensions and events files.",
)
@click.option("--on", "on", metavar="DATE", help="Day of the states; the default is today.")
@click.option("--ics", is_flag=True, help="Print a calendar file (RFC 5545) instead.")
@common("schedule")
def schedule(
    plan_id: str,
    subject: str,
    year: int,
    folder: Path | None,
    on: str | None,
    ics: bool,
    lang: str,
    packs: tuple[Path, ...],
) -> Answer:
    """Show what a subject of PLAN owes in a year: due, filed, late, missing, extended.

    Example: dualcarbon schedule shanghai-2024 --for city --year 2024
    """
    from dualcarbon.cli.standing import day_of
    from dualcarbon.control.schedule import load_calendar, read_records, to_ics
    from dualcarbon.control.schedule import schedule as make
    from dualcarbon.control.schedule.records import Records
    from dualcarbon.packs import load_pack
    from dualcarbon.plan.load import load_plan
    from dualcarbon.subjects import load_words

    pack = load_pack(load_plan(plan_id, packs).pack, packs)
    words = load_words(pack)
    records = read_records(folder, words) if folder else Records()
    found = make(load_calendar(pack), subject, year, day_of(on), words, records)
    answer = found.to_json()
    return Answer(
        "schedule",
        answer,
        found.findings,
        header=COLUMNS,
        rows=[[item[name] for name in COLUMNS] for item in answer["items"]],
        show=_shown(answer),
        raw=to_ics(found, lang).encode() if ics else None,
    )


HEADS = (("日期", "due"), ("事项", "item"), ("期间", "period"), ("状态", "state"),
         ("依据", "article"), ("罚则", "penalty"), ("标记", "mark"))  # fmt: skip
STYLES = {"missing": "red", "late": "dark_orange", "filed": "green", "extended": "yellow"}


def _shown(answer: Mapping[str, Any]) -> Callable[[Any, str], None]:
    def show(console: Any, lang: str) -> None:
        from rich.box import SIMPLE_HEAD
        from rich.markup import escape
        from rich.table import Table

        name = answer[f"name_{lang}"] or answer["subject"]
        console.print(f"[bold]{escape(name)}  {answer['year']}[/]  ({answer['on']})")
        table = Table(box=SIMPLE_HEAD)
        for pair in HEADS:
            table.add_column(pair[lang != "zh"], overflow="fold")
        for item in answer["items"]:
            table.add_row(*map(escape, _cells(item, lang)), style=STYLES.get(item["state"]))
        console.print(table)

    return show


def _cells(item: Mapping[str, Any], lang: str) -> list[str]:
    from dualcarbon.control.schedule.ics import STATES

    penalty, extension, due = item["penalty"], item["extension"], item["due"]
    if item["shifted_from"]:
        due += f" (< {item['shifted_from']})"
    if extension:
        due += f" (> {extension['due']} {extension['document']})"
    state = STATES[item["state"]][lang != "zh"]
    fine = f"{penalty['low']}-{penalty['high']} {penalty['unit']}" if penalty else ""
    return [
        due,
        item[f"title_{lang}"],
        item["period"],
        f"{state} {item['filed_on'] or ''}".strip(),
        item["article"] or "",
        fine,
        f"{item['mark']} {item['status']}",
    ]
