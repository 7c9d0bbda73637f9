"""What a decomposition says: the answer, its rows, and the proof of its sum."""

from __future__ import annotations

from typing import Any

from dualcarbon.parameters import worst_status
from dualcarbon.plan.decompose.model import Share
from dualcarbon.plan.decompose.rounds import to_json
from dualcarbon.plan.decompose.run import Decomposition
from dualcarbon.plan.decompose.share import Sharing
from dualcarbon.plan.decompose.solve import Setting, groups_of

RATE_DIGITS = 4
COLUMNS = (
    "subject", "subject_code", "name_zh", "name_en", "group", "base", "growth", "rate", "allowed",
    "allowed_quanta",
    "min", "max", "own_rate", "score", "at", "incentive_rate", "incentive_allowed", "code",
)  # fmt: skip


def payload(found: Decomposition, edition: str | None = None) -> dict[str, Any]:
    """Give the answer as JSON data; amounts in `unit`, exact in `quantum`, rates in %."""
    setting = found.setting
    target = setting.target
    return {
        "plan": found.plan,
        "target": {
            "id": target.id,
            "title_zh": target.title_zh,
            "title_en": target.title_en,
            "indicator": target.indicator,
            "mode": target.mode,
            "value": float(target.value),
            "unit": target.unit if target.mode == "amount" else "%",
            "comparator": target.comparator,
            "base": target.base,
            "period": target.period,
            "mark": target.mark,
            "source": dict(target.source),
        },
        "rule": setting.rule.id,
        "method": setting.rule.to_json() | {"weights": _weights(found)},
        "data_status": _status(found),
        "choices": _choices(setting),
        "unit": setting.unit,
        "quantum": setting.quantum,
        "rate_is": "share" if target.mode == "amount" else "change",
        "total": _amount(setting, setting.total),
        "rows": [row_of(found, index, edition) for index in range(len(found.sharing.shares))],
        "residual": _amount(setting, found.residual),
        "residual_parts": {
            "in_no_district": _amount(setting, setting.residual),
            "kept_by_city": _amount(setting, found.residual - setting.residual),
        },
        "sum_check": sum_check(setting, found.sharing),
        "composition": composition(found),
        "groups": _groups(found),
        "compare": {name: _comparison(found, other) for name, other in found.compared.items()},
        "incentive": _incentive(found),
        "rounds": [to_json(step, setting) for step in found.steps],
    }


def _amount(setting: Setting, quanta: int) -> float:
    return float(quanta / setting.size)


def _weights(found: Decomposition) -> dict[str, Any]:
    return {
        "rules": {name: float(value) for name, value in found.setting.problem.weights.items()},
        "indicators": {name: round(value, 6) for name, value in found.weights.items()},
        "directions": {
            name: "+" if higher else "-" for name, higher in found.setting.problem.factors.items()
        },
    }


def _status(found: Decomposition) -> str:
    setting, parameter = found.setting, found.setting.growth.parameter
    used = [setting.target.status, setting.rule.status]
    used += [parameter.status] if parameter else []
    return "synthetic" if found.synthetic else worst_status(used)


def _choices(setting: Setting) -> dict[str, Any]:
    problem, growth = setting.problem, setting.growth
    reading = setting.options.reading or setting.target.reading
    return {
        "growth": None if growth.common is None else float(growth.common),
        "growth_from": growth.origin,
        "growth_parameter": growth.parameter.id if growth.parameter else None,
        "city_growth": float(setting.whole.growth) if problem.mode == "ratio" else None,
        "bounds": problem.bounds,
        "spread": float(problem.spread),
        "reading": reading,
        "by": setting.options.by,
    }


def row_of(found: Decomposition, index: int, edition: str | None = None) -> dict[str, Any]:
    """Give one row of the answer."""
    setting, share = found.setting, found.sharing.shares[index]
    part, entry = share.part, setting.base.entries[index]
    harder = found.incentive[1].shares[index] if found.incentive else None
    return {
        "subject": entry.written or part.subject,
        "subject_code": part.subject,
        "name_zh": entry.name_zh,
        "name_en": entry.name_en,
        "group": part.group,
        "base": _amount(setting, part.base),
        "growth": None if part.growth is None else float(part.growth),
        "rate": rate_of(setting, share),
        "allowed": _amount(setting, share.allowed),
        "allowed_quanta": share.allowed,
        "min": None if part.low is None else float(part.low),
        "max": None if part.high is None else float(part.high),
        "own_rate": None if part.task is None else round(part.task.rate, RATE_DIGITS),
        "score": score_of(found, index),
        "at": share.at,
        "incentive_rate": rate_of(found.incentive[0], harder)
        if found.incentive and harder
        else None,
        "incentive_allowed": _amount(setting, harder.allowed) if harder else None,
        "change_vs": {"base": _amount(setting, share.allowed - part.base)}
        | {
            name: _amount(setting, share.allowed - other.shares[index].allowed)
            for name, other in found.compared.items()
        },
        "code": f"{edition}:shares:{index}" if edition else None,
    }


