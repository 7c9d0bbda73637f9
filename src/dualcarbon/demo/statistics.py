"""What the statistics bureau of the invented city publishes, with its vintages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import polars as pl
from attrs import evolve, frozen

from dualcarbon.demo import revisions
from dualcarbon.demo.activity import GRAMS, Account
from dualcarbon.demo.city import CITY, City, Floats, Month, read_design
from dualcarbon.demo.enterprises import Users

BUREAU = "SYNTHETIC 汀川统计 Tingchuan Statistics"
COLUMNS = (
    "indicator",
    "subject_kind",
    "subject",
    "period",
    "basis",
    "value",
    "unit",
    "price_base",
    "origin",
    "vintage",
    "recorded_at",
    "source",
)
PRICES = "2020"


@frozen
class Series:
    """One indicator for some subjects and periods, year to date; `values` is subject x period.

    NaN is a value that is not issued. `months` are the last months of the periods.
    """

    indicator: str
    unit: str
    subjects: Sequence[tuple[str, str]]
    months: Sequence[Month]
    values: Floats
    vintage: str = "preliminary"
    price_base: str | None = None
    recorded_at: Sequence[date] = ()

    def frame(self) -> pl.DataFrame:
        """Give the rows as published; by default on the working day near the 24th after."""
        days = list(self.recorded_at) or [revisions.published(month) for month in self.months]
        subject, period = np.nonzero(~np.isnan(self.values))
        kinds, codes = zip(*self.subjects, strict=True)
        return pl.DataFrame(
            {
                "subject_kind": np.array(kinds)[subject],
                "subject": np.array(codes)[subject],
                "period": np.array([to_date(month) for month in self.months])[period],
                "value": self.values[subject, period],
                "recorded_at": pl.Series(days, dtype=pl.Date).gather(period),
            }
        ).select(
            pl.lit(self.indicator).alias("indicator"),
            "subject_kind",
            "subject",
            "period",
            pl.lit("cumulative").alias("basis"),
            "value",
            pl.lit(self.unit).alias("unit"),
            pl.lit(self.price_base, dtype=pl.String).alias("price_base"),
            pl.lit("declared").alias("origin"),
            pl.lit(self.vintage).alias("vintage"),
            "recorded_at",
            pl.lit(BUREAU).alias("source"),
        )

    def final(self) -> Series:
        """Give the same values as they become final in the autumn after."""
        days = [revisions.finalised(year) for year, _ in self.months]
        return evolve(self, vintage="final", recorded_at=days)


def to_date(month: Month) -> str:
    """Give the year-to-date period that ends with a month; December gives the year."""
    year, number = month
    return str(year) if number == 12 else f"{year}-01..{number:02d}"


@frozen
class Truth:
    """True year-to-date levels by subject (districts, then the city) and quarter.

    Energy and CO2 in whole tonnes, output in 10^8 CNY with two decimals; the city is the sum of
    the printed values of districts and of users in no district, so that the columns add up.
    """

    subjects: list[tuple[str, str]]
    quarters: list[Month]
    energy: Floats
    co2: Floats
    output: Floats

    def change(self, level: Floats) -> Floats:
        """Give the change in % of a level against the same quarter a year before."""
        changes = np.full(level.shape, np.nan)
        changes[:, 4:] = (level[:, 4:] / level[:, :-4] - 1) * 100
        return changes


def build_truth(city: City, users: Users, account: Account) -> Truth:
    """Add up the account by area and quarter."""
    output = np.round(_to_date(city.output[:-1]), 2)
    energy, co2 = (_tonnes(city, users, grams) for grams in (account.tce_g, account.co2_g))
    return Truth(
        subjects=[*(("area", code) for code in city.areas[:-1]), ("city", CITY)],
        quarters=[month for month in account.months if month[1] % 3 == 0],
        energy=energy,
        co2=co2,
        output=np.round(np.vstack([output, output.sum(axis=0)]), 2),
    )


def _to_date(quarters: Floats) -> Floats:
    shape = (quarters.shape[0], -1, 4)
    to_date: Floats = quarters.reshape(shape).cumsum(axis=2).reshape(quarters.shape)
    return to_date


def area_grams(city: City, users: Users, grams: Any) -> Any:
    """Give area x month sums of grams, exact integers; the last row is users in no district."""
    total = np.zeros((len(city.areas), grams.shape[2]), dtype=np.int64)
    np.add.at(total, users.area, grams.sum(axis=1))
    return total


def _tonnes(city: City, users: Users, grams: Any) -> Floats:
    quarters = area_grams(city, users, grams).reshape(len(city.areas), -1, 3).sum(axis=2)
    tonnes = np.rint(_to_date(quarters) / GRAMS)
    return np.vstack([tonnes[:-1], tonnes.sum(axis=0)])


def build_statistics(
    city: City,
    users: Users,
    account: Account,
    rng: np.random.Generator,
    first: Month,
    last: Month,
) -> pl.DataFrame:
    """Give all published figures from the first month on; annual changes from the first year."""
    truth = build_truth(city, users, account)
    series = [
        *_levels(city, truth, rng),
        *_changes(city, truth, rng),
        *_history(city, truth, rng),
        *_monthly(city, users, account, rng),
    ]
    frame = pl.concat([item.frame() for item in series])
    annual = pl.col("period").str.len_chars() == 4
    year, month = pl.col("period").str.slice(0, 4), pl.col("period").str.slice(9)
    ends = year.cast(pl.Int32) * 12 + pl.when(annual).then(pl.lit("12")).otherwise(month).cast(
        pl.Int32
    )
    inside = ends.is_between(first[0] * 12 + first[1], last[0] * 12 + last[1])
    past = annual & (pl.col("unit") == "%") & (ends <= last[0] * 12 + last[1])
    return _slipped(city, _held_back(city, frame.filter(inside | past))).sort(
        "indicator", "subject_kind", "subject", "period", "recorded_at", "unit"
    )


def _levels(city: City, truth: Truth, rng: np.random.Generator) -> list[Series]:
    """Give levels: a flash estimate of the city's energy, then preliminary and final values."""
    energy = Series("energy_total", "10^4 tce", truth.subjects, truth.quarters, truth.energy / 1e4)
    co2 = Series("co2_total", "10^4 tCO2", truth.subjects, truth.quarters, truth.co2 / 1e4)
    flash_days = [revisions.published(m, revisions.ESTIMATE_DAY) for m in truth.quarters]
    whole = energy.values[-1:]
    flash = evolve(
        energy,
        subjects=truth.subjects[-1:],
        values=np.round(whole * rng.normal(1, 0.003, whole.shape), 2),
        vintage="estimate",
        recorded_at=flash_days,
    )
    output = Series(
        "gdp", "10^8 CNY", truth.subjects, truth.quarters, truth.output, price_base=PRICES
    )
    early = truth.output[:-1] * rng.normal(1, 0.0003, truth.output[:-1].shape)
    early = np.round(early, 2)
    first = evolve(output, values=np.round(np.vstack([early, early.sum(axis=0)]), 2))
    return [flash, energy, energy.final(), co2, co2.final(), first, output.final()]


