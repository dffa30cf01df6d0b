"""Who may import whom. The table of the design, held to."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Final

import pytest

from tests.serving import ROOT, clean_environment

PACKAGE: Final = "mockserver"
UPPER: Final = frozenset({"engine", "stores.base", "faults", "media", "jobs", "contract"})
FLOORS: Final[Mapping[str, frozenset[str]]] = {
    "contract": frozenset(),
    "jobs": frozenset({"contract.model"}),
    "media": frozenset(),
    "faults": frozenset(),
    "stores": frozenset({"jobs"}),
    "engine": frozenset({"stores.base", "faults", "media.spec", "jobs", "contract"}),
    "web": UPPER,
    "control": UPPER,
    "control_client": frozenset(),
    "kit": frozenset({"contract", "control_client", "media.picture"}),
}
"""Room to the rooms or modules that it may import, itself aside."""
LEAVES: Final = frozenset(
    {
        "",
        "settings",
        "errors",
        "terms",
        "escapes",
        "numerals",
        "private_files",
        "inflate",
        "real_time",
        "time_limit",
        "extras",
    }
)
"""What every room may import: the version, and these ten."""
ROOTS: Final = frozenset(
    {"app", "cli", "__main__", "in_process", "direct_calls", "early_imports", "explaining", "pytest_plugin"}
)
"""They may import everything, and no room imports them."""
LAZY: Final[Mapping[str, str]] = {"cli": "kit", "app": "control"}
"""Root to the room that it imports only when it is needed."""
LIBRARIES: Final[Mapping[str, frozenset[str]]] = {
    "fastapi": frozenset({"control", "app"}),
    "starlette": frozenset({"control", "app"}),
    "jsonschema": frozenset({"contract"}),
    "jsonschema_rs": frozenset({"contract"}),
    "referencing": frozenset({"contract"}),
    "sqlite3": frozenset({"stores"}),
    "psycopg": frozenset({"stores"}),
    "asyncpg": frozenset({"stores"}),
    "imageio_ffmpeg": frozenset({"media"}),
    "PIL": frozenset({"media"}),
    "av": frozenset({"kit"}),
    "hypothesis": frozenset({"kit"}),
    "jinja2": frozenset({"kit"}),
    "schemathesis": frozenset({"kit"}),
    "pytest": frozenset({"kit", "pytest_plugin"}),
}
"""Library to the rooms that know it."""
MODULE_LINES: Final = 300
LONGER: Final[Mapping[str, int]] = {"kit.reference_client": 451}
"""Module to its own limit: the client to copy has to be one file."""
FUNCTION_LINES: Final = 60
DIVIDED: Final = ("engine", "kit", "kit.conform", "kit.verify")
"""Rooms with folders and modules that stand on floors of their own."""
VAGUE: Final = ("util", "helper", "manager", "common", "misc")


@dataclass(frozen=True, slots=True)
class Import:
    """A module of ours imports `target`; `lazy` within a function, or for the type checker alone."""

    module: str
    target: str
    line: int
    lazy: bool

    def __str__(self) -> str:
        return f"{self.module} line {self.line} imports {self.target}"


@cache
def modules() -> dict[str, Path]:
    """Our modules by their name below the package; the package itself is the empty name."""
    folder = ROOT / PACKAGE
    named = {}
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder).with_suffix("").parts
        named[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return named


@cache
def imports(module: str) -> tuple[Import, ...]:
    """Every import of a module: lazy ones and those for the type checker alone included."""
    return tuple(_imports(module, ast.parse(modules()[module].read_text()), lazy=False))


def _imports(module: str, node: ast.AST, *, lazy: bool) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        yield from (Import(module, alias.name, node.lineno, lazy) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield from (Import(module, target, node.lineno, lazy) for target in _from(module, node))
    inside = lazy or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)) or _for_types(node)
    for child in ast.iter_child_nodes(node):
        yield from _imports(module, child, lazy=inside)


def _for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def _from(module: str, node: ast.ImportFrom) -> Iterator[str]:
    base = node.module or ""
    if node.level:
        package = [PACKAGE, *module.split(".")]
        ups = node.level - (modules()[module].name == "__init__.py")
        base = ".".join([*package[: len(package) - ups], *([base] if base else [])])
    for alias in node.names:
        below = f"{base}.{alias.name}"
        yield below if below.removeprefix(f"{PACKAGE}.") in modules() else base


def ours() -> Iterator[tuple[Import, str]]:
    """Every import of a module of ours, with that module's name below the package."""
    for module in modules():
        for entry in imports(module):
            head, _, name = entry.target.partition(".")
            if head == PACKAGE:
                yield entry, name


def room(module: str) -> str:
    """The room, leaf or root that a module is in."""
    return module.partition(".")[0]


def part(parent: str, module: str) -> str:
    """The folder or module directly below `parent` that a module is in; empty where it is in none."""
    name = module.removeprefix(f"{parent}.")
    return "" if name == module else name.partition(".")[0]


