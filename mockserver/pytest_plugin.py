"""The pytest plugin: a server for the session, a tenant for each test, and what a test asks of them.

    def test_a_retry_does_not_pay_twice(tenant):
        client = Client(base_url=tenant.base("gmicloud"), api_key=tenant.key)
        tenant.control.add_rule("lost-answer", when={"role": "submit"}, times=1)
        client.generate("A paper boat in the rain")
        tenant.assert_submitted_once()

Whatever is slow to import is imported when a fixture first needs it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.errors import MockserverError

if TYPE_CHECKING:
    from mockserver.contract.model import Contract
    from mockserver.control_client import AsyncControlClient, ControlClient
    from mockserver.in_process import Running, Tenant
    from mockserver.settings import Settings

OPTIONS = {
    "scenario": ("FILE", "start mock servers in the situation of this file, TOML or JSON"),
    "profile": ("NAME", "whose reading of the documents: documented, vendor or observed"),
    "pace": ("PACE", "how jobs move: immediate, time, polls:N or manual"),
}
MARKER = (
    "mockserver(scenario=..., pace=..., profile=..., ...): have this test's tenant on a server with these"
    " settings; a scenario's path is relative to the test's folder"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--mockserver-NAME` and the ini setting `mockserver_NAME` for each option."""
    group = parser.getgroup("mockserver")
    for name, (shown, said) in OPTIONS.items():
        group.addoption(f"--mockserver-{name}", dest=f"mockserver_{name}", metavar=shown, help=said)
        parser.addini(f"mockserver_{name}", f"{said}.")


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", MARKER)


class Servers:
    """The session's servers: one for each collection of settings that a test asks for."""

    def __init__(self, config: pytest.Config, closing: ExitStack) -> None:
        self._given = dict(_given(config))
        self._closing = closing
        self._running: dict[Settings, Running] = {}

    def get(self, **named: Any) -> Running:
        """The server with these settings over those of the session, started when first asked for."""
        from mockserver.in_process import read_settings, serve
        from mockserver.settings import Settings

        try:
            settings = read_settings(Settings(), **{**self._given, **named})
            if settings not in self._running:
                self._running[settings] = self._closing.enter_context(serve(settings))
        except MockserverError as error:
            pytest.fail(f"mockserver: {error}", pytrace=False)
        return self._running[settings]


def _given(config: pytest.Config) -> Iterator[tuple[str, str | Path]]:
    """What the command line or the ini file says; a path is relative to where it was said."""
    beside = config.inipath.parent if config.inipath else config.rootpath
    for name in OPTIONS:
        typed, kept = config.getoption(f"mockserver_{name}"), config.getini(f"mockserver_{name}")
        if value := typed or kept:
            folder = config.invocation_params.dir if typed else beside
            yield name, folder / value if name == "scenario" else value


def _marked(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The settings of the test's markers, the closest last."""
    named: dict[str, Any] = {}
    for marker in reversed(list(request.node.iter_markers("mockserver"))):
        if marker.args:
            pytest.fail(f"mockserver: settings have names: {MARKER}", pytrace=False)
        named.update(marker.kwargs)
    if named.get("scenario") is not None:
        named["scenario"] = request.path.parent / named["scenario"]
    return named


@pytest.fixture(scope="session")
def _mockserver_servers(pytestconfig: pytest.Config) -> Iterator[Servers]:
    with ExitStack() as closing:
        yield Servers(pytestconfig, closing)


@pytest.fixture(scope="session")
def mock_server(_mockserver_servers: Servers) -> Running:
    """The session's server on a free port of loopback: url, base(provider), token, control(key)."""
    return _mockserver_servers.get()


@pytest.fixture
def tenant(request: pytest.FixtureRequest, _mockserver_servers: Servers) -> Iterator[Tenant]:
    """A fresh API key, forgotten by the server after the test: key, url, base(provider),
    headers(provider), jobs(), advance(seconds), assert_submitted_once(), assert_no_submit().
    """
    server = _mockserver_servers.get(**_marked(request))
    with server.tenant() as mine:
        yield mine


@pytest.fixture
def control(tenant: Tenant) -> ControlClient:
    """The control plane, about the test's tenant alone."""
    return tenant.control


@pytest.fixture
def async_control(tenant: Tenant) -> AsyncControlClient:
    """The same to be awaited: `await async_control.advance(30)`."""
    return tenant.server.async_control(tenant.key)


@pytest.fixture(scope="session")
def contract(pytestconfig: pytest.Config) -> Callable[..., Contract]:
    """`contract("gmicloud")` is what the provider promises, read as the session's profile reads it;
    `profile=` names another.
    """
    from functools import cache

    from mockserver.kit.contracts import load

    usual = str(dict(_given(pytestconfig)).get("profile", "documented"))

    @cache
    def read(provider: str, profile: str = usual) -> Contract:
        return load(provider, profile=profile)

    return read


@pytest.fixture
def advance(tenant: Tenant) -> Callable[[float], None]:
    """`advance(30)` moves the clock of the test's tenant on by 30 seconds."""
    return tenant.advance


@pytest.fixture
def assert_submitted_once(tenant: Tenant) -> Callable[..., None]:
    """`assert_submitted_once()` fails unless just one submit of the test made a job."""
    return tenant.assert_submitted_once


@pytest.fixture
def assert_no_submit(tenant: Tenant) -> Callable[..., None]:
    """`assert_no_submit()` fails if the test submitted anything, also where it was refused."""
    return tenant.assert_no_submit
