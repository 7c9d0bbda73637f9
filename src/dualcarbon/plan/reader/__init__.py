"""The reader of notices: clauses and quantified targets from any city's text.

`read_notice(text)` and `read_notice_file(path)` give a `NoticeDraft`; `draft_pack_yaml` writes it
as the draft of a pack's notice. Words, units and rules are data in `data/world/reader`.
"""

from dualcarbon.plan.reader.draft import draft_pack_yaml
from dualcarbon.plan.reader.files import read_notice_file, text_of
from dualcarbon.plan.reader.model import Clause, NoticeDraft, Rejected, Target
from dualcarbon.plan.reader.reader import read_notice

__all__ = [
    "Clause",
    "NoticeDraft",
    "Rejected",
    "Target",
    "draft_pack_yaml",
    "read_notice",
    "read_notice_file",
    "text_of",
]
