"""From a job to the clip that proves what was asked."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

from mockserver.contract.formats import Measure
from mockserver.contract.model import ClipDefaults, Contract
from mockserver.contract.pointer import ABSENT, follow
from mockserver.jobs.job import Job

if TYPE_CHECKING:
    from mockserver.media.spec import VideoSpec


def asked(contract: Contract, job: Job, what: str) -> Any:
    """What the body says at `x-job.media[what]`, or None."""
    path = contract.media.get(what)
    value = follow(job.request, path) if path else ABSENT
    return None if value is ABSENT else value


def clip_of(contract: Contract, job: Job) -> ClipDefaults:
    """What the job's model makes, in the mode that was asked."""
    model = contract.models.get(job.model) or next(iter(contract.models.values()))
    mode = asked(contract, job, "mode")
    return model.clips.get(mode if isinstance(mode, str) else "default") or model.clips["default"]


def seconds(contract: Contract, job: Job) -> float:
    """The clip's length: as asked, else the model's own."""
    try:
        wanted = float(asked(contract, job, "seconds"))
    except (TypeError, ValueError, OverflowError):
        wanted = 0.0
    return wanted if 0 < wanted < float("inf") else clip_of(contract, job).seconds


def video_spec(contract: Contract, job: Job, measure: Measure, *, watermark: bool = False) -> VideoSpec:
    """Everything a clip shows. Pictures count where they came as Base64; URLs are never fetched."""
    # Imported here, as answers need none of it.
    from mockserver.media.spec import VideoSpec, frame_size

    clip = clip_of(contract, job)
    first, last = _picture(asked(contract, job, "first")), _picture(asked(contract, job, "last"))
    width, height = frame_size(clip.height, _ratio(contract, job, clip), _size(first or last, measure))
    return VideoSpec(
        provider=contract.provider,
        model=job.model,
        job_id=job.id,
        prompt=str(asked(contract, job, "prompt") or ""),
        seconds=seconds(contract, job),
        width=width,
        height=height,
        fps=clip.fps,
        first=first,
        last=last,
        sound=asked(contract, job, "sound") in ("on", True),
        watermark=watermark,
    )


def _ratio(contract: Contract, job: Job, clip: ClipDefaults) -> tuple[int, int]:
    for text in (asked(contract, job, "ratio"), clip.ratio):
        wide, _, high = str(text).partition(":")
        if wide.isdecimal() and high.isdecimal() and int(wide) and int(high):
            return int(wide), int(high)
    return 16, 9


def _picture(text: Any) -> bytes | None:
    if not isinstance(text, str) or not text or text[:4].lower() == "http":
        return None
    try:
        return base64.b64decode(text.partition(",")[2] if text[:5].lower() == "data:" else text)
    except (binascii.Error, ValueError):
        return None


def _size(data: bytes | None, measure: Measure) -> tuple[int, int] | None:
    if data is None:
        return None
    try:
        picture = measure(data)
    except ValueError:
        return None
    return picture.width, picture.height
