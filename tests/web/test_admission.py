"""Requests that go no further than the door: each has its answer, in the provider's own envelope."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from mockserver.settings import MIB, Settings, read_pace
from tests.engine.test_lifecycle import GMI, SUBMITS
from tests.serving import Running, running_app

ENVELOPES: dict[str, set[str]] = {
    "gmicloud": {"error"},
    "aimlapi": {"message", "path", "requestId", "statusCode", "timestamp"},
    "kkiai": {"code", "message", "request_id"},
}
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with running_app(Settings(max_body=MIB)) as running:
        yield running


@pytest.fixture
def client(server: Running) -> Iterator[httpx.Client]:
    with server.client() as one:
        yield one


def _text(answer: httpx.Response, provider: str) -> str:
    assert answer.headers["content-type"] == "application/json"
    assert set(answer.json()) == ENVELOPES[provider]
    return answer.text


@pytest.mark.parametrize("provider", SUBMITS)
@pytest.mark.parametrize(
    ("content", "kind", "status", "says"),
    [
        (b'{"a": 1,}', "application/json", 400, "line 1, column 8"),
        (b"", "application/json", 400, "not JSON"),
        (b'{"a": NaN}', "application/json", 400, "not JSON"),
        (b"\xff\xfe", "application/json", 400, "not JSON"),
        (b"[" * 5000 + b"]" * 5000, "application/json", 400, "not JSON"),
        (b'{"a":' * 200 + b"1" + b"}" * 200, "application/json", 400, "nested deeper"),
        (b"{}", "text/plain", 415, "text/plain"),
        (b"{}", None, 415, "Content-Type"),
        (b"a=1", "application/x-www-form-urlencoded", 415, "application/x-www-form-urlencoded"),
        (b"[]", "application/json", 400, "object"),
        (b"null", "application/json", 400, "object"),
        (b"{}", "application/json; charset=utf-8", 400, "required"),
    ],
)
def test_a_body_that_cannot_be_read(
    client: httpx.Client, provider: str, content: bytes, kind: str | None, status: int, says: str
) -> None:
    headers = {} if kind is None else {"Content-Type": kind}
    answer = client.post(SUBMITS[provider][0], content=content, headers=headers)
    assert answer.status_code == status, answer.text
    assert says in _text(answer, provider)


@pytest.mark.parametrize("provider", SUBMITS)
def test_a_body_that_is_too_large(client: httpx.Client, provider: str) -> None:
    body = b'{"prompt": "' + b"x" * MIB + b'"}'
    answer = client.post(SUBMITS[provider][0], content=body, headers=JSON)
    assert answer.status_code == 413
    assert "1048576 bytes" in _text(answer, provider)


@pytest.mark.parametrize("provider", SUBMITS)
@pytest.mark.parametrize("header", [None, "", "Bearer", "Basic dTpw", "sk-1234"])
def test_no_key(server: Running, provider: str, header: str | None) -> None:
    with server.client(None) as client:
        headers = {} if header is None else {"Authorization": header}
        answer = client.post(SUBMITS[provider][0], json=SUBMITS[provider][1], headers=headers)
    assert answer.status_code == 401
    assert "Authorization" in _text(answer, provider) or provider == "aimlapi"


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_any_key_will_do(server: Running, scheme: str) -> None:
    with server.client(None) as client:
        answer = client.get(GMI, headers={"Authorization": f"{scheme} anything"})
    assert answer.status_code == 200


def test_a_key_that_is_not_on_the_list() -> None:
    with running_app(Settings(keys=("good",))) as server:
        for key, status in (("good", 200), ("bad", 401)):
            with server.client(key) as client:
                assert client.get(GMI).status_code == status
                assert client.get("/kling/v1/videos/image2video").status_code == status


@pytest.mark.parametrize("provider", SUBMITS)
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "HEAD"])
def test_a_verb_that_is_not_documented(client: httpx.Client, provider: str, method: str) -> None:
    answer = client.request(method, SUBMITS[provider][0])
    assert answer.status_code == 405
    assert "POST" in answer.headers["allow"]


def test_a_path_that_is_not_documented_names_its_neighbours(client: httpx.Client) -> None:
    answer = client.post("/api/v1/apikey/request", json={})
    assert answer.status_code == 404
    assert "did you mean POST /api/v1/apikey/requests" in answer.json()["error"]


@pytest.mark.parametrize(
    ("provider", "job_id"), [("gmicloud", "nope"), ("aimlapi", "a:b/c"), ("kkiai", "123")]
)
def test_a_job_that_nobody_made(client: httpx.Client, provider: str, job_id: str) -> None:
    answer = client.get(SUBMITS[provider][3].replace("{id}", httpx.URL(path=job_id).raw_path.decode()))
    assert answer.status_code == 404
    _text(answer, provider)


def _refused(client: httpx.Client, provider: str, **change: Any) -> str:
    body = dict(SUBMITS[provider][1])
    body.update(change)
    answer = client.post(SUBMITS[provider][0], json=body)
    assert answer.status_code == 400, answer.text
    return _text(answer, provider)


def test_a_refusal_names_field_value_choice_page_and_profile(client: httpx.Client) -> None:
    payload = {"prompt": "a kite", "duration": 5}
    said = _refused(client, "gmicloud", payload=payload).replace('\\"', '"')
    for words in (
        "payload.duration is 5",
        "a string",
        "Kling-Text2Video-V1.6-Standard",
        "Profile observed takes it",
    ):
        assert words in said


def test_a_wrong_type_is_said_once(client: httpx.Client) -> None:
    assert _refused(client, "gmicloud", payload={"duration": 5}).count("payload.duration") == 2


def test_an_unknown_key_is_let_pass_with_a_warning(client: httpx.Client, server: Running) -> None:
    body = {**SUBMITS["gmicloud"][1], "payload": {"prompt": "a kite", "video_length": 5, "\r\nX-Evil": 1}}
    answer = client.post(GMI, json=body)
    assert answer.status_code == 200
    assert "/payload/video_length" in answer.headers["mockserver-warning"]
    assert "x-evil" not in answer.headers
    noted = server.app.services.journal.entries()[-1]
    assert any("/payload/video_length" in warning for warning in noted.warnings)


def test_every_unknown_query_parameter_is_let_pass_with_a_warning(client: httpx.Client) -> None:
    answer = client.get(GMI, params={"colour": "red", "shape": "round"})
    assert answer.status_code == 200
    assert answer.headers["mockserver-warning"] == (
        "query parameter colour is not in the contract; query parameter shape is not in the contract"
    )
    assert "mockserver-warning" not in client.get(GMI).headers


def test_every_unknown_query_parameter_is_named_when_strict() -> None:
    with running_app(Settings(strict=True)) as server, server.client() as client:
        refusal = client.get(GMI, params={"colour": "red", "shape": "round"})
    assert refusal.status_code == 400
    assert "colour" in refusal.text
    assert "shape" in refusal.text


@pytest.mark.parametrize("provider", SUBMITS)
def test_an_unknown_key_is_refused_when_strict(provider: str) -> None:
    with running_app(Settings(strict=True)) as server, server.client() as client:
        path, body, _, _ = SUBMITS[provider]
        assert client.post(path, json=body).is_success
        answer = client.post(path, json={**body, "colour": "red"})
        assert answer.status_code == 400
        assert "colour is not in the contract" in _text(answer, provider)
        assert client.get(GMI, params={"colour": "red"}).status_code == 400


def test_options_lists_the_verbs(client: httpx.Client) -> None:
    answer = client.options(GMI)
    assert (answer.status_code, answer.headers["allow"]) == (204, "GET, POST")


def test_a_server_with_a_list_of_keys_does_not_say_that_any_will_do() -> None:
    with running_app(Settings(keys=("mine",))) as server, server.client(None) as client:
        text = client.get(GMI).text
        other = client.get(GMI, headers={"authorization": "Bearer other"}).text
    assert "one that the server was started with" in text
    assert "any key" not in text
    assert "(--key, in_process.serve(keys=[...])); this is none of them" in other


@pytest.mark.parametrize(
    ("host", "named"),
    [
        ("mock.example:8080", "mock.example:8080"), ("[::1]:80", "[::1]:80"), ("LOCALHOST", "LOCALHOST"),
        ("a b", None), ('x"y', None), ("a/../b", None), ("user@a", None), ("a:port", None), ("", None),
    ],
)  # fmt: skip
def test_links_are_on_the_named_host_unless_it_is_no_host(host: str, named: str | None) -> None:
    with running_app(Settings(pace=read_pace("immediate"))) as server, server.client() as client:
        job_id = client.post(GMI, json=SUBMITS["gmicloud"][1]).json()["request_id"]
        link = client.get(f"{GMI}/{job_id}", headers={"Host": host}).json()["outcome"]["video_url"]
    assert link.partition("/media/")[0] == (f"http://{named}" if named else server.url)
