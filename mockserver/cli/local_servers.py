"""The servers that this user runs on this machine: while it runs, each leaves a file with address and token.

Nobody else can read the files. One whose server was killed is noticed, named on stderr and removed.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urlsplit

import click

from mockserver.escapes import plain_line
from mockserver.private_files import make_file, make_folder

DEFAULT: Final = "http://127.0.0.1:8787"
"""Where a server is whose token is given and its address is not."""
_PATIENCE: Final = 0.5
"""Seconds in which a server of this machine accepts a connection."""
_LARGEST: Final = 64 * 1024
"""Bytes of a file that is read."""


class LocalServer(NamedTuple):
    """A server's addresses and token.

    `url` is how clients reach it, `control` where its control plane listens, without /__mock.
    """

    url: str
    listening: str
    control: str
    token: str
    pid: int


def leave(server: LocalServer) -> None:
    """Write the server's file; nothing is written where the folder cannot be."""
    file = _file(server)
    with suppress(OSError):
        make_folder(file.parent)
        # An older file keeps its rights, which may be anybody's.
        file.unlink(missing_ok=True)
        make_file(file)
        file.write_text(json.dumps({**server._asdict(), "machine": socket.gethostname()}), encoding="utf-8")


def withdraw(server: LocalServer) -> None:
    """Remove the server's file."""
    with suppress(OSError):
        _file(server).unlink(missing_ok=True)


def running() -> list[LocalServer]:
    """The servers that run, oldest first. What killed ones left is named on stderr and removed."""
    servers = []
    for server in _left():
        if _lives(server):
            servers.append(server)
            continue
        click.echo(f"mockserver: {server.control} was killed; what it left is removed", err=True)
        withdraw(server)
    return servers


def at(url: str) -> LocalServer | None:
    """The running server that has this address; None for any other."""
    wanted = _address(url)
    return next((server for server in running() if wanted in _addresses(server)), None)


def only() -> LocalServer:
    """The one server that runs. Raises UsageError where there is none, or several, which it lists."""
    servers = running()
    if not servers:
        raise click.UsageError(
            "no server of yours runs on this machine: start `mockserver serve`, or give --url and --token"
        )
    if len(servers) > 1:
        listed = ", ".join(f"{server.control} (process {server.pid})" for server in servers)
        raise click.UsageError(plain_line(f"several servers of yours run, choose one with --url: {listed}"))
    return servers[0]


def reached(url: str | None, token: str | None) -> tuple[str, str]:
    """The control plane's address and token: those that are given, and for what is missing a local server's.

    Raises UsageError where no server fits.
    """
    if token is not None:
        return url or DEFAULT, token
    if url is None:
        server = only()
        return server.control, server.token
    named = at(url)
    if named is None:
        raise click.UsageError(
            plain_line(f"{url} is no running server of yours on this machine: give --token")
        )
    return named.control, named.token


def _file(server: LocalServer) -> Path:
    return _folder() / f"{server.pid}.json"


def _folder() -> Path:
    from platformdirs import user_state_path

    return user_state_path("mockserver") / "servers"


def _left() -> Iterator[LocalServer]:
    """The servers of this machine that left a file; what cannot be read is none."""
    with suppress(OSError):
        for file in sorted(_folder().glob("*.json"), key=lambda path: path.stat().st_mtime):
            with suppress(OSError, ValueError, KeyError, TypeError):
                values = json.loads(file.read_bytes()[:_LARGEST])
                # A home may be shared with other machines and containers, whose processes nobody sees here.
                if values.pop("machine") == socket.gethostname():
                    yield LocalServer(**values)


def _lives(server: LocalServer) -> bool:
    """Whether the process is there, where the system tells, and something listens at its port."""
    if sys.platform != "win32":
        try:
            os.kill(server.pid, 0)
        except OSError:
            return False
    parts = urlsplit(server.control)
    try:
        socket.create_connection((parts.hostname or "", parts.port or 80), _PATIENCE).close()
    except OSError:
        return False
    return True


def _addresses(server: LocalServer) -> set[str]:
    return {_address(url) for url in (server.url, server.listening, server.control)}


def _address(url: str) -> str:
    """Scheme, host and port: a provider's base URL is at its server, and localhost is 127.0.0.1."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2].lower()
    return f"{parts.scheme}://{host.replace('localhost', '127.0.0.1')}"
