"""`mockserver serve`: bind, compose, say so, run."""

from __future__ import annotations

import gc
import json
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from mockserver.app import build_app, default_store
from mockserver.cli.banner import banner, handshake
from mockserver.errors import SettingsError
from mockserver.settings import MIB, Settings, read_pace, read_public_url


def option(*names: str, **more: Any) -> Callable[[Any], Any]:
    """A click option that MOCKSERVER_<NAME> sets as well."""
    variable = "MOCKSERVER_" + names[0].lstrip("-").replace("-", "_").upper()
    return click.option(*names, envvar=variable, show_envvar=True, show_default="default" in more, **more)


@click.command(context_settings={"max_content_width": 110})
@option("--host", default="127.0.0.1", help="Address to listen on.")
@option("--port", default=8787, type=click.IntRange(0, 65535), help="Port to listen on; 0 takes a free one.")
@option("--profile", default="documented", type=click.Choice(["documented", "vendor", "observed"]),
        help="Whose reading of the documents.")  # fmt: skip
@option(
    "--overlay", "overlays", multiple=True, metavar="PROVIDER/NAME", help="One more reading; may be repeated."
)
@option("--contracts", "contracts", multiple=True, metavar="DIR",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        help="A folder of further providers; may be repeated.")  # fmt: skip
@option("--store", metavar="URL", help="memory: or sqlite:///FILE. [default: a file in your state directory]")
@option("--pace", default="time", metavar="PACE", help="How jobs move: immediate, time, polls:N or manual.")
@option("--speed", default=1.0, type=float, help="Under pace time, how many times as fast.")
@option("--seed", type=int, help="Same seed, same requests: same ids.")
@option("--strict", is_flag=True, help="Refuse keys that the contract does not name.")
@option(
    "--key",
    "keys",
    multiple=True,
    metavar="KEY",
    help="Take this API key only; may be repeated. [default: any]",
)
@option(
    "--public-url",
    metavar="URL",
    help="How clients reach this server, for media links. [default: the Host header]",
)
@option(
    "--max-body",
    default=64,
    type=click.IntRange(1, 1024),
    metavar="MIB",
    help="Largest request body, in MiB.",
)
@option("--cache-dir", type=click.Path(file_okay=False, path_type=Path), help="Where clips are kept.")
@option(
    "--cache-size",
    default=512,
    type=click.IntRange(16),
    metavar="MIB",
    help="Most that clips may take, in MiB.",
)
@option(
    "--tls-cert",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Serve https: certificate (PEM).",
)
@option(
    "--tls-key", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Its private key (PEM)."
)
@option(
    "--json", "as_json", is_flag=True, help="When ready, one JSON line and no banner; --port 0 implies it."
)
def command(host: str, port: int, as_json: bool, **given: Any) -> None:
    """Serve the three providers on one port until Ctrl-C.

    A client changes its base URL and nothing else; the banner shows it.
    """
    tls = _tls(given.pop("tls_cert"), given.pop("tls_key"))
    settings = _settings(**given)
    listener = _bind(host, port)
    address = _address(host, listener.getsockname()[1], tls=bool(tls))
    # What is made at the start stays to the end: the collector need not look at it again and again.
    gc.disable()
    app = build_app(settings)

    def ready() -> None:
        gc.freeze()
        gc.enable()
        if as_json or port == 0:
            click.echo(json.dumps(handshake(app.engine, settings.public_url or address, os.getpid())))
        else:
            click.echo(banner(app.engine, settings.public_url or address, settings.store))
        sys.stdout.flush()

    run(app, listener, tls, ready)


def _settings(
    *, store: str | None, pace: str, speed: float, public_url: str | None, **given: Any
) -> Settings:
    return Settings(
        profile=given["profile"],
        overlays=given["overlays"],
        contracts=given["contracts"],
        store=store or default_store(),
        pace=read_pace(pace, speed),
        seed=given["seed"],
        strict=given["strict"],
        keys=given["keys"],
        public_url=read_public_url(public_url) if public_url else None,
        max_body=given["max_body"] * MIB,
        cache_dir=given["cache_dir"],
        cache_bytes=given["cache_size"] * MIB,
    )


def _tls(cert: Path | None, key: Path | None) -> dict[str, str]:
    if (cert is None) != (key is None):
        raise SettingsError("--tls-cert and --tls-key go together")
    return {} if cert is None else {"ssl_certfile": str(cert), "ssl_keyfile": str(key)}


def _bind(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
    except OSError:
        raise SettingsError(f"host {host!r} is no address of this machine") from None
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        said = os.strerror(error.errno) if error.errno else str(error)
        raise SettingsError(
            f"cannot listen on {host} port {port}: {said}; --port 0 takes a free one"
        ) from None
    return listener


def _address(host: str, port: int, *, tls: bool) -> str:
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"{'https' if tls else 'http'}://{shown}:{port}"


def run(app: Any, listener: socket.socket, tls: dict[str, str], ready: Callable[[], None]) -> None:
    """Run uvicorn on a bound socket; `ready` is called when it accepts connections. Ctrl-C ends it well."""
    import uvicorn

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                ready()

    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        lifespan="on",
        ws="none",
        interface="asgi3",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=3,
        **tls,  # type: ignore[arg-type]
    )
    try:
        Server(config).run(sockets=[listener])
    except KeyboardInterrupt:
        click.echo("stopped", err=True)
