"""Absurd input of the city account: a finding with a place, never a traceback or an overflow."""

import pytest
from click.testing import CliRunner

from dualcarbon.cli import main

BALANCE = (
    "province,year,row,energy,value\nN,2023,12,raw_coal,-100\nN,2023,12,electricity,30\n"
    "N,2023,4,electricity,10\nN,2023,23,electricity,38\n"
)
SOURCES = "source,category,value,unit,rule\nP,power,100,tCO2,consumption\n"
WEIGHTS = "weight,area,value\nelectricity_consumption,N,1\n"
MIX = "period,class,quantity,unit,proof,id,source\n2024,fossil,8,10^4 tce,,,x\n"
SERIES = "series,year,value,unit,uncertainty\nco2,2020,5,MtCO2,5\nco2,2021,6,MtCO2,5\n"
SENDERS = "sender,quantity,unit,value,value_unit\n"
GREEN = "id,kind,quantity,unit\n"
HUGE = ("1e300", "1e16", "9" * 400)


def run(tmp_path, command, files, *options):
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    first = next(iter(files))
    words = [*command.split(), str(tmp_path / first)]
    words += [text.replace("@", f"{tmp_path}/") for text in options]
    if "chp" not in command:
        words += ["--editions", str(tmp_path / "e")]
    return CliRunner().invoke(main, [*words, "--lang", "en"])


def sane(result, code=None):
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.stderr
    assert result.exit_code in ((0, 2) if code is None else (code,)), result.stderr


@pytest.mark.parametrize("huge", HUGE)
def test_huge_numbers(tmp_path, huge):
    power = BALANCE + f"N,2023,5,electricity,{huge}\n"
    sane(run(tmp_path, "balance account", {"b.csv": power}))
    sane(run(tmp_path, "city chp", {"p.csv": f"plant,co2,power,heat\nA,{huge},{huge},1\n"}), 2)
    sources = SOURCES + f"Q,power,{huge},MtCO2,central\n"
    files = {"s.csv": sources, "w.csv": WEIGHTS}
    sane(run(tmp_path, "city allocate", files, "--weights", "@w.csv"), 2)
    sane(run(tmp_path, "city share", {"m.csv": MIX + f"2024,fossil,{huge},10^8 tce,,,x\n"}))
    sane(run(tmp_path, "city peak", {"y.csv": SERIES + f"co2,2022,{huge},MtCO2,5\n"}), 0)
    files = {"b.csv": BALANCE, "g.csv": GREEN + f"A,physical,{huge},10^8 kWh\n"}
    sane(run(tmp_path, "balance account", files, "--green", "@g.csv"), 2)
    sane(run(tmp_path, "balance account", {"b.csv": BALANCE}, "--green", huge), 2)
    sane(run(tmp_path, "balance account", {"b.csv": BALANCE}, "--import-factor", huge), 2)


def test_many_large_rows_do_not_overflow(tmp_path):
    rows = "".join(f"2024,fossil,99999999999,tce,,A{n},x\n" for n in range(90))
    sane(run(tmp_path, "city share", {"m.csv": MIX + rows}), 0)


@pytest.mark.parametrize(
    ("files", "option"),
    [
        ({"f.csv": SENDERS + "A,5,10^4 t,0.5,kgCO2/kWh\n"}, "--import-factor"),
        ({"f.csv": SENDERS + "A,5,10^8 kWh,0.5,t\n"}, "--import-factor"),
        ({"f.csv": SENDERS + "A,5,10^8 kWh,-0.5,kgCO2/kWh\n"}, "--import-factor"),
        ({"f.csv": SENDERS + "A,-5,10^8 kWh,0.5,kgCO2/kWh\n"}, "--import-factor"),
        ({"f.csv": SENDERS + "A,,,0.5,\nB,,,0.5,\n"}, "--import-factor"),
        ({"f.csv": SENDERS}, "--import-factor"),
        ({"f.csv": GREEN + "A,physical,1,tce\n"}, "--green"),
        ({"f.csv": GREEN + "A,wish,1,kWh\n"}, "--green"),
        ({"f.csv": GREEN + "A,physical,-1,kWh\n"}, "--green"),
        ({"f.csv": "x\n1\n"}, "--green"),
    ],
)
def test_a_bad_option_file_names_its_cell(tmp_path, files, option):
    result = run(tmp_path, "balance account", {"b.csv": BALANCE, **files}, option, "@f.csv")
    sane(result, 2)
    assert "f.csv" in result.stderr
    assert not (tmp_path / "e").exists()


@pytest.mark.parametrize("option", ["--import-factor", "--green"])
@pytest.mark.parametrize("text", ["", ";", "; source", "0.5 0.5", "@absent.csv", "nan", "-1", "½x"])
def test_a_bad_option_is_usage(tmp_path, option, text):
    sane(run(tmp_path, "balance account", {"b.csv": BALANCE}, option, text), 2)


@pytest.mark.parametrize("year", ["-5", "99999999999", "2e3", "2024.5", "甲"])
def test_absurd_years_are_findings(tmp_path, year):
    sane(run(tmp_path, "city peak", {"y.csv": SERIES + f"co2,{year},5,MtCO2,5\n"}), 0)


def test_names_in_any_script_and_with_markup(tmp_path):
    name = "[red]厂=1[/] 电"
    sources = SOURCES + f'"{name}",power,1,tCO2,central\n'
    files = {"s.csv": sources, "w.csv": WEIGHTS}
    result = run(tmp_path, "city allocate", files, "--weights", "@w.csv")
    sane(result, 0)
    assert "厂=1" in result.stdout
    assert "[red]" in result.stdout
    result = run(tmp_path, "city peak", {"y.csv": SERIES.replace("co2", name)})
    sane(result, 0)
    assert "[red]" in result.stdout
