"""Jobs to make answers about: what a response template reads, drawn instead of computed."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from hypothesis import strategies as st

from mockserver.contract import pointer
from mockserver.contract.describe import parameters_of
from mockserver.contract.lifecycle import StateWord
from mockserver.contract.links import Link, LinkPlace
from mockserver.contract.model import Contract, Model, Operation
from mockserver.contract.other_ids import OtherId
from mockserver.contract.template import Render
from mockserver.errors import SettingsError
from mockserver.kit.strategies.identity_cache import cached_by_identity
from mockserver.kit.strategies.instances import Draw
from mockserver.kit.strategies.submit_requests import SubmitRequest, from_contract
from mockserver.kit.strategies.texts import texts
from mockserver.kit.traffic.submitted_texts import alias_in
from mockserver.terms import ENDED, MAKERS, OPENING, OPENING_OR_HYPHEN, SMALL

_FROM, _TO = 1_500_000_000_000, 4_102_444_800_000
"""Unix milliseconds: July 2017 to the end of 2099."""
_parameters_of = cached_by_identity(parameters_of)
VIDEOS: Final = (
    "https://example.com/video.mp4",
    "http://127.0.0.1:9/a%20b.mp4?sig=%2B&x=1#t",
    "https://example.org/v",
)


@dataclass(frozen=True, slots=True)
class DrawnJob:
    """The names of contract.template with `_` for `.`; None if the job lacks the fact. Times in Unix ms."""

    job_phase: str
    job_request: dict[str, Any]
    job_id: str | None = None
    job_model: str | None = None
    job_state: str | None = None
    job_reason: str | None = None
    job_alias: str | None = None
    job_created_at: int | None = None
    job_updated_at: int | None = None
    media_video: str | None = None
    media_thumbnail: str | None = None
    media_watermarked: str | None = None
    media_seconds: float | None = None
    media_milliseconds: int | None = None
    media_image: str | None = None
    media_watermarked_image: str | None = None
    image_index: int | None = None
    images: int = 1
    source_id: str | None = None
    source_video: str | None = None
    source_seconds: float | None = None
    tenant_id: str | None = None
    request_id: str | None = None
    request_path: str | None = None
    request_target: str | None = None
    now: int | None = None
    error_message: str | None = None
    error_status: int | None = None
    error_field: Sequence[str | int] | None = None
    jobs: Sequence[DrawnJob] = ()
    jobs_count: int | None = None
    models_ids: Sequence[str] | None = None
    model_id: str | None = None
    model_title: str | None = None
    model_about: str | None = None
    model_parameters: Sequence[Mapping[str, Any]] | None = None
    models: Sequence[DrawnJob] = ()
    account_credits: float | None = None
    account_left: float | None = None
    job_progress: int | None = None
    job_queue_position: int | None = None
    job_started_at: int | None = None
    job_ended_at: int | None = None
    job_run_seconds: float | None = None
    job_code: str | int | None = None
    media_width: int | None = None
    media_height: int | None = None
    ids: Mapping[str, OtherId] = field(default_factory=dict)
    jobs_first: str | None = None
    jobs_last: str | None = None
    jobs_more: bool | None = None
    jobs_cursor: str | None = None
    jobs_next: str | None = None
    upload_target: str | None = None
    upload_link: str | None = None

    @property
    def media_seconds_text(self) -> str | None:
        """The length as a text."""
        return None if self.media_seconds is None else f"{self.media_seconds:g}"

    def named_id(self, name: str) -> str | None:
        """The job's id; its alias, or a further id made of its own."""
        if name == "alias" or self.job_id is None:
            return self.job_alias
        other = self.ids.get(name)
        return self.job_id if other is None else other.of(self.job_id)

    def link(self, link: Link) -> str | None:
        """A link, a path or a name about the job; as its submit is not known, the parts of its path stand."""
        places = {f"path.{part.name}": part.name for part in link.parts if isinstance(part, LinkPlace)}
        below = link.below(self.named_id, places)
        return f"http://127.0.0.1:9{below}" if below and link.form == "url" else below

    def each_job(self, do: Render) -> Any:
        """What `do` makes of each job of a list."""
        return [do(job) for job in self.jobs]

    def each_model(self, do: Render) -> Any:
        """What `do` makes of each model of the contract."""
        return [do(model) for model in self.models]

    def each_image(self, do: Render) -> Any:
        """What `do` makes of each image of the job."""
        return [do(replace(self, image_index=index)) for index in range(self.images)]


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a drawn job that a caller may replace."""

    job_id: st.SearchStrategy[str]
    states: Sequence[StateWord]
    video_url: st.SearchStrategy[str]
    requests: st.SearchStrategy[SubmitRequest]


def job_ids(contract: Contract) -> st.SearchStrategy[str]:
    """Ids of the shape that `x-job.id` describes."""
    if contract.id_kind == "uuid":
        return st.uuids(version=4).map(lambda drawn: contract.id_prefix + str(drawn))
    first, later = "123456789", string.digits
    if contract.id_kind == "base36":
        first = later = SMALL
    elif contract.id_kind == "token":
        first, later = OPENING, OPENING_OR_HYPHEN
    rest = contract.id_length - 1
    tail = st.text(later, min_size=rest, max_size=rest)
    return st.builds(lambda head, more: contract.id_prefix + head + more, st.sampled_from(first), tail)


def states(
    contract: Contract, operation: Operation, state: str | None, phase: str | None
) -> Sequence[StateWord]:
    """The states of an answer: the given one, those of the phase, else all; for a submit the first state.

    Raises SettingsError if the contract has no such state.
    """
    words = list(contract.states.values())
    if state is None and phase is None:
        if operation.role == "session":
            return [word for word in words if word.phase == "succeeded"]
        return [contract.default_path[0]] if operation.role == "submit" else words
    wanted = [word for word in words if state in (None, word.word) and phase in (None, word.phase)]
    if not wanted:
        raise SettingsError(
            f"{contract.provider} has no state {state or phase!r}; states: {', '.join(contract.states)}"
        )
    return wanted


def job(draw: Draw, contract: Contract, operation: Operation, parts: Parts, status: int) -> DrawnJob:
    """A job, and the exchange whose answer is about it."""
    word = draw(st.sampled_from(parts.states))
    request = draw(parts.requests)
    created = draw(st.integers(_FROM, _TO))
    changed = created + draw(st.sampled_from([0, 1, 999, 1000, 8_000, 86_400_000]))
    video = draw(parts.video_url) if word.phase == "succeeded" else None
    return DrawnJob(
        job_phase=word.phase,
        job_request=request.body,
        job_id=draw(parts.job_id),
        job_model=request.model,
        job_state=word.shown,
        job_reason=_reason(draw, contract, word),
        job_alias=_alias(contract, request),
        job_created_at=created,
        job_updated_at=changed,
        media_video=video,
        **_other_links(draw, word),
        media_seconds=draw(st.sampled_from([5.0, 5.1, 10.0, 0.04])),
        media_milliseconds=draw(st.sampled_from([5000, 5100, 40])),
        media_width=1280,
        media_height=720,
        ids=contract.ids,
        **_course(draw, contract, word, created, changed),
        **_images(draw, contract.operations[request.operation], word),
        **_source(draw, contract, request),
        **_exchange(draw, contract, operation, status, changed),
        **_model(contract, contract.models[request.model]),
    )


def _course(draw: Draw, contract: Contract, word: StateWord, created: int, changed: int) -> dict[str, Any]:
    """How far the job has come, and the moments of its life, as they fit its phase."""
    ended, waits = word.phase in ENDED, word.phase == "waiting"
    facts: dict[str, Any] = {
        "job_progress": 100 if word.phase == "succeeded" else draw(st.sampled_from([0, 1, 50, 99])),
        "job_queue_position": draw(st.sampled_from([1, 5])) if waits else 0,
        "job_started_at": None if waits else created,
    }
    if ended:
        facts |= {"job_ended_at": changed, "job_run_seconds": (changed - created) / 1000}
    if word.phase == "failed" and contract.codes:
        facts["job_code"] = draw(st.sampled_from([*contract.codes.values()]))
    return facts


def _other_links(draw: Draw, word: StateWord) -> dict[str, Any]:
    if word.phase != "succeeded":
        return {}
    thumbnails = st.sampled_from(["https://example.com/thumbnail.jpg", "http://example.org/t"])
    watermarked = st.sampled_from([None, "https://example.com/watermarked.mp4"])
    return {"media_thumbnail": draw(thumbnails), "media_watermarked": draw(watermarked)}


def _images(draw: Draw, submit: Operation, word: StateWord) -> dict[str, Any]:
    if not submit.makes_images or word.phase != "succeeded":
        return {}
    watermarked = st.sampled_from([None, "https://example.com/watermarked.png"])
    return {
        "media_image": "https://example.com/image.png",
        "media_watermarked_image": draw(watermarked),
        "images": draw(st.integers(1, 3)),
    }


def _source(draw: Draw, contract: Contract, request: SubmitRequest) -> dict[str, Any]:
    """The clip from which the job's own goes on, if it does."""
    source = contract.operations[request.operation].source
    named = pointer.ABSENT if source is None else pointer.follow(request.body, source.video)
    if not isinstance(named, str):
        return {}
    seconds = draw(st.sampled_from([5.0, 10.0, 0.04]))
    return {"source_id": named, "source_video": VIDEOS[0], "source_seconds": seconds}


