"""Statuses: each request gets the documented one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mockserver.contract.model import Operation
from mockserver.contract.pointer import ABSENT
from mockserver.contract.violation import brief
from mockserver.kit.checks.base import Breach, check
from mockserver.kit.checks.job_ids import is_unassigned_id
from mockserver.kit.traffic import contract_locations
from mockserver.kit.traffic.answer_templates import GOING_WELL
from mockserver.kit.traffic.call import Call
from mockserver.kit.traffic.credentials import (
    ACCOUNT_STATUSES,
    is_account_case,
    is_ordinary,
    sends_body,
    sends_json,
)
from mockserver.kit.traffic.discriminating_constants import discriminating_constants
from mockserver.kit.traffic.history import History
from mockserver.kit.traffic.untimely import may_be_early, names_no_job_before

_SERVER_ERROR: Final = 500
_FORBIDDEN: Final = 403
"""What a caller gets who may not know whether a job or model is there: that is another answer."""
_GONE: Final = frozenset({404, 410})
_OTHER_METHODS: Final = frozenset({"HEAD", "OPTIONS"})


def _is_success(status: int) -> bool:
    return 200 <= status < 300


def _is_about_account(call: Call) -> bool:
    return call.exchange.status in ACCOUNT_STATUSES or is_account_case(call)


def _summary(call: Call) -> str:
    """The answer in a few words."""
    if call.response_json is ABSENT:
        return str(call.exchange.status)
    return f"{call.exchange.status} {brief(call.response_json)}"


@check("status.answered", "Every request gets an answer.")
def answered(call: Call, history: History) -> Iterator[Breach]:
    """A connection that fails or ends too early is no answer."""
    if call.operation is not None and call.exchange.status == 0:
        source = contract_locations.provenance(call.contract, call.operation)
        yield Breach("an answer", f"none: {call.exchange.error or 'the connection ended'}", source=source)


@check("status.works", "The server never answers with a status of 500 or above.")
def works(call: Call, history: History) -> Iterator[Breach]:
    """Every status of 500 and above, documented or not."""
    if call.operation is not None and call.exchange.status >= _SERVER_ERROR:
        source = contract_locations.provenance(call.contract, call.operation)
        yield Breach("an answer below 500", _summary(call), source=source)


@check("status.documented", "An answer's status is one that the operation documents.")
def documented(call: Call, history: History) -> Iterator[Breach]:
    """Redirects are answers too."""
    status = call.exchange.status
    if call.operation is None or not 0 < status < _SERVER_ERROR:
        return
    at = f"{contract_locations.operation(call.operation)}/responses"
    known = set(contract_locations.follow(call.contract, at)[1]) | _shared(call)
    if known.isdisjoint({str(status), f"{status // 100}XX", "default"}):
        source = contract_locations.provenance(call.contract, call.operation)
        yield Breach(f"one of {', '.join(sorted(known))}", _summary(call), clause=at, source=source)


def _shared(call: Call) -> set[str]:
    """The statuses of answers that all operations share; what another method gets is none of them."""
    shared = call.contract.document["x-job"].get("answers", {})
    return {str(entry["status"]) for when, entry in shared.items() if when != "method"}


@check("status.refuses", "Input that breaks a rule of the contract is not accepted.")
def refuses(call: Call, history: History) -> Iterator[Breach]:
    """One breach for each rule that is not enforced, at its place in the request."""
    if is_ordinary(call) and _is_success(call.exchange.status) and call.succeeded:
        for rule in call.violations:
            expected = f"a refusal: {rule.text()}"
            actual = f"accepted with {call.exchange.status}"
            yield Breach(expected, actual, rule.clause, rule.source, at=rule.pointer)


@check("status.accepts", "Input that keeps to the contract is not refused as invalid.")
def accepts(call: Call, history: History) -> Iterator[Breach]:
    """Not judged if the body has keys that the documentation does not mention."""
    if not is_ordinary(call) or call.operation is None or call.violations or not _is_refused(call):
        return
    body, sent = call.operation.body, call.request_json
    if body is not None and (sent is ABSENT or not sends_json(call) or body.unknown(sent)):
        return
    if not _is_known(call, history):
        return
    if call.source_id is not None and history.source_of(call) is None:
        return
    if may_be_early(call) or names_no_job_before(call, history):
        return
    if any(_is_case(call, when) for when in ("invalid", "malformed", "unknown-model")):
        clause = _body_clause(call)
        yield Breach("that it is accepted", _summary(call), clause, _source(call, clause))


def _is_known(call: Call, history: History) -> bool:
    """Whether the job or model that a call names, if it does, is known to exist for its caller."""
    if call.operation is not None and call.operation.model_places:
        return not _names_no_model(call)
    if call.object_id is None:
        return True
    if call.role == "model":
        return call.object_id in call.contract.models
    job = history.job_of(call)
    return job is not None and not job.deleted and not _is_unknown_to_caller(call, history)


def _names_no_model(call: Call) -> bool:
    """Whether a path names a model that there is not, which may be told before anything of the body."""
    in_path = call.operation is not None and bool(call.operation.model_places)
    return in_path and call.model not in call.contract.models


def _is_refused(call: Call) -> bool:
    """By the status, or by a business code below a status of success."""
    return not call.exchange.cut and not call.well


def _is_case(call: Call, when: str) -> bool:
    """Whether the answer is that of a case, by its status and constants."""
    if call.operation is None:
        return False
    answer = call.operation.answers.get(when)
    return answer is not None and answer.status == call.exchange.status and not call.mismatches(answer.when)


def _body_clause(call: Call) -> str:
    assert call.operation is not None
    if call.operation.body is None:
        return ""
    return contract_locations.request_body(call.contract, call.operation)


def _source(call: Call, clause: str) -> str:
    """The provenance of the operation, if there is no clause that has its own."""
    assert call.operation is not None
    if clause:
        return ""
    return contract_locations.provenance(call.contract, call.operation)


def _expect_case(call: Call, when: str) -> Iterator[Breach]:
    """A breach unless the answer is the documented one of the case; nothing if no such case is documented."""
    assert call.operation is not None
    answer = call.operation.answers.get(when)
    if answer is not None and call.exchange.left_out and answer.status == call.exchange.status:
        # Its words were not read.
        return
    if answer is not None and not _is_case(call, when):
        clause = contract_locations.answer(call.contract, call.operation, when)
        yield Breach(f"{answer.status}, the answer of the case {when}", _summary(call), clause)


@check("status.malformed", "A body that is not JSON is answered as documented.")
def malformed(call: Call, history: History) -> Iterator[Breach]:
    """Only if the body was recorded whole."""
    exchange = call.exchange
    if not is_ordinary(call) or call.role != "submit" or not sends_json(call) or exchange.cut:
        return
    # Nobody says whether that is judged before the path and the parameters.
    if call.violations or _names_no_model(call):
        return
    if exchange.request_body and call.request_json is ABSENT and not _is_about_account(call):
        yield from _expect_case(call, "malformed")


@check("status.media-type", "A body of another type than JSON is answered as documented.")
def media_type(call: Call, history: History) -> Iterator[Breach]:
    """By the content type that the request states."""
    unread = call.role == "submit" and not sends_body(call) and not call.violations
    if _names_no_model(call):
        return
    if is_ordinary(call) and unread and not _is_about_account(call):
        yield from _expect_case(call, "media-type")


@check("status.unknown", "An id of no job of the caller is answered as documented.")
def unknown(call: Call, history: History) -> Iterator[Breach]:
    """An id of zeros, or a job of another caller; `isolation.job` checks that such a job is not shown."""
    if not is_ordinary(call) or call.operation is None or call.exchange.status in (401, 402, 429):
        return
    if is_account_case(call) and call.exchange.status != _FORBIDDEN:
        return
    if call.role == "model":
        if call.object_id not in call.contract.models and _is_refused(call):
            yield from _expect_case(call, "unknown-model")
    elif is_unassigned_id(call.contract, call.object_id) and call.succeeded:
        source = contract_locations.provenance(call.contract, call.operation)
        yield Breach("no job or model", _summary(call), source=source)
    elif call.object_id is None or call.succeeded or call.violations:
        return  # What else is wrong with a request may be refused first.
    elif _is_unknown_to_caller(call, history):
        yield from _expect_case(call, "unknown")


@check("status.late", "A cancel of a job that has ended is answered as documented.")
def late(call: Call, history: History) -> Iterator[Breach]:
    """If the contract has an answer for it. The same cancel again may be accepted again."""
    job = history.job_of(call)
    if call.role != "cancel" or job is None or not is_ordinary(call) or not call.succeeded:
        return
    again = any(other.succeeded for other in job.cancels if other.number < call.number)
    if job.ended_before(call) and not again:
        yield from _expect_case(call, "conflict")


def _is_unknown_to_caller(call: Call, history: History) -> bool:
    """Whether a call names an id that no job of its caller has, by the record."""
    if is_unassigned_id(call.contract, call.object_id):
        return True
    job, caller = history.job_of(call), call.exchange.caller
    if job is None or not caller or not job.caller:
        return False
    return job.caller != caller


@check("status.found", "A job that its caller knows of can be found again.")
def retrievable(call: Call, history: History) -> Iterator[Breach]:
    """Whatever became of the job, unless it was deleted."""
    job = history.job_of(call)
    if job is None or not is_ordinary(call) or call.operation is None or call.exchange.status not in _GONE:
        return
    if job.deleted:
        return
    if call.well:  # By its status alone the answer of a phase may look like that of an unknown id.
        return
    if job.caller is not None and job.caller == call.exchange.caller:
        source = contract_locations.provenance(call.contract, call.operation)
        yield Breach(f"job {job.job_id}", _summary(call), source=source, job=job.job_id)


@check("status.verb", "A path answers only to the methods that are documented for it.")
def verb(call: Call, history: History) -> Iterator[Breach]:
    """HEAD and OPTIONS belong to HTTP itself."""
    status = call.exchange.status
    if call.operation is not None or not call.path_known or call.exchange.method in _OTHER_METHODS:
        return
    case = call.contract.document["x-job"].get("answers", {}).get("method")
    if case is None or not 0 < status < _SERVER_ERROR or status in ACCOUNT_STATUSES:
        return
    if status == case["status"] and (not _is_success(status) or is_method_refusal(call)):
        return
    clause, node = contract_locations.follow(call.contract, "/x-job/answers/method/response")
    if _is_success(status):
        clause += "/x-job/0" if isinstance(node.get("x-job"), list) else "/x-job"
    yield Breach(f"{case['status']}", f"{call.exchange.method} is answered {_summary(call)}", clause)


def is_method_refusal(call: Call) -> bool:
    """Whether an answer is the one that the contract has for a method without an operation, by status and
    form, and no operation's success."""
    operations = call.contract.operations.values()
    answer = next(iter(operations)).answers.get("method")
    if answer is None or answer.schema is None or answer.status != call.exchange.status:
        return False
    if call.response_json is ABSENT or not answer.schema.is_valid(call.response_json):
        return False
    return not any(_is_success_of(operation, call) for operation in operations)


def _is_success_of(operation: Operation, call: Call) -> bool:
    """Whether an answer would be one of an operation that went well."""
    constants = discriminating_constants(call.contract, operation)
    return any(
        answer.status == call.exchange.status
        and (answer.schema is None or answer.schema.is_valid(call.response_json))
        and not constants.mismatches(answer.when, call.response_json)
        for when, answer in operation.answers.items()
        if when in GOING_WELL
    )
