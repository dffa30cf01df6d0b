"""Files in the forms that recorders gave them over the years, and files of which an entry is broken."""

from __future__ import annotations

import base64
import codecs
import gzip
import json
import re
from pathlib import Path

import pytest

from mockserver.errors import KitError
from mockserver.kit.contracts import load
from mockserver.kit.trace.judge import check_trace
from mockserver.kit.trace.open import parse, read_traces
from tests.kit.trace.recording import PROVIDERS, Har, judged
from tests.kit.trace.test_formats import RUBY, VCRPY, entry, har, parse_one

URI = "https://x.example/a"
BODY = b'{"id": 1}'


@pytest.mark.parametrize(
    "response",
    [
        "{status: {code: 201, message: Created}, headers: {X-A: [b]}, body: {string: '{\"id\": 1}'}}",
        "{status: {code: 201}, headers: {X-A: [b]}, body: {string: !!binary eyJpZCI6IDF9}}",
        "{status: {code: 201}, headers: {X-A: [b]}, body: {base64_string: eyJpZCI6IDF9}}",
        "{status: {code: 201}, headers: {X-A: [b]}, body: {string: !!python/unicode '{\"id\": 1}'}}",
        "{status: {code: 201}, headers: {X-A: !!python/tuple [b]}, body: !!python/str '{\"id\": 1}'}",
        "{status: {code: 201}, headers: {X-A: [b]}, body: {string: !!python/bytes eyJpZCI6IDF9}, url: 'u'}",
        "{status_code: 201, http_version: HTTP/1.1, headers: {X-A: b}, content: '{\"id\": 1}'}",
        "{status: 201, headers: {X-A: b}, content: '{\"id\": 1}'}",
        "{status_code: 201, http_version: HTTP/2, headers: {X-A: b}, content: !!binary eyJpZCI6IDF9}",
        "{status: {code: 201}, body: {string: '{\"id\": 1}'}, headers: "
        "!!python/object:requests.structures.CaseInsensitiveDict {_store: {x-a: !!python/tuple [X-A, b]}}}",
    ],
    ids=range(10),
)
def test_answers_in_the_forms_of_vcrpy(response: str) -> None:
    request = f"{{method: GET, uri: '{URI}', body: null, headers: {{}}}}"
    interactions = f"- {{request: {request}, response: {response}}}\n"

    for document in (f"interactions:\n{interactions}version: 1\n", interactions):
        exchange = parse_one(document.encode())
        assert (exchange.url, exchange.status, exchange.response_body) == (URI, 201, BODY)
        assert exchange.response_headers == (("X-A", "b"),)


@pytest.mark.parametrize(
    "headers",
    [
        "!!python/object/apply:builtins.frozenset\n    - - [X-A, b]",
        "!!python/object/apply:__builtin__.frozenset\n    - - !!python/tuple [X-A, b]",
        "!!python/object/apply:builtins.frozenset\n      args: [[!!python/tuple [X-A, b]]]",
        "!!set\n      ? [X-A, b]",
        "!!set\n      ? !!python/tuple [X-A, !!binary Yg==]\n      : null",
        "!!python/object/apply:collections.OrderedDict\n    - - [X-A, [b]]",
        "!!python/object/new:multidict._multidict.CIMultiDict\n    - - !!python/tuple [X-A, b]",
        "!!python/object:vcr.request.HeadersDict {_store: {x-a: [X-A, [b]]}}",
        "!!omap [X-A: b]",
        "[[X-A, b]]",
        "{!!python/unicode X-A: !!set {b}}",
        "!ruby/hash:VCR::Headers {X-A: [!mine b]}",
    ],
    ids=range(12),
)
def test_headers_in_the_forms_of_recorders(headers: str) -> None:
    cassette = f"""interactions:
- request:
    method: GET
    uri: {URI}
    body: !!python/none ''
    headers: {headers}
  response:
    status: {{code: !!python/object/apply:http.HTTPStatus [201], message: Created}}
    body: {{string: !ruby/string '{BODY.decode()}'}}
    headers: {headers}
"""
    exchange = parse_one(cassette.encode())
    assert exchange.request_headers == exchange.response_headers == (("X-A", "b"),)
    assert (exchange.status, exchange.response_body) == (201, BODY)


@pytest.mark.parametrize(("coding", "body"), [("identity", BODY), ("gzip", gzip.compress(BODY))])
def test_bytes_as_ruby_writes_them(coding: str, body: bytes) -> None:
    packed = base64.b64encode(body).decode()
    cassette = f"""http_interactions:
- request: {{method: get, uri: {URI}, body: {{encoding: US-ASCII, string: ''}}, headers: {{}}}}
  response:
    status: {{code: 200, message: OK}}
    headers: {{Content-Encoding: [{coding}]}}
    body:
      encoding: ASCII-8BIT
      string: !binary |-
        {packed}
  recorded_at: Sat, 21 Nov 2026 03:00:00 GMT
recorded_with: VCR 6.1.0
"""
    assert parse_one(cassette.encode()).response_body == BODY


@pytest.mark.parametrize(
    "body",
    [
        "!!python/object/new:_io.BytesIO {state: !!python/tuple [!!binary eyJpZCI6IDF9, 0, null]}",
        "!!python/object/new:_io.StringIO {state: !!python/tuple ['{\"id\": 1}', '\\n', 0, null]}",
    ],
)
def test_a_request_body_that_was_sent_as_a_file(body: str) -> None:
    response = "{status: {code: 204}, headers: {}, body: {string: ''}}"
    request = f"{{method: POST, uri: '{URI}', body: {body}, headers: {{}}}}"
    cassette = f"interactions:\n- {{request: {request}, response: {response}}}\nversion: 1\n"

    assert parse_one(cassette.encode()).request_body == BODY


