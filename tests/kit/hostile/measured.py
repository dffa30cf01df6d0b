"""A command of ours, run as a process: how it ended, what it said, the most memory that it held."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Final, NamedTuple

MIB: Final = 1024 * 1024
ENOUGH: Final = 1024
"""MiB that a run may hold."""
_LATEST: Final = 240
"""Seconds after which a run has failed: it would never end."""
_RUN: Final = """
import atexit, re, sys
from pathlib import Path
from mockserver.cli import main

def say():
    # Not ru_maxrss, which begins with what the parent held.
    status = Path("/proc/self/status").read_text()
    print("\\nused", re.search(r"VmHWM:\\s+(\\d+)", status)[1], file=sys.stderr)

atexit.register(say)
main()
"""


class Ended(NamedTuple):
    """The exit code, both streams, and MiB at the most."""

    code: int
    stdout: str
    stderr: str
    used: float


def run(*words: str, environment: Mapping[str, str] | None = None) -> Ended:
    """Run `mockserver WORDS`."""
    process = subprocess.run(
        [sys.executable, "-c", _RUN, *words],
        capture_output=True, check=False, timeout=_LATEST, env={**os.environ, **(environment or {})},
    )  # fmt: skip
    stderr = process.stderr.decode("utf-8", "replace")
    text, _, used = stderr.rpartition("\nused ")
    return Ended(process.returncode, process.stdout.decode("utf-8", "replace"), text, int(used) / 1024)
