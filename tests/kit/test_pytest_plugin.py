"""The plugin, in sessions of its own: what a user's tests see of it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path
from typing import Final

import pytest

from tests.documents import block
from tests.serving import ROOT

pytest_plugins = ["pytester"]

HEAVY: Final = [
    "hypothesis", "schemathesis", "uvicorn", "fastapi", "starlette", "pydantic", "httpx", "jsonschema",
    "jsonschema_rs", "PIL", "asyncio", "mockserver.app", "mockserver.in_process", "mockserver.settings",
]  # fmt: skip
SUBMITTING: Final = """
import asyncio
import httpx
import pytest

BODY = {"model": "Kling-Text2Video-V1.6-Standard", "payload": {"prompt": "A kite over the dunes"}}

def submit(tenant):
    url = tenant.base("gmicloud") + "/requests"
    return httpx.post(url, json=BODY, headers=tenant.headers("gmicloud"), trust_env=False)

def read(tenant, job):
    url = f"{tenant.base('gmicloud')}/requests/{job['request_id']}"
    return httpx.get(url, headers=tenant.headers(), trust_env=False).json()["status"]
"""
BUSY: Final = """
title = "Busy at first"
pace = "polls:2"
[[rules]]
fault = "too-many"
when = { role = "submit" }
times = 1
"""


@pytest.fixture
def session(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A folder for a session whose only plugins are ours and xdist, and to which a warning is an error."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    plugins = "-p mockserver.pytest_plugin -p xdist -p no:cacheprovider"
    ini = f"[pytest]\naddopts = {plugins} --strict-markers --strict-config\nfilterwarnings = error\n"
    pytester.makefile(".ini", pytest=ini)
    return pytester


def run(session: pytest.Pytester, code: str, *arguments: str | Path) -> pytest.RunResult:
    """The outcome of a module of tests."""
    session.makepyfile(test_it=SUBMITTING + code)
    return session.runpytest_subprocess(*arguments)


def test_the_entry_point_is_there_and_imports_nothing_heavy() -> None:
    document = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    name = document["project"]["entry-points"]["pytest11"]["mockserver"]
    assert import_module(name).__name__ == "mockserver.pytest_plugin"
    code = f"import sys, pytest; seen = set(sys.modules); import {name}; print(set(sys.modules) - seen)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not [heavy for heavy in HEAVY if f"'{heavy}'" in done.stdout], done.stdout


def test_a_session_that_uses_no_fixture_starts_nothing(session: pytest.Pytester) -> None:
    code = """
import sys
BEFORE = set(sys.modules)
def test_nothing():
    assert "mockserver.in_process" not in sys.modules
    assert "uvicorn" not in sys.modules
"""
    session.makepyfile(code)
    session.runpytest_subprocess().assert_outcomes(passed=1)


def test_the_fixtures_work(session: pytest.Pytester) -> None:
    code = """
SEEN = []

def test_the_server(mock_server):
    assert httpx.get(mock_server.url + "/__mock/health", trust_env=False).status_code == 200
    with mock_server.control() as everybody:
        assert everybody.health()["status"] == "ok"

@pytest.mark.parametrize("number", range(3))
def test_each_test_is_a_new_tenant(tenant, mock_server, number):
    assert tenant.server is mock_server
    assert tenant.key not in SEEN
    assert tenant.jobs() == []
    SEEN.append(tenant.key)
    job = submit(tenant).json()
    assert [one["id"] for one in tenant.jobs(provider="gmicloud")] == [job["request_id"]]

def test_former_tenants_are_forgotten(mock_server):
    with mock_server.control() as everybody:
        assert everybody.jobs() == []
        assert everybody.rules() == []

def test_time_moves_for_one_tenant(tenant, advance):
    job = submit(tenant).json()
    seen = [read(tenant, job)]
    for seconds in (2, 6):
        advance(seconds)
        seen.append(read(tenant, job))
    assert seen == ["queued", "processing", "success"]

def test_a_rule_is_the_tests_own(tenant, control, mock_server):
    control.add_rule("too-many", when={"role": "submit"})
    assert submit(tenant).status_code == 429
    with mock_server.tenant() as other:
        assert submit(other).status_code == 200

