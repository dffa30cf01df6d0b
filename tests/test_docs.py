"""What is registered is documented: README.md names every option, provider, profile, marker and route.

A thing is documented by a table row whose first cell begins with it in backticks:

    | `--port` | `MOCKSERVER_PORT` | `8787` | what it does |     an option, its variable and its default
    | `gmicloud` | GMI Cloud | ...                               a provider
    | `documented` | ...                                         a profile
    | `mockserver ctl clock freeze` | ...             a verb of ctl
    | `[mock:fail=NAME]` | ...                                   a prompt marker
    | `POST /api/v1/apikey/requests` | ...                       a route, ours under /__mock as well
"""

from __future__ import annotations

import dataclasses
import re
from functools import cache
from importlib import import_module
from typing import Final

import click
import pytest

from mockserver.app import Library, build_app
from mockserver.cli import COMMANDS, group
from mockserver.cli.serve import command as serve
from mockserver.contract.router import routes
from mockserver.control.app import control_app
from mockserver.faults import marker
from mockserver.faults.catalogue import faults, predicates
from mockserver.faults.marked import prompt_rules
from mockserver.kit.checks.base import checks
from mockserver.kit.conform.task import PREFIX, Task
from mockserver.kit.verify.stages import STAGES
from mockserver.settings import Settings
from mockserver.stores.memory import MemoryStore
from tests.serving import ROOT

_ROW: Final = re.compile(r"^\|\s*`([^`]+)`")
_CODE: Final = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
_HTTP: Final = ("get ", "put ", "post ", "delete ", "patch ")


def read_rows(text: str) -> dict[str, str]:
    """Table rows by the text in backticks that they begin with."""
    lines = (line.strip() for line in text.splitlines())
    return {found[1]: line for line in lines if (found := _ROW.match(line))}


@cache
def readme() -> str:
    """README.md."""
    return (ROOT / "README.md").read_text(encoding="utf-8")


@cache
def rows() -> dict[str, str]:
    """The rows of README.md."""
    return read_rows(readme())


@cache
def code() -> str:
    """Everything that stands in backticks in README.md, a thing a line."""
    return "\n".join(_CODE.findall(readme()))


def options(command: click.Command) -> dict[str, click.Option]:
    """A command's options by their long name."""
    return {
        name: option
        for option in command.params
        if isinstance(option, click.Option)
        for name in option.opts
        if name.startswith("--")
    }


@cache
def commands() -> dict[str, click.Command]:
    """Every command by the words it is called with, `contracts show` and `ctl clock jump` among them."""
    found: dict[str, click.Command] = {}
    for name in COMMANDS:
        found |= _below(name, import_module(f"mockserver.cli.{name.replace('-', '_')}").command)
    return found


def _below(words: str, command: click.Command) -> dict[str, click.Command]:
    found = {words: command}
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            found |= _below(f"{words} {name}", below)
    return found


def leaves() -> dict[str, click.Command]:
    """The commands that do something: all but the groups."""
    return {words: command for words, command in commands().items() if not isinstance(command, click.Group)}


def default(option: click.Option) -> str | None:
    """An option's default as one would type it; None where it has none."""
    value = option.default
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    return value if isinstance(value, str) else f"{value:g}"


@cache
def documented_routes() -> frozenset[str]:
    """`METHOD /path` of every route of every contract in every profile."""
    library = Library(Settings())
    contracts = (
        library.contract(first.provider, profile)
        for first in library.contracts()
        for profile in first.profiles
    )
    return frozenset(
        f"{method} {route.template}"
        for contract in contracts
        for route in routes(contract)
        for method in route.operations
    )


@cache
def control_routes() -> frozenset[str]:
    """`METHOD /__mock/...` of every route of the control plane."""
    app = control_app(build_app(Settings(), store=MemoryStore()).engine)
    paths = app.openapi()["paths"]
    return frozenset(f"{verb.upper()} {path}" for path, verbs in paths.items() for verb in verbs)


def markers() -> list[str]:
    """Every marker that a prompt can carry, as the docstring of the module that reads them lists them."""
    return re.findall(r"^\[mock:[^\]]+\]", marker.__doc__ or "", re.MULTILINE)


@pytest.mark.parametrize("name", options(serve))
def test_every_option_of_serve_has_a_row_with_its_variable_and_default(name: str) -> None:
    option = options(serve)[name]
    assert name in rows(), f"README.md needs a row: | `{name}` | `{option.envvar}` | default | what it does |"
    assert f"`{option.envvar}`" in rows()[name]
    if (value := default(option)) is not None:
        assert f"`{value}`" in rows()[name]


