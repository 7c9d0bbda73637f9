"""Decompositions of tables: nested, chained, scaled, reordered; and the published sectoral CO2."""

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.accounting.drivers_cases import FULL, city, lmdi, run, sums, table, whole, write

from dualcarbon.accounting.drivers_answer import payload, waterfall
from dualcarbon.errors import InputError

LEAVES = [("C", "coal"), ("C", "gas"), ("D", "coal"), ("S", "gas")]
VALUES = st.tuples(st.floats(1, 1e4), st.floats(1e-2, 1e4), st.floats(1e-2, 1e4))
YEAR = st.tuples(*(VALUES for _ in LEAVES)).map(lambda v: dict(zip(LEAVES, v, strict=True)))
ONCE = settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
TWO = {
    "2020": {
        ("C", "coal"): (100, 60, 150),
        ("C", "gas"): (100, 20, 32),
        ("S", "gas"): (300, 30, 48),
    },
    "2024": {
        ("C", "coal"): (120, 45, 110),
        ("C", "gas"): (120, 30, 46),
        ("S", "gas"): (480, 40, 62),
    },
}


def factors(leaves):
    """The five factors of every leaf, by hand; the value added of an industry is its first."""
    first = {}
    for (industry, _), values in leaves.items():
        first.setdefault(industry, values[0])
    whole_added = sum(first.values())
    energy = {i: sum(v[1] for (j, _), v in leaves.items() if j == i) for i in first}
    return [
        [
            whole_added,
            first[i] / whole_added,
            energy[i] / first[i],
            values[1] / energy[i],
            values[2] / values[1],
        ]
        for (i, _), values in leaves.items()
    ]


@ONCE
@given(YEAR, YEAR)
def test_a_table_gives_what_the_formula_gives(tmp_path, one, other):
    drivers = run(write(tmp_path / "t.csv", city({"2020": one, "2024": other})))
    exact = [float(x) for x in sums(lmdi(factors(one), factors(other)))]
    scale = max(drivers.links[0].start[0], drivers.links[0].end[0])
    found = list(whole(drivers).values())
    assert found == pytest.approx(exact, rel=1e-11, abs=1e-12 * scale)


@ONCE
@given(YEAR, YEAR, YEAR, st.randoms())
def test_parts_nest_and_links_chain(tmp_path, a, b, c, random):
    rows = city({"2020": a, "2021": b, "2022": c})
    drivers = run(write(tmp_path / "t.csv", rows), chain=True)
    chain, direct, *steps = drivers.links
    assert [(x.before, x.after) for x in steps] == [("2020", "2021"), ("2021", "2022")]
    for link in drivers.links:
        assert abs(link.residual("additive")) <= 1e-12
        assert abs(link.residual("multiplicative")) <= 1e-12
        for node in range(len(drivers.tree.nodes)):
            children = list(drivers.tree.children(node))
            if children:
                below = [math.fsum(column) for column in link.added[children].T]
                assert link.added[node].tolist() == below
                product = np.prod(link.nested[children], axis=0)
                assert link.nested[node] == pytest.approx(product, rel=1e-11)
            own = math.prod(link.own[node])
            assert own == pytest.approx(link.end[node] / link.start[node], rel=1e-11)
    scale = max(chain.start[0], steps[0].end[0], chain.end[0])
    added = steps[0].added + steps[1].added
    assert chain.added == pytest.approx(added, rel=1e-11, abs=1e-13 * scale)
    assert chain.nested == pytest.approx(steps[0].nested * steps[1].nested, rel=1e-13)
    assert direct.change == chain.change
    random.shuffle(rows)
    again = run(write(tmp_path / "u.csv", rows), chain=True)
    assert again.frame().equals(drivers.frame())


@ONCE
@given(YEAR, YEAR)
def test_time_reversal_and_other_orders_of_keys_and_factors(tmp_path, one, other):
    path = write(tmp_path / "t.csv", city({"2020": one, "2024": other}))
    back = write(tmp_path / "b.csv", city({"2020": other, "2024": one}))
    forth = whole(run(path))
    scale = 1e-12 * sum(v[2] for year in (one, other) for v in year.values())
    assert whole(run(back)) == pytest.approx({k: -v for k, v in forth.items()}, abs=scale)
    turned = run(path, by=("carrier", "industry"))
    assert whole(turned) == pytest.approx(forth, abs=scale)
    moved = run(path, ", ".join(reversed(FULL.split(", "))))
    assert whole(moved) == pytest.approx(forth, abs=scale)


