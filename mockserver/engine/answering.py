"""The answer that the contract gives to what happened, checked against its own promise."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import orjson

from mockserver.contract.model import AnswerTemplate
from mockserver.engine.message import Response, problem
from mockserver.engine.request_context import RequestContext
from mockserver.engine.view import JobView
from mockserver.jobs.job import Job, State

_UNSAID: Final = {
    "unknown": "no job of this id belongs to this key",
    "unknown-model": "no such model is served",
    "conflict": "the job has ended",
}
_KEPT: Final = 4096
_SMALL: Final = 16 * 1024


class CachedAnswer(NamedTuple):
    """The answer that a read gets from now on: its job, without the request, ended at `since`."""

    job: Job
    since: int
    answer: AnswerTemplate
    body: bytes


class Answering:
    """Projects templates. A body that can only change with its job's state is made once a state."""

    def __init__(self) -> None:
        self._bodies: dict[Any, bytes] = {}
        self._last: dict[tuple[str, str, str, str], CachedAnswer] = {}

    def forget(self) -> None:
        """Drop what was made: jobs have gone, and with a seed another may come by the name of one."""
        self._bodies.clear()
        self._last.clear()

    def recall(self, call: RequestContext) -> Response | None:
        """The answer to a read of a job that has ended, where it is known: nothing can change it.

        None where the job must be looked up.
        """
        last = self._last.get(_asked(call))
        if last is None or call.now < last.since:
            return None
        call.job = last.job
        return Response(last.answer.status, list(last.answer.headers), last.body)

    def answer(self, call: RequestContext, when: str) -> Response:
        """The response to a call whose outcome is `when`."""
        answer = call.operation.answers[when]
        asked_again = answer.steady and call.operation.role == "read"
        response = self._steady(call, answer) if asked_again else self._fresh(call, answer, when)
        if call.warnings:
            response.headers.append((b"mockserver-warning", _header("; ".join(call.warnings))))
        return response

    def _steady(self, call: RequestContext, answer: AnswerTemplate) -> Response:
        job, state = call.job, call.state
        assert job is not None
        assert state is not None
        key = (id(answer), job.id, call.request.base, state.word, state.since, state.reason, call.link)
        body = self._bodies.get(key)
        if body is not None:
            return Response(answer.status, list(answer.headers), body)
        response = self._fresh(call, answer, answer.when)
        if response.status == answer.status and len(response.body) <= _SMALL:
            if len(self._bodies) + len(self._last) >= _KEPT:
                self.forget()
            if _is_last(call, job, state):
                known = CachedAnswer(job._replace(request={}), state.since, answer, response.body)
                self._last[_asked(call)] = known
            else:
                self._bodies[key] = response.body
        return response

    def _fresh(self, call: RequestContext, answer: AnswerTemplate, when: str) -> Response:
        call.status = answer.status
        if when != "default":
            call.error = _said(answer, when, call.error or _UNSAID.get(when))
        body = answer.project(JobView(call, call.job, call.state))
        if answer.schema is not None and not answer.schema.is_valid(body) and not _is_bent(call):
            return _broken_promise(answer, body)
        return Response(answer.status, list(answer.headers), orjson.dumps(body))


def _asked(call: RequestContext) -> tuple[str, str, str, str]:
    """What tells one read from another."""
    request = call.request
    return call.tenant, request.base, request.path, request.query


def _is_last(call: RequestContext, job: Job, state: State) -> bool:
    """Whether the read that was answered will be answered alike for ever.

    It went by the job's id, as by an alias the next one may find a newer job; no fault is to act on it;
    and nothing was done to the job, as some of what may be is noted at every read.
    """
    place, name = call.operation.key or ("path", "")
    by_id = call.parameters[place].get(name) == job.id and not call.link and not call.warnings
    return by_id and state.ended and not job.facts and not job.plan.faults


def _is_bent(call: RequestContext) -> bool:
    """Whether a fault made the answer break the contract on purpose."""
    shown = [call.job] if call.job else [job for job, _ in call.jobs]
    return any(job.plan.quirks for job in shown)


def _said(answer: AnswerTemplate, when: str, error: str | None) -> str:
    """The provider's opening words, then what was wrong, or whichever of the two there is."""
    if error is None:
        return answer.says or f"the mock was told to answer {when!r}"
    return f"{answer.says}: {error}" if answer.says else error


def _broken_promise(answer: AnswerTemplate, body: Any) -> Response:
    """We are the reference: an answer that breaks the contract is our bug, and says so."""
    assert answer.schema is not None
    texts = [violation.text() for violation in answer.schema.explain(body)]
    return problem(500, "This answer would break the contract", "; ".join(texts[:5]), when=answer.when)


def _header(text: str) -> bytes:
    """Text as a header may carry it: printable ASCII, all else escaped."""
    return text.encode("unicode_escape")[:1000]
