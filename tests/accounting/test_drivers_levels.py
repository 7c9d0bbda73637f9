"""Reading levels and identities: both shapes, cuts, units, gaps, and everything that is refused."""

import polars as pl
import pytest
from tests.accounting.drivers_cases import FULL, city, run, whole, write

from dualcarbon.accounting.drivers_identity import load_identity, parse_identity, read_keys
from dualcarbon.errors import DualcarbonError, InputError, PackError, UsageError
from dualcarbon.packs import load_pack

SMALL = "energy, co2/energy"
ROWS = [
    ("2020", "C", "coal", "energy", 10),
    ("2020", "C", "coal", "co2", 25),
    ("2020", "D", "gas", "energy", 20),
    ("2020", "D", "gas", "co2", 40),
    ("2021", "C", "coal", "energy", 12),
    ("2021", "C", "coal", "co2", 29),
    ("2021", "D", "gas", "energy", 18),
    ("2021", "D", "gas", "co2", 35),
    ("2022", "C", "coal", "energy", 11),
    ("2022", "C", "coal", "co2", 27),
    ("2022", "D", "gas", "energy", 19),
    ("2022", "D", "gas", "co2", 33),
]


def changed(old, new):
    return [new if row == old else row for row in ROWS if new is not None or row != old]


def refusal(path, text=SMALL, **options):
    with pytest.raises(DualcarbonError) as caught:
        run(path, text, **options)
    return caught.value.findings


def rules(findings):
    return [item.rule.removeprefix("accounting.") for item in findings]


def test_a_wide_table_gives_what_the_long_one_gives(tmp_path):
    lines = ["期间,行业,能源品种,energy [万吨标准煤],CO2 (10^4 tCO2),jobs [count],note"]
    for energy, co2 in zip(ROWS[::2], ROWS[1::2], strict=True):
        lines.append(f"{energy[0]},{energy[1]},{energy[2]},{energy[4]},{co2[4]},7,text")
    path = tmp_path / "wide.csv"
    path.write_text("\n".join(lines), encoding="gb18030")
    wide = run(path, "energy, CO2/energy", chain=True)
    long = run(write(tmp_path / "long.csv", ROWS), SMALL, chain=True)
    assert list(whole(wide).values()) == list(whole(long).values())
    assert [(f.rule, f.found) for f in wide.findings] == [("tables.column_unknown", "note")]


def test_a_workbook_and_parquet_give_the_same(tmp_path):
    path = write(tmp_path / "t.csv", ROWS)
    frame = pl.read_csv(path)
    frame.write_parquet(tmp_path / "t.parquet")
    frame.write_excel(tmp_path / "t.xlsx")
    wanted = whole(run(path, SMALL))
    for name in ("t.parquet", "t.xlsx"):
        assert whole(run(tmp_path / name, SMALL)) == wanted


def test_a_wide_table_holds_levels_of_several_cuts(tmp_path):
    """Beside the keys of energy the cell of population is empty: a gap of the layout, no value."""
    path = tmp_path / "wide.csv"
    path.write_text(
        "period,industry,population [万人],energy [tce]\n"
        "2020,,10,\n2020,C,,5\n2020,D,,7\n2021,,11,\n2021,C,,6\n2021,D,,7\n",
        encoding="utf-8",
    )
    drivers = run(path, "population, energy/population")
    assert drivers.fitted.by == ("industry",)
    assert sum(whole(drivers).values()) == pytest.approx(1)


def test_a_level_lives_at_its_own_cut(tmp_path):
    rows = [("2020", None, None, "population", 5), ("2022", None, None, "population", 6), *ROWS]
    drivers = run(write(tmp_path / "t.csv", rows), "population, energy/population, co2/energy")
    keys = {factor.ratio: factor.above.keys for factor in drivers.fitted.factors}
    assert keys == {
        "population[]": (),
        "energy[industry,carrier]/population[]": ("industry", "carrier"),
        "co2[industry,carrier]/energy[industry,carrier]": ("industry", "carrier"),
    }
    assert run(write(tmp_path / "u.csv", rows), SMALL, by=("carrier",)).tree.nodes == (
        (),
        ("coal",),
        ("gas",),
    )


