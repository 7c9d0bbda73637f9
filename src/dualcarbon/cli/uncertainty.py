"""`dualcarbon uncertainty`: how sure is an account, its trend, its ranks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dualcarbon.cli.edition import store_option
from dualcarbon.cli.output import Answer, common

if TYPE_CHECKING:
    from dualcarbon.accounting.uncertainty.answer import Subject
    from dualcarbon.findings import Finding

WORDS = {
    "zh": {
        "total": "合计",
        "approach1": "方法 1（误差传播）",
        "approach2": "方法 2（蒙特卡洛）",
        "trend": "趋势",
        "figures": "比值",
        "ranks": "位次",
        "key_categories": "关键类别",
        "group": "分组",
        "value": "数值",
        "mean": "均值",
        "low": "下限 2.5%",
        "high": "上限 97.5%",
        "change": "变化 %",
        "rank": "位次",
        "range": "位次 95% 区间",
        "p_first": "居首概率",
        "p_ahead": "领先下一位概率",
        "key": "关键于",
        "incomplete": "* 有未说明或未匹配的部分",
    },
    "en": {
        "total": "total",
        "approach1": "Approach 1 (propagation)",
        "approach2": "Approach 2 (Monte Carlo)",
        "trend": "Trend",
        "figures": "Ratios",
        "ranks": "Ranks",
        "key_categories": "Key categories",
        "group": "group",
        "value": "value",
        "mean": "mean",
        "low": "low 2.5 %",
        "high": "high 97.5 %",
        "change": "change %",
        "rank": "rank",
        "range": "rank, 95 % range",
        "p_first": "P(first)",
        "p_ahead": "P(ahead of next)",
        "key": "key by",
        "incomplete": "* with parts that are not stated or not matched",
    },
}
HEADER = ("approach", "group", "period", "value", "low", "high", "percent", "complete")


@click.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--edition", "edition_id", help="Edition of an accounting run, instead of a file.")
@click.option(
    "--uncertainties",
    "stated_file",
    type=click.Path(path_type=Path),
    help="File of stated ranges: applies_to, name, carrier, ..., percent or low and high.",
)
@click.option("--by", default="", help="Columns of the cut, such as subject,gas; none = totals.")
@click.option("--approach", type=click.Choice(["1", "2", "both"]), default="both")
@click.option("--draws", type=click.IntRange(1), default=10_000, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@click.option("--trend", "base", help="Base period of the trend, such as 2020.")
@click.option("--period", help="Period of trend, ranks and key categories; default the last.")
@click.option(
    "--categories", help="Columns of the key categories; the default is category,gas or the cut."
)
@click.option("--rank", help="Column whose values are ranked; the default is subject.")
@click.option(
    "--first",
    type=click.Choice(["largest", "smallest"]),
    default="largest",
    show_default=True,
    help="Which value has rank 1.",
)
@click.option(
    "--negative",
    type=click.Choice(["as_drawn", "truncated"]),
    default="as_drawn",
    show_default=True,
    help="Normal errors that fall below zero: kept, or the normal cut off at zero.",
)
@click.option("--ranges", is_flag=True, help="Take printed low and high of parameters as uniform.")
@click.option(
    "--per",
    "per_file",
    type=click.Path(path_type=Path),
    help="File of denominators (subject, value, unit, percent), such as GDP: totals per each.",
)
@click.option("--measure", help="Measure of the edition; the default is co2e_scope1, else co2.")
@click.option("--subject-kind", help="Kind of subjects of the edition: city, area, enterprise ...")
@store_option
@common("uncertainty")
def uncertainty(
    file: Path | None,
    edition_id: str | None,
    stated_file: Path | None,
    per_file: Path | None,
    store: Path | None,
    lang: str,
    packs: tuple[Path, ...],
    **options: Any,
) -> Answer:
    """Give the uncertainty of an inventory or an account.

    FILE has a line per category: category, subject, gas, period, amount, unit, activity_percent,
    factor, factor_percent, distribution, source_class. Lines of one factor share its error.
    """
    from attrs import evolve

    from dualcarbon.accounting.uncertainty.answer import Options, make
    from dualcarbon.accounting.uncertainty.indicators import read_denominators
    from dualcarbon.accounting.uncertainty.stated import Stated, read_stated

    stated = read_stated(stated_file) if stated_file else Stated()
    if (file is None) == (edition_id is None):
        raise _usage()
    if file is not None:
        subject, findings, measure = _of_file(file, stated)
    else:
        subject, findings, measure = _of_edition(str(edition_id), store, stated, options)
    if per_file is not None:
        per = read_denominators(per_file)
        subject, findings = evolve(subject, per=per), [*findings, *per.findings]
    by = _columns(options["by"])
    chosen = Options(
        by=by,
        categories=_categories(subject, options["categories"], by),
        **{name: options[name] for name in PASSED},
    )
    payload, said = make(subject, chosen)
    source = file.name if file else None
    payload = {"file": source, "measure": measure, **payload}
    return Answer(
        "uncertainty",
        payload,
        [*findings, *said],
        edition_id,
        header=HEADER,
        rows=_rows(payload),
        show=lambda console, shown: _show(console, shown, payload),
    )


PASSED = (
    "approach",
    "draws",
    "seed",
    "base",
    "period",
    "negative",
    "ranges",
    "rank",
    "first",
)


def _usage() -> Exception:
    from dualcarbon.errors import UsageError
    from dualcarbon.findings import finding

    return UsageError(finding("uncertainty.file_or_edition"))


def _columns(text: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())


def _categories(subject: Subject, text: str | None, by: tuple[str, ...]) -> tuple[str, ...]:
    if text:
        return _columns(text)
    rows = subject.rows
    known = [n for n in ("category", "gas") if n in rows.columns and rows[n].is_not_null().any()]
    return tuple(known) if "category" in known else by


def _of_file(file: Path, stated: Any) -> tuple[Subject, Sequence[Finding], None]:
    from dualcarbon.accounting.uncertainty.answer import Subject
    from dualcarbon.accounting.uncertainty.inventory import read_inventory
    from dualcarbon.accounting.uncertainty.stated import Stated

    made = read_inventory(file)
    both = Stated([*made.stated.statements, *stated.statements], stated.findings, stated.inputs)
    year = "period" if made.rows["period"].is_not_null().any() else None
    return (
        Subject(made.rows, "grams", made.coefficients, both, made.unit, year=year),
        made.findings,
        None,
    )


def _of_edition(
    edition_id: str, store: Path | None, stated: Any, options: Mapping[str, Any]
) -> tuple[Subject, Sequence[Finding], str]:
    from dualcarbon.accounting.uncertainty.account import YEAR, read_account
    from dualcarbon.accounting.uncertainty.answer import Subject
    from dualcarbon.editions import default_store, open_edition

    edition = open_edition(store or default_store(), edition_id)
    made = read_account(edition, options["measure"], options["subject_kind"])
    subject = Subject(
        rows=made.rows,
        amount=made.measure,
        coefficients=made.coefficients,
        stated=stated,
        unit=made.unit,
        keys=made.keys,
        parameters=made.parameters,
        year=YEAR,
    )
    return subject, (), made.measure


def _label(record: Mapping[str, Any], total: str) -> str:
    return " · ".join(str(value) for value in record["group"].values()) or total


def _rows(payload: Mapping[str, Any]) -> list[list[Any]]:
    rows = []
    for approach in ("approach1", "approach2"):
        for record in payload[approach]:
            values = [record.get(name) for name in HEADER[2:]]
            rows.append([approach[-1], _label(record, "total"), *values])
    return rows


def _number(value: float | None) -> str:
    return "…" if value is None else f"{value:,.6g}"


def _table(title: str, *columns: str) -> Any:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False, title=title, title_justify="left")
    for place, name in enumerate(columns):
        table.add_column(name, justify="right" if place else "left")
    return table


def _show(console: Any, lang: str, payload: Mapping[str, Any]) -> None:
    words, unit = WORDS[lang], payload["unit"]
    for approach in ("approach1", "approach2"):
        if payload[approach]:
            console.print(_approach(words, approach, payload[approach], unit))
    if payload["trend"]:
        console.print(_trend(words, payload))
    if payload["figures"]:
        console.print(_figures(words, payload["figures"]))
    if payload["ranks"]:
        console.print(_ranks(words, payload["ranks"]))
    if payload["key_categories"]:
        console.print(_keys(words, payload["key_categories"], unit))
    if not all(r["complete"] for a in ("approach1", "approach2") for r in payload[a]):
        console.print(words["incomplete"], style="dim")


def _approach(
    words: Mapping[str, str], approach: str, records: Sequence[Mapping[str, Any]], unit: str
) -> Any:
    title = f"{words[approach]}, {unit}"
    third = "±%" if approach == "approach1" else words["mean"]
    table = _table(title, words["group"], words["value"], third, words["low"], words["high"])
    for record in records:
        mark = "" if record["complete"] else " *"
        period = f" {record['period']}" if record["period"] else ""
        values = [record["value"], record.get("percent", record.get("mean"))]
        values += [record["low"], record["high"]]
        label = f"{_label(record, words['total'])}{period}{mark}"
        table.add_row(label, *(_number(value) for value in values))
    return table


def _trend(words: Mapping[str, str], payload: Mapping[str, Any]) -> Any:
    title = f"{words['trend']} {payload['base']} → {payload['period']}"
    table = _table(title, words["group"], words["change"], words["low"], words["high"])
    for record in payload["trend"]:
        part = record["approach2"] or record["approach1"]
        values = [record["change"], part["low"], part["high"]]
        table.add_row(_label(record, words["total"]), *(_number(value) for value in values))
    return table


def _figures(words: Mapping[str, str], records: Sequence[Mapping[str, Any]]) -> Any:
    title = f"{words['figures']}, {records[0]['unit']}"
    table = _table(title, words["group"], words["value"], "±%", words["low"], words["high"])
    for record in records:
        values = [record[name] for name in ("value", "half_percent", "low", "high")]
        table.add_row(str(record["subject"]), *(_number(value) for value in values))
    return table


def _ranks(words: Mapping[str, str], records: Sequence[Mapping[str, Any]]) -> Any:
    names = ("group", "rank", "range", "p_first", "p_ahead")
    table = _table(words["ranks"], *(words[name] for name in names))
    for record in records:
        label = str(next(iter(record.values())))
        between = f"{_number(record['rank_low'])} – {_number(record['rank_high'])}"
        sure = (_number(record["p_first"]), _number(record["p_ahead"]))
        table.add_row(label, _number(record["rank"]), between, *sure)
    return table


def _keys(words: Mapping[str, str], records: Sequence[Mapping[str, Any]], unit: str) -> Any:
    title = f"{words['key_categories']}, {unit}"
    table = _table(title, words["group"], words["value"], "±%", words["key"])
    for record in records:
        label = " · ".join(str(value) for value in record["category"].values())
        values = (_number(record["value"]), _number(record["percent"]))
        table.add_row(label, *values, ", ".join(record["key"]))
    return table
