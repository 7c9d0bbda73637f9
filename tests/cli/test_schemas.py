"""Every command's JSON answer obeys the schema that ships with it."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import click
import jsonschema
import pytest
from click.testing import CliRunner
from referencing import Registry, Resource

from dualcarbon.cli import main

SCHEMAS = {
    entry.name.removesuffix(".json"): json.loads(entry.read_text(encoding="utf-8"))
    for entry in files("dualcarbon").joinpath("schemas").iterdir()
    if entry.name.endswith(".json")
}
REGISTRY: Registry[Any] = Registry().with_resources(
    (schema["$id"], Resource.from_contents(schema)) for schema in SCHEMAS.values()
)


def leaves(group: click.Group, path: tuple[str, ...] = ()) -> list[str]:
    context = click.Context(group)
    found = []
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        here = (*path, name)
        found += leaves(command, here) if isinstance(command, click.Group) else [" ".join(here)]
    return found


def valid(name: str, answer: Any) -> None:
    jsonschema.Draft202012Validator(SCHEMAS[name], registry=REGISTRY).validate(answer)


def run(*arguments: str, code: int = 0) -> Any:
    result = CliRunner().invoke(main, [*arguments, "--format", "json"])
    assert result.exit_code == code, result.stderr
    return json.loads(result.stdout)


@pytest.mark.parametrize("command", leaves(main))
def test_every_command_has_a_schema(command: str) -> None:
    schema = SCHEMAS[command.replace(" ", "-")]
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"dualcarbon/{command.replace(' ', '-')}/1"


def test_parameters_show_and_list(tmp_path: Path) -> None:
    keys = ("--key", "carrier=diesel")
    valid("parameters-show", run("parameters", "show", "standard_coal", "--on", "2024-06", *keys))
    valid("parameters-list", run("parameters", "list"))


def test_an_error_obeys_the_same_schema() -> None:
    answer = run("parameters", "show", "standard_cola", "--on", "2024-06", code=2)
    valid("parameters-show", answer)
    assert answer["status"] == "failed"
    assert "standard_coal" in answer["findings"][0]["message_en"]


def test_edition_commands(tmp_path: Path) -> None:
    valid("edition-list", run("edition", "list", "--editions", str(tmp_path)))
    valid("edition-show", run("edition", "show", "0" * 16, "--editions", str(tmp_path), code=2))
