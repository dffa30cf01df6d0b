"""Small questions about a call and its operation: what its body is judged by, whether it is a callback."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from mockserver.contract.names import PHASES
from mockserver.contract.pointer import ABSENT
from mockserver.kit import contracts
from mockserver.kit.checks.status import _body_clause
from mockserver.kit.examples import _with_model
from mockserver.kit.reference_client import PASSING
from mockserver.kit.template_places import refusal_status
from mockserver.kit.traffic.call import _is_callback


def test_the_clause_of_a_body_is_where_the_operation_has_it() -> None:
    contract = contracts.load("gmicloud")
    clauses = {}
    for name in ("submitRequest", "readRequest"):
        call: Any = SimpleNamespace(contract=contract, operation=contract.operations[name])
        clauses[name] = _body_clause(call)
    assert clauses == {"submitRequest": "/components/schemas/submit", "readRequest": ""}


def test_what_is_no_callback_of_an_operation_is_none() -> None:
    schema = SimpleNamespace(is_valid=lambda body: body == {"id": 1})
    operation: Any = SimpleNamespace(callback=SimpleNamespace(schema=schema))
    assert [_is_callback(operation, body) for body in ({"id": 1}, {"id": 2}, ABSENT)] == [True, False, False]
    operation.callback.schema = None
    assert not _is_callback(operation, {"id": 1})
    operation.callback = None
    assert not _is_callback(operation, {"id": 1})


@pytest.mark.parametrize(
    ("at", "body"),
    [(("model",), {"model": "b", "prompt": "x"}), ((), {"prompt": "x"}), (("a", "b"), {"prompt": "x"})],
)
def test_a_model_is_put_at_the_top_of_a_body_and_not_deeper(
    at: tuple[str, ...], body: dict[str, str]
) -> None:
    operation: Any = SimpleNamespace(model_at=at)
    assert _with_model(operation, {"prompt": "x"}, "b") == body


def test_a_next_try_may_go_better_after_these_refusals_alone() -> None:
    assert PASSING & set(range(400, 500)) == {408, 425, 429}


@pytest.mark.parametrize(
    ("case", "status"),
    [
        ("unauthenticated", 401),
        ("bad-credentials", 401),
        ("unpaid", 402),
        ("forbidden", 403),
        ("unknown", 404),
        ("conflict", 409),
        ("too-large", 413),
        ("media-type", 415),
        ("limited", 429),
        ("busy", 429),
        ("error", 500),
        ("upstream", 502),
        ("unavailable", 503),
        ("timeout", 504),
        ("invalid", 400),
    ],
)
def test_a_refusal_that_is_sent_as_a_success_has_the_status_of_its_case(case: str, status: int) -> None:
    for success in (200, 299):
        assert refusal_status(success, [case]) == status
    for refusal in (300, 418):
        assert refusal_status(refusal, [case]) == refusal


@pytest.mark.parametrize("case", sorted(PHASES | {"default"}))
def test_an_answer_to_what_went_well_is_a_refusal_by_its_status_alone(case: str) -> None:
    assert [refusal_status(status, ["unknown", case]) for status in (200, 299, 300)] == [None, None, 300]
