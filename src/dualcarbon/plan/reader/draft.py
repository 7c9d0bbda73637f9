"""The draft of a notice file for a pack, made from what was read."""

from __future__ import annotations

import re
from typing import Any

import yaml

from dualcarbon.plan.reader.model import NoticeDraft, Target

YARDSTICKS = {"rate": "rate", "change": "count", "cap": "cap", "count": "count"}
HEAD = """\
# Draft read from a notice: check every entry against the text, complete what is null, and write
# the duties that have no number.
# 由通知文本生成的草稿：请逐条核对原文，补全空缺，并补写没有数字的任务。
"""


def draft_pack_yaml(draft: NoticeDraft, *, pack: str = "draft") -> str:
    """Give the notice as YAML in the shape of `notices/<year>.yaml`.

    Every target becomes a commitment; what the text does not say is null. The titles are the
    subjects as read, in the language of the notice; the other language is left null.
    """
    year = draft.year
    body: dict[str, Any] = {
        "id": f"{pack}-{year or 'year'}",
        "year": year,
        f"title_{draft.language}": draft.title,
        f"title_{_other(draft)}": None,
        "sections": [
            {"id": section, "title_zh": None, "title_en": None} for section in _sections(draft)
        ],
        "commitments": _commitments(draft),
    }
    return HEAD + yaml.safe_dump(body, allow_unicode=True, sort_keys=False, width=100)


def _other(draft: NoticeDraft) -> str:
    return "en" if draft.language == "zh" else "zh"


def _sections(draft: NoticeDraft) -> list[str]:
    return list(dict.fromkeys(target.clause.split(".")[0] for target in draft.targets))


def _commitments(draft: NoticeDraft) -> list[dict[str, Any]]:
    counts: dict[str, int] = {}
    found = []
    for target in draft.targets:
        section = target.clause.split(".")[0]
        counts[section] = counts.get(section, 0) + 1
        found.append(_commitment(draft, target, section, f"{section}.{counts[section]}"))
    return found


def _commitment(draft: NoticeDraft, target: Target, section: str, key: str) -> dict[str, Any]:
    value = int(target.value) if target.value == int(target.value) else target.value
    due = target.deadline or (str(draft.year) if draft.year else None)
    return {
        "id": key,
        "section": section,
        "kind": "target",
        f"title_{draft.language}": target.subject or None,
        f"title_{_other(draft)}": None,
        "clause": target.clause,
        "quoted": re.sub(r"\s+", " ", draft.text[target.start : target.end]),
        "indicator": None,
        "yardstick": YARDSTICKS.get(target.kind, "milestone"),
        "comparator": target.comparator,
        "value": value,
        "unit": target.unit,
        "direction": target.direction,
        "strength": target.strength,
        "base": target.base,
        "period": due,
        "scope": {"subject_kind": "city"},
        "lead": [],
        "support": [],
        "deadline": f"{due}-12-31" if due else None,
        "evidence_zh": None,
        "evidence_en": None,
    }
