"""`mockserver serve`: bind, compose, say so, run."""

from __future__ import annotations

import errno
import gc
import json
import os
import socket
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import click

from mockserver.app import build_app, default_store
from mockserver.cli.banner import banner, handshake
from mockserver.cli.warning import warn_of_others
from mockserver.errors import SettingsError
from mockserver.settings import MIB, Settings, read_pace, read_public_url, read_token

_EVERY_ADDRESS: Final = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104
"""Addresses that stand for all of this machine's, and the one of them to show."""


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
@option("--small-clips", is_flag=True, help="Make clips of few and small frames: soon there, for tests.")
@option("--token", help="Opens the control plane under /__mock. [default: a new one, shown at the start]")
@option(
    "--allow-host",
    "allow_hosts",
    multiple=True,
    metavar="HOST",
    help="A name by which the control plane may be called; may be repeated. [default: loopback's]",
)
@option(
    "--control-port",
    type=click.IntRange(0, 65535),
    help="Serve the control plane on this port and nowhere else; 0 takes a free one.",
)
@option(
    "--scenario",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Clock, pace, rules and quotas to start with, TOML or JSON.",
)
@option("--callback-secret", metavar="SECRET", help="Signs callbacks.")
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
    listeners = [_bind(host, port)]
    address = control = _address(host, listeners[0].getsockname()[1], tls=bool(tls))
    if settings.control_port is not None:
        listeners.append(_bind(host, settings.control_port))
        settings = settings._replace(control_port=listeners[1].getsockname()[1])
        control = _address(host, listeners[1].getsockname()[1], tls=bool(tls))
    elif settings.public_url:
        control = settings.public_url
    settings = settings._replace(host=host)
    # What is made at the start stays to the end: the collector need not look at it again and again.
    gc.disable()
    app = build_app(settings)
    shown = settings.public_url or address

    def ready() -> None:
        gc.freeze()
        # What requests leave behind, jobs and exchanges, stays for long and is in no cycle: at the usual
        # threshold (700) a sixth of the time of a submit goes into looking at it again.
        gc.set_threshold(20_000, 20, 50)
        gc.enable()
        if as_json or port == 0:
            said = handshake(app.engine, shown, address, f"{control}/__mock", os.getpid())
            click.echo(json.dumps(said))
        else:
            click.echo(banner(app.engine, shown, f"{control}/__mock"))
        sys.stdout.flush()

    warn_of_others(host, listeners, settings, tls=bool(tls))
    run(app, listeners, tls, ready)


def _settings(
    *, store: str | None, pace: str, speed: float, public_url: str | None, token: str | None, **given: Any
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
        small_clips=given["small_clips"],
        token=read_token(token) if token is not None else None,
        allow_hosts=given["allow_hosts"],
        control_port=given["control_port"],
        scenario=given["scenario"],
        callback_secret=given["callback_secret"],
    )


def _tls(cert: Path | None, key: Path | None) -> dict[str, str]:
    if (cert is None) != (key is None):
        raise SettingsError("--tls-cert and --tls-key go together")
    if cert is None or key is None:
        return {}
    _check_tls(cert, key)
    return {"ssl_certfile": str(cert), "ssl_keyfile": str(key)}


def _check_tls(cert: Path, key: Path) -> None:
    """Raise SettingsError here for what would be a traceback of uvicorn's, or a question for a password."""
    import ssl

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key, password="")
    except OSError as error:
        said = error.strerror or str(error)
        raise SettingsError(
            f"{cert} and {key} cannot be used ({said}): they must be a certificate and its key without"
            " a password, both PEM"
        ) from None


def _bind(host: str, port: int) -> socket.socket:
    try:
        # As bytes, as a plain name needs no IDNA, whose tables take a millisecond to load.
        name = host.encode() if host.isascii() else host
        family = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)[0][0]
    except OSError:
        raise SettingsError(f"host {host!r} is no address of this machine") from None
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRNOTAVAIL:
            raise SettingsError(f"host {host!r} is no address of this machine") from None
        said = os.strerror(error.errno) if error.errno else str(error)
        raise SettingsError(
            f"cannot listen on {host} port {port}: {said}; --port 0 takes a free one"
        ) from None
    return listener


def _address(host: str, port: int, *, tls: bool) -> str:
    shown = _EVERY_ADDRESS.get(host, f"[{host}]" if ":" in host else host)
    return f"{'https' if tls else 'http'}://{shown}:{port}"


def run(app: Any, listeners: Sequence[socket.socket], tls: dict[str, str], ready: Callable[[], None]) -> None:
    """Run uvicorn on bound sockets; `ready` is called when it accepts connections. Ctrl-C ends it well."""
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
        Server(config).run(sockets=list(listeners))
    except KeyboardInterrupt:
        click.echo("stopped", err=True)
