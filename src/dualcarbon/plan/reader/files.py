"""Files in: plain text, Markdown and docx; anything else is refused with a remedy."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

from dualcarbon.errors import InputError
from dualcarbon.findings import Place, finding
from dualcarbon.plan.reader.model import NoticeDraft
from dualcarbon.plan.reader.reader import Language, read_notice

LARGEST = 5_000_000
LARGEST_XML = 40_000_000
TEXT = (".txt", ".md", ".markdown", ".text", "")
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
SIGNATURES = {
    b"%PDF": "pdf",
    b"\xd0\xcf\x11\xe0": "doc",
    b"\x89PNG": "png",
    b"\xff\xd8\xff": "jpg",
    b"{\\rtf": "rtf",
}


def read_notice_file(path: Path, *, language: Language = "auto") -> NoticeDraft:
    """Read a notice from a file: txt or md (UTF-8, with or without mark, or GB 18030), or docx.

    Offsets of the draft are of its `text`, the text of the file. Raises InputError when the
    file is missing, empty, too large, no text, or of a kind that holds no plain text (pdf, doc).
    """
    return read_notice(text_of(path), language=language)


def text_of(path: Path) -> str:
    """Give the text of a notice file; tables of docx become rows of cells between bars."""
    content = _bytes(path)
    if content.startswith(b"PK"):
        text = _docx(path)
    else:
        _refuse_foreign(path, content)
        text = _decode(path, content)
    if not text.strip():
        raise InputError(finding("plan_reader.empty", Place(file=path.name), found=path.name))
    return text


def _bytes(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > LARGEST:
            raise InputError(
                finding("plan_reader.too_large", Place(file=path.name), found=f"{size:,}")
            )
        return path.read_bytes()
    except OSError as error:
        raise InputError(
            finding("plan_reader.unreadable", Place(file=path.name), found=str(path))
        ) from error


def _refuse_foreign(path: Path, content: bytes) -> None:
    kind = next((name for mark, name in SIGNATURES.items() if content.startswith(mark)), None)
    if kind is None and path.suffix.lower() not in TEXT:
        kind = path.suffix.lower().lstrip(".")
    if kind is not None:
        raise InputError(finding("plan_reader.kind", Place(file=path.name), found=kind))


def _decode(path: Path, content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not re.search(r"[\x00-\x08\x0e-\x1f]", text):
            return text
    raise InputError(finding("plan_reader.encoding", Place(file=path.name), found=path.name))


def _docx(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            info = archive.getinfo("word/document.xml")
            if info.file_size > LARGEST_XML:
                raise InputError(
                    finding(
                        "plan_reader.too_large", Place(file=path.name), found=f"{info.file_size:,}"
                    )
                )
            with archive.open(info) as member:
                xml = member.read(LARGEST_XML + 1)
    except KeyError as error:
        raise InputError(finding("plan_reader.kind", Place(file=path.name), found="zip")) from error
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError) as error:
        raise InputError(
            finding("plan_reader.damaged", Place(file=path.name), found=path.name)
        ) from error
    return _word_text(path, xml)


def _word_text(path: Path, xml: bytes) -> str:
    """Give the paragraphs and tables of a document; a type declaration is never accepted."""
    damaged = finding("plan_reader.damaged", Place(file=path.name), found=path.name)
    if len(xml) > LARGEST_XML or b"<!DOCTYPE" in xml or b"<!ENTITY" in xml or b"\x00" in xml[:200]:
        raise InputError(damaged)
    try:
        root = ElementTree.fromstring(xml)  # noqa: S314 - declarations were refused above
    except ElementTree.ParseError as error:
        raise InputError(damaged) from error
    body = root.find(f"{WORD}body")
    if body is None:
        raise InputError(damaged)
    return "\n".join(_blocks(body))


def _blocks(body: ElementTree.Element) -> list[str]:
    blocks: list[str] = []
    for element in body:
        if element.tag == f"{WORD}p":
            blocks.append(_paragraph(element))
        elif element.tag == f"{WORD}tbl":
            blocks += ["", *(_row(row) for row in element.iter(f"{WORD}tr")), ""]
        elif element.tag == f"{WORD}sdt":
            content = element.find(f"{WORD}sdtContent")
            blocks += _blocks(content) if content is not None else []
    return blocks


def _row(row: ElementTree.Element) -> str:
    cells = [
        " ".join(_paragraph(part) for part in cell.iter(f"{WORD}p")).replace("|", "/")
        for cell in row.findall(f"{WORD}tc")
    ]
    return "| " + " | ".join(cells) + " |"


def _paragraph(element: ElementTree.Element) -> str:
    """Give the text of a paragraph as it stands after accepting every change."""
    parts = []
    for node in element.iter():
        if node.tag == f"{WORD}t":
            parts.append(node.text or "")
        elif node.tag in (f"{WORD}tab", f"{WORD}br"):
            parts.append(" ")
    return "".join(parts)