def test_no_row_is_about_an_option_that_is_gone() -> None:
    known = {name for command in commands().values() for name in options(command)}
    assert not {row for row in rows() if row.startswith("--")} - known


def test_no_variable_is_named_that_nobody_reads() -> None:
    known = {str(option.envvar) for command in leaves().values() for option in options(command).values()}
    known |= {f"{PREFIX}{field.name.upper()}" for field in dataclasses.fields(Task)}
    assert set(re.findall(r"MOCKSERVER_[A-Z_]*[A-Z]", readme())) <= known


def test_every_provider_has_a_row_with_its_title() -> None:
    for contract in Library(Settings()).contracts():
        assert contract.title.partition(" (")[0] in rows()[contract.provider]


def test_every_profile_has_a_row() -> None:
    profile = options(serve)["--profile"].type
    assert isinstance(profile, click.Choice)
    assert set(profile.choices) <= rows().keys()


@pytest.mark.parametrize("text", markers())
def test_every_prompt_marker_has_a_row_and_is_read(text: str) -> None:
    found = prompt_rules(f"A red kite {text}")
    assert found.rules
    assert not found.complaints
    assert text in rows()


@pytest.mark.parametrize("name", [*faults(), *predicates()])
def test_every_fault_and_predicate_has_a_row(name: str) -> None:
    assert name in rows()


def test_every_documented_route_has_a_row() -> None:
    assert not documented_routes() - rows().keys()


def test_every_control_route_has_a_row() -> None:
    assert control_routes()
    assert not control_routes() - rows().keys()


def test_no_row_is_about_a_route_that_is_gone() -> None:
    shown = {row for row in rows() if row.lower().startswith(_HTTP) and "/media/" not in row}
    assert not shown - documented_routes() - control_routes()


def test_every_command_is_named_and_every_named_command_exists() -> None:
    named = set(re.findall(r"\bmockserver ((?:[a-z]+(?:-[a-z]+)* )*[a-z]+(?:-[a-z]+)*)\b", code()))
    starts = {words: [one for one in named if f"{one} ".startswith(f"{words} ")] for words in leaves()}
    assert not [words for words, lines in starts.items() if not lines]
    strangers = named - {line for lines in starts.values() for line in lines} - commands().keys()
    assert not strangers
    assert set(group.list_commands(click.Context(group))) == set(COMMANDS)


def test_every_verb_of_ctl_has_a_row() -> None:
    shown = [row for row in rows() if row.startswith("mockserver ctl ")]
    verbs = [f"mockserver {words}" for words in leaves() if words.startswith("ctl ")]
    assert not [verb for verb in verbs if not any(f"{row} ".startswith(f"{verb} ") for row in shown)]


def test_every_option_that_a_named_command_is_given_exists() -> None:
    for words, command in leaves().items():
        for line in re.findall(rf"mockserver {words}\b([^\n`|#]*)", code()):
            given = set(re.findall(r"(?<!\S)--[a-z-]+", line))
            assert given <= options(command).keys() | {"--help"}, f"mockserver {words}{line}"


def test_every_overlay_that_is_named_exists() -> None:
    folder = ROOT / "contracts"
    for provider, name in re.findall(r"--overlay ([a-z]+)/([a-z0-9-]+)", readme()):
        assert (folder / provider / "overlays" / f"{name}.json").is_file()


def test_every_make_target_has_its_line_of_help_and_every_named_target_exists() -> None:
    text = (ROOT / "Makefile").read_text()
    phony = set(re.search(r"^\.PHONY: (.*)$", text, re.MULTILINE)[1].split())  # type: ignore[index]
    assert set(re.findall(r"^([a-z]+):.* ## \S", text, re.MULTILINE)) == phony
    named = set(re.findall(r"\bmake ([a-z]+)\b", code()))
    assert {"demo", "serve", "test"} <= named <= phony


def test_the_reader_of_rows() -> None:
    text = "| name |\n| --- |\n| `--port` | `8787` |\n  | `GET /a/{b}` | no |\n| plain `x` |\nthe `--host`"
    assert list(read_rows(text)) == ["--port", "GET /a/{b}"]


def test_every_check_has_a_row_with_its_requirement() -> None:
    assert [one.id for one in checks() if one.requirement not in rows().get(one.id, "")] == []


def test_every_stage_has_a_row() -> None:
    assert [one.name for one in STAGES if one.name not in rows()] == []
