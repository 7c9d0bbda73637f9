"""One grammar for every table: columns once, then page, sorting and exports follow."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from attrs import define, evolve, field, frozen
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

LEFT = ("name", "text", "light", "code", "link")
CENTRED = ("glyph", "mark")
PICTURES = ("spark", "bar", "used")
PAGE = 50  # rows of a long table that stand at once
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


@frozen
class Column:
    """A column: key of the row's value, words of the head, unit under it, and how it prints.

    Kinds: name, text, code, link, light, glyph, spark, level, explained and effect (a level
    and a change with their code), change, figure, full, rank, used, bar, share.
    A line break in the title parts it on the page. `hidden` columns stand in exports only.
    """

    key: str
    title: str
    unit: str = ""
    kind: str = "text"
    group: str = ""
    decimals: int = 2
    strong: bool = False
    sortable: bool = True
    wide: bool = False
    hidden: bool = False

    @property
    def side(self) -> str:
        """The class of its side: words left, figures right."""
        return "l" if self.kind in LEFT else "c" if self.kind in CENTRED else ""

    @property
    def css(self) -> str:
        """The classes of its cells."""
        weight = "m" if self.strong else "q" if self.kind in ("text", "code") else ""
        return " ".join(part for part in (self.side, weight, "w" if self.wide else "") if part)


@define
class Row:
    """Values by column key; `url` of its name; `kind`: sum, rest or empty; `ends` a group.

    The value `apart` names the columns that do not apply to the row.
    """

    values: dict[str, Any]
    url: str = ""
    kind: str = ""
    ends: bool = False

    @property
    def css(self) -> str:
        """The classes of the row."""
        return " ".join(part for part in (self.kind, "brk" if self.ends else "") if part)

    def __getitem__(self, key: str) -> Any:
        """A value; None when absent. Templates reach the row's own parts past this."""
        if key in ("values", "url", "kind", "ends", "css"):
            raise KeyError(key)
        return self.values.get(key)


@define
class Table:
    """A table of a page: columns, rows in their order, and what it says about itself."""

    id: str
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    sort: str = ""
    notes: str = ""
    marks: Sequence[str] = field(factory=list)
    extra: dict[str, Any] = field(factory=dict)
    page: Any = None  # Django's Page, where a long table is shown in parts

    @property
    def shown(self) -> list[Column]:
        """The columns of the page."""
        return [column for column in self.columns if not column.hidden]

    @property
    def groups(self) -> list[tuple[str, int]]:
        """Neighbouring columns of one group, with their number; empty when none has a group."""
        found: list[tuple[str, int]] = []
        for column in self.shown:
            if found and found[-1][0] == column.group:
                found[-1] = (column.group, found[-1][1] + 1)
            else:
                found.append((column.group, 1))
        return found if any(name for name, _count in found) else []

    @property
    def heads(self) -> list[dict[str, Any]]:
        """Each column with its sort state and the sort that a click asks for."""
        key, down = self.sort.lstrip("-"), self.sort.startswith("-")
        heads = []
        for column in self.shown:
            chosen = column.key == key
            state = ("descending" if down else "ascending") if chosen else ""
            following = f"-{column.key}" if chosen and not down else column.key
            heads.append({"column": column, "state": state, "next": following})
        return heads

    @property
    def cells(self) -> list[tuple[str, Row, list[tuple[Column, Any]]]]:
        """Each row with its classes, and its columns with their values."""
        return [
            (row.css, row, [(column, row[column.key]) for column in self.shown])
            for row in self.rows
        ]


def sort_rows(rows: Sequence[Row], columns: Sequence[Column], sort: str) -> list[Row]:
    """Sort by a column of the table; totals stay first, the rest last, absent values at the end."""
    key = sort.lstrip("-")
    if key not in {column.key for column in columns if column.sortable}:
        return list(rows)
    body = [row for row in rows if not row.kind]
    known = [row for row in body if sort_value(row[key]) is not None]
    known.sort(key=lambda row: sort_value(row[key]), reverse=sort.startswith("-"))
    absent = [row for row in body if sort_value(row[key]) is None]
    first = [row for row in rows if row.kind == "sum"]
    return [*first, *known, *absent, *(row for row in rows if row.kind == "rest")]


