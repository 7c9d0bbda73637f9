"""Reads the annotated corpus and counts agreement on value and unit."""

from dataclasses import dataclass
from pathlib import Path

import yaml

FOLDER = Path(__file__).parent / "corpus"
FIELDS = ("subject", "value", "unit", "comparator", "direction", "strength")


@dataclass(frozen=True)
class Notice:
    id: str
    split: str
    text: str
    targets: tuple[dict, ...]
    optional: tuple[dict, ...]


@dataclass(frozen=True)
class Score:
    """Numbers found rightly, found wrongly and missed; `pairs` are (wanted, found)."""

    right: int
    extra: tuple
    missed: tuple
    pairs: tuple

    @property
    def precision(self):
        return self.right / max(1, self.right + len(self.extra))

    @property
    def recall(self):
        return self.right / max(1, self.right + len(self.missed))


def notices(split=None):
    found = []
    for file in sorted(FOLDER.glob("*.yaml")):
        entry = yaml.safe_load(file.read_text(encoding="utf-8"))
        found.append(
            Notice(
                entry["id"],
                entry["split"],
                entry["text"],
                _rows(entry["targets"]),
                _rows(entry.get("optional", ())),
            )
        )
    return [item for item in found if split in (None, item.split)]


def _rows(rows):
    """Give the annotated rows; a short row says nothing of its last fields."""
    return tuple(dict(zip(FIELDS, row, strict=False)) for row in rows)


def same(wanted, found):
    close = abs(found.value - wanted["value"]) <= 1e-6 * max(1, abs(wanted["value"]))
    return close and found.unit == wanted["unit"]


def compare(notice, draft):
    left, pairs, missed = list(draft.targets), [], []
    for wanted in notice.targets:
        fits = [item for item in left if same(wanted, item)]
        if not fits:
            missed.append((notice.id, wanted))
            continue
        named = [item for item in fits if wanted["subject"].lower() in item.subject.lower()]
        best = (named or fits)[0]
        left.remove(best)
        pairs.append((wanted, best))
    for wanted in notice.optional:
        taken = next((item for item in left if same(wanted, item)), None)
        if taken is not None:
            left.remove(taken)
    return Score(len(pairs), tuple((notice.id, item) for item in left), tuple(missed), tuple(pairs))


def total(scores):
    return Score(
        sum(score.right for score in scores),
        tuple(item for score in scores for item in score.extra),
        tuple(item for score in scores for item in score.missed),
        tuple(pair for score in scores for pair in score.pairs),
    )
