"""The board reads figures; beside each stands the formula that the board once computed itself."""

from itertools import pairwise

import pytest

from dualcarbon.periods import Period
from dualcarbon_web.control import board_figures as of

TCE = "energy_total"


@pytest.fixture
def board(editions):
    """The figures of the last edition, its reported facts, and its standings by area."""
    from dualcarbon_web.control.models import Edition, Figure, Standing

    edition = Edition.objects.get(pk=editions[-1])
    rows = Figure.objects.filter(edition=edition, row=-1, subject_kind__in=("city", "area"))
    facts = {(r.indicator, r.subject, r.period, r.unit): r.value for r in rows}
    main = Standing.objects.filter(
        edition=edition, indicator=of.INTENSITY, subject_kind__in=("city", "area")
    )
    return of.read(edition), facts, {row.subject: row for row in main}


def test_the_board_shows_what_published_levels_give(board):
    figures, facts, standings = board
    now, before = figures.period, figures.period.shift(-1)
    seen = 0
    for subject, row in standings.items():
        level = facts.get((TCE, subject, str(now), "tce"))
        past = facts.get((TCE, subject, str(before), "tce"))
        rate = facts.get((TCE, subject, str(now), "%"))
        assert figures.value(of.TOTAL, subject) == level
        assert figures.value(of.USED, subject) == pytest.approx(level - past)
        wanted = rate if rate is not None else (level / past - 1) * 100
        assert figures.value(of.GROWTH, subject) == pytest.approx(wanted)
        seen += _allowed(figures, facts, subject, row)
    assert seen >= 15


def _allowed(figures, facts, subject, row) -> bool:
    year = str(figures.period.year - 1)
    whole = facts.get((TCE, subject, year, "tce"))
    output = facts.get(("gdp", subject, str(figures.period), "%"))
    if None in (whole, output, row.required):
        assert figures.value(of.ALLOWED, subject) is None
        return False
    allowed = whole * ((1 + output / 100) * (1 + row.required / 100) - 1)
    assert figures.value(of.ALLOWED, subject) == pytest.approx(allowed)
    return True


def test_shares_are_taken_at_the_growth_of_the_city(board):
    figures, facts, standings = board
    now, before = str(figures.period), str(figures.period.shift(-1))
    city = next(s for s, row in standings.items() if row.subject_kind == "city")
    base, output = facts[TCE, city, before, "tce"], facts["gdp", city, now, "%"]
    for subject in standings:
        level, past = facts[TCE, subject, now, "tce"], facts[TCE, subject, before, "tce"]
        share = (level / (1 + output / 100) - past) / base * 100
        assert figures.value(of.SHARE, subject) == pytest.approx(share)


def test_places_follow_the_gaps(board):
    figures, _, standings = board
    areas = {s: row.gap for s, row in standings.items() if row.subject_kind == "area"}
    known = sorted((round(gap, 9), s) for s, gap in areas.items() if gap is not None)
    places = figures.places(areas)
    assert set(places) == {s for _, s in known}
    for place, ((gap, subject), (later, follower)) in enumerate(pairwise(known), 1):
        assert places[subject][0] <= place
        assert (places[subject][0] == places[follower][0]) == (gap == later)
    assert {figures.value(of.RANKED, s) for s in places} == {len(known)}


def test_quarter_ends_are_the_last_ones():
    found = [str(one) for one in of.quarters(Period.parse("2024-01..07"), 4)]
    assert found == ["2023-01..09", "2023", "2024-01..03", "2024-01..06"]
