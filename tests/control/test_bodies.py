"""What a request to the control plane may bring, and what becomes of what it may not."""

from __future__ import annotations

import asyncio
import errno
import gzip
import io
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from types import SimpleNamespace
from typing import Any, cast

import httpx
import orjson
import pytest

from mockserver.control import tenants
from mockserver.control.bounds import MAX_BODY, Bounds
from mockserver.control.tenants import _receive
from mockserver.engine.query import MAX_FIELDS
from mockserver.settings import MIB
from tests.control.conftest import TOKEN, Bench
from tests.serving import KEY

RULE = orjson.dumps({"fault": "fail", "when": {"prompt": "x"}})
JSON = {"content-type": "application/json"}


@pytest.fixture
def client(bench: Bench) -> Iterator[httpx.Client]:
    with bench.running.client(TOKEN) as opened:
        yield opened


def add(client: httpx.Client, body: bytes, **headers: str) -> httpx.Response:
    """Send a rule."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post("/__mock/rules", content=body, headers={**JSON, **given})


def in_pieces(body: bytes, size: int = 5) -> Iterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


def test_a_body_may_come_in_a_coding_whole_or_in_pieces(client: httpx.Client) -> None:
    packed = gzip.compress(RULE)

    assert add(client, packed, content_encoding="gzip").status_code == 201
    answer = client.post(
        "/__mock/rules", content=in_pieces(packed), headers={**JSON, "content-encoding": "gzip"}
    )
    assert answer.status_code == 201
    assert add(client, RULE, content_encoding="identity").status_code == 201
    assert add(client, b"", content_encoding="gzip").status_code == 422


@pytest.mark.parametrize(
    ("body", "coding", "status", "detail"),
    [
        (RULE, "gzip", 400, "gzip"),
        (gzip.compress(RULE)[:-9], "gzip", 400, "gzip"),
        (RULE, "compress", 415, "compress"),
        (gzip.compress(b" " * (MAX_BODY + 1)), "gzip", 413, f"more than|larger than the {MAX_BODY} bytes"),
    ],
)
def test_what_is_not_in_its_coding_or_too_large_is_a_problem(
    client: httpx.Client, body: bytes, coding: str, status: int, detail: str
) -> None:
    answer = add(client, body, content_encoding=coding)

    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert any(part in answer.json()["detail"] for part in detail.split("|"))
    assert answer.headers.get("accept-encoding", "").startswith("gzip" if status == 415 else "")
    assert client.get("/__mock/rules").json() == []


@pytest.mark.parametrize(("spaces", "status"), [(0, 201), (1, 413)])
def test_a_body_may_have_so_many_bytes(client: httpx.Client, spaces: int, status: int) -> None:
    body = RULE.ljust(MAX_BODY + spaces)
    packed = gzip.compress(body)
    sent: list[bytes | Iterator[bytes]] = [body, in_pieces(body, 100_000), packed, in_pieces(packed, 100)]
    for content, coding in zip(sent, ("identity", "identity", "gzip", "gzip"), strict=True):
        headers = {**JSON, "content-encoding": coding}
        assert client.post("/__mock/rules", content=content, headers=headers).status_code == status


@pytest.mark.parametrize(("fields", "status"), [(MAX_FIELDS, 200), (MAX_FIELDS + 1, 400)])
def test_a_query_may_have_so_many_fields(client: httpx.Client, fields: int, status: int) -> None:
    answer = client.get("/__mock/rules?" + "&".join(["a=1"] * fields))

    assert answer.status_code == status
    assert status == 200 or f"more than {MAX_FIELDS} fields" in answer.json()["detail"]


Message = dict[str, Any]


async def pass_through(messages: list[Message], seen: Callable[[Message], Any], coding: bytes) -> None:
    """Hand these messages to an application behind the bounds, which hands what it gets to `seen`."""

    async def application(scope: Any, receive: Any, send: Any) -> None:
        for _ in range(len(messages) + 1):
            seen(await receive())

    async def given() -> AsyncIterator[Message]:
        for message in messages:
            yield message

    source = given()
    scope = {
        "type": "http",
        "path": "/__mock/rules",
        "query_string": b"",
        "headers": [(b"content-encoding", coding)],
    }

    async def receive() -> Message:
        return await anext(source, {"type": "http.disconnect"})

    async def send(message: Any) -> None:
        raise AssertionError(message)

    await Bounds(application)(scope, receive, send)


def test_others_have_their_turn_between_the_pieces_of_an_inflated_body() -> None:
    turns: list[str] = []

    async def other() -> None:
        while True:
            turns.append("other")
            await asyncio.sleep(0)

    async def scene() -> None:
        body = gzip.compress(b" " * MAX_BODY)
        task = asyncio.create_task(other())
        await pass_through(
            [{"type": "http.request", "body": body, "more_body": False}],
            lambda _: turns.append("piece"),
            b"gzip",
        )
        task.cancel()

    asyncio.run(scene())
    assert "other" in turns[1:-1]


def test_who_goes_while_a_body_is_inflated_is_known_to_have_gone() -> None:
    messages: list[Message] = []
    begun = {"type": "http.request", "body": gzip.compress(RULE)[:5], "more_body": True}
    asyncio.run(pass_through([begun], messages.append, b"gzip"))

    assert [message["type"] for message in messages][-1] == "http.disconnect"


def test_a_snapshot_that_finds_no_room_is_a_problem_and_changes_nothing(
    bench: Bench, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = bench.submit()
    snapshot = bench.open_client(key=KEY).snapshot()

    def no_room(**options: Any) -> Any:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tenants, "TemporaryFile", no_room)
    answer = client.put(f"/__mock/tenants/snapshot?key={KEY}", json=snapshot)

    assert (answer.status_code, answer.json()["title"]) == (507, "The store failed")
    assert answer.json()["detail"].startswith("the snapshot finds no room in ")
    assert answer.json()["detail"].endswith(": No space left on device")
    assert bench.state(job) == "queued"


def test_a_large_snapshot_comes_in_pieces_and_back_as_it_was(bench: Bench, client: httpx.Client) -> None:
    for number in range(30):
        bench.submit(prompt=f"{number} kites")
    mine = bench.open_client(key=KEY)
    snapshot = mine.snapshot()
    body = orjson.dumps(snapshot)
    assert len(body) < MAX_BODY
    padded = in_pieces(body[:1] + b" " * (3 * MAX_BODY) + body[1:], 400_000)

    answer = client.put(f"/__mock/tenants/snapshot?key={KEY}", content=padded, headers=JSON)
    assert answer.json()["jobs"] == 30
    assert mine.snapshot() == snapshot


def test_what_goes_wrong_unexpectedly_is_a_problem_in_the_log_too(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(**options: Any) -> Any:
        raise RuntimeError("a mistake of ours")

    monkeypatch.setattr(tenants, "TemporaryFile", fail)
    answer = client.put(f"/__mock/tenants/snapshot?key={KEY}", json={})

    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert answer.json()["title"] == "The mock server failed"
    assert any("PUT /__mock/tenants/snapshot failed" in record.getMessage() for record in caplog.records)


@pytest.mark.parametrize(
    ("chunks", "written"),
    [
        ([], [0]),
        ([MIB - 1], [MIB - 1]),
        ([MIB - 1, 1, 5], [MIB, 5]),
        ([MIB, MIB + 1], [MIB, MIB + 1, 0]),
        ([1] * 3 + [MIB], [MIB + 3, 0]),
    ],
)
def test_a_snapshot_is_written_by_the_mebibyte(chunks: list[int], written: list[int]) -> None:
    class File(io.BytesIO):
        def writelines(self, lines: Iterable[Any], /) -> None:
            parts = [*lines]
            sizes.append(sum(map(len, parts)))
            super().writelines(parts)

    async def stream() -> AsyncIterator[bytes]:
        for number, size in enumerate(chunks):
            yield bytes([number]) * size

    sizes: list[int] = []
    file = File()
    asyncio.run(_receive(cast(Any, SimpleNamespace(stream=stream)), file))

    assert sizes == written
    assert file.read() == b"".join(bytes([number]) * size for number, size in enumerate(chunks))
