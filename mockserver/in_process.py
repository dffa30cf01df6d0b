"""The whole server in a thread of this process, on a real socket, for tests written in Python.

    with serve(pace="polls:2", scenario="lost-answer.toml") as running:
        client = Client(base_url=running.base("gmicloud"), api_key="any-key")

It listens on loopback, on a free port. `async with` starts it as well. Settings are those of
`settings.Settings`; nothing is read from the environment.
"""

from __future__ import annotations

import asyncio
import gc
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mockserver.app import Mockserver, build_app
from mockserver.errors import SettingsError
from mockserver.jobs.clock import Clock, wall_clock
from mockserver.jobs.ids import tenant_of
from mockserver.settings import Settings, read_pace
from mockserver.stores.base import Store
from mockserver.web.thread import ServerThread

if TYPE_CHECKING:
    from mockserver.control_client import AsyncControlClient, ControlClient
    from mockserver.control_client.answers import JobAnswer

NAMES: Final = frozenset(Settings._fields) - {"host", "control_port"} | {"speed"}
"""What `serve` takes by name."""


@dataclass(frozen=True, slots=True)
class Running:
    """A server that accepts connections at `url`, and its app."""

    url: str
    app: Mockserver
    _thread: ServerThread

    @property
    def token(self) -> str:
        """What opens the control plane."""
        return self.app.services.settings.token or ""

    @property
    def bases(self) -> Mapping[str, str]:
        """The base URL to give to a client, by provider; the first where a provider has several."""
        contracts = self.app.services.contracts
        return {name: self.url + contract.prefixes[0] for name, contract in contracts.items()}

    def base(self, provider: str) -> str:
        """The base URL to give to a client of the provider. Raises SettingsError for an unknown one."""
        self._check(provider)
        return self.bases[provider]

    def headers(self, key: str, provider: str | None = None) -> dict[str, str]:
        """What a client of the provider, or of most, sends with a key."""
        if provider is None:
            return {"Authorization": f"Bearer {key}"}
        self._check(provider)
        operations = self.app.services.contracts[provider].operations.values()
        credential = next((one.credential for one in operations if one.credential), None)
        if credential is None:
            return {}
        name = "-".join(map(str.capitalize, credential.header.decode().split("-")))
        return {name: f"{credential.scheme.capitalize()} {key}".strip()}

    def control(self, key: str | None = None) -> ControlClient:
        """A client of the control plane, about the key's tenant or everybody. The caller closes it."""
        from mockserver.control_client import ControlClient

        return ControlClient(self.url, self.token, key=key)

    def async_control(self, key: str | None = None) -> AsyncControlClient:
        """The same, to be awaited; it need not be closed."""
        from mockserver.control_client import AsyncControlClient

        return AsyncControlClient(self.url, self.token, key=key)

    @contextmanager
    def tenant(self, key: str | None = None) -> Iterator[Tenant]:
        """A tenant with a key of its own, or this one; at the end the server has forgotten it."""
        key = key or f"sk-test-{secrets.token_hex(12)}"
        with self.control(key) as control:
            tenant = Tenant(key, self, control)
            try:
                yield tenant
            finally:
                tenant.forget()

    def stop(self) -> None:
        """End the server and let go of its store; a second time does nothing."""
        self._thread.stop()

    def _check(self, provider: str) -> None:
        known = self.app.services.contracts
        if provider not in known:
            raise SettingsError(f"no provider {provider!r}; providers: {', '.join(known)}")


