"""Resolves every dependency anew, writes `tests/constraints.txt`, and shows what moved: `make update`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
PINS: Final = ROOT / "tests" / "constraints.txt"
_BUILD: Final = "pip>=25.3\nhatchling>=1.27\neditables\n"
"""What installs the project: pip, the build backend, and what this needs for an editable install."""
_COMPILE: Final = (
    *("uv", "pip", "compile", "--quiet", "--upgrade", "--universal", "--python-version", "3.11"),
    *("--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links"),
    *("--extra", "kit", "--extra", "scripts", "--group", "dev", "pyproject.toml", "-"),
)


def resolve() -> str:
    """The newest versions that the ranges allow, for every Python and platform: a line for each package."""
    binary = Path(sys.executable).with_name(_COMPILE[0])
    run = subprocess.run(
        [str(binary), *_COMPILE[1:]], input=_BUILD, cwd=ROOT, capture_output=True, text=True, check=False
    )
    if run.returncode:
        raise SystemExit(f"make update: the dependencies could not be resolved:\n{run.stderr}")
    return run.stdout


def versions(text: str) -> dict[str, str]:
    """Version by package (with its marker, if it has one) of the lines of a constraints file."""
    pairs = (line.split("==", 1) for line in text.splitlines() if "==" in line and not line.startswith("#"))
    pinned = {}
    for name, rest in pairs:
        version, _, marker = rest.partition(";")
        pinned[f"{name} ; {marker.strip()}" if marker else name] = version.strip()
    return pinned


def moves(old: dict[str, str], new: dict[str, str]) -> list[str]:
    """A line `package  old -> new` for each package whose version differs, came, or went."""
    return [
        f"{name}  {old.get(name, 'none')} -> {new.get(name, 'none')}"
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    ]


def update() -> None:
    """Write the constraints anew and print what moved."""
    old = versions(PINS.read_text()) if PINS.exists() else {}
    text = resolve()
    PINS.write_text(text)
    print("\n".join(moves(old, versions(text)) or ["nothing moved"]))


if __name__ == "__main__":
    update()
