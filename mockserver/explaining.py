"""What the servers of this process saw of a test, told when it fails.

`in_process` says here what begins and ends. A Watch follows that for one test; pytest's plugin has one for
each. Where nothing watches, an exception that leaves the block of a tenant or a server gets a note instead.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Coroutine, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol, TypeVar

from mockserver.errors import KitError
from mockserver.escapes import plain_line

if TYPE_CHECKING:
    from mockserver.app import Mockserver
    from mockserver.engine.admin.story import Story
    from mockserver.engine.journal.exchange import JournalEntry

PATIENCE: Final = 5.0
"""Seconds that a server has to say what it knows."""
_NOTE: Final = "What the mock server saw:\n"

T = TypeVar("T")


class FollowedServer(Protocol):
    """What is wanted of a running server; see `in_process.Running`."""

    @property
    def url(self) -> str: ...
    @property
    def app(self) -> Mockserver: ...
    @property
    def token(self) -> str: ...
    @property
    def bases(self) -> Mapping[str, str]: ...
    def call(self, work: Coroutine[Any, Any, T], seconds: float) -> T: ...


class FollowedTenant(Protocol):
    """What is wanted of a tenant; see `in_process.Tenant`."""

    @property
    def id(self) -> str: ...
    @property
    def key(self) -> str: ...
    @property
    def server(self) -> FollowedServer: ...


class ServerStory(NamedTuple):
    """A server's story, the tenants whom a test has there, and why the story lacks jobs, where it does."""

    server: FollowedServer
    story: Story
    tenants: Collection[FollowedTenant] = ()
    trouble: str = ""

    @property
    def exchanges(self) -> Sequence[JournalEntry]:
        """Those of the story."""
        return self.story.exchanges


_servers: list[FollowedServer] = []
_tenants: list[FollowedTenant] = []
_watches: list[Watch] = []


def explain(server: FollowedServer, tenant: FollowedTenant | None = None) -> str:
    """What a server saw of a tenant, or of everybody, as text."""
    return text(_server_story(server, tenant))


def text(about: ServerStory) -> str:
    """The story as text, without keys and without what steers a terminal."""
    from mockserver.engine.admin.story_lines import story_lines

    server, hide = about.server, hider(about)
    tenants = {tenant.id for tenant in about.tenants}
    lines = story_lines(about.story, server.url, server.bases, tenants)
    lines += further_lines(about)
    return "\n".join(plain_line(hide(line)) for line in lines)


def further_lines(about: ServerStory) -> list[str]:
    """Why the story lacks jobs, and which setting may lead requests elsewhere, where that is so."""
    lines = [f"Nothing is known of its jobs: {about.trouble}."] * bool(about.trouble)
    if not about.exchanges and _goes_to_proxy(about.server.url):
        lines.append(
            "HTTP_PROXY is set without 127.0.0.1 in NO_PROXY: a client that heeds them asks the proxy."
        )
    return lines


def _goes_to_proxy(url: str) -> bool:
    from urllib.parse import urlsplit
    from urllib.request import getproxies, proxy_bypass

    return "http" in getproxies() and not proxy_bypass(urlsplit(url).netloc)


def hider(about: ServerStory) -> Callable[[str], str]:
    """What takes the keys of the tenants, and the users and passwords of URLs, out of a text."""
    from mockserver.engine.journal.redact import Redactor
    from mockserver.kit.redaction import without_user_info

    server = about.server
    callers = server.app.services.callers
    keys = [tenant.key for tenant in {*about.tenants, *_tenants}]
    redaction = Redactor(callers, [*callers.secrets, server.token, *keys]).redaction((), "")
    return lambda text: without_user_info(redaction.text(text))


def _server_story(
    server: FollowedServer, tenant: FollowedTenant | None = None, since: int = 0
) -> ServerStory:
    """What a server knows now of the exchanges after number `since`."""
    from mockserver.engine.admin.story import Story, last_exchanges, tell_story
    from mockserver.engine.journal.exchange import EntryFilter

    app, wanted = server.app, EntryFilter(since=since)
    tenants: Collection[FollowedTenant] = ()
    if tenant is not None:
        tenants, wanted = (tenant,), wanted._replace(tenant=tenant.id)
    try:
        story = server.call(tell_story(app.services, app.callbacks, wanted), PATIENCE)
    except KitError as error:
        exchanges, earlier = last_exchanges(app.services.journal, wanted)
        return ServerStory(server, Story(exchanges, earlier), tenants, str(error))
    return ServerStory(server, story, tenants)


