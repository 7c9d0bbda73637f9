"""Balances are read in every form people have them in; what cannot is said with its cell."""

import polars as pl
import pytest
import xlsxwriter

from dualcarbon.accounting.balance import parse_units, read_balance
from dualcarbon.errors import InputError, UsageError

CARRIERS = [
    ("原煤", "Raw Coal", "万吨"),
    ("汽油", "Gasoline", "万吨"),
    ("天然气", "Natural Gas", "亿立方米"),
    ("热力", "Heat", "百亿千焦"),
    ("电力", "Electricity", "亿千瓦时"),
]
CODES = ["raw_coal", "gasoline", "natural_gas", "heat", "electricity"]


def _read(path, tools, **options):
    return read_balance(path, tools.layout, tools.carriers, **options)


def _rules(balance, severity="error"):
    return [f.rule for f in balance.findings if f.severity == severity]


def _value(row, column):
    return round((row * 7 + column * 3) % 50 - (25 if row in (7, 8) else 0) * 2 + 0.5, 2)


def _table(tools):
    """An invented table: every item, every second cell printed."""
    rows = tools.layout.items
    return {
        (row, code): _value(row, column)
        for row in rows
        for column, code in enumerate(CODES)
        if (row + column) % 2 == 0
    }


def _workbook(path, tools, table, *, sheets=("上海",), notes=True, bilingual=True):
    book = xlsxwriter.Workbook(path)
    for name in sheets:
        sheet = book.add_worksheet(name)
        sheet.write(0, 0, "6-9 上海能源平衡表（实物量）—2012")
        for column, (zh, en, unit) in enumerate(CARRIERS):
            sheet.write(2, column + 2, f"{zh}\n{en}" if bilingual else zh)
            sheet.write(3, column + 2, f"（{unit}）")
        sheet.write(2, 0, "项目 Item")
        for line, item in enumerate(tools.layout.items.values()):
            sheet.write(4 + line, 0, f" {item.name_zh} ")
            sheet.write(4 + line, 1, item.name_en)
            for column, code in enumerate(CODES):
                if (item.row, code) in table:
                    sheet.write_number(4 + line, column + 2, table[item.row, code])
        if notes:
            sheet.write(40, 0, "注：本表数据为初步核算数。")
    book.close()
    return path


def _cells(balance):
    return {(r, c): v for r, c, v in balance.cells.select("row", "carrier", "value").iter_rows()}


def test_the_published_file_reads_without_a_finding(real):
    assert real.cells.height == 2508
    assert len(real.provinces) == 8
    assert real.findings == ()
    assert real.cells["unit"].unique().sort().to_list() == [
        "10^10 kJ", "10^4 t", "10^4 tce", "10^8 kWh", "10^8 m3",
    ]  # fmt: skip


def test_a_yearbook_sheet_gives_the_same_cells_as_its_long_form(tools, tmp_path, long):
    table = _table(tools)
    wide = _read(_workbook(tmp_path / "wide.xlsx", tools, table), tools, signs="printed")
    cells = [(row, code, value) for (row, code), value in table.items()]
    flat = _read(long(cells), tools)
    assert _cells(wide) == _cells(flat) == {key: float(v) for key, v in table.items()}
    assert wide.provinces == ["上海"]
    assert wide.cells["year"].unique().to_list() == [2012]
    place = wide.cells.filter((pl.col("row") == 2) & (pl.col("carrier") == "raw_coal"))["place"][0]
    assert place == "wide.xlsx!上海!C6"


def test_a_sheet_a_province_and_one_may_be_named(tools, tmp_path):
    path = _workbook(tmp_path / "many.xlsx", tools, _table(tools), sheets=("甲省", "乙省"))
    assert _read(path, tools, sheet="乙省").cells["place"][0].startswith("many.xlsx!乙省!")
    with pytest.raises(InputError, match="no sheet"):
        _read(path, tools, sheet="丙省")


def test_a_yearbook_sheet_in_english_with_units_and_blank_columns(tools, tmp_path):
    path = tmp_path / "english.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("Sheet1")
    rows = [
        ["", "Energy Balance of Nowhere (Physical Quantity), 2009"],
        [],
        ["", "Item", "Raw Coal", "", "Natural Gas", "Electricity", "Other Energy"],
        ["", "", "(10 000 tons)", "", "(100 million cu.m)", "(100 million kWh)", "(10 000 tce)"],
        ["", "Total Final Consumption", 9, "", 2.5, 4, ""],
        ["", "  1.Farming, Forestry, Animal Husbandry & Fishery", 1, "", "", 1, ""],
        ["", "  2.Industry", 8, "", 2.5, 3, ""],
        ["", "    # Non-Energy Use", "", "", 0.5, "", ""],
        ["", "Note: figures are preliminary."],
    ]
    for line, row in enumerate(rows):
        for column, value in enumerate(row):
            if value != "":
                sheet.write(line, column, value)
    book.close()
    balance = _read(path, tools, province="Nowhere")
    assert [f for f in balance.findings if f.severity == "error"] == []
    assert (balance.provinces, balance.cells["year"].unique().to_list()) == (["Nowhere"], [2009])
    assert _cells(balance)[24, "natural_gas"] == 0.5
    assert _cells(balance)[22, "raw_coal"] == 1
    units = dict(balance.cells.select("carrier", "unit").iter_rows())
    assert units == {"raw_coal": "10^4 t", "natural_gas": "10^8 m3", "electricity": "10^8 kWh"}


