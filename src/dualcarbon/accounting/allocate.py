"""Give a city's central sources to its districts by a named rule, each source once.

Whole grams by largest remainder: the shares of a source add up to it exactly. The rules are pack
data (`accounting/allocation.yaml`). Method and worked number: docs/methods/city-account.md.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl
from attrs import field, frozen

from dualcarbon.accounting.engine import GRAMS, compose
from dualcarbon.accounting.stated import whole
from dualcarbon.areas import Areas
from dualcarbon.editions import Input
from dualcarbon.errors import InputError, PackError, UsageError
from dualcarbon.findings import Finding, Place, finding
from dualcarbon.packs import Pack
from dualcarbon.tables import Column, Reading, Table, read_table
from dualcarbon.units import compatible

KINDS = ("city", "location", "weight")
TARGETS = ("tCO2", "tCO2e")
SOURCES = Table(
    "central sources",
    (
        Column("source", aliases=("来源", "源", "设施")),
        Column("category", aliases=("类别",)),
        Column("area", required=False, nullable=True, aliases=("所在区", "区")),
        Column("value", "number", aliases=("排放量", "数值")),
        Column("unit", "unit", required=False, nullable=True, aliases=("单位",)),
        Column("rule", required=False, nullable=True, aliases=("规则", "分摊规则")),
    ),
)
WEIGHTS = Table(
    "weights",
    (
        Column("weight", aliases=("权重", "指标")),
        Column("area", aliases=("区", "地区")),
        Column("value", "number", aliases=("数值",)),
    ),
    key=("weight", "area"),
)
OWN = Table(
    "own accounts",
    (
        Column("area", aliases=("区", "地区")),
        Column("source", aliases=("来源", "源", "设施")),
        Column("value", "number", required=False, nullable=True, aliases=("排放量", "数值")),
        Column("unit", "unit", required=False, nullable=True, aliases=("单位",)),
    ),
)
SHARES: dict[str, type[pl.DataType] | pl.DataType] = {
    "source": pl.String,
    "category": pl.String,
    "rule": pl.String,
    "area": pl.String,
    "weight": pl.Float64,
    "grams": pl.Int64,
    "unit": pl.String,
    "place": pl.String,
}


@frozen
class Rule:
    """A named rule: what it is, the weight it uses, its mark and date."""

    id: str
    kind: str
    name_zh: str
    name_en: str
    mark: str
    valid_from: Any
    note: str
    weight: str | None = None
    default_for: tuple[str, ...] = field(default=(), converter=tuple)


@frozen
class Districts:
    """The districts of a city pack; a pack without any takes the areas as the files name them."""

    city: str
    codes: tuple[str, ...]
    areas: Areas

    @classmethod
    def of(cls, pack: Pack, areas: Areas) -> Districts:
        """Give the districts of a pack: those of its own area, if it is a city's."""
        if pack.kind != "city" or pack.area is None:
            return cls("city", (), areas)
        return cls(pack.area, tuple(area.code for area in areas.children(pack.area)), areas)

    def code(self, text: str, place: Place) -> str:
        """Give the code of an area; InputError for one that is no district of the city."""
        entry = self.areas.resolve(text)
        code = entry.code if entry else text.strip()
        if self.codes and code not in self.codes:
            near = ", ".join(self.areas.vocabulary.suggest(text)) or ", ".join(self.codes)
            raise InputError(finding("accounting.no_district", place, found=text, expected=near))
        return code


@frozen
class Source:
    """A central source: its grams, its rule and its place."""

    name: str
    category: str
    area: str | None
    grams: int
    unit: str
    rule: Rule
    place: Place


@frozen(eq=False)
class Allocation:
    """The result: `shares` (SHARES, one row per source and area), `weights`, and what went in."""

    sources: tuple[Source, ...]
    shares: pl.DataFrame
    weights: pl.DataFrame
    own: pl.DataFrame
    city: str
    findings: tuple[Finding, ...]
    inputs: tuple[Input, ...]


