"""Makes the body of a list from the bytes that each of its jobs had in lists before.

What a list shows of a job depends on the job and its state alone, as most contracts have it. So it is made
and checked once for each state: of 600 microseconds for a list of ten jobs, 450 went into that.
"""

from __future__ import annotations

from secrets import token_hex
from typing import Any, Final

import orjson

from mockserver.contract.answer_template import AnswerTemplate
from mockserver.contract.template import Render
from mockserver.engine.long_lists import AT_ONCE, ListedJob, characters, read_requests
from mockserver.engine.request_context import RequestContext
from mockserver.engine.view import JobView, link_base
from mockserver.errors import UnreadableJob
from mockserver.stores.base import Store

_MOST: Final = 8 << 20
"""Bytes that are remembered."""
_OVERHEAD: Final = 400
_MARK: Final = f"jobs-{token_hex(16)}"
"""What nobody else writes: it stands where the jobs are to be."""
_MARKED: Final = orjson.dumps([_MARK])


class _Outer(JobView):
    """Renders a list with the list `jobs` in the place of its jobs, and notes what would be made of each."""

    jobs: list[Any]
    do: Render | None = None
    loops: int = 0

    def each_job(self, do: Render) -> Any:
        self.do, self.loops = do, self.loops + 1
        return self.jobs


class ListPages:
    """What lists show of jobs, by job and state."""

    def __init__(self) -> None:
        self._entries: dict[Any, bytes] = {}
        self._size = 0
        self._checked: set[tuple[AnswerTemplate, int]] = set()

    def forget(self) -> None:
        """Forget all: jobs have gone, or other ones may have their ids."""
        self._entries.clear()
        self._size = 0

    async def read_requests(self, store: Store, context: RequestContext) -> None:
        """Read the requests of those jobs of the context's list of which it is not known what to show."""
        answer = context.operation.answers["default"]
        if not answer.shows_requests:
            return
        missing = [
            index
            for index, listed in enumerate(context.jobs)
            if not answer.lists_steadily or self._key(context, answer, listed) not in self._entries
        ]
        if len(missing) == len(context.jobs) or not await _read_some(store, context, missing):
            await read_requests(store, context)

    def body(self, context: RequestContext, answer: AnswerTemplate) -> bytes | None:
        """The body of a list, which keeps the contract; None where it must be made as a whole.

        Each job was checked in a list of its own, and what stands around the jobs is checked each time; the
        first list of so many jobs is checked as a whole, too.
        """
        if not answer.lists_steadily or any(job.plan.quirks for job, _ in context.jobs):
            return None
        view = _Outer(context, None, None)
        view.jobs = []
        body = answer.render(view)
        if view.loops != 1 or not _keeps(answer, body):
            return None
        entries = []
        for listed in context.jobs:
            entry = self._entry(answer, listed, view, body)
            if entry is None:
                return None
            entries.append(entry)
        if (answer, len(entries)) not in self._checked:
            view.jobs[:] = map(orjson.loads, entries)
            if not _keeps(answer, body):
                return None
            self._checked.add((answer, len(entries)))
        view.jobs[:] = [_MARK]
        head, _, tail = orjson.dumps(body).partition(_MARKED)
        return b"%b[%b]%b" % (head, b",".join(entries), tail)

    def _entry(self, answer: AnswerTemplate, listed: ListedJob, view: _Outer, body: Any) -> bytes | None:
        """What the list shows of a job; None where that alone would break the contract."""
        key = self._key(view.context, answer, listed)
        entry = self._entries.get(key)
        if entry is not None:
            return entry
        assert view.do is not None
        view.jobs[:] = [view.do(JobView(view.context, *listed))]
        if not _keeps(answer, body):
            return None
        entry = orjson.dumps(view.jobs[0])
        view.jobs.clear()
        if self._size > _MOST:
            self.forget()
        self._entries[key] = entry
        self._size += len(entry) + _OVERHEAD
        return entry

    def _key(self, context: RequestContext, answer: AnswerTemplate, listed: ListedJob) -> Any:
        job, state = listed
        base = link_base(context) if answer.has_links else context.request.base
        return answer, job.id, base, state


def _keeps(answer: AnswerTemplate, body: Any) -> bool:
    return answer.schema is None or answer.schema.is_valid(body)


async def _read_some(store: Store, context: RequestContext, missing: list[int]) -> bool:
    """Put the requests of some jobs into the context's list; False where that is too much at once."""
    jobs, room = list(context.jobs), AT_ONCE
    for index in missing:
        job, state = jobs[index]
        try:
            whole = await store.get(job.tenant, job.provider, job.id)
        except UnreadableJob:
            return False
        if whole is None:
            return False
        jobs[index] = job._replace(request=whole.request, places=whole.places), state
        room -= characters(whole.request)
        if room < 0:
            return False
    context.jobs = jobs
    return True