def _reason(draw: Draw, contract: Contract, word: StateWord) -> str | None:
    if word.phase not in ("failed", "cancelled"):
        return None
    known = list(contract.reasons.values())
    reasons = texts(1)
    if known:
        reasons = st.one_of(st.sampled_from(known), reasons)
    return str(draw(reasons))


def _exchange(draw: Draw, contract: Contract, operation: Operation, status: int, now: int) -> dict[str, Any]:
    path = contract.prefixes[0] + operation.path
    return {
        "tenant_id": str(draw(st.uuids(version=4))),
        "request_id": str(draw(st.uuids(version=4))),
        "request_path": path,
        "request_target": path,
        "now": now,
        "error_message": draw(texts(1)),
        "error_status": status,
        "error_field": draw(st.sampled_from([None, ("body", "prompt"), ("body", "images", 0)])),
        "models_ids": list(contract.models),
        "account_credits": draw(st.sampled_from([0.0, 100.0, 0.5])),
        "upload_target": "https://example.com/uploads/1?signature=1",
        "upload_link": "https://example.com/uploads/1",
        "account_left": draw(st.sampled_from([0.0, 99.5])),
        "models": [DrawnJob("", {}, **_model(contract, model)) for model in contract.models.values()],
    }


def _model(contract: Contract, model: Model) -> dict[str, Any]:
    return {
        "model_id": model.id,
        "model_title": model.title,
        "model_about": model.about or None,
        "model_parameters": _parameters_of(contract.document, model.payload),
    }


def _alias(contract: Contract, request: SubmitRequest) -> str | None:
    beside = {"query": request.query, "header": request.headers}
    return alias_in(contract.operations[request.operation], request.body, beside)


def requests_of(
    contract: Contract, operation: Operation, model: str | None
) -> st.SearchStrategy[SubmitRequest]:
    """Submits whose jobs the operation can answer about."""
    submit = next(iter(operation.of or ()), None)
    if operation.role in MAKERS:
        submit = operation.id
    return from_contract(contract, model, operation=submit, short=True)