def test_an_empty_value_refuses_its_period(tmp_path):
    path = write(tmp_path / "t.csv", changed(ROWS[2], (*ROWS[2][:4], None)))
    found = refusal(path)
    assert rules(found) == ["drivers_empty"]
    assert str(found[0].place) == "t.csv!!E4"
    assert rules(refusal(path, absent_zero=True)) == ["drivers_empty"]
    assert whole(run(path, SMALL, first="2021"))


def test_a_missing_row_refuses_its_period_and_the_chain_spans_it(tmp_path):
    path = write(tmp_path / "t.csv", changed(ROWS[4], None))
    drivers = run(path, SMALL, chain=True)
    assert rules(drivers.findings) == ["drivers_missing", "drivers_gap"]
    assert "industry=C, carrier=coal" in drivers.findings[0].message_en
    assert [(x.before, x.after) for x in drivers.links[2:]] == [("2020", "2022")]
    assert rules(refusal(path, last="2021"))[0] == "drivers_missing"


def test_an_absent_row_is_zero_only_when_declared(tmp_path):
    path = write(tmp_path / "t.csv", [row for row in ROWS if row[:2] != ("2022", "C")])
    assert rules(refusal(path)) == ["drivers_missing", "drivers_missing"]
    drivers = run(path, SMALL, absent_zero=True)
    assert rules(drivers.findings) == ["drivers_zero"]
    assert drivers.findings[0].found == 2
    assert drivers.links[0].end[0] == 33


def test_a_period_without_any_row_of_a_level_is_never_zero(tmp_path):
    path = write(tmp_path / "t.csv", [r for r in ROWS if (r[0], r[3]) != ("2022", "energy")])
    assert "drivers_missing" in rules(refusal(path, absent_zero=True))


def test_a_row_that_cannot_be_read_is_never_zero(tmp_path):
    path = write(tmp_path / "t.csv", changed(ROWS[2], (*ROWS[2][:4], "n/a")))
    found = refusal(path, absent_zero=True)
    assert [(f.rule, str(f.place)) for f in found] == [("tables.not_number", "t.csv!!E4")]
    assert rules(refusal(path)) == ["drivers_missing"]


def test_a_year_that_is_missing_is_said(tmp_path):
    path = write(tmp_path / "t.csv", [row for row in ROWS if row[0] != "2021"])
    drivers = run(path, SMALL, chain=True)
    assert [(f.rule, f.found) for f in drivers.findings] == [("accounting.drivers_gap", "2021")]
    assert not run(path, SMALL).findings


@pytest.mark.parametrize(
    ("value", "rule"),
    [(-3, "drivers_negative"), ("1e300", "drivers_range"), ("1e-300", "drivers_range")],
)
def test_values_without_a_logarithm_are_refused_with_their_cell(tmp_path, value, rule):
    found = refusal(write(tmp_path / "t.csv", changed(ROWS[0], (*ROWS[0][:4], value))))
    assert rules(found) == [rule]
    assert str(found[0].place) == "t.csv!!E2"


def test_a_ratio_over_zero_is_refused(tmp_path):
    found = refusal(write(tmp_path / "t.csv", changed(ROWS[0], (*ROWS[0][:4], 0))))
    assert rules(found) == ["drivers_infinite"]
    assert "industry=C, carrier=coal of 2020" in found[0].message_en
    assert str(found[0].place) == "t.csv!!E3"


def test_an_industry_without_its_target_or_its_output_is_refused(tmp_path):
    rows = city({"2020": {("C", "x"): (5, 2, 3)}, "2021": {("C", "x"): (6, 2, 3)}})
    extra = [("2020", "D", None, "va", 4), ("2021", "D", None, "va", 5)]
    found = refusal(write(tmp_path / "t.csv", [*rows, *extra]), FULL)
    assert {f.found for f in found} == {"co2"}
    lost = [row for row in [*rows, *extra] if row[3] != "va" or row[1] != "C"]
    assert {f.found for f in refusal(write(tmp_path / "u.csv", lost), FULL)} == {"va", "co2"}