@cache
def kit_floors() -> Mapping[str, int]:
    """The floor of each part of the kit, as its README has them; the client to copy is on none."""
    text = (ROOT / PACKAGE / "kit" / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \[?`([a-z_]+)`[^|]*\| (\d) \|", text, re.MULTILINE)
    return {name: int(floor) for name, floor in rows}


def may(source: str, target: str) -> bool:
    """Whether a module of room `source` may import the module `target`."""
    if source in ROOTS or source == room(target) or target in LEAVES:
        return True
    return any(target == allowed or target.startswith(f"{allowed}.") for allowed in FLOORS.get(source, ()))


def test_every_module_is_in_a_room_a_leaf_or_a_root() -> None:
    strangers = {room(module) for module in modules()} - FLOORS.keys() - LEAVES - ROOTS
    assert not strangers


def test_rooms_import_only_from_the_floors_below_them() -> None:
    breaches = [str(entry) for entry, target in ours() if not may(room(entry.module), target)]
    assert not breaches


def test_leaves_import_only_leaves() -> None:
    breaches = [str(entry) for entry, target in ours() if entry.module in LEAVES and target not in LEAVES]
    assert not breaches


def test_no_cycle_between_rooms() -> None:
    graph: dict[str, set[str]] = {}
    for entry, target in ours():
        if room(target) != room(entry.module):
            graph.setdefault(room(entry.module), set()).add(room(target))
    assert not _cycle(graph)


def test_no_cycle_between_modules() -> None:
    graph: dict[str, set[str]] = {}
    for entry, target in ours():
        graph.setdefault(entry.module, set()).add(target)
    assert not _cycle(graph)


@pytest.mark.parametrize("parent", DIVIDED)
def test_no_import_runs_up_between_the_folders_of_a_room(parent: str) -> None:
    graph: dict[str, set[str]] = {}
    for entry, target in ours():
        source, below = part(parent, entry.module), part(parent, target)
        if source and below and source != below:
            graph.setdefault(source, set()).add(below)
    assert graph
    assert not _cycle(graph)


def test_the_parts_of_the_kit_import_only_from_lower_floors() -> None:
    floors = kit_floors()
    breaches = [
        str(entry)
        for entry, target in ours()
        if (source := part("kit", entry.module)) and (below := part("kit", target)) and source != below
        if floors[source] <= floors[below]
    ]
    assert not breaches


def _cycle(graph: Mapping[str, set[str]]) -> list[str]:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


@pytest.mark.parametrize(("root", "target"), LAZY.items())
def test_roots_import_what_is_slow_only_when_needed(root: str, target: str) -> None:
    eager = [
        str(entry)
        for entry, name in ours()
        if room(entry.module) == root and room(name) == target and not entry.lazy
    ]
    assert not eager


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_library_stays_in_its_rooms(library: str) -> None:
    breaches = [
        str(entry)
        for module in modules()
        for entry in imports(module)
        if entry.target.partition(".")[0] == library and room(module) not in LIBRARIES[library]
    ]
    assert not breaches


def test_a_server_starts_without_what_it_does_not_need_yet(tmp_path: Path) -> None:
    slow = [
        "fastapi", "starlette", "pydantic", "jsonschema", "jsonschema_rs", "httpx", "rich", "PIL",
        "imageio_ffmpeg", "pytest", "hypothesis", "jinja2", "mockserver.kit", "mockserver.control",
    ]  # fmt: skip
    code = f"""
import sys
from mockserver.app import build_app
from mockserver.cli.serve import command
from mockserver.settings import Settings
build_app(Settings())
print([name for name in {slow} if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", code], env=clean_environment(tmp_path), cwd=tmp_path, capture_output=True
    )
    assert done.stdout.decode().strip() == "[]", done.stderr.decode()


@pytest.mark.parametrize("module", modules())
def test_a_module_fits_in_a_head(module: str) -> None:
    lines = len(modules()[module].read_text().splitlines())
    assert lines < LONGER.get(module, MODULE_LINES), f"{module} has {lines} lines"


def test_a_function_fits_on_a_screen() -> None:
    long = [
        f"{module}.{node.name} has {node.end_lineno - node.lineno + 1} lines"
        for module, path in modules().items()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and node.end_lineno is not None
        and node.end_lineno - node.lineno >= FUNCTION_LINES
    ]
    assert not long


def test_no_module_has_a_vague_name() -> None:
    assert not [module for module in modules() if any(word in module for word in VAGUE)]


def test_a_package_says_what_it_is_for() -> None:
    silent = [
        module
        for module, path in modules().items()
        if path.name == "__init__.py" and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert not silent


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("web", "control.health"),
        ("web", "stores.sqlite"),
        ("engine", "media.synth"),
        ("engine", "web.wire"),
        ("jobs", "media.spec"),
        ("contract", "jobs.job"),
        ("stores", "contract.model"),
        ("kit", "engine.pipeline"),
        ("control", "app"),
        ("engine", "cli.serve"),
    ],
)
def test_the_table_refuses(source: str, target: str) -> None:
    assert not may(source, target)


def test_the_reader_sees_lazy_imports_and_those_for_types() -> None:
    code = """
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from mockserver.jobs import job
def now():
    import sqlite3
"""
    found = list(_imports("media.spec", ast.parse(code), lazy=False))
    assert [(entry.target, entry.lazy) for entry in found] == [
        ("typing", False),
        ("mockserver.jobs.job", True),
        ("sqlite3", True),
    ]