def load_rules(pack: Pack) -> dict[str, Rule]:
    """Load the rules of a pack and its parents by id.

    Errors: PackError for an unknown field or kind, a weight rule without weight, or two rules that
    are the default of one category.
    """
    rules, defaults = {}, set[str]()
    for entry in pack.load_list("accounting/allocation.yaml", "id"):
        fields = {key: value for key, value in entry.items() if not key.startswith("_")}
        try:
            rule = Rule(**fields)
        except TypeError as error:
            raise _bad(entry, str(error)) from error
        if rule.kind not in KINDS or (rule.kind == "weight") != bool(rule.weight):
            raise _bad(entry, f"kind {rule.kind}, weight {rule.weight}")
        if both := defaults & set(rule.default_for):
            raise _bad(entry, f"default_for {sorted(both)}")
        defaults |= set(rule.default_for)
        rules[rule.id] = rule
    return rules


def _bad(entry: Mapping[str, Any], found: str) -> PackError:
    place = Place(str(entry["_file"]))
    return PackError(finding("accounting.allocation_rule", place, found=f"{entry['id']}: {found}"))


def divide(total: int, weights: Mapping[str, Fraction]) -> dict[str, int]:
    """Divide whole grams in proportion to weights by largest remainder.

    The parts add up to `total` exactly; of equal remainders the first name in order gets the gram.
    A negative total is divided as its positive and turned round. The weights are not all zero.
    """
    whole, size = sum(weights.values()), abs(total)
    exact = {name: size * weight / whole for name, weight in weights.items()}
    parts = {name: value.__floor__() for name, value in exact.items()}
    left = size - sum(parts.values())
    order = sorted(exact, key=lambda name: (parts[name] - exact[name], name))
    for name in order[:left]:
        parts[name] += 1
    return {name: -part if total < 0 else part for name, part in parts.items()}


def allocate(
    sources: Path,
    weights: Path | None,
    own: Path | None,
    pack: Pack,
    areas: Areas,
    named: Iterable[str] = (),
) -> Allocation:
    """Allocate the sources of a file.

    `named`: `CATEGORY=RULE` for sources that name no rule; else the pack's default. `own`: the
    sources in the districts' own accounts. Errors: InputError naming both places for a source that
    stands twice, in the list or in an own account; for a weight that is absent or all zero for an
    area; for a source without rule, or without area where its rule needs one.
    """
    rules = load_rules(pack)
    chosen = _chosen(named, rules)
    districts = Districts.of(pack, areas)
    central = _read(sources, SOURCES)
    found = [_source(row, origin, rules, chosen, districts) for row, origin in _rows(central)]
    mine = _read(own, OWN) if own else None
    weighed = _read(weights, WEIGHTS) if weights else None
    faults = [*_twice(found, mine, districts)]
    if faults:
        raise InputError(*faults)
    table = _weights(weighed, districts)
    held = _own(mine, districts)
    everyone = districts.codes or tuple(sorted({*table["area"], *held["area"]}))
    city = districts.city
    shares = [share for one in found for share in _shares(one, table, everyone, city)]
    readings = [one for one in (central, mine, weighed) if one]
    return Allocation(
        tuple(found),
        pl.DataFrame(shares, schema=SHARES),
        table,
        held,
        city,
        tuple(item for one in readings for item in one.findings),
        tuple(Input(one.file, one.sha256, one.rows_read) for one in readings),
    )


def _chosen(named: Iterable[str], rules: Mapping[str, Rule]) -> dict[str, Rule]:
    chosen = {}
    for text in named:
        category, _, rule = text.partition("=")
        if rule.strip() not in rules or category.strip() in chosen:
            shown = ", ".join(rules)
            raise UsageError(finding("accounting.allocation_option", found=text, expected=shown))
        chosen[category.strip()] = rules[rule.strip()]
    return chosen