def test_months_quarters_and_years_to_date(tmp_path):
    for texts in (
        ("2023-11", "2023-12", "2024-01"),
        ("2023-Q3", "2023-Q4", "2024-Q1"),
        ("2022-01..06", "2023-01..06", "2024-01..06"),
    ):
        names = dict(zip(("2020", "2021", "2022"), texts, strict=True))
        rows = [(names[row[0]], *row[1:]) for row in ROWS]
        drivers = run(write(tmp_path / "t.csv", rows), SMALL, chain=True)
        assert not drivers.findings
        assert [x.after for x in drivers.links[2:]] == list(texts[1:])
        assert list(whole(drivers)) == ["energy", "co2/energy"]


@pytest.mark.parametrize(
    "options",
    [
        {"first": "2019"},
        {"first": "2022", "last": "2020"},
        {"first": "2021", "last": "2021"},
        {"last": "2022-06"},
        {},
    ],
)
def test_periods_of_two_kinds_or_out_of_order_are_refused(tmp_path, options):
    rows = [*ROWS, *[("2022-06", *row[1:]) for row in ROWS[:4]]]
    assert rules(refusal(write(tmp_path / "t.csv", rows), **options)) == ["drivers_periods"]


def test_two_cuts_of_one_level_are_refused(tmp_path):
    rows = [*ROWS, ("2020", None, None, "co2", 65)]
    found = refusal(write(tmp_path / "t.csv", rows))
    assert rules(found) == ["drivers_two_cuts"]
    assert "industry, carrier" in found[0].message_en


def test_units_that_measure_something_else_are_refused(tmp_path):
    path = write(tmp_path / "t.csv", ROWS)
    text = path.read_text(encoding="utf-8").replace("25,10^4 tCO2", "25,10^4 tCO2e")
    path.write_text(text, encoding="utf-8")
    assert rules(refusal(path)) == ["drivers_unit"]


@pytest.mark.parametrize(
    ("header", "rule"),
    [
        ("period,energy,co2 [t]", "drivers_no_unit"),
        ("period,energy [stone],co2 [t]", "units.unknown"),
        ("period,energy [t],co2 [t],energy (kg)", "tables.column_twice"),
        ("period,energy [t]", "drivers_no_level"),
        ("year,level,value", "tables.column_missing"),
    ],
)
def test_headers_that_do_not_say_enough(tmp_path, header, rule):
    path = tmp_path / "t.csv"
    row = ",".join(["2020", *["1"] * header.count(",")])
    path.write_text(f"{header}\n{row}\n", encoding="utf-8")
    assert rule in rules(refusal(path))


def test_a_level_that_is_not_there_and_a_table_without_rows(tmp_path):
    path = write(tmp_path / "t.csv", ROWS)
    found = refusal(path, "population, energy/population")
    assert rules(found) == ["drivers_no_level"]
    assert found[0].found == "population"
    assert set(rules(refusal(write(tmp_path / "e.csv", [])))) == {"drivers_no_level"}


@pytest.mark.parametrize(
    ("text", "product"),
    [
        ("energy, energy/co2", "energy[industry,carrier] * energy[industry,carrier] / (co2"),
        ("energy/co2, co2/energy", "1"),
        ("energy, co2", "energy[industry,carrier] * co2[industry,carrier]"),
        ("energy[industry], co2[industry,carrier]/energy[]", "energy[industry] * co2"),
    ],
)
def test_an_identity_that_does_not_telescope_is_told_its_product(tmp_path, text, product):
    found = refusal(write(tmp_path / "t.csv", ROWS), text, by=("industry", "carrier"))
    assert rules(found) == ["drivers_not_telescoping"]
    assert product in found[0].found


