"""A contract's own examples, and ids that nobody gave."""

from __future__ import annotations

from typing import Any

from mockserver.contract.model import Contract, Operation
from mockserver.contract.pointer import ABSENT, follow
from mockserver.errors import SettingsError
from mockserver.kit.strategies.submit_requests import SubmitRequest


def example(contract: Contract, model: str) -> SubmitRequest:
    """A documented example of a submit for that model, or of another with the model exchanged where that
    is valid: the same at every call.

    Raises SettingsError where the contract has none.
    """
    for operation in contract.operations.values():
        if operation.role == "submit":
            bodies = _bodies(contract, operation)
            own = [body for body in bodies if _model(operation, body) == model]
            others = [_with(operation, body, model) for body in bodies]
            body = next(
                (one for one in (*own, *others) if operation.body and operation.body.is_valid(one)), None
            )
            if body is not None:
                return _asked(contract, operation, body, model)
    raise SettingsError(f"{contract.provider} has no example of a job for the model {model!r}")


def _asked(contract: Contract, operation: Operation, body: dict[str, Any], model: str) -> SubmitRequest:
    path = contract.prefixes[0] + operation.path
    headers = {"content-type": "application/json"}
    return SubmitRequest(operation.id, operation.method, path, {}, headers, body, model)


def _with(operation: Operation, body: dict[str, Any], model: str) -> dict[str, Any]:
    """The body with another model; a model that stands deeper is left."""
    return {**body, operation.model_at[0]: model} if len(operation.model_at) == 1 else body


def _bodies(contract: Contract, operation: Operation) -> list[dict[str, Any]]:
    node = contract.document["paths"][operation.path][operation.method.lower()]
    examples = node["requestBody"]["content"]["application/json"].get("examples", {})
    return [one["value"] for one in examples.values()]


def _model(operation: Operation, body: dict[str, Any]) -> str | None:
    value = follow(body, operation.model_at) if operation.model_at else ABSENT
    return operation.default_model if value is ABSENT else str(value)


def unknown_id(contract: Contract, number: int = 1) -> str:
    """An id of the contract's shape that no server is likely to have given."""
    if contract.id_kind == "uuid":
        return f"00000000-0000-4000-8000-{number:012d}"
    fill = "9" if contract.id_kind == "digits" else "0"
    return contract.id_prefix + str(number).rjust(contract.id_length, fill)
