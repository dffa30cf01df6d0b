"""The locks on the door: token, Host, no CORS, a port of its own."""

from __future__ import annotations

import asyncio
import base64
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from mockserver.control.access import AccessControl, is_own_host
from mockserver.control_client import ControlClient, ControlError
from mockserver.settings import Settings
from tests.control.conftest import TOKEN
from tests.serving import Running, running_app, serve

PROBLEM = "application/problem+json"


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    settings = Settings(token=TOKEN, allow_hosts=("mock.internal",), public_url="https://public.example.com")
    with running_app(settings) as running:
        yield running


def _get(server: Running, path: str, **headers: str) -> httpx.Response:
    with server.client(None) as client:
        return client.get(path, headers=headers)


def _raw(server: Running, *lines: str) -> int:
    """The status of a request that no client library would send."""
    port = int(server.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall("\r\n".join((*lines, "Connection: close", "", "")).encode())
        return int(connection.makefile("rb").readline().split()[1])


def test_health_needs_no_token(server: Running) -> None:
    assert _get(server, "/__mock/health").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": f"Bearer {TOKEN[:-1]}"},
        {"Authorization": f"Bearer {TOKEN}x"},
        {"Authorization": TOKEN},
        {"Authorization": f"Basic {base64.b64encode(f'x:{TOKEN}'.encode()).decode()}"},
        {"x-mock-token": ""},
        {"x-mock-token": "wrong", "Authorization": f"Bearer {TOKEN}"},
        {"Cookie": f"token={TOKEN}"},
    ],
)
@pytest.mark.parametrize("path", ["/__mock", "/__mock/jobs", "/__mock/health/", "/__mock/nothing-here"])
def test_everything_else_needs_the_token(server: Running, path: str, headers: dict[str, str]) -> None:
    answer = _get(server, path, **headers)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == PROBLEM
    assert TOKEN not in answer.text


def test_a_wrong_token_is_called_so(server: Running) -> None:
    wrong, none = _get(server, "/__mock", authorization="Bearer wrong"), _get(server, "/__mock")
    assert wrong.json()["detail"].startswith("what was sent is not this server's token; send the token")
    assert none.json()["detail"].startswith("send the token")


@pytest.mark.parametrize(
    "headers",
    [{"Authorization": f"Bearer {TOKEN}"}, {"Authorization": f"bearer {TOKEN}"}, {"x-mock-token": TOKEN}],
)
def test_the_token_opens(server: Running, headers: dict[str, str]) -> None:
    assert _get(server, "/__mock", **headers).status_code == 200


def test_the_token_is_not_taken_from_the_address(server: Running) -> None:
    assert _get(server, f"/__mock?token={TOKEN}").status_code == 401


def test_a_browser_may_give_the_token_as_a_password_to_read_the_documentation_only(server: Running) -> None:
    basic = f"Basic {base64.b64encode(f'anybody:{TOKEN}'.encode()).decode()}"
    wrong = f"Basic {base64.b64encode(b'anybody:wrong').decode()}"
    assert _get(server, "/__mock/docs").headers["www-authenticate"].startswith("Basic ")
    assert _get(server, "/__mock/docs", Authorization=basic).status_code == 200
    assert _get(server, "/__mock/docs", Authorization=wrong).status_code == 401
    assert _get(server, "/__mock/docs", Authorization="Basic %%%").status_code == 401
    with server.client(None) as client:
        assert client.post("/__mock/docs", headers={"Authorization": basic}).status_code == 401


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST:1",
        "127.0.0.1",
        "127.9.9.9:80",
        "[::1]:8787",
        "mock.internal",
        "Public.Example.com:443",
    ],
)
def test_own_names_are_let_in(server: Running, host: str) -> None:
    assert _raw(server, "GET /__mock/health HTTP/1.1", f"Host: {host}") == 200


def test_who_comes_by_another_name_reads_how_to_allow_it(server: Running) -> None:
    problem = _get(server, "/__mock/health", host="evil.example.com").json()
    assert problem["detail"].endswith("--allow-host HOST allows one, in a test serve(allow_hosts=[HOST])")


@pytest.mark.parametrize(
    "host",
    [
        "evil.example.com",
        "localhost.evil.example.com",
        "127.0.0.1.nip.io",
        "localhost.",
        "127.0.0.1@evil.example.com",
        "evil.example.com:127.0.0.1",
        "localhost:80:80",
        "[::1",
        "[::ffff:203.0.113.9]",
        "2130706433",
        "0x7f000001",
        "127.1",
        "0177.0.0.1",
        "0.0.0.0",
        "169.254.169.254",
        "not.mock.internal",
        "localhost, evil.example.com",
        "localhost/evil",
        "",
    ],
)
def test_names_that_could_be_made_to_point_here_are_not(server: Running, host: str) -> None:
    assert _raw(server, "GET /__mock/health HTTP/1.1", f"Host: {host}") == 403


def test_one_host_header_is_needed() -> None:
    assert is_own_host(["localhost"], ())
    assert not is_own_host([], ())
    assert not is_own_host(["localhost", "localhost"], ())


