"""Figures that follow from a rate and its two sums: increments, shares of the change, places.

Which ones there are is data: an indicator with `formula` and `of`, the ratio that is judged as a
rate. All speak of the period on which the city's rate was judged. Absent: an input is absent.
Source: docs/methods/board-figures.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from attrs import evolve, frozen

from dualcarbon.areas import rest_of
from dualcarbon.control.draft import Draft
from dualcarbon.control.figures import Derived, status_of
from dualcarbon.control.judge import Judge, stated
from dualcarbon.control.known import Subject
from dualcarbon.control.rates import POINTS
from dualcarbon.control.series import Amounts, Problem, Reader
from dualcarbon.control.trace import Node, apply, constant
from dualcarbon.errors import PackError
from dualcarbon.figures import Indicator
from dualcarbon.findings import Place, finding
from dualcarbon.periods import Period
from dualcarbon.plan.model import Commitment
from dualcarbon.units import canonical

PERCENT = "%"
KINDS = ("city", "area", "industry")
Judged = Sequence[tuple[Commitment, Subject, Draft]]


@frozen
class Case:
    """One subject with a rate: its standing's row, the amounts and changes behind the rate.

    `draft` is None for what lies in no district; it has amounts alone.
    """

    row: int
    subject: Subject
    amounts: Amounts
    growth: Node | None
    output: Node | None = None
    past: Node | None = None
    draft: Draft | None = None
    steps: tuple[Node, ...] = ()
    peers: tuple[Node, ...] = ()

    def named(self, text: str) -> str:
        """Give a name that says of whom a number is."""
        return f"{text} {self.subject[1]}"


@frozen
class Board:
    """The cases of one ratio; `city` is the whole of which the others are parts."""

    judge: Judge
    entry: Indicator
    period: Period
    cases: Mapping[Subject, Case]
    city: Case | None = None

    @property
    def unit(self) -> str:
        """Give the unit of the ratio's numerator."""
        return canonical(self.judge.plan.indicators[self.entry.numerator or ""].unit)


def derived(judge: Judge, judged: Judged) -> list[Derived]:
    """Give the derived figures of every ratio that the indicators name.

    Shape: one entry an indicator and subject with a value. `judged` are the standings in order.
    Errors: PackError for a formula that does not exist or an `of` that is no ratio.
    """
    wanted = [entry for entry in judge.plan.indicators.values() if entry.formula]
    boards = {of: _board(judge, of, judged) for of in dict.fromkeys(e.of or "" for e in wanted)}
    found = []
    for entry in wanted:
        formula, board = FORMULAS.get(entry.formula or ""), boards[entry.of or ""]
        if formula is None:
            raise PackError(
                finding(
                    "figures.indicator", Place("indicators.yaml"), found=entry.formula, id=entry.id
                )
            )
        for case in board.cases.values():
            node = formula(case, board)
            if node is not None and node.value is not None:
                found.append(Derived(entry, case.subject, board.period, case.row, node))
    return found


def _board(judge: Judge, of: str, judged: Judged) -> Board:
    rates = {
        subject: (row, commitment, draft)
        for row, (commitment, subject, draft) in enumerate(judged)
        if commitment.indicator == of and draft.yardstick == "rate" and subject[0] in KINDS
    }
    entry, whole = judge.plan.indicators[of], ("city", judge.known.data.words.city)
    period = _period(judge, rates.get(whole))
    cases = {
        subject: _case(judge, entry, subject, row, commitment, draft, period)
        for subject, (row, commitment, draft) in rates.items()
    }
    cases = {key: evolve(one, peers=_peers(judge, one, cases)) for key, one in cases.items()}
    city = cases.get(whole)
    rest = _rest(judge, city, cases) if city else None
    if rest is not None:
        cases[rest.subject] = rest
    return Board(judge, entry, period, cases, city)


def _period(judge: Judge, city: tuple[int, Commitment, Draft] | None) -> Period:
    """Give the period of the city's rate; without one, the year of the date."""
    if city is not None and city[2].value is not None:
        return city[2].period
    return Period.parse(str(judge.known.on.year))


def _case(
    judge: Judge,
    entry: Indicator,
    subject: Subject,
    row: int,
    commitment: Commitment,
    draft: Draft,
    period: Period,
) -> Case:
    reader, _ = judge.reader(commitment, subject)
    above, below = entry.numerator or "", entry.denominator or ""
    return Case(
        row,
        subject,
        reader.amounts(above, subject, period),
        _known(reader.change(above, subject, period)),
        _known(reader.change(below, subject, period)),
        _known(reader.change(entry.id, subject, period.shift(-1))),
        draft,
        _steps(judge, reader, entry.id, subject, period),
    )


def _known(answer: Node | Problem) -> Node | None:
    return answer if isinstance(answer, Node) else None


