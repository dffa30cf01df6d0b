"""Statuses: the documented one for what was asked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from mockserver.contract.model import Contract
from mockserver.contract.pointer import ABSENT
from mockserver.contract.violation import brief
from mockserver.kit.checks.base import Breach, check
from mockserver.kit.traffic import clauses
from mockserver.kit.traffic.call import Call
from mockserver.kit.traffic.credentials import ACCOUNT_STATUSES, is_ordinary, sends_json
from mockserver.kit.traffic.history import History

_BROKEN: Final = 500
_GONE: Final = frozenset({404, 410})
_NIL: Final = re.compile("00000000-0000-[04]000-[08]000-[0-9]{12}")
_NUMBER: Final = -4
"""Digits at the end of an id that may differ."""
_ASIDE: Final = frozenset({"HEAD", "OPTIONS"})


def nobody(contract: Contract) -> str:
    """An id of the contract's shape that no server gives to a job: all zeros."""
    if contract.id_kind == "uuid":
        return "00000000-0000-0000-0000-000000000000"
    return contract.id_prefix + "0" * contract.id_length


def is_nobodys(contract: Contract, name: str | None) -> bool:
    """Whether an id is one that no server gives to a job: zeros or nines, but for a number at its end."""
    if name is None:
        return False
    if contract.id_kind == "uuid":
        return _NIL.fullmatch(name) is not None
    body = name.removeprefix(contract.id_prefix)
    return len(body) == contract.id_length and set(body[:_NUMBER]) in ({"0"}, {"9"})


def _fine(status: int) -> bool:
    return 200 <= status < 300


def _said(call: Call) -> str:
    """The answer in a few words."""
    return f"{call.exchange.status} {'' if call.response_json is ABSENT else brief(call.response_json)}".strip()


@check("status.answered", "Every request gets an answer.")
def answered(call: Call, history: History) -> Iterator[Breach]:
    """A connection that fails or ends too early."""
    if call.operation is not None and call.exchange.status == 0:
        source = clauses.promised(call.contract, call.operation)
        yield Breach("an answer", f"none: {call.exchange.error or 'the connection ended'}", source=source)


@check("status.works", "The server never answers with a status of 500 or above.")
def works(call: Call, history: History) -> Iterator[Breach]:
    """Every status of 500 and above, documented or not."""
    if call.operation is not None and call.exchange.status >= _BROKEN:
        source = clauses.promised(call.contract, call.operation)
        yield Breach("an answer below 500", _said(call), source=source)


@check("status.documented", "An answer's status is one that the operation documents.")
def documented(call: Call, history: History) -> Iterator[Breach]:
    """Redirects are answers, too."""
    status = call.exchange.status
    if call.operation is None or not 0 < status < _BROKEN:
        return
    at = f"{clauses.operation(call.operation)}/responses"
    known = set(clauses.follow(call.contract, at)[1])
    if known.isdisjoint({str(status), f"{status // 100}XX", "default"}):
        source = clauses.promised(call.contract, call.operation)
        yield Breach(f"one of {', '.join(sorted(known))}", _said(call), clause=at, source=source)


@check("status.refuses", "Input that breaks a rule of the contract is not accepted.")
def refuses(call: Call, history: History) -> Iterator[Breach]:
    """One breach for each rule that is not enforced, at the place in what was sent."""
    if is_ordinary(call) and _fine(call.exchange.status) and call.succeeded:
        for rule in call.violations:
            expected = f"a refusal: {rule.text()}"
            actual = f"accepted with {call.exchange.status}"
            yield Breach(expected, actual, rule.clause, rule.source, at=rule.pointer)


@check("status.accepts", "Input that keeps to the contract is not refused as invalid.")
def accepts(call: Call, history: History) -> Iterator[Breach]:
    """Not judged where the body has keys of which the documents are silent."""
    if not is_ordinary(call) or call.operation is None or call.violations or not _tells(call):
        return
    body, sent = call.operation.body, call.request_json
    if body is not None and (sent is ABSENT or not sends_json(call) or body.unknown(sent)):
        return
    if call.object_id is not None and not _knows(call, history):
        return
    if any(_is(call, when) for when in ("invalid", "malformed", "unknown-model")):
        yield Breach("that it is accepted", _said(call), _input(call), _word(call, _input(call)))


