"""What an exchange and its bodies are read for, each rule at its limit."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any, Final

import pytest

from mockserver.kit.traffic import body_limits
from mockserver.kit.traffic.body_limits import (
    BodyBudget,
    is_deep,
    is_readable,
    limited,
    weight,
    within_budget,
)
from mockserver.kit.traffic.contract_locations import _case, _follow
from mockserver.kit.traffic.exchange import Exchange, digest, header_value, retry_after, split_url
from mockserver.kit.traffic.facts import AnswerFact, Sighting

PLAIN: Final = Exchange(3, 7.0, 0.0, "GET", "http://a/b?c=1&c=2&d=", (), b"", 200, (), b"")


def test_an_exchange_is_sorted_by_its_time_or_its_number() -> None:
    assert PLAIN.order == (7.0, 3)
    assert PLAIN._replace(numbered=True).order == (0.0, 3)


def test_parts_of_an_address() -> None:
    assert (PLAIN.path, PLAIN.query) == ("/b", {"c": "2", "d": ""})
    assert not any(split_url("http://[a"))
    assert header_value((("A", "1"), ("a", "2")), "a") == "1"
    assert header_value((("A", "1"),), "b") is None


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("30", 30.0),
        (" 0 ", 0.0),
        ("-1", None),
        ("soon", None),
        ("Thu, 01 Jan 1970 00:00:09 GMT", 4.0),
        ("Thu, 01 Jan 1970 00:00:01 GMT", 0.0),
    ],
)
def test_how_long_an_answer_asks_to_wait(value: str | None, seconds: float | None) -> None:
    headers = () if value is None else (("Retry-After", value),)
    assert retry_after(PLAIN._replace(response_headers=headers), 5.0) == seconds


def test_a_key_is_told_by_its_digest() -> None:
    assert (digest(None), digest(""), len(digest("a"))) == ("", "", 12)
    assert digest("a") != digest("b")


def nested(depth: int) -> Any:
    value: Any = 1
    for level in range(depth):
        value = [value] if level % 2 else {"a": value}
    return value


@pytest.mark.parametrize(("depth", "is_one"), [(0, False), (1, False), (101, False), (102, True)])
def test_a_deep_body(depth: int, is_one: bool) -> None:
    value = nested(depth)
    assert is_deep(json.dumps(value).encode(), value) is is_one


@pytest.mark.parametrize(
    ("body", "most", "readable"),
    [
        (b"a" * 20, 20, True),
        (b"a" * 21, 20, False),
        (b"," * 9 + b"a", 20, True),
        (b"," * 10, 20, False),
        (b"," * 9, 20, True),
    ],
)
def test_a_body_is_readable_by_its_length_and_values(
    monkeypatch: pytest.MonkeyPatch, body: bytes, most: int, readable: bool
) -> None:
    monkeypatch.setattr(body_limits, "MAX_VALUES", 10)
    assert is_readable(body, most) is readable


def test_of_a_body_that_is_too_large_the_head_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, most in (
        ("MAX_JSON", 20),
        ("MAX_FILE", 30),
        ("MAX_REQUEST", 20),
        ("MAX_VALUES", 10),
        ("HEAD", 4),
    ):
        monkeypatch.setattr(body_limits, name, most)
    for body, as_json, reason in (
        (b"a" * 20, True, ""),
        (b"a" * 21, True, "the body was too large (21 bytes)"),
        (b"a" * 30, False, ""),
        (b"a" * 31, False, "the body was too large (31 bytes)"),
        (b"," * 10, True, "the body was too large (10 bytes, more than 10 JSON values)"),
        (b"," * 10, False, ""),
    ):
        sent = PLAIN._replace(response_body=body, request_body=b"short")
        kept = limited(sent, json=as_json)
        if not reason:
            assert kept == sent
            continue
        assert kept.left_out is not None
        assert (kept.left_out.reason, kept.left_out.size) == (reason, len(body))
        assert (kept.response_body, kept.cut, kept.request_body, kept.request_cut) == (
            body[:4],
            True,
            b"short",
            False,
        )
        assert limited(kept, json=as_json) == kept
    long = limited(PLAIN._replace(request_body=b"b" * 21), json=True)
    assert (long.request_body, long.cut, long.request_cut, long.left_out) == (b"bbbb", True, True, None)


def test_a_run_keeps_whole_bodies_while_its_budget_lasts() -> None:
    headers = (("a", "bc"),)
    sent = PLAIN._replace(request_headers=headers, response_headers=headers, response_body=b"[1,2]")
    assert weight(PLAIN) == len(PLAIN.url)
    assert weight(sent) == len(PLAIN.url) + 2 * (3 + 100) + 5 + 3 * 100
    assert weight(sent._replace(request_body=b"text,")) == weight(sent) + 5
    budget = BodyBudget(2 * weight(sent))
    assert [within_budget(sent, budget) == sent for _ in range(3)] == [True, True, False]
    left_out = within_budget(sent, budget).left_out
    assert left_out is not None
    assert left_out.reason == "the bodies kept by this run already take 0 MiB"
    assert [BodyBudget(5).take(size) for size in (5, 6)] == [True, False]


@pytest.mark.parametrize(
    ("value", "form", "moment"),
    [
        (3, "seconds", 3000),
        (3, "milliseconds", 3),
        ("1970-01-01T00:00:03Z", "iso8601", 3000),
        ("1970-01-01T00:00:03", "iso8601", None),
        ("soon", "iso8601", None),
        (3, "iso8601", None),
        ("3", "seconds", None),
        (True, "seconds", None),
        (True, "milliseconds", None),
        (3, "", None),
    ],
)
def test_a_moment_is_read_in_its_form_alone(value: Any, form: str, moment: int | None) -> None:
    assert AnswerFact(value, "", form).moment == moment


def test_what_an_answer_states_of_a_job() -> None:
    facts = {
        "media.image.1": AnswerFact("c", "/c"),
        "media.video": AnswerFact("a", "/a"),
        "media.thumbnail": AnswerFact(None, "/b"),
        "job.created_at": AnswerFact(3, "/at", "seconds"),
    }
    states: Any = (SimpleNamespace(word="x", phase="failed"), SimpleNamespace(word="y", phase="running"))
    sighting = Sighting(None, facts, pointer="/jobs/0", states=states)
    assert sighting.links == ("a", "c")
    assert (sighting.moment("job.created_at"), sighting.moment("job.ended_at")) == (3000, None)
    assert (sighting.name, sighting.ended, sighting.state_pointer) == (None, False, "/jobs/0")
    assert (sighting.job_id, sighting.text("media.thumbnail"), sighting.of(None)) == (None, None, sighting)
    named = sighting.of("job-1")
    assert (named.job_id, named.of("job-2")) == ("job-1", named)
    assert named.facts["job.id"].pointer == "/jobs/0"
    alone = Sighting("failed", {"job.state": AnswerFact("x", "/s")}, states=states[:1])
    assert (alone.name, alone.ended, alone.state_pointer) == ("x", True, "/s")
    assert not Sighting(None).ended


def test_a_place_of_a_contract_is_found_through_its_references() -> None:
    document: dict[str, Any] = {
        "a": {"$ref": "#/b/0"},
        "b": [{"c": {"$ref": "#/d"}}],
        "d": {"x-job": [{"when": ["one"]}, {"when": ["two", "three"]}]},
        "e": {"x-job": {"when": ["one"]}},
    }
    contract: Any = type("Contract", (), {"document": document})
    assert _follow(contract, "/a/c") == ("/d", document["d"])
    assert _follow(contract, "/a") == ("/b/0", document["b"][0])
    places = {
        (at, when): _case(contract, at, when) for at in ("/a/c", "/e", "/f") for when in ("one", "three")
    }
    assert {key: at for key, at in places.items() if at} == {
        ("/a/c", "one"): "/d/x-job/0", ("/a/c", "three"): "/d/x-job/1", ("/e", "one"): "/e/x-job",
    }  # fmt: skip
