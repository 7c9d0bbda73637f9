"""The sentences of a score sheet in both languages, and the choices that the engine offers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from dualcarbon.control.assessment.bands import BOUNDS
from dualcarbon.control.assessment.model import ENGINE_CHOICES, POINT, Choice
from dualcarbon.control.wording import unit_label

Pair = tuple[str, str]
LANGS = ("zh", "en")


@cache
def templates() -> Mapping[str, Mapping[str, str]]:
    """Give the templates of all sentences."""
    text = files("dualcarbon.control.assessment").joinpath("reasons.yaml").read_text("utf-8")
    loaded: Mapping[str, Mapping[str, str]] = yaml.safe_load(text)
    return loaded


def say(template: str, **facts: Pair | str) -> Pair:
    """Give a sentence in Chinese and English; a fact is one text, or one for each language."""
    texts = []
    for k, lang in enumerate(LANGS):
        words = {n: v if isinstance(v, str) else v[k] for n, v in facts.items()}
        texts.append(templates()[template][lang].format(**words))
    return texts[0], texts[1]


def digits(value: float) -> str:
    """Give a number with as many decimals as it needs, at most four."""
    text = f"{value:,.4f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text.replace("-", "−")


def amount(value: float, unit: str) -> Pair:
    """Give a number with its unit in both languages."""
    if unit == POINT:
        return f"{digits(value)}分", f"{digits(value)} points"
    if unit == "%":
        return f"{digits(value)} %", f"{digits(value)} %"
    zh, en = unit_label(unit, "zh"), unit_label(unit, "en")
    return f"{digits(value)}{zh}", f"{digits(value)} {en}".rstrip()


def joined(parts: list[Pair]) -> Pair:
    """Join names: 、 in Chinese, a comma in English."""
    return "、".join(p[0] for p in parts), ", ".join(p[1] for p in parts)


def built_in_choices(raw: Mapping[str, Any]) -> list[Choice]:
    """Give the engine's choices that matter to a rubric; the first option is the default."""
    text, bands = str(raw), str(raw.get("grades"))
    asked = {
        "edges": "'from':" in text or "'to':" in text,
        "gap": any(f"'{key}':" in bands for key in BOUNDS),
        "progress": "'change':" in text,
        "part_step": "'ladder':" in text,
        "ties": bool(raw.get("shares")),
    }
    return [
        Choice(name, *say(f"choice_{name}"), options, options[0])
        for name, options in ENGINE_CHOICES.items()
        if asked[name]
    ]