def _read(path: Path, table: Table) -> Reading:
    reading = read_table(path, table)
    errors = [item for item in reading.findings if item.severity == "error"]
    if errors or not reading.frame.height:
        raise InputError(*errors or [finding("accounting.nothing", Place(reading.file))])
    return reading


def _rows(reading: Reading | None) -> Iterator[tuple[dict[str, Any], Reading]]:
    if reading is not None:
        for row in reading.frame.iter_rows(named=True):
            yield row, reading


def _source(
    row: Mapping[str, Any],
    reading: Reading,
    rules: Mapping[str, Rule],
    chosen: Mapping[str, Rule],
    districts: Districts,
) -> Source:
    category = row["category"].strip()
    place = reading.place(row["source_row"], "source")
    rule = rules.get(row["rule"]) if row["rule"] else _default(category, rules, chosen)
    if rule is None:
        facts: dict[str, Any] = {"found": row["rule"] or category, "expected": ", ".join(rules)}
        raise InputError(finding("accounting.no_rule", place, source=row["source"], **facts))
    if rule.kind == "location" and not row["area"]:
        raise InputError(finding("accounting.no_location", place, found=row["source"]))
    grams, unit = _grams(row, reading)
    area = districts.code(row["area"], place) if row["area"] else None
    return Source(row["source"], category, area, grams, unit, rule, place)


def _default(category: str, rules: Mapping[str, Rule], chosen: Mapping[str, Rule]) -> Rule | None:
    own = next((rule for rule in rules.values() if category in rule.default_for), None)
    return chosen.get(category, own)


def _grams(row: Mapping[str, Any], reading: Reading) -> tuple[int, str]:
    unit = row["unit"] or TARGETS[0]
    target = next((one for one in TARGETS if compatible(unit, one)), None)
    if target is None:
        place = reading.place(row["source_row"], "unit")
        raise InputError(finding("accounting.allocation_unit", place, found=unit))
    place = reading.place(row["source_row"], "value")
    return whole(row["value"] * compose(unit, [], target), unit, place), target


def key_of(text: str) -> str:
    """Give the form in which two spellings of a source are the same."""
    return unicodedata.normalize("NFKC", text).casefold().replace(" ", "")


def _twice(
    sources: Sequence[Source], own: Reading | None, districts: Districts
) -> Iterator[Finding]:
    seen: dict[str, tuple[Place, str]] = {}
    for one in sources:
        yield from _claim(seen, one.name, one.place, "central")
    for row, reading in _rows(own):
        place = reading.place(row["source_row"], "source")
        yield from _claim(seen, row["source"], place, districts.code(row["area"], place))


def _claim(
    seen: dict[str, tuple[Place, str]], name: str, place: Place, owner: str
) -> Iterator[Finding]:
    first = seen.setdefault(key_of(name), (place, owner))
    if first[0] is not place:
        facts: dict[str, Any] = {"first": str(first[0]), "second": str(place)}
        facts |= {"owner": first[1], "other": owner}
        yield finding("accounting.allocated_twice", place, found=name, **facts)


def _weights(reading: Reading | None, districts: Districts) -> pl.DataFrame:
    schema = {"weight": pl.String, "area": pl.String, "value": pl.Float64, "place": pl.String}
    rows = []
    for row, origin in _rows(reading):
        place = origin.place(row["source_row"], "value")
        if row["value"] < 0:
            raise InputError(finding("accounting.negative", place, found=row["value"]))
        area = districts.code(row["area"], place)
        rows.append((row["weight"].strip(), area, row["value"], str(place)))
    table = pl.DataFrame(rows, schema=schema, orient="row")
    twins = table.filter(pl.struct("weight", "area").is_duplicated())
    if twins.height:
        places = ", ".join(twins["place"][:4])
        raise InputError(finding("accounting.weight_twice", found=twins["area"][0], places=places))
    return table


