"""Files of every kind and condition become the declared frame or findings with their cell."""

from __future__ import annotations

import contextlib
import datetime as dt
import zipfile
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dualcarbon.errors import InputError
from dualcarbon.tables import Column, Reading, Table, read_table
from dualcarbon.tables.read import column_letter

METERS = Table(
    "meters",
    (
        Column("subject", aliases=("用能单位",)),
        Column("period", "period"),
        Column("quantity", "number", nullable=True, aliases=("数量",)),
        Column("count", "integer", required=False),
        Column("on", "date", required=False),
        Column("stage", "choice", choices=("planned", "started"), required=False),
    ),
    key=("subject", "period"),
)
HEADER = "subject,period,quantity\n"


def read(tmp_path: Path, content: str | bytes, name: str = "m.csv") -> Reading:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_table(path, METERS)


def rules(reading: Reading) -> list[str]:
    return [item.rule for item in reading.findings]


def refusal(tmp_path: Path, content: str | bytes, name: str = "m.csv") -> str:
    with pytest.raises(InputError) as caught:
        read(tmp_path, content, name)
    return caught.value.findings[0].rule


def test_it_works(tmp_path: Path) -> None:
    reading = read(tmp_path, HEADER + "A,2024-06,1.5\nB,2024年7月,\n")
    assert reading.findings == ()
    assert reading.frame.select("subject", "period", "quantity", "source_row").rows() == [
        ("A", "2024-06", 1.5, 2),
        ("B", "2024-07", None, 3),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_chinese_headers_in_every_usual_encoding(tmp_path: Path, encoding: str) -> None:
    text = "用能单位,period,数量\n青埠热电,2024-06,3\n"
    reading = read(tmp_path, text.encode(encoding))
    assert reading.frame["subject"].to_list() == ["青埠热电"]


def test_another_encoding_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, HEADER.encode() + b"\xe9 1\xff\xff") == "tables.encoding"


def test_comments_count_as_lines(tmp_path: Path) -> None:
    reading = read(tmp_path, "# a\n# b\n" + HEADER + "A,2024-06,x\n")
    (item,) = reading.findings
    assert (str(item.place), item.rule, item.found) == ("m.csv!!C4", "tables.not_number", "x")


@pytest.mark.parametrize("text", ["NaN", "inf", "—", "N/A", "1.2.3", "1,23", "三"])
def test_what_is_not_a_finite_number_is_found_and_left_out(tmp_path: Path, text: str) -> None:
    reading = read(tmp_path, HEADER + f'A,2024-06,"{text}"\nB,2024-06,2\n')
    assert rules(reading) == ["tables.not_number"]
    assert reading.frame["subject"].to_list() == ["B"]


@pytest.mark.parametrize(("text", "value"), [("1,234.5", 1234.5), ("−2", -2), ("１２", 12)])
def test_official_spellings_of_numbers(tmp_path: Path, text: str, value: float) -> None:
    reading = read(tmp_path, HEADER + f'A,2024-06,"{text}"\n')
    assert reading.frame["quantity"].to_list() == [value]


def test_an_empty_key_cell_is_a_finding_not_a_row(tmp_path: Path) -> None:
    reading = read(tmp_path, HEADER + ",2024-06,1\n")
    assert rules(reading) == ["tables.cell_empty"]
    assert reading.frame.height == 0


def test_bad_period_date_choice_integer(tmp_path: Path) -> None:
    head = "subject,period,quantity,count,on,stage\n"
    reading = read(tmp_path, head + "A,2024-13,1,1.5,2024-02-30,done\n")
    assert rules(reading) == [
        "tables.not_period",
        "tables.not_integer",
        "tables.not_date",
        "tables.not_choice",
    ]


def test_conflicting_key_uses_neither_and_identical_uses_one(tmp_path: Path) -> None:
    reading = read(tmp_path, HEADER + "A,2024-06,1\nA,2024-06,2\nB,2024-06,3\nB,2024-06,3\n")
    assert sorted(rules(reading)) == ["tables.key_repeated", "tables.row_repeated"]
    assert reading.frame["subject"].to_list() == ["B"]


def test_a_missing_column_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, "subject,perod,quantity\nA,2024,1\n")
    assert "perod" in caught.value.findings[0].message_en


def test_an_unknown_column_is_said(tmp_path: Path) -> None:
    assert rules(read(tmp_path, "subject,period,quantity,note\nA,2024,1,x\n")) == [
        "tables.column_unknown"
    ]


