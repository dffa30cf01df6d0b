"""Keys as a record shows them: what a request without one gets, and what an answer must not repeat."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.kit.checks.base import run_checks
from mockserver.kit.traffic.exchange import Exchange
from mockserver.kit.traffic.history import History
from tests.kit.checks.histories import GMI, JOB, JSON, MODEL, contract, exchange, record

NOBODY: dict[str, Any] = {"caller": ""}
UNKNOWN = {"error": "no"}
TEXT = (("content-type", "text/plain"),)


def _with(key: str) -> dict[str, Any]:
    return {"caller": "a", "request_headers": (*JSON, ("Authorization", key))}


def _said(one: Exchange) -> list[tuple[str, str, str]]:
    """What the checks of keys find in one exchange."""
    history = History(contract("gmicloud"))
    told = run_checks(history, [history.read(one)])
    return [
        (each.check.removeprefix("auth."), each.expected, each.actual)
        for each in told
        if each.check.startswith("auth.")
    ]


def _read(status: int, answer: Any = UNKNOWN, job: str = JOB, **more: Any) -> Exchange:
    return exchange("GET", f"{GMI}/requests/{job}", 1, answer, status=status, **more)


def _submit(status: int, sent: Any, **more: Any) -> Exchange:
    return exchange("POST", f"{GMI}/requests", 1, UNKNOWN, sent, status=status, **more)


@pytest.mark.parametrize("status", [0, 401, 429, 500, 503, 599])
def test_a_refusal_of_the_key_or_of_everybody_is_none_of_a_key(status: int) -> None:
    assert _said(_read(status, **NOBODY)) == []


@pytest.mark.parametrize("status", [400, 404, 430, 499])
def test_a_request_without_a_key_is_refused_for_that(status: int) -> None:
    assert _said(_read(status, **NOBODY)) == [("required", "401", f"{status} without a key")]


def test_a_request_without_a_key_or_with_another_scheme_is_not_accepted() -> None:
    good = record("queued")
    assert _said(_read(200, good, **NOBODY)) == [("required", "401", "200 without a key")]
    assert _said(_read(200, good, **_with("Bearer key-0123456789"))) == []
    for wrong in ("Basic key-0123456789", "key-0123456789"):
        assert _said(_read(200, good, **_with(wrong))) == [
            ("scheme", "401", "200 with a key by another scheme")
        ]
        assert _said(_read(404, **_with(wrong))) == [("scheme", "401", "404 with a key by another scheme")]
        assert _said(_read(401, **_with(wrong))) == []


@pytest.mark.parametrize(
    ("one", "found"),
    [
        (_submit(400, {"model": MODEL, "payload": {"prompt": "a"}}, **NOBODY), True),
        (_submit(400, {"model": MODEL}, **NOBODY), False),
        (_submit(400, {"model": MODEL, "payload": {"prompt": "a"}}, request_headers=TEXT, **NOBODY), False),
        (_submit(400, None, **NOBODY), False),
        (_read(404, job="00000000-0000-0000-0000-000000000000", **NOBODY), False),
    ],
)
def test_another_fault_of_the_request_may_be_refused_first(one: Exchange, found: bool) -> None:
    assert [check for check, _, _ in _said(one)] == ["required"] * found


@pytest.mark.parametrize(
    ("key", "found"),
    [
        ("k234567", []),
        ("k2345678", [("echo", "no trace of the key", "the key of 8 characters")]),
        ("k23456789", [("echo", "no trace of the key", "the key of 9 characters")]),
        ("[redacted]", []),
    ],
)
@pytest.mark.parametrize("place", ["body", "header"])
def test_a_key_that_is_long_enough_to_be_no_chance_is_not_repeated(
    key: str, found: list[tuple[str, str, str]], place: str
) -> None:
    one = _read(404, {"error": f"no {key}"}, **_with(f"Bearer {key}"))
    if place == "header":
        one = _read(404, **_with(f"Bearer {key}"))._replace(response_headers=(*JSON, ("x", f"a {key} b")))
    assert _said(one) == found
    assert _said(_read(404, **_with(f"Bearer {key}"))) == []
