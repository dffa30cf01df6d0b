"""What a server that others can reach says of it, loudly."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence

import click

from mockserver.settings import Settings


def warn_of_others(host: str, listeners: Sequence[socket.socket], settings: Settings, *, tls: bool) -> None:
    """Say to stderr what is open to whom, where the address is not loopback's."""
    bound = [listener.getsockname()[0] for listener in listeners]
    if all(ipaddress.ip_address(address.partition("%")[0]).is_loopback for address in bound):
        return
    click.secho("\n".join(_warning(host, settings, tls)), fg="yellow", bold=True, err=True)


def _warning(host: str, settings: Settings, tls: bool) -> list[str]:
    keys = "the keys of --key" if settings.keys else "any key at all"
    hosts = ", ".join(("loopback", settings.host, *settings.allow_hosts))
    lines = [
        f"WARNING: {host} is not loopback: every machine that reaches it can",
        f"  - submit and read jobs, with {keys}, and fill disk and memory",
        "  - fetch every clip whose link it knows; links need no key",
    ]
    if not tls:
        lines.append("  - read keys and the control token on the way: this is http; see --tls-cert")
    return [
        *lines,
        f"  The control plane answers to the Host of {hosts} with the token alone; who has it can do all.",
        "  --host 127.0.0.1 closes this.",
    ]
