"""`dualcarbon assess`: score sheets by a rubric, how stable they are, and other weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from dualcarbon.cli.edition import store_option
from dualcarbon.cli.output import Answer, common

DEFAULT_PACK = "china"
HEADER = (
    "subject", "item", "name_zh", "name_en", "score", "max", "low", "high", "state", "reason_zh",
    "reason_en", "evidence", "total", "computed_grade", "grade", "rank",
)  # fmt: skip


@click.command()
@click.option("--rubric", "name", help="A rubric of the pack by id or name, or a YAML file.")
@click.option(
    "--facts",
    "path",
    type=click.Path(path_type=Path),
    help="Facts as JSON, csv or xlsx: subject, name, value, unit, met, source, grade; a range as "
    "uncertainty (%) or low, high.",
)
@click.option("--on", metavar="DATE", help="Day whose version of the rubric is in force.")
@click.option(
    "--choice",
    "choices",
    multiple=True,
    metavar="NAME=OPTION",
    help="A reading of what the rubric leaves open, such as edges=upper; repeatable.",
)
@click.option("--subject", help="Show this subject only; ranks are among all.")
@click.option("--sheet", help="Sheet of a workbook; the default is the first.")
@click.option(
    "--draws", type=int, default=1000, show_default=True, help="Draws of uncertain facts."
)
@click.option("--seed", type=int, default=1, show_default=True, help="Seed of the draws.")
@click.option(
    "--weights",
    multiple=True,
    metavar="ITEM=POINTS",
    help="What if: give an item other points; several by commas, or repeat.",
)
@click.option("--rescale", is_flag=True, help="Other items make room, so that the total stays.")
@store_option
@common("assess")
def assess(
    name: str | None,
    path: Path | None,
    on: str | None,
    choices: tuple[str, ...],
    subject: str | None,
    sheet: str | None,
    draws: int,
    seed: int,
    weights: tuple[str, ...],
    rescale: bool,
    store: Path | None,
    lang: str,
    packs: tuple[Path, ...],
) -> Answer:
    """Assess subjects by a rubric.

    Without --facts it shows the rubric and the facts that it asks for; without --rubric the
    rubrics of the pack. With --editions each line can be explained.
    """
    from dualcarbon.errors import UsageError
    from dualcarbon.findings import finding
    from dualcarbon.packs import load_pack

    own = len(packs) == 1 and (packs[0] / "pack.yaml").is_file()
    pack = load_pack(packs[0] if own else DEFAULT_PACK, packs)
    if name is None:
        if path is not None:
            raise UsageError(finding("assessment.need_rubric"))
        return _listed(pack)
    rubric, findings, inputs = _rubric(pack, name, on, choices)
    if path is None:
        return _shown(rubric, findings)
    options: dict[str, Any] = {"subject": subject, "draws": draws, "seed": seed, "weights": weights}
    options |= {"rescale": rescale, "sheet": sheet, "store": store}
    return _assessed(rubric, path, options, findings, (pack, inputs))


def _rubric(pack: Any, name: str, on: str | None, choices: Sequence[str]) -> tuple[Any, ...]:
    """Give the rubric, what is said of it, and its file where it is none of the pack."""
    from dualcarbon.cli.standing import day_of
    from dualcarbon.control.assessment.rubric import find_rubric, in_force, load_rubric
    from dualcarbon.editions import Input
    from dualcarbon.editions.edition import file_hash

    day = day_of(on) if on else None
    taken = dict(_pair(text) for text in choices)
    file = Path(name)
    if file.is_file() or file.suffix.lower() in (".yaml", ".yml"):
        rubric = load_rubric(file, taken)
        return rubric, in_force(rubric, day), [Input(file.name, file_hash(file))]
    return (*find_rubric(pack, name, day, taken), [])


def _pair(text: str) -> tuple[str, str]:
    name, _, option = text.partition("=")
    return name.strip(), option.strip()


def _listed(pack: Any) -> Answer:
    from dualcarbon.cli.assess_show import print_list
    from dualcarbon.control.assessment.answer import rubric_json
    from dualcarbon.control.assessment.rubric import list_rubrics

    found = [rubric_json(rubric) for rubric in list_rubrics(pack)]
    header = ("id", "name_zh", "name_en", "applies_to", "valid_from", "max", "mark", "status")
    rows = [[entry[key] for key in header] for entry in found]
    return Answer(
        "assess",
        {"rubrics": found},
        header=header,
        rows=rows,
        show=lambda console, lang: print_list(console, found, lang),
    )


def _shown(rubric: Any, findings: Sequence[Any]) -> Answer:
    from dualcarbon.cli.assess_show import print_rubric
    from dualcarbon.control.assessment.answer import rubric_json
    from dualcarbon.control.assessment.notes import unsourced

    found = rubric_json(rubric)
    header = ("name", "name_zh", "name_en", "unit", "better", "ratio", "levels")
    rows = [[fact[key] for key in header] for fact in found["facts"]]
    return Answer(
        "assess",
        {"rubric": found},
        [*findings, *unsourced(rubric)],
        header=header,
        rows=rows,
        show=lambda console, lang: print_rubric(console, found, lang),
    )


def _assessed(
    rubric: Any,
    path: Path,
    options: Mapping[str, Any],
    findings: Sequence[Any],
    origin: tuple[Any, Sequence[Any]],
) -> Answer:
    from dualcarbon.cli.assess_show import print_assessment
    from dualcarbon.control.assessment.answer import results_json, rubric_json
    from dualcarbon.control.assessment.facts import read_facts
    from dualcarbon.control.assessment.freeze import freeze
    from dualcarbon.control.assessment.notes import notes
    from dualcarbon.control.assessment.sheet import assess as assessed

    facts = read_facts(path, rubric, options["sheet"])
    sheets = assessed(rubric, facts.book)
    said = [*findings, *facts.findings, *notes(rubric, facts.book, sheets)]
    extras, more = _extras(rubric, facts, options)
    pack, inputs = origin
    store = options["store"]
    edition = freeze(rubric, facts, sheets, store, pack, inputs).id if store else None
    results = _only(results_json(rubric, sheets, edition), options["subject"])
    payload = {"rubric": rubric_json(rubric), "file": facts.input.file, "results": results}
    payload |= extras
    return Answer(
        "assess",
        payload,
        [*said, *more],
        edition,
        header=HEADER,
        rows=_rows(results),
        show=lambda console, lang: print_assessment(console, payload, lang),
    )


def _extras(
    rubric: Any, facts: Any, options: Mapping[str, Any]
) -> tuple[dict[str, Any], list[Any]]:
    """Give stability and what-if, each None where nothing was asked or is uncertain."""
    from dualcarbon.control.assessment.answer import stability_json, what_if_json
    from dualcarbon.control.assessment.stability import stability
    from dualcarbon.control.assessment.what_if import read_weights, what_if

    draws, seed = options["draws"], options["seed"]
    rows = stability(rubric, facts.book, draws, seed)
    extras = {"stability": stability_json(rows, draws, seed) if rows else None, "what_if": None}
    weights = read_weights(options["weights"], rubric)
    if not weights:
        return extras, []
    found = what_if(rubric, facts.book, weights, rescale=options["rescale"])
    return {**extras, "what_if": what_if_json(found)}, list(found.findings)


def _only(results: list[dict[str, Any]], subject: str | None) -> list[dict[str, Any]]:
    from dualcarbon.errors import UsageError
    from dualcarbon.findings import finding

    if subject is None:
        return results
    kept = [one for one in results if one["subject"] == subject.strip()]
    if not kept:
        known = ", ".join(one["subject"] for one in results) or "-"
        raise UsageError(finding("assessment.subject_unknown", found=subject, expected=known))
    return kept


def _rows(results: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
    return [
        [
            one["subject"],
            *(line[key] for key in HEADER[1:11]),
            "; ".join(f"{e['name']} @ {e['place']}" for e in line["evidence"]),
            *(one[key] for key in ("score", "computed_grade", "grade", "rank")),
        ]
        for one in results
        for line in one["lines"]
    ]
