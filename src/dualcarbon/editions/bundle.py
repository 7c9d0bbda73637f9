"""A bundle: an edition, or what one of its codes needs, as one zip that explains itself offline.

Members are stored, not compressed, in the order of their names and without a clock, so that the
same edition gives the same bytes and nothing can unfold to more than the size of the file.
"""

from __future__ import annotations

import re
import shutil
import stat
import tempfile
import zipfile
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from attrs import define, field

from dualcarbon.editions.edition import (
    MANIFEST,
    Edition,
    Part,
    members,
    open_edition,
    read_manifest,
    verify_edition,
)
from dualcarbon.editions.explain import Code, Explainer, Explanation, explain
from dualcarbon.errors import EditionError
from dualcarbon.findings import Place, finding

MOST_BYTES = 4 << 30
MOST_MANIFEST = 64 << 20
MOST_MEMBERS = 100_000
MEMBER = re.compile(r"^([0-9a-f]{16})/([A-Za-z][A-Za-z0-9_]*(?:/[0-9]{5,})?\.parquet)$")
LISTED = re.compile(rf"^([0-9a-f]{{16}})/({re.escape(MANIFEST)})$")
NEVER = (1980, 1, 1, 0, 0, 0)
ENCRYPTED = 0x1


@define(slots=False)
class _Watched(Edition):
    """An edition that remembers which of its files were read."""

    read: set[str] = field(factory=set)

    def parts(self, name: str) -> list[Part]:
        found = super().parts(name)
        self.read.update(self._name(part) for part in found)
        return found

    def row(self, name: str, index: int) -> dict[str, Any]:
        part, at = self.part_of(name, index)
        self.read.add(self._name(part))
        return self.row_in(part, at)

    def _name(self, part: Part) -> str:
        return part.path.relative_to(self.folder).as_posix()


def export_bundle(
    target: str, store: Path, out: Path, explainers: Mapping[str, Explainer]
) -> list[str]:
    """Write a bundle of an edition (by id), or of what one explain code needs (by code).

    Gives the members written; the manifest is always among them. Errors: EditionError when the
    edition is not known or not what was frozen, or the file cannot be written.
    """
    code = Code.parse(target) if ":" in target else None
    edition = open_edition(store, code.edition if code else target)
    names = [
        file
        for name, entry in edition.manifest["tables"].items()
        for file, _ in members(name, entry)
    ]
    if code is not None:
        names = [name for name in names if name in _needed(edition, code, explainers)]
    if damage := verify_edition(edition, names):
        raise EditionError(*damage)
    listed = sorted([MANIFEST, *names])
    try:
        _write(edition, listed, out)
    except OSError as error:
        place = Place(str(out))
        raise EditionError(finding("editions.bundle_out", place, found=error.strerror)) from error
    return listed


def _needed(edition: Edition, code: Code, explainers: Mapping[str, Explainer]) -> set[str]:
    watched = _Watched(edition.id, edition.folder, edition.manifest)
    explain(str(code), edition.folder.parent, explainers, edition=watched)
    return watched.read


def _write(edition: Edition, names: Iterable[str], out: Path) -> None:
    with tempfile.NamedTemporaryFile(dir=out.parent, prefix=".bundle-", delete=False) as stream:
        work = Path(stream.name)
    try:
        with zipfile.ZipFile(work, "w", zipfile.ZIP_STORED) as archive:
            for name in names:
                info = zipfile.ZipInfo(f"{edition.id}/{name}", NEVER)
                info.external_attr = (stat.S_IFREG | 0o644) << 16
                info.file_size = (edition.folder / name).stat().st_size
                with (edition.folder / name).open("rb") as source, archive.open(info, "w") as to:
                    shutil.copyfileobj(source, to, 1 << 20)
        work.replace(out)
    finally:
        work.unlink(missing_ok=True)


