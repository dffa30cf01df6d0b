"""Bodies as recorders leave them: compressed, in Base64, forgotten or cut, and none where none can be."""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest

from mockserver.kit.trace.open import parse
from tests.kit.trace.test_formats import entry, har, parse_one
from tests.test_inflate import CODINGS

BODY = b'{"id": "job-1", "state": "queued"}'
CLIP = b"\0\0\0\x20ftypisom" + bytes(range(256))
JSON_HEADER = {"name": "content-type", "value": "application/json"}


def packed(body: bytes) -> str:
    return base64.b64encode(body).decode()


def answer(
    content: dict[str, Any] | None, *headers: tuple[str, str], status: int = 200, method: str = "GET"
) -> bytes:
    """An archive of one answer."""
    response = {
        "status": status,
        "headers": [JSON_HEADER, *({"name": name, "value": value} for name, value in headers)],
        "content": content,
    }
    return har(entry(response=response, request__method=method))


@pytest.mark.parametrize(("coding", "compress"), CODINGS)
def test_compressed_bytes_in_an_archive(coding: str, compress: Callable[[bytes], bytes]) -> None:
    content = {"size": len(BODY), "text": packed(compress(BODY)), "encoding": "base64"}
    exchange = parse_one(answer(content, ("Content-Encoding", coding)))

    assert (exchange.response_body, exchange.cut) == (BODY, False)


@pytest.mark.parametrize(("coding", "compress"), CODINGS)
def test_compressed_bytes_in_a_cassette(coding: str, compress: Callable[[bytes], bytes]) -> None:
    def read(body: bytes) -> tuple[bytes, bool]:
        response = {
            "status": {"code": 200},
            "headers": {"Content-Encoding": [coding]},
            "body": {"base64_string": packed(body)},
        }
        interaction = {"request": {"method": "GET", "uri": "https://x.example/a"}, "response": response}
        exchange = parse_one(json.dumps({"interactions": [interaction]}).encode())
        return exchange.response_body, exchange.cut

    assert read(compress(BODY)) == (BODY, False)
    assert read(BODY) == (BODY, False)
    assert read(compress(BODY)[:-2])[1]


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "gzip, br", "compress"])
@pytest.mark.parametrize("body", [BODY, b"Bad Gateway", b""])
def test_a_body_that_the_recorder_decompressed_stays_as_it_is(coding: str, body: bytes) -> None:
    content = {"size": len(body), "text": body.decode()}
    exchange = parse_one(answer(content, ("Content-Encoding", coding)))

    assert (exchange.response_body, exchange.cut) == (body, False)


@pytest.mark.parametrize("coding", ["br", "deflate", "compress"])
def test_a_body_that_is_not_of_its_coding_is_not_judged_and_says_why(coding: str) -> None:
    content = {"size": 9, "text": packed(b"\xff\xfe\xfd no such thing"), "encoding": "base64"}
    exchange = parse_one(answer(content, ("Content-Encoding", coding)))

    assert exchange.cut
    assert exchange.left_out is not None
    assert coding in exchange.left_out.reason


def test_a_bomb_is_left_out() -> None:
    brotli = import_module("brotli")
    content = {"text": packed(brotli.compress(bytes(80 * 1024**2), quality=1)), "encoding": "base64"}
    exchange = parse_one(answer(content, ("Content-Encoding", "br")))

    assert exchange.left_out is not None
    assert len(exchange.response_body) == 1024


@pytest.mark.parametrize(
    ("text", "label", "body"),
    [
        (packed(CLIP), "base64", CLIP),
        (packed(BODY), "BASE64", BODY),
        (packed(BODY).rstrip("="), "base64", BODY),
        ("\r\n".join(packed(CLIP)[at : at + 76] for at in range(0, 400, 76)), "base64", CLIP),
        (packed(CLIP).replace("+", "-").replace("/", "_"), "base64", CLIP),
        (BODY.decode(), "base64", BODY),
        (packed(BODY), "", BODY),
        ("plain", "", b"plain"),
        ("1234", "", b"1234"),
    ],
)
def test_base64_with_and_without_its_label(text: str, label: str, body: bytes) -> None:
    content = {"size": len(body), "text": text} | ({"encoding": label} if label else {})
    exchange = parse_one(answer(content))

    assert (exchange.response_body, exchange.cut) == (body, False)


def test_base64_of_what_is_compressed_without_its_label() -> None:
    content = {"size": len(BODY), "text": packed(gzip.compress(BODY))}

    assert parse_one(answer(content, ("content-encoding", "gzip"))).response_body == BODY


@pytest.mark.parametrize("text", ["<html>no</html>", "a"])
def test_what_is_labelled_base64_and_is_none_is_not_judged(text: str) -> None:
    exchange = parse_one(answer({"size": 12, "text": text, "encoding": "base64"}))

    assert exchange.left_out is not None
    assert "is not Base64" in exchange.left_out.reason


@pytest.mark.parametrize(
    "content",
    [None, {}, {"size": 34}, {"size": 34, "text": ""}, {"size": 34, "text": BODY[:9].decode()},
     {"size": 20, "text": "\ufffd\ufffd\x1c ftyp"}, {"size": -1}],
)  # fmt: skip
def test_a_body_that_is_forgotten_or_cut_is_not_an_empty_one(content: dict[str, Any] | None) -> None:
    assert parse_one(answer(content)).cut


def test_an_empty_text_of_an_answer_with_a_length_is_forgotten() -> None:
    assert parse_one(answer({"size": 0, "text": ""}, ("Content-Length", "34"))).cut
    assert not parse_one(answer({"size": 0, "text": ""}, ("Content-Length", "0"))).cut
    assert not parse_one(answer({}, ("Content-Length", "0"))).cut


@pytest.mark.parametrize(("method", "lacks"), [("GET", False), ("HEAD", False), ("POST", True)])
def test_the_body_of_a_get_means_nothing_so_none_is_lacking(method: str, lacks: bool) -> None:
    length = {"name": "content-length", "value": "34"}
    sent = {"method": method, "bodySize": 34, "headers": [length], "postData": None}
    whole = {"size": len(BODY), "text": BODY.decode()}
    response = {"status": 200, "headers": [JSON_HEADER], "content": whole}
    record = entry(response=response, **{f"request__{name}": value for name, value in sent.items()})

    assert parse_one(har(record)).cut == lacks


@pytest.mark.parametrize(("status", "method"), [(304, "GET"), (204, "POST"), (205, "POST"), (200, "HEAD")])
def test_answers_that_have_no_body_lack_none(status: int, method: str) -> None:
    # Chromium writes the size, and sometimes the text, of what its cache had for a 304.
    content = {"size": 34, "mimeType": "application/json"}
    exchange = parse_one(answer(content, ("Content-Length", "34"), status=status, method=method))

    assert (exchange.response_body, exchange.cut) == (b"", False)


def test_a_raw_deflate_that_is_cut_is_cut() -> None:
    deflater = zlib.compressobj(9, zlib.DEFLATED, -15)
    whole = deflater.compress(CLIP * 9) + deflater.flush()
    content = {"text": packed(whole[:-9]), "encoding": "base64"}

    (exchange,) = parse(answer(content, ("content-encoding", "deflate")), "trace")
    assert exchange.cut
