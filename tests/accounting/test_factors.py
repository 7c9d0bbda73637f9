"""Factor files: every fault is an error with its cell; lines and rows mean what they say."""

import pytest

from dualcarbon.accounting.counted import load_scope
from dualcarbon.accounting.factors import read_factor_file
from dualcarbon.errors import InputError


@pytest.fixture
def read(tools, factor_file):
    def reading(*lines):
        scope = load_scope(tools.layout)
        path = factor_file(*lines)
        return read_factor_file(path, tools.layout, tools.carriers, scope.nameable())

    return reading


@pytest.mark.parametrize("carrier", ["raw_coal", "原煤", "Raw Coal", "raw coal", " 原煤 "])
def test_carriers_by_code_chinese_or_english_name(read, carrier):
    assert list(read(f"{carrier},,2,tCO2/t").lines) == ["raw_coal"]


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        ("22;25", (22, 25)),
        ("22；25", (22, 25)),
        ("22 25", (22, 25)),
        ("22;25-27", (22, 25, 26, 27)),
        ("12..13", (12, 13)),
        ("工业；建筑业", (23, 25)),
        ("Industry; Construction", (23, 25)),
        ('"Transport, Storage and Post;31"', (26, 31)),
        ("28", (28, 29, 30)),
        ("24", (24,)),
    ],
)
def test_rows_by_number_range_and_name(read, rows, wanted):
    assert read(f"diesel,{rows},2,tCO2/t").lines["diesel"][0].rows == wanted


def test_blank_rows_are_the_rest(read):
    file = read("diesel,22;25,2,tCO2/t", "diesel,,3,tCO2/t", "diesel,23,4,tCO2/t")
    values = {row: file.line("diesel", row, {24: 23}).value for row in (12, 22, 23, 24, 25, 31)}
    assert values == {12: 3, 22: 2, 23: 4, 24: 4, 25: 2, 31: 3}


def test_the_rows_column_may_be_missing(tools, tmp_path):
    path = tmp_path / "factors.csv"
    path.write_text("品种,排放因子,单位\n柴油,3.1,tCO2/t\n", encoding="gb18030")
    scope = load_scope(tools.layout)
    file = read_factor_file(path, tools.layout, tools.carriers, scope.nameable())
    assert file.line("diesel", 26, {}).value == 3.1


@pytest.mark.parametrize(
    ("line", "rule", "cell"),
    [
        ("soda,,2,tCO2/t", "tables.not_in_vocabulary", "A2"),
        ("diesel,99,2,tCO2/t", "accounting.factor_rows", "B2"),
        ("diesel,20,2,tCO2/t", "accounting.factor_rows", "B2"),
        ("diesel,21-soda,2,tCO2/t", "accounting.factor_rows", "B2"),
        ("diesel,1-5,2,tCO2/t", "accounting.factor_rows", "B2"),
        ("diesel,,NaN,tCO2/t", "tables.not_number", "C2"),
        ("diesel,,,tCO2/t", "tables.cell_empty", "C2"),
        ("diesel,,1e300,tCO2/t", "accounting.factor_value", "C2"),
        ("diesel,,-1,tCO2/t", "accounting.factor_value", "C2"),
        ("diesel,,2,tCO2/furlong", "tables.not_unit", "D2"),
        ("diesel,,2,tCO2/10^4 m3", "accounting.factor_unit", "D2"),
        ("diesel,,2,tCO2e/t", "accounting.factor_unit", "D2"),
        ("diesel,,2,t/t", "accounting.factor_unit", "D2"),
        ("natural_gas,,2,tCO2/t", "accounting.factor_unit", "D2"),
    ],
)
def test_every_fault_is_an_error_with_its_cell(read, line, rule, cell):
    with pytest.raises(InputError) as refused:
        read(line, "gasoline,,3,tCO2/t")
    found = [(item.rule, item.place.cell) for item in refused.value.findings]
    assert found == [(rule, cell)]
    assert refused.value.findings[0].remedy_zh


@pytest.mark.parametrize(
    "lines",
    [
        ("diesel,22,2,tCO2/t", "柴油,22;25,3,tCO2/t"),
        ("diesel,,2,tCO2/t", "Diesel,,3,tCO2/t"),
        ("diesel,,2,tCO2/t", "diesel,,2,tCO2/t"),
        ("diesel,28,2,tCO2/t", "diesel,29,3,tCO2/t"),
        ("diesel,工业,2,tCO2/t", "diesel,23,3,tCO2/t"),
    ],
)
def test_two_lines_on_one_row_name_both_places(read, lines):
    with pytest.raises(InputError) as refused:
        read(*lines)
    said = refused.value.findings[0]
    assert said.rule == "accounting.factor_twice"
    assert "!!C2" in said.message_en
    assert "!!C3" in said.message_zh


@pytest.mark.parametrize(
    ("unit", "value"),
    [
        ("tCO2/t", 3), ("kgCO2/kg", 3), ("tCO2/10^4 t", 3e4), ("tCO2/kg", 0.003), ("kgCO2/t", 3000),
    ],
)  # fmt: skip
def test_units_are_converted(tools, long, factor_file, unit, value):
    from dualcarbon.accounting.account import Options, make_account
    from dualcarbon.accounting.balance import read_balance

    table = read_balance(long([(26, "diesel", 2)]), tools.layout, tools.carriers, year=2012)
    options = Options(factors=str(factor_file(f"diesel,,{value},{unit}")))
    assert make_account(table.select(None), tools, options).rows["co2_g"].sum() == 6e4 * 1e6


def test_a_mass_factor_on_a_table_in_standard_coal_is_refused(tools, long, factor_file):
    from dualcarbon.accounting.account import Options, make_account
    from dualcarbon.accounting.balance import read_balance

    path = long([(26, "diesel", 2)])
    table = read_balance(path, tools.layout, tools.carriers, year=2012, units={"*": "10^4 tce"})
    with pytest.raises(InputError, match=r"tCO2/10\^4 tce"):
        make_account(table, tools, Options(factors=str(factor_file("diesel,,3,tCO2/t"))))


def test_an_empty_file(read):
    with pytest.raises(InputError, match="no usable line"):
        read()
