"""The composition root: settings become one ASGI application. Nothing happens at import."""

from __future__ import annotations

import contextlib
import random
import secrets
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mockserver.contract import ours, registry, source
from mockserver.contract.loader import compile_contract
from mockserver.contract.model import Contract
from mockserver.engine.admin.scenario import apply_scenario, read_scenario
from mockserver.engine.admission import Admission
from mockserver.engine.answering import Answering
from mockserver.engine.callbacks.sender import CallbackSender
from mockserver.engine.changes import Changes
from mockserver.engine.credentials import make_callers
from mockserver.engine.faulting.select import FaultSelector
from mockserver.engine.journal.journal import Journal
from mockserver.engine.journal.redact import Redactor
from mockserver.engine.live_settings import LiveSettings
from mockserver.engine.pipeline import Pipeline
from mockserver.engine.refusals.refusal import ContractLookup
from mockserver.engine.retention import Retention
from mockserver.engine.services import Services
from mockserver.engine.uploads import Uploads, media_methods
from mockserver.engine.usage import Usage
from mockserver.errors import ContractError, MockserverError, SettingsError
from mockserver.jobs.clock import Clock, wall_clock
from mockserver.jobs.random_pool import random_pool
from mockserver.media.picture import measure
from mockserver.settings import Settings
from mockserver.stores.base import Store
from mockserver.stores.open import open_store
from mockserver.stores.patience import share_patience
from mockserver.web.bodies import closing
from mockserver.web.cors import Cors
from mockserver.web.guard import Guard
from mockserver.web.late_app import LateApp
from mockserver.web.late_media import LateMedia
from mockserver.web.pauses import Pauses
from mockserver.web.provider_routes import ProviderRoutes
from mockserver.web.whole_requests import WholeRequests
from mockserver.web.wire import App, Receive, Scope, Send, refuse_port

if TYPE_CHECKING:
    from mockserver.faults.scenario import Scenario

CONTROL: Final = "/__mock"
MEDIA: Final = "/media/"


class Library:
    """The providers' folders, and their contracts as any profile reads them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._placements = registry.served_by(settings)
        self._sources: dict[str, source.Source] = {}
        for name, placement in self._placements.items():
            with _naming_folder(placement.folder):
                self._sources[name] = ours.read(placement)
        self._overlays = _by_provider(settings.overlays, self._sources)
        self._contracts: dict[tuple[str, str], Contract] = {}

    def contract(self, provider: str, profile: str) -> Contract:
        """A provider's contract; compiled once. Raises ContractError."""
        key = provider, profile
        if key not in self._contracts:
            files, placement = self._sources[provider], self._placements[provider]
            overlays = tuple(self._overlays.get(provider, ()))
            with _naming_folder(files.folder):
                if ours.is_one(files.folder):
                    contract = ours.compiled(placement, profile, overlays, measure)
                else:
                    contract = compile_contract(files, measure=measure, profile=profile, overlays=overlays)
            self._contracts[key] = contract
        return self._contracts[key]

    def contracts(self) -> list[Contract]:
        """Every provider's contract in the profile of the settings."""
        return [self.contract(name, self._settings.profile) for name in self._sources]


@contextlib.contextmanager
def _naming_folder(folder: Path) -> Iterator[None]:
    """Let a ContractError name the file with its folder, as every provider has files of these names."""
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
            every = [f"{key}/{overlay}" for key, files in known.items() for overlay in files.overlays()]
            raise SettingsError(f"overlay {text!r} is not there; overlays: {', '.join(every)}")
        chosen.setdefault(provider, []).append(name)
    return chosen


