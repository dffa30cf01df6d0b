"""Short names of the fixtures. Each gives way where the project or another plugin has a fixture of that name.

A conftest's fixture hides a plugin's by pytest's own rules. Between plugins the later one would win, so
a short name is registered only if none of the others has it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from mockserver.contract.model import Contract
    from mockserver.control_client import AsyncControlClient, ControlClient
    from mockserver.in_process import Running, Tenant


@pytest.fixture(scope="session")
def mock_server(mockserver: Running) -> Running:
    """The session's server, as `mockserver`: url, base(provider), token, control(key)."""
    return mockserver


@pytest.fixture
def tenant(mockserver_tenant: Tenant) -> Tenant:
    """A fresh API key, as `mockserver_tenant`: key, url, base(provider), headers(provider), jobs(),
    advance(seconds), assert_submitted_once(), assert_no_submit().
    """
    return mockserver_tenant


@pytest.fixture
def control(mockserver_control: ControlClient) -> ControlClient:
    """A client of the control plane, about the test's tenant alone, as `mockserver_control`."""
    return mockserver_control


@pytest.fixture
def async_control(mockserver_async_control: AsyncControlClient) -> AsyncControlClient:
    """The same to be awaited, as `mockserver_async_control`: `await async_control.advance(30)`."""
    return mockserver_async_control


@pytest.fixture(scope="session")
def contract(mockserver_contract: Callable[..., Contract]) -> Callable[..., Contract]:
    """`contract("gmicloud")` loads the provider's contract, as `mockserver_contract`."""
    return mockserver_contract


@pytest.fixture
def advance(mockserver_advance: Callable[[float], None]) -> Callable[[float], None]:
    """`advance(30)` moves the clock of the test's tenant forward by 30 seconds, as `mockserver_advance`."""
    return mockserver_advance


@pytest.fixture
def assert_submitted_once(mockserver_assert_submitted_once: Callable[..., None]) -> Callable[..., None]:
    """`assert_submitted_once()` fails unless exactly one submit of the test made a job."""
    return mockserver_assert_submitted_once


@pytest.fixture
def assert_no_submit(mockserver_assert_no_submit: Callable[..., None]) -> Callable[..., None]:
    """`assert_no_submit()` fails if the test sent any submit, refused ones included."""
    return mockserver_assert_no_submit


SHORT_NAMES: Final = (
    "mock_server",
    "tenant",
    "control",
    "async_control",
    "contract",
    "advance",
    "assert_submitted_once",
    "assert_no_submit",
)
_Fixture: Any = type(tenant)
"""The type of a fixture's definition; before pytest 8.4 it was a function as any other."""


def register(manager: pytest.PytestPluginManager) -> None:
    """Register the short names that no plugin has yet; what is registered later hides them by itself."""
    taken = {name for plugin in manager.get_plugins() for name in _fixtures(plugin)}
    free = ModuleType(__name__, __doc__)
    for name in SHORT_NAMES:
        if name not in taken:
            setattr(free, name, globals()[name])
    manager.register(free, "mockserver-short-names")


def _fixtures(plugin: object) -> Iterator[str]:
    """The names of a plugin's fixtures; none for a conftest, as its fixtures are of its folder alone."""
    if _Fixture is FunctionType or Path(getattr(plugin, "__file__", None) or "").name == "conftest.py":
        return
    # pytest looks at the class, too, so that no property is called.
    holder = plugin if isinstance(plugin, ModuleType | type) else type(plugin)
    for name in dir(holder):
        value = getattr(holder, name, None)
        if isinstance(value, _Fixture):
            yield value.name
