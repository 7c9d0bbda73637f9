"""All that the account holds of one subject as one long table, for download."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from dualcarbon.periods import Period
from dualcarbon_web.accounting import explorer, services
from dualcarbon_web.accounting.asked import Asked
from dualcarbon_web.accounting.models import Account, Line
from dualcarbon_web.core import words
from dualcarbon_web.core.tables import Column, Row, Table


def table(account: Account, asked: Asked) -> Table:
    """Every line, gas and reported period of a subject, in whole grams."""
    lines = Line.objects.filter(account=account, subject_kind=asked.kind, subject=asked.subject)
    rows = [Row(values) for line in lines for values in _cells(account, line)]
    columns = [
        Column("subject", _("Subject")),
        Column("said_by", _("Said by")),
        Column("industry_code", _("Industry code")),
        Column("industry", _("Industry")),
        Column("carrier_code", _("Carrier code")),
        Column("carrier", _("Carrier")),
        Column("gas", _("Gas")),
        Column("scope", _("Scope")),
        Column("period", _("Period")),
        Column("grams", _("Whole grams"), "g"),
        Column("unit", _("Of unit")),
        Column("unmatched", _("Rows without parameter")),
        Column("units", _("Units filing")),
        Column("status", _("Status")),
        Column("code", _("Explain code")),
    ]
    caption = _("Account %(edition)s, %(subject)s") % {
        "edition": account.id,
        "subject": asked.subject,
    }
    marks = [_("SYNTHETIC DATA")] if account.synthetic else []
    return Table(f"account-{asked.subject}", caption, columns, rows, marks=marks)


def _cells(account: Account, line: Line) -> Iterator[dict[str, Any]]:
    named = {
        "subject": line.subject,
        "said_by": _("the subject") if line.own else _("its enterprises"),
        "industry_code": line.industry,
        "industry": explorer.named("division", line.industry) if line.industry else _("all"),
        "carrier_code": line.carrier,
        "carrier": explorer.named("carrier", line.carrier) if line.carrier else _("all"),
    }
    for gas in account.gases:
        name = gas["gas"]
        for place, grams in enumerate(line.amounts.get(name, [])):
            period = account.known[place]
            missing = line.unmatched.get(name, {}).get(period, 0)
            if grams is not None or missing:
                yield named | {
                    "gas": gas["name"],
                    "scope": gas["scope"],
                    "period": period,
                    "grams": grams,
                    "unit": gas["unit"],
                    "unmatched": missing,
                    "units": None if line.own else line.units[place],
                    "status": words.status(line.statuses.get(name)),
                    "code": services.code(account, line.number, name, Period.parse(period)),
                }
