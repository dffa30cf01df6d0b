"""The warning of a server that other machines can reach."""

from __future__ import annotations

import ipaddress
import socket
import sys
from collections.abc import Sequence

import click

from mockserver.cli.streams import raw
from mockserver.escapes import plain
from mockserver.settings import Settings


def warn_of_others(host: str, listeners: Sequence[socket.socket], settings: Settings, *, tls: bool) -> None:
    """Print to stderr what is open to whom, if the server listens beyond loopback."""
    bound = [listener.getsockname()[0] for listener in listeners]
    if all(ipaddress.ip_address(address.partition("%")[0]).is_loopback for address in bound):
        return
    warning = click.style(plain("\n".join(_warning(host, settings, tls))), fg="yellow", bold=True)
    click.echo(warning, file=raw(sys.stderr))


def _warning(host: str, settings: Settings, tls: bool) -> list[str]:
    keys = "a key that --key names" if settings.keys else "any key"
    hosts = ", ".join(("loopback", settings.host, *settings.allow_hosts))
    lines = [
        f"WARNING: {host} is not loopback. Every machine that reaches it can",
        f"  - submit and read jobs with {keys}, and fill disk and memory",
        "  - fetch every clip whose link it knows, because links need no key",
    ]
    if not tls:
        lines.append(
            "  - read API keys and the control token in transit, because this is HTTP; see --tls-cert"
        )
    return [
        *lines,
        f"  The control plane answers to the Host of {hosts}. Whoever has the token can do everything.",
        "  Use --host 127.0.0.1 to listen on loopback only.",
    ]
