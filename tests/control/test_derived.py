"""What follows from a rate: increments, shares of the city's change, places; by hand beside it."""

import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dualcarbon.areas import load_areas, rest_of
from dualcarbon.control import formulas
from dualcarbon.control.derived import FORMULAS
from dualcarbon.control.explain import EXPLAINERS
from dualcarbon.editions import explain
from dualcarbon.errors import PackError
from dualcarbon.figures import load_indicators
from dualcarbon.packs import load_pack

ON = "2024-10-31"
NOW, BEFORE, YEAR = "2024-01..09", "2023-01..09", "2023"
CITY = "310000"
TARGETED = ("310101", "310104", "310112")  # whose five-year target of -13.5 % is published
AREAS = {"310101": (600.0, 610.0, 820.0), "310112": (2000.0, 1900.0, 2500.0)}


def fill(folder: Any) -> Any:
    """A city of sixteen districts; two are told apart, the others are alike."""
    districts = [area.code for area in _areas(folder)]
    rows: list[dict[str, Any]] = [
        *_levels("city", "city", 8000, 7900, 10500),
        {"indicator": "energy_intensity", "period": NOW, "value": -2.4},
        {"indicator": "energy_intensity", "period": BEFORE, "value": -3.1},
        {"indicator": "gdp", "period": NOW, "value": 5.0},
    ]
    for code in districts:
        area = {"subject_kind": "area", "subject": code}
        rows += _levels("area", code, *AREAS.get(code, (300.0, 310.0, 420.0)))
        rows += [{"indicator": "gdp", "period": NOW, "value": 4.0, **area}]
        rows += [
            {"indicator": "energy_intensity", "period": str(year), "value": -2.0, **area}
            for year in (2021, 2022, 2023)
        ]
        value = {"310101": -3.5, "310112": 1.0}.get(code, -2.0)
        rows += [{"indicator": "energy_intensity", "period": NOW, "value": value, **area}]
    return folder.write("statistics", *rows)


def _areas(folder: Any) -> Any:
    areas = load_areas(folder.pack)
    return [a for a in areas.children(CITY) if a.level == "district"]


def _levels(kind: str, code: str, now: float, before: float, year: float) -> list[dict[str, Any]]:
    amounts = {NOW: now, BEFORE: before, YEAR: year}
    return [
        {"indicator": "energy_total", "subject_kind": kind, "subject": code, "period": period,
         "value": value, "unit": "10^4 tce"}
        for period, value in amounts.items()
    ]  # fmt: skip


@pytest.fixture
def values(case: Any) -> dict[tuple[str, str], float]:
    frame = fill(case()).standings(ON).figures
    return {(row["indicator"], row["subject"]): row["value"] for row in frame.to_dicts()}


def test_amounts_of_the_city(values: Any) -> None:
    assert values["energy_to_date", CITY] == 80_000_000
    assert values["energy_increment", CITY] == 1_000_000
    assert values["energy_growth", CITY] == pytest.approx(100 / 79)
    # 10,500 x (1.05 x 0.97 - 1) = 10,500 x 0.0185 = 194.25 (10^4 tce)
    assert values["energy_increment_allowed", CITY] == pytest.approx(1_942_500)
    assert values["energy_increment_excess", CITY] == 0
    assert values["energy_intensity_year_before", CITY] == -3.1
    assert values["energy_intensity_step", CITY] == pytest.approx(0.7)


def test_beyond_the_allowed(values: Any) -> None:
    required = math.sqrt(0.865 / 0.98**3)  # what is left of -13.5 %, over two years
    allowed = 25_000_000 * (1.04 * required - 1)
    assert allowed < 0
    assert values["energy_increment", "310112"] == 1_000_000
    assert values["energy_increment_allowed", "310112"] == pytest.approx(allowed)
    assert values["energy_increment_excess", "310112"] == 1_000_000


def test_contributions_add_up_to_the_change_of_the_city(values: Any) -> None:
    shares = {s: v for (name, s), v in values.items() if name == "energy_intensity_contribution"}
    city = shares.pop(CITY)
    # (8000 / 1.05 - 7900) / 7900
    assert city == pytest.approx((8000 / 1.05 / 7900 - 1) * 100)
    assert rest_of(CITY) in shares
    assert math.fsum(shares.values()) == pytest.approx(city, abs=1e-12)
    # (2000 / 1.05 - 1900) / 7900
    assert shares["310112"] == pytest.approx((2000 / 1.05 - 1900) / 79)


def test_what_lies_in_no_district(values: Any) -> None:
    rest = rest_of(CITY)
    assert values["energy_to_date", rest] == pytest.approx((8000 - 2600 - 14 * 300) * 1e4)
    assert values["energy_increment", rest] == pytest.approx((100 - 90 + 14 * 10) * 1e4)
    assert ("energy_increment_allowed", rest) not in values


def test_places_count_districts_only(values: Any) -> None:
    ranks = {s: v for (name, s), v in values.items() if name == "energy_intensity_rank"}
    assert ranks == {"310101": 1, "310104": 2, "310112": 3}
    assert {values["energy_intensity_ranked", code] for code in TARGETED} == {3}
    assert {values["energy_intensity_tied", code] for code in TARGETED} == {1}


def test_progress_by_logarithms(values: Any) -> None:
    assert values["five_year_due", CITY] == 80
    found = {s: v for (name, s), v in values.items() if name == "five_year_progress"}
    assert set(found) == set(TARGETED)  # the city's yearly changes are not all known
    for code, last in (("310101", -3.5), ("310104", -2.0), ("310112", 1.0)):
        gone = 3 * math.log(0.98) + math.log(1 + last / 100)
        assert found[code] == pytest.approx(gone / math.log(0.865) * 100)


