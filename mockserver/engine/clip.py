"""From a job to its clip, which shows what the job's request asked for."""

from __future__ import annotations

import binascii
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from mockserver.contract.formats import Measure, decode_base64
from mockserver.contract.model import ClipDefaults, Contract
from mockserver.contract.pointer import ABSENT, follow, follow_each
from mockserver.jobs.job import Job
from mockserver.numerals import whole_number

if TYPE_CHECKING:
    from mockserver.media.spec import VideoSpec

_LARGE: Final = 256 * 1024
"""Characters of pictures that are decoded at once, in a millisecond or two."""

_LONGEST_NAME: Final = 40
"""Characters of a file name that a clip shows."""

LONGEST_MADE: Final = 600.0
"""Seconds of a clip that is made: sixty times what contracts take. A job from elsewhere may ask for years."""


def requested(contract: Contract, job: Job, name: str) -> Any:
    """The value in the request's body at `media[name]` of the job's submit, or None."""
    path = contract.media_of(job.operation).get(name)
    if not path:
        return None
    value = follow(job.request, path)
    return None if value is ABSENT else value


def clip_of(contract: Contract, job: Job) -> ClipDefaults:
    """The clip that the job's model makes, in the mode of the request."""
    model = contract.models.get(job.model) or next(iter(contract.models.values()))
    mode = requested(contract, job, "mode")
    if isinstance(mode, str) and mode in model.clips:
        return model.clips[mode]
    return model.clips["default"]


def seconds(contract: Contract, job: Job) -> float:
    """The clip's length: that of the request, else the model's own. It was noted of one that goes on."""
    if job.seconds is not None and contract.source_of(job.operation) is not None:
        return job.seconds
    try:
        wanted = float(requested(contract, job, "seconds"))
    except (TypeError, ValueError, OverflowError):
        wanted = 0.0
    if 0 < wanted < float("inf"):
        return wanted
    return clip_of(contract, job).seconds


def has_large_pictures(contract: Contract, job: Job) -> bool:
    """Whether decoding the job's pictures takes so long that it is done in a thread."""
    texts = (
        requested(contract, job, "first"), requested(contract, job, "last"), *_listed(contract, job)
    )  # fmt: skip
    return sum(len(text) for text in texts if isinstance(text, str)) > _LARGE


def _listed(contract: Contract, job: Job) -> list[Any]:
    """What the request has where it lists pictures."""
    path = contract.media_of(job.operation).get("pictures")
    return follow_each(job.request, path) if path else []


def _video_name(contract: Contract, job: Job) -> str:
    """The file name of the first video that the request links to."""
    path = contract.media_of(job.operation).get("video")
    links = follow_each(job.request, path) if path else []
    name = next((link for link in links if isinstance(link, str)), "").partition("?")[0].rpartition("/")[2]
    return name[:_LONGEST_NAME]


def video_spec(contract: Contract, job: Job, measure: Measure, *, watermark: bool = False) -> VideoSpec:
    """Everything a clip shows. It shows pictures that came as Base64; URLs are never fetched."""
    # Imported here, as answers need none of it.
    from mockserver.media.spec import MOST_PICTURES, VideoSpec, frame_size

    clip = clip_of(contract, job)
    first, last = _picture(requested(contract, job, "first")), _picture(requested(contract, job, "last"))
    width, height = frame_size(clip.height, _ratio(contract, job, clip), _size(first or last, measure))
    return VideoSpec(
        provider=contract.provider,
        model=job.model,
        job_id=job.id,
        prompt=str(requested(contract, job, "prompt") or ""),
        seconds=min(seconds(contract, job), LONGEST_MADE),
        width=width,
        height=height,
        fps=clip.fps,
        first=first,
        last=last,
        pictures=tuple(filter(None, map(_picture, _listed(contract, job)[:MOST_PICTURES]))),
        video=_video_name(contract, job),
        sound=requested(contract, job, "sound") in ("on", "yes", True),
        watermark=watermark,
    )


def going_on(spec: VideoSpec, contract: Contract, job: Job) -> VideoSpec:
    """The clip of a job that goes on from that of another: as long as was noted, with both prompts."""
    prompt = str(requested(contract, job, "prompt") or "")
    return replace(
        spec,
        job_id=job.id,
        prompt=", then: ".join(filter(None, (spec.prompt, prompt))),
        seconds=min(seconds(contract, job), LONGEST_MADE),
    )


def _ratio(contract: Contract, job: Job, clip: ClipDefaults) -> tuple[int, int]:
    for text in (requested(contract, job, "ratio"), clip.ratio):
        wide, _, high = str(text).partition(":")
        width, height = whole_number(wide), whole_number(high)
        if width and height:
            return width, height
    return 16, 9


def _picture(text: Any) -> bytes | None:
    if not isinstance(text, str) or not text or text[:4].lower() == "http":
        return None
    start = text.find(",") + 1 if text[:5].lower() == "data:" else 0
    try:
        return decode_base64(text, start)
    except binascii.Error:
        return None


def _size(data: bytes | None, measure: Measure) -> tuple[int, int] | None:
    if data is None:
        return None
    try:
        picture = measure(data)
    except ValueError:
        return None
    return picture.width, picture.height
