"""Full and short names of the fixtures, in sessions that have fixtures of those names themselves."""

from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]


@pytest.fixture
def session(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A folder for a session without any plugin but those that a test names."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.syspathinsert()
    pytester.makefile(".ini", pytest="[pytest]\naddopts = -p no:cacheprovider\nfilterwarnings = error\n")
    return pytester


THEIRS = """
import pytest

@pytest.fixture
def tenant():
    return {"name": "their own tenant"}

@pytest.fixture(name="control", scope="session")
def remote_control():
    return "their own control"
"""
TESTS = """
def test_their_names_are_theirs(tenant, control):
    assert tenant == {"name": "their own tenant"}
    assert control == "their own control"

def test_what_they_have_not_is_ours(advance, async_control, mockserver_tenant, mockserver_control):
    advance(5)
    assert mockserver_control.clock()["ahead"] == 5_000
    assert mockserver_tenant.control is mockserver_control
    assert async_control.who == mockserver_control.who
"""


def test_full_and_short_names_stand_for_the_same(session: pytest.Pytester) -> None:
    session.makepyfile("""
def test_all(mock_server, tenant, control, contract, advance, mockserver, mockserver_tenant,
             mockserver_control, mockserver_contract, mockserver_advance,
             mockserver_assert_submitted_once, mockserver_assert_no_submit):
    assert mock_server is mockserver
    assert tenant is mockserver_tenant
    assert control is mockserver_control
    assert contract is mockserver_contract
    assert advance == mockserver_advance == tenant.advance
    mockserver_assert_no_submit()
    try:
        mockserver_assert_submitted_once()
    except AssertionError:
        return
    raise RuntimeError("nothing was submitted")
""")
    session.runpytest_inprocess("-p", "mockserver.pytest_plugin").assert_outcomes(passed=1)


@pytest.mark.parametrize("place", ["conftest", "plugin before", "plugin after"])
def test_a_short_name_gives_way(session: pytest.Pytester, place: str) -> None:
    plugins = ["mockserver.pytest_plugin"]
    if place == "conftest":
        session.makeconftest(THEIRS)
    else:
        session.makepyfile(theirs=THEIRS)
        plugins.insert(0 if place == "plugin before" else 1, "theirs")
    session.makepyfile(TESTS)
    options = [option for plugin in plugins for option in ("-p", plugin)]
    session.runpytest_inprocess(*options).assert_outcomes(passed=2)


def test_a_conftest_speaks_for_its_own_folder_alone(session: pytest.Pytester) -> None:
    ours = "def test_ours(tenant, control): assert control is tenant.control"
    for folder, code in (("a", TESTS), ("b", ours)):
        (session.path / folder).mkdir()
        (session.path / folder / f"test_{folder}.py").write_text(code)
    (session.path / "a" / "conftest.py").write_text(THEIRS)
    session.runpytest_inprocess("-p", "mockserver.pytest_plugin", "a", "b").assert_outcomes(passed=3)