class Mockserver:
    """The whole server as an ASGI app: the providers' routes, and media and the control plane, each of
    which is loaded when it is first asked for.
    """

    def __init__(self, services: Services, lookup: ContractLookup, scenario: Scenario | None = None) -> None:
        self.services = services
        self.callbacks = CallbackSender(services)
        self._retention = Retention(services)
        self._scenario = scenario
        settings = services.settings
        self._fault_selector = FaultSelector(services.live_settings, services.store, settings.seed)
        self.pipeline = Pipeline(
            services,
            Admission(settings, lookup, services.callers, services.uploads),
            self._fault_selector,
            self.callbacks,
            _random(settings.seed),
        )
        self._pauses = Pauses()
        self._media = LateMedia(services, self._fault_selector, self._pauses, default_cache, measure)
        self.find_file = self._media.plain
        self._providers = ProviderRoutes(self.pipeline, settings, self._pauses, self._media.answer)
        self._cors = Cors(settings.cors, self._methods)
        self._guard = Guard()
        self.eager = WholeRequests(self.pipeline, settings, self._providers, self._guard, share_patience)
        self._control = LateApp(self._make_control)
        self._control_port = settings.control_port
        self._started = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one ASGI scope."""
        if scope["type"] != "http":
            await self._live(receive, send)
            return
        share_patience()
        app = self._route(scope)
        for_pages = app is self._providers or app is self._media
        opened = await self._cors.meet(scope, send) if for_pages else send
        if opened is not None:
            await self._guard.answer(app, scope, receive, opened)

    def _route(self, scope: Scope) -> App:
        path = scope["path"]
        control = path.startswith(CONTROL) and path[len(CONTROL) :][:1] in ("", "/")
        if path == "/":
            control = self._asks_for_page(scope)
        if self._control_port is not None and control != (scope["server"][1] == self._control_port):
            return refuse_port
        if control:
            return self._control
        if path.startswith(MEDIA):
            return self._media
        return self._providers

    def _asks_for_page(self, scope: Scope) -> bool:
        """Whether a request for / is a browser's; a client's own request for it goes to the providers."""
        if self._control_port is not None and scope["server"][1] == self._control_port:
            return True
        accepts = (value for name, value in scope["headers"] if name == b"accept")
        return scope["method"] in ("GET", "HEAD") and any(b"text/html" in value for value in accepts)

    def _methods(self, path: str) -> Sequence[str]:
        return media_methods(path) if path.startswith(MEDIA) else self.pipeline.methods(path)

    def _make_control(self) -> App:
        from mockserver.control.app import control_app

        app = control_app(self.services, self.callbacks, self.find_file)
        return closing(app, self.services.settings.max_body)

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await send(await self._begin())
            elif message["type"] == "lifespan.shutdown":
                await self.close()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _begin(self) -> dict[str, str]:
        """Start, and say how that went, as ASGI does."""
        try:
            await self.start()
        except MockserverError as error:
            return {"type": "lifespan.startup.failed", "message": str(error)}
        return {"type": "lifespan.startup.complete"}

    async def start(self) -> None:
        """Read what the store has, and begin to send callbacks; a second time does nothing.

        Raises StoreError where the store cannot be read; then it is closed.
        """
        if self._started:
            return
        try:
            await self.services.live_settings.load()
            if self._scenario is not None:
                await apply_scenario(self.services, self._scenario)
        except MockserverError:
            await self.close()
            raise
        self.callbacks.start()
        self._retention.start()
        self._started = True

    def end_waits(self) -> None:
        """Let everybody who waits have what there is, as the server is to stop."""
        self._guard.stopping = True
        self.services.journal.close()
        self.callbacks.delivery_log.close()
        self.services.store.end_waits()
        self._pauses.end()
        self.pipeline.waits.end()
        self._media.drop_queue()

    async def close(self) -> None:
        """Stop sending callbacks and making clips, and close the store."""
        self.end_waits()
        await self.callbacks.close()
        await self._retention.close()
        self._media.close()
        await self.services.store.close()


def _random(seed: int | None) -> random.Random:
    """What draws ids: the same with the same seed."""
    if seed is None:
        return random_pool()
    return random.Random(seed)  # noqa: S311


def build_app(settings: Settings, *, clock: Clock = wall_clock, store: Store | None = None) -> Mockserver:
    """A server ready to be run; without a token it draws one. Raises ContractError, SettingsError or
    StoreError.
    """
    if settings.token is None:
        settings = settings._replace(token=secrets.token_urlsafe(24))
    settings, scenario = read_scenario(settings)
    library = Library(settings)
    contracts = library.contracts()
    if store is None:
        store = open_store(settings.store)
    return Mockserver(make_services(contracts, store, settings, clock), library.contract, scenario)


def make_services(
    contracts: Sequence[Contract], store: Store, settings: Settings, clock: Clock = wall_clock
) -> Services:
    """What the parts of one server share. `clock` is its wall clock."""
    callers = make_callers(contracts, settings.keys, ignore_times=settings.ignore_token_times)
    known_secrets = [*callers.secrets, *([settings.token] if settings.token else ())]
    return Services(
        contracts={contract.provider: contract for contract in contracts},
        store=store,
        settings=settings,
        wall_clock=clock,
        live_settings=LiveSettings(store, clock),
        journal=Journal(Redactor(callers, known_secrets)),
        answering=Answering(),
        changes=Changes(),
        usage=Usage(),
        callers=callers,
        uploads=Uploads(store),
    )


def default_cache() -> Path:
    """The folder of clips unless the settings name one: a user's cache, as they can all be made again."""
    from platformdirs import user_cache_path

    return user_cache_path("mockserver") / "media"


def default_store() -> str:
    """The store unless the settings name one: a file in the user's state directory."""
    from platformdirs import user_state_path

    return f"sqlite:///{user_state_path('mockserver') / 'jobs.sqlite3'}"
