"""Processes of their own for `make mutate`, in which a copy of the checkout is what is imported."""

from __future__ import annotations

import os
import resource
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, NoReturn

from tests.mutants_of_source import ROOT

BROKE: Final = 70
"""How a run ends in which pytest itself failed, which says nothing about the tests."""


def limit_cpu(seconds: int) -> None:
    """End this process, and each that it starts, by SIGXCPU as soon as it has used that much."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))


def fork(copy: Path, output: Path, run: Callable[[], int]) -> int:
    """A process group of its own in which the copy, and nothing else of ours, is what is imported."""

    def run_in_copy() -> int:
        _become(copy, output)
        return run()

    return branch(run_in_copy)


def branch(run: Callable[[], int]) -> int:
    """A process group of its own that goes on from here with `run`, and ends with the code it gives."""
    sys.stdout.flush()
    child = os.fork()
    if child:
        return child
    code = BROKE
    try:
        os.setsid()
        code = run()
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        sys.stdout.flush()
        _end(code)


def _end(code: int) -> NoReturn:
    os._exit(code)


def _become(copy: Path, output: Path) -> None:
    writer = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for stream in (1, 2):
        os.dup2(writer, stream)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.chdir(copy)
    os.environ["PYTHONPATH"] = str(copy)
    sys.dont_write_bytecode = True
    for name in [name for name in sys.modules if name.partition(".")[0] in ("tests", "mockserver")]:
        del sys.modules[name]
    sys.path[:] = [str(copy), *(path for path in sys.path if path not in ("", str(ROOT)))]


def reap(child: int) -> int:
    try:
        _, status = os.waitpid(child, 0)
    except KeyboardInterrupt:
        kill(child)
        raise
    kill_group(child)
    return os.waitstatus_to_exitcode(status)


def kill(child: int) -> None:
    kill_group(child)
    with suppress(ChildProcessError):
        os.waitpid(child, 0)


def kill_group(child: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)
