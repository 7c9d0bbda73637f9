"""Schedule: who owes what by when, by dated rules, and whether it was filed."""

from dualcarbon.control.schedule.calendar import Rule, load_calendar
from dualcarbon.control.schedule.ics import to_ics
from dualcarbon.control.schedule.owed import Owed, Schedule, schedule
from dualcarbon.control.schedule.records import read_records
from dualcarbon.control.schedule.workdays import Workdays

__all__ = [
    "Owed",
    "Rule",
    "Schedule",
    "Workdays",
    "load_calendar",
    "read_records",
    "schedule",
    "to_ics",
]
