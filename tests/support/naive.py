"""A sampler without any thought: every row in every draw. Slow, and the judge of the quick one."""

import math

import numpy as np

Z = 1.959963984540054
STEP = 100


def errors(rng, kind, percent, shape):
    """Multipliers of a symmetric statement, by numpy's own samplers."""
    half = percent / 100
    if half == 0:
        return np.ones(shape)
    if kind == "normal":
        return rng.normal(1, half / Z, shape)
    if kind == "lognormal":
        spread = math.sqrt(math.log1p((half / Z) ** 2))
        return rng.lognormal(-(spread**2) / 2, spread, shape)
    if kind == "uniform":
        wide = half / 0.95
        return rng.uniform(1 - wide, 1 + wide, shape)
    wide = half / (1 - math.sqrt(0.05))
    return rng.triangular(1 - wide, 1, 1 + wide, shape)


def alike(kinds, percents, classes):
    """Rows whose errors are drawn together, and whether that is one error for all of them."""
    found = {}
    for row, label in enumerate(classes):
        key = label or (kinds[row], percents[row])
        found.setdefault(key, (label is not None, []))[1].append(row)
    return list(found.values())


def naive(amounts, kinds, percents, groups, factors, draws, seed, classes=None):
    """Draws of every group (groups x draws).

    `factors`: (kind, percent, power, rows) - the rows that one factor multiplies; `classes`: a
    label per row or None: rows of one class share one error.
    """
    rng = np.random.Generator(np.random.Philox(seed))
    sums = np.zeros((max(groups) + 1, len(amounts)))
    sums[groups, np.arange(len(amounts))] = amounts
    together = alike(kinds, percents, classes if classes is not None else [None] * len(amounts))
    totals = []
    for _ in range(draws // STEP):
        multiplier = np.empty((len(amounts), STEP))
        for shared, rows in together:
            shape = (1 if shared else len(rows), STEP)
            multiplier[rows] = errors(rng, kinds[rows[0]], percents[rows[0]], shape)
        for kind, percent, power, rows in factors:
            multiplier[rows] *= errors(rng, kind, percent, (1, STEP)) ** power
        totals.append(sums @ multiplier)
    return np.hstack(totals)


def assert_same_distribution(one, other, sigmas=4.5):
    """Mean, sd, 2.5 and 97.5 % quantiles agree within the Monte Carlo error of both samples."""
    sd = other.std(ddof=1)
    if sd == 0:
        assert one.std() <= 1e-12 * abs(other.mean())
        return
    share = math.sqrt(1 / len(one) + 1 / len(other))
    assert abs(one.mean() - other.mean()) < sigmas * sd * share
    kurtosis = ((other - other.mean()) ** 4).mean() / sd**4
    assert abs(one.std(ddof=1) / sd - 1) < sigmas * math.sqrt((kurtosis - 1) / 4) * share
    for p in (0.025, 0.975):
        below, above = np.quantile(other, [p - 0.01, p + 0.01])
        error = math.sqrt(p * (1 - p)) * (above - below) / 0.02 * share
        assert abs(np.quantile(one, p) - np.quantile(other, p)) < sigmas * error
