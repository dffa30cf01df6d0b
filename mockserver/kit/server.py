"""Our own server as a process, for tools that judge it from outside.

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
from mockserver.contract import registry
from mockserver.errors import KitError

PATIENCE: Final = 30.0
"""Seconds that a server may take to start."""
GRACE: Final = 10.0
"""Seconds that a server may take to end by itself."""
LINES: Final = 8
"""How many of the last lines of its log an error shows."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server that accepts connections. `bases` are the base URLs for clients, by provider; `control` is
    the URL of its control plane, `token` the token for it.
    """

    url: str
    bases: Mapping[str, str]
    control: str
    token: str
    _process: subprocess.Popen[bytes]
    _log: Path

    def base(self, provider: str) -> str:
        """The base URL of a provider. Raises KitError where the server has no such provider."""
        if provider not in self.bases:
            raise KitError(f"the server has no provider {provider!r}; providers: {', '.join(self.bases)}")
        return self.bases[provider]

    @property
    def pid(self) -> int:
        """The id of its process."""
        return self._process.pid

    def log(self) -> str:
        """The last lines that it wrote to stderr."""
        return _last_lines(self._log)

    def stop(self) -> int:
        """End the server, by force after a while; its exit code. A second call does nothing more."""
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
    """`mockserver serve` on a free loopback port until the block ends, for whatever reason it ends.

    `providers` must be among those that it serves; it serves the usual ones as well, unless another is
    among them. `contracts` are folders of further ones, by default those that the registry has, `options`
    further flags. `env` is added to this process's environment, without its MOCKSERVER_ variables. Raises
    KitError with the last lines of the log where the server does not start.
    """
    flags: list[tuple[str, object]] = [
        ("--profile", profile), ("--pace", pace), ("--speed", speed), ("--store", store),
    ]  # fmt: skip
    if scenario is not None:
        flags.append(("--scenario", scenario))
    if seed is not None:
        flags.append(("--seed", seed))
    flags += _contract_flags(contracts, providers)
    flags += [("--overlay", name) for name in overlays]
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


def _contract_flags(contracts: Sequence[Path | str], providers: Sequence[str]) -> list[tuple[str, object]]:
    """What tells the server of the contracts that this process has, as the environment does not."""
    sources = registry.current(registry.ContractSources(tuple(map(Path, contracts))))
    flags: list[tuple[str, object]] = [("--contracts", root) for root in sources.roots]
    flags += [("--replace", name) for name in sources.replaced]
    flags += [("--mount", f"{mount.name}={mount.prefix or '/'}") for mount in sources.mounts]
    usual = registry.served(sources)
    if any(name not in usual for name in providers):
        flags += [("--provider", name.partition("@")[0]) for name in providers]
    return flags


def _launch(arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "mockserver", "serve", "--port", "0", *arguments]
    with log.open("wb") as stderr:
        return subprocess.Popen(  # noqa: S603
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stderr, env=environment
        )


def _environment() -> dict[str, str]:
    """This process's variables without our settings, and with this checkout on the path, if it is one."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith("MOCKSERVER_")}
    root = Path(mockserver.__file__).resolve().parent.parent
    if (root / "pyproject.toml").is_file():
        variables["PYTHONPATH"] = os.pathsep.join(filter(None, (str(root), variables.get("PYTHONPATH"))))
    return variables


def _handshake(process: subprocess.Popen[bytes], log: Path) -> dict[str, Any]:
    """The JSON line that the server prints when it is ready. Raises KitError where none comes."""
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
        reason = _last_lines(log) or line.decode(errors="replace").strip() or "it printed nothing"
        raise KitError(f"mockserver serve did not start (exit code {code}): {reason}") from None


def _server(handshake: Mapping[str, Any], process: subprocess.Popen[bytes], log: Path) -> Server:
    bases = {name: urls[0] for name, urls in handshake["providers"].items()}
    return Server(handshake["url"], bases, handshake["control"], handshake["token"], process, log)


def _end(process: subprocess.Popen[bytes]) -> int:
    """End the process; its exit code. It is killed where waiting for it is interrupted."""
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
