"""`dualcarbon plan budget`: annual caps as monthly budgets, and who is over them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from dualcarbon.cli.output import Answer, common

COLUMNS = (
    "subject", "cap", "to", "used", "budget_to_date", "used_percent", "left", "needed_percent",
    "alert",
)  # fmt: skip
HEADS = {
    "zh": (
        "对象",
        "年度上限",
        "截至",
        "已用",
        "同期预算",
        "占预算 %",
        "剩余",
        "余月需变 %",
        "提醒",
    ),
    "en": ("subject", "cap", "to", "used", "budget", "of budget %", "left", "needed %", "alert"),
}
ALERTS = {
    "zh": {
        "none": "", "over_budget": "超预算", "over_cap": "超上限", "no_data": "无数据",
    },
    "en": {
        "none": "", "over_budget": "over budget", "over_cap": "over cap", "no_data": "no data",
    },
}  # fmt: skip


@click.command("budget")
@click.argument("caps", type=click.Path(path_type=Path))
@click.option("--history", required=True, type=click.Path(path_type=Path),
              help="Months: subject, period, energy; earlier years and this one.")  # fmt: skip
@click.option("--year", required=True, type=click.IntRange(1900, 2200), help="Year of the caps.")
@click.option("--to", metavar="MONTH", help="Last month looked at; the default is all reported.")
@common("plan budget")
def budget(
    caps: Path, history: Path, year: int, to: str | None, lang: str, packs: tuple[Path, ...]
) -> Answer:
    """Spread the annual CAPS (subject, allowed) over months by the season of earlier years.

    Example: dualcarbon plan budget caps.csv --history months.csv --year 2024 --to 2024-08
    """
    from dualcarbon.plan.decompose.caps import budgets, month_of, payload

    found = budgets(caps, history, year, month_of(to, year) if to else None)
    answer = payload(found)
    months = [f"budget_{month:02}" for month in range(1, 13)]
    rows = [
        [*(row[name] for name in COLUMNS), *(row["months"] or [None] * 12)]
        for row in answer["rows"]
    ]
    return Answer(
        "plan budget",
        answer,
        found.findings,
        header=[*COLUMNS, *months],
        rows=rows,
        show=lambda console, shown: _show(console, shown, answer),
    )


def _show(console: Any, lang: str, answer: Mapping[str, Any]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for place, head in enumerate(HEADS[lang]):
        table.add_column(head, justify="right" if 0 < place < 8 and place != 2 else "left")
    for row in answer["rows"]:
        cells = ["…" if row[name] is None else _text(row[name]) for name in COLUMNS[1:-1]]
        table.add_row(escape(row["subject"]), *cells, ALERTS[lang][row["alert"]])
    console.print(f"[bold]{answer['year']}[/]  {answer['unit']}")
    console.print(table)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else f"{value:,.2f}"
