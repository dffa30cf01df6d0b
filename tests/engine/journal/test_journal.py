"""The journal keeps the last exchanges, bounded, and never shows a credential."""

from __future__ import annotations

import asyncio
import base64
import json
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, quote_plus

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.credential import Credential
from mockserver.control.recorded import record_exchange
from mockserver.engine.credentials import Callers
from mockserver.engine.journal.exchange import BODY_LIMIT, JournalEntry, as_text
from mockserver.engine.journal.har import archive
from mockserver.engine.journal.journal import EntryFilter, Journal
from mockserver.engine.journal.redact import REDACTED, Redactor
from mockserver.engine.message import Header, Request, Response
from mockserver.jobs.ids import tenant_of

HAR: Final = jsonschema_rs.validator_for(
    json.loads((Path(__file__).parent / "har-1.2.schema.json").read_text())
)
START: Final = 1_790_000_000_000
JSON: Final[Header] = (b"content-type", b"application/json")


def request(
    path: str = "/x", *, key: str = "test-key", body: bytes = b"", query: str = "", cut: bool = False
) -> Request:
    method = "POST" if body or cut else "GET"
    headers = [(b"host", b"127.0.0.1:8787"), (b"authorization", f"Bearer {key}".encode()), JSON]
    return Request(method, path, query, headers, body, "http://127.0.0.1:8787", cut)


def response(body: bytes = b"{}", *headers: Header, status: int = 200) -> Response:
    return Response(status, [JSON, *headers], body)


def filled(count: int, **bounds: int) -> Journal:
    journal = Journal(**bounds)  # type: ignore[arg-type]
    for number in range(1, count + 1):
        journal.record(request(f"/x/{number}"), response(), START + number)
    return journal


def test_an_exchange_tells_what_was_asked_and_answered() -> None:
    journal = Journal()
    journal.record(
        request("/media/p/j/video.mp4", query="a=1"),
        Response(206, [(b"content-type", b"video/mp4")]),
        START,
        7,
        provider="p",
        role="media",
        tenant="t",
        job_id="j",
        faults=["cut-file"],
        response_size=4096,
    )
    noted = journal.entries()[0]
    assert (noted.number, noted.at, noted.took, noted.status) == (1, START, 7, 206)
    assert (noted.provider, noted.role, noted.tenant, noted.job_id) == ("p", "media", "t", "j")
    assert (noted.method, noted.path, noted.query) == ("GET", "/media/p/j/video.mp4", "a=1")
    assert (noted.response_body, noted.response_size, noted.response_cut) == (b"", 4096, True)
    assert noted.faults == ("cut-file",)


def test_it_is_bounded_in_count_and_counts_what_fell_out() -> None:
    journal = filled(25, max_entries=10)
    assert [noted.number for noted in journal.entries()] == list(range(16, 26))
    assert (len(journal), journal.dropped, journal.dropped_to, journal.last) == (10, 15, 15, 25)


def test_it_is_bounded_in_bytes() -> None:
    journal = Journal(max_bytes=10_000)
    for _ in range(50):
        journal.record(request(body=b"x" * 1000), response(b"y" * 1000), START)
    assert journal.size <= 10_000
    assert 0 < len(journal) < 5
    assert len(journal) + journal.dropped == 50


@pytest.mark.parametrize("where", ["headers", "path", "query", "violations", "body"])
def test_every_part_of_an_exchange_counts(where: str) -> None:
    huge, journal = "x" * 60_000, Journal(max_bytes=50_000)
    asked = request(huge if where == "path" else "/x", query=huge if where == "query" else "")
    asked.body = huge.encode() if where == "body" else b""
    asked.headers = [(b"x", huge.encode())] if where == "headers" else []
    journal.record(asked, response(), START, violations=[huge] if where == "violations" else ())
    assert (len(journal), journal.dropped, journal.size) == (0, 1, 0)