def test_items_by_number_only_and_a_csv_yearbook_table(tools, tmp_path):
    path = tmp_path / "Somewhere.csv"
    path.write_text('序号,原煤（万吨）,Electricity (10^8 kWh)\n21,5.5,\n23,"1,234.5",３\n')
    balance = _read(path, tools)
    assert _cells(balance) == {
        (21, "raw_coal"): 5.5,
        (23, "raw_coal"): 1234.5,
        (23, "electricity"): 3.0,
    }
    assert balance.provinces == ["Somewhere"]
    assert "accounting.rows_missing" in _rules(balance, "warning")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encodings(tools, tmp_path, encoding):
    path = tmp_path / "table.csv"
    path.write_text("# 注\n省份,行号,品种,数值\n上海,21,汽油,5\n", encoding=encoding)
    balance = _read(path, tools)
    assert balance.cells.row(0)[:5] == ("上海", None, 21, "gasoline", 5.0)


@pytest.mark.parametrize(
    ("item", "row"),
    [
        ("外省（区、市）调入量", 4),
        ("外省(区,市)调入量", 4),
        ("Moving In from Other Provinces", 4),
        ("一、可供本地区消费的能源量", 1),
        ("1.一次能源生产量", 2),
        ("（二）加工转换投入（－）产出（＋）量", 11),
        ("本省（区、市）调出量（－）", 7),
        ("Sending Out to Other Provinces (-)", 7),
        ("# 用作原料、材料", 24),
        ("其中：用作原料、材料", 24),
        ("#城镇", 29),
        ("Farming, Forestry, Animal Husbandry, Fishery and Water Conservancy", 22),
        ("Wholesale, Retail Trade and Hotel, Restaurants", 27),
        ("7.其他", 31),
        ("thermal_power", 12),
        ("12", 12),
    ],
)
def test_item_names_as_yearbooks_spell_them(tools, item, row):
    assert tools.layout.find(item) == row


def test_every_item_name_is_found_again(tools):
    for row, item in tools.layout.items.items():
        for name in (item.name_zh, item.name_en, item.id, *item.aliases):
            assert tools.layout.find(name) == row, name


@pytest.mark.parametrize(
    ("line", "rule", "cell"),
    [
        ("X,21,苏打,5", "tables.not_in_vocabulary", "C2"),
        ("X,99,diesel,5", "accounting.unknown_item", "B2"),
        ("X,soda,diesel,5", "accounting.unknown_item", "B2"),
        ("X,21,diesel,NaN", "tables.not_number", "D2"),
        ("X,21,diesel,inf", "tables.not_number", "D2"),
        ("X,21,diesel,—", "tables.not_number", "D2"),
        ("X,21,diesel,", "tables.cell_empty", "D2"),
    ],
)
def test_a_bad_cell_is_a_finding_and_the_rest_stands(tools, tmp_path, line, rule, cell):
    path = tmp_path / "bad.csv"
    path.write_text(f"province,row,energy,value\n{line}\nX,23,diesel,7\n", encoding="utf-8")
    balance = _read(path, tools)
    assert _cells(balance) == {(23, "diesel"): 7.0}
    errors = [f for f in balance.findings if f.severity == "error"]
    assert [(f.rule, f.place.cell) for f in errors] == [(rule, cell)]
    assert errors[0].remedy_zh
    assert errors[0].remedy_en


