"""The accounting room's only calls into the library: publish an account, read series."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from attrs import field, frozen
from django.conf import settings
from django.db import transaction

from dualcarbon.accounting import cuts, cuts_read, flows
from dualcarbon.accounting.account import Tools
from dualcarbon.accounting.balance import read_balance
from dualcarbon.accounting.cuts_explain import EXPLAINERS as CUTS
from dualcarbon.accounting.drivers_answer import payload
from dualcarbon.accounting.drivers_frozen import EXPLAINERS as DRIVERS
from dualcarbon.accounting.drivers_frozen import freeze
from dualcarbon.accounting.drivers_pairs import Change, changes
from dualcarbon.accounting.explain_peak import PEAK
from dualcarbon.accounting.run import RunOptions, run
from dualcarbon.accounting.run_explain import EXPLAINERS as RUN
from dualcarbon.control.data import read_data
from dualcarbon.control.known import Known
from dualcarbon.control.known import known as known_on
from dualcarbon.editions import Explanation, open_edition
from dualcarbon.editions import explain as explain_code
from dualcarbon.enterprises.tables import ENTERPRISES
from dualcarbon.errors import DualcarbonError, EditionError
from dualcarbon.packs import Pack, load_pack
from dualcarbon.periods import Period
from dualcarbon.tables import read_table
from dualcarbon_web.accounting import frames
from dualcarbon_web.accounting.models import Account, Analysis, Line, holding

KINDS = (".csv", ".xlsx", ".parquet")
EXPLAINERS = {**RUN, **CUTS, **DRIVERS, **PEAK}
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
    analyses: list[tuple[str, str, str, dict[str, Any]]] = field(factory=list)


def publish(
    plan_id: str,
    on: dt.date,
    data_dir: Path,
    known: Known | None = None,
    search: tuple[Path, ...] = (),
) -> tuple[Account | None, list[dict[str, Any]]]:
    """Account for a data folder as known on a date; gives the account and what went wrong.

    `known`: what the standings of that date rest on, read from the folder where it is not given.
    None where the folder has no activity, or none that can be counted: the findings say why.
    Publishing the same again changes nothing.
    """
    try:
        made = make(plan_id, on, data_dir, settings.EDITIONS, search)
    except DualcarbonError as error:
        return None, [item.to_json() for item in error.findings]
    if made is None:
        return None, []
    pack = load_pack(plan_id.rpartition("-")[0], search)
    return keep(made, known or known_on(read_data(data_dir, pack), on)), []


def make(
    plan_id: str, on: dt.date, data_dir: Path, store: Path, search: tuple[Path, ...] = ()
) -> Made | None:
    """Run the account and cut it; everything stands in the store afterwards."""
    activity = file_of(data_dir, "activity")
    if activity is None:
        return None
    pack = load_pack(plan_id.rpartition("-")[0], search)
    result = run([activity], pack, RunOptions(as_of=on), store)
    register = file_of(data_dir, "enterprises")
    known = read_table(register, ENTERPRISES).frame if register else ENTERPRISES.empty()
    cut = cuts.freeze_cuts(cuts.make_cuts(result.edition, known, pack), result.edition, store, pack)
    analyses = list(_balances(data_dir, pack, on))
    return Made(
        plan_id,
        on,
        result.edition.id,
        cut.id,
        [item.to_json() for item in result.findings],
        [dict(item) for item in result.unmatched],
        analyses,
    )


def _balances(
    folder: Path, pack: Pack, on: dt.date
) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """The flows of every year of the city's energy balance, by group and by carrier.

    A balance has no date of its own: it is known once its year is over.
    """
    path = file_of(folder, "balance")
    if path is None:
        return
    tools = Tools.of(pack)
    balance = read_balance(path, tools.layout, tools.carriers, areas=tools.areas)
    said = [item.to_json() for item in balance.findings]
    for year in sorted({year for year in balance.cells["year"] if year and year < on.year}):
        one = balance.select(balance.provinces[0], year, areas=tools.areas)
        for by in ("group", "carrier"):
            made = flows.make_flows(one, pack, tools.layout, tools.carriers, by)
            content = flows.to_json(made, tools.layout, tools.carriers)
            yield "flows", f"{year}:{by}", "", content | {"file": path.name, "findings": said}


def _drivers(known: Known) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Every change of energy and CO2 that published figures explain, of the city and its areas."""
    pack = known.data.words.pack
    for change in changes(frames.levels(known), pack):
        yield from _change(change, pack)


def _change(change: Change, pack: Pack) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    key = f"{change.target}:{change.first}:{change.last}"
    for name, drivers in (("whole", change.whole), ("parts", change.parts)):
        if drivers is not None:
            edition = freeze(drivers, settings.EDITIONS, pack).id
            content = payload(drivers, edition, 1) | {"left_out": list(change.left_out)}
            yield "drivers", f"{key}:{name}", edition, content


def file_of(folder: Path, name: str) -> Path | None:
    """The file of a table of a data folder, in any of its forms."""
    return next((path for kind in KINDS if (path := folder / f"{name}{kind}").is_file()), None)


def keep(made: Made, known: Known) -> Account:
    """Keep a finished run for the pages, all in one transaction; the same again changes nothing."""
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
        Analysis.objects.bulk_create(
            Analysis(account=account, kind=kind, key=key, code=code, content=content)
            for kind, key, code, content in (*made.analyses, *_drivers(known))
        )
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
    if not Account.objects.visible_to(user).filter(holding(edition)).exists():
        return None
    try:
        return explain_code(text, settings.EDITIONS, EXPLAINERS)
    except EditionError:
        return None
