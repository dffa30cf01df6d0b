"""The whole server in a thread of this process, on a real socket, for tests written in Python.

    with serve(pace="polls:2", scenario="lost-answer.toml") as running:
        client = Client(base_url=running.base("gmicloud"), api_key="any-key")

It listens on loopback, on a free port. `async with` starts it as well. Settings are those of
`settings.Settings`. Of the environment only what names contracts is read, see `contract.registry`.

Stable are the names in `__all__` with their public methods and attributes, but for `Running.app`. Other
names of this module may change with any release.
"""

from __future__ import annotations

import asyncio
import gc
import secrets
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from mockserver import early_imports, explaining
from mockserver.app import Mockserver, build_app
from mockserver.contract.carriage import Carriage, usual_carriage
from mockserver.direct_calls import AsyncDirectControlClient, DirectControlClient
from mockserver.errors import SettingsError
from mockserver.jobs.clock import Clock, wall_clock
from mockserver.settings import Settings, read_cors, read_mounts, read_pace
from mockserver.stores.base import Store
from mockserver.web.thread import ServerThread

if TYPE_CHECKING:
    from mockserver.control_client import AsyncControlClient, ControlClient
    from mockserver.control_client.answers import JobAnswer

early_imports.load()

__all__ = ["NAMES", "Running", "Tenant", "read_settings", "serve"]

T = TypeVar("T")
NAMES: Final = frozenset(Settings._fields) - {"host", "control_port", "providers_url"} | {"speed"}
"""The settings that `serve` takes by name."""


_TUPLES: Final[Mapping[str, Callable[[Iterable[Any]], tuple[Any, ...]]]] = {
    "contracts": lambda folders: tuple(map(Path, folders)),
    "providers": tuple,
    "replace": tuple,
    "mounts": lambda mounts: read_mounts(
        mount if isinstance(mount, str) else f"{mount[0]}={mount[1]}" for mount in mounts
    ),
}
"""Settings that have several values, which a caller may give as one text or as a list, to what reads them."""


@dataclass(frozen=True, slots=True)
class Running:
    """A server that accepts connections at `url`, and its app."""

    url: str
    app: Mockserver
    _thread: ServerThread

    @property
    def token(self) -> str:
        """The token that opens the control plane."""
        return self.app.services.settings.token or ""

    @property
    def bases(self) -> Mapping[str, str]:
        """Each provider's base URL for clients; the first if it has several."""
        contracts = self.app.services.contracts
        return {name: self.url + contract.prefixes[0] for name, contract in contracts.items()}

    def base(self, provider: str) -> str:
        """The provider's base URL for clients. Raises SettingsError for an unknown provider."""
        self._check(provider)
        return self.bases[provider]

    def headers(self, key: str, provider: str | None = None) -> dict[str, str]:
        """The headers by which a client of the provider sends its key; without one, as most providers ask."""
        if provider is None:
            return {"Authorization": f"Bearer {key}"}
        return self._carriage(key, provider).headers

    def query(self, key: str, provider: str) -> dict[str, str]:
        """The query parameters by which it does; none where the key is in headers."""
        return self._carriage(key, provider).query

    def _carriage(self, key: str, provider: str) -> Carriage:
        self._check(provider)
        return usual_carriage(self.app.services.contracts[provider].operations.values(), key)

    def control(self, key: str | None = None) -> ControlClient:
        """A client of the control plane, about the key's tenant or everybody. Close it after use."""
        return DirectControlClient(self._thread.submit, self.app, self.url, self.token, key=key)

    def async_control(self, key: str | None = None) -> AsyncControlClient:
        """As `control`, to be awaited, in asyncio as in trio. It need not be closed."""
        return AsyncDirectControlClient(self._thread.submit, self.app, self.url, self.token, key=key)

    @contextmanager
    def tenant(self, key: str | None = None) -> Iterator[Tenant]:
        """A tenant with this key or a fresh one. At the end the server forgets it."""
        key = key or f"sk-test-{secrets.token_hex(12)}"
        with self.control(key) as control:
            tenant = Tenant(key, self, control)
            try:
                with explaining.following(tenant):
                    yield tenant
            finally:
                tenant.forget()

    def explain(self) -> str:
        """What reached the server and what became of it, as text to print where a test fails: the last
        exchanges, why each was refused or what broke it, and the jobs that they are about.
        """
        return explaining.explain(self)

    def call(self, work: Coroutine[Any, Any, T], seconds: float) -> T:
        """The result of a coroutine in the server's event loop. Raises KitError where none comes in time."""
        return self._thread.call(work, seconds)

    def stop(self) -> None:
        """Stop the server and close its store. A second call does nothing."""
        explaining.server_ends(self)
        self._thread.stop()

    def _check(self, provider: str) -> None:
        contracts = self.app.services.contracts
        if provider not in contracts:
            raise SettingsError(
                f"no provider {provider!r}; providers: {', '.join(contracts)};"
                f' serve others by name: providers=["{provider}"]'
            )


