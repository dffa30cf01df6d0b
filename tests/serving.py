"""Servers for tests: the command as a process of its own, or the app in a thread whose clock a test moves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

from mockserver import in_process
from mockserver.app import Mockserver
from mockserver.jobs.clock import ManualClock
from mockserver.settings import Settings
from mockserver.stores.base import Store
from mockserver.stores.memory import MemoryStore

ROOT: Final = Path(__file__).resolve().parent.parent
LEAN: Final = os.pathsep.join((str(ROOT / "tests/lean"), str(ROOT)))
"""A PYTHONPATH for clients of httpx that start often."""
KEY: Final = "test-key"
START: Final = 1_790_000_000_000
"""Where a test's clock begins, in Unix milliseconds."""
USER: Final = dict(os.environ)
"""The environment that the tests were started in, before they get a home of their own."""
PATIENCE: Final = 30.0
"""Seconds after which a server that says nothing is given up."""


def clean_environment(home: Path, *, checkout: bool = True) -> dict[str, str]:
    """This process's environment without our settings and proxies, every user folder below `home`.

    With `checkout` the package is this checkout's, wherever the process runs; without, the interpreter's own.
    """
    kept = {name: value for name, value in os.environ.items() if not _is_ours(name)}
    folders = {"STATE": "state", "CACHE": "cache", "CONFIG": "config", "DATA": "data"}
    return {
        **kept,
        "HOME": str(home),
        "LOCALAPPDATA": str(home),
        "HYPOTHESIS_NO_PLUGINS": "1",  # trio has one, with which pytest is imported, too
        **({"PYTHONPATH": str(ROOT)} if checkout else {}),
        **{f"XDG_{name}_HOME": str(home / folder) for name, folder in folders.items()},
    }


def _is_ours(name: str) -> bool:
    return name.startswith(("MOCKSERVER_", "XDG_", "PYTHON")) or name.lower().endswith("_proxy")


@dataclass(slots=True)
class Process:
    """A server in a process of its own, ready for requests; `said` is its JSON line, `log` its stderr."""

    url: str
    process: subprocess.Popen[bytes]
    said: dict[str, Any]
    log: Path

    def client(self, key: str | None = KEY) -> httpx.Client:
        """A client of the server that sends `key`, or no key for None. The caller closes it."""
        return client(self.url, key)

    def stop(self) -> int:
        """End the server politely, by force after 10 s, and give its exit code."""
        self.process.terminate()
        try:
            code = self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()
        return code


def client(url: str, key: str | None = KEY) -> httpx.Client:
    """An HTTP client that takes nothing from the environment."""
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    return httpx.Client(base_url=url, headers=headers, trust_env=False, timeout=PATIENCE)


def serve(arguments: Sequence[str | Path], home: Path) -> Process:
    """`mockserver serve --port 0` with further arguments, ready for requests.

    Raises RuntimeError with what it wrote to stderr when it ends before it is ready.
    """
    command = [sys.executable, "-m", "mockserver", "serve", "--port", "0", *map(str, arguments)]
    return launch(command, home)


def launch(command: Sequence[str], home: Path, *, cwd: Path | None = None, checkout: bool = True) -> Process:
    """A process whose first line on stdout is the JSON object of a server that accepts connections.

    It runs in `cwd`, else in `home`. Raises RuntimeError as `serve` does.
    """
    home.mkdir(parents=True, exist_ok=True)
    log = home / f"stderr-{len(list(home.glob('stderr-*')))}.txt"
    with log.open("wb") as stderr:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            cwd=cwd or home,
            env=clean_environment(home, checkout=checkout),
        )
    said = _first_line(process)
    if said is None:
        process.kill()
        process.communicate()
        raise RuntimeError(f"{' '.join(command)} did not start: {log.read_text(errors='replace')}")
    return Process(said["url"], process, said, log)


def _first_line(process: subprocess.Popen[bytes]) -> dict[str, Any] | None:
    assert process.stdout is not None
    alarm = threading.Timer(PATIENCE, process.kill)
    alarm.start()
    try:
        line = process.stdout.readline()
    finally:
        alarm.cancel()
    return dict(json.loads(line)) if line.startswith(b"{") else None


def wait_until(holds: Callable[[], bool]) -> None:
    """Return when it holds; fail where it never does."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)


@dataclass(frozen=True, slots=True)
class Running:
    """The app behind a real socket in a thread of this process; moving `clock` moves its jobs."""

    url: str
    clock: ManualClock
    store: Store
    app: Mockserver

    def client(self, key: str | None = KEY) -> httpx.Client:
        """A client of the server that sends `key`, or no key for None. The caller closes it."""
        return client(self.url, key)


@contextmanager
def running_app(
    settings: Settings, clock: ManualClock | None = None, store: Store | None = None
) -> Iterator[Running]:
    """Serve `settings` on a free port of loopback until the block ends."""
    clock = clock or ManualClock(START)
    store = store or MemoryStore()
    with in_process.serve(settings, clock=clock, store=store) as served:
        yield Running(served.url, clock, store, served.app)
