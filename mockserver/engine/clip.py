"""From a job to its clip, which shows what the job's request asked for."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from mockserver.contract.formats import Measure
from mockserver.contract.media_places import AskedSize, asked_size, read_seconds
from mockserver.contract.model import ClipDefaults, Contract
from mockserver.contract.pointer import follow_each
from mockserver.engine.requested import picture, requested
from mockserver.jobs.job import Job
from mockserver.numerals import whole_number

if TYPE_CHECKING:
    from mockserver.media.spec import VideoSpec

_LARGE: Final = 256 * 1024
"""Characters of pictures that are decoded at once, in a millisecond or two."""

_LONGEST_NAME: Final = 40
"""Characters of a file name that a clip shows."""

MOST_IMAGES: Final = 9
"""Images of one job, as many as the indexes that Kling's page has."""

_ANY: Final = ClipDefaults(720, 24, 5.0, "16:9")
"""What a model makes whose contract says nothing of it."""

LONGEST_MADE: Final = 600.0
"""Seconds of a clip that is made: sixty times what contracts take. A job from elsewhere may ask for years."""


def clip_of(contract: Contract, job: Job) -> ClipDefaults:
    """The clip that the job's model makes, in the mode of the request; of an image, its size and ratio."""
    model = contract.models.get(job.model) or next(iter(contract.models.values()))
    made, mode = (
        model.images if makes_images(contract, job) else model.clips,
        requested(contract, job, "mode"),
    )
    if isinstance(mode, str) and mode in made:
        return made[mode]
    return made.get("default", _ANY)


def makes_images(contract: Contract, job: Job) -> bool:
    """Whether images come out of the job, and no clip."""
    operation = contract.operations.get(job.operation)
    return operation is not None and operation.makes_images


def images(contract: Contract, job: Job) -> int:
    """How many images come out of the job; 0 where a clip does."""
    if not makes_images(contract, job):
        return 0
    count = requested(contract, job, "count")
    if isinstance(count, bool) or not isinstance(count, int):
        return 1
    return max(1, min(count, MOST_IMAGES))


def seconds(contract: Contract, job: Job) -> float:
    """The clip's length: that of the request, else the model's own. It was noted of one that goes on.

    An image has none.
    """
    if makes_images(contract, job):
        return 0.0
    if job.seconds is not None and contract.source_of(job.operation) is not None:
        return job.seconds
    return read_seconds(requested(contract, job, "seconds")) or clip_of(contract, job).seconds


def seconds_text(contract: Contract, job: Job) -> str:
    """The clip's length as a text: as it was sent, where that counts, and without an empty fraction."""
    length, sent = seconds(contract, job), requested(contract, job, "seconds")
    if isinstance(sent, str) and sent.isascii():
        with suppress(ValueError):
            if float(sent) == length:
                return sent
    return f"{length:.12g}"


def has_large_pictures(contract: Contract, job: Job) -> bool:
    """Whether decoding the job's pictures takes so long that it is done in a thread."""
    names, masks = ("first", "last", "still"), requested(contract, job, "moving")
    texts = [*(requested(contract, job, name) for name in names), *_listed(contract, job)]
    texts += [mask.get("mask") for mask in masks or () if isinstance(mask, dict)] * isinstance(masks, list)
    return sum(len(text) for text in texts if isinstance(text, str)) > _LARGE


def _listed(contract: Contract, job: Job) -> list[Any]:
    """What the request has where it lists pictures."""
    path = contract.media_of(job.operation).get("pictures")
    return follow_each(job.request, path) if path else []


def _video_name(contract: Contract, job: Job) -> str:
    """The file name of the first video that the request links to."""
    path = contract.media_of(job.operation).get("video")
    links = follow_each(job.request, path) if path else []
    link = next((link for link in links if isinstance(link, str) and link[:4].lower() == "http"), "")
    name = link.partition("?")[0].rpartition("/")[2]
    return name[:_LONGEST_NAME]


