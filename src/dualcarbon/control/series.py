"""Levels and changes year to date, from whatever spans were reported; a hole is named, not filled.

A level is an exact tiling of January to the month asked for: one cumulative row, or months,
quarters and the combined January-February side by side.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Literal

from attrs import evolve, field, frozen

from dualcarbon.control.known import Fact, Known, Subject
from dualcarbon.control.trace import Node, apply
from dualcarbon.figures import Indicator
from dualcarbon.periods import Month, Period

Kind = Literal["absent", "hole", "invalid"]
Span = tuple[int, int]
Spans = Mapping[Span, Callable[[], Node]]
CURRENT_PRICES = ("current", "现价", "当年价", "nominal")


@frozen
class Problem:
    """Why there is no number: which indicator, subject and months, and what is wrong."""

    kind: Kind
    rule: str
    indicator: str
    period: Period
    months: tuple[Month, ...] = ()
    place: str | None = None
    found: str = ""


@frozen
class Levels:
    """The levels of one indicator, subject and price base: spans of months by year.

    `broken` are spans that were reported but cannot be computed: the cell that was refused, or
    nothing where a parameter is missing.
    """

    indicator: str
    years: Mapping[int, Spans]
    price_base: str | None = None
    broken: Mapping[int, Mapping[Span, str]] = field(factory=dict)

    def to_date(self, year: int, month: int) -> Node | Problem:
        """Give the sum of January to `month`, or what is missing."""
        spans = self.years.get(year, {})
        period = Period.year_to_date(year, month)
        path = _tile(tuple(sorted(spans)), month)
        if path is not None:
            parts = [spans[span]() for span in path]
            name = f"{self.indicator} {period}"
            return parts[0] if len(parts) == 1 else apply("sum", name, parts[0].unit, *parts)
        missing = _missing(tuple(spans), month)
        later = any(a > missing[0] and b <= month for a, b in spans)
        lost = {s: cell for s, cell in self.broken.get(year, {}).items() if s[1] <= month}
        if lost:
            return self._lost(period, next((cell for cell in lost.values() if cell), ""))
        return Problem(
            kind="hole" if later else "absent",
            rule="missing_months" if spans else "missing_year",
            indicator=self.indicator,
            period=period,
            months=tuple((year, m) for m in missing),
        )

    def _lost(self, period: Period, cell: str) -> Problem:
        """Say why what was reported gives no number: a refused cell, or no parameter."""
        if cell:
            return Problem("invalid", "refused", self.indicator, period, place=cell)
        return Problem("hole", "no_parameter", self.indicator, period)

    def ends(self, year: int) -> set[int]:
        """Give the last months of the spans of a year."""
        spans = (*self.years.get(year, {}), *self.broken.get(year, ()))
        return {last for _, last in spans}


@frozen
class Amounts:
    """A sum year to date, in the same months a year before, and in the whole year before."""

    now: Node | None = None
    before: Node | None = None
    whole: Node | None = None

    @staticmethod
    def of(item: Levels, period: Period) -> Amounts:
        """Give the amounts of one series; what it does not hold is None."""
        year, month = period.year, period.last[1]
        spans = ((year, month), (year - 1, month), (year - 1, 12))
        found = (item.to_date(*span) for span in spans)
        return Amounts(*(node if isinstance(node, Node) else None for node in found))


@lru_cache(maxsize=4096)
def _tile(spans: tuple[Span, ...], month: int) -> tuple[Span, ...] | None:
    """Give spans that cover 1..month exactly, the longest first; None when there are none."""

    def cover(start: int) -> tuple[Span, ...] | None:
        if start > month:
            return ()
        for span in sorted((s for s in spans if s[0] == start and s[1] <= month), reverse=True):
            rest = cover(span[1] + 1)
            if rest is not None:
                return (span, *rest)
        return None

    return cover(1)


def _missing(spans: tuple[Span, ...], month: int) -> tuple[int, ...]:
    covered = {m for a, b in spans if b <= month for m in range(a, b + 1)}
    missing = tuple(m for m in range(1, month + 1) if m not in covered)
    return missing or (month,)


def levels(
    known: Known, indicator: str, subject: Subject, origin: str | None = None
) -> list[Levels]:
    """Give the levels of an indicator, one entry a price base; `origin` says whose they are."""
    by_base: dict[str | None, dict[int, dict[Span, Callable[[], Node]]]] = {}
    for fact in known.of(indicator, subject):
        if fact.growth or (origin and fact.origin != origin):
            continue
        spans = by_base.setdefault(fact.price_base, {}).setdefault(fact.period.year, {})
        span = (fact.period.first[1], fact.period.last[1])
        if span not in spans or fact.origin == "declared":
            spans[span] = fact.node
    order = sorted(by_base, key=lambda base: base or "", reverse=True)
    return [Levels(indicator, by_base[base], base) for base in order]


def published(
    known: Known, indicator: str, subject: Subject, period: Period, origin: str | None = None
) -> Fact | None:
    """Give the published change of a period year to date, declared before computed."""
    found = [
        fact
        for fact in known.of(indicator, subject)
        if fact.growth and fact.period == period and (origin is None or fact.origin == origin)
    ]
    found.sort(key=lambda fact: (fact.origin != "declared", fact.price_base or ""))
    return found[0] if found else None


Extra = Callable[[str, Subject], Levels | None]


@frozen
class Reader:
    """Reads changes of a subject; `more` gives levels that are computed from activity."""

    known: Known
    indicators: Mapping[str, Indicator]
    more: Extra = lambda *_: None

    def change(self, indicator: str, subject: Subject, period: Period) -> Node | Problem:
        """Give the change year to date: published where it is, else from two levels.

        A published rate is used as it is; levels need one price base in both years.
        """
        fact = published(self.known, indicator, subject, period)
        if fact is not None:
            return fact.node()
        return self._from_levels(indicator, subject, period, None)

    def _from_levels(
        self, indicator: str, subject: Subject, period: Period, origin: str | None
    ) -> Node | Problem:
        found = self._levels(indicator, subject, origin)
        if not found:
            return self._why(Problem("absent", "no_rows", indicator, period), subject, period)
        answers = [self._pair(item, period) for item in found]
        for answer in answers:
            if isinstance(answer, Node):
                return answer
        mismatch = _mismatch(found, period)
        problem = mismatch or _worst(answers)
        return self._why(problem, subject, period)

    def _levels(self, indicator: str, subject: Subject, origin: str | None) -> list[Levels]:
        found = levels(self.known, indicator, subject, origin)
        if origin != "declared":
            extra = self.more(indicator, subject)
            found += [extra] if extra else []
        return found

    def amounts(self, indicator: str, subject: Subject, period: Period) -> Amounts:
        """Give the amounts of a sum from one series: the one that holds both years, if any."""
        found = [Amounts.of(item, period) for item in self._levels(indicator, subject, None)]
        found = sorted(found, key=lambda one: (one.now is None, one.before is None))
        return found[0] if found else Amounts()

    def _pair(self, item: Levels, period: Period) -> Node | Problem:
        month = period.last[1]
        now, before = item.to_date(period.year, month), item.to_date(period.year - 1, month)
        for part in (now, before):
            if isinstance(part, Problem):
                return part
        if (item.price_base or "").casefold() in CURRENT_PRICES:
            return Problem("invalid", "current_prices", item.indicator, period)
        node = apply("change", f"{item.indicator} {period} y/y", "%", now, before)  # type: ignore[arg-type]
        if node.value is None:
            return Problem("invalid", "zero_base", item.indicator, period.shift(-1))
        return node

    def _why(self, problem: Problem, subject: Subject, period: Period) -> Problem:
        """Say invalid where a refused or contradictory fact is the reason for an absence."""
        wanted = (period, period.shift(-1))
        bad = self.known.broken(problem.indicator, subject, wanted)
        if bad is None:
            return problem
        return evolve(
            problem,
            kind="invalid",
            rule=bad.why,
            period=bad.period,
            place=bad.place,
            found=bad.found,
        )

    def declared(self, indicator: str, subject: Subject, period: Period) -> Node | Problem:
        """Give the change that the competent body issued: a rate, or a pair of levels."""
        return self._own(indicator, subject, period, "declared")

    def computed(self, indicator: str, subject: Subject, period: Period) -> Node | Problem:
        """Give our change: a ratio from its two parts, a sum from its levels or activity."""
        entry = self.indicators[indicator]
        if entry.kind == "ratio" and entry.numerator and entry.denominator:
            found = self._of_parts(entry, subject, period)
        else:
            found = self._own(indicator, subject, period, "computed")
        if isinstance(found, Node):
            return found
        other = self._second(indicator, subject, period)
        return found if isinstance(other, Problem) else other

    def _of_parts(self, entry: Indicator, subject: Subject, period: Period) -> Node | Problem:
        above = self.change(entry.numerator or "", subject, period)
        below = self.change(entry.denominator or "", subject, period)
        if isinstance(above, Node) and isinstance(below, Node):
            return apply("ratio_change", f"{entry.id} {period} y/y", "%", above, below)
        return _worst([above, below])

    def _second(self, indicator: str, subject: Subject, period: Period) -> Node | Problem:
        """Give what levels say beside a published rate, or levels of mixed origin."""
        own = self._own(indicator, subject, period, "computed")
        if isinstance(own, Node):
            return own
        rate = published(self.known, indicator, subject, period, "declared")
        pair = self._from_levels(indicator, subject, period, "declared")
        if isinstance(pair, Node):
            return pair if rate else own
        return self._from_levels(indicator, subject, period, None)

    def _own(self, indicator: str, subject: Subject, period: Period, origin: str) -> Node | Problem:
        fact = published(self.known, indicator, subject, period, origin)
        if fact is not None:
            return fact.node()
        return self._from_levels(indicator, subject, period, origin)

    def months(self, indicator: str, subject: Subject, year: int) -> list[int]:
        """Give the months up to which anything of use was reported, last first."""
        entry = self.indicators[indicator]
        parts = [indicator, *(p for p in (entry.numerator, entry.denominator) if p)]
        ends: set[int] = set()
        for part in parts:
            for item in self._levels(part, subject, None):
                ends |= item.ends(year)
            ends |= {
                fact.period.last[1]
                for fact in self.known.of(part, subject)
                if fact.growth and fact.period.year == year and fact.period.first[1] == 1
            }
            bad = self.known.bad.get((part, subject), ())
            ends |= {item.period.last[1] for item in bad if item.period.year == year}
        return sorted(ends, reverse=True)

    def share(self, indicator: str, subject: Subject, year: int, month: int) -> Node | None:
        """Give the part of last year's numerator that fell in the months to date; None unknown."""
        entry = self.indicators[indicator]
        base = entry.numerator if entry.kind == "ratio" and entry.numerator else indicator
        for item in self._levels(base, subject, None):
            part, whole = item.to_date(year - 1, month), item.to_date(year - 1, 12)
            if isinstance(part, Node) and isinstance(whole, Node):
                share = apply("quotient", f"{base} share to date {year - 1}", "1", part, whole)
                if share.value is not None and 0 < share.value <= 1:
                    return share
        return None


def _mismatch(found: list[Levels], period: Period) -> Problem | None:
    """Two years that are there, but at different prices, contradict each other."""
    month = period.last[1]
    now = {i.price_base for i in found if isinstance(i.to_date(period.year, month), Node)}
    before = {i.price_base for i in found if isinstance(i.to_date(period.year - 1, month), Node)}
    if not now or not before or now & before:
        return None
    bases = " / ".join(sorted(str(b or "-") for b in now | before))
    return Problem("invalid", "price_base", found[0].indicator, period, found=bases)


ORDER: Mapping[Kind, int] = {"invalid": 0, "hole": 1, "absent": 2}


def _worst(answers: list[Node | Problem]) -> Problem:
    """Give the problem that explains most: a contradiction, then a hole, then an absence."""
    problems = [answer for answer in answers if isinstance(answer, Problem)]
    return min(problems, key=lambda p: ORDER[p.kind])
