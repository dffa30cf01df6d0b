"""The fixtures in projects that replace HTTP, forbid sockets, freeze time or bring event loops.

Each project has its library's plugin alone beside ours. What its tests replace is replaced for their client,
while the server and the calls that steer it go on.
"""

from __future__ import annotations

import re
from typing import Final

import pytest

from tests.documents import document
from tests.serving import ROOT

pytest_plugins = ["pytester"]

CLIENT: Final = """
import httpx

class Client:
    '''A client of a user's own, of whichever library.'''

    def __init__(self, tenant, http=httpx):
        self.url = tenant.base("gmicloud") + "/requests"
        self.headers, self.http = tenant.headers("gmicloud"), http

    def submit(self):
        body = {"model": "Kling-Text2Video-V1.6-Standard", "payload": {"prompt": "A kite over the dunes"}}
        return self.http.post(self.url, json=body, headers=self.headers)

    def read(self, job):
        return self.http.get(f"{self.url}/{job}", headers=self.headers).json()

def steer(tenant, control):
    '''All that a test does besides calling its client.'''
    rule = control.add_rule("too-many", when={"role": "submit"}, times=1)
    control.drop_rule(rule["id"])
    tenant.advance(60)
    assert control.clock()["ahead"] == 60_000
    return control.journal()["found"]
"""
RESPX: Final = """
import httpx, pytest, respx
from client import Client, steer

def test_passed_through(tenant, control, respx_mock):
    respx_mock.get("https://elsewhere.example/").respond(json="mocked")
    respx_mock.route(host="127.0.0.1").pass_through()
    assert httpx.get("https://elsewhere.example/").json() == "mocked"
    job = Client(tenant).submit().json()["request_id"]
    assert steer(tenant, control) == 1
    assert Client(tenant).read(job)["status"] == "success"
    tenant.assert_submitted_once()

@pytest.mark.parametrize("using", ["httpcore", "httpx"])
def test_mocked(tenant, control, using):
    with respx.mock(using=using) as router:
        router.post(host="127.0.0.1").respond(503)
        assert Client(tenant).submit().status_code == 503
        assert steer(tenant, control) == 0
        tenant.assert_no_submit()
        assert router.calls.call_count == 1

def test_the_tenant_goes_last(respx_mock, tenant):
    tenant.assert_no_submit()
"""
HTTPX_MOCK: Final = """
import httpx, pytest
from client import Client, steer

@pytest.mark.httpx_mock(should_mock=lambda request: request.url.host != "127.0.0.1")
def test_passed_through(tenant, control, httpx_mock):
    httpx_mock.add_response(url="https://elsewhere.example/", json="mocked")
    assert httpx.get("https://elsewhere.example/").json() == "mocked"
    job = Client(tenant).submit().json()["request_id"]
    assert steer(tenant, control) == 1
    assert Client(tenant).read(job)["status"] == "success"

def test_mocked(httpx_mock, tenant, control):
    httpx_mock.add_response(status_code=503)
    assert Client(tenant).submit().status_code == 503
    assert steer(tenant, control) == 0
    assert len(httpx_mock.get_requests()) == 1
"""
HTTPSERVER: Final = """
import httpx

def test_callbacks_arrive(tenant, control, httpserver):
    httpserver.expect_request("/hook", method="POST").respond_with_data("thanks")
    body = {"model_name": "kling-v1", "mode": "std", "duration": "5", "image": "https://example.com/a.jpg",
            "callback_url": httpserver.url_for("/hook")}
    answer = httpx.post(tenant.base("kkiai") + "/v1/videos/image2video", json=body,
                        headers=tenant.headers("kkiai"))
    assert answer.status_code == 200, answer.text
    tenant.advance(60)
    assert len(control.callbacks(settle=True)) == len(httpserver.log) > 0
"""
VCR: Final = """
import httpx, vcr
from client import Client, steer

def test_not_recorded(tenant, control, tmp_path):
    with vcr.use_cassette(tmp_path / "tape.yaml", record_mode="none", ignore_localhost=True):
        job = Client(tenant).submit().json()["request_id"]
        assert steer(tenant, control) == 1
        assert Client(tenant).read(job)["status"] == "success"

def test_recorded_and_played(tenant, control, tmp_path):
    for found in (1, 0):
        with vcr.use_cassette(tmp_path / "tape.yaml") as tape:
            assert Client(tenant).submit().status_code == 200
            assert steer(tenant, control) == found
        assert len(tape) == 1
        tenant.forget()
"""
RESPONSES: Final = """
import requests, responses
from client import Client, steer

@responses.activate
def test_passed_through(tenant, control):
    responses.get("https://elsewhere.example/", json="mocked")
    responses.add_passthru(tenant.url)
    assert requests.get("https://elsewhere.example/").json() == "mocked"
    job = Client(tenant, requests).submit().json()["request_id"]
    assert steer(tenant, control) == 1
    assert Client(tenant, requests).read(job)["status"] == "success"

@responses.activate
def test_mocked(tenant, control):
    responses.post(tenant.base("gmicloud") + "/requests", status=503)
    assert Client(tenant, requests).submit().status_code == 503
    assert steer(tenant, control) == 0
"""
SOCKET: Final = """
import httpx, pytest, pytest_socket
from client import Client, steer

def test_no_socket_is_allowed(tenant, control):
    with pytest.raises(pytest_socket.SocketBlockedError), pytest.warns(UserWarning):
        Client(tenant).submit()
    assert steer(tenant, control) == 0

@pytest.mark.allow_hosts(["127.0.0.1"])
def test_loopback_is_allowed(tenant, control):
    job = Client(tenant).submit().json()["request_id"]
    assert steer(tenant, control) == 1
    assert Client(tenant).read(job)["status"] == "success"
    with pytest.raises(pytest_socket.SocketConnectBlockedError), pytest.warns(UserWarning):
        httpx.get("http://192.0.2.1/")

@pytest.mark.enable_socket
def test_sockets_are_enabled(tenant, control):
    assert Client(tenant).submit().status_code == 200
    assert steer(tenant, control) == 1
"""
TIME: Final = """
import datetime as dt, email.utils, time
import httpx, pytest
from client import Client, steer
FREEZER

BEFORE = time.time()

def is_real(milliseconds):
    return 0 <= milliseconds / 1000 - BEFORE + 1 < 3600

@pytest.mark.mockserver(pace="polls:2")
def test_a_server_that_starts_while_time_stands_still(request):
    with frozen("2019-05-06"):
        tenant = request.getfixturevalue("tenant")
        assert dt.datetime.now().year == 2019
        assert is_real(tenant.control.clock()["now"])

def test_the_server_goes_on_while_time_stands_still(tenant, control):
    with frozen("2019-05-06"):
        assert dt.datetime.now().year == 2019
        answer = Client(tenant).submit()
        assert is_real(1000 * email.utils.parsedate_to_datetime(answer.headers["date"]).timestamp())
        first = control.clock()["now"]
        assert is_real(first)
        assert any(control.clock()["now"] > first for _ in range(100_000))
        assert control.callbacks(wait=0.01) == []
        assert steer(tenant, control) == 1
        job = Client(tenant).read(answer.json()["request_id"])
        assert job["status"] == "success"
        assert httpx.get(job["outcome"]["video_url"], timeout=60).content[4:8] == b"ftyp"
        tenant.assert_submitted_once()

def test_a_test_may_set_the_servers_clock_to_its_own_time(tenant, control):
    with frozen("2019-05-06"):
        control.set_clock(mode="frozen", now=int(time.time() * 1000))
        job = Client(tenant).submit().json()["request_id"]
        tenant.advance(60)
        assert Client(tenant).read(job)["status"] == "success"
        assert control.job("gmicloud", job)["created_at"] == 1_557_100_800_000
"""
FREEZEGUN: Final = TIME.replace("FREEZER", "from freezegun import freeze_time as frozen")
TRAVELLER: Final = "import time_machine\ndef frozen(day): return time_machine.travel(day, tick=False)"
TIME_MACHINE: Final = (
    TIME.replace("FREEZER", TRAVELLER)
    + """
def test_the_fixture_as_well(time_machine, tenant):
    time_machine.move_to("2019-05-06", tick=False)
    assert is_real(tenant.control.clock()["now"])
"""
)
ASYNC: Final = """
import httpx, pytest
MARK

class Client:
    def __init__(self, tenant):
        self.url, self.headers = tenant.base("gmicloud") + "/requests", tenant.headers("gmicloud")

    async def submit(self):
        body = {"model": "Kling-Text2Video-V1.6-Standard", "payload": {"prompt": "A kite over the dunes"}}
        async with httpx.AsyncClient(headers=self.headers) as http:
            return (await http.post(self.url, json=body)).json()["request_id"]

@FIXTURE
async def job(tenant, async_control):
    await async_control.assert_no_submit()
    yield await Client(tenant).submit()
    await async_control.assert_submitted_once()

@FIXTURE
async def mock(mock_server):
    async with mock_server.async_control() as mock:
        yield mock

async def test_fixtures_and_tests_are_awaited(job, tenant, async_control):
    await async_control.advance(60)
    assert [row["state"] for row in await async_control.jobs()] == ["success"]

async def test_another_loop(job, tenant, mock, control):
    assert (await mock.health())["status"] == "ok"
    assert control.explain("gmicloud", job)["job"]["state"] == "queued"
"""


