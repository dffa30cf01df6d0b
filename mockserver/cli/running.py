"""Runs the app under uvicorn, for `serve`."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from typing import Any

import click

from mockserver.cli import logs


def run(
    app: Any,
    listeners: Sequence[socket.socket],
    tls: dict[str, str],
    ready: Callable[[], None],
    ended: Callable[[], None],
) -> None:
    """Run uvicorn on bound sockets until Ctrl-C.

    It calls `ready` when it accepts connections, and `ended` when it has answered the last one.
    """
    import uvicorn

    from mockserver.web.connection import Connection
    from mockserver.web.descriptors import raise_limit
    from mockserver.web.server import GRACE, AppServer

    raise_limit()
    logs.configure()

    config = uvicorn.Config(
        app,
        http=Connection,
        loop="mockserver.web.tls_loop:TlsLoop" if tls else "auto",
        log_config=None,
        log_level="warning",
        access_log=False,
        lifespan="on",
        ws="none",
        interface="asgi3",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE,
        **tls,  # type: ignore[arg-type]
    )
    try:
        AppServer(config, app, ready, ended).run(sockets=list(listeners))
    except KeyboardInterrupt:
        click.echo("stopped", err=True)
