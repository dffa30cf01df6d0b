"""A contract's own examples of submits, and ids that belong to no job."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mockserver.contract.demanded import demanded, example_path
from mockserver.contract.model import Contract, Operation
from mockserver.contract.pointer import ABSENT, follow
from mockserver.errors import SettingsError
from mockserver.kit.strategies.submit_requests import SubmitRequest, reaches


def example(contract: Contract, model: str) -> SubmitRequest:
    """A documented example of a submit for that model, the same at every call.

    Where the contract has none, that of another model with the model replaced, if that is valid. Raises
    SettingsError where there is no valid one.
    """
    for operation in contract.operations.values():
        if operation.role == "submit" and reaches(contract, operation, model):
            body = _valid_body(contract, operation, model)
            if body is not None:
                return _submit_request(contract, operation, body, model)
    raise SettingsError(f"{contract.provider} has no example of a job for the model {model!r}")


def example_of(contract: Contract, operation: Operation, models: Sequence[str]) -> SubmitRequest | None:
    """A documented example of that submit, for one of the models; None where there is none."""
    for model in models:
        body = _valid_body(contract, operation, model)
        if body is not None:
            return _submit_request(contract, operation, body, model)
    return None


def _valid_body(contract: Contract, operation: Operation, model: str) -> dict[str, Any] | None:
    schema = operation.body
    if schema is None:
        return None
    shown = bodies(contract, operation)
    own = [body for body in shown if _model(operation, body) == model]
    others = [_with_model(operation, body, model) for body in shown]
    return next((body for body in (*own, *others) if schema.is_valid(body)), None)


def _submit_request(
    contract: Contract, operation: Operation, body: dict[str, Any], model: str
) -> SubmitRequest:
    prefix = contract.prefixes[0]
    path = prefix + example_path(contract, operation, model)
    headers = {"content-type": "application/json", **demanded(contract, operation, "header")}
    query = demanded(contract, operation, "query")
    return SubmitRequest(operation.id, operation.method, path, query, headers, body, model, prefix)


def _with_model(operation: Operation, body: dict[str, Any], model: str) -> dict[str, Any]:
    """The body with another model at its top level; a model deeper inside is not replaced."""
    if len(operation.model_at) != 1:
        return body
    return {**body, operation.model_at[0]: model}


def bodies(contract: Contract, operation: Operation) -> list[dict[str, Any]]:
    """The bodies that the contract shows for the operation."""
    node = contract.document["paths"][operation.path][operation.method.lower()]
    examples = node["requestBody"]["content"]["application/json"].get("examples", {})
    return [example["value"] for example in examples.values()]


def _model(operation: Operation, body: dict[str, Any]) -> str | None:
    value = follow(body, operation.model_at) if operation.model_at else ABSENT
    return operation.default_model if value is ABSENT else str(value)


def unknown_id(contract: Contract, number: int = 1) -> str:
    """An id of the contract's shape that no server is likely to have assigned."""
    if contract.id_kind == "uuid":
        return f"00000000-0000-4000-8000-{number:012d}"
    fill = "9" if contract.id_kind == "digits" else "0"
    return contract.id_prefix + str(number).rjust(contract.id_length, fill)