def test_bodies_are_cut_and_their_size_is_told() -> None:
    journal = Journal()
    journal.record(request(body=b"a" * (BODY_LIMIT + 1)), response(b"b" * (3 * BODY_LIMIT)), START)
    journal.record(request(body=b"a" * BODY_LIMIT), response(), START)
    cut, whole = journal.entries()
    assert (len(cut.request_body), cut.request_size, cut.request_cut) == (BODY_LIMIT, BODY_LIMIT + 1, True)
    assert (len(cut.response_body), cut.response_size, cut.response_cut) == (
        BODY_LIMIT,
        3 * BODY_LIMIT,
        True,
    )
    assert (whole.request_size, whole.request_cut) == (BODY_LIMIT, False)
    assert journal.size < 4 * BODY_LIMIT


def test_a_body_that_was_not_taken_has_the_size_it_declared() -> None:
    journal = Journal()
    journal.record(request(cut=True), response(status=413), START)
    known = request(cut=True)
    known.headers = [(b"content-length", b"100000000")]
    journal.record(known, response(status=413), START)
    assert [noted.request_size for noted in journal.entries()] == [-1, 100_000_000]
    assert all(noted.request_cut for noted in journal.entries())
    assert HAR.is_valid(archive(journal.entries()))


def test_filters_agree_all_at_once() -> None:
    journal = Journal()
    for number in range(1, 7):
        journal.record(
            request(key="one-key" if number % 2 else "other-key"),
            response(status=200 if number < 4 else 404),
            START,
            provider="p" if number < 6 else "q",
            role="submit" if number == 1 else "read",
            operation=f"o{number}",
            job_id=f"j{number}",
            faults=["slow"] if number == 2 else [],
            violations=["/a is wrong"] if number == 5 else (),
        )

    def found(**filters: Any) -> list[int]:
        return [noted.number for noted in journal.match(**filters)]

    assert found(provider="q") == [6]
    assert found(operation="o3") == [3]
    assert found(role="submit") == [1]
    assert found(tenant=tenant_of("one-key")) == [1, 3, 5]
    assert found(job="j4") == [4]
    assert found(status=404) == found(status="4xx") == [4, 5, 6]
    assert found(fault="slow") == [2]
    assert found(violations=True) == [5]
    assert found(since=4) == [5, 6]
    assert found(role="read", status="4xx", provider="p") == [4, 5]
    assert found(limit=2) == [5, 6]
    assert found(limit=2, first=True, since=1) == [2, 3]
    assert journal.count(EntryFilter(status="5xx")) == 0
    with pytest.raises(ValueError, match="colour"):
        found(colour="red")


def test_the_sender_is_known_though_not_let_in() -> None:
    journal = Journal(Redactor(Callers([Credential(b"x-api-key", "")])))
    lost, other = request("/nowhere"), request()
    other.headers = [(b"x-api-key", b"other-key")]
    journal.record(lost, response(status=404), START)
    journal.record(other, response(status=401), START)
    assert [noted.tenant for noted in journal.entries()] == [tenant_of("test-key"), tenant_of("other-key")]


def test_clearing_a_tenant_leaves_the_others_and_drops_nothing() -> None:
    journal = Journal()
    for key in ("a-key", "b-key", "a-key"):
        journal.record(request(key=key), response(), START)
    assert journal.clear(tenant_of("a-key")) == 2
    assert [noted.number for noted in journal.entries()] == [2]
    journal.record(request(), response(), START)
    assert journal.entries()[-1].number == 4
    assert journal.clear() == 2
    assert (len(journal), journal.size, journal.dropped) == (0, 0, 0)


def test_a_listener_is_woken_by_an_exchange_and_by_the_end() -> None:
    async def scene() -> list[bool]:
        journal, seen = Journal(), []
        with journal.listen() as listener:
            seen.append(await listener.wait(0))
            waiting = asyncio.ensure_future(listener.wait())
            await asyncio.sleep(0)
            journal.record(request(), response(), START)
            seen.append(await waiting)
            seen.append(await listener.wait(0))
            journal.close()
            seen.append(await listener.wait())
        assert not journal._listeners
        return [*seen, journal.closed]

    assert asyncio.run(scene()) == [False, True, False, True, True]


