"""What `account run` answers: totals by subject, gas and scope, and what found no parameter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dualcarbon.accounting.run import Run
from dualcarbon.editions import Edition
from dualcarbon.packs import Pack
from dualcarbon.subjects import Words, load_words

GRAMS = 1_000_000


def payload(run: Run, pack: Pack) -> dict[str, Any]:
    """Give the answer as JSON data; amounts in tonnes beside the whole grams they come from."""
    edition = run.edition
    return {
        "options": dict(edition.manifest["options"]),
        "totals": totals(edition, pack),
        "unmatched": list(run.unmatched),
        "computed": run.computed,
        "linked": run.linked,
        "parameters": [_parameter(entry) for entry in edition.manifest["parameters"]],
    }


def totals(edition: Edition, pack: Pack) -> list[dict[str, Any]]:
    """Give the totals of an edition; a value of which rows are unmatched says so."""
    words = load_words(pack)
    rows = edition.table("totals").iter_rows(named=True)
    return [_total(row, number, edition, words) for number, row in enumerate(rows)]


def _total(row: Mapping[str, Any], number: int, edition: Edition, words: Words) -> dict[str, Any]:
    name_zh, name_en = _names(row["subject_kind"], row["subject"], words)
    grams = row["grams"]
    return {
        "subject_kind": row["subject_kind"],
        "subject": row["subject"],
        "subject_zh": name_zh,
        "subject_en": name_en,
        "period": row["period"],
        "gas": row["gas"],
        "scope": row["scope"],
        "part_of": row["part_of"],
        "value": None if grams is None else grams / GRAMS,
        "unit": row["unit"],
        "grams": grams,
        "rows": row["rows"],
        "unmatched_rows": row["unmatched"],
        "complete": row["complete"],
        "data_status": row["status"],
        "code": f"{edition.id}:totals:{number}",
    }


def _names(kind: str, code: str, words: Words) -> tuple[str | None, str | None]:
    known: Any = {"city": words.areas.vocabulary, "area": words.areas.vocabulary}
    entry = {**known, "industry": words.industries}.get(kind, {}).get(code)
    return (entry.name_zh, entry.name_en) if entry else (None, None)


def _parameter(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: entry[name] for name in ("id", "value", "unit", "mark", "status", "source")}
