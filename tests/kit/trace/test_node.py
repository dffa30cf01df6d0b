"""The values of recorded entries: what is taken, what is read as nothing, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import orjson
import pytest

from mockserver.kit.trace import ndjson, node
from mockserver.kit.trace.choose import _documented, _is_at, _server
from mockserver.kit.trace.node import UnreadableEntry


@pytest.mark.parametrize(
    ("read", "value", "expected"),
    [
        (node.seconds, 1.5, 1.5),
        (node.seconds, "2", 2.0),
        (node.seconds, 0, 0.0),
        (node.seconds, -1, 0.0),
        (node.seconds, 1e9, 0.0),
        (node.seconds, 999_999_999, 999_999_999.0),
        (node.seconds, None, 0.0),
        (node.seconds, "soon", 0.0),
        (node.seconds, float("nan"), 0.0),
        (node.tenant_digest, "abcdefghijklmnop", "abcdefghijkl"),
        (node.tenant_digest, "", None),
        (node.tenant_digest, None, None),
    ],
)
def test_what_is_read_leniently(read: Callable[[Any], Any], value: Any, expected: Any) -> None:
    assert read(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [(3, 3), (1, 1), (0, 7), (-1, 7), (True, 7), ("3", 7), (None, 7)]
)
def test_a_whole_number_above_none(value: Any, expected: int) -> None:
    assert node.positive_int(value, 7) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (5, 5.0),
        (0, 0.0),
        (999_999_999_999, 999_999_999_999.0),
        ("1970-01-01T00:00:05", 5.0),
        ("1970-01-01T01:00:05+01:00", 5.0),
        ("Thu, 01 Jan 1970 00:00:05 GMT", 5.0),
        (datetime(1970, 1, 1, 0, 0, 5), 5.0),
        (datetime(1970, 1, 1, 1, 0, 5, tzinfo=timezone(timedelta(hours=1))), 5.0),
        (datetime(1970, 1, 1, 0, 0, 5, tzinfo=UTC), 5.0),
        (True, None),
        (10**12, None),
        ("soon", None),
        (None, None),
    ],
)
def test_a_moment_is_a_date_or_a_number(value: Any, expected: float | None) -> None:
    if expected is None:
        with pytest.raises(UnreadableEntry, match=f"^it is not a date: '{value}'$"):
            node.moment(value, "it")
    else:
        assert node.moment(value, "it") == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (200, 200),
        ("404", 404),
        (100, 100),
        (999, 999),
        (0, 0),
        (200.0, 200),
        (99, "a.b is 99, which is not an HTTP status"),
        (1000, "a.b is 1000, which is not an HTTP status"),
        ("x", "a.b must be a number, not 'x'"),
        (float("inf"), "a.b must be a number, not 'inf'"),
        (True, "a.b must be a number, not bool"),
        ([], "a.b must be a number, not list"),
        (None, "a.b is missing"),
    ],
)
def test_a_status_is_one_of_http(value: Any, expected: int | str) -> None:
    entry = {"a": {"b": value}}
    if isinstance(expected, int):
        assert node.status(entry, "a", "b") == expected
    else:
        with pytest.raises(UnreadableEntry, match=f"^{expected}$"):
            node.status(entry, "a", "b")


def test_a_response_may_lack() -> None:
    assert node.response_status({}, "code") == 0
    assert node.response_status({"response": {"code": 201}}, "code") == 201
    assert node.get({"a": [1]}, "a", "b") is None
    assert node.get({"a": 1}) == {"a": 1}


def test_a_value_has_its_type() -> None:
    entry = {"text": "a", "list": [1], "object": {"b": 1}, "url": "http://a/b#c", "bad": "http://[a"}
    assert (node.text(entry, "text"), node.sequence(entry, "list"), node.mapping(entry, "object")) == (
        "a",
        [1],
        {"b": 1},
    )
    assert node.address(entry, "url") == "http://a/b"
    for read, key, message in (
        (node.text, "list", "list must be a text, not list"),
        (node.sequence, "text", "text must be a list, not str"),
        (node.mapping, "text", "text must be an object, not str"),
        (node.mapping, "none", "none is missing"),
        (node.address, "bad", r"bad is not a URL: 'http://\[a'"),
    ):
        with pytest.raises(UnreadableEntry, match=f"^{message}$"):
            read(entry, key)


@pytest.mark.parametrize(
    ("read", "value", "headers"),
    [
        (node.header_list, None, ()),
        (node.header_list, [{"name": ":path", "value": "/"}], ()),
        (node.header_list, [{"name": "A", "value": "b"}, {"name": "C"}], (("A", "b"), ("C", ""))),
        (node.header_list, {"A": "b"}, "it must be a list, not dict"),
        (node.header_list, [{"value": "b"}], "name is missing"),
        (node.header_mapping, None, ()),
        (node.header_mapping, {"A": ["b", 1], b"C": b"\xfc"}, (("A", "b"), ("A", "1"), ("C", "\xfc"))),
        (node.header_mapping, [["A", "b"], ("C", ("d",))], (("A", "b"), ("C", "d"))),
        (node.header_mapping, [["A", "b", "c"]], "it must be an object, not list"),
        (node.header_mapping, [[1, "b"]], "it must be an object, not list"),
        (node.header_mapping, "A: b", "it must be an object, not str"),
    ],
)  # fmt: skip
def test_headers_are_pairs(read: Any, value: Any, headers: Any) -> None:
    if isinstance(headers, tuple):
        assert read(value, "it") == headers
    else:
        with pytest.raises(UnreadableEntry, match=f"^{headers}$"):
            read(value, "it")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, b""),
        ("ü", "ü".encode()),
        ("\ud800", b"\xed\xa0\x80"),
        (b"a", b"a"),
        ({"$base64": "YQ=="}, b"a"),
        ({"$base64": "Y"}, "it is not Base64"),
        ({"$base64": 3}, "it must be a text, not int"),
        ({"base64": "YQ=="}, r"it must have \$base64"),
        (3, "it must be a text, not int"),
    ],
)
def test_a_body_is_a_text_bytes_or_base64(value: Any, expected: bytes | str) -> None:
    if isinstance(expected, bytes):
        assert ndjson._bytes(value, "it") == expected
    else:
        with pytest.raises(UnreadableEntry, match=f"^{expected}$"):
            ndjson._bytes(value, "it")


def event(**interactions: Any) -> bytes:
    return orjson.dumps({"ScenarioFinished": {"recorder": {"interactions": interactions}}}) + b"\n"


def interaction(at: float, method: str = "get", **response: Any) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "timestamp": at,
        "request": {"method": method, "uri": "http://a/", "headers": {}},
    }
    return {**entry, "response": {"status_code": 200, "headers": {}, **response} if response else None}


def test_lines_of_schemathesis_are_exchanges_by_their_time() -> None:
    lines = [
        event(b=interaction(9, elapsed=2), a=interaction(5, "post")),
        b"\n",
        b'{"LoadingStarted": {}}\n[1]\n',
        b"{\n",
        event(c=interaction(6, elapsed=1, content_size=9, content={"$base64": "YQ=="})),
        b'{"Scenario',
    ]
    unread: list[str] = []
    first, second, third = ndjson.read(b"".join(lines), "a", None, unread)
    assert [(sent.number, sent.at, sent.took, sent.method) for sent in (first, second, third)] == [
        (1, 5.0, 0.0, "POST"), (2, 5.0, 1.0, "GET"), (3, 7.0, 2.0, "GET"),
    ]  # fmt: skip
    assert [(sent.status, sent.error, sent.cut, sent.response_body) for sent in (first, second, third)] == [
        (0, "no answer", False, b""), (200, "", True, b"a"), (200, "", False, b""),
    ]  # fmt: skip
    assert len(unread) == 1
    assert "line 5 is not JSON: " in unread[0]


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("https://User:pw@Relay.example:443/a", "relay.example"),
        ("http://relay.example:443/a", "relay.example:443"),
        ("http://relay.example:80", "relay.example"),
        ("https://api.example/v1", "the documented hosts"),
        ("http://127.0.0.1:8000/", "localhost:8000"),
        ("http://[::1]:8000/", "localhost:8000"),
        ("http://localhost/", "localhost"),
    ],
)
def test_a_server_has_one_name(url: str, server: str) -> None:
    assert _server(url, frozenset({"api.example"})) == server


@pytest.mark.parametrize(
    ("host", "is_at"),
    [("", True), ("A.example:1", True), ("a.example", True), ("a.example:2", False), ("example", False)],
)
def test_a_call_is_at_a_host_with_or_without_its_port(host: str, is_at: bool) -> None:
    assert _is_at("http://user@A.Example:1/x", host) is is_at


def test_the_hosts_of_a_contract_are_those_of_its_servers() -> None:
    contract: Any = type(
        "Contract", (), {"document": {"servers": [{"url": "https://a:1/v1"}, {"url": "/v1"}]}}
    )
    assert _documented(contract) == {"a:1", ""}
