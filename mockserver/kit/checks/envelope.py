"""Envelopes: type and form of an answer, and the words in it that repeat the status."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mockserver.contract import pointer
from mockserver.contract.model import AnswerTemplate
from mockserver.contract.pointer import ABSENT
from mockserver.contract.violation import brief
from mockserver.kit.checks.base import Breach, check
from mockserver.kit.traffic import clauses
from mockserver.kit.traffic.call import Call
from mockserver.kit.traffic.credentials import media_type
from mockserver.kit.traffic.discriminating_constants import discriminating_constants
from mockserver.kit.traffic.history import History


def place(call: Call) -> str:
    """Where the contract documents this answer's status, empty where it does not."""
    if call.operation is not None:
        at = clauses.response(call.contract, call.operation, call.exchange.status)
        if at:
            return at
    shared = call.contract.document["x-job"].get("answers", {}) if call.path_known else {}
    for when, case in shared.items():
        if case["status"] == call.exchange.status:
            return clauses.follow(call.contract, f"/x-job/answers/{when}/response")[0]
    return ""


def _has_body(call: Call) -> bool:
    return call.exchange.method != "HEAD" and not call.exchange.cut and call.exchange.status > 0


@check("envelope.type", "An answer states the documented content type.")
def content_type(call: Call, history: History) -> Iterator[Breach]:
    """Of an answer whose body is JSON."""
    at = place(call)
    types = clauses.follow(call.contract, f"{at}/content")[1] if at else None
    told = media_type(call.exchange.response_header("content-type"))
    if isinstance(types, dict) and _has_body(call) and call.response_json is not ABSENT and told not in types:
        yield Breach(" or ".join(types), told or "no content type", clause=at)


@check("envelope.json", "An answer that is documented as JSON is JSON.")
def is_json(call: Call, history: History) -> Iterator[Breach]:
    """Of a body that was recorded whole."""
    at = place(call)
    if not at or not _has_body(call) or call.response_json is not ABSENT:
        return
    if clauses.JSON in pointer.follow(call.contract.document, pointer.parts(at)).get("content", {}):
        body = call.exchange.response_body
        actual = brief(body.decode("utf-8", "replace")) if body else "no body"
        yield Breach("JSON", actual, clause=at)


def other_case(call: Call) -> AnswerTemplate | None:
    """The answer of another status that the body is by form and words, where it is none of its own."""
    if call.operation is None or call.response_json is ABSENT or call.exchange.cut or not call.answers:
        return None
    if any(_fits(call, one) for one in call.answers):
        return None
    others = [one for one in call.operation.answers.values() if one.status != call.exchange.status]
    sort = (call.exchange.status < 400,)
    return next((one for one in others if (one.status >= 400,) == sort and _fits(call, one)), None)


def _fits(call: Call, answer: AnswerTemplate) -> bool:
    schema = answer.schema
    return (schema is None or schema.is_valid(call.response_json)) and not call.mismatches(answer.when)


@check("envelope.case", "A refusal has an error status, and a success has a success status.")
def case(call: Call, history: History) -> Iterator[Breach]:
    """A refusal dressed as success, or the reverse, by form and fixed words of the body."""
    other = other_case(call)
    if other is not None:
        assert call.operation is not None
        clause = clauses.answer(call.contract, call.operation, other.when)
        actual = f"{call.exchange.status} with the body of {other.status}: {brief(call.response_json)}"
        source = clauses.promised(call.contract, call.operation)
        yield Breach(f"status {other.status} for such a body", actual, clause, source)


@check("envelope.words", "The fixed words of an answer, such as an error code, match its status.")
def words(call: Call, history: History) -> Iterator[Breach]:
    """Only words that tell one case from another."""
    for when, (at, expected, actual) in misfits(call):
        assert call.operation is not None
        clause = clauses.answer(call.contract, call.operation, when)
        yield Breach(brief(expected), brief(actual), clause=clause, at=at)


def misfits(call: Call) -> Sequence[tuple[str, tuple[str, object, object]]]:
    """Case and word for each telling word that no case of the status has so; the likeliest case."""
    if call.response_json is ABSENT or call.exchange.cut or other_case(call) is not None:
        return ()
    found = [[(one.when, misfit) for misfit in call.mismatches(one.when)] for one in call.answers]
    return min(found, key=len, default=[])


@check("envelope.error", "Every refusal has the error envelope, even an undocumented one.")
def error(call: Call, history: History) -> Iterator[Breach]:
    """Where the contract gives no form for the status, that of its other refusals counts."""
    known = [one for one in _refusals(call) if one.schema is not None]
    if not known or call.answers or not _has_body(call) or call.exchange.status < 400:
        return
    if call.response_json is ABSENT and place(call):
        return
    if call.response_json is ABSENT or not any(_keeps(call, one) for one in known):
        operation = call.operation or next(iter(call.contract.operations.values()))
        clause = clauses.answer(call.contract, operation, known[0].when)
        body = call.exchange.response_body.decode("utf-8", "replace")
        yield Breach("the error envelope", brief(body) if body else "no body", clause=clause)


def _keeps(call: Call, answer: AnswerTemplate) -> bool:
    return answer.schema is not None and answer.schema.is_valid(call.response_json)


def _refusals(call: Call) -> list[AnswerTemplate]:
    """The documented refusals of the operation; of a path without it for this verb, the one of that."""
    if call.operation is not None:
        return [one for one in call.operation.answers.values() if one.status >= 400]
    neighbour = next(iter(call.contract.operations.values())) if call.path_known else None
    return [neighbour.answers["method"]] if neighbour and "method" in neighbour.answers else []


@check("envelope.code", "A body that repeats the status repeats the right one.")
def code(call: Call, history: History) -> Iterator[Breach]:
    """Where the contract's answer has the status in its body."""
    if call.operation is None or call.response_json is ABSENT:
        return
    repeats = discriminating_constants(call.contract, call.operation).repeats
    places = {at: one.when for one in call.answers for at in repeats.get(one.when, ())}
    for at, when in places.items():
        value = pointer.follow(call.response_json, pointer.parts(at))
        if value is not ABSENT and str(value) != str(call.exchange.status):
            clause = clauses.answer(call.contract, call.operation, when)
            yield Breach(str(call.exchange.status), brief(value), clause=clause, at=at)
