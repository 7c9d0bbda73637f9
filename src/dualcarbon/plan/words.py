"""Words for what a commitment asks, in Chinese and English, in the display unit of its indicator."""

from __future__ import annotations

from dualcarbon.plan.model import Commitment, Plan
from dualcarbon.units import convert

KIND = {
    "target": {"zh": "目标", "en": "target"},
    "task": {"zh": "任务", "en": "task"},
    "standing_duty": {"zh": "常态要求", "en": "standing duty"},
}
STRENGTH = {
    "must": {"zh": "应当", "en": "must"},
    "in_principle": {"zh": "原则上", "en": "in principle"},
    "strive": {"zh": "力争", "en": "strive"},
    "explore": {"zh": "探索", "en": "explore"},
}
UNITS_ZH = {
    "10^8 kWh": "亿千瓦时",
    "10^4 kWh": "万千瓦时",
    "kWh": "千瓦时",
    "10^4 kW": "万千瓦",
    "kW": "千瓦",
    "10^4 tce": "万吨标准煤",
    "tce": "吨标准煤",
    "10^4 t": "万吨",
    "t": "吨",
    "10^4 tCO2": "万吨二氧化碳",
    "10^4 m2": "万平方米",
    "m2": "平方米",
    "km2": "平方公里",
    "ha": "公顷",
    "10^4 mu": "万亩",
    "mu": "亩",
    "10^8 CNY": "亿元",
    "10^4 CNY": "万元",
    "count": "个",
    "%": "%",
}
UNITS_EN = {"count": "", "m2": "m²", "10^4 m2": "10^4 m²"}
MORE = {
    (">=", "zh"): "不低于 ",
    (">=", "en"): "at least ",
    ("<=", "zh"): "不超过 ",
    ("<=", "en"): "at most ",
    (">", "zh"): "高于 ",
    (">", "en"): "more than ",
    ("<", "zh"): "低于 ",
    ("<", "en"): "less than ",
    ("~", "zh"): "约 ",
    ("~", "en"): "about ",
    ("=", "zh"): "",
    ("=", "en"): "",
}
FALL = {"<=": ">=", "<": ">", ">=": "<=", ">": "<"}


def target_words(item: Commitment, plan: Plan, lang: str) -> str:
    """Say what a target asks, such as "fall at least 3.0 %"; empty where there is no value.

    A change is said as rise or fall with its size; a level in the indicator's display unit.
    """
    if item.value is None or item.unit is None:
        return ""
    if item.base is not None:
        return _change(item, lang)
    value, unit, decimals = _display(item, plan)
    number = f"{value:,.{decimals}f}"
    return f"{MORE[(item.comparator or '=', lang)]}{number} {unit_label(unit, lang)}".rstrip()


def _change(item: Commitment, lang: str) -> str:
    value = item.value or 0.0
    comparator = item.comparator or "="
    if value < 0:
        verb = {"zh": "下降", "en": "fall"}[lang]
        comparator = FALL.get(comparator, comparator)
    else:
        verb = {"zh": "上升", "en": "rise"}[lang]
    more = MORE[(comparator, lang)].strip()
    parts = [verb, more, f"{abs(value):.1f}", unit_label(item.unit or "", lang)]
    return " ".join(part for part in parts if part)


def _display(item: Commitment, plan: Plan) -> tuple[float, str, int]:
    known = plan.indicators.get(item.indicator or "")
    value, unit = item.value or 0.0, item.unit or ""
    if known is None:
        return value, unit, 2
    shown = known.display_unit or known.unit
    return convert(value, unit, shown), shown, known.decimals


def unit_label(unit: str, lang: str) -> str:
    """Give the name of a unit on a page; a unit without a name keeps its code."""
    names = UNITS_ZH if lang == "zh" else UNITS_EN
    return names.get(unit, unit)
