"""`python -m dualcarbon_web`: prepare a home folder, publish standings, serve the site."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from dualcarbon.errors import DualcarbonError
from dualcarbon_web.core.setup import ADMIN, prepare

FOLDER = click.Path(path_type=Path, file_okay=False)
DATE = click.DateTime(formats=["%Y-%m-%d"])
REPORTED = 25  # by this day of the month after its end a quarter's figures are recorded


@click.group()
def main() -> None:
    """The site of dualcarbon. Settings come from the environment: see docs/guide/site.md."""


@main.command()
@click.argument("plan")
@click.option("--on", "dates", type=DATE, multiple=True, required=True, help="Date; repeatable.")
@click.option("--data", type=FOLDER, required=True, help="Folder of the data files.")
@click.option("--home", type=FOLDER, help="The default is DUALCARBON_HOME.")
def publish(plan: str, dates: Sequence[dt.datetime], data: Path, home: Path | None) -> None:
    """Publish the standings of PLAN on one or more dates."""
    _tell_password(prepare(_home(home), plan))
    _publish(plan, [day.date() for day in dates], data)
    _analyse(plan, data)


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--home", type=FOLDER, help="The default is DUALCARBON_HOME.")
@click.option("--plan", help="The default is DUALCARBON_PLAN.")
@click.option("--then-account", "then", nargs=2, hidden=True, help="Date and data folder.")
def serve(
    host: str, port: int, home: Path | None, plan: str | None, then: tuple[str, str] | None
) -> None:
    """Serve what has been published."""
    folder = _home(home)
    _tell_password(prepare(folder, plan))
    later: tuple[str, ...] = ()
    if then and plan:
        later = ("account", plan, "--on", then[0], "--data", then[1], "--home", str(folder))
    _serve(host, port, folder, later)


@main.command()
@click.argument("plan")
@click.option("--on", "day", type=DATE, required=True, help="What was known on this date.")
@click.option("--data", type=FOLDER, required=True, help="Folder of the data files.")
@click.option("--home", type=FOLDER, help="The default is DUALCARBON_HOME.")
def account(plan: str, day: dt.datetime, data: Path, home: Path | None) -> None:
    """Publish the account of a data folder, and what stands beside it."""
    prepare(_home(home), plan)
    from dualcarbon_web.accounting.services import publish as publish_account

    _, wrong = publish_account(plan, day.date(), data)
    for item in wrong:
        click.echo(f"{item['message_zh']} {item['message_en']}", err=True)
    _analyse(plan, data)


@main.command("demo-site")
@click.option("--home", type=FOLDER, required=True)
@click.option("--plan", required=True)
@click.option("--data", type=FOLDER, required=True)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--on", "dates", type=DATE, multiple=True, required=True)
def demo_site(
    home: Path, plan: str, data: Path, host: str, port: int, dates: Sequence[dt.datetime]
) -> None:
    """Publish the demo city on the dates given and serve it: `dualcarbon demo` calls this.

    The site is served by a fresh program in this process: threads that computed the standings do
    not live on in the processes that a server forks, and an explanation would wait for them. The
    account follows in a process of its own once the port is open.
    """
    password = prepare(home, plan)
    days = reporting_dates([day.date() for day in dates], plan)
    _publish(plan, days, data, account=False)
    _tell_password(password)
    line = [sys.executable, "-m", "dualcarbon_web", "serve", "--home", str(home), "--plan", plan]
    line += ["--host", host, "--port", str(port), "--then-account", str(max(days)), str(data)]
    sys.stdout.flush()
    os.execv(sys.executable, line)  # noqa: S606


def reporting_dates(dates: Sequence[dt.date], plan: str) -> list[dt.date]:
    """The dates on which the quarters given had been reported, and the last date itself.

    A quarter's end asked for becomes the day by which its figures are recorded. Dates before the
    plan's year have no standings of that plan and are left out.
    """
    last, year = max(dates), int(plan.rpartition("-")[2])
    moved = {_reported(day) if _ends_quarter(day) else day for day in dates} | {last}
    return sorted(day for day in moved if day <= last and day > dt.date(year, 1, 31))


def _ends_quarter(day: dt.date) -> bool:
    return day.month % 3 == 0 and (day + dt.timedelta(days=1)).day == 1


def _reported(day: dt.date) -> dt.date:
    return (day + dt.timedelta(days=1)).replace(day=REPORTED)


def _home(named: Path | None) -> Path:
    from dualcarbon_web.core.environment import home

    if named is not None:
        os.environ["DUALCARBON_HOME"] = str(named)
    return home()


def _publish(plan: str, dates: Sequence[dt.date], data: Path, *, account: bool = True) -> None:
    from dualcarbon_web.control.services import publish_all

    try:
        for edition in publish_all(plan, dates, data, account=account):
            click.echo(f"{edition.on}  {edition.id}", err=True)
    except DualcarbonError as error:
        click.echo(str(error), err=True)
        sys.exit(2)


def _analyse(plan: str, data: Path) -> None:
    from dualcarbon_web.accounting.analyses.services import analyse
    from dualcarbon_web.accounting.models import Account

    account = Account.objects.filter(plan=plan).first()
    if account is None:
        return
    try:
        for done in analyse(account, data):
            click.echo(f"{account.id}: {done}", err=True)
    except DualcarbonError as error:
        click.echo(str(error), err=True)
        sys.exit(2)


def _tell_password(password: str | None) -> None:
    if password:
        click.echo(f"{ADMIN}  {password}    (管理员密码，只显示一次 / shown once)")


def _serve(host: str, port: int, home: Path, later: Sequence[str] = ()) -> None:
    """Serve the site; `later` is a command of this program that runs once the port is open."""
    from dualcarbon_web.core.serve import serve as run

    shown = f"[{host}]" if ":" in host else host

    def ready() -> None:
        click.echo(f"http://{shown}:{port}/")
        if later:
            line = [sys.executable, "-m", "dualcarbon_web", *later]
            subprocess.Popen(line, stdout=subprocess.DEVNULL)

    run(host, port, home, ready)


if __name__ == "__main__":
    main()
