"""The pytest plugin: a server for the session, a tenant for each test, and fixtures to steer and check them.

    def test_a_retry_does_not_pay_twice(tenant):
        client = Client(base_url=tenant.base("gmicloud"), api_key=tenant.key)
        tenant.control.add_rule("lost-answer", when={"role": "submit"}, times=1)
        client.generate("A paper boat in the rain")
        tenant.assert_submitted_once()

Stable are the fixtures `mock_server`, `tenant`, `control`, `async_control`, `contract`, `advance`,
`assert_submitted_once` and `assert_no_submit`, the marker `mockserver`, and the options and ini settings of
OPTIONS and LISTS. `Running` and `Tenant` of `mockserver.in_process`, and the clients of
`mockserver.control_client`, are the fixtures' types. Other names of this module may change with any release.

What is slow to import is imported when a fixture first needs it.
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

__all__ = [
    "LISTS",
    "MARKER",
    "OPTIONS",
    "advance",
    "assert_no_submit",
    "assert_submitted_once",
    "async_control",
    "contract",
    "control",
    "mock_server",
    "pytest_addoption",
    "pytest_configure",
    "tenant",
]

OPTIONS = {
    "scenario": ("FILE", "start mock servers with the scenario in this file, TOML or JSON"),
    "profile": ("NAME", "which description of the APIs to follow: documented, vendor or observed"),
    "pace": ("PACE", "how jobs progress: immediate, time, polls:N or manual"),
}
"""Option to the placeholder of its value, and its help."""
LISTS = {
    "contracts": ("DIR", "folder with more providers, or one provider's"),
    "provider": (
        "NAME",
        "serve only this provider, or all; else the usual ones and those of contracts",
    ),
    "replace": ("NAME", "let a further folder replace the provider of this name"),
    "mount": ("NAME=/PREFIX", "put the provider below a prefix, the second time a copy of it"),
}
"""Options that may be repeated, with one value a line in the ini file; as OPTIONS."""
MARKER = (
    "mockserver(scenario=..., pace=..., profile=..., contracts=[...], ...): run this test's tenant on a"
    " server with these settings; a path is relative to the test's folder"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--mockserver-NAME` and the ini setting `mockserver_NAME` for each option."""
    group = parser.getgroup("mockserver")
    for name, (placeholder, description) in OPTIONS.items():
        group.addoption(
            f"--mockserver-{name}", dest=f"mockserver_{name}", metavar=placeholder, help=description
        )
        parser.addini(f"mockserver_{name}", f"{description}.")
    for name, (placeholder, description) in LISTS.items():
        group.addoption(
            f"--mockserver-{name}",
            dest=f"mockserver_{name}",
            metavar=placeholder,
            action="append",
            help=f"{description}; may be repeated",
        )
        parser.addini(f"mockserver_{name}", f"{description}.", type="linelist")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and let the kit's tools know where the session's contracts come from."""
    config.addinivalue_line("markers", MARKER)
    named = {name: texts for name in ("contracts", "replace", "mount") if (texts := _listed(config, name))}
    if not named:
        return
    from mockserver.contract.registry import ContractSources, using
    from mockserver.settings import read_mounts

    try:
        mounts = read_mounts(named.get("mount", ()))
    except MockserverError as error:
        raise pytest.UsageError(f"mockserver: {error}") from None
    roots = tuple(map(Path, named.get("contracts", ())))
    closing = ExitStack()
    closing.enter_context(using(ContractSources(roots, named.get("replace", ()), mounts)))
    config.add_cleanup(closing.close)


def _listed(config: pytest.Config, name: str) -> tuple[str, ...]:
    """The values of an option of LISTS, else those of the ini file. A path is relative to where it stands."""
    texts, folder = config.getoption(f"mockserver_{name}"), config.invocation_params.dir
    if not texts:
        texts, folder = config.getini(f"mockserver_{name}"), config.rootpath
        if config.inipath:
            folder = config.inipath.parent
    return tuple(str(folder / text) if name == "contracts" else text for text in texts)


class Servers:
    """The session's servers: one for each combination of settings that a test needs."""

    def __init__(self, config: pytest.Config, closing: ExitStack) -> None:
        self._defaults: dict[str, Any] = dict(_session_settings(config))
        self._defaults["providers"] = _listed(config, "provider")
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


def _session_settings(config: pytest.Config) -> Iterator[tuple[str, str | Path]]:
    """Settings from the command line, else from the ini file. A path is relative to where it stands."""
    for name in OPTIONS:
        value, folder = config.getoption(f"mockserver_{name}"), config.invocation_params.dir
        if not value:
            value, folder = config.getini(f"mockserver_{name}"), config.rootpath
            if config.inipath:
                folder = config.inipath.parent
        if value:
            yield name, folder / value if name == "scenario" else value


def _marked(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The settings of the test's markers, the closest last."""
    named: dict[str, Any] = {}
    for marker in reversed(list(request.node.iter_markers("mockserver"))):
        if marker.args:
            pytest.fail(f"mockserver: give the settings by name: {MARKER}", pytrace=False)
        named.update(marker.kwargs)
    if named.get("scenario") is not None:
        named["scenario"] = request.path.parent / named["scenario"]
    if "contracts" in named:
        roots = named["contracts"]
        roots = [roots] if isinstance(roots, str | Path) else roots
        named["contracts"] = [request.path.parent / root for root in roots]
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
    with server.tenant() as fresh:
        yield fresh


@pytest.fixture
def control(tenant: Tenant) -> ControlClient:
    """A client of the control plane, about the test's tenant alone."""
    return tenant.control


@pytest.fixture
def async_control(tenant: Tenant) -> AsyncControlClient:
    """As `control`, for asyncio: `await async_control.advance(30)`."""
    return tenant.server.async_control(tenant.key)


@pytest.fixture(scope="session")
def contract(pytestconfig: pytest.Config) -> Callable[..., Contract]:
    """`contract("gmicloud")` loads the provider's contract with the session's profile, or with `profile=`."""
    from functools import cache

    from mockserver.kit.contracts import load

    default = str(dict(_session_settings(pytestconfig)).get("profile", "documented"))

    @cache
    def load_once(provider: str, profile: str = default) -> Contract:
        return load(provider, profile=profile)

    return load_once


@pytest.fixture
def advance(tenant: Tenant) -> Callable[[float], None]:
    """`advance(30)` moves the clock of the test's tenant forward by 30 seconds."""
    return tenant.advance


@pytest.fixture
def assert_submitted_once(tenant: Tenant) -> Callable[..., None]:
    """`assert_submitted_once()` fails unless exactly one submit of the test made a job."""
    return tenant.assert_submitted_once


@pytest.fixture
def assert_no_submit(tenant: Tenant) -> Callable[..., None]:
    """`assert_no_submit()` fails if the test sent any submit, refused ones included."""
    return tenant.assert_no_submit