def sort_value(value: Any) -> Any:
    """What a value sorts by: marks by severity, lists by their last value."""
    if isinstance(value, list):
        return value[-1] if value else None
    if isinstance(value, dict):
        return value.get("sort", value.get("text"))
    if value in ("x", "…", ""):
        return None
    return value


def flat(value: Any) -> Any:
    """A value as an export holds it, in full digits."""
    if isinstance(value, dict):
        return value.get("text")
    return value if isinstance(value, (int, float)) or value is None else str(value)


def export_columns(table: Table) -> list[Column]:
    """The columns that an export can hold; pictures are left out."""
    return [column for column in table.columns if column.kind not in PICTURES]


def header(column: Column) -> str:
    """Words of a column head on one line with its unit."""
    gap = "" if get_language() == "zh-hans" else " "
    title = column.title.replace("\n", gap)
    words = " ".join(part for part in (column.group, title) if part)
    return f"{words} ({column.unit})" if column.unit else words


def safe(value: Any) -> Any:
    """A text that a spreadsheet will not run."""
    if isinstance(value, str) and value.startswith(DANGEROUS):
        return f"'{value}"
    return value


def paged(table: Table, number: str | None, size: int = PAGE) -> Table:
    """The table with the rows of one page; a page that is not there gives the nearest."""
    page = Paginator(table.rows, size).get_page(number)
    return evolve(table, rows=list(page), page=page)


def part_asked(request: HttpRequest, table: str) -> bool:
    """Tell whether htmx asks for the part of one table only."""
    details = getattr(request, "htmx", None)
    return details is not None and bool(details) and details.target == f"part-{table}"


def respond(
    request: HttpRequest, table: Table, otherwise: Callable[[], HttpResponse]
) -> HttpResponse:
    """The table as csv, xlsx or tsv when the address asks for it, else the page."""
    form = request.GET.get("format", "")
    writers = {"csv": _csv, "tsv": _tsv, "xlsx": _xlsx}
    return writers[form](request, table) if form in writers else otherwise()


def _matrix(table: Table) -> Iterable[list[Any]]:
    columns = export_columns(table)
    yield [header(column) for column in columns]
    for row in table.rows:
        yield [safe(flat(row[column.key])) for column in columns]


def _about(request: HttpRequest, table: Table) -> list[str]:
    user = request.user.get_username() if request.user.is_authenticated else _("visitor")
    stamp = timezone.localtime().strftime("%Y-%m-%d %H:%M")
    return [table.caption, *table.marks, f"{user} {stamp}"]


def _text(request: HttpRequest, table: Table, delimiter: str) -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    if delimiter == ",":
        writer.writerows([f"# {line}"] for line in _about(request, table))
    writer.writerows(_matrix(table))
    return out.getvalue()


def _csv(request: HttpRequest, table: Table) -> HttpResponse:
    body = "\ufeff" + _text(request, table, ",")
    return _file(body.encode("utf-8"), "text/csv; charset=utf-8", f"{table.id}.csv")


def _tsv(request: HttpRequest, table: Table) -> HttpResponse:
    return HttpResponse(_text(request, table, "\t"), content_type="text/plain; charset=utf-8")


def _xlsx(request: HttpRequest, table: Table) -> HttpResponse:
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet(table.id[:31])
    bold = book.add_format({"bold": True, "text_wrap": True, "bottom": 1})
    about = _about(request, table)
    for index, line in enumerate(about):
        sheet.write_string(index, 0, line)
    for offset, cells in enumerate(_matrix(table)):
        for place, value in enumerate(cells):
            form = bold if offset == 0 else None
            if value is not None:
                sheet.write(len(about) + 1 + offset, place, value, form)
    sheet.freeze_panes(len(about) + 2, 1)
    sheet.set_column(0, len(export_columns(table)), 16)
    book.close()
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return _file(out.getvalue(), kind, f"{table.id}.xlsx")


def _file(body: bytes, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(body, content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
