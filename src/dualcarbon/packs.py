"""Packs: folders of YAML that hold everything particular to a city, a country or a year.

`extends:` chains them (demo -> shanghai -> china -> world); lists merge down the chain by code or
id, the child adding or overriding. A pack holds no code.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from attrs import field, frozen

from dualcarbon.errors import PackError
from dualcarbon.findings import Place, finding

MAX_BYTES = 16 * 1024 * 1024
KINDS = ("world", "country", "city")
FIELDS = {
    "id",
    "name_zh",
    "name_en",
    "extends",
    "kind",
    "area",
    "synthetic",
    "sets",
    "choices",
    "display",
}


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Safe YAML in which a key may not be given twice."""


def _mapping(loader: Any, node: Any) -> dict[Any, Any]:
    seen: dict[Any, Any] = {}
    loader.flatten_mapping(node)
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, (str, int, float, bool)) and key is not None:
            raise yaml.constructor.ConstructorError(
                None, None, "a key must be a word or a number", key_node.start_mark
            )
        if key in seen:
            raise yaml.constructor.ConstructorError(
                None, None, f"the key {key!r} stands twice", key_node.start_mark
            )
        seen[key] = loader.construct_object(value_node, deep=True)
    return seen


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def load_yaml(path: Path) -> Any:
    """Read one YAML file; PackError names file and line when it is malformed or too large."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise PackError(finding("packs.yaml", Place(str(path)), found="> 16 MB"))
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506
    except (OSError, ValueError, RecursionError) as error:
        raise PackError(finding("packs.yaml", Place(str(path)), found=str(error))) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = Place(str(path), row=mark.line + 1 if mark else None)
        problem = getattr(error, "problem", None) or str(error)
        raise PackError(finding("packs.yaml", place, found=problem)) from error


@frozen(eq=False)
class Pack:
    """A pack and the one it extends; `chain` starts with itself and ends with the root."""

    id: str
    folder: Path
    name_zh: str
    name_en: str
    kind: str
    parent: Pack | None = None
    area: str | None = None
    synthetic: bool = False
    sets: Mapping[str, str] = field(factory=dict)
    choices: Mapping[str, Any] = field(factory=dict)
    display: Mapping[str, Any] = field(factory=dict)

    @property
    def chain(self) -> tuple[Pack, ...]:
        """Give this pack and its parents, itself first."""
        return (self, *(self.parent.chain if self.parent else ()))

    def name(self, lang: str) -> str:
        """Give the name in `zh` or `en`."""
        return self.name_zh if lang == "zh" else self.name_en

    def setting(self, group: str, name: str) -> Any:
        """Give a setting of `sets`, `choices` or `display` from the nearest pack; None if unset."""
        for part in self.chain:
            if name in getattr(part, group):
                return getattr(part, group)[name]
        return None

    def find(self, relative: str) -> Path | None:
        """Give the nearest file of that relative path, or None."""
        for part in self.chain:
            if (part.folder / relative).is_file():
                return part.folder / relative
        return None

    def files(self, pattern: str) -> list[Path]:
        """Give the files of a glob pattern in every pack of the chain, root first, sorted."""
        return [path for part in reversed(self.chain) for path in sorted(part.folder.glob(pattern))]

    def load_list(self, relative: str, key: str) -> list[dict[str, Any]]:
        """Load a list of entries merged down the chain by `key`; each keeps its `_file`."""
        merged: dict[Any, dict[str, Any]] = {}
        for path in self.files(relative):
            for entry in _entries(path, key):
                merged[entry[key]] = {**merged.get(entry[key], {}), **entry, "_file": str(path)}
        return list(merged.values())

    def fingerprint(self) -> dict[str, str]:
        """Give the SHA-256 of every data file of this pack (not of its parents)."""
        return _fingerprint(self.folder)


def _fingerprint(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*.yaml"))
    }


def _entries(path: Path, key: str) -> list[dict[str, Any]]:
    content = load_yaml(path)
    if not isinstance(content, list):
        raise PackError(finding("packs.not_list", Place(str(path)), key=key))
    seen = set()
    for entry in content:
        if not isinstance(entry, dict) or key not in entry or entry[key] in seen:
            raise PackError(
                finding("packs.entry", Place(str(path)), found=str(entry)[:80], key=key)
            )
        seen.add(entry[key])
    return content


def built_in() -> Path:
    """Give the folder of the packs that come with the package."""
    return Path(str(files("dualcarbon"))) / "data"


def search_path(search: Sequence[Path] = ()) -> list[Path]:
    """Give the folders in which packs are looked for, first match wins."""
    named = os.environ.get("DUALCARBON_PACKS", "")
    return [*search, *(Path(part) for part in named.split(os.pathsep) if part), built_in()]


def load_pack(name: str | Path, search: Sequence[Path] = ()) -> Pack:
    """Load a pack by name or path with all that it extends.

    Errors: PackError when it is not found, malformed, of an unknown kind, or extends itself.
    """
    return _load(str(name), tuple(search_path(search)), ())


def list_packs(search: Sequence[Path] = ()) -> list[str]:
    """Give the names of all packs on the search path."""
    found: dict[str, Path] = {}
    for root in search_path(search):
        for folder in _candidates(root):
            found.setdefault(folder.name, folder)
    return sorted(found)


def _candidates(root: Path) -> list[Path]:
    if (root / "pack.yaml").is_file():
        return [root]
    return [path.parent for path in sorted(root.glob("*/pack.yaml"))]


def _load(name: str, search: tuple[Path, ...], below: tuple[str, ...]) -> Pack:
    folder = _folder(name, search)
    content = load_yaml(folder / "pack.yaml")
    place = Place(str(folder / "pack.yaml"))
    _check(content, place)
    if content["id"] in below:
        raise PackError(finding("packs.circle", place, found=" -> ".join((*below, content["id"]))))
    parent = content.pop("extends", None)
    return Pack(
        folder=folder,
        parent=_load(parent, search, (*below, content["id"])) if parent else None,
        **content,
    )


def _folder(name: str, search: tuple[Path, ...]) -> Path:
    if (Path(name) / "pack.yaml").is_file():
        return Path(name)
    for root in search:
        for folder in _candidates(root):
            if folder.name == name:
                return folder
    known = ", ".join(sorted({f.name for root in search for f in _candidates(root)}))
    raise PackError(finding("packs.unknown", Place(), found=name, expected=known))


def _check(content: Any, place: Place) -> None:
    if not isinstance(content, dict):
        raise PackError(finding("packs.not_mapping", place))
    missing = {"id", "name_zh", "name_en", "kind"} - set(content)
    unknown = set(content) - FIELDS
    if missing or unknown:
        raise PackError(
            finding(
                "packs.fields",
                place,
                found=", ".join(sorted(map(str, unknown))) or "-",
                expected=", ".join(sorted(missing)) or "-",
            )
        )
    if content["kind"] not in KINDS:
        raise PackError(
            finding("packs.kind", place, found=content["kind"], expected=", ".join(KINDS))
        )
