"""The accounting room's only calls into the library: publish an account, read series."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from attrs import field, frozen
from django.conf import settings
from django.db import transaction

from dualcarbon.accounting import cuts, cuts_read
from dualcarbon.accounting.cuts_explain import EXPLAINERS as CUTS
from dualcarbon.accounting.drivers_frozen import EXPLAINERS as DRIVERS
from dualcarbon.accounting.run import RunOptions, run
from dualcarbon.accounting.run_explain import EXPLAINERS as RUN
from dualcarbon.editions import Explanation, open_edition
from dualcarbon.editions import explain as explain_code
from dualcarbon.enterprises.tables import ENTERPRISES
from dualcarbon.errors import EditionError
from dualcarbon.packs import load_pack
from dualcarbon.periods import Period
from dualcarbon.tables import read_table
from dualcarbon_web.accounting import frames
from dualcarbon_web.accounting.models import Account, Line

KINDS = (".csv", ".xlsx", ".parquet")
EXPLAINERS = {**RUN, **CUTS, **DRIVERS}
Reading = cuts_read.Reading
growth, read_series, rest, total = (
    cuts_read.growth,
    cuts_read.read_series,
    cuts_read.rest,
    cuts_read.total,
)


@frozen
class Made:
    """What a run left in the store, before any of it is kept for pages."""

    plan: str
    on: dt.date
    run: str
    cuts: str
    findings: list[dict[str, Any]]
    unmatched: list[dict[str, Any]]
    analyses: list[dict[str, Any]] = field(factory=list)


def publish(
    plan_id: str, on: dt.date, data_dir: Path, search: tuple[Path, ...] = ()
) -> Account | None:
    """Account for a data folder as known on a date, and keep the rows of the pages.

    None where the folder has no activity. Publishing the same again changes nothing.
    """
    made = make(plan_id, on, data_dir, settings.EDITIONS, search)
    return keep(made) if made else None


def begin(plan_id: str, on: dt.date, data_dir: Path) -> tuple[ProcessPoolExecutor, Future[Any]]:
    """Start the run in a process of its own, so that standings are judged meanwhile."""
    pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"))
    return pool, pool.submit(make, plan_id, on, data_dir, settings.EDITIONS)


def make(
    plan_id: str, on: dt.date, data_dir: Path, store: Path, search: tuple[Path, ...] = ()
) -> Made | None:
    """Run the account and cut it; everything stands in the store afterwards."""
    activity = _file(data_dir, "activity")
    if activity is None:
        return None
    pack = load_pack(plan_id.rpartition("-")[0], search)
    result = run([activity], pack, RunOptions(as_of=on), store)
    register = _file(data_dir, "enterprises")
    known = read_table(register, ENTERPRISES).frame if register else ENTERPRISES.empty()
    cut = cuts.freeze_cuts(cuts.make_cuts(result.edition, known, pack), result.edition, store, pack)
    return Made(
        plan_id,
        on,
        result.edition.id,
        cut.id,
        [item.to_json() for item in result.findings],
        [dict(item) for item in result.unmatched],
    )


def _file(folder: Path, name: str) -> Path | None:
    return next((path for kind in KINDS if (path := folder / f"{name}{kind}").is_file()), None)


def keep(made: Made) -> Account:
    """Keep a finished run for the pages, all in one transaction."""
    found = Account.objects.filter(pk=made.cuts).first()
    if found is not None:
        return found
    cut = open_edition(settings.EDITIONS, made.cuts)
    options = cut.manifest["options"]
    pack = load_pack(made.plan.rpartition("-")[0])
    with transaction.atomic():
        account = Account.objects.create(
            id=cut.id,
            run=made.run,
            plan=made.plan,
            on=made.on,
            method=options["method"],
            gwp=options["gwp"],
            synthetic=pack.synthetic,
            released=pack.synthetic,
            gases=frames.gases(cut),
            known=_ordered(cut.table("amounts")["period"].unique().to_list()),
            periods=cut.table("periods")["period"].to_list(),
            findings=made.findings,
            unmatched=made.unmatched,
        )
        Line.objects.bulk_create(frames.lines(account, cut), batch_size=500)
    return account


def _ordered(texts: Sequence[str]) -> list[str]:
    return sorted(texts, key=lambda text: (Period.parse(text).last, Period.parse(text).first))


def code(account: Account, line: int, gas: str, period: Period) -> str | None:
    """The explain code of a cell; None for a period that the edition cannot answer."""
    if str(period) not in account.periods:
        return None
    sizes = (len(account.gases), len(account.periods))
    place = [item["gas"] for item in account.gases].index(gas)
    row = cuts.cell_row(line, place, account.periods.index(str(period)), sizes)
    return f"{account.id}:cells:{row}"


def explain(user: Any, text: str) -> Explanation | None:
    """Explain a code of an account that the person may see; None for any other."""
    edition = text.partition(":")[0]
    if not Account.objects.visible_to(user).holding(edition).exists():
        return None
    try:
        return explain_code(text, settings.EDITIONS, EXPLAINERS)
    except EditionError:
        return None
