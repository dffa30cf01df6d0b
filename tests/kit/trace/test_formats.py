"""Every format, as those write it who write it; and what is none, in one clear line."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.errors import KitError
from mockserver.kit.trace.open import parse, read_trace, read_traces
from mockserver.kit.traffic.exchange import REDACTED, Exchange

SECRET = "sk-0123456789abcdef"
BEGUN = "2026-11-21T03:00:00.500Z"
AT = 1795230000.5


def entry(**changed: Any) -> dict[str, Any]:
    """An entry as Chromium writes it."""
    made: dict[str, Any] = {
        "_initiator": {"type": "script"},
        "_resourceType": "fetch",
        "startedDateTime": BEGUN,
        "time": 250.0,
        "request": {
            "method": "POST",
            "url": "https://api.example.com/requests?a=1#top",
            "headers": [
                {"name": ":authority", "value": "api.example.com"},
                {"name": "Authorization", "value": f"Bearer {SECRET}"},
                {"name": "Content-Type", "value": "application/json"},
            ],
            "bodySize": 9,
            "postData": {"mimeType": "application/json", "text": '{"a":"ü"}'},
        },
        "response": {
            "status": 200,
            "headers": [{"name": "content-type", "value": "application/json"}],
            "content": {"size": 11, "mimeType": "application/json", "text": '{"b": true}'},
        },
        "timings": {"blocked": -1, "send": 0.1, "wait": 249, "receive": 0.9},
    }
    for place, value in changed.items():
        made = _set(made, place.split("__"), value)
    return made


def _set(node: dict[str, Any], path: list[str], value: Any) -> dict[str, Any]:
    name, *rest = path
    if rest:
        return {**node, name: _set(node[name], rest, value)}
    return {**node, name: value} if value is not None else {k: v for k, v in node.items() if k != name}


def har(*entries: Any, creator: str = "WebInspector") -> bytes:
    return json.dumps(
        {"log": {"version": "1.2", "creator": {"name": creator}, "entries": list(entries)}}
    ).encode()


def parse_one(data: bytes) -> Exchange:
    (exchange,) = parse(data, "trace")
    return exchange


def test_a_browsers_entry() -> None:
    exchange = parse_one(har(entry()))

    assert (exchange.at, exchange.took, exchange.method, exchange.status) == (AT, 0.25, "POST", 200)
    assert exchange.url == "https://api.example.com/requests?a=1"
    assert exchange.request_body.decode() == '{"a":"ü"}'
    assert exchange.response_body == b'{"b": true}'
    assert [name for name, _ in exchange.request_headers] == ["Authorization", "Content-Type"]
    assert not exchange.cut


def test_a_key_is_hidden_wherever_it_stands() -> None:
    echoed = {"size": 50, "mimeType": "text/plain", "text": f"no such key: {SECRET}"}
    exchange = parse_one(
        har(entry(response__content=echoed, request__url=f"https://x.example/a?key={SECRET}"))
    )

    assert SECRET not in repr(exchange)
    assert exchange.request_header("authorization") == f"Bearer {REDACTED}"
    assert exchange.caller is not None
    assert len(exchange.caller) == 12


def test_a_key_is_hidden_in_the_exchanges_before_it_was_used() -> None:
    issued = {"size": 40, "mimeType": "application/json", "text": json.dumps({"key": SECRET})}
    login = entry(request__headers=[], response__content=issued)

    assert SECRET not in repr(parse(har(login, entry()), "trace"))


def test_two_keys_are_two_callers_and_no_key_is_nobody() -> None:
    def with_key(key: str | None) -> Any:
        return entry(request__headers=[] if key is None else [{"name": "x-api-key", "value": key}])

    first, again, second, nobody = parse(
        har(with_key("key-one"), with_key("key-one"), with_key("key-two"), with_key(None)), "t"
    )

    assert first.caller == again.caller != second.caller
    assert nobody.caller == ""


@pytest.mark.parametrize("value", ["[redacted]", "Bearer [Filtered]", "***", "REDACTED", "<hidden>", ""])
def test_a_redacted_key_says_nothing_of_its_caller(value: str) -> None:
    assert parse_one(har(entry(request__headers=[{"name": "Authorization", "value": value}]))).caller is None


def test_a_record_without_any_key_was_stripped() -> None:
    exchanges = parse(har(entry(request__headers=[]), entry(request__headers=[])), "trace")

    assert [exchange.caller for exchange in exchanges] == [None, None]


def test_a_body_in_base64() -> None:
    packed = {"size": 4, "text": base64.b64encode(b"\x00\xff\x01\x02").decode(), "encoding": "base64"}

    assert parse_one(har(entry(response__content=packed))).response_body == b"\x00\xff\x01\x02"


@pytest.mark.parametrize(
    ("content", "cut"),
    [
        ({"size": 900, "mimeType": "application/json"}, True),
        ({"size": 0, "mimeType": "x-unknown"}, False),
        ({"size": -1, "mimeType": "application/json"}, True),
        ({"size": 900, "mimeType": "application/json", "text": '{"half": '}, True),
        ({"size": 12, "mimeType": "application/json", "text": '{"a":1}'}, False),
    ],
)
def test_a_body_that_the_browser_forgot_is_cut(content: dict[str, Any], cut: bool) -> None:
    assert parse_one(har(entry(response__content=content))).cut is cut


def test_a_request_whose_body_was_not_kept_is_cut() -> None:
    assert parse_one(har(entry(request__postData=None))).cut


@pytest.mark.parametrize(
    "left_out",
    [
        entry(_webSocketMessages=[]),
        entry(_resourceType="websocket"),
        entry(_resourceType="preflight"),
        entry(_fromCache="disk"),
        entry(request__url="data:text/plain,hello"),
        entry(request__url="chrome-extension://abc/a.js"),
        entry(
            request__method="OPTIONS",
            request__headers=[{"name": "Access-Control-Request-Method", "value": "POST"}],
        ),
    ],
)
def test_what_is_no_call_is_left_out(left_out: Any) -> None:
    assert [exchange.number for exchange in parse(har(left_out, entry()), "trace")] == [2]


def test_no_answer_is_status_0_with_its_reason() -> None:
    nothing = {"status": 0, "headers": [], "content": {"size": 0}, "_error": "net::ERR_CONNECTION_RESET"}
    exchange = parse_one(har(entry(response=nothing)))

    assert (exchange.status, exchange.error) == (0, "net::ERR_CONNECTION_RESET")


def test_no_answer_in_a_record_of_playwright() -> None:
    unknown = {"size": -1, "mimeType": "x-unknown"}
    nothing = {"status": -1, "statusText": "", "headers": [], "content": unknown, "_failureText": "aborted"}
    exchange = parse_one(har(entry(response=nothing)))

    assert (exchange.status, exchange.error) == (0, "aborted")


@pytest.mark.parametrize(
    ("written", "body", "cut"),
    [
        (r"{\"a\": \"b\ud83d", '{"a": "b\ufffd', True),
        (r"\ude00 is left", "\ufffd is left", True),
        (r"{\"a\": \"\ud83d\ude00\"}", '{"a": "\U0001f600"}', False),
        (r"{\"a\": \"\\ud83d \uD83D\ude00\"}", r'{"a": "\ud83d ' + '\U0001f600"}', False),
    ],
)
def test_half_a_character_where_a_text_was_cut(written: str, body: str, cut: bool) -> None:
    whole = entry(response__content={"size": 9, "text": "BODY"})
    broken = entry(response__content={"size": 90, "text": rb"\ud83d".decode("unicode_escape")})
    exchange, _ = parse(har(whole, broken).replace(b"BODY", written.encode()), "trace")

    assert (exchange.response_body.decode(), exchange.cut) == (body, cut)


def test_times_are_summed_up_where_the_whole_is_missing() -> None:
    assert parse_one(har(entry(time=None))).took == pytest.approx(0.25)


VCRPY = """
interactions:
- request:
    body: '{"model": "m"}'
    headers:
      Content-Type: [application/json]
    method: POST
    uri: https://api.example.com/requests
  response:
    body: {string: '{"id": 1}'}
    headers:
      date: ['Sat, 21 Nov 2026 03:00:00 GMT']
    status: {code: 200, message: OK}
