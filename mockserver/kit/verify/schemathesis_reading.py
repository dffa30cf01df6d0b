"""Where a contract says more than schemathesis reads in it: shared answers, business codes, mere formats."""

from __future__ import annotations

import copy
import time
from collections.abc import Iterable
from typing import Any, Final

from mockserver.contract.model import Contract, Operation
from mockserver.contract.nodes import METHODS
from mockserver.contract.pointer import ABSENT
from mockserver.contract.source import resolve
from mockserver.kit.checks.base import source_of
from mockserver.kit.checks.status import is_method_refusal
from mockserver.kit.traffic import contract_locations
from mockserver.kit.traffic.answer_templates import GOING_WELL
from mockserver.kit.traffic.call import Call
from mockserver.kit.traffic.credentials import is_account_case, is_denied, sends_json
from mockserver.kit.traffic.exchange import Exchange
from mockserver.kit.traffic.history import History
from mockserver.kit.traffic.untimely import may_be_early, names_no_job_before

_BY_STATUS: Final = frozenset({"negative_data_rejection", "missing_required_header", "ignored_auth"})
"""The checks that take every success status for an acceptance."""
_METHOD_CHECK: Final = "unsupported_method"
"""The one that asks for 405, which is one answer among those that a contract may have."""
_ACCEPTANCE: Final = "positive_data_acceptance"
"""The one that wants accepted what the schema takes: it does not know the rules that JSON Schema cannot say,
and the id of a finished job cannot be made up."""
_NO_TROUBLE: Final = "not_a_server_error"
"""The one that takes every status of 500 and above for trouble, also the one for a method nobody knows."""
_READ_AGAIN: Final = frozenset({*_BY_STATUS, _METHOD_CHECK, _ACCEPTANCE, _NO_TROUBLE})

_NOT_ALLOWED: Final = 405
_NOT_IMPLEMENTED: Final = 501
"""What RFC 9110 (9.1) has for a method that a server does not know, as the new QUERY of schemathesis."""
_ALLOW: Final = "THIRD-PARTY RFC 9110, 15.5.6: an answer of 405 has the header Allow"
_NO_METHODS: Final = "ASSUMED no page says what other methods get"


def document_of(contract: Contract) -> dict[str, Any]:
    """The contract's document, in which each operation has the answers that all operations share.

    What a method without an operation gets is none of them.
    """
    document: dict[str, Any] = copy.deepcopy(
        {name: value for name, value in contract.document.items() if name != "x-job"}
    )
    shared = [
        (str(entry["status"]), entry["response"])
        for when, entry in contract.document["x-job"].get("answers", {}).items()
        if when != "method"
    ]
    for path in document["paths"].values():
        for method in METHODS & path.keys():
            path[method]["responses"] = _together(document, [*path[method]["responses"].items(), *shared])
            _leave_out_forms(path[method])
            _leave_out_waits(contract, document, path, path[method])
    return document


