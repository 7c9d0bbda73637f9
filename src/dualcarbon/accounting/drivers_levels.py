"""The levels of a decomposition: a tidy table read once, each level at one cut, in one unit.

Long: `period, keys..., level, value, unit`. Wide: `period, keys...` and a column a level, its unit
in the header (`energy [10^4 tce]`). An empty key: the level is not divided by it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl
from attrs import evolve, frozen

from dualcarbon.accounting.drivers_identity import KEY_ALIASES, Identity, Word
from dualcarbon.editions import Input
from dualcarbon.errors import InputError, UnitMismatch
from dualcarbon.findings import Finding, Place, finding
from dualcarbon.tables import Column, Reading, Table, read_cells, read_table
from dualcarbon.units import canonical, convert
from dualcarbon.vocabulary import Vocabulary

PERIOD = Column(
    "period", "period", aliases=("期间", "年份", "年度", "时期", "时间", "year", "month")
)
LEVEL = Column("level", aliases=("指标", "项目", "indicator", "measure"))
VALUE = Column("value", "number", nullable=True, aliases=("数值", "值"))
UNIT = Column("unit", "unit", aliases=("单位",))
HEADER = re.compile(r"^(?P<level>.+?)\s*[\[(](?P<unit>[^\[\]()]+)[\])]$")
LEAST, MOST = 1e-70, 1e70
SHOWN = 50


@frozen(eq=False)
class Levels:
    """What a table says of the levels of an identity.

    `frame`: `period`, the keys, `level`, `value` (in `units[level]`; null = not reported), `place`.
    `own`: the keys at which each level is given.
    """

    frame: pl.DataFrame
    keys: tuple[str, ...]
    units: Mapping[str, str]
    own: Mapping[str, tuple[str, ...]]
    findings: tuple[Finding, ...] = ()
    inputs: tuple[Input, ...] = ()


def read_levels(
    path: Path,
    identity: Identity,
    by: Sequence[str] = (),
    *,
    words: Vocabulary[Word] | None = None,
    sheet: str | None = None,
) -> Levels:
    """Read the levels of an identity from a csv, xlsx or parquet file, long or wide.

    Absent: an empty value is null and is refused where it is used, never zero; in the wide form an
    empty cell beside other keys than the level's own is only a gap of the layout.
    Errors: InputError when the file cannot be read, a level is not in it, is given at two cuts, or
    in units that do not measure the same thing.
    """
    words = words if words is not None else Vocabulary([])
    keys = tuple(dict.fromkeys((*KEY_ALIASES, *identity.keys, *by)))
    header = read_cells(path, sheet=sheet).header
    names = {_plain(name) for name in header}
    long = names & {_plain(n) for n in (LEVEL.name, *LEVEL.aliases)} and names & {
        _plain(n) for n in (VALUE.name, *VALUE.aliases)
    }
    if long:
        reading, facts = _long(path, keys, words, sheet)
    else:
        reading, facts = _wide(path, keys, words, sheet, header, identity)
    facts = facts.filter(pl.col("level").is_in(identity.levels))
    faults = _absent(facts, identity, Place(reading.file, reading.sheet))
    if faults:
        raise InputError(*reading.findings, *faults)
    source = Input(reading.file, reading.sha256, reading.rows_read)
    return settle(facts, keys, identity, reading.findings, (source,))


def settle(
    facts: pl.DataFrame,
    keys: tuple[str, ...],
    identity: Identity,
    findings: Sequence[Finding] = (),
    inputs: Sequence[Input] = (),
) -> Levels:
    """Bring facts (`period`, keys, `level`, `value`, `unit`, `place`) to one cut and unit a level.

    Errors: InputError for a level at two cuts, or in units that do not agree.
    """
    own, faults = _own(facts, keys, identity)
    units, wrong = _units(facts, identity)
    if faults or wrong:
        raise InputError(*faults, *wrong)
    facts = _at_own_cut(facts, keys, own)
    values = [
        _converted(value, unit, units[level])
        for level, value, unit in facts.select("level", "value", "unit").iter_rows()
    ]
    frame = facts.with_columns(pl.Series("value", values, dtype=pl.Float64)).drop("unit")
    return Levels(frame, keys, units, own, tuple(findings), tuple(inputs))


def _converted(value: float | None, unit: str, wanted: str) -> float | None:
    """Convert a value; one that is refused anyway for its size stays as it is."""
    return value if value is None or abs(value) > MOST else convert(value, unit, wanted)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()


def _key_columns(keys: Sequence[str]) -> tuple[Column, ...]:
    return tuple(
        Column(key, required=False, nullable=True, aliases=KEY_ALIASES.get(key, ())) for key in keys
    )


def _code(words: Vocabulary[Word], text: str) -> str:
    word = words.resolve(text)
    return word.code if word else text


def _long(
    path: Path, keys: tuple[str, ...], words: Vocabulary[Word], sheet: str | None
) -> tuple[Reading, pl.DataFrame]:
    columns = (PERIOD, *_key_columns(keys), LEVEL, VALUE, UNIT)
    table = Table("levels", columns, key=("period", *keys, "level"))
    reading = read_table(path, table, sheet=sheet)
    frame = reading.frame
    named = {text: _code(words, text) for text in frame["level"].unique().drop_nulls()}
    level = pl.col("level").replace_strict(named, default=None, return_dtype=pl.String)
    return reading, frame.with_columns(level, _place(reading, "value")).drop("source_row")


def _wide(
    path: Path,
    keys: tuple[str, ...],
    words: Vocabulary[Word],
    sheet: str | None,
    header: Sequence[str],
    identity: Identity,
) -> tuple[Reading, pl.DataFrame]:
    columns, units = _headers(header, words, identity, Place(path.name, sheet))
    table = Table("levels", (PERIOD, *_key_columns(keys), *columns), key=("period", *keys))
    reading = read_table(path, table, sheet=sheet)
    parts = [
        reading.frame.select(
            "period",
            *keys,
            pl.lit(column.name).alias("level"),
            pl.col(column.name).alias("value"),
            pl.lit(units[column.name]).alias("unit"),
            _place(reading, column.name),
        )
        for column in columns
    ]
    if not parts:
        empty = Table("levels", (PERIOD, *_key_columns(keys), LEVEL, VALUE, UNIT, Column("place")))
        return reading, empty.empty().drop("source_row")
    known = [item for item in reading.findings if not _another_level(item)]
    return evolve(reading, findings=tuple(known)), pl.concat(parts)


def _another_level(item: Finding) -> bool:
    return item.rule == "tables.column_unknown" and bool(HEADER.match(_plain(item.found)))


def _headers(
    header: Sequence[str], words: Vocabulary[Word], identity: Identity, place: Place
) -> tuple[list[Column], dict[str, str]]:
    """Give the columns of the levels that the identity names, and their units."""
    columns, units, faults = [], dict[str, str](), list[Finding]()
    for text in header:
        here = evolve(place, column=text)
        match = HEADER.match(unicodedata.normalize("NFKC", text).strip())
        level = _code(words, match["level"] if match else text.strip())
        if level not in identity.levels:
            continue
        if level in units:
            faults.append(finding("tables.column_twice", here, column=level))
        units[level] = match["unit"] if match else ""
        faults += _unit_faults(units[level], text, here)
        columns.append(Column(level, "number", required=False, nullable=True, aliases=(text,)))
    if faults:
        raise InputError(*faults)
    return columns, {level: canonical(unit) for level, unit in units.items()}


def _unit_faults(unit: str, text: str, place: Place) -> list[Finding]:
    if not unit:
        return [finding("accounting.drivers_no_unit", place, found=text)]
    try:
        canonical(unit)
    except UnitMismatch as error:
        return [evolve(item, place=place) for item in error.findings]
    return []


def _place(reading: Reading, column: str) -> pl.Expr:
    letter = reading.letters.get(column, "")
    start = f"{reading.file}!{reading.sheet or ''}!{letter}"
    return pl.format("{}{}", pl.lit(start), pl.col("source_row")).alias("place")


def _absent(facts: pl.DataFrame, identity: Identity, place: Place) -> list[Finding]:
    present = set(facts.filter(pl.col("value").is_not_null())["level"])
    return [
        finding(
            "accounting.drivers_no_level",
            place,
            found=level,
            expected=", ".join(identity.levels),
            known=", ".join(sorted(present)) or "-",
        )
        for level in identity.levels
        if level not in present
    ]


def _own(
    facts: pl.DataFrame, keys: tuple[str, ...], identity: Identity
) -> tuple[dict[str, tuple[str, ...]], list[Finding]]:
    """Give the keys of every level; a level whose rows fill different keys is refused."""
    own, faults = {}, []
    filled = [pl.col(key).is_not_null().alias(key) for key in keys]
    given = facts.filter(pl.col("value").is_not_null())
    cuts = given.group_by("level", *filled).agg(pl.col("place").first()).sort("level", "place")
    for level in identity.levels:
        mine = cuts.filter(pl.col("level") == level)
        found = [tuple(k for k in keys if row[k]) for row in mine.iter_rows(named=True)]
        own[level] = found[0]
        if len(found) > 1:
            texts = [", ".join(cut) or "-" for cut in found]
            both = f"{mine['place'][0]} ({texts[0]}); {mine['place'][1]} ({texts[1]})"
            place = Place.parse(mine["place"][1])
            faults.append(finding("accounting.drivers_two_cuts", place, found=level, both=both))
    return own, faults


def _at_own_cut(
    facts: pl.DataFrame, keys: tuple[str, ...], own: Mapping[str, tuple[str, ...]]
) -> pl.DataFrame:
    """Leave out the empty cells of a wide table that stand beside the keys of another level."""
    parts = [
        facts.filter(
            pl.col("level") == level,
            *(pl.col(k).is_not_null() if k in cut else pl.col(k).is_null() for k in keys),
        )
        for level, cut in own.items()
    ]
    return pl.concat(parts).sort("level", "period", *keys, nulls_last=False)


def _units(facts: pl.DataFrame, identity: Identity) -> tuple[dict[str, str], list[Finding]]:
    """Give the commonest unit of every level; the others must measure the same."""
    units, faults = {}, []
    for level in identity.levels:
        mine = facts.filter(pl.col("level") == level)
        ranked = sorted(Counter(mine["unit"]).items(), key=lambda pair: (-pair[1], pair[0]))
        units[level] = ranked[0][0]
        for unit, _ in ranked[1:]:
            try:
                convert(1.0, unit, units[level])
            except UnitMismatch:
                place = Place.parse(mine.filter(pl.col("unit") == unit)["place"][0])
                faults.append(
                    finding(
                        "accounting.drivers_unit",
                        place,
                        found=unit,
                        expected=units[level],
                        level=level,
                    )
                )
    return units, faults


def refused(frame: pl.DataFrame, periods: Sequence[str]) -> tuple[list[Finding], set[str]]:
    """Say which values cannot be used, and give the periods that fall with them.

    A value is refused that is absent, negative, or beyond what the arithmetic can hold.
    """
    value = pl.col("value")
    bad = frame.filter(
        pl.col("period").is_in(list(periods)),
        value.is_null() | (value < 0) | ((value != 0) & ~value.is_between(LEAST, MOST)),
    )
    findings = [_refusal(row) for row in bad.head(SHOWN).iter_rows(named=True)]
    return [*findings, *more(bad.height)], set(bad["period"])


def _refusal(row: Mapping[str, object]) -> Finding:
    value = row["value"]
    rule = "accounting.drivers_range"
    if not isinstance(value, float):
        rule = "accounting.drivers_empty"
    elif value < 0:
        rule = "accounting.drivers_negative"
    place = Place.parse(str(row["place"]))
    return finding(rule, place, found=value, level=row["level"], period=row["period"])


def more(count: int) -> list[Finding]:
    """Say how many findings of a kind are not listed."""
    return [finding("accounting.drivers_more", found=count - SHOWN)] if count > SHOWN else []
