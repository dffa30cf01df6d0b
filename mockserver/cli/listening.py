"""Where `serve` listens: bound ports, their addresses, and the files of TLS."""

from __future__ import annotations

import errno
import os
import socket
from pathlib import Path
from typing import Final

from mockserver.errors import SettingsError

_EVERY_ADDRESS: Final = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104
"""Addresses that stand for all of this machine's, each with the one to show."""


def tls(cert: Path | None, key: Path | None) -> dict[str, str]:
    """What uvicorn is given for TLS, nothing without files. Raises SettingsError for what cannot be used."""
    if (cert is None) != (key is None):
        raise SettingsError("give both --tls-cert and --tls-key, or neither")
    if cert is None or key is None:
        return {}
    _check_tls(cert, key)
    return {"ssl_certfile": str(cert), "ssl_keyfile": str(key)}


def _check_tls(cert: Path, key: Path) -> None:
    """Raise SettingsError where uvicorn would end in a traceback or ask for a password."""
    import ssl

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key, password="")
    except OSError as error:
        reason = error.strerror or str(error)
        raise SettingsError(
            f"{cert} and {key} cannot be used ({reason}): they must be a certificate and its key without"
            " a password, both PEM"
        ) from None


def bind(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises SettingsError where that cannot be."""
    try:
        # As bytes, since a plain name needs no IDNA, whose tables take a millisecond to load.
        name = host.encode() if host.isascii() else host
        family = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)[0][0]
    except OSError:
        raise SettingsError(f"host {host!r} is not an address of this machine") from None
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRNOTAVAIL:
            raise SettingsError(f"host {host!r} is not an address of this machine") from None
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise SettingsError(
            f"cannot listen on {host} port {port}: {reason}; --port 0 takes a free one"
        ) from None
    return listener


def address_of(host: str, port: int, *, tls: bool) -> str:
    """The URL of a server there, as one of this machine calls it."""
    bracketed = f"[{host}]" if ":" in host else host
    scheme = "https" if tls else "http"
    return f"{scheme}://{_EVERY_ADDRESS.get(host, bracketed)}:{port}"