def _together(document: dict[str, Any], responses: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """The responses by status; where several have one status, its body may be that of any of them."""
    by_status: dict[str, list[Any]] = {}
    for status, response in responses:
        resolved, listed = resolve(document, response), by_status.setdefault(status, [])
        if resolved not in listed:
            listed.append(resolved)
    return {status: _either(listed) for status, listed in by_status.items()}


def _either(responses: list[Any]) -> Any:
    contents = [response.get("content", {}).get(contract_locations.JSON_TYPE) for response in responses]
    if len(responses) == 1 or not all(contents):
        return responses[0]
    schemas = [content.get("schema", {}) for content in contents]
    content = {contract_locations.JSON_TYPE: {"schema": {"anyOf": schemas}}}
    return {**responses[0], "content": content}


def _leave_out_forms(operation: dict[str, Any]) -> None:
    """Leave JSON alone: a form has the same schema, and random bytes are no picture in a file."""
    content = operation.get("requestBody", {}).get("content", {})
    for name in [name for name in content if name != contract_locations.JSON_TYPE]:
        del content[name]


def _leave_out_waits(
    contract: Contract, document: dict[str, Any], path: dict[str, Any], node: dict[str, Any]
) -> None:
    """Let no request ask to wait for the end of its job: a run would wait with each."""
    operation = contract.operations.get(node.get("operationId", ""))
    rule = None if operation is None else operation.wait
    if rule is None:
        return
    for holder in (path, node):
        listed = holder.get("parameters", ())
        holder["parameters"] = [entry for entry in listed if not rule.is_at(resolve(document, entry))]


def is_cleared(history: History, check: str, interaction: Any) -> bool:
    """Whether a failure of a check is none, as the contract reads the exchange of schemathesis.

    A business code below a success status is a refusal. And what breaks no rule of the contract, such as
    a `format`, which is a note in JSON Schema 2020-12, need not be refused: `status.refuses` has judged the
    same exchange by those rules. What was not read as a whole is not cleared.
    """
    if interaction is None or interaction.response is None or check not in _READ_AGAIN:
        return False
    call = history.read(_exchange(interaction))
    if check == _ACCEPTANCE and call.well:
        return True
    if check == _ACCEPTANCE:
        made_up = call.source_id is not None and history.source_of(call) is None
        untimely = may_be_early(call) or names_no_job_before(call, history)
        return _is_refusal(call) and (made_up or untimely or bool(call.violations))
    if check == _NO_TROUBLE:
        return call.operation is None and call.exchange.status == _NOT_IMPLEMENTED
    if check == _METHOD_CHECK:
        # A 405 fails for lack of the header Allow.
        return call.operation is None and call.exchange.status != _NOT_ALLOWED and is_method_refusal(call)
    return _is_refusal(call) or (check == "negative_data_rejection" and _keeps_the_rules(call))


def rule_of(contract: Contract, check: str, failure: Any, operation: Operation | None) -> tuple[str, str]:
    """The source of the rule that a check goes by, and its place in the contract; empty where unknown."""
    if check == _METHOD_CHECK:
        if getattr(failure, "failure_reason", "") == "missing_allow_header":
            return _ALLOW, ""
        at, node = contract_locations.follow(contract, "/x-job/answers/method/response")
        return (source_of(contract, at), at) if node is not ABSENT else (_NO_METHODS, "")
    if operation is None:
        return "", ""
    return contract_locations.provenance(contract, operation), contract_locations.operation(operation)


def is_limited(history: History, interaction: Any) -> bool:
    """Whether an answer tells of a limit, of the account or of the server's state, and not of the key."""
    call = history.read(_exchange(interaction))
    return is_account_case(call) and not is_denied(call)


def _is_refusal(call: Call) -> bool:
    """Whether the answer is the documented one of another case than of what went well."""
    if call.operation is None or call.succeeded or call.response_json is ABSENT:
        return False
    return any(
        answer.when not in GOING_WELL
        and answer.schema is not None
        and answer.schema.is_valid(call.response_json)
        and not call.mismatches(answer.when)
        for answer in call.answers
    )


def _keeps_the_rules(call: Call) -> bool:
    """Whether the whole request was read, and keeps every rule of the contract about it."""
    operation = call.operation
    if operation is None or call.violations or call.exchange.cut:
        return False
    if call.role != "submit":
        return True
    if call.request_json is ABSENT or not sends_json(call):
        return False
    return operation.body is None or operation.body.is_valid(call.request_json)


def _exchange(interaction: Any) -> Exchange:
    request, response = interaction.request, interaction.response
    return Exchange(
        number=0,
        at=time.time(),
        took=0.0,
        method=request.method,
        url=request.uri,
        request_headers=tuple((name, str(value)) for name, (value, *_) in request.headers.items()),
        request_body=request.body or b"",
        status=response.status_code,
        response_headers=tuple((name, str(value)) for name, (value, *_) in response.headers.items()),
        response_body=response.content or b"",
    )
