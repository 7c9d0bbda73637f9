"""What is found out beside an account: editions side by side, reconciliation, peak monitor.

These take longer than a page may wait for and change no account; they are kept as they are made.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
from attrs import evolve, frozen
from django.conf import settings
from django.db import transaction

from dualcarbon.accounting.boundary import pack_boundary
from dualcarbon.accounting.compare import AMOUNTS, waterfall
from dualcarbon.accounting.explain_peak import freeze_monitor
from dualcarbon.accounting.levels import payload
from dualcarbon.accounting.peak import monitor
from dualcarbon.accounting.reconcile import chain
from dualcarbon.accounting.run import RunOptions, run
from dualcarbon.accounting.scenarios import path_to, peak_answer, project, read_scenarios
from dualcarbon.accounting.side import Tools
from dualcarbon.control.data import Data, read_data
from dualcarbon.control.sides import folder_members, folder_of, folder_side
from dualcarbon.editions import Edition, open_edition
from dualcarbon.editions.compare import what_went_in
from dualcarbon.errors import DualcarbonError
from dualcarbon.findings import Finding
from dualcarbon.packs import Pack, load_pack
from dualcarbon.parameters import load_parameters
from dualcarbon.periods import Period
from dualcarbon_web.accounting.models import Account, Analysis
from dualcarbon_web.accounting.services import file_of

SIDES = ("city", "area", "enterprise")
BEFORE = 90  # days: what was known then is held against what is known now
Made = tuple[str, str, str, dict[str, Any]]


@frozen
class _Job:
    """The account and the data folder that analyses are made of."""

    account: Account
    folder: Path
    pack: Pack
    data: Data


def analyse(account: Account, folder: Path, search: tuple[Path, ...] = ()) -> list[str]:
    """Make every analysis that is not there yet and that the folder allows; gives their keys.

    Each stands or falls by itself: one that cannot be made keeps its findings instead.
    """
    pack = load_pack(account.plan.rpartition("-")[0], search)
    job = _Job(account, folder, pack, read_data(folder, pack))
    done = []
    for kind, make in (("peak", _peak), ("reconcile", _reconcile), ("compare", _compare)):
        if Analysis.objects.filter(account=account, kind=kind).exists():
            continue
        with transaction.atomic():
            for item, key, code, content in _kept(kind, make, job):
                Analysis.objects.create(
                    account=account, kind=item, key=key, code=code, content=content
                )
                done.append(f"{item} {key}")
    return done


def _kept(kind: str, make: Callable[[_Job], Iterator[Made]], job: _Job) -> list[Made]:
    try:
        return list(make(job))
    except DualcarbonError as error:
        return [(kind, "failed", "", {"findings": _json(error.findings)})]


def _json(findings: Any) -> list[dict[str, Any]]:
    known: list[Finding] = list(findings)
    return [item.to_json() for item in known]


def _peak(job: _Job) -> Iterator[Made]:
    path = file_of(job.folder, "series")
    if path is None:
        return
    made = monitor(path, job.pack)
    stated = file_of(job.folder, "scenarios")
    steps, said, _input = read_scenarios(stated) if stated else ([], [], None)
    projected, more = project(made, steps)
    year = job.pack.setting("choices", "peak_year")
    paths, late = path_to(made, int(year) if year else None, {})
    edition = freeze_monitor(made, settings.EDITIONS, job.pack)
    answer = peak_answer(made, projected, paths, edition.id)
    findings = _json([*made.findings, *said, *more, *late])
    yield "peak", "city", edition.id, answer | {"file": path.name, "findings": findings}


def _reconcile(job: _Job) -> Iterator[Made]:
    """City, districts and enterprises held against each other, in the last whole year known."""
    period = Period.parse(str(job.account.on.year - 1))
    tools = Tools.of(job.pack, "calorific")
    folder = folder_of(job.data, job.account.on, period)
    sides = [folder_side(folder, kind, tools, kind, period) for kind in SIDES]
    present = [side for side in sides if side.height]
    if len(present) < 2:
        return
    result = chain(
        present,
        period=period,
        boundary=pack_boundary(tools),
        carriers=tools.carriers,
        members=folder_members(job.data, period, None),
    )
    findings = _json([*folder.findings, *result.findings])
    answer = payload(result, tools.carriers) | {"findings": findings}
    yield "reconcile", str(period), "", answer


def _compare(job: _Job) -> Iterator[Made]:
    """The account against the same with another GWP set, and against what was known before."""
    now = open_edition(settings.EDITIONS, job.account.run)
    other = _other_gwp(job)
    options = RunOptions(as_of=job.account.on)
    if other is not None:
        yield _against(job, now, evolve(options, gwp=other), f"gwp:{other}", later=True)
    before = job.account.on - dt.timedelta(days=BEFORE)
    yield _against(job, now, evolve(options, as_of=before), f"as_of:{before}", later=False)


def _other_gwp(job: _Job) -> str | None:
    """The latest set of GWP beside that of the account."""
    sets = {value.set: value.edition for value in load_parameters(job.pack).by_name["gwp100"]}
    others = sorted((edition, name) for name, edition in sets.items() if name != job.account.gwp)
    return others[-1][1] if others else None


def _against(job: _Job, now: Edition, options: RunOptions, key: str, *, later: bool) -> Made:
    path = file_of(job.folder, "activity")
    other = run([path] if path else [], job.pack, options, settings.EDITIONS).edition
    a, b = (now, other) if later else (other, now)
    content = {"a": _about(a), "b": _about(b), "waterfall": _yearly(a, b), **what_went_in(a, b)}
    return "compare", key, other.id, content


def _yearly(a: Edition, b: Edition) -> list[dict[str, Any]]:
    """The waterfall of city and areas by year; grams are added, as they always are."""
    frame = waterfall(a, b, ("subject", "period"))
    frame = frame.filter(pl.col("subject_kind").is_in(["city", "area"]))
    years = {text: str(Period.parse(text).year) for text in frame["period"].unique()}
    frame = frame.with_columns(pl.col("period").replace_strict(years, return_dtype=pl.String))
    key = ["subject_kind", "subject", "period", "gas", "scope", "unit"]
    return frame.group_by(key).agg(pl.col(AMOUNTS).sum()).sort(key).to_dicts()


def _about(edition: Edition) -> dict[str, Any]:
    options = edition.manifest["options"]
    return {"id": edition.id, **{name: options[name] for name in ("method", "gwp", "as_of")}}
