"""Envelopes: an answer's content type and form, and the constants in it that repeat its status."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mockserver.contract import pointer
from mockserver.contract.answer_template import AnswerTemplate
from mockserver.contract.pointer import ABSENT
from mockserver.contract.violation import brief
from mockserver.kit.checks.base import Breach, check
from mockserver.kit.traffic import contract_locations
from mockserver.kit.traffic.call import Call
from mockserver.kit.traffic.credentials import media_type
from mockserver.kit.traffic.discriminating_constants import discriminating_constants
from mockserver.kit.traffic.history import History


def response_clause(call: Call) -> str:
    """The JSON pointer at which the contract documents this answer's status, empty if it does not."""
    if call.operation is not None:
        at = contract_locations.response(call.contract, call.operation, call.exchange.status)
        if at:
            return at
    if not call.path_known:
        return ""
    shared = call.contract.document["x-job"].get("answers", {})
    for when, case in shared.items():
        if case["status"] == call.exchange.status:
            return contract_locations.follow(call.contract, f"/x-job/answers/{when}/response")[0]
    return ""


def _has_body(call: Call) -> bool:
    return call.exchange.method != "HEAD" and not call.exchange.cut and call.exchange.status > 0


@check("envelope.type", "An answer states the documented content type.")
def content_type(call: Call, history: History) -> Iterator[Breach]:
    """Only if the body is JSON, and headers were recorded."""
    at = response_clause(call)
    if call.exchange.headerless or not at or not _has_body(call) or call.response_json is ABSENT:
        return
    types = contract_locations.follow(call.contract, f"{at}/content")[1]
    stated = media_type(call.exchange.response_header("content-type"))
    if isinstance(types, dict) and stated not in types:
        yield Breach(" or ".join(types), stated or "no content type", clause=at)


@check("envelope.json", "An answer that is documented as JSON is JSON.")
def is_json(call: Call, history: History) -> Iterator[Breach]:
    """Only if the body was recorded whole."""
    at = response_clause(call)
    if not at or not _has_body(call) or call.response_json is not ABSENT:
        return
    documented = pointer.follow(call.contract.document, pointer.parts(at))
    if contract_locations.JSON_TYPE in documented.get("content", {}):
        yield Breach("JSON", _brief_body(call), clause=at)


def _brief_body(call: Call) -> str:
    body = call.exchange.response_body
    return brief(body.decode("utf-8", "replace")) if body else "no body"


def other_case(call: Call) -> AnswerTemplate | None:
    """The documented answer that the body belongs to, by its form and constants, if that is a success where
    the status is a refusal's, or the reverse. None if the body fits its own status."""
    if call.operation is None or call.response_json is ABSENT or call.exchange.cut or not call.answers:
        return None
    if any(_fits(call, answer) for answer in call.answers):
        return None
    refused = call.exchange.status >= 400
    for answer in call.operation.answers.values():
        if (answer.status >= 400) != refused and _fits(call, answer):
            return answer
    return None


def _fits(call: Call, answer: AnswerTemplate) -> bool:
    schema = answer.schema
    return (schema is None or schema.is_valid(call.response_json)) and not call.mismatches(answer.when)


@check("envelope.case", "A refusal has an error status, and a success has a success status.")
def case(call: Call, history: History) -> Iterator[Breach]:
    """By the form and the constants of the body."""
    other = other_case(call)
    if other is not None:
        assert call.operation is not None
        clause = contract_locations.answer(call.contract, call.operation, other.when)
        actual = f"{call.exchange.status} with the body of {other.status}: {brief(call.response_json)}"
        source = contract_locations.provenance(call.contract, call.operation)
        yield Breach(f"status {other.status} for such a body", actual, clause, source)


@check("envelope.words", "The fixed words of an answer, such as an error code, match its status.")
def words(call: Call, history: History) -> Iterator[Breach]:
    """Only words that tell one case from another count."""
    for when, (at, expected, actual) in mismatches(call):
        assert call.operation is not None
        clause = contract_locations.answer(call.contract, call.operation, when)
        yield Breach(brief(expected), brief(actual), clause=clause, at=at)


def mismatches(call: Call) -> Sequence[tuple[str, tuple[str, object, object]]]:
    """The discriminating constants that contradict every case of the status: those of the nearest case, each
    with the case's name."""
    if call.response_json is ABSENT or call.exchange.cut or other_case(call) is not None:
        return ()
    cases = [
        [(answer.when, mismatch) for mismatch in call.mismatches(answer.when)] for answer in call.answers
    ]
    return min(cases, key=len, default=[])


@check("envelope.error", "Every refusal has the error envelope, even an undocumented one.")
def error(call: Call, history: History) -> Iterator[Breach]:
    """If the contract has no form for the status, the form of its other refusals counts."""
    known = [answer for answer in _refusals(call) if answer.schema is not None]
    if not known or call.answers or not _has_body(call) or call.exchange.status < 400:
        return
    if call.response_json is ABSENT and response_clause(call):
        return
    if call.response_json is ABSENT or not any(_keeps(call, answer) for answer in known):
        operation = call.operation or next(iter(call.contract.operations.values()))
        clause = contract_locations.answer(call.contract, operation, known[0].when)
        yield Breach("the error envelope", _brief_body(call), clause=clause)


def _keeps(call: Call, answer: AnswerTemplate) -> bool:
    return answer.schema is not None and answer.schema.is_valid(call.response_json)


def _refusals(call: Call) -> list[AnswerTemplate]:
    """The documented refusals of the operation; for an undocumented method, the refusal of methods."""
    if call.operation is not None:
        return [answer for answer in call.operation.answers.values() if answer.status >= 400]
    if not call.path_known:
        return []
    # Every operation has the answers that the contract shares, so any operation will do.
    operation = next(iter(call.contract.operations.values()))
    return [operation.answers["method"]] if "method" in operation.answers else []


@check("envelope.code", "A body that repeats the status repeats the right one.")
def code(call: Call, history: History) -> Iterator[Breach]:
    """If the contract's answer has the status in its body."""
    if call.operation is None or call.response_json is ABSENT:
        return
    repeats = discriminating_constants(call.contract, call.operation).status_copies
    places = {at: answer.when for answer in call.answers for at in repeats.get(answer.when, ())}
    for at, when in places.items():
        value = pointer.follow(call.response_json, pointer.parts(at))
        if value is not ABSENT and str(value) != str(call.exchange.status):
            clause = contract_locations.answer(call.contract, call.operation, when)
            yield Breach(str(call.exchange.status), brief(value), clause=clause, at=at)