def asynchronous(fixture: str, mark: str = "") -> str:
    """The project with awaited fixtures and tests, for a plugin that wants these words."""
    return ASYNC.replace("FIXTURE", fixture).replace("MARK", mark)


BACKENDS: Final = """pytestmark = pytest.mark.anyio

@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request):
    return request.param
"""
STRICT: Final = asynchronous("__import__('pytest_asyncio').fixture", "pytestmark = pytest.mark.asyncio")
AUTOMATIC: Final = asynchronous("pytest.fixture")
ANYIO: Final = asynchronous("pytest.fixture", BACKENDS)
LOOPS: Final = "-p pytest_asyncio.plugin -o asyncio_default_fixture_loop_scope=session"
SESSIONS: Final = {
    "HTTP replaced": (
        {"respx": RESPX, "httpx_mock": HTTPX_MOCK, "vcr": VCR, "responses": RESPONSES, "server": HTTPSERVER},
        "-p respx.plugin -p pytest_httpx -p pytest_httpserver.pytest_plugin",
        11,
    ),
    "sockets forbidden": ({"socket": SOCKET}, "-p pytest_socket --disable-socket", 3),
    "time frozen": ({"freezegun": FREEZEGUN, "time_machine": TIME_MACHINE}, "-p time_machine", 7),
    "loops by name": ({"asyncio": STRICT, "anyio": ANYIO}, f"{LOOPS} -p anyio.pytest_plugin", 6),
    "loops by themselves": (
        {"asyncio": AUTOMATIC},
        f"{LOOPS} --asyncio-mode=auto -o asyncio_default_test_loop_scope=session",
        2,
    ),
}
"""Session to its modules of tests, what its users write on the command line, and how many tests pass."""


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A user's project with the client. Its sessions have our plugin, and those that a test names."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    ini = "[pytest]\naddopts = -p mockserver.pytest_plugin -p no:cacheprovider\nfilterwarnings = error\n"
    pytester.makefile(".ini", pytest=ini)
    pytester.makepyfile(client=CLIENT)
    return pytester