@dataclass(frozen=True, slots=True)
class Tenant:
    """Whoever uses one API key of a server; `control` is about it alone."""

    key: str
    server: Running
    control: ControlClient

    @property
    def id(self) -> str:
        """What the journal and rules call it: the hash of its key."""
        return tenant_of(self.key)

    @property
    def url(self) -> str:
        """The server's address."""
        return self.server.url

    def base(self, provider: str) -> str:
        """The base URL to give to a client of the provider."""
        return self.server.base(provider)

    def headers(self, provider: str | None = None) -> dict[str, str]:
        """What a client of the provider, or of most, sends with this key."""
        return self.server.headers(self.key, provider)

    def jobs(self, **filters: str | int | None) -> list[JobAnswer]:
        """Its jobs, newest first; filters are provider, state, phase, model, limit and offset."""
        return self.control.jobs(**filters)

    def advance(self, seconds: float) -> None:
        """Move its clock on."""
        self.control.advance(seconds)

    def assert_submitted_once(self, provider: str | None = None) -> None:
        """Raise AssertionError, with the exchanges, unless just one submit made a job."""
        __tracebackhide__ = True
        self.control.assert_submitted_once(provider=provider)

    def assert_no_submit(self, provider: str | None = None) -> None:
        """Raise AssertionError, with the exchanges, if any submit arrived, refused ones included."""
        __tracebackhide__ = True
        self.control.assert_no_submit(provider=provider)

    def forget(self) -> None:
        """Let the server forget its jobs, clock, quota, rules and exchanges."""
        for rule in self.control.rules():
            if rule["when"].get("tenant") == self.id:
                self.control.drop_rule(rule["id"])
        self.control.reset()
        self.control.clear_journal()


class serve:  # noqa: N801  it is called like the function that it stands for
    """Serve in a `with` or `async with` block, which is given a Running.

    `named` are settings by name: `pace` may be a text and comes with `speed`, paths may be texts. `store`
    is a URL or a store, `memory:` unless said otherwise. Raises SettingsError, ContractError or
    StoreError where they make no sense, KitError where the server does not start.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        store: str | Store | None = None,
        clock: Clock = wall_clock,
        **named: Any,
    ) -> None:
        if isinstance(store, str):
            named["store"] = store
        self._settings = read_settings(settings or Settings(), **named)
        self._store = None if isinstance(store, str) else store
        self._clock = clock
        self._running: Running | None = None

    def start(self) -> Running:
        """Start it without a block: `stop()` of what comes back ends it."""
        app = _build(self._settings, self._clock, self._store)
        thread = ServerThread(app)
        self._running = Running(thread.start(), app, thread)
        return self._running

    def __enter__(self) -> Running:
        """Start the server."""
        return self.start()

    def __exit__(self, *error: object) -> None:
        """Stop it."""
        if self._running is not None:
            self._running.stop()

    async def __aenter__(self) -> Running:
        """Start the server, leaving the loop to others meanwhile."""
        return await asyncio.to_thread(self.start)

    async def __aexit__(self, *error: object) -> None:
        """Stop it."""
        await asyncio.to_thread(self.__exit__)


def read_settings(settings: Settings, **named: Any) -> Settings:
    """The settings with those by name laid over them. Raises SettingsError for a name or pace unknown."""
    if strangers := named.keys() - NAMES:
        raise SettingsError(f"no setting {min(strangers)!r} here; settings: {', '.join(sorted(NAMES))}")
    pace, speed = named.pop("pace", settings.pace), named.pop("speed", None)
    if isinstance(pace, str):
        pace = read_pace(pace, 1.0 if speed is None else speed)
    elif speed is not None:
        pace = pace._replace(speed=speed)
    for name in {"scenario", "cache_dir"} & named.keys():
        named[name] = Path(named[name]) if named[name] is not None else None
    if "contracts" in named:
        named["contracts"] = tuple(map(Path, named["contracts"]))
    return settings._replace(pace=pace, host="127.0.0.1", control_port=None, **named)


def _build(settings: Settings, clock: Clock, store: Store | None) -> Mockserver:
    """What is made here stays: the collector, which would look through it again and again, waits."""
    collects = gc.isenabled()
    gc.disable()
    try:
        return build_app(settings, clock=clock, store=store)
    finally:
        if collects:
            gc.enable()
