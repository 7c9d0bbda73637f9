"""`dualcarbon edition export`: an edition, or what one code needs, as one file."""

from __future__ import annotations

from pathlib import Path

import click

from dualcarbon.cli.edition import store_option
from dualcarbon.cli.output import Answer, common


@click.command("export")
@click.argument("target", metavar="ID|CODE")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="Zip to write."
)
@store_option
@common("edition export")
def export(
    target: str, out: Path, store: Path | None, lang: str, packs: tuple[Path, ...]
) -> Answer:
    """Write edition ID, or only what CODE needs, as one zip that explains itself.

    Whoever receives it runs: dualcarbon explain CODE --bundle FILE
    """
    from dualcarbon.cli.explain import explainers
    from dualcarbon.editions import default_store
    from dualcarbon.editions.bundle import export_bundle
    from dualcarbon.editions.edition import file_hash

    files = export_bundle(target, store or default_store(), out, explainers())
    size = out.stat().st_size
    payload = {"file": str(out), "bytes": size, "sha256": file_hash(out), "members": files}
    rows = [[str(out), size, len(files), payload["sha256"]]]
    header = ["file", "bytes", "members", "sha256"]
    return Answer("edition export", payload, (), target.split(":")[0], header, rows)
