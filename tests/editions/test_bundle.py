"""A bundle explains itself; a hostile or damaged one is refused or never equal."""

from __future__ import annotations

import shutil
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from dualcarbon.editions import Code, Edition, Explanation, Term, write_edition
from dualcarbon.editions.bundle import explain_bundle, export_bundle, unpack
from dualcarbon.editions.explain import same
from dualcarbon.errors import EditionError
from dualcarbon.packs import load_pack

PACK = load_pack("world")


@pytest.fixture
def edition(tmp_path: Path) -> Edition:
    paths = []
    for number in range(3):
        path = tmp_path / f"{number}.parquet"
        pl.DataFrame({"left": [number, 5], "sum": [number + 2, 7]}).write_parquet(path)
        paths.append(path)
    other = {"twos": pl.DataFrame({"right": [2]}), "unused": pl.DataFrame({"x": range(9)})}
    return write_edition(
        tmp_path / "store",
        room="toy",
        tables={"sums": paths, **other},
        inputs=[],
        parameters=[],
        pack=PACK,
        options={},
    )


def explain_sum(edition: Edition, row: int) -> Explanation:
    cells = edition.row("sums", row)
    right = edition.table("twos")["right"][0]
    again = cells["left"] + right
    return Explanation(
        code=str(Code(edition.id, "sums", row)),
        value=cells["sum"],
        unit="1",
        formula_zh="左 + 右",
        formula_en="left + right",
        inputs=(Term("left", cells["left"], "1"), Term("right", right, "1")),
        recomputed=again,
        equal=same(again, cells["sum"]),
    )


EXPLAINERS = {"toy/sums": explain_sum}


def export(edition: Edition, out: Path, target: str | None = None) -> Path:
    export_bundle(target or edition.id, edition.folder.parent, out, EXPLAINERS)
    return out


def code(edition: Edition, row: int = 3) -> str:
    return f"{edition.id}:sums:{row}"


def test_a_whole_edition_explains_itself_after_the_store_is_gone(
    edition: Edition, tmp_path: Path
) -> None:
    path = export(edition, tmp_path / "b.zip")
    shutil.rmtree(edition.folder.parent)
    for row in range(6):
        answer = explain_bundle(code(edition, row), path, EXPLAINERS)
        assert answer.equal
        assert answer.value == answer.recomputed
        assert answer.findings == ()


def test_a_code_takes_only_the_files_it_was_explained_from(
    edition: Edition, tmp_path: Path
) -> None:
    path = export(edition, tmp_path / "b.zip", code(edition))
    with zipfile.ZipFile(path) as archive:
        names = [name.split("/", 1)[1] for name in archive.namelist()]
    assert names == ["manifest.json", "sums/00001.parquet", "twos.parquet"]
    assert explain_bundle(code(edition, 3), path, EXPLAINERS).equal
    other = explain_bundle(code(edition, 0), path, EXPLAINERS)
    assert (other.equal, other.value) == (False, None)
    assert [item.rule for item in other.findings] == ["editions.unreadable"]


def test_the_same_edition_gives_the_same_bytes(edition: Edition, tmp_path: Path) -> None:
    one = export(edition, tmp_path / "a.zip").read_bytes()
    for file in edition.folder.rglob("*"):
        file.touch()
    assert export(edition, tmp_path / "b.zip").read_bytes() == one
    assert not list(tmp_path.glob(".bundle-*"))


def test_a_damaged_edition_is_not_exported(edition: Edition, tmp_path: Path) -> None:
    pl.DataFrame({"x": [1]}).write_parquet(edition.folder / "unused.parquet")
    with pytest.raises(EditionError) as caught:
        export(edition, tmp_path / "b.zip")
    assert caught.value.findings[0].rule == "editions.changed"
    assert not (tmp_path / "b.zip").exists()


def test_a_place_that_cannot_be_written_is_said(edition: Edition, tmp_path: Path) -> None:
    with pytest.raises(EditionError) as caught:
        export(edition, tmp_path / "absent" / "b.zip")
    assert caught.value.findings[0].rule == "editions.bundle_out"


def damaged_number(edition: Edition, tmp_path: Path) -> Path:
    """A bundle whose part says another number, in a zip that is sound."""
    copy = tmp_path / "copy" / edition.id
    shutil.copytree(edition.folder, copy)
    pl.DataFrame({"left": [1, 6], "sum": [3, 8]}).write_parquet(copy / "sums" / "00001.parquet")
    return rezipped(copy, tmp_path / "d.zip")


def damaged_manifest(edition: Edition, tmp_path: Path) -> Path:
    copy = tmp_path / "copy" / edition.id
    shutil.copytree(edition.folder, copy)
    text = (copy / "manifest.json").read_text()
    (copy / "manifest.json").write_text(text.replace('"room":"toy"', '"room": "toy"'))
    return rezipped(copy, tmp_path / "d.zip")


