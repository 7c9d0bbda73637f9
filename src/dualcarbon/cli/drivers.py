"""`dualcarbon drivers`: what moved a total, effect by effect (LMDI-I)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from dualcarbon.cli.edition import store_option
from dualcarbon.cli.output import Answer, common

DEFAULT_PACK = "china"
BAR = 24
PARTS = 30
WORDS = {
    "zh": {
        "effect": "效应",
        "ratio": "因子",
        "share": "占变化",
        "times": "乘数",
        "change": "变化",
        "part": "部分",
        "residual": "余项",
        "chain": "逐期环比累加",
        "direct": "首末两期直接分解",
        "step": "环比",
        "more": "其余部分见 --format csv。",
    },
    "en": {
        "effect": "effect",
        "ratio": "factor",
        "share": "of change",
        "times": "times",
        "change": "change",
        "part": "part",
        "residual": "residual",
        "chain": "chained",
        "direct": "from end to end",
        "step": "link",
        "more": "The other parts: --format csv.",
    },
}


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--identity",
    "wanted",
    required=True,
    help="Name of an identity (kaya_energy, kaya_co2, structure_intensity, industry_carrier_co2, "
    'area_industry_carrier_co2, those of a pack), or its factors: "gdp, energy/gdp".',
)
@click.option(
    "--by",
    metavar="KEYS",
    help="Key columns of the parts, outermost first: area,industry,carrier; the default is those "
    'of the identity; "" is the total alone.',
)
@click.option("--from", "first", metavar="PERIOD", help="First period; the default is the first.")
@click.option("--to", "last", metavar="PERIOD", help="Last period; the default is the last.")
@click.option("--chain", is_flag=True, help="Link every period to the next, and add the links up.")
@click.option(
    "--form",
    type=click.Choice(["additive", "multiplicative", "both"]),
    default="both",
    show_default=True,
    help="Effects that add up to the change, multipliers whose product is the ratio, or both.",
)
@click.option(
    "--absent",
    type=click.Choice(["refuse", "zero"]),
    default="refuse",
    show_default=True,
    help="A row that is not in the table: refuse its period, or zero since only what is not zero "
    "is listed.",
)
@click.option(
    "--depth",
    type=click.IntRange(0),
    help="List parts with at most so many keys; the default is all, down to the leaves.",
)
@click.option("--sheet", help="Sheet of a workbook; the default is the first.")
@store_option
@common("drivers")
def drivers(
    file: Path,
    wanted: str,
    by: str | None,
    first: str | None,
    last: str | None,
    chain: bool,
    form: str,
    absent: str,
    depth: int | None,
    sheet: str | None,
    store: Path | None,
    lang: str,
    packs: tuple[Path, ...],
) -> Answer:
    """Decompose the change of a total in FILE into effects, without a residual.

    FILE is long (period, keys, level, value, unit) or wide (a column a level, its unit in the
    header). With --editions the result is frozen and each effect can be explained.
    """
    from dualcarbon.accounting.drivers_answer import payload
    from dualcarbon.accounting.drivers_frozen import freeze
    from dualcarbon.accounting.drivers_identity import load_identity, load_words, read_keys
    from dualcarbon.accounting.drivers_levels import read_levels
    from dualcarbon.accounting.drivers_links import FORMS, Options, decompose
    from dualcarbon.packs import load_pack

    own = len(packs) == 1 and (packs[0] / "pack.yaml").is_file()
    pack = load_pack(packs[0] if own else DEFAULT_PACK, packs)
    identity, words = load_identity(pack, wanted), load_words(pack, "levels")
    keys = None if by is None else read_keys(by)
    levels = read_levels(file, identity, keys or (), words=words, sheet=sheet)
    forms = FORMS if form == "both" else tuple(name for name in FORMS if name == form)
    made = decompose(
        levels, identity, Options(keys, first, last, chain, absent == "zero", forms), words
    )
    edition = freeze(made, store, pack).id if store else None
    answer = payload(made, edition, depth)
    frame = made.frame()
    shown_rows = frame["depth"] <= (len(made.fitted.by) if depth is None else depth)
    kept = frame.filter(frame["form"].is_in(forms) & shown_rows)
    return Answer(
        "drivers",
        answer,
        made.findings,
        edition,
        header=kept.columns,
        rows=kept.iter_rows(),
        show=lambda console, shown: _show(console, shown, answer),
    )


def _show(console: Any, lang: str, answer: Mapping[str, Any]) -> None:
    from rich.markup import escape

    words = WORDS[lang]
    links = [link for link in answer["links"] if link["kind"] == answer["links"][0]["kind"]]
    head = links[0]
    edition = head["effects"][0]["code"]
    name = escape(answer["identity"][f"name_{lang}"])
    title = f"[bold]{name}[/]  {head['from']} → {head['to']}"
    code = f"  [dim]{edition.partition(':')[0]}[/]" if edition else ""
    console.print(f"{title}  [dim]{words[head['kind']]}[/]{code}")
    level = escape(answer["target"][f"name_{lang}"])
    console.print(f"{level}: {_number(head['start'])} → {_number(head['end'])} {answer['unit']}")
    console.print(_effects(answer, links, words, lang))
    if head["parts"]:
        _parts(console, answer, head, words, lang)
    residual = ", ".join("…" if x["residual"] is None else f"{x['residual']:.1e}" for x in links)
    console.print(f"{words['residual']} {residual}", style="dim")


def _number(value: float | None) -> str:
    return "…" if value is None else f"{value:,.6g}"


def _signed(value: float | None) -> str:
    return "…" if value is None else f"{value:+,.6g}" if value else "0"


def _percent(value: float | None) -> str:
    return "…" if value is None else f"{value:+.1%}" if value else "0"


def _table(*heads: str) -> Any:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column(heads[0])
    for head in heads[1:]:
        table.add_column(head, justify="right")
    return table


def _effects(
    answer: Mapping[str, Any], links: list[Mapping[str, Any]], words: Mapping[str, str], lang: str
) -> Any:
    """Give one line an effect: value, share, multiplier and a bar about zero."""
    from rich.markup import escape

    by_form = {link["form"]: link for link in links}
    added, times = by_form.get("additive"), by_form.get("multiplicative")
    main = (added or times or {})["effects"]
    table = _table(words["effect"], answer["unit"], words["share"], words["times"])
    table.add_column("")
    widest = max((abs(effect["share_of_change"] or 0) for effect in main), default=0)
    for k, effect in enumerate(main):
        value = added["effects"][k]["value"] if added else None
        multiplier = times["effects"][k]["value"] if times else None
        share = effect["share_of_change"]
        cells = (_signed(value), _percent(share), _number(multiplier))
        table.add_row(escape(effect[f"name_{lang}"]), *cells, _bar(value, share, widest))
    change = added["total_change"] if added else None
    ratio = times["ratio"] if times else None
    table.add_section()
    table.add_row(f"[bold]{words['change']}[/]", _signed(change), "", _number(ratio), "")
    return table


def _bar(value: float | None, share: float | None, widest: float) -> str:
    if not share or not widest:
        return ""
    rises = share > 0 if value is None else value > 0
    length = max(1, round(BAR * abs(share) / widest))
    return f"[{'red' if rises else 'green'}]{('▲' if rises else '▼') + '█' * length}[/]"


def _parts(
    console: Any,
    answer: Mapping[str, Any],
    link: Mapping[str, Any],
    words: Mapping[str, str],
    lang: str,
) -> None:
    """Give the outermost parts, one line each, one column an effect."""
    from rich.markup import escape

    outer = [part for part in link["parts"] if len(part["keys"]) == 1]
    key = answer["by"][0]
    names = [factor[f"name_{lang}"] for factor in answer["identity"]["factors"]]
    table = _table(key, *(escape(name) for name in names))
    for part in outer[:PARTS]:
        values = [_signed(effect["value"]) for effect in part["effects"]]
        if link["form"] == "multiplicative":
            values = [_number(effect["value"]) for effect in part["effects"]]
        table.add_row(escape(part["keys"][key]), *values)
    console.print(table)
    if len(outer) < len(link["parts"]) or len(outer) > PARTS:
        console.print(words["more"], style="dim")
