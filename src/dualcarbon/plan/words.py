"""Words for what a commitment asks, in Chinese and English."""

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
UNITS_EN = {"count": "", "m2": "m²"}
PHRASES = {
    "zh": {
        ">=": "{n}以上",
        ">": "{n}以上（不含）",
        "<=": "{n}以内",
        "<": "不到{n}",
        "~": "{n}左右",
        "=": "{n}",
    },
    "en": {
        ">=": "at least {n}",
        ">": "more than {n}",
        "<=": "at most {n}",
        "<": "less than {n}",
        "~": "about {n}",
        "=": "{n}",
    },
}
VERBS = {"zh": ("下降 ", "上升 "), "en": ("fall ", "rise ")}
MIRROR = {"<=": ">=", "<": ">", ">=": "<=", ">": "<"}


def target_words(item: Commitment, plan: Plan, lang: str) -> str:
    """Say what a target asks, such as "fall at least 3.0 %"; empty where there is no value.

    A change is said as fall or rise with its size. A level is said in the display unit of its
    indicator in Chinese and in full in the unit of the target in English.
    """
    if item.value is None or item.unit is None:
        return ""
    comparator = item.comparator or "="
    if item.base is None:
        return PHRASES[lang][comparator].format(n=_level(item, plan, lang))
    falls = item.value < 0
    number = f"{abs(item.value):.1f} {unit_label(item.unit, lang)}".rstrip()
    size = MIRROR.get(comparator, comparator) if falls else comparator
    return VERBS[lang][0 if falls else 1] + PHRASES[lang][size].format(n=number)


def _level(item: Commitment, plan: Plan, lang: str) -> str:
    value, unit = item.value or 0.0, item.unit or ""
    known = plan.indicators.get(item.indicator or "")
    if lang == "en" or known is None or item.unit == "%":
        return f"{value:,.12g} {unit_label(unit, lang)}".rstrip()
    shown = known.display_unit or known.unit
    number = f"{convert(value, unit, shown):,.{known.decimals}f}"
    return f"{number} {unit_label(shown, lang)}".rstrip()


def unit_label(unit: str, lang: str) -> str:
    """Give the name of a unit on a page; a unit without a name keeps its code."""
    names = UNITS_ZH if lang == "zh" else UNITS_EN
    return names.get(unit, unit)
