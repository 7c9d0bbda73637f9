"""`dualcarbon standing`: where every commitment of a plan stands on a date, and why."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from dualcarbon.cli.edition import store_option
from dualcarbon.cli.output import Answer, common

COLUMNS = (
    "commitment", "indicator", "subject_kind", "subject", "period", "value", "declared", "unit",
    "required", "gap", "needed", "severity", "state", "grade", "reason_zh", "reason_en", "code",
)  # fmt: skip


@click.command()
@click.argument("plan_id", metavar="PLAN")
@click.option("--on", "on", metavar="DATE", help="Day of the standing; the default is today.")
@click.option(
    "--data",
    "folder",
    type=click.Path(path_type=Path),
    required=True,
    help="Folder with activity, statistics, progress and enterprises files.",
)
@click.option("--subject", help="Only this subject: city, an area or industry by code or name.")
@click.option("--scheme", help="Warning scheme that sets the severity where it applies.")
@store_option
@common("standing")
def standing(
    plan_id: str,
    on: str | None,
    folder: Path,
    subject: str | None,
    scheme: str | None,
    store: Path | None,
    lang: str,
    packs: tuple[Path, ...],
) -> Answer:
    """Judge every commitment of PLAN on what was known on a date, and freeze the result.

    Example: dualcarbon standing shanghai-2024 --on 2024-09-30 --data DIR
    """
    from dualcarbon.control.data import read_data
    from dualcarbon.control.standing import standing as judge
    from dualcarbon.editions import default_store
    from dualcarbon.packs import load_pack
    from dualcarbon.plan.load import load_plan

    day = day_of(on)
    plan = load_plan(plan_id, packs)
    data = read_data(folder, load_pack(plan.pack, packs))
    rows_read = sum(item.rows or 0 for item in data.inputs)
    _say("read", lang, folder=folder, rows=rows_read, plan=plan.id)
    found = judge(plan, day, data, scheme=scheme, subject=subject)
    store = store or default_store()
    edition = found.freeze(store)
    _say("frozen", lang, edition=edition.id, store=store)
    answer = found.to_json(edition)
    rows = [[row[name] for name in COLUMNS] for row in answer["standings"]]
    return Answer(
        "standing",
        answer,
        found.findings,
        edition.id,
        header=COLUMNS,
        rows=rows,
        show=_shown(found, answer, edition.id),
    )


def _say(step: str, lang: str, **facts: Any) -> None:
    """Print a line of progress to stderr."""
    from dualcarbon.findings import finding

    click.echo(finding(f"control.step_{step}", **facts).message(lang), err=True)


def day_of(text: str | None) -> Any:
    """Read a day; the default is today. UsageError when it is none."""
    import datetime as dt

    from dualcarbon.errors import UsageError
    from dualcarbon.findings import finding

    if text is None:
        return dt.date.today()
    try:
        return dt.date.fromisoformat(text.replace("/", "-"))
    except ValueError as error:
        raise UsageError(finding("control.bad_date", found=text)) from error


def _shown(found: Any, answer: dict[str, Any], edition: str) -> Callable[[Any, str], None]:
    def show(console: Any, lang: str) -> None:
        from dualcarbon.cli.board import print_board

        print_board(console, found, answer["standings"], edition, lang)

    return show
