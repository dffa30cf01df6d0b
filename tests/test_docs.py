"""What is registered is documented, where its reader stands.

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
import inspect
import re
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import click
import pytest

from mockserver.app import Library, build_app
from mockserver.cli import COMMANDS, group
from mockserver.cli.serve import command as serve
from mockserver.contract.router import routes
from mockserver.control.app import control_app
from mockserver.faults import marker
from mockserver.faults.base import WireFault
from mockserver.faults.catalogue import faults, predicates
from mockserver.faults.marker_rules import prompt_rules
from mockserver.kit.checks.base import checks
from mockserver.kit.conform.judges.base import judges
from mockserver.kit.conform.task import PREFIX, Task
from mockserver.kit.diff.codes import CODES
from mockserver.kit.verify.stages import STAGES
from mockserver.pytest_plugin import fixtures as full_names
from mockserver.pytest_plugin import short_names
from mockserver.pytest_plugin.settings import LISTS, OPTIONS
from mockserver.settings import Settings
from mockserver.stores.memory import MemoryStore
from tests.documents import BLOCK, DOCUMENTS, block, document
from tests.faults.inputs import subject
from tests.serving import ROOT

_ROW: Final = re.compile(r"^\|\s*`([^`]+)`")
_CODE: Final = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
_LINK: Final = re.compile(r"(?<!!)\[[^\]\n]+\]\(([^)\s]+)\)")
_HEADING: Final = re.compile(r"^#+ (.+)$", re.MULTILINE)
_HTTP: Final = ("get ", "put ", "post ", "delete ", "patch ")

START: Final = "README.md"
CONTRACTS: Final = "contracts/README.md"
COMMAND_LINE: Final = "mockserver/cli/README.md"
CONTROL: Final = "mockserver/control/README.md"
FAULTS: Final = "mockserver/faults/README.md"
KIT: Final = "mockserver/kit/README.md"
VERIFY: Final = "mockserver/kit/verify/README.md"
CONFORM: Final = "mockserver/kit/conform/README.md"
DIFF: Final = "mockserver/kit/diff/README.md"
LONGEST_START: Final = 200
"""Lines of README.md: whoever wants to know whether this is for him reads it to its end."""


def read_rows(text: str) -> dict[str, str]:
    """Table rows by the text in backticks that they begin with."""
    lines = (line.strip() for line in text.splitlines())
    return {match[1]: line for line in lines if (match := _ROW.match(line))}


@cache
def rows(name: str) -> dict[str, str]:
    """The rows of one document."""
    return read_rows(document(name))


@cache
def all_rows() -> dict[str, str]:
    """The rows of all documents."""
    return {start: row for name in DOCUMENTS for start, row in rows(name).items()}


@cache
def everything() -> str:
    """The text of all documents."""
    return "\n".join(map(document, DOCUMENTS))


@cache
def code() -> str:
    """Everything that stands in backticks in any document, a thing a line."""
    return "\n".join(text for name in DOCUMENTS for text in _CODE.findall(document(name)))


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
    named: dict[str, click.Command] = {}
    for name in COMMANDS:
        named |= _below(name, import_module(f"mockserver.cli.{name.replace('-', '_')}").command)
    return named


def _below(words: str, command: click.Command) -> dict[str, click.Command]:
    named = {words: command}
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            named |= _below(f"{words} {name}", below)
    return named


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
    library = Library(Settings(providers=("all",)))
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
    server = build_app(Settings(), store=MemoryStore())
    app = control_app(server.services, server.callbacks, server.find_file)
    paths = app.openapi()["paths"]
    return frozenset(f"{verb.upper()} {path}" for path, verbs in paths.items() for verb in verbs)


def markers() -> list[str]:
    """Every marker that a prompt can carry, as the docstring of the module that reads them lists them."""
    return re.findall(r"^\[mock:[^\]]+\]", marker.__doc__ or "", re.MULTILINE)


def fixtures() -> dict[str, str]:
    """The fixtures of the pytest plugin: short name to full name, which is what the short one asks for."""
    short = {name: inspect.signature(getattr(short_names, name)) for name in short_names.SHORT_NAMES}
    return {name: next(iter(signature.parameters)) for name, signature in short.items()}


def links(name: str) -> list[str]:
    """Where the relative links of a document lead."""
    return [link for link in _LINK.findall(document(name)) if "://" not in link]


def anchors(path: Path) -> set[str]:
    """The anchors of a document's headings, as forges make them."""
    headings = _HEADING.findall(path.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", options(serve))
def test_every_option_of_serve_has_a_row_with_its_variable_and_default(name: str) -> None:
    option = options(serve)[name]
    row = rows(COMMAND_LINE).get(name, "")
    assert row, f"{COMMAND_LINE} needs a row: | `{name}` | `{option.envvar}` | default | what it does |"
    assert f"`{option.envvar}`" in row
    if (value := default(option)) is not None:
        assert f"`{value}`" in row


def test_no_row_is_about_an_option_that_is_gone() -> None:
    known = {name for command in commands().values() for name in options(command)}
    assert not {row for row in all_rows() if row.startswith("--")} - known


def test_no_variable_is_named_that_nobody_reads() -> None:
    every_option = [option for command in leaves().values() for option in options(command).values()]
    # A default is the name of a variable where an option takes one, as `--other-key-env` does.
    known = {str(name) for option in every_option for name in (option.envvar, option.default)}
    known |= {f"{PREFIX}{field.name.upper()}" for field in dataclasses.fields(Task)}
    # click reads this one, with a `_` before it, when a shell completes a line.
    known |= {"MOCKSERVER_COMPLETE"}
    # These are read by the tests themselves.
    known |= {"MOCKSERVER_CI", "MOCKSERVER_ALL_CASES", "MOCKSERVER_GENERATED", "MOCKSERVER_DIFF_PAIRS"}
    named = {
        name for text in map(document, DOCUMENTS) for name in re.findall(r"MOCKSERVER_[A-Z_]*[A-Z]", text)
    }
    assert named <= known


def test_every_provider_has_a_row_with_its_title() -> None:
    for contract in Library(Settings()).contracts():
        assert contract.title.partition(" (")[0] in rows(START)[contract.provider]


def test_every_profile_has_a_row() -> None:
    profile = options(serve)["--profile"].type
    assert isinstance(profile, click.Choice)
    assert set(profile.choices) <= rows(CONTRACTS).keys()


@pytest.mark.parametrize("text", markers())
def test_every_prompt_marker_has_a_row_and_is_read(text: str) -> None:
    marked = prompt_rules(f"A red kite {text}")
    assert marked.rules
    assert not marked.complaints
    assert text in rows(START)


@pytest.mark.parametrize("name", [*faults(), *predicates()])
def test_every_fault_and_predicate_has_a_row(name: str) -> None:
    assert name in rows(FAULTS)


def test_every_documented_route_has_a_row() -> None:
    assert not documented_routes() - rows(CONTRACTS).keys()


def test_every_control_route_has_a_row() -> None:
    assert control_routes()
    assert not control_routes() - rows(CONTROL).keys()


def test_no_row_is_about_a_route_that_is_gone() -> None:
    shown = {row for row in all_rows() if row.lower().startswith(_HTTP) and "/media/" not in row}
    assert not shown - documented_routes() - control_routes()


def test_every_command_is_named_and_every_named_command_exists() -> None:
    named = set(re.findall(r"\bmockserver ((?:[a-z]+(?:-[a-z]+)* )*[a-z]+(?:-[a-z]+)*)\b", code()))
    starts = {words: [name for name in named if f"{name} ".startswith(f"{words} ")] for words in leaves()}
    assert not [words for words, lines in starts.items() if not lines]
    strangers = named - {line for lines in starts.values() for line in lines} - commands().keys()
    assert not strangers
    assert set(group.list_commands(click.Context(group))) == set(COMMANDS)


def test_every_command_has_a_row() -> None:
    shown = rows(COMMAND_LINE)
    assert not [name for name in COMMANDS if not any(row.startswith(f"mockserver {name}") for row in shown)]


def test_every_verb_of_ctl_has_a_row() -> None:
    shown = [row for row in rows(CONTROL) if row.startswith("mockserver ctl ")]
    verbs = [f"mockserver {words}" for words in leaves() if words.startswith("ctl ")]
    assert not [verb for verb in verbs if not any(f"{row} ".startswith(f"{verb} ") for row in shown)]


def test_every_option_that_a_named_command_is_given_exists() -> None:
    for words, command in leaves().items():
        for line in re.findall(rf"mockserver {words}\b([^\n`|#]*)", code()):
            given = set(re.findall(r"(?<!\S)--[a-z-]+", line))
            assert given <= options(command).keys() | {"--help"}, f"mockserver {words}{line}"


def test_every_overlay_that_is_named_exists() -> None:
    folder = ROOT / "contracts"
    named = [
        match
        for name in DOCUMENTS
        for match in re.findall(r"--overlay ([a-z]+)/([a-z0-9-]+)", document(name))
    ]
    assert named
    for provider, overlay in named:
        assert (folder / provider / "overlays" / f"{overlay}.json").is_file()


def test_every_make_target_has_its_line_of_help_and_every_named_target_exists() -> None:
    text = (ROOT / "Makefile").read_text()
    phony = set(re.search(r"^\.PHONY: (.*)$", text, re.MULTILINE)[1].split())  # type: ignore[index]
    assert set(re.findall(r"^([a-z-]+):.* ## \S", text, re.MULTILINE)) == phony
    named = set(re.findall(r"\bmake ([a-z-]+)\b", code()))
    assert {"demo", "serve", "test"} <= named <= phony


def test_the_reader_of_rows() -> None:
    text = "| name |\n| --- |\n| `--port` | `8787` |\n  | `GET /a/{b}` | no |\n| plain `x` |\nthe `--host`"
    assert list(read_rows(text)) == ["--port", "GET /a/{b}"]


def test_every_check_has_a_row_with_its_requirement() -> None:
    shown = rows(VERIFY)
    assert [check.id for check in checks() if check.requirement not in shown.get(check.id, "")] == []


def test_every_stage_has_a_row() -> None:
    assert [stage.name for stage in STAGES if stage.name not in rows(VERIFY)] == []


def test_every_judge_has_a_row_with_its_rule() -> None:
    shown = rows(CONFORM)
    assert [name for name, judge in judges().items() if judge.rule not in shown.get(name, "")] == []


def test_every_variable_of_a_client_has_its_name_in_a_row() -> None:
    shown = "\n".join(rows(CONFORM).values())
    names = [field.name for field in dataclasses.fields(Task)]
    assert [name for name in names if f"`{PREFIX}{name.upper()}`" not in shown] == []


def test_every_code_of_a_change_has_a_row_with_its_severity_and_reason() -> None:
    shown = rows(DIFF)
    wrong = [
        code
        for code, kind in CODES.items()
        if kind.why not in shown.get(code, "") or f"| {kind.severity} |" not in shown.get(code, "")
    ]
    assert wrong == []


def test_every_fixture_has_a_row() -> None:
    definition = type(full_names.mockserver)
    every = {name for name, value in vars(full_names).items() if isinstance(value, definition)}
    assert set(fixtures().values()) == {name for name in every if not name.startswith("_")}
    for short, full in fixtures().items():
        assert f"| `{full}` |" in rows(KIT).get(short, "")


def test_every_option_of_the_pytest_plugin_has_a_row_with_its_ini_setting() -> None:
    for name, (placeholder, _) in {**OPTIONS, **LISTS}.items():
        assert f"| `--mockserver-{name} {placeholder}` |" in rows(KIT).get(f"mockserver_{name}", "")


def test_the_start_is_short() -> None:
    assert len(document(START).splitlines()) <= LONGEST_START


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_relative_link_leads_somewhere(name: str) -> None:
    for link in links(name):
        path, _, anchor = link.partition("#")
        target = (ROOT / name).parent / path if path else ROOT / name
        assert target.exists(), f"{name}: {link}"
        if anchor:
            assert anchor in anchors(target), f"{name}: {link}"


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if name != START])
def test_every_document_is_reached_from_the_start(name: str) -> None:
    reached = {(ROOT / link.partition("#")[0]).resolve() for link in links(START)}
    assert (ROOT / name).resolve() in reached


def test_the_fault_that_is_shown_is_a_fault() -> None:
    names: dict[str, Any] = {"__name__": "teapot"}
    exec(compile(block(FAULTS, "python", "class Teapot"), "teapot.py", "exec"), names)
    fault = names["Teapot"](seconds=5)
    assert isinstance(fault, WireFault)
    replacement = fault.before(subject())
    assert replacement is not None
    assert replacement.status == 418


def test_the_reader_of_blocks() -> None:
    assert BLOCK.findall("```sh\nls\n```\ntext\n```python\nx = 1\n```\n") == [
        ("sh", "ls\n"),
        ("python", "x = 1\n"),
    ]
