"""kkiai: the rules across fields of an image2video body that JSON Schema cannot say well.

The schemas mirror each of them (nodes with `x-rule`), so that generated bodies keep them;
the words for a refusal are here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from mockserver.contract.rules.base import BrokenRule
from mockserver.numerals import plural

_VOICE: Final = re.compile(r"<<<voice_([0-9]+)>>>")
_AXES: Final = ("horizontal", "vertical", "pan", "tilt", "roll", "zoom")
_DEFAULT_SECONDS: Final = 5
_VOICES_SOURCE: Final = "DOCUMENTED S5 Body Parameters: prompt (sequence number matches voice_list)"
_CAMERA_SOURCE: Final = "VENDOR K1 camera_control.config, reading C30"
_SUM_SOURCE: Final = "DOCUMENTED S5 Body Parameters: multi_prompt (sum of all shot durations)"
_GROUPS_SOURCE: Final = "VENDOR K1 image_tail, masks and camera_control exclude one another, reading C32"


def check(body: dict[str, Any], overlays: frozenset[str]) -> Iterator[BrokenRule]:
    """Every rule across fields that `body` breaks; `overlays` are those in force.

    `x-voice`      <<<voice_N>>> of the prompt is a position of voice_list (S5 prompt)
    `x-one-axis`   a simple camera moves along exactly one of six axes (K1 camera_control)
    `x-sum`        shot durations are at most `duration` each and add up to it (S5 multi_prompt)
    `x-groups`     last frame, motion brush and camera exclude one another (K1; `native` without `lenient`)
    """
    yield from _voices(body)
    yield from _camera(body)
    yield from _shots(body)
    if "native" in overlays and "lenient" not in overlays:
        yield from _groups(body)


def _voices(body: dict[str, Any]) -> Iterator[BrokenRule]:
    if body.get("multi_shot") is True:
        return
    count = len(body.get("voice_list", ()))
    known = [str(position) for position in range(1, count + 1)]
    for number in dict.fromkeys(_VOICE.findall(body.get("prompt", ""))):
        if number not in known:
            expected = (
                f"no <<<voice_{number}>>>, as voice_list holds {count} of at most 2 voices, counted from 1"
            )
            yield BrokenRule("/prompt", "x-voice", expected, _VOICES_SOURCE)


def _camera(body: dict[str, Any]) -> Iterator[BrokenRule]:
    camera = body.get("camera_control", {})
    if camera.get("type") != "simple":
        return
    moved = [axis for axis in _AXES if camera.get("config", {}).get(axis, 0) != 0]
    if len(moved) != 1:
        state = "none is set"
        if moved:
            state = f"{', '.join(moved)} are set"
        expected = f"exactly one of {', '.join(_AXES)} other than 0; {state}"
        yield BrokenRule("/camera_control/config", "x-one-axis", expected, _CAMERA_SOURCE)


def _shots(body: dict[str, Any]) -> Iterator[BrokenRule]:
    if body.get("multi_shot") is not True or body.get("shot_type") != "customize":
        return
    total = int(body.get("duration", _DEFAULT_SECONDS))
    seconds = [int(shot["duration"]) for shot in body.get("multi_prompt", ())]
    longer = [index for index, length in enumerate(seconds) if length > total]
    for index in longer:
        at = f"/multi_prompt/{index}/duration"
        yield BrokenRule(at, "x-sum", f"at most the {plural(total, 'second')} of duration", _SUM_SOURCE)
    if not longer and sum(seconds) != total:
        added = " + ".join(map(str, seconds))
        expected = f"shots that add up to the {plural(total, 'second')} of duration; {added} = {sum(seconds)}"
        yield BrokenRule("/multi_prompt", "x-sum", expected, _SUM_SOURCE)


def _groups(body: dict[str, Any]) -> Iterator[BrokenRule]:
    groups = dict(_used_groups(body))
    first = next(iter(groups), None)
    for name, pointer in groups.items():
        if name != first:
            yield BrokenRule(pointer, "x-groups", f"none beside {first}", _GROUPS_SOURCE)


def _used_groups(body: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The groups that a body uses, each with the JSON pointer of its first field."""
    if body.get("image_tail"):
        yield "the last frame (image_tail)", "/image_tail"
    for name in ("static_mask", "dynamic_masks"):
        if body.get(name):
            yield "the motion brush (static_mask, dynamic_masks)", f"/{name}"
            break
    if body.get("camera_control") is not None:
        yield "the camera (camera_control)", "/camera_control"
