"""What a response template sees: the facts of one exchange under the names of contract.template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mockserver.contract.describe import parameters_of
from mockserver.engine import clip
from mockserver.engine.request_context import RequestContext
from mockserver.jobs.ids import make_id, tenant_uuid
from mockserver.jobs.job import Job, State


# Without comparison and repr, which nobody asks for: writing them would cost every start.
@dataclass(slots=True, eq=False, repr=False)
class JobView:
    """One property for each name a template may use, `_` for `.`; None where there is no such fact.

    Moments are Unix milliseconds.
    """

    call: RequestContext
    job: Job | None
    state: State | None

    @property
    def jobs(self) -> Sequence[JobView]:
        return [JobView(self.call, job, state) for job, state in self.call.jobs]

    @property
    def jobs_count(self) -> int | None:
        return self.call.jobs_count

    @property
    def now(self) -> int:
        return self.call.now

    @property
    def error_message(self) -> str | None:
        return self.call.error

    @property
    def error_status(self) -> int | None:
        return self.call.status

    @property
    def job_id(self) -> str | None:
        return self.job.id if self.job else None

    @property
    def job_model(self) -> str | None:
        return self.job.model if self.job else None

    @property
    def job_alias(self) -> str | None:
        return self.job.alias if self.job else None

    @property
    def job_request(self) -> dict[str, Any]:
        return self.job.request if self.job else {}

    @property
    def job_created_at(self) -> int | None:
        return self.job.created_at if self.job else None

    @property
    def job_state(self) -> str | None:
        return self.state.word if self.state else None

    @property
    def job_phase(self) -> str:
        return self.state.phase if self.state else ""

    @property
    def job_reason(self) -> str | None:
        return self.state.reason if self.state and not self._has("no-reason") else None

    @property
    def job_updated_at(self) -> int | None:
        return self.state.since if self.state else None

    @property
    def media_video(self) -> str | None:
        return None if self._has("no-link") else self._media("video.mp4")

    @property
    def media_thumbnail(self) -> str | None:
        hidden = self._has("no-link") or self._has("no-thumbnail")
        return None if hidden else self._media("thumbnail.jpg")

    @property
    def media_watermarked(self) -> str | None:
        asked = self.job is not None and clip.asked(self.call.contract, self.job, "watermark") is True
        return self._media("watermarked.mp4") if asked and not self._has("no-link") else None

    def _has(self, quirk: str) -> bool:
        return self.job is not None and quirk in self.job.plan.quirks

    def _media(self, name: str) -> str | None:
        if self.job is None:
            return None
        return f"{self.call.request.base}/media/{self.job.provider}/{self.job.id}/{name}{self.call.link}"

    @property
    def media_seconds(self) -> float | None:
        return clip.seconds(self.call.contract, self.job) if self.job else None

    @property
    def tenant_id(self) -> str:
        return tenant_uuid(self.call.tenant)

    @property
    def request_id(self) -> str:
        return make_id("uuid", 36, "", self.call.random)

    @property
    def request_path(self) -> str:
        return self.call.request.path

    @property
    def request_target(self) -> str:
        request = self.call.request
        return f"{request.path}?{request.query}" if request.query else request.path

    @property
    def models_ids(self) -> list[str]:
        return list(self.call.contract.models)

    @property
    def model_id(self) -> str | None:
        return self.call.model.id if self.call.model else None

    @property
    def model_title(self) -> str | None:
        return self.call.model.title if self.call.model else None

    @property
    def model_about(self) -> str | None:
        return (self.call.model.about or None) if self.call.model else None

    @property
    def model_parameters(self) -> list[dict[str, Any]] | None:
        model = self.call.model
        return parameters_of(self.call.contract.document, model.payload) if model else None