@pytest.mark.quick
@pytest.mark.parametrize("session", SESSIONS)
def test_a_session_with(session: str, project: pytest.Pytester) -> None:
    modules, options, passed = SESSIONS[session]
    project.makepyfile(**{f"test_{name}": tests for name, tests in modules.items()})
    project.runpytest_subprocess(*options.split()).assert_outcomes(passed=passed)


def test_the_readme_has_what_these_projects_write() -> None:
    text = document("mockserver/kit/README.md").partition("### Beside other libraries")[2]
    table = re.findall(
        r"^\| (?:respx|pytest-httpx|responses|vcrpy|pytest-socket) \| `([^`]+)`", text, re.MULTILINE
    )
    everything = "\n".join(tests for modules, _, _ in SESSIONS.values() for tests in modules.values())
    assert len(table) == 5
    assert not [line for line in table if line not in everything]
    assert 'control.set_clock(mode="frozen", now=int(time.time() * 1000))' in text
    assert 'control.set_clock(mode="frozen", now=int(time.time() * 1000))' in TIME


ALONE: Final = """
import asyncio, sys, time
import httpx, pytest
from client import Client, steer

@pytest.fixture
def nothing_new():
    before = set(sys.modules)
    yield
    assert not {name for name in set(sys.modules) - before if not name.startswith(CLIENTS)}

# What a client of httpx imports for its first connection.
CLIENTS = ("_ctypes", "anyio", "attr", "certifi", "ctypes", "h11", "httpcore", "outcome", "resource",
           "sniffio", "sortedcontainers", "trio")

def test_a_job_from_its_submit_to_its_clip(nothing_new, tenant, control, monkeypatch):
    def never(*seconds):
        raise RuntimeError("only the test's own client may call this")
    monkeypatch.setattr(time, "sleep", never)
    monkeypatch.setattr(asyncio, "sleep", never)
    for method in ("request", "send", "stream"):
        monkeypatch.setattr(httpx.AsyncClient, method, never)
    client = Client(tenant)
    job = client.submit().json()["request_id"]
    control.add_rule("delay", settings={"seconds": 0.01}, when={"role": "list"})
    assert httpx.get(client.url, headers=client.headers).status_code == 200
    assert steer(tenant, control) == 2
    outcome = client.read(job)["outcome"]
    for link in (outcome["video_url"], outcome["thumbnail_image_url"]):
        assert httpx.get(link, timeout=60).status_code == 200
    assert control.explain("gmicloud", job)["job"]["state"] == "success"
    assert control.har()["log"]["entries"]
"""


def test_a_server_imports_nothing_in_a_test_and_calls_nothing_that_a_test_has_replaced(
    project: pytest.Pytester,
) -> None:
    project.makepyfile(ALONE)
    project.runpytest_subprocess().assert_outcomes(passed=1)