def test_text_that_is_cut_within_a_character_is_still_text() -> None:
    content = "naïve".encode()
    assert as_text(content[:3], cut=True) == "na"
    assert as_text(content[:3], cut=False) is None
    assert as_text(b"\xff\xd8\xff", cut=True) is None


# The archive


def entries(journal: Journal) -> list[dict[str, Any]]:
    document = archive(journal.entries(), journal.dropped)
    assert not [f"{error.instance_path}: {error.message}" for error in HAR.iter_errors(document)]
    found: list[dict[str, Any]] = document["log"]["entries"]
    return found


def test_the_archive_is_har() -> None:
    journal = Journal(max_entries=4)
    journal.record(request("/dropped"), response(), START)
    journal.record(request(body=b'{"a": 1}', query="b=1&b=2&c"), response(), START, 1500)
    journal.record(request(body=b"\xff\xfe"), response(b"\x00\xff"), START)
    journal.record(request(body=b"z" * 70_000), response(status=799), START)
    moved = Response(302, [(b"location", b"https://cdn.example.com/v.mp4"), (b"set-cookie", b"a=b")])
    journal.record(request("/media/p/j/video.mp4"), moved, START, role="media", faults=["redirect"])
    plain, binary, cut, media = entries(journal)
    assert plain["startedDateTime"] == "2026-09-21T14:13:20.000Z"
    assert plain["time"] == sum(plain["timings"].values()) == 1500
    assert plain["request"]["url"] == "http://127.0.0.1:8787/x?b=1&b=2&c"
    assert [(one["name"], one["value"]) for one in plain["request"]["queryString"]] == [
        ("b", "1"),
        ("b", "2"),
        ("c", ""),
    ]
    assert plain["request"]["postData"] == {"mimeType": "application/json", "text": '{"a": 1}'}
    assert plain["response"]["statusText"] == "OK"
    assert base64.b64decode(binary["request"]["postData"]["text"]) == b"\xff\xfe"
    assert binary["response"]["content"]["encoding"] == "base64"
    assert cut["request"]["bodySize"] == 70_000
    assert cut["request"]["postData"]["comment"] == "cut; it had 70000 bytes"
    assert media["response"]["redirectURL"] == "https://cdn.example.com/v.mp4"
    assert media["_mockserver"]["faults"] == ("redirect",)
    assert archive([], 1)["log"]["comment"].startswith("1 older")


@pytest.mark.parametrize(
    "break_it",
    [
        lambda entry: entry.pop("timings"),
        lambda entry: entry["request"].update(url="/x"),
        lambda entry: entry["response"]["content"].update(encodng="base64"),
        lambda entry: entry.update(startedDateTime="yesterday"),
    ],
)
def test_the_schema_of_the_archive_can_say_no(break_it: Any) -> None:
    document = archive(filled(1).entries())
    break_it(document["log"]["entries"][0])
    assert not HAR.is_valid(document)


# Credentials

KEYS: Final = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=6, max_size=40).map(
    lambda text: f"sk{text}"
)
ODD_KEYS: Final = st.text(st.characters(min_codepoint=0xA1, max_codepoint=0x17F), min_size=8, max_size=20)
SPELLINGS: Final = st.sampled_from(
    [
        str,
        quote,
        quote_plus,
        lambda key: quote(key, safe=""),
        lambda key: "".join(f"%{byte:02x}" for byte in key.encode()),
        lambda key: json.dumps(key)[1:-1],
    ]
)


def shown(journal: Journal) -> str:
    """Everything that any output shows, and what can be read from it."""
    found = journal.entries()
    texts = [repr(found), repr(journal), repr(journal._redactor)]
    texts += [record_exchange(noted, {}, bodies=True).model_dump_json() for noted in found]
    texts += [json.dumps(archive(found), ensure_ascii=False), json.dumps(archive(found))]
    texts += [text for noted in found for text in _read(noted)]
    return "\n".join(texts)