def test_claims(tenant, assert_submitted_once, assert_no_submit):
    assert_no_submit()
    submit(tenant)
    assert_submitted_once()
    assert_submitted_once("gmicloud")

def test_the_async_way(tenant, async_control):
    async def run():
        await async_control.assert_no_submit()
        job = (await asyncio.to_thread(submit, tenant)).json()
        await async_control.advance(60)
        await async_control.assert_submitted_once()
        return await asyncio.to_thread(read, tenant, job)
    assert asyncio.run(run()) == "success"

def test_the_contract(contract):
    promised = contract("gmicloud")
    assert promised.profile == "documented"
    assert promised is contract("gmicloud")
    assert contract("gmicloud", profile="vendor").profile == "vendor"
"""
    run(session, code).assert_outcomes(passed=10)


def test_a_failed_claim_shows_the_exchanges(session: pytest.Pytester) -> None:
    code = """
def test_pays_twice(tenant, assert_submitted_once):
    submit(tenant), submit(tenant)
    assert_submitted_once()

def test_pays(tenant):
    submit(tenant)
    tenant.assert_no_submit()

def test_pays_twice_async(tenant, async_control):
    submit(tenant), submit(tenant)
    asyncio.run(async_control.assert_submitted_once())
"""
    result = run(session, code)
    result.assert_outcomes(failed=3)
    result.stdout.fnmatch_lines([
        "*AssertionError: expected one submit that made a job, found 2; exchanges were:",
        "*#1 *POST /api/v1/ie/requestqueue/apikey/requests  200  submit, job *",
        "*#2 *POST /api/v1/ie/requestqueue/apikey/requests  200  submit, job *",
        "*AssertionError: expected no submit, found 1; exchanges were:",
        "*AssertionError: expected one submit that made a job, found 2; exchanges were:",
    ])  # fmt: skip
    assert "claims.py" not in result.stdout.str().partition("test_pays_twice_async")[0]


def test_a_session_starts_in_a_scenario(session: pytest.Pytester) -> None:
    (session.path / "busy.toml").write_text(BUSY)
    code = """
@pytest.mark.parametrize("number", range(2))
def test_busy_at_first(tenant, number):
    assert [submit(tenant).status_code for _ in range(2)] == [429, 200]
    job = tenant.jobs()[0]["id"]
    assert [read(tenant, {"request_id": job}) for _ in range(2)][-1] == "success"

def test_profile(mock_server, contract):
    assert mock_server.app.services.contracts["kkiai"].profile == "vendor"
    assert contract("kkiai").profile == "vendor"
"""
    named = ("--mockserver-scenario", "busy.toml", "--mockserver-profile", "vendor")
    run(session, code, *named).assert_outcomes(passed=3)
    ini = (session.path / "pytest.ini").read_text()
    (session.path / "pytest.ini").write_text(
        f"{ini}\nmockserver_scenario = busy.toml\nmockserver_profile = vendor\n"
    )
    run(session, code).assert_outcomes(passed=3)
    result = run(session, code, "--mockserver-profile", "observed")
    result.assert_outcomes(passed=2, failed=1)


def test_a_marker_chooses_the_server_of_one_test(session: pytest.Pytester) -> None:
    (session.path / "busy.toml").write_text(BUSY)
    code = """
pytestmark = pytest.mark.mockserver(pace="manual")
SERVERS = set()

@pytest.mark.mockserver(pace="immediate")
@pytest.mark.parametrize("number", range(2))
def test_at_once(tenant, number):
    assert read(tenant, submit(tenant).json()) == "success"
    SERVERS.add(tenant.url)

def test_by_hand(tenant, advance):
    job = submit(tenant).json()
    advance(3600)
    assert read(tenant, job) == "queued"
    assert len(SERVERS) == 1
    assert tenant.url not in SERVERS

@pytest.mark.mockserver(scenario="busy.toml")
def test_busy(tenant):
    assert [submit(tenant).status_code for _ in range(2)] == [429, 200]
"""
    run(session, code).assert_outcomes(passed=4)


def test_workers_have_a_server_each(session: pytest.Pytester) -> None:
    code = """
