"""One carrier at one level: the gap in whole grams and its three causes, which add up exactly.

Order of the split, fixed: first boundary, then activity at the upper side's implied factor, then
factor as the rest. Quantities are exact decimals, so that their unit and order change no gram.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Context, Decimal
from fractions import Fraction

import polars as pl
from attrs import evolve, frozen

from dualcarbon.accounting.boundary import Boundary, Known, matches
from dualcarbon.carriers import Carrier
from dualcarbon.units import dimension, ratio

EXACT = Context(prec=60)


@frozen
class Part:
    """A named part of the boundary, in grams; None where it has no amount."""

    name_zh: str
    name_en: str
    g: int | None
    quantity: Fraction | None
    place: str = ""


@frozen
class Line:
    """A carrier: quantities in `unit`, amounts in grams.

    Null: a side that has no row of the carrier, or an amount of it that is not known. Only the
    second leaves the gap null; where a side has no row, the other side is the gap.
    """

    carrier: str
    unit: str
    quantity_upper: float | None
    quantity_lower: float | None
    upper_g: int | None
    lower_g: int | None
    gap_g: int | None = None
    boundary_g: int | None = None
    boundary: tuple[Part, ...] = ()
    activity_g: int | None = None
    factor_g: int | None = None
    explained: tuple[Known, ...] = ()

    def cause(self, name: str) -> int | None:
        """Give the gap or one of its causes."""
        value: int | None = getattr(self, f"{name}_g")
        return value

    @property
    def explained_g(self) -> int:
        """Give what the error register explains of it, signed."""
        return sum(known.delta_g for known in self.explained)

    @property
    def open_g(self) -> int | None:
        """Give what neither boundary nor register explains."""
        if self.gap_g is None or self.boundary_g is None:
            return None
        return self.gap_g - self.boundary_g - self.explained_g


@frozen(eq=False)
class Taken:
    """What an entry of the boundary takes at a level: rows, or None where it states an amount.

    `sign`: +1 where the lower side lacks it, -1 where the upper side does. `from_upper`: the rows
    are the upper side's own.
    """

    entry: Boundary
    sign: int
    rows: pl.DataFrame | None
    from_upper: bool


@frozen
class _Sum:
    """Rows added up: signed and gross, quantity exact; None where a part is null."""

    quantity: Fraction | None
    grams: int | None
    gross: Fraction
    gross_g: int

    @property
    def factor(self) -> Fraction | None:
        """Give the implied factor, grams a unit, from gross amounts so that signs do not cancel."""
        return Fraction(self.gross_g) / self.gross if self.gross else None


def units_of(
    upper: pl.DataFrame, lower: pl.DataFrame, carrier: Carrier | None
) -> tuple[str, list[str]]:
    """Give the unit a carrier is compared in, and the dimensions that its rows have."""
    units = list(dict.fromkeys([*upper["unit"], *lower["unit"]]))
    kinds = list(dict.fromkeys(dimension(unit) for unit in units))
    if carrier is not None and kinds == [dimension(carrier.unit)]:
        return carrier.unit, kinds
    return min(units[:1] if len(kinds) > 1 else units), kinds


def make_line(
    code: str,
    measure: str,
    upper: pl.DataFrame,
    lower: pl.DataFrame,
    taken: Sequence[Taken],
    unit: str,
    subject: str | None = None,
    comparable: bool = True,
) -> Line:
    """Split the gap of one carrier; a carrier of two dimensions has no gap.

    `taken`: of all carriers; the rows of this one count. Errors: none.
    """
    column = f"{measure}_g"
    one, other = (_added(frame, unit, column) for frame in (upper, lower))
    line = Line(
        code,
        unit,
        _float(one) if upper.height else None,
        _float(other) if lower.height else None,
        one.grams if upper.height else None,
        other.grams if lower.height else None,
    )
    if not comparable:
        return line
    rest = _added(_not_taken(upper, taken, code), unit, column)
    factor = next((f for f in (rest.factor, one.factor, other.factor) if f is not None), None)
    parts = list(_parts(code, measure, taken, unit, factor, subject))
    if None in (one.grams, other.grams, one.quantity, other.quantity):
        return _with(line, parts, None, None, None)
    if any(part.g is None for part in parts):
        return _with(line, parts, _gap(one, other), None, None)
    gap = _gap(one, other)
    open_g = gap - sum(part.g or 0 for part in parts)
    activity = open_g
    if upper.height and lower.height and factor is not None:
        bound = sum((part.quantity or Fraction(0) for part in parts), Fraction(0))
        activity = _rounded(factor * ((one.quantity or 0) - bound - (other.quantity or 0)))
    return _with(line, parts, gap, activity, open_g - activity)


def _gap(upper: _Sum, lower: _Sum) -> int:
    return (upper.grams or 0) - (lower.grams or 0)


def _float(total: _Sum) -> float | None:
    return None if total.quantity is None else float(f"{float(total.quantity):.12g}")


def _with(
    line: Line, parts: Sequence[Part], gap: int | None, activity: int | None, factor: int | None
) -> Line:
    known = all(part.g is not None for part in parts) and gap is not None
    return evolve(
        line,
        gap_g=gap,
        boundary=tuple(parts),
        boundary_g=sum(part.g or 0 for part in parts) if known else None,
        activity_g=activity,
        factor_g=factor,
    )


def _not_taken(upper: pl.DataFrame, taken: Sequence[Taken], code: str) -> pl.DataFrame:
    own = [one.rows for one in taken if one.from_upper and one.rows is not None]
    rows = [frame.filter(pl.col("carrier") == code) for frame in own]
    if not any(frame.height for frame in rows):
        return upper
    return upper.join(pl.concat(rows), on=upper.columns, how="anti", nulls_equal=True)


def _parts(
    code: str,
    measure: str,
    taken: Sequence[Taken],
    unit: str,
    factor: Fraction | None,
    subject: str | None,
) -> Iterator[Part]:
    for one in taken:
        entry = one.entry
        if one.rows is None:
            part = _stated(one, code, measure, unit, factor, subject)
            if part is not None:
                yield part
            continue
        rows = one.rows.filter(pl.col("carrier") == code)
        if rows.height:
            total = _added(rows, unit, f"{measure}_g")
            grams = None if total.grams is None else one.sign * total.grams
            quantity = None if total.quantity is None else one.sign * total.quantity
            yield Part(entry.name_zh, entry.name_en, grams, quantity, entry.place)


def _stated(
    one: Taken, code: str, measure: str, unit: str, factor: Fraction | None, subject: str | None
) -> Part | None:
    """Give a stated amount; a quantity without grams of its own takes the implied factor."""
    entry, of = one.entry, one.entry.select.get("subject")
    if entry.select.get("carrier") != code or (
        subject is not None and not (of and matches(subject, of))
    ):
        return None
    quantity = None
    if entry.quantity is not None and entry.unit and dimension(entry.unit) == dimension(unit):
        quantity = Fraction(repr(entry.quantity)) * ratio(entry.unit, unit)
    grams = entry.grams(measure)
    if grams is None and quantity is not None and factor is not None:
        grams = _rounded(quantity * factor)
    shown = None if quantity is None else one.sign * quantity
    amount = None if grams is None else one.sign * grams
    return Part(entry.name_zh, entry.name_en, amount, shown, entry.place)


def _added(frame: pl.DataFrame, unit: str, column: str) -> _Sum:
    quantity, gross = Fraction(0), Fraction(0)
    for (own,), part in frame.partition_by("unit", as_dict=True).items():
        if dimension(str(own)) != dimension(unit) or part["quantity"].has_nulls():
            return _Sum(None, None, Fraction(0), 0)
        scale = ratio(str(own), unit)
        values = [Decimal(repr(value)) for value in part["quantity"]]
        quantity += Fraction(_decimal(values)) * scale
        gross += Fraction(_decimal([abs(value) for value in values])) * scale
    amounts = frame[column].drop_nulls().to_list()  # whole numbers of Python never overflow
    grams = None if len(amounts) < frame.height else sum(amounts)
    return _Sum(quantity, grams, gross, sum(abs(amount) for amount in amounts))


def _decimal(values: Sequence[Decimal]) -> Decimal:
    total = Decimal(0)
    for value in values:
        total = EXACT.add(total, value)
    return total


def _rounded(value: Fraction) -> int:
    """Round half away from zero, as the engine does."""
    size = int(abs(value) + Fraction(1, 2))
    return -size if value < 0 else size
