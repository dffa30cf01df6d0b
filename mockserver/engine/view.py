"""The facts that a response template can show, under the names of contract.template."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mockserver.contract.describe import parameters_of
from mockserver.contract.links import Link
from mockserver.contract.model import Model
from mockserver.contract.template import Render
from mockserver.engine import clip
from mockserver.engine.course_view import CourseView
from mockserver.engine.request_context import RequestContext
from mockserver.engine.requested import requested
from mockserver.engine.sources import clip_id, source_seconds
from mockserver.engine.uploads import PREFIX
from mockserver.jobs.ids import make_id, tenant_uuid
from mockserver.jobs.job import Job, State


def link_base(context: RequestContext) -> str:
    """What a link to an own operation begins with: the server, and the prefix by which the request came."""
    request, prefixes = context.request, context.contract.prefixes
    if len(prefixes) == 1:
        return request.base + prefixes[0]
    head = context.operation.path.partition("{")[0]
    came = [prefix for prefix in prefixes if request.path.startswith(prefix + head)]
    return request.base + max(came, key=len, default=prefixes[0])


# Comparison and repr are left out, as nothing uses them and writing them would cost every start.
@dataclass(slots=True, eq=False, repr=False)
class JobView(CourseView):
    """One property for each name a template may use, `_` for `.`; None where there is no such fact.

    Moments are Unix milliseconds.
    """

    context: RequestContext
    job: Job | None
    state: State | None
    model: Model | None = None
    """The model of a list of models; else that which the request names."""
    image: int | None = None

    def each_image(self, do: Render) -> Any:
        """What `do` makes of each image of the job."""
        if self.job is None:
            return []
        count = clip.images(self.context.contract, self.job)
        return [do(JobView(self.context, self.job, self.state, image=number)) for number in range(count)]

    @property
    def image_index(self) -> int | None:
        return self.image

    @property
    def media_image(self) -> str | None:
        if self._has("no-link") or (self.image is None and not self._makes_images):
            return None
        return self._media(f"image-{self.image or 0}.png")

    @property
    def media_watermarked_image(self) -> str | None:
        if self.image is None or self.media_watermarked is None:
            return None
        return self._media(f"watermarked-{self.image}.png")

    def each_job(self, do: Render) -> Any:
        """What `do` makes of each job of a list."""
        return [do(JobView(self.context, job, state)) for job, state in self.context.jobs]

    def each_model(self, do: Render) -> Any:
        """What `do` makes of each model of the contract."""
        models = self.context.contract.models.values()
        return [do(JobView(self.context, self.job, self.state, model)) for model in models]

    @property
    def jobs_count(self) -> int | None:
        return self.context.jobs_count

    @property
    def now(self) -> int:
        return self.context.now

    @property
    def error_message(self) -> str | None:
        return self.context.error

    @property
    def error_field(self) -> tuple[str | int, ...] | None:
        return self.context.error_field

    @property
    def error_status(self) -> int | None:
        return self.context.status

    @property
    def job_id(self) -> str | None:
        if self.job is None:
            return None
        return self.job.id

    @property
    def job_model(self) -> str | None:
        if self.job is None:
            return None
        return self.job.model

    @property
    def job_alias(self) -> str | None:
        if self.job is None:
            return None
        return self.job.alias

    @property
    def job_request(self) -> dict[str, Any]:
        if self.job is None:
            return {}
        return self.job.request

    @property
    def job_created_at(self) -> int | None:
        if self.job is None:
            return None
        return self.job.created_at

    @property
    def job_state(self) -> str | None:
        if self.state is None:
            return None
        word = self.state.word
        return self.context.contract.words.get(word, word)

    @property
    def job_phase(self) -> str:
        if self.state is None:
            return ""
        return self.state.phase

    @property
    def job_reason(self) -> str | None:
        if self.state is None or self._has("no-reason"):
            return None
        return self.state.reason

    @property
    def job_updated_at(self) -> int | None:
        if self.state is None:
            return None
        return self.state.since

    @property
    def media_video(self) -> str | None:
        if self._has("no-link") or self._makes_images:
            return None
        return self._media("video.mp4")

    @property
    def media_thumbnail(self) -> str | None:
        if self._has("no-link") or self._has("no-thumbnail"):
            return None
        return self._media("thumbnail.jpg")

    @property
    def media_watermarked(self) -> str | None:
        if self.job is None or self._has("no-link"):
            return None
        if requested(self.context.contract, self.job, "watermark") is not True:
            return None
        return self._media("watermarked.mp4")

    def link(self, link: Link) -> str | None:
        """An own operation's URL, path or resource name about the job."""
        if self.job is None:
            return None
        below = link.below(self.named_id, self.job.places)
        if below is None or link.form == "name":
            return below
        base = link_base(self.context)
        return (base if link.form == "url" else base.removeprefix(self.context.request.base)) + below

    def _has(self, quirk: str) -> bool:
        return self.job is not None and quirk in self.job.plan.quirks

    @property
    def _makes_images(self) -> bool:
        return self.job is not None and clip.makes_images(self.context.contract, self.job)

    def _media(self, name: str) -> str | None:
        if self.job is None:
            return None
        return (
            f"{self.context.request.base}/media/{self.job.provider}/{self.job.id}/{name}{self.context.link}"
        )

    @property
    def source_id(self) -> str | None:
        if self.job is None:
            return None
        return clip_id(self.context.contract, self.job)

    @property
    def source_video(self) -> str | None:
        if self.job is None or self.source_id is None:
            return None
        return f"{self.context.request.base}/media/{self.job.provider}/{self.source_id}/video.mp4"

    @property
    def source_seconds(self) -> float | None:
        if self.job is None:
            return None
        return source_seconds(self.context.contract, self.job)

    @property
    def media_seconds_text(self) -> str | None:
        if self.job is None:
            return None
        return clip.seconds_text(self.context.contract, self.job)

    @property
    def media_seconds(self) -> float | None:
        if self.job is None:
            return None
        return clip.seconds(self.context.contract, self.job)

    @property
    def media_milliseconds(self) -> int | None:
        return None if self.media_seconds is None else round(self.media_seconds * 1000)

    @property
    def tenant_id(self) -> str:
        return tenant_uuid(self.context.tenant)

    @property
    def request_id(self) -> str:
        return make_id("uuid", 36, "", self.context.random)

    @property
    def request_path(self) -> str:
        return self.context.request.path

    @property
    def request_target(self) -> str:
        request = self.context.request
        return f"{request.path}?{request.query}" if request.query else request.path

    @property
    def models_ids(self) -> list[str]:
        return list(self.context.contract.models)

    @property
    def _model(self) -> Model | None:
        return self.model or self.context.model

    @property
    def model_id(self) -> str | None:
        return None if self._model is None else self._model.id

    @property
    def model_title(self) -> str | None:
        return None if self._model is None else self._model.title

    @property
    def model_about(self) -> str | None:
        return None if self._model is None else self._model.about or None

    @property
    def model_parameters(self) -> list[dict[str, Any]] | None:
        if self._model is None:
            return None
        return parameters_of(self.context.contract.document, self._model.payload)

    @property
    def account_credits(self) -> float | None:
        account = self.context.account
        return None if account is None else account.credits

    @property
    def account_left(self) -> float | None:
        account = self.context.account
        return None if account is None else account.left

    @property
    def upload_link(self) -> str | None:
        place = self.context.upload
        return None if place is None else f"{self.context.request.base}{PREFIX}{place.id}"

    @property
    def upload_target(self) -> str | None:
        place = self.context.upload
        return None if place is None else f"{self.upload_link}?signature={place.secret}"