@pytest.mark.parametrize(
    ("text", "by", "rule"),
    [
        ("energy[area], co2[area]/energy[area]", None, "drivers_undivided"),
        (SMALL, ("area",), "drivers_cut"),
        (
            "energy[industry,carrier], co2[industry]/energy[industry,carrier]",
            ("industry", "carrier"),
            "drivers_cut",
        ),
    ],
)
def test_cuts_that_do_not_fit(tmp_path, text, by, rule):
    assert rules(refusal(write(tmp_path / "t.csv", ROWS), text, by=by)) == [rule]


@pytest.mark.parametrize(
    "text",
    [
        *("", "a,", "a//b", "a/b/c", ":a", "a:b:c", "a[b", "a[b,b]", "a[,b]", "a, a", "a b/c"),
        *("x: a, x: b/a", "period, co2/period", "co2[co2]"),
        ", ".join(f"a{i}" for i in range(40)),
    ],
)
def test_texts_that_are_no_identity(text):
    with pytest.raises(UsageError) as caught:
        parse_identity(text)
    assert rules(caught.value.findings) == ["drivers_expression"]


def test_keys_have_one_name_and_no_reserved_one(tmp_path):
    assert read_keys("行业， carrier,行业,") == ("industry", "carrier")
    assert parse_identity("co2[地区]").text == "co2[area]: co2[area]"
    for text in ("period", "area,value", "from"):
        with pytest.raises(UsageError, match="key"):
            read_keys(text)


def test_a_target_without_rows_in_the_periods_asked_for(tmp_path):
    rows = [(year, None, None, "population", 5) for year in ("2018", "2019")]
    path = write(tmp_path / "t.csv", [*rows, *(row for row in ROWS if row[3] == "co2")])
    found = refusal(path, "population, co2/population", first="2018", last="2019")
    assert [(f.rule, f.found) for f in found] == [("accounting.drivers_missing", "co2")]


def test_full_width_signs_and_names_are_read():
    identity = load_identity(
        load_pack("china"), "规模：增加值［］，强度：能耗［industry］／增加值［］"
    )
    assert identity.text == "activity: value_added[], intensity: energy[industry]/value_added[]"
    assert [factor.name_en for factor in identity.factors] == [
        "Activity effect",
        "Intensity effect",
    ]
    assert parse_identity(identity.text).text == identity.text


def test_every_named_identity_telescopes():
    from dualcarbon.accounting.drivers_identity import target_of

    pack = load_pack("china")
    entries = pack.load_list("drivers/identities.yaml", "id")
    targets = {e["id"]: target_of(load_identity(pack, e["id"]).factors) for e in entries}
    assert {name: ref.level for name, ref in targets.items()} == {
        "kaya_energy": "energy",
        "kaya_co2": "co2",
        "gdp_energy": "energy",
        "gdp_co2": "co2",
        "area_energy": "energy",
        "area_co2": "co2",
        "structure_intensity": "energy",
        "industry_carrier_co2": "co2",
        "area_industry_carrier_co2": "co2",
    }
    with pytest.raises(UsageError, match="kaya_co2"):
        load_identity(pack, "kaya")


def test_a_pack_adds_identities_and_a_wrong_one_names_its_file(tmp_path):
    folder = tmp_path / "town"
    (folder / "drivers").mkdir(parents=True)
    (folder / "pack.yaml").write_text(
        "{id: town, name_zh: 某市, name_en: Town, kind: city, extends: china}", encoding="utf-8"
    )
    (folder / "drivers" / "identities.yaml").write_text(
        '[{id: power, name_zh: 电力, name_en: Power, factors: ["gdp", "electricity/gdp"]},'
        ' {id: bad, name_zh: 错, name_en: Bad, factors: ["a//b"]}]',
        encoding="utf-8",
    )
    pack = load_pack(folder)
    assert load_identity(pack, "power").text == "gdp: gdp, electricity/gdp: electricity/gdp"
    with pytest.raises(PackError) as caught:
        load_identity(pack, "bad")
    assert caught.value.findings[0].place.file.endswith("identities.yaml")


def test_a_file_that_is_no_table(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes(b"\x00\x01")
    with pytest.raises(InputError):
        run(path, SMALL)