def _changes(city: City, truth: Truth, rng: np.random.Generator) -> list[Series]:
    """Give published growth rates and changes, each with its own rounding and basis."""
    growth = np.round(truth.change(truth.output), 1)
    energy = np.round(truth.change(truth.energy), 2)
    intensity = _declared(city, truth.change(truth.energy / truth.output))
    carbon = truth.change(truth.co2 / truth.output)
    carbon = np.round(carbon + rng.normal(0, 0.02, carbon.shape), 2)
    common = {"unit": "%", "subjects": truth.subjects, "months": truth.quarters}
    return [
        Series("gdp", values=growth, price_base=PRICES, **common),  # type: ignore[arg-type]
        Series("energy_total", values=energy, **common),  # type: ignore[arg-type]
        _of_quarters("energy_intensity", intensity, truth),
        _of_quarters("co2_intensity", carbon, truth),
    ]


def _of_quarters(indicator: str, changes: Floats, truth: Truth) -> Series:
    """Leave out the years: their changes have vintages of their own."""
    quarters = np.where(np.arange(changes.shape[1]) % 4 == 3, np.nan, changes)
    return Series(indicator, "%", truth.subjects, truth.quarters, quarters, price_base=PRICES)


def _declared(city: City, changes: Floats) -> Floats:
    """Give the published changes of energy intensity; the city's differs a little from ours."""
    offset = np.zeros((changes.shape[0], 1))
    offset[-1] = city.design["city"]["published_offset"]
    declared: Floats = np.round(changes + offset, 2)
    return declared


