"""Small questions about a call and its operation: what its body is judged by, whether it is a callback."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from mockserver.contract.pointer import ABSENT
from mockserver.kit import contracts
from mockserver.kit.checks.status import _body_clause
from mockserver.kit.examples import _with_model
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
