"""Where a submitted body says what the clip must show, and the sizes and lengths that it may name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from mockserver.contract import pointer
from mockserver.contract.pointer import ABSENT, follow
from mockserver.contract.unchecked import one_or_more

_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "seconds": (str, int, float),
    "count": (int,),
    "width": (int,),
    "height": (int,),
    "sound": (str, bool),
    "watermark": (bool,),
    "camera": (dict, str),
}
"""The types of what stands at a place; a text at all others."""
_SIDES: Final = re.compile(r"(?=[0-9]+[xX*]|[0-9]{3,}:[0-9]{3})([0-9]{1,5})[xX*:]([0-9]{1,5})")
"""Two sides; with a colon from three digits each, as `16:9` is a ratio."""
_SHORT_SIDE: Final = re.compile(r"([0-9]{1,5})[pP]")
_LEAST, _MOST = 16, 2160
"""Pixels of a shorter side that a clip may have."""


class AskedSize(NamedTuple):
    """The shorter side in px, and width and height where the text names both."""

    height: int
    sides: tuple[int, int] | None


class MediaPlaces(dict[str, tuple[str, ...]]):
    """The first place of each property as a path; `further` has all of those with several."""

    def __init__(self, node: Mapping[str, str | Sequence[str]]) -> None:
        paths = {name: tuple(map(pointer.parts, one_or_more(at))) for name, at in node.items()}
        super().__init__({name: listed[0] for name, listed in paths.items()})
        self.further = {name: listed for name, listed in paths.items() if len(listed) > 1}

    def paths(self, name: str) -> tuple[tuple[str, ...], ...]:
        """All places of a property; none where it has none."""
        return self.further.get(name, (self[name],) if name in self else ())

    def path(self, body: Any, name: str) -> tuple[str, ...] | None:
        """The path of the place that counts in a body: of several the first with a value of its type."""
        if name not in self.further:
            return self.get(name)
        return next((path for path in self.further[name] if _fits(name, follow(body, path))), self[name])

    def value(self, body: Any, name: str) -> Any:
        """What a body has at the place that counts, or ABSENT."""
        path = self.path(body, name)
        return follow(body, path) if path else ABSENT


def asked_size(places: MediaPlaces, body: Any) -> AskedSize | None:
    """The size that a body asks for: at the place of `size`, or at those of `width` and `height`."""
    size = read_size(places.value(body, "size"))
    if size is not None or "width" not in places:
        return size
    width, height = (places.value(body, name) for name in ("width", "height"))
    return read_size(f"{width}x{height}") if _fits("width", width) and _fits("height", height) else None


def _fits(name: str, value: Any) -> bool:
    types = _TYPES.get(name, (str,))
    return isinstance(value, types) and (bool in types or not isinstance(value, bool))


def read_seconds(value: Any) -> float | None:
    """The seconds of a number, or of a text as `8` or `8s`; None for what is no finite number above 0."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value.removesuffix("s") if isinstance(value, str) else value)
    except (ValueError, OverflowError):
        return None
    return number if 0 < number < float("inf") else None


def read_size(text: Any) -> AskedSize | None:
    """The size that a text names: `1280x720`, `1280*720`, `1280:720`, `720p`, `1080P`, `4k`; else None."""
    if not isinstance(text, str):
        return None
    if match := _SIDES.fullmatch(text):
        width, height = int(match[1]), int(match[2])
        return AskedSize(_bounded(min(width, height)), (width, height)) if width and height else None
    if text.lower() == "4k":
        return AskedSize(_MOST, None)
    match = _SHORT_SIDE.fullmatch(text)
    return match and AskedSize(_bounded(int(match[1])), None)


def _bounded(side: int) -> int:
    return max(_LEAST, min(side, _MOST))
