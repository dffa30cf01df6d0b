"""What a submit asks of its clip: length, ratio, size; as asked, else as its model makes it."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any, Final

from mockserver.contract.model import ClipDefaults
from mockserver.kit.traffic.call import Call
from mockserver.media.picture import measure

_RATIO: Final = re.compile(r"([1-9][0-9]*):([1-9][0-9]*)")
_WIDEST: Final = 2.5
"""Of a picture that is wider or taller nobody says what comes of it."""


def positive_number(value: Any) -> float | None:
    """A length as it is written, a number or a text of one; None where it is none above 0."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if 0 < found < float("inf") else None


def mode(submit: Call) -> str:
    """The mode that is asked for, as the model's clips name it."""
    model = submit.contract.models.get(submit.model or "")
    word = submit.media_value("mode")
    return word if model is not None and isinstance(word, str) and word in model.clips else "default"


def clip(submit: Call) -> ClipDefaults | None:
    """What the model makes, None where the contract does not know the model."""
    model = submit.contract.models.get(submit.model or "")
    return None if model is None else model.clips.get(mode(submit))


def seconds(submit: Call) -> float | None:
    """How long the clip has to be."""
    made = clip(submit)
    return positive_number(submit.media_value("seconds")) or (made.seconds if made else None)


def ratios(submit: Call) -> list[float]:
    """Width by height that the clip may have: a submitted picture's, or what is asked beside it, else the
    model's own. None at all where the picture is linked, as nobody here has seen it."""
    said = _written(submit.media_value("ratio"))
    pictures = [one for name in ("first", "last") if isinstance(one := submit.media_value(name), str) and one]
    if pictures:
        shown = _shown(pictures[0])
        return [] if shown is None else [shown, *said]
    made = clip(submit)
    return said or _written(made.ratio if made else None)


def _written(text: Any) -> list[float]:
    found = _RATIO.fullmatch(text) if isinstance(text, str) else None
    return [int(found[1]) / int(found[2])] if found else []


def _shown(text: str) -> float | None:
    """The ratio of a picture in Base64."""
    if text[:4].lower() == "http":
        return None
    try:
        data = base64.b64decode(text.partition(",")[2] if text[:5].lower() == "data:" else text)
        picture = measure(data)
    except (binascii.Error, ValueError):
        return None
    shown = picture.width / picture.height
    return shown if 1 / _WIDEST <= shown <= _WIDEST else None
