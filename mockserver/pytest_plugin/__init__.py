"""The pytest plugin: a server for the session, a tenant for each test, and fixtures to steer and check them.

    def test_a_retry_does_not_pay_twice(tenant):
        client = Client(base_url=tenant.base("gmicloud"), api_key=tenant.key)
        tenant.control.add_rule("lost-answer", when={"role": "submit"}, times=1)
        client.generate("A paper boat in the rain")
        tenant.assert_submitted_once()

Stable are the names of the fixtures (`fixtures`), their short names (`short_names`), the marker
`mockserver`, and the options and ini settings (`settings`). `Running` and `Tenant` of
`mockserver.in_process`, and the clients of `mockserver.control_client`, are the fixtures' types. Other names
of this package may change with any release.

What is slow to import is imported when a test is about to use a fixture.
"""

from __future__ import annotations

import importlib
from contextlib import ExitStack
from pathlib import Path

import pytest

from mockserver.errors import MockserverError
from mockserver.pytest_plugin import fixtures, short_names
from mockserver.pytest_plugin.failure_pages import page_folder
from mockserver.pytest_plugin.failures import FailedTests
from mockserver.pytest_plugin.settings import MARKER, add_options, listed

__all__ = ["pytest_addoption", "pytest_collection_finish", "pytest_configure"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options and ini settings."""
    add_options(parser)


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Register the plugin's parts, and let the kit's tools know where the session's contracts come from."""
    config.addinivalue_line("markers", MARKER)
    config.pluginmanager.register(fixtures, "mockserver-fixtures")
    short_names.register(config.pluginmanager)
    config.pluginmanager.register(FailedTests(page_folder(config)), "mockserver-failures")
    named = {name: texts for name in ("contracts", "replace", "mount") if (texts := listed(config, name))}
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


def pytest_collection_finish(session: pytest.Session) -> None:
    """Import what the fixtures need, where a test has one, before a test can replace anything of it."""
    names = fixtures.NAMES.union(short_names.SHORT_NAMES)
    if any(not names.isdisjoint(getattr(item, "fixturenames", ())) for item in session.items):
        importlib.import_module("mockserver.in_process")