def test_other_units_give_the_same_effects(tmp_path):
    path = write(tmp_path / "t.csv", city(TWO))
    text = path.read_text(encoding="utf-8")
    assert text.count("10^4 tCO2") == 6
    other = tmp_path / "u.csv"
    lines = [
        line.replace("10^4 tCO2", "MtCO2").replace(",150,", ",1.5,").replace(",110,", ",1.1,")
        if line.endswith((",150,10^4 tCO2", ",110,10^4 tCO2"))
        else line
        for line in text.splitlines()
    ]
    other.write_text("\n".join(lines), encoding="utf-8")
    assert "MtCO2" in other.read_text(encoding="utf-8")
    drivers = run(other)
    assert drivers.unit == "10^4 tCO2"
    assert whole(drivers) == pytest.approx(whole(run(path)), rel=1e-14)


def test_a_key_that_no_bracket_names_divides_every_level(tmp_path):
    """Two areas, each decomposed on its own: the whole is their sum, not a third decomposition."""
    parts, rows = [], []
    for area, size in (("甲", 1), ("乙", 3)):
        mine = {
            y: {k: (v[0] + 200 * size, v[1], size * v[2]) for k, v in leaves.items()}
            for y, leaves in TWO.items()
        }
        parts.append(whole(run(write(tmp_path / f"{area}.csv", city(mine)))))
        rows += [(row[0], area, *row[1:]) for row in city(mine)]
    path = write(tmp_path / "both.csv", rows, ("area", "industry", "carrier"))
    drivers = run(path, by=("area", "industry", "carrier"))
    assert whole(drivers) == pytest.approx({k: parts[0][k] + parts[1][k] for k in parts[0]})
    assert drivers.tree.nodes[1:3] == (("乙",), ("甲",))
    together = run(path)
    assert set(whole(together)) == set(parts[0])
    assert together.fitted.by == ("industry", "carrier")
    assert whole(together)["structure"] != pytest.approx(whole(drivers)["structure"])


def test_a_level_at_a_coarser_cut_is_the_sum_of_its_rows(tmp_path):
    """Ratio of sums: energy by industry is the sum over carriers, never a mean."""
    path = write(tmp_path / "t.csv", city(TWO))
    drivers = run(path, "energy[], co2[]/energy[]", by=())
    assert drivers.tree.nodes == ((),)
    ratio = (218 / 115) / (230 / 110)
    mean = (218 - 230) / math.log(218 / 230)
    assert whole(drivers)["co2[]/energy[]"] == pytest.approx(mean * math.log(ratio), rel=1e-12)


def test_the_worked_number_of_the_method_page(tmp_path):
    rows = [
        *(("2020", "C", "va", 100), ("2020", "S", "va", 300)),
        *(("2024", "C", "va", 120), ("2024", "S", "va", 480)),
        *(("2020", "C", "energy", 60), ("2020", "S", "energy", 30)),
        *(("2024", "C", "energy", 45), ("2024", "S", "energy", 40)),
    ]
    path = write(tmp_path / "t.csv", rows, ("industry",))
    drivers = run(path, "a: va[], s: va[industry]/va[], i: energy[industry]/va[industry]")
    assert whole(drivers) == pytest.approx({"a": 35.236, "s": -9.392, "i": -30.844}, abs=6e-4)
    times = drivers.links[0].nested[0]
    assert times == pytest.approx([1.49601, 0.89820, 0.70286], abs=6e-6)
    assert drivers.links[0].own[1] == pytest.approx([1.5, 0.8, 0.625], rel=1e-14)


def test_an_industry_that_appears_is_structure(tmp_path):
    years = {year: dict(leaves) for year, leaves in TWO.items()}
    years["2020"][("N", "power")] = (0, 0, 0)
    years["2024"][("N", "power")] = (50, 8, 40)
    drivers = run(write(tmp_path / "t.csv", city(years)))
    mine = table(drivers, form="additive", depth=2, industry="N")
    assert dict(mine.select("factor", "value").iter_rows()) == {
        "activity": 0,
        "structure": 40,
        "intensity": 0,
        "mix": 0,
        "factor": 0,
    }
    times = table(drivers, form="multiplicative", depth=2, industry="N")
    assert times["own"].null_count() == 5
    assert abs(drivers.links[0].residual("additive")) <= 1e-12


def test_a_total_that_is_zero_at_one_end_has_no_multipliers(tmp_path):
    rows = [("2020", "energy", 0), ("2020", "co2", 0), ("2021", "energy", 3), ("2021", "co2", 6)]
    drivers = run(write(tmp_path / "t.csv", rows, ()), "energy, co2/energy")
    assert whole(drivers) == {"energy": 6, "co2/energy": 0}
    assert [f.rule for f in drivers.findings] == ["accounting.drivers_no_ratio"]
    link = payload(drivers)["links"][1]
    assert (link["ratio"], link["residual"]) == (None, None)
    assert [effect["value"] for effect in link["effects"]] == [None, None]


