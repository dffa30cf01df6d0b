"""`mockserver serve`: binds the ports, builds the app, runs it, and prints where it is."""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from mockserver.app import build_app, default_store
from mockserver.cli import completion
from mockserver.cli.banner import banner, handshake
from mockserver.cli.listening import address_of, bind, tls
from mockserver.cli.local_servers import LocalServer, leave, withdraw
from mockserver.cli.running import run
from mockserver.cli.streams import raw
from mockserver.cli.warning import warn_of_others
from mockserver.engine.services import Services
from mockserver.settings import (
    MIB,
    Settings,
    read_cors,
    read_keep,
    read_mounts,
    read_pace,
    read_public_url,
    read_token,
)

if TYPE_CHECKING:
    from mockserver.cli.exchange_log import ExchangeLog

_CLIENTS_KEY: Final = (
    "mockserver: MOCKSERVER_KEY is the key that a client sends, for verify and conform; serve takes any key."
    " The keys that it shall take alone belong in MOCKSERVER_KEYS."
)


def option(*names: str, variable: str = "", **more: Any) -> Callable[[Any], Any]:
    """A click option that `variable` sets as well, by default MOCKSERVER_<NAME>."""
    variable = variable or "MOCKSERVER_" + names[0].lstrip("-").replace("-", "_").upper()
    return click.option(*names, envvar=variable, show_envvar=True, show_default="default" in more, **more)


@click.command(context_settings={"max_content_width": 110})
@option("--host", default="127.0.0.1", help="Address to listen on.")
@option("--port", default=8787, type=click.IntRange(0, 65535), help="Port to listen on; 0 takes a free one.")
@option("--profile", default="documented", type=click.Choice(["documented", "vendor", "observed"]),
        help="Which description of the APIs to follow.")  # fmt: skip
@option(
    "--overlay",
    "overlays",
    multiple=True,
    metavar="PROVIDER/NAME",
    help="Apply this overlay; may be repeated.",
)
@option("--contracts", "contracts", multiple=True, metavar="DIR",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        help="Folder of further providers to serve, or of one; may be repeated.")  # fmt: skip
@option(
    "--provider",
    "providers",
    variable="MOCKSERVER_PROVIDERS",
    multiple=True,
    shell_complete=completion.providers,
    metavar="NAME",
    help="Serve only this provider, or all that there are; may be repeated."
    " [default: aimlapi, gmicloud, kkiai and those of --contracts]",
)
@option(
    "--replace",
    "replace",
    multiple=True,
    metavar="NAME",
    help="Let a further folder replace the provider of this name; may be repeated.",
)
@option(
    "--mount",
    "mounts",
    multiple=True,
    metavar="NAME=/PREFIX",
    help="Serve the provider below a prefix, the second time a copy of it; may be repeated.",
)
@option(
    "--store",
    metavar="URL",
    help="Where jobs are stored: memory:, sqlite:///FILE, or sqlite:///FILE?sync=full, which loses nothing"
    " when the machine loses power. [default: a file in your state directory]",
)
@option("--keep", metavar="AGE", help="Delete jobs of this age: 30d, 12h, 90m or 45s. [default: never]")
@option("--max-jobs", type=click.IntRange(0), metavar="N",
        help="Delete the oldest where there are more jobs. [default: any number]")  # fmt: skip