@pytest.mark.parametrize("number", range(8))
def test_alone(tenant, mock_server, record_property, number):
    submit(tenant)
    tenant.assert_submitted_once()
    with mock_server.control() as everybody:
        assert len(everybody.jobs()) == 1
"""
    run(session, code, "-n", "2").assert_outcomes(passed=8)


def test_a_mistake_is_told_in_a_line(session: pytest.Pytester) -> None:
    code = """
@pytest.mark.mockserver(pase="time")
def test_name(tenant): ...

@pytest.mark.mockserver("manual")
def test_no_name(tenant): ...

@pytest.mark.mockserver(scenario="none.toml")
def test_scenario(tenant): ...

@pytest.mark.mockserver(profile="wishful")
def test_profile(tenant): ...
"""
    result = run(session, code)
    result.assert_outcomes(errors=4)
    result.stdout.fnmatch_lines([
        "mockserver: no setting 'pase' here; settings: *pace*",
        "mockserver: give the settings by name: mockserver(scenario=..., *",
        "mockserver: *none.toml: No such file or directory",
        "mockserver: *wishful*",
    ])  # fmt: skip
    assert "Traceback" not in result.stdout.str()


FOURTH: Final = """
import httpx
from mockserver.kit.conform import assert_conforms
from mockserver.kit.contracts import load

def test_a_provider_of_the_users_own(tenant, contract):
    headers = tenant.headers("ember")
    body = {"model": "Ember-1", "prompt": "Embers"}
    url = f"{tenant.base('ember')}/video_generation"
    assert httpx.post(url, json=body, headers=headers, trust_env=False).status_code == 200
    assert contract("ember").provider == load("ember").provider == "ember"
    assert assert_conforms.__name__ == "assert_conforms"

def test_only_what_is_named(mock_server):
    assert set(mock_server.bases) == {"ember", "kkiai"}
    assert mock_server.base("ember").endswith("/hot/v1")
"""


@pytest.mark.parametrize("written", ["ini", "options"])
def test_a_session_has_providers_of_the_users_own(session: pytest.Pytester, written: str) -> None:
    """A folder that the ini file names is relative to where that stands."""
    shutil.copytree(ROOT / "tests" / "fourth", session.path / "more")
    options = [
        "--mockserver-contracts",
        "more",
        "--mockserver-provider",
        "kkiai",
        "--mockserver-mount",
        "ember=/hot",
    ]
    if written == "ini":
        with (session.path / "pytest.ini").open("a") as ini:
            ini.write("\nmockserver_contracts = more\nmockserver_provider =\n  kkiai\n  ember\n")
            ini.write("mockserver_mount = ember=/hot\n")
        options = []
    run(session, FOURTH, *options).assert_outcomes(passed=2)


def test_settings_stand_in_pyproject(session: pytest.Pytester) -> None:
    """As the README has them, in the table of each release of pytest that it may stand in."""
    shutil.copytree(ROOT / "tests" / "fourth", session.path / "tests" / "providers")
    (session.path / "pytest.ini").unlink()
    text = block("mockserver/kit/README.md", "toml", "mockserver_pace")
    session.makepyprojecttoml(f'{text}addopts = "-p mockserver.pytest_plugin -p no:cacheprovider"\n')
    code = """
def test_it(tenant, contract):
    assert set(tenant.server.bases) == {"kkiai", "ember"}
    settings = tenant.server.app.services.settings
    assert (settings.profile, settings.pace.kind, settings.pace.polls) == ("vendor", "polls", 2)
    assert contract("kkiai").profile == "vendor"
"""
    run(session, code).assert_outcomes(passed=1)


def test_a_marker_names_folders_beside_the_test(session: pytest.Pytester) -> None:
    shutil.copytree(ROOT / "tests" / "fourth", session.path / "more")
    code = """
@pytest.mark.mockserver(contracts="more", providers=["ember"])
def test_it(tenant):
    assert set(tenant.server.bases) == {"ember"}
"""
    run(session, code).assert_outcomes(passed=1)
    mistaken = run(session, "def test_it(tenant): ...", "--mockserver-mount", "kkiai")
    assert mistaken.ret == pytest.ExitCode.USAGE_ERROR
    mistaken.stderr.fnmatch_lines(["*mount 'kkiai' must look like*"])