def _history(city: City, truth: Truth, rng: np.random.Generator) -> list[Series]:
    """Give the annual changes of both intensities: estimate, preliminary, final."""
    entries = [*city.design["districts"], city.design["city"]]
    first = np.array([[entry["changes"][city.years[0]][-1]] for entry in entries])
    later = _declared(city, truth.change(truth.energy / truth.output))[:, 7::4]
    carbon = np.round(truth.change(truth.co2 / truth.output)[:, 7::4], 2)
    lower = np.round(first + rng.normal(-0.2, 0.05, first.shape), 2)
    return [
        series
        for indicator, changes in (
            ("energy_intensity", np.hstack([first, later])),
            ("co2_intensity", np.hstack([lower, carbon])),
        )
        for series in _vintages(city, indicator, changes, truth, rng)
    ]


def _vintages(
    city: City, indicator: str, changes: Floats, truth: Truth, rng: np.random.Generator
) -> list[Series]:
    years: list[Month] = [(year, 12) for year in city.years]
    final = Series(indicator, "%", truth.subjects, years, changes, price_base=PRICES).final()
    estimate = np.round(changes + rng.normal(0, 0.08, changes.shape), 2)
    better = np.round(changes + rng.normal(0, 0.03, changes.shape), 2)
    spring = [revisions.working_day(date(year + 1, 4, 20)) for year, _ in years]
    return [
        evolve(final, values=estimate, vintage="estimate", recorded_at=()),
        evolve(final, values=better, vintage="preliminary", recorded_at=spring),
        final,
    ]


def _monthly(city: City, users: Users, account: Account, rng: np.random.Generator) -> list[Series]:
    """Give the monthly series of the city from the combined January-February on."""
    months = list(account.months)
    kept = [index for index, (_, month) in enumerate(months) if month > 1]
    chosen = [months[index] for index in kept]
    subject = [("city", CITY)]
    physical = {name: account.quantity[:, k].sum(axis=0) for k, name in enumerate(account.carriers)}
    electricity = _year_to_date(physical["electricity"])[kept] / 1e4
    coal = _year_to_date(physical["raw_coal"] + physical["cleaned_coal"])[kept] / 1e4
    energy = np.rint(_year_to_date(account.tce_g.sum(axis=(0, 1))) / GRAMS)[kept] / 1e4
    off_quarter = np.where([month % 3 == 0 for _, month in chosen], np.nan, energy)
    power = Series("electricity_total", "10^8 kWh", subject, chosen, np.round(electricity, 4)[None])
    burnt = Series("coal_total", "10^4 t", subject, chosen, np.round(coal, 4)[None])
    return [
        power,
        power.final(),
        burnt,
        burnt.final(),
        Series("energy_total", "10^4 tce", subject, chosen, off_quarter[None]),
        *_industry(city, users, account, rng, kept),
        *_population(city),
        *_outputs(city),
        *_followed(city),
    ]


def _year_to_date(monthly: Any) -> Any:
    return monthly.reshape(-1, 12).cumsum(axis=1).ravel()


def _industry(
    city: City, users: Users, account: Account, rng: np.random.Generator, kept: list[int]
) -> list[Series]:
    """Give energy and value added of industry above designated size, from 1-2月 on."""
    months = [account.months[index] for index in kept]
    inside = users.register.with_row_index("row").filter(pl.col("sector") == "industry")["row"]
    grams = account.tce_g[inside.to_numpy()].sum(axis=(0, 1))
    energy = np.rint(_year_to_date(grams) / GRAMS)[kept] / 1e4
    output = np.repeat(city.output.sum(axis=0) / 3, 3)
    level = _year_to_date(output * 0.24 * rng.lognormal(0, 0.004, output.size))
    growth: Floats = np.full(level.size, np.nan, dtype=np.float64)
    growth[12:] = (level[12:] / level[:-12] - 1) * 100
    printed: Floats = np.round(level[kept], 2)
    rate: Floats = np.round(growth[kept], 1)
    subject = [("city", CITY)]
    return [
        Series("industrial_energy", "10^4 tce", subject, months, energy[None]),
        Series("value_added", "10^8 CNY", subject, months, printed[None], price_base=PRICES),
        Series("value_added", "%", subject, months, rate[None], price_base=PRICES),
    ]


