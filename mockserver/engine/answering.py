"""Renders the contract's answer to an outcome, and checks it against the answer's schema."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import Any, Final, NamedTuple

import orjson

from mockserver.contract.answer_template import AnswerTemplate
from mockserver.engine.list_pages import ListPages
from mockserver.engine.long_lists import ListedJob, stream_list
from mockserver.engine.message import Request, Response, problem
from mockserver.engine.refusals.refusal import Field
from mockserver.engine.request_context import PreparedAnswer, RequestContext
from mockserver.engine.view import JobView, link_base
from mockserver.jobs.job import Job, State

_MESSAGES: Final = {
    "unknown": "no job of this id belongs to this key",
    "unknown-model": "no such model is served",
    "conflict": "the job has ended",
}
_MAX_ENTRIES: Final = 4096
_MAX_TEXTS: Final = 512
_MAX_BODY: Final = 16 * 1024
"""Bytes of a response body that is cached."""
_MAX_REFUSED: Final = 2048
"""Bytes of a refused body that is compared with the next one."""


class CachedAnswer(NamedTuple):
    """The response to every later read of a job that ended in `state`; `job` is without its request."""

    job: Job
    state: State
    answer: AnswerTemplate
    body: bytes


class Answering:
    """Renders templates. A body that can only change with its job's state is rendered once a state."""

    def __init__(self) -> None:
        self._bodies: dict[Any, bytes] = {}
        self.pages = ListPages()
        self._texts: dict[tuple[AnswerTemplate, str, Field | None], bytes] = {}
        self._last: dict[tuple[str, str, str, str], CachedAnswer] = {}

    def forget(self) -> None:
        """Empty the caches: jobs have gone, and with a seed a new one may get the id of one of them."""
        self._bodies.clear()
        self._last.clear()
        self.pages.forget()

    def forget_jobs(self, provider: str, job_ids: Sequence[str]) -> None:
        """Forget what answers reads of these jobs without a look into the store."""
        gone = {(provider, job_id) for job_id in job_ids}
        for key in [key for key, last in self._last.items() if (last.job.provider, last.job.id) in gone]:
            del self._last[key]

    def recall(self, context: RequestContext) -> Response | None:
        """The cached response to a read of a job that has ended; None where the job must be looked up."""
        last = self._last.get(_read_key(context))
        if last is None or context.now < last.state.since:
            return None
        context.job, context.state, context.is_steady = last.job, last.state, True
        return Response(last.answer.status, list(last.answer.headers), last.body)

    def answer(self, context: RequestContext, when: str) -> Response:
        """The response to a request whose outcome is `when`."""
        phase = context.state.phase if context.state is not None else ""
        answer = context.operation.answer(when, phase)
        if context.later_jobs is not None and when == "default":
            response = stream_list(context, answer, context.later_jobs)
        elif context.operation.role == "list" and when == "default":
            response = self._list(context, answer)
        elif answer.is_of_error and when != "default":
            response = self._of_error(context, answer, when)
        elif answer.steady and context.operation.role == "read":
            response = self._steady(context, answer)
        else:
            response = self._fresh(context, answer, when)
        if context.warnings:
            response.headers.append((b"mockserver-warning", _header("; ".join(context.warnings))))
        return response

    def refuse_path(self, context: RequestContext, answer: AnswerTemplate) -> Response:
        """The response to a request whose path no operation has; the context's own is any of the provider."""
        return self._fresh(context, answer, answer.when)

    def _steady(self, context: RequestContext, answer: AnswerTemplate) -> Response:
        """A response whose body is made of the job, its state and the server's address alone."""
        job, state = context.job, context.state
        assert job is not None
        assert state is not None
        base = link_base(context) if answer.has_links else context.request.base
        key = (answer, job.id, base, state.word, state.since, state.reason, context.link)
        context.is_steady = True
        body = self._bodies.get(key)
        if body is not None:
            return Response(answer.status, list(answer.headers), body)
        response = self._fresh(context, answer, "default")
        if response.status == answer.status and len(response.body) <= _MAX_BODY:
            if len(self._bodies) + len(self._last) >= _MAX_ENTRIES:
                self.forget()
            if state.ended and is_settled(context, job):
                cached = CachedAnswer(job._replace(request={}), state, answer, response.body)
                self._last[_read_key(context)] = cached
            else:
                self._bodies[key] = response.body
        return response

    def _list(self, context: RequestContext, answer: AnswerTemplate) -> Response:
        body = self.pages.body(context, answer)
        if body is None:
            return self._fresh(context, answer, "default")
        context.status, context.is_steady = answer.status, answer.is_list_alone
        return Response(answer.status, answer.headers_for(JobView(context, None, None)), body)

    def _of_error(self, context: RequestContext, answer: AnswerTemplate, when: str) -> Response:
        """A response whose body is made of an error's text alone: clients repeat their mistakes."""
        context.status = answer.status
        context.error = context.refusal = _message(answer, when, context.error or _MESSAGES.get(when))
        context.is_steady = context.breaks_contract and _comes_again(context.request)
        body = self._texts.get((answer, context.error, context.error_field))
        if body is not None:
            return Response(answer.status, list(answer.headers), body)
        response = self._render(context, answer, when)
        if response.status == answer.status and len(response.body) <= _MAX_BODY:
            if len(self._texts) >= _MAX_TEXTS:
                self._texts.clear()
            self._texts[answer, context.error, context.error_field] = response.body
        return response

    def _fresh(self, context: RequestContext, answer: AnswerTemplate, when: str) -> Response:
        context.status = answer.status
        if when != "default":
            context.error = context.refusal = _message(answer, when, context.error or _MESSAGES.get(when))
        elif answer.says:
            context.error = answer.says
        return self._render(context, answer, when)

    def _render(self, context: RequestContext, answer: AnswerTemplate, when: str) -> Response:
        view = JobView(context, context.job, context.state)
        prepared = context.prepared
        if prepared is not None and prepared.answer is answer and prepared.state is context.state:
            return Response(answer.status, answer.headers_for(view), prepared.body)
        body = answer.render(view)
        if answer.schema is not None and not answer.schema.is_valid(body) and not _breaks_on_purpose(context):
            shown = [listed for listed in context.jobs if _can_show(context, answer, listed)]
            if len(shown) == len(context.jobs):
                return _broken_contract(answer, body)
            context.jobs = shown
            context.warnings += ("jobs that would break the contract are left out",)
            return self._render(context, answer, when)
        return Response(answer.status, answer.headers_for(view), _written(answer, body))