def _knows(call: Call, history: History) -> bool:
    """Whether what a call names by its id is known to be there for its caller."""
    if call.role == "model":
        return call.object_id in call.contract.models
    return history.job(call) is not None and not _is_nobodys(call, history)


def _tells(call: Call) -> bool:
    return not call.exchange.cut and not _fine(call.exchange.status)


def _is(call: Call, when: str) -> bool:
    """Whether the answer is that of a case, by status and fixed words."""
    answer = call.operation.answers.get(when) if call.operation else None
    return answer is not None and answer.status == call.exchange.status and not call.mismatches(when)


def _input(call: Call) -> str:
    assert call.operation is not None
    return clauses.body(call.contract, call.operation) if call.operation.body else ""


def _word(call: Call, clause: str) -> str:
    """Who promises the operation, where the clause does not say it itself."""
    assert call.operation is not None
    return "" if clause else clauses.promised(call.contract, call.operation)


def _instead(call: Call, when: str) -> Iterator[Breach]:
    """A breach unless the answer is that of the case."""
    assert call.operation is not None
    answer = call.operation.answers.get(when)
    if answer is not None and not _is(call, when):
        clause = clauses.answer(call.contract, call.operation, when)
        yield Breach(f"{answer.status}, the answer to what is {when}", _said(call), clause)


@check("status.malformed", "A body that is not JSON is answered as documented.")
def malformed(call: Call, history: History) -> Iterator[Breach]:
    """Of a body that was recorded whole."""
    exchange = call.exchange
    if not is_ordinary(call) or call.role != "submit" or not sends_json(call) or exchange.cut:
        return
    if exchange.request_body and call.request_json is ABSENT and exchange.status not in ACCOUNT_STATUSES:
        yield from _instead(call, "malformed")


@check("status.media-type", "A body of another type than JSON is answered as documented.")
def media_type(call: Call, history: History) -> Iterator[Breach]:
    """By the type that the request states."""
    unread = call.role == "submit" and not sends_json(call)
    if is_ordinary(call) and unread and call.exchange.status not in ACCOUNT_STATUSES:
        yield from _instead(call, "media-type")


@check("status.unknown", "An id of no job of the caller is answered as documented.")
def unknown(call: Call, history: History) -> Iterator[Breach]:
    """The id of zeros, and a job of another caller; that such a job is shown is a matter of isolation."""
    if not is_ordinary(call) or call.operation is None or call.exchange.status in (401, 402, 429):
        return
    if call.role == "model":
        if call.object_id not in call.contract.models and not _fine(call.exchange.status):
            yield from _instead(call, "unknown-model")
    elif is_nobodys(call.contract, call.object_id) and call.succeeded:
        source = clauses.promised(call.contract, call.operation)
        yield Breach("that nothing is found", _said(call), source=source)
    elif call.object_id is not None and not call.succeeded and _is_nobodys(call, history):
        yield from _instead(call, "unknown")


def _is_nobodys(call: Call, history: History) -> bool:
    story, caller = history.job(call), call.exchange.caller
    if is_nobodys(call.contract, call.object_id):
        return True
    return story is not None and bool(caller and story.caller) and story.caller != caller


@check("status.found", "A job that its caller knows of can be found again.")
def found(call: Call, history: History) -> Iterator[Breach]:
    """Whatever became of it."""
    story = history.job(call)
    if story is None or not is_ordinary(call) or call.operation is None or call.exchange.status not in _GONE:
        return
    if story.caller is not None and story.caller == call.exchange.caller:
        source = clauses.promised(call.contract, call.operation)
        yield Breach(f"job {story.job}", _said(call), source=source, job=story.job)


@check("status.verb", "A path answers only to the methods that are documented for it.")
def verb(call: Call, history: History) -> Iterator[Breach]:
    """HEAD and OPTIONS are HTTP's own."""
    status = call.exchange.status
    if call.operation is not None or not call.path_known or call.exchange.method in _ASIDE:
        return
    case = call.contract.document["x-job"].get("answers", {}).get("method")
    if case is None or not 0 < status < _BROKEN or status in (case["status"], *ACCOUNT_STATUSES):
        return
    at, node = clauses.follow(call.contract, "/x-job/answers/method/response")
    inner = f"{at}/x-job/0" if isinstance(node.get("x-job"), list) else f"{at}/x-job"
    clause = inner if _fine(status) else at
    yield Breach(f"{case['status']}", f"{call.exchange.method} is answered {_said(call)}", clause)
