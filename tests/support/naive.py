"""A sampler without any thought: every row in every draw. Slow, and the judge of the quick one."""

import math

import numpy as np

Z = 1.959963984540054


def errors(rng, kind, percent, shape):
    """Multipliers of a symmetric statement, by numpy's own samplers."""
    half = percent / 100
    if kind == "normal":
        return 1 + half / Z * rng.standard_normal(shape)
    if kind == "lognormal":
        spread = math.sqrt(math.log1p((half / Z) ** 2))
        return rng.lognormal(-(spread**2) / 2, spread, shape)
    if kind == "uniform":
        wide = half / 0.95
        return rng.uniform(1 - wide, 1 + wide, shape)
    wide = half / (1 - math.sqrt(0.05))
    return rng.triangular(1 - wide, 1, 1 + wide, shape) if wide else np.ones(shape)


def naive(amounts, kinds, percents, groups, factors, draws, seed, classes=None):
    """Draws of every group (groups x draws).

    `factors`: (kind, percent, power, rows) - the rows that one factor multiplies; `classes`: a
    label per row or None: rows of one class share one error.
    """
    rng = np.random.Generator(np.random.Philox(seed))
    count = max(groups) + 1
    indicator = np.zeros((count, len(amounts)))
    indicator[groups, np.arange(len(amounts))] = amounts
    totals = []
    for _ in range(draws // 100):
        multiplier = np.ones((len(amounts), 100))
        rows_of = {}
        for row, label in enumerate(classes if classes is not None else [None] * len(amounts)):
            rows_of.setdefault((label,) if label is not None else (kinds[row], None), []).append(row)
        for key, rows in rows_of.items():
            if key[0] in ("normal", "lognormal", "uniform", "triangular") and len(key) == 2:
                for percent in set(percents[rows]):
                    these = [row for row in rows if percents[row] == percent]
                    multiplier[these] = errors(rng, key[0], percent, (len(these), 100))
            else:
                multiplier[rows] = errors(rng, kinds[rows[0]], percents[rows[0]], (1, 100))
        for kind, percent, power, rows in factors:
            multiplier[rows] *= errors(rng, kind, percent, (1, 100)) ** power
        totals.append(indicator @ multiplier)
    return np.hstack(totals)


def assert_same_distribution(one, other, sigmas=4.5):
    """Mean, sd, 2.5 and 97.5 % quantiles agree within the Monte Carlo error of both samples."""
    n, m = len(one), len(other)
    sd = other.std(ddof=1)
    if sd == 0:
        assert one.std() <= 1e-12 * abs(other.mean())
        return
    scale = sd * math.sqrt(1 / n + 1 / m)
    assert abs(one.mean() - other.mean()) < sigmas * scale
    kurtosis = ((other - other.mean()) ** 4).mean() / sd**4
    assert abs(one.std(ddof=1) / sd - 1) < sigmas * math.sqrt((kurtosis - 1) / 4) * scale / sd
    for p in (0.025, 0.975):
        near = np.quantile(other, [max(p - 0.01, 0.001), min(p + 0.01, 0.999)])
        density = 0.02 / max(near[1] - near[0], 1e-300)
        allowed = sigmas * math.sqrt(p * (1 - p)) / density * math.sqrt(1 / n + 1 / m)
        assert abs(np.quantile(one, p) - np.quantile(other, p)) < allowed
