"""Our own server as a process, for whoever judges it from outside.

with started("gmicloud", pace="polls:2") as server:
    judge(server.base("gmicloud"), ControlClient(server.control, server.token))
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import mockserver
from mockserver.errors import KitError

PATIENCE: Final = 30.0
"""Seconds after which a server that says nothing is given up."""
GRACE: Final = 10.0
"""Seconds that a server has to end by itself."""
LINES: Final = 8
"""Last lines of its log that an error shows."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server that accepts connections. `bases` are the base URLs to give to a client, by provider;
    `control` is where its control plane is, which `token` opens.
    """

    url: str
    bases: Mapping[str, str]
    control: str
    token: str
    _process: subprocess.Popen[bytes]
    _log: Path

    def base(self, provider: str) -> str:
        """The base URL of a provider. Raises KitError where it does not serve it."""
        if provider not in self.bases:
            raise KitError(f"the server has no provider {provider!r}; providers: {', '.join(self.bases)}")
        return self.bases[provider]

    @property
    def pid(self) -> int:
        """The number of its process."""
        return self._process.pid

    def log(self) -> str:
        """The last lines that it wrote to stderr."""
        return _last_lines(self._log)

    def stop(self) -> int:
        """End it, by force after a while, and give its exit code; a second time does nothing more."""
        return _end(self._process)


@contextmanager
def started(
    *providers: str,
    profile: str = "documented",
    pace: str = "time",
    speed: float = 1.0,
    store: str = "memory:",
    scenario: Path | str | None = None,
    contracts: Sequence[Path | str] = (),
    overlays: Sequence[str] = (),
    seed: int | None = None,
    options: Sequence[str] = (),
    env: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    """`mockserver serve` on a free port of loopback until the block ends, however it ends.

    `providers` must be among those that it serves; it serves the others as well. `contracts` are
    folders of further ones, `options` further flags, `env` variables over this process's, without those
    of ours. Raises KitError with the last lines of its log where it does not start.
    """
    one = {"--profile": profile, "--pace": pace, "--speed": speed, "--store": store}
    some = {"--scenario": scenario, "--seed": seed}
    flags = [*one.items(), *((name, value) for name, value in some.items() if value is not None)]
    flags += [("--contracts", folder) for folder in contracts] + [("--overlay", name) for name in overlays]
    arguments = [str(part) for pair in flags for part in pair]
    with TemporaryDirectory(prefix="mockserver-") as folder:
        log = Path(folder) / "stderr.txt"
        process = _launch([*arguments, *options], {**_environment(), **(env or {})}, log)
        try:
            server = _server(_handshake(process, log), process, log)
            for provider in providers:
                server.base(provider)
            yield server
        finally:
            _end(process)


def _launch(arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "mockserver", "serve", "--port", "0", *arguments]
    with log.open("wb") as stderr:
        return subprocess.Popen(  # noqa: S603
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stderr, env=environment
        )


def _environment() -> dict[str, str]:
    """This process's variables without our settings; a checkout's package is found from everywhere."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MOCKSERVER_")}
    root = Path(mockserver.__file__).resolve().parent.parent
    if (root / "pyproject.toml").is_file():
        kept["PYTHONPATH"] = os.pathsep.join(filter(None, (str(root), kept.get("PYTHONPATH"))))
    return kept


def _handshake(process: subprocess.Popen[bytes], log: Path) -> dict[str, Any]:
    """The JSON line by which the server says that it is ready. Raises KitError where none comes."""
    assert process.stdout is not None
    alarm = threading.Timer(PATIENCE, process.kill)
    alarm.start()
    try:
        line = process.stdout.readline()
    finally:
        alarm.cancel()
    try:
        return dict(json.loads(line))
    except ValueError:
        code = _end(process)
        said = _last_lines(log) or line.decode(errors="replace").strip() or "it said nothing"
        raise KitError(f"mockserver serve did not start (exit code {code}): {said}") from None


def _server(said: Mapping[str, Any], process: subprocess.Popen[bytes], log: Path) -> Server:
    bases = {name: urls[0] for name, urls in said["providers"].items()}
    return Server(said["url"], bases, said["control"], said["token"], process, log)


def _end(process: subprocess.Popen[bytes]) -> int:
    """Exit code of the process, which has ended; it is killed where waiting for it is interrupted."""
    process.terminate()
    try:
        return process.wait(GRACE)
    except subprocess.TimeoutExpired:
        return _kill(process)
    except BaseException:
        _kill(process)
        raise
    finally:
        if process.stdout is not None:
            process.stdout.close()


def _kill(process: subprocess.Popen[bytes]) -> int:
    process.kill()
    return process.wait()


def _last_lines(log: Path) -> str:
    lines = log.read_text("utf-8", "replace").strip().splitlines()
    return "\n".join(lines[-LINES:])