def explain_bundle(code: str, path: Path, explainers: Mapping[str, Explainer]) -> Explanation:
    """Explain a code from a bundle alone; nothing of this machine's store is looked at.

    Errors: EditionError for a file that is no bundle, or holds anything a bundle does not, and for
    a code of another edition. A damaged bundle is explained with findings and `equal: false`.
    """
    with tempfile.TemporaryDirectory(prefix="dualcarbon-bundle-") as folder:
        edition_id, names = unpack(path, Path(folder))
        wanted = Code.parse(code).edition
        if wanted != edition_id:
            raise EditionError(
                finding(
                    "editions.other_bundle", Place(path.name), found=edition_id, expected=wanted
                )
            )
        return explain(code, Path(folder), explainers, files=names)


def unpack(path: Path, store: Path) -> tuple[str, list[str]]:
    """Unpack a bundle as an edition of `store`; gives its id and the files it holds.

    Errors: EditionError when the zip holds anything but the files of one edition; nothing is
    unpacked then. A member whose bytes are damaged is left out, and verifying names it.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            edition_id, infos = _checked(archive, path)
            for name, info in infos.items():
                _extract(archive, info, store / edition_id / name)
    except (OSError, zipfile.BadZipFile, NotImplementedError) as error:
        raise _refused(path, str(error)) from error
    return edition_id, [name for name in infos if name != MANIFEST]


def _extract(archive: zipfile.ZipFile, info: zipfile.ZipInfo, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    try:
        with archive.open(info) as source, to.open("xb") as stream:
            shutil.copyfileobj(source, stream, 1 << 20)
    except zipfile.BadZipFile:
        to.unlink(missing_ok=True)


def _checked(archive: zipfile.ZipFile, path: Path) -> tuple[str, dict[str, zipfile.ZipInfo]]:
    """Refuse whatever a bundle never holds, before a byte is unpacked."""
    infos = archive.infolist()
    if len(infos) > MOST_MEMBERS:
        raise _refused(path, f"{len(infos)} > {MOST_MEMBERS}")
    if sum(info.file_size for info in infos) > min(MOST_BYTES, path.stat().st_size):
        raise _refused(path, "size")
    found: dict[str, zipfile.ZipInfo] = {}
    ids = set()
    for info in infos:
        match = MEMBER.fullmatch(info.filename) or LISTED.fullmatch(info.filename)
        if match is None or match[2] in found or not _plain(info):
            raise _refused(path, info.filename)
        ids.add(match[1])
        found[match[2]] = info
    if len(ids) != 1 or MANIFEST not in found or found[MANIFEST].file_size > MOST_MANIFEST:
        raise _refused(path, MANIFEST)
    _only_listed(archive, found, path)
    return ids.pop(), found


def _plain(info: zipfile.ZipInfo) -> bool:
    """Tell whether a member is a stored, unencrypted, ordinary file."""
    mode = info.external_attr >> 16
    ordinary = stat.S_IFMT(mode) in (0, stat.S_IFREG)
    stored = info.compress_type == zipfile.ZIP_STORED and info.compress_size == info.file_size
    return ordinary and stored and not info.flag_bits & ENCRYPTED


def _only_listed(archive: zipfile.ZipFile, found: Collection[str], path: Path) -> None:
    """Refuse files that the manifest does not name; a manifest that is none, too."""
    name = next(info.filename for info in archive.infolist() if info.filename.endswith(MANIFEST))
    try:
        manifest = read_manifest(archive.read(name))
    except ValueError as error:
        raise EditionError(
            finding("editions.broken", Place(path.name), found=str(error))
        ) from error
    listed = {
        file for table, entry in manifest["tables"].items() for file, _ in members(table, entry)
    }
    for file in found:
        if file != MANIFEST and file not in listed:
            raise _refused(path, file)


def _refused(path: Path, found: str) -> EditionError:
    return EditionError(finding("editions.bundle", Place(path.name), found=found))