def _comes_again(request: Request) -> bool:
    """Whether the contract refused the same request before: of those that differ no answer is remembered."""
    head, body = request.head, request.body
    if head is None or len(body) > _MAX_REFUSED:
        return False
    if head.refused == body:
        return True
    head.refused = bytes(body)
    return False


class Unanswerable(Exception):
    """The answer to a submit would break the contract; `response` says so, and no job is stored."""

    def __init__(self, response: Response) -> None:
        super().__init__("the answer would break the contract, which is a mistake of the mock server's")
        self.response = response


def prepare(context: RequestContext) -> None:
    """Make the answer to a submit before its job is stored. Raises Unanswerable where it cannot be made."""
    assert context.job is not None
    assert context.state is not None
    answer = context.operation.answer("default", context.state.phase)
    context.status = answer.status
    if answer.says:
        context.error = answer.says
    body = answer.render(JobView(context, context.job, context.state))
    valid = answer.schema is None or answer.schema.is_valid(body)
    if not valid and not context.job.plan.quirks:
        context.job = context.state = None
        raise Unanswerable(_broken_contract(answer, body))
    context.prepared = PreparedAnswer(answer, context.state, _written(answer, body))


def _written(answer: AnswerTemplate, body: Any) -> bytes:
    """The bytes of a body; none where the contract documents no content."""
    return b"" if answer.is_empty and body is None else orjson.dumps(body)


def _read_key(context: RequestContext) -> tuple[str, str, str, str]:
    """What tells one read from another."""
    request = context.request
    return context.tenant, request.base, request.path, request.query


def is_settled(context: RequestContext, job: Job) -> bool:
    """Whether this response to a read holds until the job's state changes.

    The read must name the job's id, as an alias may name a newer job the next time. No fault may act on
    the read, and no fact may have been noted of the job, as some are noted at every read.
    """
    place, name = context.operation.key or ("path", "")
    by_id = context.parameters[place].get(name) == job.id and not context.link and not context.warnings
    return by_id and not job.facts and not job.plan.faults


def _breaks_on_purpose(context: RequestContext) -> bool:
    """Whether a fault made the jobs that are shown break the contract on purpose."""
    if context.job is not None:
        return bool(context.job.plan.quirks)
    return any(job.plan.quirks for job, _ in context.jobs)


def _can_show(context: RequestContext, answer: AnswerTemplate, listed: ListedJob) -> bool:
    """Whether a list of this job alone keeps the contract: a job that somebody else stored may not."""
    assert answer.schema is not None
    alone = copy(context)
    alone.jobs = (listed,)
    return answer.schema.is_valid(answer.render(JobView(alone, None, None)))


def _message(answer: AnswerTemplate, when: str, error: str | None) -> str:
    """The provider's opening words and then the error, or whichever of the two there is."""
    if error is None:
        return answer.says or f"a fault chose the answer {when!r}"
    return f"{answer.says}: {error}" if answer.says else error


def _broken_contract(answer: AnswerTemplate, body: Any) -> Response:
    """This server is the reference: an answer that breaks the contract is a bug of its own, and says so."""
    assert answer.schema is not None
    texts = [violation.text() for violation in answer.schema.explain(body)]
    return problem(500, "This answer would break the contract", "; ".join(texts[:5]), when=answer.when)


def _header(text: str) -> bytes:
    """Text as a header may carry it: printable ASCII, all else escaped."""
    return text.encode("unicode_escape")[:1000]