class Watch:
    """Follows the servers and tenants of this process from its `start` to its `stop`, for one test."""

    def __init__(self) -> None:
        self._since: dict[FollowedServer, int] = {}
        self._ended: dict[FollowedServer, list[ServerStory]] = {}
        self._tenants: dict[FollowedServer, list[FollowedTenant]] = {}

    def start(self) -> None:
        """Follow from now on what reaches them."""
        self._since = {server: server.app.services.journal.last for server in _servers}
        _watches.append(self)

    def stop(self) -> None:
        """Follow no more."""
        _watches.remove(self)

    def server_stories(self, used: Iterable[FollowedServer] = ()) -> list[ServerStory]:
        """What each server saw that anything reached, and then those that the test only used: a tenant began
        there, or `used` has it.
        """
        wanted = {*used, *self._tenants}
        stories = [*map(self._of, self._since)]
        reached = [story for story in stories if story.exchanges]
        return reached + [story for story in stories if story.server in wanted and not story.exchanges]

    def _of(self, server: FollowedServer) -> ServerStory:
        from mockserver.engine.admin.story import join_stories

        pieces = [*self._ended.get(server, ())]
        if server in _servers:
            pieces.append(_server_story(server, since=self._since[server]))
        story = join_stories([piece.story for piece in pieces])
        troubles = [piece.trouble for piece in pieces if piece.trouble]
        return ServerStory(server, story, self._tenants.get(server, ()), "; ".join(dict.fromkeys(troubles)))

    def server_began(self, server: FollowedServer) -> None:
        """A server accepts connections."""
        self._since[server] = 0

    def tenant_began(self, tenant: FollowedTenant) -> None:
        """The test has a tenant."""
        self._tenants.setdefault(tenant.server, []).append(tenant)

    def ends(self, server: FollowedServer, tenant: FollowedTenant | None = None) -> None:
        """A tenant is about to be forgotten, or a server to stop."""
        from mockserver.engine.admin.story import Story

        try:
            last = _server_story(server, tenant, self._since.get(server, 0))
        except Exception as error:
            last = ServerStory(server, Story(), trouble=_failure(error))
        self._ended.setdefault(server, []).append(last)


@contextmanager
def following(tenant: FollowedTenant) -> Iterator[None]:
    """Let every watch know the tenant while the block lasts; without any, an exception gets a note."""
    _tenants.append(tenant)
    for watch in _watches:
        watch.tenant_began(tenant)
    try:
        with noting(tenant.server, tenant):
            yield
    finally:
        for watch in _watches:
            watch.ends(tenant.server, tenant)
        _tenants.remove(tenant)


@contextmanager
def noting(server: FollowedServer, tenant: FollowedTenant | None = None) -> Iterator[None]:
    """Note in an exception that leaves the block what the server saw, unless something watches."""
    try:
        yield
    except Exception as error:
        note(error, server, tenant)
        raise


def note(error: BaseException, server: FollowedServer, tenant: FollowedTenant | None = None) -> None:
    """Add to an exception what the server saw, once, unless something watches."""
    noted = any(text.startswith(_NOTE) for text in getattr(error, "__notes__", ()))
    if isinstance(error, Exception) and not noted and not _watches:
        error.add_note(_NOTE + safely(lambda: explain(server, tenant)))


def safely(explain: Callable[[], str]) -> str:
    """The explanation, or one line that says why there is none: it must not hide what it explains."""
    try:
        return explain()
    except Exception as error:
        return _failure(error)


def _failure(error: Exception) -> str:
    return plain_line(f"the mock server could not explain this: {type(error).__name__}: {error}")


def server_began(server: FollowedServer) -> None:
    """Let every watch know a server that accepts connections."""
    _servers.append(server)
    for watch in _watches:
        watch.server_began(server)


def server_ends(server: FollowedServer) -> None:
    """Let every watch see a server for the last time before it stops; a second time does nothing."""
    if server in _servers:
        for watch in _watches:
            watch.ends(server)
        _servers.remove(server)
