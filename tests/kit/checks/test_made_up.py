"""What the checks say of made-up contracts: other ways to refuse, to send a key, to cancel, to tell of it."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from mockserver.contract.model import Contract
from mockserver.kit.checks.base import run_checks
from mockserver.kit.traffic.exchange import Exchange
from mockserver.kit.traffic.history import History
from tests.kit.generated.answers import Answers
from tests.kit.generated.design import CHOICES
from tests.kit.generated.provider import contract_of

URL: Final = "https://made.example.com"
HOOK: Final = "https://client.example.com/told"
JOB: Final = "9b2f6a7e-1111-4222-8333-444455556666"
NOBODY: Final = "00000000-0000-4000-8000-000000000001"
KEY: Final = {"authorization": "Bearer key-of-caller"}
GOOD: Final = {"model": "small", "prompt": "a lantern", "seconds": 1}
START: Final = 1_790_000_000


def exchange(
    at: float,
    method: str,
    path: str,
    status: int,
    answer: Any = None,
    *,
    sent: Any = None,
    headers: dict[str, str] | None = None,
    **more: Any,
) -> Exchange:
    """An exchange `at` seconds after START, with a good key unless `headers` say otherwise."""
    headers = KEY if headers is None else headers
    kind = () if sent is None else (("content-type", more.pop("kind", "application/json")),)
    told = b"" if answer is None else json.dumps(answer).encode()
    given: dict[str, Any] = {
        "number": round(at * 10) + 1, "at": START + at, "took": 0.1, "method": method,
        "url": path if path.startswith("http") else URL + path,
        "request_headers": (*kind, *headers.items()),
        "request_body": sent if isinstance(sent, bytes) else json.dumps(sent).encode() if sent else b"",
        "status": status, "response_body": told, "caller": "a" if headers == KEY else "",
        "response_headers": (("content-type", "application/json"),) if told else (),
    }  # fmt: skip
    return Exchange(**{**given, **more})


def job(state: str = "queued", **more: Any) -> dict[str, Any]:
    """What is said of JOB in a state."""
    facts: dict[str, Any] = {
        "id": JOB, "model": "small", "state": state, "seconds": 1,
        "made": "2026-09-21T14:13:20Z", "changed": "2026-09-21T14:13:20Z",
    }  # fmt: skip
    if state == "done":
        facts["video"] = "https://files.example.com/a.mp4"
    if state == "broken":
        facts["why"] = "it went wrong"
    return {**facts, **more}


def submit(at: float = 0, **sent: Any) -> Exchange:
    """JOB is taken on."""
    return exchange(at, "POST", "/jobs", 201, job(), sent={**GOOD, **sent})


def read(state: str, at: float) -> Exchange:
    """JOB is read."""
    return exchange(at, "GET", f"/jobs/{JOB}", 200, job(state))


def cancel(at: float, status: int, answer: Any = None) -> Exchange:
    """JOB is to be cancelled."""
    return exchange(at, "DELETE", f"/jobs/{JOB}", status, answer)


def tell(state: str, at: float) -> Exchange:
    """The client is told of JOB."""
    told = {name: value for name, value in job(state).items() if name != "seconds"}
    more: dict[str, Any] = {"callback": True, "caller": None}
    return exchange(at, "POST", HOOK, 200, sent=told, headers={}, **more)


def ids(contract: Contract, *exchanges: Exchange, heard: bool = False) -> list[str]:
    """The ids of the checks that find something worse than a note, once each, sorted."""
    history = History(contract)
    history.callbacks_complete = heard
    calls = [history.read(entry) for entry in exchanges]
    return sorted({found.check for found in run_checks(history, calls) if found.severity != "note"})


def refused(refusal: str, when: str) -> tuple[int, Any]:
    """Status and body of a refusal in a design with that way to refuse."""
    status, number = Answers.CASES[when]
    text = {"code": when, "message": "no"}
    bodies: dict[str, Any] = {
        "ok-code": {"code": number, "message": "no"}, "nested": {"error": text}, "text": {"detail": "no"},
    }  # fmt: skip
    return 200 if refusal == "ok-code" else status, bodies.get(refusal, text)


MISTAKES: Final[dict[str, tuple[str, str, dict[str, Any]]]] = {
    "unauthenticated": ("GET", "/jobs", {"headers": {}}),
    "unknown": ("GET", f"/jobs/{NOBODY}", {}),
    "unknown-model": ("GET", "/models/none", {}),
    "invalid": ("POST", "/jobs", {"sent": {**GOOD, "seconds": 9}}),
    "malformed": ("POST", "/jobs", {"sent": b'{"model": '}),
    "media-type": ("POST", "/jobs", {"sent": b"model=small", "kind": "text/plain"}),
    "limited": ("POST", "/jobs", {"sent": GOOD}),
    "method": ("PUT", "/jobs", {}),
}
"""A request for each case of a refusal."""


@pytest.mark.parametrize("when", MISTAKES)
@pytest.mark.parametrize("refusal", CHOICES["refusal"])
def test_a_documented_refusal_is_none_of_a_failure_wherever_it_is_documented(refusal: str, when: str) -> None:
    method, path, more = MISTAKES[when]
    assert ids(contract_of(refusal=refusal), exchange(0, method, path, *refused(refusal, when), **more)) == []


@pytest.mark.parametrize("refusal", ["own", "shared", "ok-code"])
@pytest.mark.parametrize(
    ("when", "other", "found"),
    [
        ("malformed", "invalid", "status.malformed"),
        ("media-type", "invalid", "status.media-type"),
        ("unknown", "invalid", "status.unknown"),
        ("unknown-model", "invalid", "status.unknown"),
        ("limited", "invalid", "status.accepts"),
    ],
)
def test_the_refusal_of_another_case_is_one(refusal: str, when: str, other: str, found: str) -> None:
    method, path, more = MISTAKES[when]
    answer = exchange(0, method, path, *refused(refusal, other), **more)
    assert found in ids(contract_of(refusal=refusal), answer)


@pytest.mark.parametrize("refusal", CHOICES["refusal"])
@pytest.mark.parametrize("when", ["unknown", "malformed", "media-type", "unknown-model"])
@pytest.mark.parametrize("other", ["unauthenticated", "limited"])
def test_a_refusal_of_the_account_says_nothing_of_the_request(refusal: str, when: str, other: str) -> None:
    method, path, more = MISTAKES[when]
    contract = contract_of(refusal=refusal)
    assert ids(contract, exchange(0, method, path, *refused(refusal, other), **more)) == []


@pytest.mark.parametrize(
    ("when", "status", "answer", "found"),
    [
        ("unauthenticated", 200, {"code": 0, "jobs": [], "total": 0}, ["auth.required"]),
        ("unknown", 200, {"code": 0, **job()}, ["lifecycle.named", "status.unknown"]),
        ("invalid", 201, {"code": 0, **job(seconds=9)}, ["status.refuses"]),
        ("method", 200, {"code": 0, "jobs": [], "total": 0}, ["status.verb"]),
        ("method", 201, {"code": 0, **job()}, ["status.verb"]),
    ],
)
def test_what_is_accepted_below_the_same_status_is_found(
    when: str, status: int, answer: Any, found: list[str]
) -> None:
    method, path, more = MISTAKES[when]
    assert ids(contract_of(refusal="ok-code"), exchange(0, method, path, status, answer, **more)) == found


def test_a_code_that_is_no_documented_one_is_found() -> None:
    answer = exchange(0, "GET", f"/jobs/{NOBODY}", 200, {"code": 7777, "message": "no"})
    assert "envelope.words" in ids(contract_of(refusal="ok-code"), answer)


def test_shared_answers_are_no_licence_for_other_statuses() -> None:
    contract = contract_of(refusal="shared")
    body = {"code": "teapot", "message": "no"}
    assert ids(contract, exchange(0, "GET", "/jobs", 418, body)) == ["status.documented"]
    of_methods = exchange(0, "GET", "/jobs", *refused("shared", "method"))
    assert ids(contract, of_methods) == ["status.documented"], (
        "what other methods get is none of an operation"
    )


@pytest.mark.parametrize("refusal", ["own", "shared", "ok-code"])
@pytest.mark.parametrize(
    ("key", "headers", "is_let_in"),
    [
        ("bearer", {}, False),
        ("bearer", {"authorization": "Basic bm9ib2R5Om5vdGhpbmc="}, False),
        ("bearer", {"authorization": "key-of-caller"}, False),
        ("bearer", {"x-made-key": "key-of-caller"}, False),
        ("bearer", {"authorization": "bearer key-of-caller"}, True),
        ("header", {}, False),
        ("header", {"authorization": "Bearer key-of-caller"}, False),
        ("header", {"x-made-key": "key-of-caller"}, True),
        ("header", {"X-MADE-KEY": "key-of-caller"}, True),
    ],
)
def test_a_key_counts_at_its_place_alone(
    refusal: str, key: str, headers: dict[str, str], is_let_in: bool
) -> None:
    contract = contract_of(refusal=refusal, key=key)
    accepted = {"code": 0} if refusal == "ok-code" else {}
    jobs = exchange(0, "GET", "/jobs", 200, {**accepted, "jobs": [], "total": 0}, headers=headers, caller="")
    scheme = "auth.scheme" if key == "bearer" and "authorization" in headers else "auth.required"
    assert ids(contract, jobs) == ([] if is_let_in else [scheme])
    no = exchange(0, "GET", "/jobs", *refused(refusal, "unauthenticated"), headers=headers, caller="")
    assert ids(contract, no) == []


@pytest.mark.parametrize("header", ["x-made-key", "X-Made-Key"])
def test_a_key_in_another_header_is_not_to_be_repeated(header: str) -> None:
    told = {"code": "unknown", "message": "not for key-of-caller"}
    answer = exchange(0, "GET", f"/jobs/{NOBODY}", 404, told, headers={header: "key-of-caller"})
    assert ids(contract_of(key="header"), answer) == ["auth.echo"]


def test_an_operation_that_needs_no_key_does_not_ask_for_one() -> None:
    answer = exchange(0, "GET", "/models", *refused("own", "unauthenticated"), headers={})
    assert "auth.open" in ids(contract_of(key="some-open"), answer)
    listed = exchange(0, "GET", "/models", 200, {"models": ["small", "large"]}, headers={})
    assert ids(contract_of(key="some-open"), listed) == []


@pytest.mark.parametrize(
    ("kind", "state", "found"),
    [
        ("state", "stopped", []),
        ("state", "queued", ["lifecycle.cancelled"]),
        ("state", "broken", ["lifecycle.cancelled"]),
        ("fails", "broken", []),
        ("fails", "working", ["lifecycle.cancelled"]),
        ("fails", "done", ["lifecycle.cancelled"]),
    ],
)
def test_a_cancelled_job_is_cancelled_or_fails_where_there_is_no_such_state(
    kind: str, state: str, found: list[str]
) -> None:
    contract = contract_of(cancel=kind)
    assert ids(contract, submit(), cancel(1, 200, job(state))) == found
    bare = contract_of(cancel=kind, cancelled="empty")
    assert ids(bare, submit(), cancel(1, 204), read(state, 2)) == found


def test_a_cancel_that_was_refused_binds_nobody() -> None:
    no = cancel(1, *refused("own", "conflict"))
    assert ids(contract_of(), submit(), no, read("working", 2), read("done", 9)) == []


@pytest.mark.parametrize("refusal", ["own", "shared", "ok-code"])
@pytest.mark.parametrize("kind", ["state", "fails"])
def test_a_cancel_that_comes_too_late_is_answered_as_documented(refusal: str, kind: str) -> None:
    accepted = {"code": 0} if refusal == "ok-code" else {}
    made = exchange(0, "POST", "/jobs", 201, {**accepted, **job()}, sent=GOOD)
    seen = exchange(9, "GET", f"/jobs/{JOB}", 200, {**accepted, **job("done")})
    late, yes = cancel(10, *refused(refusal, "conflict")), cancel(10, 200, {**accepted, **job("done")})
    strict, lenient = (contract_of(refusal=refusal, cancel=kind, late=late) for late in CHOICES["late"])
    assert ids(strict, made, seen, late) == []
    assert ids(strict, made, seen, yes) == ["status.late"]
    if refusal != "shared":
        assert ids(lenient, made, seen, yes) == []


def test_the_same_cancel_again_may_be_accepted_again() -> None:
    stopped = job("stopped")
    assert ids(contract_of(), submit(), cancel(1, 200, stopped), cancel(2, 200, stopped)) == []


@pytest.mark.parametrize(("kind", "end"), [("state", "stopped"), ("fails", "broken")])
@pytest.mark.parametrize("cancelled", CHOICES["cancelled"])
def test_the_callback_after_a_cancel_tells_of_that_end(kind: str, end: str, cancelled: str) -> None:
    contract = contract_of(cancel=kind, cancelled=cancelled, callback="told")
    answer = cancel(1, 204) if cancelled == "empty" else cancel(1, 200, job(end))
    begun = (submit(hook=HOOK), answer, read(end, 2))
    assert ids(contract, *begun, tell(end, 2.5), heard=True) == []
    assert ids(contract, *begun, tell("working", 2.5), tell(end, 3), heard=True) == []
    assert ids(contract, *begun, heard=True) == ["callbacks.ended"]
    assert ids(contract, *begun) == [], "nobody listened"
    assert ids(contract, *begun, tell("done", 2.5), heard=True) == ["callbacks.agree"]


def test_a_job_that_asked_for_no_callback_has_none_after_its_cancel() -> None:
    contract = contract_of(callback="told")
    assert ids(contract, submit(), cancel(1, 200, job("stopped")), heard=True) == []