def video_spec(
    contract: Contract, job: Job, measure: Measure, *, watermark: bool = False, number: int = 0
) -> VideoSpec:
    """Everything a clip shows, or the image of that number. It shows pictures that came as Base64; URLs are
    never fetched.
    """
    # Imported here, as answers need none of it.
    from mockserver.engine import clip_parameters
    from mockserver.media.spec import MOST_PICTURES, VideoSpec

    clip, size = clip_of(contract, job), asked_size(contract.media_of(job.operation), job.request)
    first, last = picture(requested(contract, job, "first")), picture(requested(contract, job, "last"))
    shape = None if number else _size(first or last, measure)
    width, height = _frame(contract, job, clip, size, shape)
    return VideoSpec(
        provider=contract.provider,
        model=job.model,
        job_id=job.id,
        prompt=str(requested(contract, job, "prompt") or ""),
        seconds=min(seconds(contract, job), LONGEST_MADE) or 1.0,
        width=width,
        height=height,
        fps=clip.fps,
        first=first,
        last=last,
        pictures=tuple(filter(None, map(picture, _listed(contract, job)[:MOST_PICTURES]))),
        video=_video_name(contract, job),
        sound=clip_parameters.has_sound(contract, job),
        watermark=watermark,
        number=number,
        count=images(contract, job),
        camera=clip_parameters.camera(contract, job),
        moving=clip_parameters.moving(contract, job),
        fixed=picture(requested(contract, job, "still")),
        voices=clip_parameters.voices(contract, job),
        shots=clip_parameters.shots(contract, job),
        wanted=clip_parameters.wanted(contract, job),
        request=clip_parameters.digest(job),
    )


def frame(contract: Contract, job: Job) -> tuple[int, int]:
    """Width and height in px of what the job makes."""
    clip, size = clip_of(contract, job), asked_size(contract.media_of(job.operation), job.request)
    shown = picture(requested(contract, job, "first")) or picture(requested(contract, job, "last"))
    return _frame(contract, job, clip, size, _size(shown, contract.measure))


def _frame(
    contract: Contract, job: Job, clip: ClipDefaults, size: AskedSize | None, shape: tuple[int, int] | None
) -> tuple[int, int]:
    """Width and height in px: of the size that was asked for, else of the model's clip."""
    from mockserver.media.spec import frame_size

    if size is None:
        return frame_size(clip.height, _ratio(contract, job, clip), shape)
    return frame_size(size.height, size.sides or _ratio(contract, job, clip), None if size.sides else shape)


def going_on(spec: VideoSpec, contract: Contract, job: Job) -> VideoSpec:
    """The clip of a job that goes on from that of another: as long as was noted, with both prompts."""
    from mockserver.engine import clip_parameters

    prompt, source = str(requested(contract, job, "prompt") or ""), contract.source_of(job.operation)
    joint = ", then: " if source is not None and source.adds else ": "
    return replace(
        spec,
        job_id=job.id,
        prompt=joint.join(filter(None, (spec.prompt, prompt))),
        seconds=min(seconds(contract, job), LONGEST_MADE),
        video=" + ".join(filter(None, (spec.video, _video_name(contract, job)))),
        sound=spec.sound or clip_parameters.has_sound(contract, job),
        voices=clip_parameters.voices(contract, job) or spec.voices,
        wanted=(*spec.wanted, *clip_parameters.wanted(contract, job)),
        request=clip_parameters.digest(job),
    )


def _ratio(contract: Contract, job: Job, clip: ClipDefaults) -> tuple[int, int]:
    for text in (requested(contract, job, "ratio"), clip.ratio):
        wide, _, high = str(text).partition(":")
        width, height = whole_number(wide), whole_number(high)
        if width and height:
            return width, height
    return 16, 9


def _size(data: bytes | None, measure: Measure) -> tuple[int, int] | None:
    if data is None:
        return None
    try:
        shape = measure(data)
    except ValueError:
        return None
    return shape.width, shape.height
