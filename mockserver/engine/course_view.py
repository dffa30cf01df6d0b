"""What a response template can show of a job's course, and of its further ids."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from mockserver.engine import clip
from mockserver.engine.next_page import next_url
from mockserver.engine.request_context import RequestContext
from mockserver.jobs import progress
from mockserver.jobs.job import Job, State
from mockserver.jobs.timeline import latest

T = TypeVar("T")


class CourseView:
    """Facts that are worked out only where a template names them; moments are Unix milliseconds."""

    __slots__ = ()
    context: RequestContext
    job: Job | None
    state: State | None

    def _of_course(self, fact: Callable[[Job, int], T]) -> T | None:
        """A fact of the job as of the moment as of which its state is shown."""
        if self.job is None:
            return None
        return fact(self.job, latest(self.job, self.context.now))

    @property
    def job_progress(self) -> int | None:
        return self._of_course(progress.progress)

    @property
    def job_queue_position(self) -> int | None:
        return self._of_course(progress.queue_position)

    @property
    def job_started_at(self) -> int | None:
        return self._of_course(progress.started_at)

    @property
    def job_ended_at(self) -> int | None:
        return None if self.state is None else progress.ended_at(self.state)

    @property
    def job_run_seconds(self) -> float | None:
        return self._of_course(progress.run_seconds)

    @property
    def job_code(self) -> str | int | None:
        """The code of the reason; of a failure for another reason, that of the default one."""
        if self.state is None or self.state.reason is None:
            return None
        codes = self.context.contract.codes
        code = codes.get(self.state.reason)
        return codes.get("") if code is None and self.state.phase == "failed" else code

    def named_id(self, name: str) -> str | None:
        """The job's id of that name: `id`, `alias`, or one of the contract's further ids."""
        if self.job is None:
            return None
        if name == "alias":
            return self.job.alias
        other = self.context.contract.ids.get(name)
        return self.job.id if other is None else other.of(self.job.id)

    @property
    def media_width(self) -> int | None:
        return self._of_course(lambda job, now: clip.frame(self.context.contract, job)[0])

    @property
    def media_height(self) -> int | None:
        return self._of_course(lambda job, now: clip.frame(self.context.contract, job)[1])

    @property
    def jobs_first(self) -> str | None:
        return self.context.page.first

    @property
    def jobs_last(self) -> str | None:
        return self.context.page.last

    @property
    def jobs_more(self) -> bool | None:
        return self.context.page.more

    @property
    def jobs_cursor(self) -> str | None:
        return self.context.page.cursor

    @property
    def jobs_next(self) -> str | None:
        return next_url(self.context)
