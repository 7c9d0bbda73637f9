"""`dualcarbon deduct`: gross and net under a deduction regime, or two regimes on the same facts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from dualcarbon.cli.edition import store_option
from dualcarbon.cli.output import Answer, common

COLUMNS = (
    "subject", "regime", "year", "item", "grams", "from_total", "from_intensity", "status",
    "reason_zh", "reason_en", "code",
)  # fmt: skip
LEVELS = ("province", "city", "district", "enterprise")


@click.command()
@click.argument("file", metavar="FACTS", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--regime", required=True, help="Regime of the pack: ec2021, ec2022, ec2024.")
@click.option("--compare", "other", help="A second regime, on the same facts.")
@click.option("--level", type=click.Choice(LEVELS), default="province", show_default=True)
@click.option("--year", type=int, help="Assessed year; the default is the last with a total.")
@click.option("--base", type=int, help="Year compared with; the default is the year before.")
@click.option("--subject", help="Only this subject, by code or name.")
@click.option("--on", "on", metavar="DATE", help="Only what was recorded by this day.")
@click.option("--choice", "chosen", multiple=True, metavar="NAME=OPTION", help="A named choice.")
@click.option("--city", default="shanghai", show_default=True, help="Pack with the regimes.")
@store_option
@common("deduct")
def deduct(
    file: Path,
    regime: str,
    other: str | None,
    level: str,
    year: int | None,
    base: int | None,
    subject: str | None,
    on: str | None,
    chosen: Sequence[str],
    city: str,
    store: Path | None,
    lang: str,
    packs: tuple[Path, ...],
) -> Answer:
    """Deduct from FACTS (subject, year, item, quantity, unit, evidence, certificates).

    Example: dualcarbon deduct facts.csv --regime ec2024 --compare ec2022
    """
    from dualcarbon.cli.chosen import chosen_pack
    from dualcarbon.cli.standing import day_of
    from dualcarbon.control.deductions import read_facts
    from dualcarbon.control.deductions.amounts import Amounts
    from dualcarbon.control.deductions.answer import freeze, to_json
    from dualcarbon.control.deductions.compare import deduct_all
    from dualcarbon.editions import default_store
    from dualcarbon.subjects import load_words

    pack = chosen_pack(packs, city)
    words = load_words(pack)
    facts = read_facts(file, words, day_of(on) if on else None)
    amounts = Amounts(facts, pack)
    found, findings = deduct_all(
        amounts,
        words,
        [name for name in (regime, other) if name],
        level,
        year=year,
        base=base,
        subject=subject,
        choices=_choices(chosen),
    )
    edition = freeze(found, amounts, pack, store or default_store())
    answer = to_json(found, pack, edition)
    return Answer(
        "deduct",
        {"deductions": answer},
        [*facts.findings, *findings],
        edition.id,
        header=COLUMNS,
        rows=list(_rows(answer)),
        show=_shown(answer),
    )


def _choices(texts: Sequence[str]) -> dict[str, str]:
    return {text.partition("=")[0]: text.partition("=")[2] for text in texts}


def _rows(answer: Sequence[Mapping[str, Any]]) -> Iterator[list[Any]]:
    for item in answer:
        for side in item["years"]:
            head, codes = [item["subject"], item["regime"], side["year"]], side["codes"]
            for name in ("gross", "net_total", "net_intensity", "partial"):
                said = (item["reason_zh"], item["reason_en"])
                yield [*head, name, side[name], None, None, item["status"], *said, codes[name]]
            for line in side["lines"]:
                names = ("item", "amount", "from_total", "from_intensity", "status")
                more = ("reason_zh", "reason_en", "code")
                yield [*head, *(line[name] for name in (*names, *more))]


WORDS = {
    "gross": ("扣减前", "gross"),
    "net_total": ("扣减后（总量）", "net, total"),
    "net_intensity": ("扣减后（强度）", "net, intensity"),
    "partial": ("已知扣减后", "less what is known"),
    "before": ("{before}年 万吨标准煤", "{before}, 10^4 tce"),
    "now": ("{now}年 万吨标准煤", "{now}, 10^4 tce"),
    "status": ("状态", "status"),
    "why": ("说明", "why"),
    "total_gross": ("总量变化：扣减前", "total: gross"),
    "total_net": ("扣减后", "net"),
    "intensity_gross": ("强度变化：扣减前", "intensity: gross"),
    "intensity_net": ("扣减后", "net"),
}


def _shown(answer: Sequence[Mapping[str, Any]]) -> Callable[[Any, str], None]:
    def show(console: Any, lang: str) -> None:
        for item in answer:
            _print_one(console, item, lang)

    return show


def _print_one(console: Any, item: Mapping[str, Any], lang: str) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.markup import escape
    from rich.table import Table

    words = {name: pair[lang != "zh"] for name, pair in WORDS.items()}
    now, before = item["years"]
    console.print(f"[bold]{escape(item['subject'])}  {item['regime']}[/]  {item[f'name_{lang}']}")
    console.print(escape(item[f"reason_{lang}"]), style="dim")
    table = Table("", box=SIMPLE_HEAD)
    for name in ("before", "now", "status", "why"):
        table.add_column(words[name].format(now=now["year"], before=before["year"]))
    table.add_row(words["gross"], _amount(before["gross"]), _amount(now["gross"]), "", "")
    past = {line["item"]: line["amount"] for line in before["lines"]}
    for line in now["lines"]:
        amounts = (_amount(past.get(line["item"])), _amount(line["amount"]))
        why = escape(line[f"reason_{lang}"])
        table.add_row(f"− {line[f'name_{lang}']}", *amounts, line["status"], why)
    for name in ("net_total", "net_intensity", "partial"):
        table.add_row(words[name], _amount(before[name]), _amount(now[name]), item["status"], "")
    console.print(table)
    changes = item["changes"]
    console.print("  ".join(f"{words[n]} {_percent(changes[n]['value'])}" for n in changes))
    for choice in item["choices"]:
        text = f"{choice[f'name_{lang}']}: {choice[f'option_{lang}']}  ({choice['status']})"
        console.print(escape(text), style="dim")


def _amount(grams: int | None) -> str:
    return "…" if grams is None else f"{grams / 10**10:,.4f}"


def _percent(value: float | None) -> str:
    return "…" if value is None else f"{value:+.2f} %"
