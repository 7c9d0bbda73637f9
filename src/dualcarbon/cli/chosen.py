"""Which pack a command works with: a name, the folder of a pack, or one found in a folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dualcarbon.packs import Pack


def chosen_pack(packs: tuple[Path, ...], name: str) -> Pack:
    """Give the pack of `--pack` and `--city`.

    `--pack` names a pack, is the folder of one, or a folder in which packs are looked for; without
    one that is a pack, `name` says which.
    """
    from dualcarbon.packs import load_pack

    search = tuple(path for path in packs if path.is_dir())
    for path in packs:
        if (path / "pack.yaml").is_file() or not path.is_dir():
            return load_pack(path if path.is_dir() else str(path), search)
    return load_pack(name, search)
