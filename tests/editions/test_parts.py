"""A table of many parts: files of an engine become an edition without being loaded."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest

from dualcarbon.editions import Edition, Part, open_edition, verify_edition, write_edition
from dualcarbon.errors import EditionError
from dualcarbon.packs import load_pack

PACK = load_pack("world")


def files(folder: Path, names: Sequence[str] = ("x", "y"), start: int = 0) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{name}.parquet" for name in names]
    for number, path in enumerate(paths):
        at = start + 3 * number
        pl.DataFrame({"row": range(at, at + 3)}).write_parquet(path)
    return paths


def write(store: Path, parts: Sequence[Path | Part], link: bool = False) -> Edition:
    return write_edition(
        store,
        room="toy",
        tables={"rows": parts, "small": pl.DataFrame({"a": [1, 2]})},
        inputs=[],
        parameters=[],
        pack=PACK,
        options={},
        link=link,
    )


def test_parts_are_moved_and_read_in_order(tmp_path: Path) -> None:
    given = files(tmp_path / "work", ("z", "a"))
    edition = open_edition(tmp_path / "s", write(tmp_path / "s", given).id)
    assert edition.table("rows")["row"].to_list() == [0, 1, 2, 3, 4, 5]
    assert edition.scan("rows").select(pl.len()).collect().item() == 6
    assert [path.name for path in edition.paths("rows")] == ["00000.parquet", "00001.parquet"]
    assert edition.paths("small") == [edition.folder / "small.parquet"]
    assert edition.row("rows", 4) == {"row": 4}
    assert edition.manifest["tables"]["rows"]["rows"] == 6
    assert not any(path.exists() for path in given)
    assert verify_edition(edition) == []


def test_the_id_knows_the_content_and_its_order_and_not_the_names(tmp_path: Path) -> None:
    one = write(tmp_path / "s", files(tmp_path / "w1", ("z", "a")))
    same = write(tmp_path / "t", files(tmp_path / "w2", ("b", "c")))
    turned = write(tmp_path / "s", files(tmp_path / "w3")[::-1])
    other = write(tmp_path / "s", files(tmp_path / "w4", start=1))
    assert one.id == same.id
    assert len({one.id, turned.id, other.id}) == 3


def test_linked_files_stay_and_are_the_same_bytes(tmp_path: Path) -> None:
    given = files(tmp_path / "work")
    edition = write(tmp_path / "s", given, link=True)
    assert [path.stat().st_ino for path in given] == [
        path.stat().st_ino for path in edition.paths("rows")
    ]


def test_a_later_edition_links_the_parts_whose_key_is_the_same(tmp_path: Path) -> None:
    store = tmp_path / "s"
    old, new = files(tmp_path / "work")
    parent = write(store, [Part(old, key="2024-01"), Part(new, key="2024-02")])
    again = next(part for part in parent.parts("rows") if part.key == "2024-01")
    (late,) = files(tmp_path / "later", ("x",), start=90)
    child = write(store, [again, Part(late, key="2024-02b")])
    assert child.table("rows")["row"].to_list() == [0, 1, 2, 90, 91, 92]
    assert [part.key for part in child.parts("rows")] == ["2024-01", "2024-02b"]
    assert child.paths("rows")[0].stat().st_ino == parent.paths("rows")[0].stat().st_ino
    shutil.rmtree(parent.folder)
    assert verify_edition(open_edition(store, child.id)) == []


def test_writing_the_same_parts_twice_gives_one_edition(tmp_path: Path) -> None:
    first = write(tmp_path / "s", files(tmp_path / "w1"))
    given = files(tmp_path / "w2")
    assert write(tmp_path / "s", given).id == first.id
    assert not any(path.exists() for path in given)
    assert verify_edition(first) == []


def test_verify_names_the_part_that_changed_or_is_gone(tmp_path: Path) -> None:
    edition = write(tmp_path / "s", files(tmp_path / "work"))
    pl.DataFrame({"row": [9]}).write_parquet(edition.paths("rows")[1])
    edition.paths("rows")[0].unlink()
    texts = [item.message_en for item in verify_edition(edition)]
    assert ["rows/00000.parquet" in texts[0], "rows/00001.parquet" in texts[1]] == [True, True]


def test_what_cannot_be_frozen_leaves_files_and_store_as_they_were(tmp_path: Path) -> None:
    given = [*files(tmp_path / "work"), tmp_path / "absent.parquet"]
    with pytest.raises(OSError, match=r"absent\.parquet"):
        write(tmp_path / "s", given)
    assert given[0].exists()
    assert list((tmp_path / "s").iterdir()) == []


def test_a_table_without_parts_has_no_rows(tmp_path: Path) -> None:
    edition = write(tmp_path / "s", [])
    assert edition.table("rows").is_empty()
    assert edition.manifest["tables"]["rows"] == {"rows": 0, "parts": []}


@pytest.mark.parametrize(
    "tables",
    [
        '{"../rows": {"rows": 1, "sha256": "0"}}',
        '{"rows": {"rows": 1, "parts": [{"file": "../../x", "rows": 1, "sha256": "0"}]}}',
        '{"rows": {"rows": 1, "parts": [{"file": "00000.parquet"}]}}',
        '{"rows": {"rows": "many", "sha256": "0"}}',
        '{"rows": 3}',
        "[]",
    ],
)
def test_a_manifest_that_names_no_proper_files_is_broken(tmp_path: Path, tables: str) -> None:
    folder = tmp_path / ("0" * 16)
    folder.mkdir()
    (folder / "manifest.json").write_text(f'{{"room": "toy", "tables": {tables}}}')
    with pytest.raises(EditionError) as caught:
        open_edition(tmp_path, folder.name)
    assert caught.value.findings[0].rule == "editions.broken"
