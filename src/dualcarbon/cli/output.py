"""What every command shares: options, the JSON envelope, tables, errors and exit codes."""

from __future__ import annotations

import csv
import functools
import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click
from attrs import field, frozen

from dualcarbon.errors import DualcarbonError
from dualcarbon.findings import Finding, worst

F = TypeVar("F", bound=Callable[..., Any])
FORMATS = ("table", "json", "csv")
STATUS = {"error": "errors", "warning": "warnings", "info": "ok", None: "ok"}


@frozen
class Answer:
    """The result of a command: `payload` for JSON, `header` and `rows` for csv, `show` for people.

    `show(console, lang)` prints the human form with rich; without it `rows` become a plain table.
    `raw` is a file that stands in the place of every form.
    """

    command: str
    payload: Mapping[str, Any]
    findings: Sequence[Finding] = ()
    edition: str | None = None
    header: Sequence[str] = ()
    rows: Iterable[Sequence[Any]] = ()
    show: Callable[[Any, str], None] | None = None
    raw: bytes | None = None
    status: str = field(default="")


def default_lang() -> str:
    """Give zh when the environment speaks Chinese, else en."""
    named = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG", "")
    return "zh" if named.lower().startswith("zh") else "en"


def common(
    command: str, *, check: bool = False, formats: Sequence[str] = FORMATS
) -> Callable[[F], F]:
    """Give a command `--format`, `--lang` and `--pack`, and emit the Answer that it returns.

    `check`: findings of severity error make the exit code 1. DualcarbonError always gives 2.
    """

    def decorate(function: F) -> F:
        @functools.wraps(function)
        def run(*args: Any, output: str, lang: str | None, **options: Any) -> None:
            lang = lang or default_lang()
            try:
                answer = function(*args, lang=lang, **options)
            except DualcarbonError as error:
                fail(command, error, output, lang)
            emit(answer, output, lang)
            if check and worst(answer.findings) == "error":
                sys.exit(1)

        decorated: Any = run
        for option in reversed(_options(formats)):
            decorated = option(decorated)
        return decorated  # type: ignore[no-any-return]

    return decorate


def _options(formats: Sequence[str]) -> list[Callable[[F], F]]:
    return [
        click.option(
            "--format",
            "output",
            type=click.Choice(formats),
            default="table",
            show_default=True,
            help="Form of the result on stdout.",
        ),
        click.option(
            "--lang", type=click.Choice(["zh", "en"]), help="Language; the default follows LANG."
        ),
        click.option(
            "--pack",
            "packs",
            multiple=True,
            type=click.Path(path_type=Path),
            help="Folder with packs (or one pack), searched before all others; repeatable.",
        ),
    ]


def envelope(answer: Answer) -> dict[str, Any]:
    """Give the JSON answer: the shared keys first, then the command's own."""
    from dualcarbon import __version__

    return {
        "schema": f"dualcarbon/{answer.command.replace(' ', '-')}/1",
        "command": answer.command,
        "version": __version__,
        "edition": answer.edition,
        "status": answer.status or STATUS[worst(answer.findings)],
        "findings": [item.to_json() for item in answer.findings],
        **{key: value for key, value in answer.payload.items() if key != "findings"},
    }


def emit(answer: Answer, output: str, lang: str) -> None:
    """Print an answer in the form asked for; findings of a table or csv go to stderr."""
    if answer.raw is not None:
        sys.stdout.buffer.write(answer.raw)
        print_findings(answer.findings, lang)
        return
    if output == "json":
        text = json.dumps(envelope(answer), ensure_ascii=False, indent=2, default=str)
        click.echo(text)
        return
    if output == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(answer.header)
        writer.writerows(_safe(row) for row in answer.rows)
    else:
        _table(answer, lang)
    print_findings(answer.findings, lang)


def _safe(row: Sequence[Any]) -> list[Any]:
    return [
        f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "@", "\t") else value
        for value in row
    ]


def console(*, err: bool = False) -> Any:
    """Give a rich console; without a terminal it is 120 columns wide and has no colour."""
    from rich.console import Console

    stream = sys.stderr if err else sys.stdout
    return Console(file=stream, width=None if stream.isatty() else 120, highlight=False)


def _table(answer: Answer, lang: str) -> None:
    if answer.show is not None:
        answer.show(console(), lang)
        return
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD)
    for name in answer.header:
        table.add_column(str(name))
    for row in answer.rows:
        table.add_row(*("…" if value is None else str(value) for value in row))
    console().print(table)


MARKS = {
    "zh": {"error": "错误", "warning": "提醒", "info": "说明"},
    "en": {"error": "error", "warning": "warning", "info": "note"},
}
STYLES = {"error": "red", "warning": "yellow", "info": "dim"}
SHOWN = 40


def print_findings(findings: Sequence[Finding], lang: str) -> None:
    """Print findings to stderr: severity, place, message, and the remedy beneath."""
    from rich.markup import escape

    out = console(err=True)
    for item in findings[:SHOWN]:
        mark, style = MARKS[lang][item.severity], STYLES[item.severity]
        place = f"{escape(str(item.place))}  " if str(item.place) else ""
        out.print(f"[{style}]{mark}[/] {place}{escape(item.message(lang))}")
        out.print(f"     {escape(item.remedy(lang))}  [dim]{item.rule}[/]")
    if len(findings) > SHOWN:
        rest = len(findings) - SHOWN
        out.print(f"另有 {rest} 条。" if lang == "zh" else f"{rest} more; see --format json.")


def fail(command: str, error: DualcarbonError, output: str, lang: str) -> None:
    """Print the findings of an error and leave with exit code 2."""
    if output == "json":
        answer = Answer(command, {}, error.findings, status="failed")
        click.echo(json.dumps(envelope(answer), ensure_ascii=False, indent=2, default=str))
    print_findings(error.findings, lang)
    sys.exit(2)
