"""Files in: encodings, docx, and everything that is refused."""

import zipfile

import pytest

from dualcarbon.errors import InputError
from dualcarbon.plan.reader import draft_pack_yaml, read_notice, read_notice_file, text_of

TEXT = "一、目标\n单位GDP能耗下降3%，新增光伏装机60万千瓦以上。\n"
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def values(draft):
    return [(target.value, target.unit) for target in draft.targets]


def docx(path, body, head=""):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "word/document.xml", f"{head}<w:document {W}><w:body>{body}</w:body></w:document>"
        )
    return path


def paragraph(text):
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def refused(path):
    with pytest.raises(InputError) as caught:
        read_notice_file(path)
    (found,) = caught.value.findings
    assert found.place.file == path.name
    assert found.message_zh
    assert found.remedy_en
    return found.rule


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encodings(tmp_path, encoding):
    file = tmp_path / "notice.txt"
    file.write_bytes(TEXT.encode(encoding))
    assert values(read_notice_file(file)) == [(-3, "%"), (600_000, "kW")]
    assert text_of(file) == TEXT


def test_docx_paragraphs_split_runs_and_tables(tmp_path):
    row = "".join(f"<w:tc>{paragraph(text)}</w:tc>" for text in ("指标", "单位", "2025年"))
    data = "".join(f"<w:tc>{paragraph(text)}</w:tc>" for text in ("光伏装机", "万千瓦", "240"))
    body = (
        paragraph("二、任务")
        + "<w:p><w:r><w:t>单位GDP能耗下</w:t></w:r><w:r><w:t>降3%。</w:t></w:r></w:p>"
        + f"<w:tbl><w:tr>{row}</w:tr><w:tr>{data}</w:tr></w:tbl>"
    )
    draft = read_notice_file(docx(tmp_path / "notice.docx", body))
    assert values(draft) == [(-3, "%"), (2_400_000, "kW")]
    for target in draft.targets:
        assert any(char.isdigit() for char in draft.text[target.start : target.end])


def test_docx_with_entities_is_refused(tmp_path):
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    assert refused(docx(tmp_path / "x.docx", paragraph("&b;"), bomb)) == "plan_reader.damaged"
    outside = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    assert refused(docx(tmp_path / "y.docx", paragraph("&a;"), outside)) == "plan_reader.damaged"


def test_docx_that_unpacks_to_too_much_is_refused(tmp_path):
    huge = docx(tmp_path / "huge.docx", paragraph(" " * 41_000_000))
    assert huge.stat().st_size < 1_000_000
    assert refused(huge) == "plan_reader.too_large"


def test_broken_xml_and_broken_zip(tmp_path):
    file = tmp_path / "a.docx"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("word/document.xml", "<w:document")
    assert refused(file) == "plan_reader.damaged"
    file = tmp_path / "b.docx"
    file.write_bytes(b"PK\x03\x04 no archive")
    assert refused(file) == "plan_reader.damaged"


def test_another_zip_is_no_notice(tmp_path):
    file = tmp_path / "book.xlsx"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
    assert refused(file) == "plan_reader.kind"


@pytest.mark.parametrize(
    ("name", "content", "rule"),
    [
        ("a.pdf", b"%PDF-1.7 ...", "plan_reader.kind"),
        ("a.txt", b"%PDF-1.7 ...", "plan_reader.kind"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "plan_reader.kind"),
        ("a.csv", b"a,b\n1,2\n", "plan_reader.kind"),
        ("a.txt", b"", "plan_reader.empty"),
        ("a.txt", b" \n\t\n", "plan_reader.empty"),
        ("a.txt", b"\x00\x01\x02\x03", "plan_reader.encoding"),
        ("a.txt", b"\xff\x81\xff\x81", "plan_reader.encoding"),
        ("a.txt", b"x" * 5_000_001, "plan_reader.too_large"),
    ],
)
def test_what_is_refused(tmp_path, name, content, rule):
    file = tmp_path / name
    file.write_bytes(content)
    assert refused(file) == rule


def test_a_missing_file_and_a_folder(tmp_path):
    assert refused(tmp_path / "absent.txt") == "plan_reader.unreadable"
    folder = tmp_path / "folder"
    folder.mkdir()
    assert refused(folder) == "plan_reader.unreadable"


def test_the_draft_is_yaml_with_one_commitment_a_target():
    import yaml

    text = "澜港市2025年工作安排\n一、目标\n能耗比2020年下降3%。\n二、任务\n新建公园36座。\n"
    draft = read_notice(text)
    body = yaml.safe_load(draft_pack_yaml(draft, pack="langang"))
    assert body["id"] == "langang-2025"
    assert body["title_zh"] == "澜港市2025年工作安排"
    first, second = body["commitments"]
    assert (first["id"], first["value"], first["unit"], first["base"]) == ("1.1", -3, "%", "2020")
    assert (second["section"], second["yardstick"], second["value"]) == ("2", "count", 36)
    assert body["sections"][0]["id"] == "1"


def test_nothing_in_nothing_out():
    draft = read_notice("")
    assert draft.clauses == ()
    assert draft.targets == ()
