"""`dualcarbon account`: from reported activity to energy, gases and pollutants, in whole grams."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dualcarbon.cli.chosen import chosen_pack
from dualcarbon.cli.edition import store_option
from dualcarbon.cli.output import Answer, common, console

if TYPE_CHECKING:
    from dualcarbon.accounting.run import RunOptions

DEFAULT_PACK = "china"
FILE = click.Path(path_type=Path)
HEADER = (
    "subject_kind",
    "subject",
    "period",
    "gas",
    "scope",
    "value",
    "unit",
    "rows",
    "unmatched_rows",
    "data_status",
    "code",
)
SHOWN = 24
WORDS = {
    "zh": {
        "subject": "对象",
        "period": "期间",
        "gas": "气体 / 能源",
        "scope": "范围",
        "value": "数值",
        "unit": "单位",
        "rows": "行数",
        "unmatched": "无参数",
        "status": "出处",
        "partial": "部分",
        "more": "另有 {n} 行，见 --format json 或 csv。",
        "edition": "存档版本",
        "slices": "计算 {computed} 片，沿用 {linked} 片",
    },
    "en": {
        "subject": "subject",
        "period": "period",
        "gas": "gas / energy",
        "scope": "scope",
        "value": "value",
        "unit": "unit",
        "rows": "rows",
        "unmatched": "unmatched",
        "status": "sources",
        "partial": "partial",
        "more": "{n} more rows; see --format json or csv.",
        "edition": "edition",
        "slices": "{computed} slices computed, {linked} linked",
    },
}


@click.group()
def account() -> None:
    """Account for reported activity: energy, greenhouse gases, pollutants."""


def _activity(function: Any) -> Any:
    """Give a command the files it reads: `--activity A B C` and `--activity A --activity B`."""
    options = [
        click.option(
            "--activity",
            "first",
            multiple=True,
            required=True,
            type=FILE,
            help="Files of activity (csv, xlsx, Parquet), or folders of such files.",
        ),
        click.argument("more", nargs=-1, type=FILE),
        click.option("--city", default=DEFAULT_PACK, show_default=True, help="Pack by name."),
    ]
    for option in reversed(options):
        function = option(function)
    return function


@account.command("run")
@_activity
@click.option("--period", help="Only what lies in this period, such as 2024 or 2024-01..06.")
@click.option(
    "--engine",
    type=click.Choice(["duckdb", "polars", "spark"]),
    default="duckdb",
    show_default=True,
    help="Engine that computes the rows; the numbers are the same.",
)
@click.option("--spark-master", help="Master URL of a Spark cluster; the default is this machine.")
@click.option("--gwp", help="GWP set such as AR4, AR5 or AR6; the default is the method's.")
@click.option("--method", help="Accounting method; the default is the pack's.")
@click.option(
    "--set",
    "sets",
    multiple=True,
    metavar="NAME=SET",
    help="Another set for one parameter, such as ncv=cn27; repeatable.",
)
@click.option("--overrides", type=FILE, help="Values of laboratories and suppliers (csv, xlsx).")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Only what was known on that day.")
@click.option("--onto", metavar="EDITION", help="What did not change is linked from this edition.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of editions to write into (the same as --editions).",
)
@store_option
@common("account run")
def run_(
    first: tuple[Path, ...],
    more: tuple[Path, ...],
    city: str,
    out: Path | None,
    store: Path | None,
    lang: str,
    packs: tuple[Path, ...],
    **chosen: Any,
) -> Answer:
    """Multiply activity by parameters and freeze the result as an edition."""
    from dualcarbon.accounting.run import run
    from dualcarbon.accounting.run_answer import payload
    from dualcarbon.editions import default_store

    folder = out or store or default_store()
    pack = chosen_pack(packs, city)
    options = _options(chosen, folder)
    with _progress(lang) as progress:
        result = run([*first, *more], pack, options, folder, progress)
    answer = payload(result, pack)
    return Answer(
        "account run",
        answer,
        result.findings,
        result.edition.id,
        header=HEADER,
        rows=[[row[name] for name in HEADER] for row in answer["totals"]],
        show=_shown(answer, result.edition.id),
    )


def _options(chosen: Mapping[str, Any], folder: Path) -> RunOptions:
    from dualcarbon.accounting.run import RunOptions
    from dualcarbon.editions import open_edition

    as_of = chosen["as_of"]
    return RunOptions(
        period=chosen["period"],
        engine=chosen["engine"],
        spark_master=chosen["spark_master"],
        gwp=chosen["gwp"],
        method=chosen["method"],
        sets=dict(_pair(text) for text in chosen["sets"]),
        as_of=as_of.date() if as_of else None,
        overrides=chosen["overrides"],
        parent=open_edition(folder, chosen["onto"]) if chosen["onto"] else None,
    )


def _pair(text: str) -> tuple[str, str]:
    from dualcarbon.errors import UsageError
    from dualcarbon.findings import finding

    name, separator, value = text.partition("=")
    if not separator or not name.strip() or not value.strip():
        raise UsageError(finding("accounting.set_pair", found=text))
    return name.strip(), value.strip()


@contextmanager
def _progress(lang: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar on stderr while slices are computed; nothing without a terminal."""
    from rich.progress import Progress

    out = console(err=True)
    with Progress(console=out, transient=True, disable=not out.is_terminal) as bar:
        task = bar.add_task("核算" if lang == "zh" else "accounting", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _shown(answer: Mapping[str, Any], edition: str) -> Callable[[Any, str], None]:
    def show(out: Any, lang: str) -> None:
        from rich.box import SIMPLE_HEAD
        from rich.table import Table

        words = WORDS[lang]
        table = Table(box=SIMPLE_HEAD)
        for name in ("subject", "period", "gas", "scope"):
            table.add_column(words[name])
        table.add_column(words["value"], justify="right")
        table.add_column(words["unit"])
        table.add_column(words["rows"], justify="right")
        table.add_column(words["unmatched"], justify="right")
        table.add_column(words["status"])
        for row in answer["totals"][:SHOWN]:
            table.add_row(*_cells(row, lang))
        out.print(table)
        if (left := len(answer["totals"]) - SHOWN) > 0:
            out.print(words["more"].format(n=left), style="dim")
        out.print(f"{words['edition']} {edition}  ({words['slices'].format(**answer)})")

    return show


def _cells(row: Mapping[str, Any], lang: str) -> list[str]:
    from rich.markup import escape

    value = "…" if row["value"] is None else f"{row['value']:,.3f}"
    partial = "" if row["complete"] else f" [yellow]({WORDS[lang]['partial']})[/]"
    name = row[f"subject_{lang}"] or row["subject"]
    gas = f"  {row['gas']}" if row["part_of"] else row["gas"]
    return [
        escape(name),
        row["period"],
        gas,
        "" if row["scope"] is None else str(row["scope"]),
        value + partial,
        row["unit"],
        f"{row['rows']:,}",
        f"{row['unmatched_rows']:,}",
        row["data_status"] or "…",
    ]


@account.command("facts")
@_activity
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Folder for the parts, one Parquet file a period.",
)
@common("account facts")
def facts(
    first: tuple[Path, ...],
    more: tuple[Path, ...],
    city: str,
    out: Path,
    lang: str,
    packs: tuple[Path, ...],
) -> Answer:
    """Turn files of activity into facts: codes, versions, one Parquet part a period."""
    from dualcarbon.accounting.facts import open_facts
    from dualcarbon.accounting.substances import load_substances
    from dualcarbon.subjects import load_words

    pack = chosen_pack(packs, city)
    found = open_facts([*first, *more], load_words(pack), load_substances(pack), out)
    header = ["file", "rows", "keys", "max_version", "sha256"]
    parts = [
        {
            "file": str(part.path),
            "rows": part.rows,
            "keys": part.keys.height,
            "max_version": part.max_version,
            "sha256": part.sha256,
        }
        for part in found.parts
    ]
    rows = [[part[name] for name in header] for part in parts]
    return Answer("account facts", {"parts": parts}, found.findings, header=header, rows=rows)
