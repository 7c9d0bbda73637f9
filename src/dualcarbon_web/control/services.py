"""The control room's only calls into the library: publish an edition, explain a code."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from dualcarbon.control.data import read_data
from dualcarbon.control.explain import EXPLAINERS
from dualcarbon.control.known import Fact, Known
from dualcarbon.control.schemes import load_schemes
from dualcarbon.control.standing import Standings, standing
from dualcarbon.editions import Explanation
from dualcarbon.editions import explain as explain_code
from dualcarbon.errors import EditionError
from dualcarbon.packs import load_pack
from dualcarbon.plan import load_plan
from dualcarbon_web.accounting import services as accounting
from dualcarbon_web.control import frames
from dualcarbon_web.control.models import Edition, Figure, Standing
from dualcarbon_web.enterprises import services as enterprises

MAIN = "energy_intensity"
SHOWN = ("energy_intensity", "co2_intensity", "energy_total", "co2_total", "coal_total", "gdp")


def publish(plan_id: str, on: dt.date, data_dir: Path, search: tuple[Path, ...] = ()) -> Edition:
    """Judge a plan on a date, freeze the result, and keep its rows for the pages.

    Everything lands in one transaction; publishing the same again changes nothing.
    """
    return publish_all(plan_id, [on], data_dir, search)[0]


def publish_all(
    plan_id: str,
    dates: Sequence[dt.date],
    data_dir: Path,
    search: tuple[Path, ...] = (),
    *,
    account: bool = True,
) -> list[Edition]:
    """Publish a plan on several dates, and the account as known on the last of them.

    The data are read once. An account that cannot be made leaves the standings as they are; its
    findings stand with those of the last date. Without `account` the standings alone.
    """
    plan = load_plan(plan_id, search)
    data = read_data(data_dir, load_pack(plan.pack, search))
    found = []
    for on in dates:
        result = standing(plan, on, data)
        found.append(_publish(result, last=on == max(dates)))
        if account and on == max(dates):
            _, wrong = accounting.publish(plan_id, on, data_dir, result.known, search)
            _say(found[-1], wrong)
    return found


def _say(edition: Edition, findings: list[dict[str, Any]]) -> None:
    """Add to what the data check says of an edition."""
    new = [item for item in findings if item not in edition.findings]
    if new:
        edition.findings = [*edition.findings, *new]
        edition.save(update_fields=["findings"])


def _publish(result: Standings, *, last: bool) -> Edition:
    frozen = result.freeze(settings.EDITIONS)
    found = Edition.objects.filter(pk=frozen.id).first()
    if found is not None:
        return found
    with transaction.atomic():
        edition = Edition.objects.create(
            id=frozen.id,
            plan=result.plan.id,
            on=result.on,
            synthetic=result.plan.synthetic,
            released=result.plan.synthetic,
            period=_period(result),
            findings=[item.to_json() for item in result.findings],
        )
        Standing.objects.bulk_create(frames.standings(edition, result.rows), batch_size=500)
        Figure.objects.bulk_create(frames.figures(edition, result.figures), batch_size=500)
        facts = [_figure(fact) for fact in _facts(result.known)]
        Figure.objects.bulk_create(frames.reported(edition, facts), batch_size=500)
        if last:
            enterprises.publish(edition, result.known)
    return edition


def _period(result: Standings) -> str:
    """The period that the city's main rate was judged on, else the latest of any standing."""
    rows = result.rows.filter(result.rows["value"].is_not_null())
    main = rows.filter((rows["indicator"] == MAIN) & (rows["subject_kind"] == "city"))
    return str(main["period"][0]) if main.height else ""


def _facts(known: Known) -> list[Fact]:
    return [
        fact
        for (indicator, subject), facts in known.facts.items()
        if subject[0] == "city" or (indicator in SHOWN and subject[0] == "area")
        for fact in facts
    ]


def _figure(fact: Fact) -> dict[str, Any]:
    synthetic = (fact.source or "").startswith("SYNTHETIC")
    return {
        "indicator": fact.indicator,
        "subject_kind": fact.subject[0],
        "subject": fact.subject[1],
        "period": str(fact.period),
        "basis": fact.period.basis,
        "value": fact.value,
        "unit": "%" if fact.growth else fact.unit,
        "vintage": fact.vintage,
        "origin": fact.origin,
        "status": "synthetic" if synthetic else "sourced" if fact.source else "unsourced",
        "recorded_at": None,
    }


@cache
def scheme_names() -> dict[str, tuple[str, str]]:
    """The names of the warning schemes of the plan's pack, Chinese and English, by id."""
    pack = load_pack(settings.PLAN.rpartition("-")[0])
    return {key: (one.name_zh, one.name_en) for key, one in load_schemes(pack).items()}


def explain(user: Any, code: str) -> Explanation | None:
    """Explain a code of an edition that the person may see; None for any other."""
    edition = code.partition(":")[0]
    if not Edition.objects.visible_to(user).filter(pk=edition).exists():
        return accounting.explain(user, code)
    try:
        return explain_code(code, settings.EDITIONS, EXPLAINERS)
    except EditionError:
        return None