- request:
    body: null
    headers: {}
    method: GET
    uri: https://api.example.com/requests/1
  response:
    body: {string: !!binary %s}
    headers:
      Content-Encoding: [gzip]
    status: {code: 200, message: OK}
version: 1
"""


def test_a_cassette_of_vcrpy() -> None:
    packed = base64.b64encode(gzip.compress(b'{"id": 2}')).decode()
    submitted, read = parse((VCRPY % packed).encode(), "cassette.yaml")

    assert (submitted.method, submitted.request_body, submitted.status) == ("POST", b'{"model": "m"}', 200)
    assert submitted.at == read.at == AT - 0.5
    assert read.response_body == b'{"id": 2}'
    assert submitted.caller is None


RUBY = """
http_interactions:
- request:
    method: post
    uri: https://api.example.com/requests
    body: {encoding: UTF-8, string: '{}'}
    headers: {Authorization: ['<KEY>']}
  response:
    status: {code: 400, message: Bad Request}
    headers: {}
    body: {encoding: UTF-8, base64_string: eyJlcnJvciI6IDF9}
  recorded_at: Sat, 21 Nov 2026 03:00:00 GMT
recorded_with: VCR 6.1.0
"""


def test_a_cassette_of_the_elder_kind() -> None:
    exchange = parse_one(RUBY.encode())

    assert (exchange.method, exchange.status, exchange.response_body) == ("POST", 400, b'{"error": 1}')
    assert (exchange.at, exchange.caller) == (AT - 0.5, None)


def test_a_cassette_may_be_json() -> None:
    document = {
        "version": 1,
        "interactions": [
            {
                "request": {"method": "GET", "uri": "https://x.example/a", "body": None, "headers": {}},
                "response": {"status": {"code": 204}, "headers": {}, "body": {"string": ""}},
            }
        ],
    }

    exchange = parse_one(json.dumps(document).encode())
    assert (exchange.status, exchange.at, exchange.took) == (204, 0, 0)


def test_what_schemathesis_could_not_write_is_cut() -> None:
    cassette = RUBY.replace("string: '{}'", 'string: "{\\uFFFD}"', 1)

    assert parse_one(cassette.encode()).cut


def test_a_report_whose_run_was_killed_ends_with_its_last_whole_line() -> None:
    interaction = {
        "request": {"method": "GET", "uri": "https://x.example/a", "headers": {}},
        "response": {"status_code": 200, "headers": {}, "content": {"$base64": "e30="}, "elapsed": 0.5},
        "timestamp": AT,
    }
    whole = json.dumps({"ScenarioFinished": {"recorder": {"interactions": {"a": interaction}}}})
    exchange = parse_one(f'{{"Initialize":{{}}}}\n{whole}\n{whole[:50]}'.encode())

    assert (exchange.at, exchange.took, exchange.response_body) == (AT - 0.5, 0.5, b"{}")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (b"   \n", "is empty"),
        (b"hello", "is not a HAR, a VCR cassette"),
        (b"a: [1", "is not a HAR, a VCR cassette"),
        (b"!!python/object:os.system {}", "is not a HAR, a VCR cassette"),
        (b"\x00\x01", "is not a HAR, a VCR cassette"),
        (b'{"log": {"entries": [', "is not JSON"),
        (b'{"log": {}}', "log.entries is missing"),
        (b'{"log": {"entries": 1}}', "log.entries must be a list, not int"),
        (b'{"some": "json"}', "is not a HAR, a VCR cassette"),
        (har(entry(), entry(request__url=None)), "entry 2: request.url is missing"),
        (har(entry(request__url="http://[::1/a")), "entry 1: request.url is not a URL"),
        (har(entry(startedDateTime="noon")), "entry 1: startedDateTime is not a date: 'noon'"),
        (har(entry(response__status="many")), "entry 1: response.status must be a number, not 'many'"),
        (har(entry(response__status=17)), "entry 1: response.status is 17, which is not an HTTP status"),
        (har(7), "entry 1: request is missing"),
        (
            b'{"exchanges": [{"method": "GET"}]}',
            "entry 1: request.headers is missing",
        ),
        (b'{"Initialize":{}}\n{"Broken\n{}\n', "line 2 is not JSON"),
        (RUBY.replace("uri:", "url:").encode(), "entry 1: request.uri is missing"),
    ],
)
def test_what_cannot_be_read_is_one_clear_line(data: bytes, message: str) -> None:
    with pytest.raises(KitError) as caught:
        parse(data, "trace.har")

    assert str(caught.value).startswith("trace.har: ")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_nothing_else_is_ever_raised(data: bytes) -> None:
    assert _said_of(data).startswith("trace: ")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 999) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
PLACES = st.sampled_from([
    "startedDateTime", "time", "timings", "request", "response", "request__method", "request__url",
    "request__headers", "request__postData", "request__bodySize", "response__status", "response__headers",
    "response__content", "_mockserver",
])  # fmt: skip


@given(PLACES, JSON)
def test_an_entry_with_anything_in_it_is_read_or_refused(place: str, value: Any) -> None:
    assert _said_of(har(entry(**{place: value}))).startswith("trace: entry 1: ")


def _said_of(data: bytes) -> str:
    """The error that a trace gives; that of the first entry where it gives none."""
    try:
        parse(data, "trace")
    except KitError as error:
        return str(error)
    return "trace: entry 1: is fine"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(KitError, match="cannot be read: No such file"):
        read_trace(tmp_path / "none.har")


def test_several_files_are_one_record_in_the_order_of_time(tmp_path: Path) -> None:
    later, earlier = tmp_path / "a.har", tmp_path / "b.har"
    later.write_bytes(har(entry(startedDateTime="2026-11-21T05:00:00Z")))
    earlier.write_bytes(har(entry(request__method="GET")))

    exchanges = read_traces([later, earlier])

    assert [(exchange.number, exchange.method) for exchange in exchanges] == [(1, "GET"), (2, "POST")]
