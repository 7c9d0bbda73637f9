"""An edition is frozen: same inputs same id, one changed byte is seen, nothing is half-written."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from dualcarbon.editions import (
    Code,
    Edition,
    Explanation,
    Input,
    Term,
    default_store,
    explain,
    list_editions,
    open_edition,
    verify_edition,
    write_edition,
)
from dualcarbon.editions.explain import same
from dualcarbon.errors import EditionError
from dualcarbon.packs import Pack, load_pack


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    folder = tmp_path / "packs" / "lan"
    folder.mkdir(parents=True)
    (folder / "pack.yaml").write_text(
        "id: lan\nname_zh: 兰汀\nname_en: Lanting\nkind: city\nextends: china\n", encoding="utf-8"
    )
    return load_pack("lan", search=(tmp_path / "packs",))


def write(store: Path, pack: Pack, value: int = 3, **options: str) -> Edition:
    return write_edition(
        store,
        room="toy",
        tables={"sums": pl.DataFrame({"left": [1, 2], "right": [2, 2], "sum": [value, 4]})},
        inputs=[Input("a.csv", "0" * 64, 2)],
        parameters=[],
        pack=pack,
        options=options,
    )


def explain_sum(edition: Edition, row: int) -> Explanation:
    cells = edition.table("sums").row(row, named=True)
    again = cells["left"] + cells["right"]
    return Explanation(
        code=str(Code(edition.id, "sums", row)),
        value=cells["sum"],
        unit="1",
        formula_zh="左 + 右",
        formula_en="left + right",
        inputs=(Term("left", cells["left"], "1", place="a.csv!!A2"),),
        recomputed=again,
        equal=same(again, cells["sum"]),
    )


EXPLAINERS = {"toy/sums": explain_sum}


def test_same_inputs_give_the_same_id_and_a_correction_another(tmp_path: Path, pack: Pack) -> None:
    first, again = write(tmp_path / "s", pack), write(tmp_path / "t", pack)
    other, option = write(tmp_path / "s", pack, value=5), write(tmp_path / "s", pack, on="x")
    assert first.id == again.id
    assert len({first.id, other.id, option.id}) == 3
    assert {item.id for item in list_editions(tmp_path / "s")} == {first.id, other.id, option.id}


def test_writing_twice_leaves_the_first_untouched_and_no_work_folder(
    tmp_path: Path, pack: Pack
) -> None:
    edition = write(tmp_path, pack)
    before = (edition.folder / "manifest.json").stat().st_mtime_ns
    write(tmp_path, pack)
    assert (edition.folder / "manifest.json").stat().st_mtime_ns == before
    assert not list(tmp_path.glob(".writing-*"))


def test_verify_sees_a_changed_table_and_a_changed_manifest(tmp_path: Path, pack: Pack) -> None:
    edition = write(tmp_path, pack)
    assert verify_edition(open_edition(tmp_path, edition.id)) == []
    pl.DataFrame({"left": [9]}).write_parquet(edition.folder / "sums.parquet")
    assert [item.rule for item in verify_edition(edition)] == ["editions.changed"]
    manifest = edition.folder / "manifest.json"
    manifest.write_text(manifest.read_text().replace("a.csv", "b.csv"))
    assert len(verify_edition(open_edition(tmp_path, edition.id))) == 2


def test_explain_recomputes_and_names_the_cell(tmp_path: Path, pack: Pack) -> None:
    edition = write(tmp_path, pack)
    answer = explain(f"{edition.id}:sums:0", tmp_path, EXPLAINERS).to_json("en")
    assert (answer["value"], answer["recomputed"], answer["equal"]) == (3, 3, True)
    assert answer["inputs"][0]["place"] == "a.csv!!A2"
    assert answer["formula"] == "left + right"


def test_explain_says_when_the_value_does_not_follow(tmp_path: Path, pack: Pack) -> None:
    edition = write(tmp_path, pack, value=7)
    assert not explain(f"{edition.id}:sums:0", tmp_path, EXPLAINERS).equal


def test_explain_of_a_damaged_edition_is_never_equal(tmp_path: Path, pack: Pack) -> None:
    edition = write(tmp_path, pack)
    frame = pl.DataFrame({"left": [2, 2], "right": [2, 2], "sum": [4, 4]})
    frame.write_parquet(edition.folder / "sums.parquet")
    answer = explain(f"{edition.id}:sums:0", tmp_path, EXPLAINERS)
    assert not answer.equal
    assert [item.rule for item in answer.findings] == ["editions.changed"]


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        ("nonsense", "editions.code"),
        ("{id}:sums:99", "editions.no_row"),
        ("{id}:other:0", "editions.no_table"),
        ("0123456789abcdef:sums:0", "editions.unknown"),
        ("../../../etc:sums:0", "editions.unknown"),
        ("{id}:sums:-1", "editions.code"),
    ],
)
def test_a_bad_code_says_so(tmp_path: Path, pack: Pack, code: str, rule: str) -> None:
    edition = write(tmp_path, pack)
    with pytest.raises(EditionError) as caught:
        explain(code.format(id=edition.id), tmp_path, EXPLAINERS)
    assert caught.value.findings[0].rule == rule


def test_a_broken_manifest_is_an_error_with_words(tmp_path: Path, pack: Pack) -> None:
    edition = write(tmp_path, pack)
    (edition.folder / "manifest.json").write_text("{")
    with pytest.raises(EditionError) as caught:
        open_edition(tmp_path, edition.id)
    assert caught.value.findings[0].rule == "editions.broken"


def test_the_store_that_cannot_be_written(tmp_path: Path, pack: Pack) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EditionError) as caught:
        write(tmp_path / "file" / "store", pack)
    assert caught.value.findings[0].rule == "editions.store"


def test_the_default_store_follows_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUALCARBON_EDITIONS", str(tmp_path / "e"))
    assert default_store() == tmp_path / "e"
    monkeypatch.delenv("DUALCARBON_EDITIONS")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert default_store() == tmp_path / "dualcarbon" / "editions"