def _steps(
    judge: Judge, reader: Reader, indicator: str, subject: Subject, period: Period
) -> tuple[Node, ...]:
    """Give the five-year target and all yearly changes to the period; nothing when one lacks."""
    five = judge.plan.five_year
    target = five.target(indicator, None if subject[0] == "city" else subject[1]) if five else None
    if five is None or target is None or target.value is None:
        return ()
    past = [Period.parse(str(year)) for year in range(five.first, period.year)]
    changes = [_known(reader.change(indicator, subject, one)) for one in (*past, period)]
    known = [change for change in changes if change is not None]
    return (stated(target), *known) if len(known) == len(changes) else ()


def _level(judge: Judge, subject: Subject) -> str:
    """Give what a subject may be ranked with: districts with districts, never with a region."""
    area = judge.known.data.words.areas.vocabulary.get(subject[1]) if subject[0] == "area" else None
    return area.level if area else subject[0]


def _peers(judge: Judge, case: Case, cases: Mapping[Subject, Case]) -> tuple[Node, ...]:
    """Give the gaps of all subjects of the same level, each a reference to its standing."""
    if case.subject[0] == "city" or case.draft is None or _absent(case.draft.gap):
        return ()
    level = _level(judge, case.subject)
    peers = (one for one in cases.values() if _level(judge, one.subject) == level)
    return tuple(
        _reference(judge, one, one.draft.gap)
        for one in peers
        if one.draft is not None and one.draft.gap is not None and not _absent(one.draft.gap)
    )


def _absent(node: Node | None) -> bool:
    return node is None or node.value is None


def _reference(judge: Judge, case: Case, gap: Node) -> Node:
    return Node(
        case.named("gap"),
        gap.value,
        gap.unit,
        "standing",
        table="standings",
        row=case.row,
        status=status_of(gap, judge.known.data.words.pack),
    )


def _rest(judge: Judge, city: Case, cases: Mapping[Subject, Case]) -> Case | None:
    """Give what lies in no district: the city less all of its districts, if all are known."""
    parts = [one for one in cases.values() if _level(judge, one.subject) == "district"]
    now = _left("now", city.amounts.now, [part.amounts.now for part in parts])
    before = _left("before", city.amounts.before, [part.amounts.before for part in parts])
    if now is None or before is None:
        return None
    growth = apply("change", "in no district y/y", PERCENT, now, before)
    subject = ("area", rest_of(city.subject[1]))
    return Case(city.row, subject, Amounts(now, before, None), growth)


def _left(name: str, whole: Node | None, parts: Sequence[Node | None]) -> Node | None:
    known = [part for part in parts if part is not None]
    if whole is None or not parts or len(known) < len(parts):
        return None
    total = apply("sum", f"all districts {name}", whole.unit, *known)
    return apply("difference", f"in no district {name}", whole.unit, whole, total)


Formula = Callable[[Case, Board], Node | None]


def _apply(op: str, case: Case, name: str, unit: str, *inputs: Node | None) -> Node | None:
    known = [node for node in inputs if node is not None]
    if not inputs or len(known) < len(inputs):
        return None
    return apply(op, case.named(name), unit, *known)


def _increment(case: Case, board: Board) -> Node | None:
    now, before = case.amounts.now, case.amounts.before
    return _apply("difference", case, "increment", board.unit, now, before)


def _allowed(case: Case, board: Board) -> Node | None:
    required = case.draft.required if case.draft else None
    whole = case.amounts.whole
    return _apply("allowed", case, "allowed increment", board.unit, whole, case.output, required)


def _excess(case: Case, board: Board) -> Node | None:
    used, allowed = _increment(case, board), _allowed(case, board)
    return _apply("excess", case, "beyond the allowed", board.unit, used, allowed)


def _contribution(case: Case, board: Board) -> Node | None:
    if board.city is None:
        return None
    whole, output = board.city.amounts.before, board.city.output
    inputs = (case.amounts.now, case.amounts.before, whole, output)
    return _apply("contribution", case, "contribution", POINTS, *inputs)


def _step(case: Case, board: Board) -> Node | None:
    value = case.draft.value if case.draft else None
    return _apply("difference", case, "moved", POINTS, value, case.past)


def _due(case: Case, board: Board) -> Node | None:
    five = board.judge.plan.five_year
    if five is None or case.draft is None:
        return None
    gone = constant("years gone", board.period.year - five.base)
    return apply(
        "percent_of", case.named("due"), PERCENT, gone, constant("years", five.last - five.base)
    )


def _placed(op: str) -> Formula:
    def formula(case: Case, board: Board) -> Node | None:
        gap = case.draft.gap if case.draft else None
        return _apply(op, case, op, "1", gap, *case.peers) if case.peers else None

    return formula


FORMULAS: Mapping[str, Formula] = {
    "to_date": lambda case, _: case.amounts.now,
    "growth": lambda case, _: case.growth,
    "increment": _increment,
    "allowed": _allowed,
    "excess": _excess,
    "contribution": _contribution,
    "year_before": lambda case, _: case.past,
    "step": _step,
    "progress": lambda case, _: _apply("log_progress", case, "progress", PERCENT, *case.steps),
    "due": _due,
    "rank": _placed("rank"),
    "tied": _placed("tied"),
    "ranked": _placed("ranked"),
}
