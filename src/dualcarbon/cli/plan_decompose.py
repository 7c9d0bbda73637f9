"""`dualcarbon plan decompose`: a target of the city becomes the targets of its parts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dualcarbon.cli.edition import store_option
from dualcarbon.cli.output import Answer, common

if TYPE_CHECKING:
    from fractions import Fraction

    from dualcarbon.plan.decompose import Base, Options, Target
    from dualcarbon.plan.model import Plan
    from dualcarbon.subjects import Words

CHOICES = (
    click.option("--growth", metavar="PERCENT", help="Expected growth of output, for all without."),
    click.option("--unit", help="Unit of the amounts of FILE; the default is in its header."),
    click.option("--benchmark", "benchmarks", multiple=True, metavar="[INDUSTRY=]VALUE",
                 help="Benchmark intensity (amount per output of FILE); repeatable."),
    click.option("--factor", "factors", multiple=True, metavar="NAME=+|-",
                 help="Direction of an indicator: + = a higher value asks for more; repeatable."),
    click.option("--weights", metavar="RULE=W,RULE=W", help="Weights of a blend, in all 1."),
    click.option("--spread", metavar="SHARE", help="Capability: spread as a share of the target."),
    click.option("--floor", metavar="POINTS", help="Least fall of everyone, in points."),
    click.option("--over-years", type=click.IntRange(1), help="Years that the remaining task has."),
    click.option("--incentive", metavar="POINTS",
                 help="Share an incentive target too, harder by so many points."),
    click.option("--residual", metavar="AMOUNT", help="Amount of users in no district."),
    click.option("--residual-rate", metavar="PERCENT",
                 help="Their change, signed; the default is the city's."),
    click.option("--bounds", type=click.Choice(["auto", "rate", "decline", "amount"]),
                 default="auto", show_default=True,
                 help="What min and max are: signed rates, declines, or amounts."),
    click.option("--reading", type=click.Choice(["sum", "each"]),
                 help="A group meets the target as a sum, or each member does; default: the plan."),
    click.option("--compare", metavar="R1,R2", help="Who gains and loses against these rules."),
    click.option("--by", type=click.Choice(["assessed_by", "industry"]),
                 help="Second cut: add up by this column."),
    click.option("--totals", type=click.Path(path_type=Path),
                 help="Totals of these groups (subject, allowed), shared within each."),
)  # fmt: skip


def choices(function: Any) -> Any:
    """Give a command the options of a decomposition."""
    for option in reversed(CHOICES):
        function = option(function)
    return function


@click.command("decompose")
@click.argument("plan_id", metavar="PLAN")
@click.option("--target", "target_id", required=True, metavar="ID",
              help="Number of a clause, or the indicator of a five-year target.")  # fmt: skip
@click.option("--base", "file", type=click.Path(path_type=Path),
              help="Table: subject, energy, gdp, growth, min, max, indicators.")  # fmt: skip
@click.option("--data", "folder", type=click.Path(path_type=Path),
              help="Build the base from the statistics of this data folder instead.")  # fmt: skip
@click.option("--on", metavar="DATE", help="With --data: what was known on this day; today.")
@click.option("--rule", help="Rule by id or name; the default is the notice's, else equal_rate.")
@click.option("--rounds", type=click.Path(path_type=Path),
              help="Proposals: round, subject, change, reason, by.")  # fmt: skip
@click.option("--sheet", help="Sheet of a workbook; the default is the first.")
@choices
@store_option
@common("plan decompose")
def decompose(
    plan_id: str,
    target_id: str,
    file: Path | None,
    folder: Path | None,
    on: str | None,
    rule: str | None,
    rounds: Path | None,
    sheet: str | None,
    store: Path | None,
    lang: str,
    packs: tuple[Path, ...],
    **chosen: Any,
) -> Answer:
    """Share a target of PLAN among districts, industries or enterprises; the sum is exact.

    Example: dualcarbon plan decompose shanghai-2024 --target 1.3 --base base.csv --rule equal_rate
    """
    from dualcarbon.packs import load_pack
    from dualcarbon.plan import load_plan
    from dualcarbon.plan.decompose import decompose as share_out
    from dualcarbon.plan.decompose import find_target, read_proposals
    from dualcarbon.plan.decompose.answer import flat_row, payload
    from dualcarbon.plan.decompose.frozen import freeze
    from dualcarbon.subjects import load_words

    plan = load_plan(plan_id, packs)
    pack = load_pack(plan.pack, packs)
    words = load_words(pack)
    base = _base(file, folder, on, sheet, plan, find_target(plan, target_id), words)
    proposals, inputs = read_proposals(rounds, words) if rounds else ((), ())
    options = _options(chosen)
    found = share_out(plan, target_id, base, words, rule, options, proposals)
    edition = freeze(found, store, pack, inputs).id if store else None
    answer = payload(found, edition)
    rows = [flat_row(found, index, edition) for index in range(len(answer["rows"]))]
    return Answer(
        "plan decompose",
        answer,
        found.findings,
        edition,
        header=list(rows[0]),
        rows=[list(row.values()) for row in rows],
        show=lambda console, shown: _show(console, shown, answer),
    )


def _base(
    file: Path | None,
    folder: Path | None,
    on: str | None,
    sheet: str | None,
    plan: Plan,
    target: Target,
    words: Words,
) -> Base:
    from dualcarbon.errors import UsageError
    from dualcarbon.findings import finding
    from dualcarbon.plan.decompose import read_base

    if (file is None) == (folder is None):
        raise UsageError(finding("plan.decompose_source"))
    if file is not None:
        return read_base(file, words, sheet)
    from dualcarbon.cli.standing import day_of
    from dualcarbon.control.data import read_data
    from dualcarbon.plan.decompose.statistics import base_of_statistics

    data = read_data(folder or Path(), words.pack)
    inputs = tuple(item for item in data.inputs if item.file.startswith("statistics"))
    frame = data.frames["statistics"]
    return base_of_statistics(frame, target, plan.five_year, words, inputs, day_of(on))


def _options(chosen: Mapping[str, Any]) -> Options:
    from dualcarbon.plan.decompose import Options

    weights = [part for part in (chosen["weights"] or "").split(",") if part.strip()]
    names = ("growth", "spread", "floor", "incentive", "residual", "residual_rate")
    amounts: dict[str, Any] = {name: _number(name, chosen[name]) for name in names}
    return Options(
        **amounts,
        unit=chosen["unit"],
        benchmarks=dict(_benchmark(text) for text in chosen["benchmarks"]),
        directions=dict(_direction(text) for text in chosen["factors"]),
        weights=dict(map(_weight, weights)),
        over_years=chosen["over_years"],
        bounds=chosen["bounds"],
        reading=chosen["reading"],
        compare=tuple(part.strip() for part in (chosen["compare"] or "").split(",") if part),
        by=chosen["by"],
        **_totals(chosen["totals"]),
    )


def _number(name: str, text: str | None) -> Fraction | None:
    from fractions import Fraction

    if text is None:
        return None
    try:
        return Fraction(text.strip().rstrip("%"))
    except (ValueError, ZeroDivisionError) as error:
        raise _bad(name, text, "5") from error


def _bad(option: str, text: str, expected: str) -> Exception:
    from dualcarbon.errors import UsageError
    from dualcarbon.findings import finding

    flag = f"--{option.replace('_', '-')}"
    return UsageError(
        finding("plan.decompose_pair", found=text, option=flag, expected=f"{flag} {expected}")
    )


def _benchmark(text: str) -> tuple[str, Fraction]:
    name, _, value = text.rpartition("=")
    number = _number("benchmark", value)
    if number is None or number < 0:
        raise _bad("benchmark", text, "0.45")
    return name.strip(), number


def _direction(text: str) -> tuple[str, bool]:
    name, _, sign = text.rpartition("=")
    if not name or sign.strip() not in ("+", "-"):
        raise _bad("factor", text, "NAME=+")
    return name.strip(), sign.strip() == "+"


def _weight(text: str) -> tuple[str, Fraction]:
    name, _, value = text.partition("=")
    number = _number("weights", value or "?")
    if number is None:
        raise _bad("weights", text, "equal_rate=0.5,benchmark=0.5")
    return name.strip(), number


def _totals(path: Path | None) -> dict[str, Any]:
    from dualcarbon.plan.decompose.caps import read_caps

    if path is None:
        return {}
    totals, unit, _ = read_caps(path)
    return {"totals": totals, "totals_unit": unit}


WORDS = {
    "zh": {
        "subject": "对象", "base": "基数", "rate": "变化率 %", "share": "占比 %",
        "allowed": "允许量", "amount": "任务量", "at": "界限", "incentive": "激励目标 %",
        "total": "总量", "residual": "区外与市级", "sum": "核对", "equals": "合计相符",
        "gains": "得益", "loses": "吃亏", "same": "不变", "versus": "相对",
        "min": "下限", "max": "上限", "floor": "保底", "own": "剩余任务", "cap": "每家达标",
        "agreed": "协商", "round": "第 {} 轮", "accepted": "采纳", "refused": "未采纳",
    },
    "en": {
        "subject": "subject", "base": "base", "rate": "change %", "share": "share %",
        "allowed": "allowed", "amount": "task", "at": "held by",
        "incentive": "incentive %", "total": "total", "residual": "residual", "sum": "check",
        "equals": "adds up", "gains": "gains", "loses": "loses", "same": "same", "versus": "vs",
        "min": "min", "max": "max", "floor": "floor", "own": "task", "cap": "each", "agreed":
        "agreed", "round": "round {}", "accepted": "accepted", "refused": "refused",
    },
}  # fmt: skip
BAR = 16


def _show(console: Any, lang: str, answer: Mapping[str, Any]) -> None:
    from rich.markup import escape

    words, target = WORDS[lang], answer["target"]
    console.print(
        f"[bold]{target['id']}  {escape(target[f'title_{lang}'])}[/]  "
        f"{target['value']:+g} {target['unit']}  {escape(answer['method'][f'name_{lang}'])}"
        f"  [dim]{answer['data_status']}[/]"
    )
    console.print(_table(answer, words, lang))
    for name, item in answer["compare"].items():
        counts = ", ".join(f"{words[word]} {item[word]}" for word in ("gains", "loses", "same"))
        console.print(f"{words['versus']} {name}: {counts}")
    for step in answer["rounds"]:
        _round(console, step, words, lang)
    check = answer["sum_check"]
    console.print(
        f"{words['sum']}: {check['total']:,} = {check['rows']:,} + {check['residual']:,} "
        f"{check['unit']}  {words['equals']}"
    )


def _table(answer: Mapping[str, Any], words: Mapping[str, str], lang: str) -> Any:
    from rich.box import SIMPLE_HEAD
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    change = answer["rate_is"] == "change"
    heads = [f"{words['base']} {answer['unit']}"] if change else []
    heads += [words[answer["rate_is"] if not change else "rate"]]
    heads += [f"{words['allowed' if change else 'amount']} {answer['unit']}"]
    heads += [f"{words['versus']} {name}" for name in answer["compare"]]
    heads += [words["incentive"]] if answer["incentive"] else []
    table.add_column(words["subject"])
    for head in heads:
        table.add_column(head, justify="right")
    table.add_column(words["at"])
    table.add_column("")
    widest = max((abs(row["rate"] or 0) for row in answer["rows"]), default=0)
    for row in answer["rows"]:
        cells = [_plain(row["base"])] if change else []
        cells += [_rate(row["rate"], change), _plain(row["allowed"])]
        cells += [_signed(row["change_vs"][name]) for name in answer["compare"]]
        cells += [_rate(row["incentive_rate"], change)] if answer["incentive"] else []
        held = {"task": words["own"]}.get(row["at"], words.get(row["at"] or "", ""))
        table.add_row(escape(row[f"name_{lang}"]), *cells, held, _bar(row["rate"], widest))
    table.add_section()
    blank = [""] if change else []
    for name in ("residual", "total"):
        table.add_row(words[name], *blank, "", _plain(answer[name]))
    return table


def _round(console: Any, step: Mapping[str, Any], words: Mapping[str, str], lang: str) -> None:
    from rich.markup import escape

    verdict = words["accepted"] if step["accepted"] else words["refused"]
    why = "" if step["accepted"] else f"  {step[f'refused_{lang}']}"
    text = f"{step['subject']} {step['change']:+g}  {step['reason']} ({step['by']})  {verdict}{why}"
    console.print(f"{words['round'].format(step['round'])}: {escape(text)}")


def _plain(value: float) -> str:
    return f"{value:,.4f}".rstrip("0").rstrip(".")


def _signed(value: float) -> str:
    return f"{value:+,.4f}".rstrip("0").rstrip(".") if value else "0"


def _rate(value: float | None, signed: bool) -> str:
    if value is None:
        return "…"
    return f"{value:+.3f}" if signed else f"{value:.3f}"


def _bar(rate: float | None, widest: float) -> str:
    if not rate or not widest:
        return ""
    length = max(1, round(BAR * abs(rate) / widest))
    return f"[{'green' if rate < 0 else 'yellow'}]{'█' * length}[/]"