def test_an_empty_body_that_has_nothing_but_its_encoding_is_whole() -> None:
    body = "{encoding: US-ASCII}"
    response = f"{{status: {{code: 200}}, headers: {{}}, body: {body}}}"
    request = f"{{method: POST, uri: '{URI}', body: {body}, headers: {{}}}}"
    exchange = parse_one(f"interactions:\n- {{request: {request}, response: {response}}}\n".encode())

    assert (exchange.request_body, exchange.response_body, exchange.cut) == (b"", b"", False)


def test_a_date_that_was_scrubbed_leaves_its_entry_in_its_place() -> None:
    cassette = (VCRPY % "e30=").replace("Sat, 21 Nov 2026 03:00:00 GMT", "REDACTED")
    unread: list[str] = []
    exchanges = parse(cassette.encode(), "a.yaml", None, unread)

    assert [(exchange.number, exchange.at) for exchange in exchanges] == [(1, 0), (2, 0)]
    assert unread == []


def test_an_address_in_parts() -> None:
    request = {"method": "GET", "protocol": "https", "host": "x.example", "port": 443, "path": "/a?b=1"}
    document = [{"request": request, "response": {"status": {"code": 200}, "body": {"string": "{}"}}}]

    assert parse_one(json.dumps(document).encode()).url == "https://x.example:443/a?b=1"


def test_a_tag_builds_nothing(tmp_path: Path) -> None:
    mark = tmp_path / "made"
    tag = f"!!python/object/apply:os.mkdir ['{mark}']"

    with pytest.raises(KitError):
        parse(f"interactions: {tag}\n".encode(), "trace")
    assert not mark.exists()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_a_byte_order_mark(encoding: str) -> None:
    for text in (har(entry()).decode(), RUBY):
        assert parse_one(f"\ufeff{text}".encode(encoding)).method == "POST"


def test_a_byte_order_mark_before_something_else() -> None:
    with pytest.raises(KitError, match="begins as UTF-16-LE and is not a HAR"):
        parse(codecs.BOM_UTF16_LE + b"\x00\xd8a", "trace")


def test_a_bad_entry_is_told_and_left_out() -> None:
    unread: list[str] = []
    exchanges = parse(har(entry(), entry(request__url=None), 7, entry()), "a.har", None, unread)

    assert [exchange.number for exchange in exchanges] == [1, 4]
    assert unread == ["a.har: entry 2: request.url is missing", "a.har: entry 3: request is missing"]


def test_a_bad_entry_of_a_cassette_is_left_out() -> None:
    unread: list[str] = []
    cassette = (VCRPY % "e30=").replace("code: 200", "code: many", 1)

    assert len(parse(cassette.encode(), "a.yaml", None, unread)) == 1
    assert unread == ["a.yaml: entry 1: response.status.code must be a number, not 'many'"]


def test_a_bad_line_of_a_report_is_left_out() -> None:
    event = {"recorder": {"interactions": {"a": RECORDED}}}
    lines = [json.dumps({"ScenarioFinished": event}), '{"ScenarioFinished": {"rec', "[1, 2", '{"Last": ']
    unread: list[str] = []
    report = "\n".join([lines[0], lines[1], lines[0], lines[2], lines[0], lines[3]])

    assert len(parse(report.encode(), "a.ndjson", None, unread)) == 3
    assert [line.partition(":")[0] for line in unread] == ["a.ndjson", "a.ndjson"]
    assert "line 2 is not JSON" in unread[0]
    assert "line 4 is not JSON" in unread[1]


RECORDED = {
    "request": {"method": "GET", "uri": URI, "headers": {}},
    "response": {"status_code": 200, "headers": {}, "content": "{}"},
}


def test_a_file_of_bad_entries_alone_is_refused() -> None:
    with pytest.raises(KitError, match="entry 1: request is missing"):
        parse(har(7, 7), "a.har", None, [])


def test_what_could_not_be_read_makes_the_run_incomplete(recorded: tuple[Har, Har], tmp_path: Path) -> None:
    path = tmp_path / "a.har"
    document = json.loads(json.dumps(recorded[0]))
    document["log"]["entries"] += [{"request": {}}] * 12
    path.write_text(json.dumps(document))
    unread: list[str] = []
    exchanges = read_traces([path], unread)

    run, _ = check_trace(exchanges, load("gmicloud"), target="a.har", unread=unread)
    lenient, _ = check_trace(exchanges, load("gmicloud"), target="a.har", unread=unread, at_least=10)

    assert len([line for line in run.not_judged if "a.har: entry" in line]) == 10
    assert "2 more entries, which cannot be read either" in run.not_judged
    assert lenient.not_judged == ()


@pytest.mark.parametrize("provider", PROVIDERS)
def test_headers_that_the_recorder_dropped_are_no_headers_that_lack(
    recorded: tuple[Har, Har], provider: str
) -> None:
    document = json.loads(json.dumps(recorded[0]))
    document["log"]["creator"] = {"name": "a recorder"}
    answers = [entry["response"] for entry in document["log"]["entries"]]
    for answer in answers:
        answer["headers"] = []

    run = judged(document, provider)
    assert run.findings == ()
    assert any(re.fullmatch(r"the headers of \d+ answers are not recorded", note) for note in run.notes)

    answers[-1]["headers"] = [{"name": "date", "value": "Sat, 21 Nov 2026 03:00:00 GMT"}]
    broken = judged(document, provider)
    assert {"envelope.type", "media.type"} <= {finding.check for finding in broken.findings}
    assert not any("headers" in note for note in broken.notes)
