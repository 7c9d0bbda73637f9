"""Loading a plan: find the notice, lay it over those it extends, build and check it.

A plan id is `<pack>-<year>`; the notice is `notices/<year>.yaml` of the nearest pack in the chain,
so a pack without a notice of its own follows its parent's. Nothing half-checked is ever returned.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from attrs import frozen

from dualcarbon.areas import load_areas
from dualcarbon.errors import DualcarbonError, PackError
from dualcarbon.figures import load_indicators
from dualcarbon.findings import Finding, Place, finding
from dualcarbon.packs import Pack, load_pack
from dualcarbon.plan import build
from dualcarbon.plan.check import check_commitment, check_stated, duplicates
from dualcarbon.plan.fields import Fields
from dualcarbon.plan.model import Plan, StatedTarget
from dualcarbon.plan.source import entries, merge, place, read_yaml, with_defaults

NOTICE_KEYS = frozenset(
    {
        *("id", "year", "extends", "drop", "defaults"),
        *("title_zh", "title_en", "document", "issued_on", "issuer_zh", "issuer_en"),
        *("five_year", "history", "sections", "bodies", "commitments", "data"),
    }
)
FALLBACK = "china"


@frozen
class _Notice:
    raw: dict[str, Any]
    files: tuple[str, ...]


def load_plan(plan_id: str, search: Sequence[Path] = ()) -> Plan:
    """Load a plan by id (`shanghai-2024`) or by the path of a notice file (`draft.yaml`).

    `search`: folders of packs tried before the built-in ones.
    Errors: PackError with every finding of the notice: file, line, what is wrong, the remedy.
    """
    if plan_id.endswith((".yaml", ".yml")):
        return _from_file(Path(plan_id), search)
    pack, path = _find(plan_id, search)
    notice = _resolve(path, search, ())
    owner = path.parent.parent == pack.folder
    if owner and notice.raw.get("id") != plan_id:
        spot = place(notice.raw, "id")
        raise PackError(finding("plan.id", spot, found=notice.raw.get("id"), expected=plan_id))
    return _build(plan_id, notice, pack)


def list_plans(pack: Pack) -> tuple[str, ...]:
    """Give the ids of the plans that a pack can load, oldest first."""
    years = {path.stem for path in pack.files("notices/*.yaml") if path.stem.isdigit()}
    return tuple(f"{pack.id}-{year}" for year in sorted(years))


def _find(plan_id: str, search: Sequence[Path]) -> tuple[Pack, Path]:
    name, _, year = plan_id.rpartition("-")
    if not (name and year.isdigit() and len(year) == 4):
        raise PackError(finding("plan.bad_id", found=plan_id))
    pack = load_pack(name, tuple(search))
    path = pack.find(f"notices/{year}.yaml")
    if path is None:
        known = ", ".join(list_plans(pack)) or "-"
        raise PackError(finding("plan.not_found", found=plan_id, expected=known, pack=pack.id))
    return pack, path


def _from_file(path: Path, search: Sequence[Path]) -> Plan:
    notice = _resolve(path, search, ())
    plan_id = str(notice.raw.get("id") or path.stem)
    return _build(plan_id, notice, _pack_of(path, plan_id, search))


def _pack_of(path: Path, plan_id: str, search: Sequence[Path]) -> Pack:
    """A notice inside a pack belongs to it, a loose one to the pack of its id, else the country."""
    home = path.resolve().parent.parent
    if (home / "pack.yaml").is_file():
        return load_pack(str(home), tuple(search))
    try:
        return load_pack(plan_id.rpartition("-")[0] or FALLBACK, tuple(search))
    except DualcarbonError:
        return load_pack(FALLBACK, tuple(search))


def _resolve(path: Path, search: Sequence[Path], trail: tuple[Path, ...]) -> _Notice:
    if path.resolve() in trail:
        raise PackError(finding("plan.extends_loop", Place(str(path)), found=path.name))
    raw = read_yaml(path)
    Fields(raw, (problems := []), NOTICE_KEYS)
    problems += duplicates(entries(raw, "commitments"), "commitments")
    problems += duplicates(entries(raw, "sections"), "sections")
    problems += duplicates(entries(raw, "bodies"), "bodies")
    if problems:
        raise PackError(*problems)
    if raw.get("extends") is None:
        return _Notice(with_defaults(raw), (str(path),))
    _, parent_path = _find(str(raw["extends"]), search)
    parent = _resolve(parent_path, search, (*trail, path.resolve()))
    return _Notice(merge(parent.raw, raw), (*parent.files, str(path)))


def _build(plan_id: str, notice: _Notice, pack: Pack) -> Plan:
    findings: list[Finding] = []
    raw = notice.raw
    head = Fields(raw, findings, NOTICE_KEYS)
    year = head.integer("year", 1900, 2200)
    if year is None:
        head.complain("year", "year")
    context = _context(plan_id, year or 1900, raw, pack, findings)
    commitments = [build.commitment(item, context) for item in entries(raw, "commitments")]
    for item in commitments:
        findings += check_commitment(item, context.indicators)
    plan = Plan(
        id=plan_id,
        pack=pack.id,
        year=year or 1900,
        title_zh=head.text("title_zh"),
        title_en=head.text("title_en"),
        document=head.name("document"),
        issued_on=head.day("issued_on"),
        issuer_zh=head.text("issuer_zh"),
        issuer_en=head.text("issuer_en"),
        five_year=build.five_year(head.mapping("five_year"), findings),
        history=tuple(_history(raw, year or 1900, findings)),
        sections=tuple(context.sections.values()),
        bodies=tuple(context.bodies.values()),
        commitments=tuple(commitments),
        indicators=context.indicators,
        synthetic=pack.synthetic,
        files=notice.files,
    )
    findings += _check_stated(plan, context, raw)
    if findings:
        raise PackError(*findings)
    return plan


def _context(
    plan_id: str, year: int, raw: dict[str, Any], pack: Pack, findings: list[Finding]
) -> build.Context:
    sections = [build.section(item, findings) for item in entries(raw, "sections")]
    bodies = [build.body(item, findings) for item in entries(raw, "bodies")]
    ids = {item["id"] for item in entries(raw, "commitments") if isinstance(item.get("id"), str)}
    return build.Context(
        plan=plan_id,
        year=year,
        indicators=load_indicators(pack),
        areas=_area_codes(pack),
        sections={item.id: item for item in sections},
        bodies={item.id: item for item in bodies},
        synthetic=pack.synthetic,
        reading=pack.setting("choices", "tier_reading"),
        held=build.held(Fields(raw, [], NOTICE_KEYS).mapping("data"), ids, findings),
        findings=findings,
    )


def _area_codes(pack: Pack) -> frozenset[str]:
    return frozenset(load_areas(pack).vocabulary)


def _history(raw: dict[str, Any], year: int, findings: list[Finding]) -> list[StatedTarget]:
    return [build.stated(item, findings, year) for item in entries(raw, "history")]


def _check_stated(plan: Plan, context: build.Context, raw: dict[str, Any]) -> list[Finding]:
    five = plan.five_year.targets if plan.five_year else ()
    sources = entries(raw["five_year"], "targets") if five else []
    pairs = zip([*five, *plan.history], [*sources, *entries(raw, "history")], strict=True)
    return [
        found
        for item, source in pairs
        for found in check_stated(item, context.indicators, context.areas, place(source))
    ]
