"""`dualcarbon demo`: write the invented city, compute its standings, start the site on them.

The library knows no web, so the site runs in a process of its own: this command ends by calling
`python -m dualcarbon_web demo-site --home DIR --plan PLAN --data DIR/data --on DATE ... --host H
--port P` (see `site_command`). That process prepares the database, publishes each date, prints the
address and the administrator password once, and serves until it is stopped.
"""

from __future__ import annotations

import datetime as dt
import os
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

import click
from attrs import evolve

from dualcarbon.cli.output import Answer, default_lang, emit, envelope, fail

PLAN = "demo-2024"
DATE = "2024-10-25"
QUARTERS, PUBLISHED = 8, 25
WEB_MODULES = ("dualcarbon_web", "django", "ninja", "django_htmx", "whitenoise")


@click.command()
@click.option("--serve/--no-serve", default=True, show_default=True, help="Start the site.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder to write; the default is $DUALCARBON_HOME or ./build/demo.",
)
@click.option("--seed", type=int, default=2024, show_default=True, help="Seed of the data.")
@click.option("--enterprises", type=int, default=600, show_default=True, help="Key enterprises.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address of the site.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--on", "on_text", default=DATE, show_default=True, help="Date of the standings.")
@click.option(
    "--format",
    "output",
    type=click.Choice(["table", "json", "csv"]),
    default="table",
    show_default=True,
    help="Form of the result on stdout.",
)
@click.option("--lang", type=click.Choice(["zh", "en"]), help="Language; the default follows LANG.")
def demo(
    serve: bool,
    out: Path | None,
    seed: int,
    enterprises: int,
    host: str,
    port: int,
    on_text: str,
    output: str,
    lang: str | None,
) -> None:
    """Write the data of the invented city, show its standings and start the site.

    Everything is synthetic. DIR/data holds the files, DIR/standings.json the standings.
    """
    from dualcarbon.errors import DualcarbonError

    lang = lang or default_lang()
    home = out or Path(os.environ.get("DUALCARBON_HOME") or "build/demo")
    try:
        on = _date(on_text)
        if serve:
            _check_site(host, port)
        answer = _answer(home, on, seed, enterprises, lang)
    except DualcarbonError as error:
        fail("demo", error, output, lang)
    emit(answer, output, lang)
    _say("files", lang, data=home / "data", standings=home / "standings.json")
    if serve:
        _serve(home, on, host, port, lang)


def _say(rule: str, lang: str, **facts: Any) -> None:
    """Print a line of progress to stderr."""
    from dualcarbon.findings import finding

    click.echo(finding(f"demo.{rule}", **facts).message(lang), err=True)


def _date(text: str) -> dt.date:
    from dualcarbon.errors import UsageError
    from dualcarbon.findings import finding

    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(finding("demo.date", found=text, expected=DATE)) from error


def _check_site(host: str, port: int) -> None:
    """Refuse before any work when the site cannot start: a part missing, the port in use."""
    import socket

    from dualcarbon.errors import UsageError
    from dualcarbon.findings import finding

    missing = [name for name in WEB_MODULES if find_spec(name) is None]
    if missing:
        raise UsageError(finding("demo.no_web", found=", ".join(missing)))
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        why = error.strerror or str(error)
        raise UsageError(finding("demo.port", found=f"{host}:{port}", why=why)) from error


def _answer(home: Path, on: dt.date, seed: int, enterprises: int, lang: str) -> Answer:
    """Write the data and give the standings on them, as the command `standing` gives them."""
    from dualcarbon.demo import generate
    from dualcarbon.demo.write import check_size

    check_size(seed, enterprises)
    data = home / "data"
    _check_folder(data)
    _say("step_data", lang, folder=data)
    generate(data, seed=seed, enterprises=enterprises)
    _say("step_standing", lang, plan=PLAN, on=on.isoformat())
    answer = _standings(home, on, lang)
    _write_json(home / "standings.json", answer)
    return evolve(answer, command="demo", payload={**answer.payload, "folder": str(data)})


def _standings(home: Path, on: dt.date, lang: str) -> Answer:
    """Call what stands behind `dualcarbon standing`, so that both show the same."""
    from inspect import unwrap

    from dualcarbon.cli.standing import standing

    function: Callable[..., Answer] = unwrap(cast(Callable[..., Answer], standing.callback))
    return function(
        plan_id=PLAN,
        on=on.isoformat(),
        folder=home / "data",
        subject=None,
        scheme=None,
        store=home / "editions",
        lang=lang,
        packs=(),
    )


def _check_folder(data: Path) -> None:
    """Refuse to overwrite data that is not ours; make the folder when it is not there."""
    from dualcarbon.demo.write import FILES, is_ours
    from dualcarbon.errors import UsageError
    from dualcarbon.findings import finding

    try:
        data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(finding("demo.folder", found=str(error))) from error
    present = [path.name for path in sorted(data.iterdir()) if path.stem in FILES]
    if present and not is_ours(data):
        raise UsageError(finding("demo.not_ours", found=f"{data}: {', '.join(present)}"))
    if not os.access(data, os.W_OK):
        raise UsageError(finding("demo.folder", found=str(data)))


def _write_json(path: Path, answer: Answer) -> None:
    import json

    text = json.dumps(envelope(answer), ensure_ascii=False, indent=1, default=str)
    part = path.with_suffix(".part")
    part.write_text(text + "\n", encoding="utf-8")
    part.replace(path)


def quarter_days(on: dt.date, number: int = QUARTERS) -> list[dt.date]:
    """Give the days by which the latest quarters were published, oldest first.

    A quarter's figures are recorded by the 25th of the month after it; before that day nothing of
    the quarter is known.
    """
    days: list[dt.date] = []
    year, month = on.year, on.month
    while len(days) < number:
        day = dt.date(year, month, PUBLISHED)
        if month % 3 == 1 and day <= on:
            days.append(day)
        year, month = (year - 1, 12) if month == 1 else (year, month - 1)
    return days[::-1]


def site_command(home: Path, on: dt.date, host: str, port: int) -> list[str]:
    """Give the command line of the site's own process."""
    dates = [*(day for day in quarter_days(on) if day != on), on]
    options: dict[str, Any] = {"--home": home, "--plan": PLAN, "--data": home / "data"}
    options |= {"--host": host, "--port": port}
    line = [sys.executable, "-m", "dualcarbon_web", "demo-site"]
    line += [part for name, value in options.items() for part in (name, str(value))]
    return line + [part for day in dates for part in ("--on", day.isoformat())]


def _serve(home: Path, on: dt.date, host: str, port: int, lang: str) -> None:
    """Run the site until it is stopped; its exit code other than 0 is said."""
    import subprocess

    from dualcarbon.errors import UsageError
    from dualcarbon.findings import finding

    line = site_command(home.resolve(), on, host, port)
    _say("step_site", lang, count=line.count("--on"))
    sys.stdout.flush()
    try:
        code = subprocess.run(line, check=False).returncode
    except KeyboardInterrupt:
        return
    if code not in (0, 130, -2, -15):
        error = UsageError(finding("demo.site_failed", found=code, folder=home))
        fail("demo", error, "table", lang)
