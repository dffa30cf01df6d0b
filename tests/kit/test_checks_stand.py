"""Checks judge whatever they are shown: no answer, however strange, makes one fail."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockserver.kit.checks.base import Check, checks, run_checks
from mockserver.kit.traffic.exchange import Exchange
from mockserver.kit.traffic.history import History
from tests.kit.miniatures.base import GoodServer
from tests.kit.miniatures.dialects import Aimlapi, Kkiai
from tests.kit.miniatures.walk import recorded

GOOD = (GoodServer, Kkiai, Aimlapi)
scalars = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-9, 9) | st.text(max_size=5)
trees = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


@cache
def _walked(name: str) -> tuple[Exchange, ...]:
    return recorded(next(one for one in GOOD if one.__name__ == name))


def walked(miniature: type[GoodServer]) -> tuple[Exchange, ...]:
    """A good server's walk, recorded once."""
    return _walked(miniature.__name__)


def places(value: Any, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every place in a JSON value."""
    entries = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    return [at, *(place for key, item in entries for place in places(item, (*at, key)))]


def put(value: Any, at: tuple[str | int, ...], new: Any) -> Any:
    """The value with another at that place."""
    if not at:
        return new
    copy = dict(value) if isinstance(value, Mapping) else list(value)
    copy[at[0]] = put(value[at[0]], at[1:], new)  # type: ignore[index]
    return copy


@st.composite
def changed(draw: st.DrawFn, exchange: Exchange) -> Exchange:
    """The exchange with something else in its answer: a value, the body, the status, the headers."""
    status = draw(st.just(exchange.status) | st.sampled_from([0, 200, 201, 204, 302, 400, 404, 500]))
    headers = draw(st.just(exchange.response_headers) | st.just(()))
    body = exchange.response_body
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError:
        return exchange._replace(status=status, response_headers=headers, response_body=draw(st.binary()))
    new = orjson.dumps(put(told, draw(st.sampled_from(places(told))), draw(trees)))
    return exchange._replace(
        status=status, response_headers=headers,
        response_body=draw(st.sampled_from([new, new, new, body, b"", b"<html>", body[:-1]])),
        cut=draw(st.booleans()), caller=draw(st.sampled_from([exchange.caller, None, "", "b"])),
    )  # fmt: skip


@pytest.mark.parametrize("miniature", GOOD)
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_check_fails_at_a_strange_answer(miniature: type[GoodServer], data: st.DataObject) -> None:
    contract = miniature().contract
    exchanges = list(walked(miniature))
    for index in data.draw(st.lists(st.integers(0, len(exchanges) - 1), min_size=1, max_size=8, unique=True)):
        exchanges[index] = data.draw(changed(exchanges[index]))
    history = History(contract)
    for found in run_checks(history, [history.read(exchange) for exchange in exchanges]):
        assert found.requirement
        assert found.expected
        assert found.actual
        assert found.sentence
        assert found.fingerprint


@pytest.mark.parametrize("miniature", GOOD)
def test_every_finding_of_nothing_is_nothing(miniature: type[GoodServer]) -> None:
    assert run_checks(History(miniature().contract), []) == []


@pytest.mark.parametrize("miniature", GOOD)
def test_a_record_that_hides_who_asks_gives_no_finding_either(miniature: type[GoodServer]) -> None:
    history = History(miniature().contract)
    hidden = {"authorization"}
    blind = [
        one._replace(
            caller=None, request_headers=tuple(pair for pair in one.request_headers if pair[0] not in hidden)
        )
        for one in walked(miniature)
    ]
    assert [found.sentence for found in run_checks(history, [history.read(one) for one in blind])] == []


@pytest.mark.parametrize("one", checks(), ids=lambda one: one.id)
def test_a_check_says_what_it_demands_in_a_sentence(one: Check) -> None:
    assert one.requirement[0].isupper()
    assert one.requirement.endswith(".")
    assert one.id.startswith(f"{one.family}.")
