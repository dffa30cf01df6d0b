"""Submits of the usual kind: from bytes to a job and its answer, or to their refusal, in a few calls.

Of the 89 microseconds that the pipeline takes with a store in memory, 26 are coroutines, a future, and looks
for what few requests have. Here that is looked for once for each head, or in the body's bytes. What is not
plain, or cannot be stored, goes by the pipeline, which alone knows how to wait and to fail: a plain submit
has done nothing until its job is stored. A body that breaks the contract is refused here too: with a store in
memory that takes 59 in place of 81 microseconds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from mockserver.contract.model import Operation
from mockserver.engine.action_context import ActionContext, show
from mockserver.engine.answering import Unanswerable, prepare
from mockserver.engine.body import text_at
from mockserver.engine.body_threads import IN_THE_LOOP
from mockserver.engine.counting import clip_seconds
from mockserver.engine.message import Head, Request, Response
from mockserver.engine.refusals.refusal import Refusal
from mockserver.engine.request_body import read_json
from mockserver.engine.request_context import RequestContext
from mockserver.engine.services import Services
from mockserver.jobs.ids import make_rising_id
from mockserver.jobs.job import Job
from mockserver.stores.base import LARGE

_MOST: Final = min(IN_THE_LOOP, LARGE)
_MARKER: Final = "[mock:"
_UPLOADS: Final = b"uploads"
"""What is in every body that names an uploaded file."""


class PlainSubmit:
    """A submit whose job is being stored. `response` is its answer once that is done; `is_refused` says that
    the store did not take the job, and that the pipeline is to handle the request anew.
    """

    __slots__ = ("_done", "_note", "context", "is_refused", "response")

    def __init__(self, context: RequestContext, note: Callable[[PlainSubmit], None]) -> None:
        self.context = context
        self.response: Response | None = None
        self.is_refused = False
        self._note = note
        self._done: Callable[[], None] | None = None

    def when_stored(self, done: Callable[[], None]) -> None:
        """Call `done` when there is a response, or when it is refused. Neither must be so yet."""
        self._done = done

    def end(self, stored: bool) -> None:
        """Called when its job is stored, or cannot be."""
        if stored:
            self._note(self)
        else:
            self.is_refused = True
        # Who waits holds this submit: without the cycle it goes at once, and no collector has to find it.
        done, self._done = self._done, None
        if done is not None:
            done()


class PlainSubmits:
    """Begins submits of the usual kind."""

    def __init__(
        self,
        services: Services,
        action_context: ActionContext,
        refuse: Callable[[RequestContext], Response],
    ) -> None:
        self._services = services
        self._store = services.store
        self._live_settings = services.live_settings
        self._action_context = action_context
        self._refuse = refuse
        self._is_seeded = services.settings.seed is not None

    def learn(self, context: RequestContext) -> None:
        """Note whether later requests with the head of this submit may be plain ones.

        It was stored, or its contract refused it.
        """
        head = context.request.head
        if head is not None and not head.is_plain and not context.warnings:
            head.is_plain = not self._is_seeded and _is_plain(head, context.operation)

    def begin(self, request: Request) -> PlainSubmit | Response | None:
        """Begin a submit whose head is plain, or refuse it; None where the request is not plain, and nothing
        has been done.
        """
        head, live, content = request.head, self._live_settings, bytes(request.body)
        if head is None or live.has_rules or live.has_quotas:
            return None
        if live.notices_change(at_once=False) or len(content) > _MOST or _UPLOADS in content:
            return None
        match = head.match
        operation = match.operation
        assert operation is not None
        tenant, random = head.sender[1], self._action_context.random
        context = RequestContext(match.contract, operation, request, live.now(tenant), random, tenant)
        context.parameters = {"path": match.parameters}
        is_taken = _take_body(context, content)
        if context.breaks_contract:
            return self._refuse(context)
        if not is_taken or not self._make_job(context):
            # The next one with this head is probably like it, and need not be read twice.
            head.is_plain = False
            return None
        submit = PlainSubmit(context, self._answer)
        assert context.job is not None
        return submit if self._store.add_soon(context.job, content, submit.end) else None

    def _make_job(self, context: RequestContext) -> bool:
        """Make the job and its answer; False where the answer cannot be made."""
        contract, operation, action_context = context.contract, context.operation, self._action_context
        job = Job(
            make_rising_id(contract.id_kind, contract.id_length, contract.id_prefix, action_context.random),
            context.tenant,
            contract.provider,
            operation.id,
            context.submitted_model,
            context.body,
            context.now,
            action_context.plan(contract),
        )
        show(context, Job(*job[:10], clip_seconds(contract, job)))
        try:
            prepare(context)
        except Unanswerable:
            return False
        return True

    def _answer(self, submit: PlainSubmit) -> None:
        """Make the response, and note the exchange."""
        context, services = submit.context, self._services
        prepared = context.prepared
        assert prepared is not None
        answer = prepared.answer
        submit.response = Response(answer.status, list(answer.headers), prepared.body)
        services.usage.count(context.tenant, context.contract.provider, "submit")
        took = max(0, self._live_settings.now(context.tenant) - context.now)
        services.journal.add(context.request, submit.response, context, context.now, took)


def _is_plain(head: Head, operation: Operation) -> bool:
    """Whether a submit with that head has nothing that is looked for beside its body."""
    body = operation.body
    return (
        operation.role == "submit"
        and head.sender is not None
        and not head.sender[0].has_times
        and not head.query
        and head.named.get(b"content-type") == b"application/json"
        and body is not None
        and not body.has_advice
        and operation.parameters.accepts_any_path
        and not (operation.model_places or operation.noted or operation.alias_place)
        and not (operation.callback or operation.source or operation.wait)
        and not head.match.contract.masks_reason
        and not any(answer.made_headers for answer in operation.answers.values())
    )


def _take_body(context: RequestContext, content: bytes) -> bool:
    """Read and judge the body; False where it is no JSON, breaks the contract, or has anything special."""
    operation = context.operation
    body = operation.body
    assert body is not None
    if body.null_is_absent and b"null" in content:
        return False
    try:
        value: Any = read_json(content)
    except Refusal:
        return False
    context.body = value
    context.breaks_contract = not body.is_valid(value)
    if context.breaks_contract or body.unknown(value) or text_at(value, operation.alias_at):
        return False
    # A marker may be written with escapes, and else is in the bytes as it is.
    if b"\\u" in content or b"[mock:" in content:
        return _MARKER not in str(operation.media.value(value, "prompt"))
    return True