def test_shares_add_up_and_are_absent_when_nothing_changed(tmp_path):
    drivers = run(write(tmp_path / "t.csv", city(TWO)))
    for form in ("additive", "multiplicative"):
        whole_rows = table(drivers, form=form, depth=0)
        assert whole_rows["share_of_change"].sum() == pytest.approx(1, rel=1e-11)
        assert table(drivers, form=form, depth=2)["share_of_change"].sum() == pytest.approx(1)
    still = run(write(tmp_path / "s.csv", city({"2020": TWO["2020"], "2021": TWO["2020"]})))
    assert still.frame()["share_of_change"].null_count() == still.frame().height
    assert (table(still, form="additive")["value"] == 0).all()
    assert (table(still, form="multiplicative")["value"] == 1).all()


@pytest.mark.parametrize("chain", [True, False])
def test_the_bars_of_the_waterfall_join(tmp_path, chain):
    years = {**TWO, "2023": TWO["2020"]}
    drivers = run(write(tmp_path / "t.csv", city(years)), chain=chain)
    first, *bars, last = waterfall(drivers)
    assert (first["start"], first["end"], first["label_zh"]) == (0, 230, "2020年co2")
    assert (last["start"], last["end"]) == (0, 218)
    ends = [first["end"], *(bar["end"] for bar in bars)]
    assert [bar["start"] for bar in bars] == ends[:-1]
    assert ends[-1] == last["end"]
    for bar in bars:
        assert bar["end"] - bar["start"] == pytest.approx(bar["value"], abs=1e-10)
    assert [bar["factor"] for bar in bars] == list(whole(drivers))


@pytest.fixture(scope="module")
def sectors(shared, tmp_path_factory):
    """Shanghai 1997-2009 as published, without the rows and columns that are totals."""
    source = shared / "data" / "ceads_shanghai_1997_2009_sectoral_co2.csv"
    frame = pl.read_csv(source, comment_prefix="#")
    parts = frame.filter(~pl.col("sector").is_in(["Total Consumption"]))
    parts = parts.filter(~pl.col("fuel").is_in(["Scope 1 Total", "Process"]))
    rows = parts.select("year", "sector", "fuel", pl.lit("co2").alias("level"), "MtCO2")
    rows = rows.rename({"year": "period", "MtCO2": "value"}).with_columns(unit=pl.lit("MtCO2"))
    path = tmp_path_factory.mktemp("ceads") / "shanghai.csv"
    rows.write_csv(path)
    totals = dict(parts.group_by("year").agg(pl.col("MtCO2").sum()).iter_rows())
    printed = frame.filter(pl.col("sector") == "Total Consumption", pl.col("fuel") == "Raw Coal")
    return path, totals, printed


STRUCTURE = "activity: co2[], structure: co2[sector]/co2[], mix: co2[sector,fuel]/co2[sector]"


def test_thirteen_years_of_a_real_city_close(sectors):
    path, totals, _ = sectors
    drivers = run(path, STRUCTURE, chain=True, absent_zero=True)
    assert [link.kind for link in drivers.links] == ["chain", "direct", *["step"] * 12]
    for link in drivers.links:
        assert link.change == pytest.approx(
            totals[int(link.after)] - totals[int(link.before)], rel=1e-11
        )
        assert abs(link.residual("additive")) <= 1e-12
        assert abs(link.residual("multiplicative")) <= 1e-12
        # shares of a whole: what one gains others lose, so that structure nearly cancels
        assert link.added[0][0] == pytest.approx(link.change, abs=0.1 * link.end[0])
    zero = next(f for f in drivers.findings if f.rule == "accounting.drivers_zero")
    assert zero.found > 0
    assert np.isfinite(drivers.links[0].added).all()


def test_the_real_parts_are_those_printed(sectors):
    path, _, printed = sectors
    drivers = run(path, STRUCTURE, by=("fuel", "sector"), chain=True, absent_zero=True)
    coal = drivers.tree.nodes.index(("Raw Coal",))
    first, last = (printed.filter(pl.col("year") == y)["MtCO2"][0] for y in (1997, 2009))
    link = drivers.links[0]
    assert link.start[coal] == pytest.approx(first, rel=1e-3)
    assert link.end[coal] == pytest.approx(last, rel=1e-3)
    assert math.fsum(link.added[coal]) == pytest.approx(last - first, rel=2e-2)


def test_the_real_table_without_the_declaration_is_refused(sectors):
    path, *_ = sectors
    with pytest.raises(InputError) as caught:
        run(path, STRUCTURE)
    rules = {item.rule for item in caught.value.findings}
    assert rules == {"accounting.drivers_missing", "accounting.drivers_more"}
