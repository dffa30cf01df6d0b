"""The clip that a submit asks for: length, ratio, size; the request's values, else the model's defaults."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any, Final

from mockserver.contract.media_places import AskedSize, asked_size, read_seconds
from mockserver.contract.model import ClipDefaults
from mockserver.kit.traffic.call import Call
from mockserver.kit.traffic.history import History
from mockserver.media.picture import measure
from mockserver.numerals import whole_number

_RATIO: Final = re.compile(r"([1-9][0-9]*):([1-9][0-9]*)")
_MOST_STEPS: Final = 64
"""Clips that go on from each other: a recording may even have one that goes on from itself."""
_WIDEST: Final = 2.5
"""No contract says which ratio a clip gets from a picture that is wider or taller."""


def mode(submit: Call) -> str:
    """The mode that the submit asks for, as the model's clips name it."""
    mode = submit.media_value("mode")
    return mode if isinstance(mode, str) and mode in _made(submit) else "default"


def _made(submit: Call) -> Mapping[str, ClipDefaults]:
    """What the model makes at such a submit, by mode; nothing if the contract does not know the model."""
    model = submit.contract.models.get(submit.model or "")
    if model is None:
        return {}
    return model.images if _makes_images(submit) else model.clips


def _makes_images(submit: Call) -> bool:
    return submit.operation is not None and submit.operation.makes_images


def clip(submit: Call) -> ClipDefaults | None:
    """The clip that the model makes, of the size that the submit asks for; None for an unknown model."""
    clip, size = _made(submit).get(mode(submit)), _asked_size(submit)
    if clip is None or size is None:
        return clip
    return clip._replace(height=size.height)


def _asked_size(submit: Call) -> AskedSize | None:
    media = submit.contract.media if submit.operation is None else submit.operation.media
    return asked_size(media, submit.request_json)


def seconds(submit: Call, history: History | None = None) -> float | None:
    """How long the clip must be. One that goes on from another is longer than that by what is added."""
    added = 0.0
    for _ in range(_MOST_STEPS):
        source = submit.operation and submit.operation.source
        if not source or submit.source_id is None:
            own = _own_seconds(submit)
            return own and own + added
        job = history and history.source_of(submit)
        if not job or job.submit is None:
            break
        added += source.adds
        submit = job.submit
    return None


def _own_seconds(submit: Call) -> float | None:
    defaults = clip(submit)
    return read_seconds(submit.media_value("seconds")) or (defaults and defaults.seconds)


def ratios(submit: Call) -> list[float]:
    """The ratios (width by height) that the clip may have: the submitted picture's and the requested one,
    else the model's own. Empty if the picture is a link, because the kit fetches no pictures."""
    size = _asked_size(submit)
    if size is not None and size.sides is not None:
        return [size.sides[0] / size.sides[1]]
    requested = _ratio(submit.media_value("ratio"))
    pictures = [submit.media_value(name) for name in ("first", "last")]
    picture = next((text for text in pictures if isinstance(text, str) and text), None)
    if picture is not None and not _makes_images(submit):
        ratio = _picture_ratio(picture)
        if ratio is None:
            return []
        return [ratio, *requested]
    defaults = clip(submit)
    return requested or _ratio(defaults and defaults.ratio)


def _ratio(text: Any) -> list[float]:
    if not isinstance(text, str):
        return []
    match = _RATIO.fullmatch(text)
    if match is None:
        return []
    wide, high = whole_number(match[1]), whole_number(match[2])
    return [wide / high] if wide and high else []


def _picture_ratio(text: str) -> float | None:
    """The ratio of a picture in Base64; None if it is a link, unreadable or too wide or tall."""
    if text[:4].lower() == "http":
        return None
    if text[:5].lower() == "data:":
        text = text.partition(",")[2]
    try:
        picture = measure(base64.b64decode(text))
    except (binascii.Error, ValueError):
        return None
    ratio = picture.width / picture.height
    return ratio if 1 / _WIDEST <= ratio <= _WIDEST else None