def test_two_host_headers_do_not_slip_through(server: Running) -> None:
    two = ("Host: localhost", "Host: evil.example.com")
    assert _raw(server, "GET /__mock/health HTTP/1.1", *two) in (400, 403)


def test_an_absolute_target_does_not_replace_the_host(server: Running) -> None:
    target = "GET http://localhost/__mock/health HTTP/1.1"
    assert _raw(server, target, "Host: evil.example.com") in (400, 403)


@pytest.mark.parametrize("method", ["OPTIONS", "GET", "POST"])
@pytest.mark.parametrize("token", ["", TOKEN])
def test_no_cors_header_is_ever_sent(server: Running, method: str, token: str) -> None:
    headers = {"Origin": "https://evil.example.com", "Access-Control-Request-Method": "POST"}
    with server.client(None) as client:
        answer = client.request(method, "/__mock/clock", headers={**headers, "x-mock-token": token})
    assert not [name for name in answer.headers if name.startswith("access-control-")]


def test_providers_and_their_clients_need_no_token(server: Running) -> None:
    with server.client() as client:
        assert client.get("/api/v1/apikey/models", headers={"Host": "api.example.com"}).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/__mock/nothing-here", 404),
        ("PATCH", "/__mock/clock", 405),
        ("PUT", "/__mock/clock", 422),
        ("GET", "/__mock/jobs?limit=0", 422),
        ("GET", "/__mock/jobs?tenant=x", 422),
        ("GET", "/__mock/jobs/gmicloud/none", 404),
        ("GET", "/__mock/jobs/nobody/none", 404),
        ("GET", "/__mock/tenants/snapshot", 422),
        ("GET", "/__mock/tenants?key=a&tenant=" + "0" * 32, 200),
        ("GET", "/__mock/clock?key=a&tenant=" + "0" * 32, 422),
    ],
)
def test_every_error_is_a_problem(server: Running, method: str, path: str, status: int) -> None:
    with server.client(TOKEN) as client:
        answer = client.request(method, path)
    assert answer.status_code == status
    if status >= 400:
        assert answer.headers["content-type"] == PROBLEM
        assert answer.json()["status"] == status
        assert answer.json()["detail"]


def test_what_is_no_request_is_let_through() -> None:
    through: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        through.append(scope["type"])

    async def receive() -> Message:
        raise AssertionError

    async def send(message: Message) -> None:
        raise AssertionError

    asyncio.run(AccessControl(app, Settings())({"type": "lifespan"}, receive, send))
    assert through == ["lifespan"]


def test_a_server_without_a_token_draws_its_own() -> None:
    with running_app(Settings()) as first, running_app(Settings()) as second:
        tokens = [one.app.services.settings.token for one in (first, second)]
        assert len(set(tokens)) == 2
        assert min(len(token or "") for token in tokens) >= 32
        assert _get(first, "/__mock").status_code == 401
        with pytest.raises(ControlError) as caught, ControlClient(first.url, "") as mock:
            mock.clock()
    assert caught.value.status == 401


def test_the_handshake_has_token_and_control(tmp_path: Path) -> None:
    process = serve(("--store", "memory:"), tmp_path)
    try:
        with ControlClient(process.said["control"], process.said["token"]) as mock:
            assert mock.health()["status"] == "ok"
            assert mock.clock()["mode"] == "real"
    finally:
        process.stop()


def test_the_control_plane_can_have_its_own_port(tmp_path: Path) -> None:
    process = serve(("--store", "memory:", "--control-port", "0", "--token", TOKEN), tmp_path)
    try:
        control = process.said["control"].removesuffix("/__mock")
        assert control != process.url
        headers = {"x-mock-token": TOKEN, "Authorization": "Bearer any"}
        with httpx.Client(trust_env=False, headers=headers) as client:
            paths = (
                "/__mock/health",
                "/__mock/clock",
                "/api/v1/apikey/models",
                "/media/gmicloud/x/video.mp4",
            )
            found = {
                path: (client.get(process.url + path).status_code, client.get(control + path).status_code)
                for path in paths
            }
            elsewhere = client.get(process.url + "/__mock/clock").json()
        assert found["/__mock/health"] == found["/__mock/clock"] == (404, 200)
        assert found["/api/v1/apikey/models"] == (200, 404)
        assert found["/media/gmicloud/x/video.mp4"] == (404, 404)
        assert "not served on this port" in elsewhere["detail"]
    finally:
        process.stop()


def test_another_address_than_loopback_says_loudly_what_it_opens(tmp_path: Path) -> None:
    process = serve(("--store", "memory:", "--host", "0.0.0.0"), tmp_path)
    try:
        log = process.log.read_text()
        answer = httpx.get(f"{process.url}/__mock/health", headers={"Host": "0.0.0.0"}, trust_env=False)
    finally:
        process.stop()
    assert "WARNING" in log
    assert "Every machine" in log
    assert "HTTP" in log
    assert answer.status_code == 403


def test_loopback_says_nothing(tmp_path: Path) -> None:
    process = serve(("--store", "memory:"), tmp_path)
    process.stop()
    assert process.log.read_text() == ""