@option(
    "--pace", default="time", metavar="PACE", help="How jobs progress: immediate, time, polls:N or manual."
)
@option("--speed", default=1.0, type=float, help="With pace time: how many times as fast.")
@option("--seed", type=int, help="Makes ids repeatable: the same seed and requests give the same ids.")
@option("--strict", is_flag=True, help="Refuse request fields that the contract does not name.")
@option(
    "--key",
    "keys",
    variable="MOCKSERVER_KEYS",
    multiple=True,
    metavar="KEY",
    help="Accept only this API key, or tokens signed with this pair ACCESS:SECRET; may be repeated."
    " [default: any key]",
)
@option(
    "--longest-wait",
    type=click.FloatRange(0),
    metavar="SECONDS",
    help="Let a submit wait for the end of its job so long at most, if it asks for that; 0: not at all."
    " [default: as the provider says]",
)
@option("--ignore-token-times", is_flag=True, help="Take signed tokens whatever their nbf and exp say.")
@option(
    "--public-url",
    metavar="URL",
    help="Address in media links, if clients reach this server by another one. [default: the Host header]",
)
@option(
    "--max-body",
    default=64,
    type=click.IntRange(1, 1024),
    metavar="MIB",
    help="Largest request body, in MiB.",
)
@option(
    "--cache-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the clips that were made.",
)
@option(
    "--cache-size",
    default=512,
    type=click.IntRange(16),
    metavar="MIB",
    help="Largest size of all clips in that folder, in MiB.",
)
@option(
    "--small-clips", is_flag=True, help="Make clips with few and small frames, which is faster, for tests."
)
@option("--plain-clips", is_flag=True, help="Encode clips by ffmpeg alone, for players that refuse others.")
@option("--token", help="Token of the control plane under /__mock. [default: a new one, shown at the start]")
@option(
    "--allow-host",
    "allow_hosts",
    multiple=True,
    metavar="HOST",
    help="Host name that the control plane accepts; may be repeated. [default: loopback's]",
)
@option(
    "--cors",
    multiple=True,
    metavar="ORIGIN",
    help="Origin whose pages may call, * for all; may be repeated.",
)
@option(
    "--control-port",
    type=click.IntRange(0, 65535),
    help="Serve the control plane on this port only; 0 takes a free one.",
)
@option(
    "--scenario",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File with the clock, pace, rules and quotas to start with (TOML or JSON).",
)
@option(
    "--callback-secret",
    metavar="SECRET",
    help="Secret that signs callbacks, as Standard Webhooks if it is whsec_BASE64; two, separated by a space,"
    " while one is rotated.",
)
@option(
    "--tls-cert",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Serve HTTPS with this certificate (PEM).",
)
@option(
    "--tls-key",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Private key of the certificate (PEM).",
)
@option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print one JSON line instead of the banner; --port 0 implies it.",
)
@option("--quiet", is_flag=True, help="Print no line for each exchange.")
@option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    help="How exchanges are printed. [default: text after the banner, none after a JSON line]",
)
def command(host: str, port: int, as_json: bool, quiet: bool, log_format: str | None, **values: Any) -> None:
    """Serve the providers on one port until Ctrl-C.

    A client needs another base URL and no other change; the banner shows it. Clips write prompts in
    other scripts than the Latin after pip install 'videogen-mockserver[scripts]'; without, letters are named.

    Exit codes: 0 stopped by Ctrl-C, 2 a setting, a contract or the store is invalid, or the port is taken.
    """
    if "MOCKSERVER_KEY" in os.environ and not values["keys"]:
        click.echo(_CLIENTS_KEY, file=raw(sys.stderr))
    tls_files = tls(values.pop("tls_cert"), values.pop("tls_key"))
    settings = _settings(**values)
    listeners = [bind(host, port)]
    address = local = address_of(host, listeners[0].getsockname()[1], tls=bool(tls_files))
    if settings.control_port is not None:
        listeners.append(bind(host, settings.control_port))
        settings = settings._replace(control_port=listeners[1].getsockname()[1], providers_url=address)
        control = local = address_of(host, listeners[1].getsockname()[1], tls=bool(tls_files))
    else:
        control = settings.public_url or address
    settings = settings._replace(host=host)
    # What is made at the start stays to the end, so the garbage collector need not search it.
    gc.disable()
    app = build_app(settings)
    shown = settings.public_url or address
    record = LocalServer(shown, address, local, str(app.services.settings.token), os.getpid())
    as_json = as_json or port == 0
    log = _exchange_log(app.services, log_format, quiet=quiet, as_json=as_json)

    def ready() -> None:
        gc.freeze()
        # Requests leave jobs and exchanges that stay for long and are in no cycle. At the default threshold
        # (700), searching them takes a sixth of a submit's time.
        gc.set_threshold(20_000, 20, 50)
        gc.enable()
        # Before anybody reads that the server is ready, and looks for it.
        leave(record)
        if as_json:
            click.echo(json.dumps(handshake(app.services, shown, address, f"{control}/__mock", os.getpid())))
        else:
            click.echo(banner(app.services, shown, f"{control}/__mock"))
        sys.stdout.flush()
        if log is not None:
            log.start()

    def ended() -> None:
        withdraw(record)
        if log is not None:
            log.close()

    warn_of_others(host, listeners, settings, tls=bool(tls_files))
    run(app, listeners, tls_files, ready, ended)


def _exchange_log(
    services: Services, log_format: str | None, *, quiet: bool, as_json: bool
) -> ExchangeLog | None:
    """What prints the exchanges; a program that reads a JSON line gets them only if it asks for them."""
    if quiet or (as_json and log_format is None):
        return None
    from mockserver.cli.exchange_log import exchange_log

    return exchange_log(services, log_format or "text")


def _settings(
    *,
    store: str | None,
    pace: str,
    speed: float,
    keep: str | None,
    public_url: str | None,
    token: str | None,
    mounts: Sequence[str],
    cors: Sequence[str],
    max_body: int,
    cache_size: int,
    **others: Any,
) -> Settings:
    """The settings; `others` need not be read."""
    return Settings(
        store=store or default_store(),
        pace=read_pace(pace, speed),
        keep=read_keep(keep) if keep else None,
        public_url=read_public_url(public_url) if public_url else None,
        token=read_token(token) if token is not None else None,
        mounts=read_mounts(mounts),
        cors=read_cors(cors),
        max_body=max_body * MIB,
        cache_bytes=cache_size * MIB,
        **others,
    )
