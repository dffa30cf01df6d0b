"""The fixtures by their full names, which begin with `mockserver`. None of them needs a short name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.errors import MockserverError
from mockserver.pytest_plugin.settings import listed, marked, session_settings

if TYPE_CHECKING:
    from mockserver.contract.model import Contract
    from mockserver.control_client import AsyncControlClient, ControlClient
    from mockserver.in_process import Running, Tenant
    from mockserver.settings import Settings


class Servers:
    """The session's servers: one for each combination of settings that a test needs."""

    def __init__(self, config: pytest.Config, closing: ExitStack) -> None:
        self._defaults: dict[str, Any] = dict(session_settings(config))
        self._defaults["providers"] = listed(config, "provider")
        self._closing = closing
        self._running: dict[Settings, Running] = {}

    def get(self, **named: Any) -> Running:
        """The server with these settings on top of the session's. It starts at its first use."""
        from mockserver.in_process import read_settings, serve
        from mockserver.settings import Settings

        try:
            settings = read_settings(Settings(), **{**self._defaults, **named})
            if settings not in self._running:
                self._running[settings] = self._closing.enter_context(serve(settings))
        except MockserverError as error:
            pytest.fail(f"mockserver: {error}", pytrace=False)
        return self._running[settings]


@pytest.fixture(scope="session")
def _mockserver_servers(pytestconfig: pytest.Config) -> Iterator[Servers]:
    with ExitStack() as closing:
        yield Servers(pytestconfig, closing)


@pytest.fixture(scope="session")
def mockserver(_mockserver_servers: Servers) -> Running:
    """The session's server on a free port of loopback: url, base(provider), token, control(key)."""
    return _mockserver_servers.get()


@pytest.fixture
def mockserver_tenant(request: pytest.FixtureRequest, _mockserver_servers: Servers) -> Iterator[Tenant]:
    """A fresh API key, forgotten by the server after the test: key, url, base(provider),
    headers(provider), jobs(), advance(seconds), assert_submitted_once(), assert_no_submit().
    """
    server = _mockserver_servers.get(**marked(request))
    with server.tenant() as fresh:
        yield fresh


@pytest.fixture
def mockserver_control(mockserver_tenant: Tenant) -> ControlClient:
    """A client of the control plane, about the test's tenant alone."""
    return mockserver_tenant.control


@pytest.fixture
def mockserver_async_control(mockserver_tenant: Tenant) -> AsyncControlClient:
    """As `mockserver_control`, to be awaited: `await mockserver_async_control.advance(30)`."""
    return mockserver_tenant.server.async_control(mockserver_tenant.key)


@pytest.fixture(scope="session")
def mockserver_contract(pytestconfig: pytest.Config) -> Callable[..., Contract]:
    """`mockserver_contract("gmicloud")` loads the provider's contract with the session's profile, or with
    `profile=`.
    """
    from functools import cache

    from mockserver.kit.contracts import load

    default = str(dict(session_settings(pytestconfig)).get("profile", "documented"))

    @cache
    def load_once(provider: str, profile: str = default) -> Contract:
        return load(provider, profile=profile)

    return load_once


@pytest.fixture
def mockserver_advance(mockserver_tenant: Tenant) -> Callable[[float], None]:
    """`mockserver_advance(30)` moves the clock of the test's tenant forward by 30 seconds."""
    return mockserver_tenant.advance


@pytest.fixture
def mockserver_assert_submitted_once(mockserver_tenant: Tenant) -> Callable[..., None]:
    """`mockserver_assert_submitted_once()` fails unless exactly one submit of the test made a job."""
    return mockserver_tenant.assert_submitted_once


@pytest.fixture
def mockserver_assert_no_submit(mockserver_tenant: Tenant) -> Callable[..., None]:
    """`mockserver_assert_no_submit()` fails if the test sent any submit, refused ones included."""
    return mockserver_tenant.assert_no_submit


NAMES = frozenset(name for name in globals() if name.startswith("mockserver"))