def _own(reading: Reading | None, districts: Districts) -> pl.DataFrame:
    schema = {"area": pl.String, "source": pl.String, "grams": pl.Int64, "unit": pl.String}
    rows = []
    for row, origin in _rows(reading):
        grams, unit = (None, None) if row["value"] is None else _grams(row, origin)
        area = districts.code(row["area"], origin.place(row["source_row"], "area"))
        rows.append((area, row["source"], grams, unit))
    return pl.DataFrame(rows, schema=schema, orient="row")


def _shares(
    one: Source, table: pl.DataFrame, everyone: Sequence[str], city: str
) -> Iterator[dict[str, Any]]:
    if one.rule.kind != "weight":
        area = city if one.rule.kind == "city" else one.area
        yield _share(one, str(area), None, one.grams)
        return
    mine = table.filter(pl.col("weight") == one.rule.weight)
    values = dict(zip(mine["area"], mine["value"], strict=True))
    missing = [area for area in everyone if area not in values]
    if missing or not any(values.values()):
        facts: dict[str, Any] = {"found": one.rule.weight, "expected": ", ".join(missing) or "> 0"}
        raise InputError(finding("accounting.weight_absent", one.place, source=one.name, **facts))
    for area, grams in divide(one.grams, exact(values)).items():
        yield _share(one, area, values[area], grams)


def exact(values: Mapping[str, float]) -> dict[str, Fraction]:
    """Give weights as exact numbers in the order of their areas."""
    return {area: Fraction(str(values[area])) for area in sorted(values)}


def _share(one: Source, area: str, weight: float | None, grams: int) -> dict[str, Any]:
    return {
        "source": one.name,
        "category": one.category,
        "rule": one.rule.id,
        "area": area,
        "weight": weight,
        "grams": grams,
        "unit": one.unit,
        "place": str(one.place),
    }


def allocation_answer(made: Allocation, edition: str | None = None) -> dict[str, Any]:
    """Give the answer: sources with their rule, shares, and areas with own and allocated sums."""
    return {
        "city": made.city,
        "sources": [_source_json(one, made.shares) for one in made.sources],
        "shares": [
            {
                **{name: row[name] for name in ("source", "category", "rule", "area", "weight")},
                "value": row["grams"] / GRAMS,
                "unit": row["unit"],
                "code": f"{edition}:shares:{index}" if edition else None,
            }
            for index, row in enumerate(made.shares.iter_rows(named=True))
        ],
        "areas": list(_areas(made)),
    }


def _source_json(one: Source, shares: pl.DataFrame) -> dict[str, Any]:
    parts = shares.filter(pl.col("source") == one.name)["grams"]
    return {
        "source": one.name,
        "category": one.category,
        "value": one.grams / GRAMS,
        "unit": one.unit,
        "rule": one.rule.id,
        "rule_zh": one.rule.name_zh,
        "rule_en": one.rule.name_en,
        "mark": one.rule.mark,
        "valid_from": str(one.rule.valid_from),
        "areas": len(parts),
        "sum_equal": int(parts.sum()) == one.grams,
        "derived_from": str(one.place),
    }


def _areas(made: Allocation) -> Iterator[dict[str, Any]]:
    """Give each area's own and allocated sums by unit; own is null where a value is not given."""
    allocated = made.shares.group_by("area", "unit").agg(pl.col("grams").sum())
    sums = {(row[0], row[1]): row[2] for row in allocated.iter_rows()}
    units = sorted(set(made.shares["unit"]) | set(made.own["unit"].drop_nulls()))
    for area in sorted({*made.shares["area"], *made.own["area"]}):
        for unit in units:
            own = made.own.filter(pl.col("area") == area)
            inside = own.filter(pl.col("unit") == unit)["grams"]
            known = own.height and not own["grams"].null_count()
            yield {
                "area": area,
                "unit": unit,
                "own": int(inside.sum()) / GRAMS if known else None,
                "allocated": sums.get((area, unit), 0) / GRAMS,
            }
