"""Schemathesis on the command line, run after run: one process imports it, and a fork of that is each run.

To import it takes as long as the shortest runs.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.serving import clean_environment

_LATEST: Final = 300
"""Seconds after which a run has failed: it would never end."""
_IMPORTED: Final = f"""
import gc, json, os, signal, sys
import schemathesis.cli
import schemathesis.engine
schemathesis.openapi.from_dict({{"openapi": "3.1.0", "info": {{"title": "", "version": ""}}, "paths": {{}}}})
gc.freeze()
for line in sys.stdin:
    folder, words = json.loads(line)
    if child := os.fork():
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
        continue
    os.chdir(folder)
    signal.alarm({_LATEST})
    with open("schemathesis.txt", "w") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    schemathesis.cli.schemathesis.main(words)
"""


class Schemathesis:
    """The process that has it imported."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(self, folder: Path, *words: str) -> str:
        """What `schemathesis run WORDS` prints in a folder; fails with it where the exit code is not 0."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        # What one run finds interesting is no other's.
        line = json.dumps([str(folder), ["run", *words, "--generation-database", ":memory:"]])
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        code = self._process.stdout.readline().strip()
        output = (folder / "schemathesis.txt").read_text(encoding="utf-8")
        assert code == "0", f"{code}: schemathesis {' '.join(words)}\n{output[-8000:]}"
        return output


@contextmanager
def imported(home: Path) -> Iterator[Schemathesis]:
    """It is ready for runs until the block ends."""
    with subprocess.Popen(
        [sys.executable, "-c", _IMPORTED], cwd=home, env=clean_environment(home), text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as process:  # fmt: skip
        yield Schemathesis(process)