def _read(noted: JournalEntry) -> list[str]:
    headers = (*noted.request_headers, *noted.response_headers)
    bodies = [noted.request_body, noted.response_body]
    asked = archive([noted])["log"]["entries"][0]["request"]
    return [
        *[value for pair in headers for value in pair],
        *[body.decode("latin-1") for body in bodies],
        *[body.decode("utf-8", "replace") for body in bodies],
        *[text for pair in asked["queryString"] for text in pair.values()],
        noted.path, noted.query, *noted.violations, *noted.warnings,
    ]  # fmt: skip


@given(KEYS | ODD_KEYS, SPELLINGS, st.binary(max_size=20), st.sampled_from(["Bearer ", "", "Token  "]))
def test_no_key_is_ever_shown(key: str, spell: Any, junk: bytes, scheme: str) -> None:
    spelled = spell(key)
    body = junk + json.dumps({"a": key, "b": f"x{key}"}).encode() + junk + spelled.encode()
    asked = request(f"/a/{spelled}/b", key=key, body=body, query=f"a={spelled}&{spelled}=1")
    asked.headers = [
        (b"authorization", f"{scheme}{key}".encode()),
        (b"x-api-key", key.encode()),
        (b"x-other", f"say {key}".encode()),
    ]
    told = response(body, (b"x-echo", key.encode()), (b"mockserver-warning", key.encode("unicode_escape")))
    journal = Journal()
    journal.record(asked, told, START, violations=[f"{key!s} is wrong"], warnings=[f"query {key}"], model=key)
    assert key not in shown(journal)
    assert journal.entries()[0].request_headers[0] == ("authorization", REDACTED)


@given(KEYS, st.sampled_from(["key", "api_key", "API_KEY", "access_token", "apikey", "%6Bey"]))
def test_a_key_in_the_query_is_not_shown(key: str, name: str) -> None:
    asked = request(query=f"a=1&{name}={quote_plus(key)}", body=key.encode())
    journal = Journal()
    journal.record(asked, response(key.encode()), START)
    assert key not in shown(journal)
    assert journal.entries()[0].query == f"a=1&{name}={REDACTED}"


@given(st.integers(1, 39))
def test_a_key_that_the_cut_went_through_is_not_shown(kept: int) -> None:
    key = "sk-0123456789abcdefghijklmnopqrstuvwxyzA"
    body = b"x" * (BODY_LIMIT - kept) + key.encode() * 2
    journal = Journal()
    journal.record(request(key=key, body=body), response(body), START)
    noted = journal.entries()[0]
    for content in (noted.request_body, noted.response_body):
        assert key[:4].encode() not in content
    assert noted.request_cut


def test_keys_of_the_server_and_headers_of_the_contracts_are_not_shown() -> None:
    journal = Journal(Redactor(Callers([Credential(b"x-key-of-theirs", "")]), ["server-secret"]))
    asked = request(body=b"server-secret")
    asked.headers = [
        (b"x-key-of-theirs", b"short"),
        (b"cookie", b"session=abc"),
        (b"x-mock-token", b"door"),
        (b"proxy-authorization", b"Basic abc"),
        (b"idempotency-key", b"kept"),
    ]
    journal.record(asked, response(b"", (b"set-cookie", b"session=abc")), START)
    noted = journal.entries()[0]
    assert [value for _, value in noted.request_headers] == [REDACTED] * 4 + ["kept"]
    assert noted.response_headers[-1] == ("set-cookie", REDACTED)
    assert noted.request_body == REDACTED.encode()


def test_what_is_no_credential_is_shown_as_it_was() -> None:
    body = json.dumps({"prompt": "a red kite", "n": 1}).encode()
    journal = Journal()
    journal.record(request("/a%20b/c+d", body=body, query="a=%2Fx&b=1+2"), response(body), START)
    noted = journal.entries()[0]
    assert (noted.path, noted.query) == ("/a%20b/c+d", "a=%2Fx&b=1+2")
    assert noted.request_body == noted.response_body == body
    assert not noted.request_cut