def damaged_bytes(edition: Edition, tmp_path: Path) -> Path:
    """A bundle of which one byte of a member flipped on the way."""
    path = export(edition, tmp_path / "d.zip")
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo(f"{edition.id}/sums/00001.parquet")
    content[info.header_offset + 120] ^= 0xFF
    path.write_bytes(content)
    return path


def no_parquet(edition: Edition, tmp_path: Path) -> Path:
    copy = tmp_path / "copy" / edition.id
    shutil.copytree(edition.folder, copy)
    (copy / "twos.parquet").write_bytes(b"PAR1 nothing of the kind PAR1")
    return rezipped(copy, tmp_path / "d.zip")


def rezipped(folder: Path, out: Path) -> Path:
    with zipfile.ZipFile(out, "w") as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                archive.write(file, f"{folder.name}/{file.relative_to(folder).as_posix()}")
    return out


@pytest.mark.parametrize("damage", [damaged_number, damaged_manifest, damaged_bytes, no_parquet])
def test_a_damaged_bundle_gives_findings_and_is_never_equal(
    edition: Edition, tmp_path: Path, damage: Callable[[Edition, Path], Path]
) -> None:
    answer = explain_bundle(code(edition), damage(edition, tmp_path), EXPLAINERS)
    assert not answer.equal
    assert "editions.changed" in {item.rule for item in answer.findings}


Names = Callable[[str], str]
HOSTILE: dict[str, Names] = {
    "traversal": lambda _: "../../evil.parquet",
    "traversal inside": lambda i: f"{i}/../../evil.parquet",
    "absolute": lambda _: "/tmp/evil.parquet",
    "drive": lambda _: "C:\\evil.parquet",
    "backslash": lambda i: f"{i}\\evil.parquet",
    "not listed": lambda i: f"{i}/other.parquet",
    "no table": lambda i: f"{i}/readme.txt",
    "folder": lambda i: f"{i}/sums/",
    "other edition": lambda _: f"{'0' * 16}/sums/00000.parquet",
    "line end": lambda i: f"{i}/twos.parquet\n",
}


def added(path: Path, info: zipfile.ZipInfo, content: bytes = b"x") -> Path:
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(info, content)
    return path


def refused(path: Path, store: Path, rule: str = "editions.bundle") -> None:
    with pytest.raises(EditionError) as caught:
        unpack(path, store)
    assert caught.value.findings[0].rule == rule
    assert not store.exists() or not list(store.rglob("*"))


@pytest.mark.parametrize("name", list(HOSTILE))
def test_members_that_no_bundle_has_are_refused(
    edition: Edition, tmp_path: Path, name: str
) -> None:
    path = export(edition, tmp_path / "b.zip")
    refused(added(path, zipfile.ZipInfo(HOSTILE[name](edition.id))), tmp_path / "to")
    assert not (tmp_path / "evil.parquet").exists()


def test_a_link_a_compressed_and_a_doubled_member_are_refused(
    edition: Edition, tmp_path: Path
) -> None:
    part = f"{edition.id}/sums/00001.parquet"
    whole = export(edition, tmp_path / "b.zip", code(edition, 0))
    link = zipfile.ZipInfo(part)
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    refused(
        added(Path(shutil.copy(whole, tmp_path / "l.zip")), link, b"/etc/passwd"), tmp_path / "t"
    )
    bomb = zipfile.ZipInfo(part)
    bomb.compress_type = zipfile.ZIP_DEFLATED
    refused(added(Path(shutil.copy(whole, tmp_path / "z.zip")), bomb, bytes(10**7)), tmp_path / "t")
    twice = zipfile.ZipInfo(f"{edition.id}/sums/00000.parquet")
    with pytest.warns(UserWarning, match="Duplicate name"):
        added(whole, twice)
    refused(whole, tmp_path / "t")


def test_overlapping_members_cannot_unfold_to_more_than_the_file(
    edition: Edition, tmp_path: Path
) -> None:
    path = export(edition, tmp_path / "b.zip")
    content = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo(f"{edition.id}/twos.parquet")
    size = info.file_size.to_bytes(4, "little")
    path.write_bytes(content.replace(size * 2, (2**31).to_bytes(4, "little") * 2))
    refused(path, tmp_path / "t")


@pytest.mark.parametrize("content", [b"", b"PK", b"not a zip at all", bytes(4096)])
def test_a_file_that_is_no_zip_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "b.zip"
    path.write_bytes(content)
    refused(path, tmp_path / "t")
    refused(tmp_path / "absent.zip", tmp_path / "t")


@pytest.mark.parametrize("text", ["{", "[]", "null", '{"tables": {"../x": {}}}', "[" * 100_000])
def test_a_manifest_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "b.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{'0' * 16}/manifest.json", text)
    refused(path, tmp_path / "t", "editions.broken")


def test_a_bundle_of_another_edition_says_so(edition: Edition, tmp_path: Path) -> None:
    path = export(edition, tmp_path / "b.zip")
    with pytest.raises(EditionError) as caught:
        explain_bundle(f"{'0' * 16}:sums:0", path, EXPLAINERS)
    assert caught.value.findings[0].rule == "editions.other_bundle"
