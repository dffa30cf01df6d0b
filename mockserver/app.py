"""The composition root: settings become one ASGI application. Nothing happens at import."""

from __future__ import annotations

import contextlib
import logging
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mockserver.contract import source
from mockserver.contract.loader import compile_contract
from mockserver.contract.model import Contract
from mockserver.engine.admin.scenario import begin, read_scenario
from mockserver.engine.message import problem
from mockserver.engine.pipeline import Engine
from mockserver.errors import ContractError, SettingsError
from mockserver.jobs.clock import Clock, wall_clock
from mockserver.media.picture import measure
from mockserver.settings import Settings
from mockserver.stores.base import Store
from mockserver.stores.open import open_store
from mockserver.web.provider_routes import ProviderRoutes
from mockserver.web.wire import App, Receive, Scope, Send, send_response

if TYPE_CHECKING:
    from mockserver.faults.scenario import Scenario

CONTROL: Final = "/__mock"
MEDIA: Final = "/media/"
_log = logging.getLogger("mockserver")


class Library:
    """The providers' folders, and their contracts as any profile reads them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._sources: dict[str, source.Source] = {}
        self._ours = source.builtin_root()
        for root in (self._ours, *settings.contracts):
            for name, folder in source.find_providers(root).items():
                with _blamed_on(folder):
                    self._sources[name] = source.read_source(folder)
        self._overlays = _by_provider(settings.overlays, self._sources)
        self._read: dict[tuple[str, str], Contract] = {}

    def contract(self, provider: str, profile: str) -> Contract:
        """A provider's contract; compiled once. Raises ContractError."""
        key = provider, profile
        if key not in self._read:
            files, overlays = self._sources[provider], self._overlays.get(provider, ())
            with _blamed_on(files.folder):
                self._read[key] = compile_contract(
                    files,
                    measure=measure,
                    profile=profile,
                    overlays=overlays,
                    # Ours are examined by the tests.
                    sound=files.folder.parent == self._ours,
                )
        return self._read[key]

    def contracts(self) -> list[Contract]:
        """Every provider's contract in the profile of the settings."""
        return [self.contract(name, self._settings.profile) for name in self._sources]


@contextlib.contextmanager
def _blamed_on(folder: Path) -> Iterator[None]:
    """Of several providers' files of one name, an error says which one it is about."""
    try:
        yield
    except ContractError as error:
        place = str(folder / error.file)
        raise ContractError(error.message, file=place, pointer=error.pointer) from None


def _by_provider(overlays: Sequence[str], known: Mapping[str, source.Source]) -> dict[str, list[str]]:
    chosen: dict[str, list[str]] = {}
    for text in overlays:
        provider, _, name = text.partition("/")
        if provider not in known or name not in known[provider].overlays():
            every = ", ".join(f"{one}/{name}" for one, files in known.items() for name in files.overlays())
            raise SettingsError(f"overlay {text!r} is not there; overlays: {every}")
        chosen.setdefault(provider, []).append(name)
    return chosen


class Mockserver:
    """The whole server as an ASGI app: providers' routes, and behind doors that open when somebody
    first asks, media and control."""

    def __init__(self, engine: Engine, scenario: Scenario | None = None) -> None:
        self.engine = engine
        self._scenario = scenario
        self._providers = ProviderRoutes(engine)
        self._media: App | None = None
        self._control: App | None = None
        self._control_port = engine.settings.control_port
        self._close: Callable[[], None] = lambda: None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one ASGI scope."""
        if scope["type"] != "http":
            await self._live(receive, send)
            return
        try:
            await self._route(scope)(scope, receive, send)
        except Exception:
            _log.exception("%s %s failed", scope["method"], scope["path"])
            await _apologise(send)

    def _route(self, scope: Scope) -> App:
        path = scope["path"]
        control = path.startswith(CONTROL) and path[len(CONTROL) :][:1] in ("", "/")
        if self._control_port is not None and control != (scope["server"][1] == self._control_port):
            return _elsewhere
        if control:
            return self._control or self._open_control()
        if path.startswith(MEDIA):
            return self._media or self._open_media()
        return self._providers

    def _open_media(self) -> App:
        from mockserver.media.cache import MediaCache
        from mockserver.web.media_routes import MediaRoutes

        settings = self.engine.settings
        cache = MediaCache(settings.cache_dir or default_cache(), settings.cache_bytes, workers=2)
        self._close = cache.close
        self._media = MediaRoutes(self.engine, cache, measure)
        return self._media

    def _open_control(self) -> App:
        from mockserver.control.app import control_app

        self._control = control_app(self.engine)
        return self._control

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self.engine.board.load()
                if self._scenario is not None:
                    await begin(self.engine, self._scenario)
                self.engine.callbacks.start()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await self.close()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def close(self) -> None:
        """Let go of the store, stop making clips and sending callbacks."""
        self.engine.journal.close()
        await self.engine.callbacks.close()
        self._close()
        await self.engine.store.close()


async def _elsewhere(scope: Scope, receive: Receive, send: Send) -> None:
    """The control plane has its own port: each of the two answers on one only."""
    await send_response(send, problem(404, "No such path", f"{scope['path']} is not served on this port"))


async def _apologise(send: Send) -> None:
    """A problem without details; where an answer had begun, nothing more can be said."""
    with contextlib.suppress(RuntimeError):
        await send_response(
            send, problem(500, "The mock server failed", "its log says more; please report it")
        )


def build_app(settings: Settings, *, clock: Clock = wall_clock, store: Store | None = None) -> Mockserver:
    """A server ready to be run; without a token it draws one. Raises ContractError, SettingsError or
    StoreError.
    """
    if settings.token is None:
        settings = settings._replace(token=secrets.token_urlsafe(24))
    settings, scenario = read_scenario(settings)
    library = Library(settings)
    contracts = library.contracts()
    kept = open_store(settings.store) if store is None else store
    return Mockserver(Engine(contracts, kept, settings, clock, library.contract), scenario)


def default_cache() -> Path:
    """Where clips are kept unless somebody says: they can all be made again."""
    from platformdirs import user_cache_path

    return user_cache_path("mockserver") / "media"


def default_store() -> str:
    """The store unless somebody says: a file in the user's state directory."""
    from platformdirs import user_state_path

    return f"sqlite:///{user_state_path('mockserver') / 'jobs.sqlite3'}"
