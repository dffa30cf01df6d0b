"""Jobs as an answer may tell of them: what a response template sees, drawn instead of computed."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hypothesis import strategies as st

from mockserver.contract import pointer
from mockserver.contract.describe import parameters_of
from mockserver.contract.lifecycle import StateWord
from mockserver.contract.model import Contract, Model, Operation
from mockserver.errors import SettingsError
from mockserver.kit.strategies.instances import Draw
from mockserver.kit.strategies.submit_requests import SubmitRequest, from_contract
from mockserver.kit.strategies.texts import texts

_FROM, _TO = 1_500_000_000_000, 4_102_444_800_000
"""Unix milliseconds: July 2017 to the end of 2099."""
_FIRST: Final = string.ascii_letters + string.digits + "_"
VIDEOS: Final = (
    "https://example.com/video.mp4",
    "http://127.0.0.1:9/a%20b.mp4?sig=%2B&x=1#t",
    "https://example.org/v",
)


@dataclass(frozen=True, slots=True)
class DrawnJob:
    """The names of contract.template, `_` for `.`; None where there is no such fact. Moments in Unix ms."""

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
    tenant_id: str | None = None
    request_id: str | None = None
    request_path: str | None = None
    request_target: str | None = None
    now: int | None = None
    error_message: str | None = None
    error_status: int | None = None
    jobs: Sequence[DrawnJob] = ()
    jobs_count: int | None = None
    models_ids: Sequence[str] | None = None
    model_id: str | None = None
    model_title: str | None = None
    model_about: str | None = None
    model_parameters: Sequence[Mapping[str, Any]] | None = None


@dataclass(frozen=True, slots=True)
class Parts:
    """What may be replaced of a drawn job."""

    job_id: st.SearchStrategy[str]
    states: Sequence[StateWord]
    video_url: st.SearchStrategy[str]
    requests: st.SearchStrategy[SubmitRequest]


def job_ids(contract: Contract) -> st.SearchStrategy[str]:
    """Ids of the shape that `x-job.id` describes."""
    if contract.id_kind == "uuid":
        return st.uuids(version=4).map(lambda drawn: contract.id_prefix + str(drawn))
    first, later = (_FIRST, f"{_FIRST}-") if contract.id_kind == "token" else ("123456789", string.digits)
    rest = contract.id_length - 1
    tail = st.text(later, min_size=rest, max_size=rest)
    return st.builds(lambda head, more: contract.id_prefix + head + more, st.sampled_from(first), tail)


def states(
    contract: Contract, operation: Operation, state: str | None, phase: str | None
) -> Sequence[StateWord]:
    """The words that may be answered: one, those of a phase, else all; at a submit, how a job begins.

    Raises SettingsError where the contract has none such.
    """
    words = list(contract.states.values())
    if state is None and phase is None:
        return [contract.way[0]] if operation.role == "submit" else words
    found = [word for word in words if state in (None, word.word) and phase in (None, word.phase)]
    if not found:
        raise SettingsError(
            f"{contract.provider} has no state {state or phase!r}; states: {', '.join(contract.states)}"
        )
    return found


def job(draw: Draw, contract: Contract, operation: Operation, parts: Parts, status: int) -> DrawnJob:
    """One job and the exchange that tells of it."""
    word = draw(st.sampled_from(parts.states))
    asked = draw(parts.requests)
    made = draw(st.integers(_FROM, _TO))
    changed = made + draw(st.sampled_from([0, 1, 999, 1000, 8_000, 86_400_000]))
    model = contract.models[asked.model]
    done = word.phase == "succeeded"
    video = draw(parts.video_url) if done else None
    return DrawnJob(
        job_phase=word.phase,
        job_request=asked.body,
        job_id=draw(parts.job_id),
        job_model=asked.model,
        job_state=word.word,
        job_reason=draw(_reasons(contract)) if word.phase in ("failed", "cancelled") else None,
        job_alias=_alias(contract, asked),
        job_created_at=made,
        job_updated_at=changed,
        media_video=video,
        media_thumbnail=draw(st.sampled_from(["https://example.com/thumbnail.jpg", "http://example.org/t"]))
        if done
        else None,
        media_watermarked=draw(st.sampled_from([None, "https://example.com/watermarked.mp4"]))
        if done
        else None,
        media_seconds=draw(st.sampled_from([5.0, 5.1, 10.0, 0.04])),
        **_exchange(draw, contract, operation, status, changed),
        **_model(contract, model),
    )


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
        "models_ids": list(contract.models),
    }


def _model(contract: Contract, model: Model) -> dict[str, Any]:
    return {
        "model_id": model.id,
        "model_title": model.title,
        "model_about": model.about or None,
        "model_parameters": parameters_of(contract.document, model.payload),
    }


def _alias(contract: Contract, asked: SubmitRequest) -> str | None:
    at = contract.operations[asked.operation].alias_at
    found = pointer.follow(asked.body, at) if at else None
    return found if isinstance(found, str) and found else None


def _reasons(contract: Contract) -> st.SearchStrategy[str]:
    known = list(contract.reasons.values())
    return st.one_of(st.sampled_from(known), texts(1)) if known else texts(1)


def requests_of(
    contract: Contract, operation: Operation, model: str | None
) -> st.SearchStrategy[SubmitRequest]:
    """Submits whose jobs the operation can tell of."""
    own = operation.id if operation.role == "submit" else next(iter(operation.of or ()), None)
    return from_contract(contract, model, operation=own, short=True)
