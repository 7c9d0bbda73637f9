"""The small invented city that pages are tried on."""

import datetime as dt
from pathlib import Path

PLAN = "demo-2024"
DATES = (dt.date(2024, 7, 25), dt.date(2024, 10, 25))
ENTERPRISES = 60


def write(folder: Path) -> Path:
    """Write the data of a small city; gives the folder."""
    from dualcarbon.demo import generate

    folder.mkdir(parents=True, exist_ok=True)
    generate(folder, seed=2024, enterprises=ENTERPRISES)
    return folder


def pages(editions: list[str]) -> dict[str, str]:
    """Every kind of page by a short name, without the language in front."""
    return {
        "board": "/",
        "board-industries": "/?cut=industries",
        "board-table": "/?view=table",
        "wall": "/commitments/",
        "wall-none": "/commitments/?q=nothing-like-this",
        "commitment-rate": "/commitments/1.3/",
        "commitment-areas": "/commitments/1.5/",
        "commitment-count": "/commitments/5.4/",
        "commitment-task": "/commitments/2.1/",
        "district": "/area/990114/",
        "district-unreported": "/area/990116/",
        "explain": f"/explain/{editions[-1]}:standings:2/",
        "explain-tier": f"/explain/{editions[-1]}:standings:96/",
        "explain-branch": f"/explain/{editions[-1]}:standings:96/?at=0.0.0",
        "findings": f"/findings/{editions[-1]}/",
        "accounts": "/accounts/",
        "accounts-industry": "/accounts/?by=division&gas=CO2",
        "accounts-area": "/accounts/?by=area&gas=CO2e&scope=1&period=2024-Q2",
        "accounts-time": "/accounts/?subject=990114&by=time&carrier=raw_coal",
        "accounts-enterprise": "/accounts/?subject=990104-0001&period=2023",
        "accounts-nothing": "/accounts/?subject=990101&by=time&carrier=coke",
        "balance": "/accounts/balance/",
        "balance-carriers": "/accounts/balance/?by=carrier&year=2022",
        "drivers": "/accounts/drivers/",
        "drivers-co2": "/accounts/drivers/?what=co2&change=2022:2023",
        "reconciliation": "/accounts/reconciliation/",
        "reconciliation-city": "/accounts/reconciliation/?level=city:area&measure=co2",
        "compare": "/accounts/editions/",
        "peak": "/accounts/peak/",
        "enterprises": "/enterprises/",
        "enterprise": "/enterprises/990104-0001/",
        "parameters": "/parameters/",
        "parameter": "/parameters/grid_co2/?on=2023-06&keys=area=310000,basis=average",
        "parameter-long": "/parameters/n2o_per_energy/",
        "parameter-none": "/parameters/n2o_per_energy/?q=nothing-like-this",
        "coverage": "/coverage/",
        "help": "/help/",
    }
