"""Bodies of requests in a content coding are read as what they inflate to, within a limit."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import httpx
import pytest

from mockserver.control.bounds import MAX_BODY
from mockserver.inflate import MOST_MEMBERS
from mockserver.settings import MIB, Settings
from tests.engine.test_lifecycle import GMI, SUBMITS
from tests.serving import Running, client, running_app
from tests.test_inflate import CODINGS, raw_deflate, zstd

brotli: Any = import_module("brotli")
TOKEN = "secret-token"
SUBMIT = json.dumps(SUBMITS["gmicloud"][1]).encode()
BOMB = bytes(6 * MIB)


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with running_app(Settings(token=TOKEN, max_body=MIB)) as running:
        yield running


def post(server: Running, path: str, body: bytes, coding: str) -> httpx.Response:
    """The answer to a body that is said to be of a coding."""
    headers = {"content-type": "application/json", "content-encoding": coding}
    with server.client() as caller:
        return caller.post(path, content=body, headers=headers)


def put_clock(server: Running, body: bytes, coding: str) -> httpx.Response:
    """The answer of the control plane to a clock in a coding."""
    with client(server.url, TOKEN) as caller:
        headers = {"content-type": "application/json", "content-encoding": coding}
        return caller.put("/__mock/clock", content=body, headers=headers)


@pytest.mark.parametrize(("coding", "compress"), CODINGS)
def test_a_submit_in_a_coding_makes_a_job(
    server: Running, coding: str, compress: Callable[[bytes], bytes]
) -> None:
    large = json.dumps({**SUBMITS["gmicloud"][1], "note": "x" * 500_000}).encode()
    for body in (SUBMIT, large):
        answer = post(server, GMI, compress(body), coding.upper())
        assert (answer.status_code, answer.json()["status"]) == (200, "queued")
    assert post(server, GMI, compress(b"[]"), coding).status_code == 400


@pytest.mark.parametrize(("coding", "compress"), CODINGS)
def test_the_control_plane_reads_it_too(
    server: Running, coding: str, compress: Callable[[bytes], bytes]
) -> None:
    clock = b'{"mode": "frozen"}'
    answer = put_clock(server, compress(clock), coding)
    assert (answer.status_code, answer.json()["mode"]) == (200, "frozen")
    assert put_clock(server, compress(b" " * (2 * MIB) + clock), coding).status_code == 413
    assert put_clock(server, compress(clock)[:-2], coding).status_code == 400
    refused = put_clock(server, b"\xff" + clock, coding)
    assert (refused.status_code, refused.headers["content-type"]) == (400, "application/problem+json")
    assert "coding" in refused.json()["detail"]


@pytest.mark.parametrize(("coding", "compress"), CODINGS)
@pytest.mark.parametrize("stacked", [False, True])
def test_a_bomb_is_too_large(
    server: Running, coding: str, compress: Callable[[bytes], bytes], stacked: bool
) -> None:
    bomb, name = (gzip.compress(compress(BOMB)), f"{coding}, gzip") if stacked else (compress(BOMB), coding)
    answer = post(server, GMI, bomb, name)
    assert answer.status_code == 413
    assert answer.json() == {"error": f"the body is larger than the {MIB} bytes this server takes"}


def test_what_lies_between_two_codings_is_bounded(server: Running) -> None:
    endless = gzip.compress(b"\x00\x00\x00\xff\xff" * 1_000_000)
    assert post(server, GMI, endless, "deflate, gzip").status_code == 413


@pytest.mark.parametrize("member", [gzip.compress(b""), zstd(b"")], ids=["gzip", "zstd"])
def test_empty_members_without_end_are_refused(server: Running, member: bytes) -> None:
    coding = "gzip" if member.startswith(b"\x1f") else "zstd"
    answer = post(server, GMI, member * (MOST_MEMBERS + 2), coding)
    assert (answer.status_code, "members" in answer.text) == (400, True)


def test_stacked_codings_and_identity_are_read(server: Running) -> None:
    assert post(server, GMI, SUBMIT, "identity").status_code == 200
    stacked = brotli.compress(gzip.compress(raw_deflate(SUBMIT)))
    assert post(server, GMI, stacked, "deflate, x-gzip, identity, br").status_code == 200
    members = gzip.compress(SUBMIT[:9]) + gzip.compress(SUBMIT[9:])
    assert post(server, GMI, members, "gzip").status_code == 200


@pytest.mark.parametrize("coding", ["compress", "lzma", "gzip, lzma", ", ".join(["gzip"] * 5)])
def test_other_codings_are_refused_by_name(server: Running, coding: str) -> None:
    answer = post(server, GMI, SUBMIT, coding)
    assert (answer.status_code, answer.headers["accept-encoding"]) == (415, "gzip, deflate, br, zstd")
    assert ("5 codings" if coding.count("gzip") == 5 else coding.rpartition(" ")[2]) in answer.json()["error"]
    refused = put_clock(server, b"{}", coding)
    assert (refused.status_code, refused.headers["content-type"]) == (415, "application/problem+json")


@pytest.mark.parametrize(("coding", "compress"), CODINGS)
def test_what_breaks_off_or_is_not_of_its_coding_is_malformed(
    server: Running, coding: str, compress: Callable[[bytes], bytes]
) -> None:
    short = post(server, GMI, compress(SUBMIT)[:-2], coding)
    assert (short.status_code, "breaks off" in short.json()["error"]) == (400, True)
    wrong = post(server, GMI, b"\xff" + SUBMIT, coding)
    assert (wrong.status_code, "Content-Encoding" in wrong.json()["error"]) == (400, True)


def test_the_journal_shows_the_inflated_body(server: Running) -> None:
    with client(server.url, TOKEN) as caller:
        post(server, GMI, gzip.compress(SUBMIT), "gzip")
        page = caller.get("/__mock/journal", params={"limit": 1}).json()
    assert json.loads(page["exchanges"][0]["request"]["text"]) == json.loads(SUBMIT)


@pytest.mark.parametrize(("coding", "compress"), CODINGS)
def test_the_control_plane_tells_an_empty_body_from_one_that_breaks_off(
    server: Running, coding: str, compress: Callable[[bytes], bytes]
) -> None:
    assert put_clock(server, b"", coding).status_code == put_clock(server, b"", "identity").status_code == 422
    packed = compress(b'{"rate": 1}')
    for part in (packed[:1], packed[:-2]):
        answer = put_clock(server, part, coding)
        assert (answer.status_code, "breaks off" in answer.text) == (400, True)


def test_the_control_plane_says_how_much_it_takes_whether_a_body_tells_its_length_or_not(
    server: Running,
) -> None:
    body = b" " * (MAX_BODY + 1)
    bodies: list[bytes | Iterator[bytes]] = [body, iter([body]), iter([body[:MAX_BODY], b" "])]
    headers = {"content-type": "application/json"}
    with client(server.url, TOKEN) as caller:
        answers = [caller.put("/__mock/clock", content=content, headers=headers) for content in bodies]
        largest = b'{"mode": "real"}'.ljust(MAX_BODY)
        whole = caller.put("/__mock/clock", content=iter([largest]), headers=headers)

    assert [answer.status_code for answer in answers] == [413] * 3
    assert {answer.json()["detail"] for answer in answers} == {
        f"the body is larger than the {MAX_BODY} bytes that this path takes"
    }
    assert whole.status_code == 200