def _population(city: City) -> list[Series]:
    """Give residents at the end of each year; the city is the sum of its districts."""
    base = np.array([entry["population"] for entry in city.design["districts"]], dtype=float)
    before: Floats = np.array(city.years, dtype=float) - city.years[-1]
    districts = np.round(base[:, None] * (1 + 0.002 * before[None]), 2)
    values: Floats = np.array([*districts, districts.sum(axis=0)], dtype=np.float64)
    subjects = [*(("area", entry["code"]) for entry in city.design["districts"]), ("city", CITY)]
    years: list[Month] = [(year, 12) for year in city.years]
    spring = [revisions.working_day(date(year + 1, 3, 20)) for year in city.years]
    return [Series("population", "10^4 person", subjects, years, values, "final", None, spring)]


def _outputs(city: City) -> list[Series]:
    """Give the output of transport enterprises on the lists, by quarter to date."""
    entries = read_design("enterprises")["outputs"]
    growth = np.array(
        [[entry["growth"].get(year, 0.0) for year in city.years] for entry in entries]
    )
    level = np.array([[entry["level"]] for entry in entries])
    back = np.cumprod((1 + growth / 100)[:, ::-1], axis=1)[:, ::-1] * 100 / (100 + growth)
    yearly = level / back
    shares = np.cumsum(city.design["output"]["shares"])
    values: Floats = np.round(yearly[:, :, None] * shares, 2).reshape(len(entries), -1)
    subjects = [("enterprise", str(entry["enterprise"])) for entry in entries]
    months: list[Month] = [(year, month) for year in city.years for month in (3, 6, 9, 12)]
    return [Series("tier_output", "10^8 CNY", subjects, months, values, price_base=PRICES)]


def _followed(city: City) -> list[Series]:
    """Give figures behind duties that carry no number, by quarter to date."""
    shares = np.cumsum(city.design["output"]["shares"])
    months: list[Month] = [(year, month) for year in city.years for month in (3, 6, 9, 12)]
    back = np.arange(len(city.years))[::-1]
    found = []
    for entry in city.design["followed"]:
        yearly: Floats = entry["level"] / (1 + entry["growth"] / 100) ** back
        values: Floats = np.round(yearly[:, None] * shares[None]).reshape(1, -1)
        series = Series(entry["indicator"], entry["unit"], [("city", CITY)], months, values)
        found.append(series)
    return found


def _slipped(city: City, frame: pl.DataFrame) -> pl.DataFrame:
    """Put in the published figures that are wrong; nothing marks them."""
    for entry in city.design["slips"]:
        keys = ("indicator", "unit", "subject", "period", "vintage")
        here = pl.all_horizontal(pl.col(name) == entry[name] for name in keys)
        value = (pl.col("value") * entry.get("factor", 1)).round(4)
        unit = pl.lit(entry.get("to_unit", entry["unit"]))
        frame = frame.with_columns(
            value=pl.when(here).then(value).otherwise(pl.col("value")),
            unit=pl.when(here).then(unit).otherwise(pl.col("unit")),
        )
    return frame


def _held_back(city: City, frame: pl.DataFrame) -> pl.DataFrame:
    """Let some districts publish late, or a flash estimate only, in the quarters of the design."""
    for entry in city.design["late"]:
        here = pl.col("subject").is_in(entry["areas"]) & pl.col("period").is_in(entry["periods"])
        here &= pl.col("indicator").is_in(entry["indicators"]) & (pl.col("vintage") != "final")
        if entry["kind"] == "missing":
            day = pl.when(here).then(pl.lit(entry["until"])).otherwise(pl.col("recorded_at"))
            frame = frame.with_columns(recorded_at=day)
            continue
        again = frame.filter(here).with_columns(recorded_at=pl.lit(entry["until"]))
        flash = pl.when(here).then(pl.lit("estimate")).otherwise(pl.col("vintage"))
        frame = pl.concat([frame.with_columns(vintage=flash), again])
    return frame