@dataclass(frozen=True, slots=True)
class Tenant:
    """The user of one API key of a server. `control` is about this tenant alone."""

    key: str
    server: Running
    control: ControlClient

    @property
    def id(self) -> str:
        """Its name in the journal and in rules: the hash of its key."""
        return self.server.app.services.callers.tenant(self.key)

    @property
    def url(self) -> str:
        """The server's address."""
        return self.server.url

    def base(self, provider: str) -> str:
        """The provider's base URL for clients."""
        return self.server.base(provider)

    def headers(self, provider: str | None = None) -> dict[str, str]:
        """The headers by which a client of the provider sends this key."""
        return self.server.headers(self.key, provider)

    def query(self, provider: str) -> dict[str, str]:
        """The query parameters by which it does; none where the key is in headers."""
        return self.server.query(self.key, provider)

    def jobs(self, **filters: str | int | None) -> list[JobAnswer]:
        """Its jobs, newest first; filters are provider, state, phase, model, limit and offset."""
        return self.control.jobs(**filters)

    def advance(self, seconds: float) -> None:
        """Move its clock forward."""
        self.control.advance(seconds)

    def assert_submitted_once(self, provider: str | None = None) -> None:
        """Raise AssertionError, with the exchanges, unless exactly one submit made a job."""
        __tracebackhide__ = True
        self.control.assert_submitted_once(provider=provider)

    def assert_no_submit(self, provider: str | None = None) -> None:
        """Raise AssertionError, with the exchanges, if any submit arrived, refused ones included."""
        __tracebackhide__ = True
        self.control.assert_no_submit(provider=provider)

    def explain(self) -> str:
        """As `explain` of the server, about this tenant alone."""
        return explaining.explain(self.server, self)

    def forget(self) -> None:
        """Delete its jobs, clock, quota, rules and exchanges from the server."""
        for rule in self.control.rules():
            if rule["when"].get("tenant") == self.id:
                self.control.drop_rule(rule["id"])
        self.control.reset()
        self.control.clear_journal()


class serve:  # noqa: N801  it is called like the function that it stands for
    """Run a server in a `with` or `async with` block, which gets a Running.

    `named` are settings by name. `pace` may be a text and takes `speed` beside it; paths may be texts.
    `store` is a URL or a store, `memory:` by default. Raises SettingsError, ContractError or StoreError if
    one of them is invalid, KitError if the server does not start.
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
        """Start the server without a block. Call `stop()` of the Running to end it."""
        app = _build(self._settings, self._clock, self._store)
        thread = ServerThread(app)
        self._running = Running(thread.start(), app, thread)
        explaining.server_began(self._running)
        return self._running

    def __enter__(self) -> Running:
        """Start the server."""
        return self.start()

    def __exit__(
        self, kind: object = None, error: BaseException | None = None, traceback: object = None
    ) -> None:
        """Stop the server. An error that leaves the block gets a note of what the server saw."""
        if self._running is not None:
            if error is not None:
                explaining.note(error, self._running)
            self._running.stop()

    async def __aenter__(self) -> Running:
        """Start the server without blocking the event loop."""
        return await asyncio.to_thread(self.start)

    async def __aexit__(self, *error: Any) -> None:
        """Stop the server without blocking the event loop."""
        await asyncio.to_thread(self.__exit__, *error)


def read_settings(settings: Settings, **named: Any) -> Settings:
    """The settings, changed by those given by name. Raises SettingsError for an unknown name or pace."""
    if unknown := named.keys() - NAMES:
        raise SettingsError(f"no setting {min(unknown)!r} here; settings: {', '.join(sorted(NAMES))}")
    pace, speed = named.pop("pace", settings.pace), named.pop("speed", None)
    if isinstance(pace, str):
        pace = read_pace(pace, 1.0 if speed is None else speed)
    elif speed is not None:
        pace = pace._replace(speed=speed)
    for name in {"scenario", "cache_dir"} & named.keys():
        named[name] = Path(named[name]) if named[name] is not None else None
    for name in {"contracts", "providers", "replace", "mounts"} & named.keys():
        named[name] = _TUPLES[name]([named[name]] if isinstance(named[name], str | Path) else named[name])
    if "cors" in named:
        origins = named["cors"]
        named["cors"] = read_cors([origins] if isinstance(origins, str) else origins)
    return settings._replace(pace=pace, host="127.0.0.1", control_port=None, **named)


def _build(settings: Settings, clock: Clock, store: Store | None) -> Mockserver:
    """Build the app without garbage collection, since nothing that is made here can be freed."""
    collects = gc.isenabled()
    gc.disable()
    try:
        return build_app(settings, clock=clock, store=store)
    finally:
        if collects:
            gc.enable()