def test_number_and_name_that_contradict_are_refused(tools, tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text(
        "province,row,item,energy,value\nX,12,Coking,diesel,5\nX,23,Industry,diesel,7\n"
    )
    balance = _read(path, tools)
    assert _rules(balance) == ["accounting.item_contradicts"]
    assert _cells(balance) == {(23, "diesel"): 7.0}


def test_a_repeated_cell_is_used_once_or_not_at_all(tools, long):
    balance = _read(
        long([(21, "diesel", 5), (21, "柴油", 6), (23, "diesel", 7), (23, "diesel", 7)]), tools
    )
    assert _cells(balance) == {(23, "diesel"): 7.0}
    assert _rules(balance) == ["accounting.cell_twice"]
    assert _rules(balance, "warning") == ["accounting.cell_copied"]
    said = next(f for f in balance.findings if f.rule == "accounting.cell_twice")
    assert "table.csv!!D2, table.csv!!D3" in said.message_en


def test_bad_cells_of_a_yearbook_sheet(tools, tmp_path):
    path = tmp_path / "bad.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("某省")
    rows = [
        ["项目", "原煤", "汽油", "苏打", "汽油", "天然气"],
        ["", "(万吨)", "(万吨)", "(万吨)", "(万吨)", "(万吨)"],
        ["工业", 5, "约5", 1, 2, 3],
        ["神秘项目", 1, 2, 3, 4, 5],
        ["建筑业", 4, 6, "", "", ""],
        ["建筑业", 9, 9, "", "", ""],
    ]
    for line, row in enumerate(rows):
        sheet.write_row(line, 0, row)
    book.close()
    balance = _read(path, tools)
    found = {(f.rule, f.place.cell) for f in balance.findings if f.severity == "error"}
    assert found == {
        ("accounting.not_number", "C3"),
        ("accounting.unknown_carrier", "D1"),
        ("accounting.column_twice", "E1"),
        ("accounting.unit_dimension", "F3"),
        ("accounting.unknown_item", "A4"),
        ("accounting.item_twice", "A6"),
    }
    assert _cells(balance) == {
        (23, "raw_coal"): 5.0,
        (25, "raw_coal"): 4.0,
        (25, "gasoline"): 6.0,
    }


def test_units_of_the_file_can_be_named(tools, long):
    path = long([(21, "natural_gas", 50000), (21, "diesel", 3)])
    units = parse_units(["天然气=10^4 m3"], tools.carriers)
    found = dict(_read(path, tools, units=units).cells.select("carrier", "unit").iter_rows())
    assert found == {"natural_gas": "10^4 m3", "diesel": "10^4 t"}
    whole = _read(path, tools, units=parse_units(["10^4 tce"], tools.carriers))
    assert whole.cells["unit"].unique().to_list() == ["10^4 tce"]


@pytest.mark.parametrize("text", ["diesel=furlong", "soda=t", "diesel=", "furlong"])
def test_wrong_units_option(tools, text):
    with pytest.raises(UsageError):
        parse_units([text], tools.carriers)


def test_a_unit_that_cannot_measure_the_carrier(tools, long):
    path = long([(21, "diesel", 3), (21, "gasoline", 4)])
    balance = _read(path, tools, units={"diesel": "10^8 m3"})
    assert _rules(balance) == ["accounting.unit_dimension"]
    assert _cells(balance) == {(21, "gasoline"): 4.0}


def test_signs_are_declared_never_guessed(tools, long):
    path = long([(7, "diesel", 20), (8, "diesel", 5), (23, "diesel", 1)])
    printed = _read(path, tools)
    assert _rules(printed) == ["accounting.sign", "accounting.sign"]
    assert _cells(printed)[7, "diesel"] == 20
    turned = _read(path, tools, signs="positive-outflow")
    assert _rules(turned) == []
    assert _cells(turned) == {(7, "diesel"): -20, (8, "diesel"): -5, (23, "diesel"): 1}
    wrong = _read(long([(7, "diesel", -20)]), tools, signs="positive-outflow")
    assert _rules(wrong) == ["accounting.sign"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", b""),
        ("prose.csv", "今天天气很好\n明天也是\n".encode()),
        ("header.csv", b"province,row,energy,value\n"),
        ("no_item.csv", b"province,energy,value\nX,diesel,5\n"),
        ("broken.xlsx", b"PK\x03\x04 not a workbook"),
        ("binary.csv", b"\x00\x01\x02\x03" * 50),
        ("table.pdf", b"%PDF-1.4"),
        ("all_bad.csv", b"province,row,energy,value\nX,21,soda,5\n"),
    ],
)
def test_a_file_that_is_no_balance_is_refused_with_a_remedy(tools, tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError) as refused:
        _read(path, tools)
    assert all(f.remedy_zh and f.remedy_en for f in refused.value.findings)
    assert refused.value.findings[0].place.file == name


def test_a_missing_file(tools, tmp_path):
    with pytest.raises(InputError):
        _read(tmp_path / "nowhere.csv", tools)


def test_a_sheet_of_another_province_is_not_relabelled(tools, tmp_path):
    path = _workbook(tmp_path / "one.xlsx", tools, _table(tools))
    same = _read(path, tools, province="Shanghai", areas=tools.areas)
    assert same.select("Shanghai", areas=tools.areas).provinces == ["上海"]
    other = _read(path, tools, province="北京", areas=tools.areas)
    with pytest.raises(InputError, match="no province"):
        other.select("北京", areas=tools.areas)


def test_provinces_and_years_are_chosen_by_name(tools, real):
    assert real.select("shanghai").provinces == ["Shanghai"]
    with pytest.raises(InputError, match="Beijing"):
        real.select("Atlantis")
    with pytest.raises(InputError, match="name one"):
        real.select(None)
    with pytest.raises(InputError, match="2007"):
        real.select("Shanghai", 2011)
