"""What a response template can show of a job's course, and of its further ids."""

from __future__ import annotations

from mockserver.engine import clip
from mockserver.engine.request_context import RequestContext
from mockserver.jobs import progress
from mockserver.jobs.job import Job, State
from mockserver.jobs.timeline import latest


class CourseView:
    """Facts that are worked out only where a template names them; moments are Unix milliseconds."""

    __slots__ = ()
    context: RequestContext
    job: Job | None
    state: State | None

    @property
    def _moment(self) -> int:
        """The moment as of which the state is shown."""
        assert self.job is not None
        return latest(self.job, self.context.now)

    @property
    def job_progress(self) -> int | None:
        return None if self.job is None else progress.progress(self.job, self._moment)

    @property
    def job_queue_position(self) -> int | None:
        return None if self.job is None else progress.queue_position(self.job, self._moment)

    @property
    def job_started_at(self) -> int | None:
        return None if self.job is None else progress.started_at(self.job, self._moment)

    @property
    def job_ended_at(self) -> int | None:
        return None if self.state is None else progress.ended_at(self.state)

    @property
    def job_run_seconds(self) -> float | None:
        return None if self.job is None else progress.run_seconds(self.job, self._moment)

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
        return None if self.job is None else clip.frame(self.context.contract, self.job)[0]

    @property
    def media_height(self) -> int | None:
        return None if self.job is None else clip.frame(self.context.contract, self.job)[1]

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
        return self.context.page.next