@pytest.mark.parametrize(
    ("content", "name", "rule"),
    [
        ("", "m.csv", "tables.empty"),
        (HEADER + "A,2024,1,2\n", "m.csv", "tables.ragged"),
        (HEADER + 'A,2024,"1\n', "m.csv", "tables.csv"),
        (b"PK\x03\x04\x00\x00", "m.csv", "tables.not_text"),
        ("x", "m.docx", "tables.kind"),
        ("x", "m.xlsx", "tables.xlsx"),
        ("x", "m.parquet", "tables.parquet"),
        ("subject,subject,period,quantity\n", "m.csv", "tables.column_twice"),
    ],
)
def test_files_that_cannot_be_read(
    tmp_path: Path, content: str | bytes, name: str, rule: str
) -> None:
    assert refusal(tmp_path, content, name) == rule


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_table(tmp_path / "absent.csv", METERS)
    assert caught.value.findings[0].rule == "tables.no_file"


def test_a_workbook_with_macros_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/vbaProject.bin", b"x")
    with pytest.raises(InputError) as caught:
        read_table(path, METERS)
    assert caught.value.findings[0].rule == "tables.macros"


def test_xlsx_keeps_cells_codes_and_dates(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "六月"
    sheet.append(["subject", "period", "quantity", "on"])
    sheet.append([990101, "2024-06", 2.5, dt.datetime(2024, 7, 20)])
    sheet.append(["B", "2024-06", "bad", None])
    book.save(tmp_path / "m.xlsx")
    reading = read_table(tmp_path / "m.xlsx", METERS)
    assert reading.frame.row(0, named=True)["subject"] == "990101"
    assert reading.frame["on"].to_list() == [dt.date(2024, 7, 20)]
    assert str(reading.findings[0].place) == "m.xlsx!六月!C3"


def test_parquet_reads_the_same(tmp_path: Path) -> None:
    frame = pl.DataFrame({"subject": ["A"], "period": ["2024-06"], "quantity": [1.5]})
    frame.write_parquet(tmp_path / "m.parquet")
    assert read_table(tmp_path / "m.parquet", METERS).frame["quantity"].to_list() == [1.5]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=20))
def test_numbers_come_back_to_the_same_digits(
    tmp_path_factory: pytest.TempPathFactory, values: list[float]
) -> None:
    lines = "".join(f"S{index},2024-06,{value!r}\n" for index, value in enumerate(values))
    reading = read(tmp_path_factory.mktemp("n"), HEADER + lines)
    assert reading.frame["quantity"].to_list() == values


def test_column_letters() -> None:
    assert [column_letter(i) for i in (0, 25, 26, 51, 52, 701, 702)] == [
        "A",
        "Z",
        "AA",
        "AZ",
        "BA",
        "ZZ",
        "AAA",
    ]


def test_many_bad_cells_are_counted_not_lost(tmp_path: Path) -> None:
    lines = "".join(f"S{index},2024-06,x\n" for index in range(250))
    reading = read(tmp_path, HEADER + lines)
    assert len(reading.findings) == 201
    assert reading.findings[-1].found == 50


def test_a_sheet_with_one_cell_at_the_far_corner_is_refused_before_it_is_held(
    tmp_path: Path,
) -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "subject"
    book.active["XFD1048576"] = 1
    book.save(tmp_path / "m.xlsx")
    with pytest.raises(InputError) as caught:
        read_table(tmp_path / "m.xlsx", METERS)
    assert caught.value.findings[0].rule == "tables.too_large"


@given(st.binary(max_size=400), st.integers(0, 4000))
def test_a_damaged_workbook_never_ends_in_a_traceback(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, where: int
) -> None:
    folder = tmp_path_factory.mktemp("w")
    book = openpyxl.Workbook()
    book.active.append(["subject", "period", "quantity"])
    book.active.append(["A", "2024-06", 1])
    book.save(folder / "m.xlsx")
    data = bytearray((folder / "m.xlsx").read_bytes())
    data[where : where + len(noise)] = noise
    (folder / "m.xlsx").write_bytes(data)
    with contextlib.suppress(InputError):
        assert read_table(folder / "m.xlsx", METERS).frame.height <= 1


def test_json_rows_are_a_table(tmp_path: Path) -> None:
    reading = read(
        tmp_path, '{"rows": [{"subject": "A", "period": 2024, "quantity": 1.50}]}', "m.json"
    )
    assert rules(reading) == []
    assert reading.frame["quantity"].to_list() == [1.5]
    assert str(reading.place(1, "quantity")) == "m.json!!1"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ('{"rows": [', "tables.json"),
        ('[{"a": 1, "a": 2}]', "tables.json"),
        ("[[1, 2]]", "tables.json_rows"),
        ('{"a": [], "b": []}', "tables.json_rows"),
        ('[{"subject": ["A"]}]', "tables.json_rows"),
        ("[]", "tables.empty"),
    ],
)
def test_json_that_is_no_table(tmp_path: Path, text: str, rule: str) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, text, "m.json")
    assert caught.value.findings[0].rule == rule
