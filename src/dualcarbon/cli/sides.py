"""Reads the sides that `dualcarbon reconcile` is given: folders, balances, files, editions."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from dualcarbon.accounting.balance import read_balance
from dualcarbon.accounting.implied import detect, implied_frame
from dualcarbon.accounting.members import read_shares
from dualcarbon.accounting.side import Tools, balance_side, edition_side, file_side
from dualcarbon.accounting.within import within
from dualcarbon.control.data import read_data
from dualcarbon.control.sides import KINDS, Folder, folder_members, folder_of, folder_side
from dualcarbon.editions import default_store, open_edition
from dualcarbon.errors import InputError, UsageError
from dualcarbon.findings import Finding, finding
from dualcarbon.periods import Period

EDITION = re.compile(r"^([0-9a-f]{16})(?::(\w+))?$")


class SideReader:
    """Reads sides and keeps what is said on the way; a data folder is read once."""

    def __init__(self, tools: Tools, period: Period, options: Mapping[str, Any]) -> None:
        self.tools, self.period, self.options = tools, period, options
        self.findings: list[Finding] = []
        self.named: dict[str, pl.DataFrame] = {}
        self.folders: dict[Path, Folder] = {}

    def side(self, text: str) -> pl.DataFrame:
        """Read one SRC."""
        name, _, source = text.rpartition("=")
        frame = self._read(source, name)
        self.named[str(frame["side"][0]) if frame.height else source] = frame
        return frame

    def _read(self, source: str, name: str) -> pl.DataFrame:
        folder, _, kind = source.rpartition(":")
        if folder and Path(folder).is_dir():
            return self._folder(Path(folder), kind, self._free(name or kind))
        if not source or Path(source).is_dir():
            raise UsageError(finding("control.side_kind", found=source, expected=", ".join(KINDS)))
        if match := EDITION.match(source):
            return self._edition(match[1], match[2], name)
        return self._file(Path(source), name)

    def _free(self, name: str) -> str:
        number = sum(1 for other in self.named if re.fullmatch(rf"{re.escape(name)}\d*", other))
        return f"{name}{number + 1}" if number else name

    def _folder(self, path: Path, kind: str, name: str) -> pl.DataFrame:

        if path not in self.folders:
            data = read_data(path, self.tools.pack)
            self.folders[path] = folder_of(data, _date(self.options["as_of"]), self.period)
            self.findings += self.folders[path].findings
        return folder_side(self.folders[path], kind, self.tools, name, self.period)

    def _edition(self, edition_id: str, kind: str | None, name: str) -> pl.DataFrame:

        edition = open_edition(self.options["store"] or default_store(), edition_id)
        return edition_side(edition, self.tools, self._free(name or kind or edition_id), kind)

    def _file(self, path: Path, name: str) -> pl.DataFrame:

        try:
            frame, findings, _ = file_side(path, self.tools, self._free(name or path.stem))
        except InputError as error:
            if not path.is_file():
                raise
            frame, findings = self._balance(path, self._free(name or "balance"), error)
        self.findings += findings
        return frame

    def _balance(
        self, path: Path, name: str, first: InputError
    ) -> tuple[pl.DataFrame, list[Finding]]:

        tools, year = self.tools, self.period.year
        try:
            table = read_balance(path, tools.layout, tools.carriers, year=year, areas=tools.areas)
        except InputError as error:
            raise InputError(*first.findings, *error.findings) from error
        one = table.select(self.options["province"], year, areas=tools.areas)
        return balance_side(one, tools, name, self.period)

    def members(self, shares: Path | None) -> Any:
        """Give the areas of enterprises: stated shares, then the register of the data folder."""

        stated = None
        if shares:
            stated, findings = read_shares(shares, self.tools)
            self.findings += findings
        for folder in self.folders.values():
            if folder.data.frames["enterprises"].height:
                return folder_members(folder.data, self.period, stated)
        return stated

    def patterns(self) -> list[Finding]:
        """Look at the rows of every side for implied factors, slips, copies and sums."""
        found: list[Finding] = []
        for side in self.named.values():
            rows, _ = within(side, self.period)
            rows = rows.with_columns(emission=pl.col("co2_g") / 1e6)
            found += detect(implied_frame(rows), self.tools).findings
        return found


def _date(text: str | None) -> dt.date:
    if text is None:
        return dt.date.max
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(finding("control.bad_date", found=text)) from error