def test_a_sum_of_months_is_an_amount_too(case: Any) -> None:
    folder = case()
    rows = [
        {"indicator": "energy_total", "period": f"{year}-0{month}", "value": 100 + year - 2023,
         "unit": "10^4 tce", "basis": "month"}
        for year in (2023, 2024) for month in (1, 2, 3)
    ]  # fmt: skip
    rate = {"indicator": "energy_intensity", "period": "2024-01..03", "value": -2.4}
    frame = folder.write("statistics", *rows, rate).standings("2024-05-01").figures
    found = {row["indicator"]: row["value"] for row in frame.to_dicts()}
    assert found["energy_to_date"] == 3_030_000
    assert found["energy_increment"] == 30_000
    assert "energy_increment_allowed" not in found  # neither last year nor GDP is known


def test_every_formula_is_explained_down_to_cells(case: Any, tmp_path: Path) -> None:
    edition = fill(case()).standings(ON).freeze(tmp_path / "store")
    seen = set()
    for index, row in enumerate(edition.table("figures").to_dicts()):
        if row["subject"] not in (CITY, "310112", rest_of(CITY)):
            continue
        code = f"{edition.id}:figures:{index}"
        answer = explain(code, tmp_path / "store", EXPLAINERS)
        assert answer.equal, row
        assert answer.value == answer.recomputed == row["value"]
        if row["indicator"].startswith(("energy_in", "energy_g", "energy_to", "five")):
            assert answer.about["subject"] == row["subject"]
        seen.add(row["indicator"])
    assert len(seen) >= 10


def test_a_rank_names_the_standings_it_compares(case: Any, tmp_path: Path) -> None:
    edition = fill(case()).standings(ON).freeze(tmp_path / "store")
    index = next(
        index
        for index, row in enumerate(edition.table("figures").to_dicts())
        if row["indicator"] == "energy_intensity_rank" and row["subject"] == "310112"
    )
    answer = explain(f"{edition.id}:figures:{index}", tmp_path / "store", EXPLAINERS)
    codes = [term.code for term in answer.inputs if term.code]
    assert (answer.value, len(codes)) == (3, 3)
    gaps = [explain(code, tmp_path / "store", EXPLAINERS).about for code in codes]
    assert [gap["subject"] for gap in gaps] == list(TARGETED)


def test_figures_have_one_row_a_key(case: Any) -> None:
    from dualcarbon.figures import FIGURES

    frame = fill(case()).standings(ON).figures
    assert not frame.select(FIGURES.key).is_duplicated().any()


def test_one_subject_alone_has_no_place(case: Any) -> None:
    frame = fill(case()).standings(ON, subject="310112").figures
    assert not set(frame["indicator"]) & {"energy_intensity_rank", "energy_to_date"}


@given(
    st.lists(
        st.tuples(st.floats(0, 1e6), st.floats(1, 1e6)),
        min_size=1, max_size=12,
    ),
    st.floats(-50, 50),
)  # fmt: skip
def test_parts_always_add_up(parts: list[tuple[float, float]], output: float) -> None:
    now, before = (math.fsum(column) for column in zip(*parts, strict=True))
    whole = formulas.contribution(now, before, before, output)
    shares = [formulas.contribution(a, b, before, output) for a, b in parts]
    assert math.fsum(s for s in shares if s is not None) == pytest.approx(whole, rel=1e-9, abs=1e-9)
    assert whole == pytest.approx(formulas.change_of_ratio((now / before - 1) * 100, output))


@given(st.lists(st.integers(-5, 5), min_size=1, max_size=20))
def test_places_are_those_of_a_sorted_list(gaps: list[int]) -> None:
    for gap in gaps:
        assert formulas.rank(gap, *gaps) == sorted(gaps).index(gap) + 1
        assert formulas.tied(gap, *gaps) == gaps.count(gap)


def test_no_contribution_to_nothing() -> None:
    assert formulas.contribution(1, 1, 0, 5) is None
    assert formulas.contribution(1, 1, 10, -100) is None


def test_every_indicator_names_a_formula_that_exists() -> None:
    wanted = [e.formula for e in load_indicators(load_pack("demo")).values() if e.formula]
    assert sorted(wanted) == sorted(FORMULAS)


@pytest.mark.parametrize("ends", ["formula: growth, of: gdp", "formula: growth, of: x",
                                  "formula: growth", "of: energy_intensity"])  # fmt: skip
def test_a_formula_needs_a_ratio(tmp_path: Path, ends: str) -> None:
    with pytest.raises(PackError):
        load_indicators(load_pack("mine", (_pack(tmp_path, ends),)))


def test_a_formula_that_nobody_has(case: Any, tmp_path: Path) -> None:
    search = _pack(tmp_path, "formula: magic, of: energy_intensity")
    (search / "mine/notices").mkdir()
    notice = "{id: mine-2024, extends: shanghai-2024}"
    (search / "mine/notices/2024.yaml").write_text(notice, encoding="utf-8")
    with pytest.raises(PackError, match="magic"):
        case("mine-2024", [search]).standings(ON)


def _pack(folder: Path, ends: str) -> Path:
    (folder / "mine").mkdir()
    text = "{id: mine, name_zh: 甲, name_en: Mine, extends: shanghai, kind: city, area: '310000'}"
    (folder / "mine/pack.yaml").write_text(text, encoding="utf-8")
    entry = "- {id: mine, name_zh: 甲, name_en: M, unit: '%', better: lower, kind: change, "
    (folder / "mine/indicators.yaml").write_text(f"{entry}{ends}}}\n", encoding="utf-8")
    return folder
