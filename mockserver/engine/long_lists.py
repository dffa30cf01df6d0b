"""Lists whose jobs have large requests: they are read one after the other, as the list is sent."""

from __future__ import annotations

from asyncio import sleep
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from contextlib import suppress
from typing import Any, Final

import orjson

from mockserver.contract.answer_template import AnswerTemplate
from mockserver.contract.template import Render
from mockserver.engine.message import Response
from mockserver.engine.request_context import RequestContext
from mockserver.engine.view import JobView
from mockserver.errors import UnreadableJob
from mockserver.jobs.job import Job, State
from mockserver.stores.base import Store

AT_ONCE: Final = 1024 * 1024
"""Characters of requests that a list holds at once; a longer one is sent in parts."""
_SHOWN: Final = 64 * 1024
"""Bytes of a list that the journal shows."""

ListedJob = tuple[Job, State]


async def read_requests(store: Store, context: RequestContext) -> None:
    """Put the requests of the jobs into the context's list; those that are too many are left for later."""
    reading = _with_requests(store, context.jobs)
    jobs: list[ListedJob] = []
    room = AT_ONCE
    async for listed in reading:
        jobs.append(listed)
        room -= characters(listed[0].request)
        if room < 0:
            context.later_jobs = reading
            break
    context.jobs = jobs


async def _with_requests(store: Store, jobs: Sequence[ListedJob]) -> AsyncGenerator[ListedJob, None]:
    for job, state in jobs:
        whole = None
        with suppress(UnreadableJob):
            whole = await store.get(job.tenant, job.provider, job.id)
        if whole is not None:
            yield job._replace(request=whole.request, places=whole.places), state


def characters(value: Any) -> int:
    """How many characters a JSON value has, about."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(map(characters, value.values()))
    if isinstance(value, list):
        return sum(map(characters, value))
    return 1


class _ListView(JobView):
    """Renders a list with a mark in the place of its jobs, and notes what would be made of each."""

    mark: str
    do: Render | None = None

    def each_job(self, do: Render) -> Any:
        self.do = do
        return self.mark


def stream_list(context: RequestContext, answer: AnswerTemplate, later: AsyncIterator[ListedJob]) -> Response:
    """The response whose body is made while it is sent. `body` is its beginning, for the journal.

    The parts are not checked against the answer's schema, as its status has been sent before them.
    """
    view = _ListView(context, None, None)
    view.mark = f"jobs-{context.random.getrandbits(128):032x}"
    body = orjson.dumps(answer.render(view))
    head, _, tail = body.partition(orjson.dumps(view.mark))
    assert view.do is not None
    first = [*_rendered(context, view.do, context.jobs)]
    response = Response(answer.status, answer.headers_for(view), b"".join((head, b"[", *first))[:_SHOWN])
    response.stream = _parts(context, view.do, (head + b"[", *first), later, b"]" + tail)
    return response


def _rendered(context: RequestContext, do: Render, jobs: Iterable[ListedJob]) -> Iterable[bytes]:
    for number, (job, state) in enumerate(jobs):
        yield (b"," if number else b"") + orjson.dumps(do(JobView(context, job, state)))


async def _parts(
    context: RequestContext, do: Render, first: Sequence[bytes], later: AsyncIterator[ListedJob], last: bytes
) -> AsyncGenerator[bytes, None]:
    for part in first:
        yield part
    async for job, state in later:
        yield b"," + orjson.dumps(do(JobView(context, job, state)))
        # To read a large job takes some milliseconds, and sending it need not wait for anything.
        await sleep(0)
    yield last