def score_of(found: Decomposition, index: int) -> float | None:
    """Give the capability score of a row, None where no score was used."""
    if not found.weights:
        return None
    from dualcarbon.plan.decompose.rules import scored

    return float(scored(found.setting.problem).scores[index])


def rate_of(setting: Setting, share: Share) -> float | None:
    """Give the change in % of a row, of an amount its share of the total; None where undefined."""
    if setting.target.mode == "amount":
        rate = share.allowed / setting.total * 100 if setting.total else None
    else:
        rate = share.rate
    return None if rate is None else round(rate, RATE_DIGITS)


def sum_check(setting: Setting, sharing: Sharing) -> dict[str, Any]:
    """Prove the sum in whole quanta: total = rows + residual."""
    rows = sum(item.allowed for item in sharing.shares)
    residual = setting.residual + sharing.reserve
    return {
        "unit": setting.quantum,
        "total": setting.total,
        "rows": rows,
        "residual": residual,
        "difference": setting.total - rows - residual,
        "exact": setting.total == rows + residual,
    }


def composition(found: Decomposition) -> dict[str, Any] | None:
    """Show that the shares compose to the city's target, as a ratio of sums, never a mean."""
    setting = found.setting
    if setting.target.mode == "amount" or setting.options.totals is not None:
        return None
    whole = setting.whole
    growth = whole.growth if setting.target.mode == "ratio" else 0
    grown = whole.base * (1 + growth / 100)
    summed = sum(item.allowed for item in found.sharing.shares) + found.residual
    reached = round(float((summed / grown - 1) * 100), RATE_DIGITS) if grown else None
    rates = [rate for item in found.sharing.shares if (rate := item.rate) is not None]
    return {
        "target": float(setting.target.value),
        "ratio_of_sums": reached,
        "mean_of_rates": round(sum(rates) / len(rates), RATE_DIGITS) if rates else None,
    }


def _groups(found: Decomposition) -> list[dict[str, Any]]:
    """Give the sums of the second cut; empty without one."""
    if found.setting.options.by is None:
        return []
    allowed = {item.part.subject: item.allowed for item in found.sharing.shares}
    return [
        {
            "group": name or None,
            "members": len(parts),
            "base": _amount(found.setting, sum(part.base for part in parts)),
            "allowed": _amount(found.setting, sum(allowed[part.subject] for part in parts)),
        }
        for name, parts in groups_of(found.setting.problem).items()
    ]


def _comparison(found: Decomposition, other: Sharing) -> dict[str, Any]:
    """Say who gains and who loses against another rule: who may use more, of a task has less."""
    setting = found.setting
    pairs = zip(found.sharing.shares, other.shares, strict=True)
    task = setting.target.mode == "amount" and setting.problem.asked > 0
    rows = []
    for mine, theirs in pairs:
        more = mine.allowed - theirs.allowed
        better = (more > 0) != task
        rows.append(
            {
                "subject": mine.part.subject,
                "allowed": _amount(setting, theirs.allowed),
                "rate": rate_of(setting, theirs),
                "change": _amount(setting, more),
                "result": "same" if more == 0 else "gains" if better else "loses",
            }
        )
    counts = {
        word: sum(row["result"] == word for row in rows) for word in ("gains", "loses", "same")
    }
    return {"rows": rows, "sum_check": sum_check(setting, other), **counts}


def _incentive(found: Decomposition) -> dict[str, Any] | None:
    if found.incentive is None:
        return None
    setting, sharing = found.incentive
    return {
        "value": float(setting.target.value),
        "total": _amount(setting, setting.total),
        "residual": _amount(setting, setting.residual + sharing.reserve),
        "sum_check": sum_check(setting, sharing),
    }


def flat_row(found: Decomposition, index: int, edition: str | None = None) -> dict[str, Any]:
    """Give one row of csv: the columns of the answer, and a column a change."""
    row = row_of(found, index, edition)
    changes = {f"vs_{name}": value for name, value in row["change_vs"].items()}
    return {name: row[name] for name in COLUMNS} | changes
