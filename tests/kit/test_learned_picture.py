"""What a client learns to send beside a picture."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.kit.learned_picture import PictureNeeds, needs_of

URL = {"type": "string", "format": "uri"}
KINDS = {"enum": ["image/jpeg", "image/png"]}


def frame(**tag: Any) -> dict[str, Any]:
    """A picture's object with a tag beside the link."""
    return {"type": "object", "required": ["type", "url"], "properties": {"type": tag, "url": URL}}


def body(node: dict[str, Any]) -> dict[str, Any]:
    """A submit with one thing at /frames/first."""
    frames = {"type": "object", "properties": {"first": node}}
    return {"type": "object", "properties": {"frames": frames}}


@pytest.mark.parametrize(
    ("node", "kinds", "beside"),
    [
        (frame(const="image"), {}, {"frames.first.type": "image"}),
        (frame(enum=["image"]), {}, {"frames.first.type": "image"}),
        (frame(enum=["image", "video"]), {}, {}),
        (frame(type="string"), {}, {}),
        (frame(**KINDS), {"frames.first.type": ("image/jpeg", "image/png")}, {}),
        (
            {"oneOf": [{"type": "object", "properties": {"id": {}}}, {"allOf": [frame(const="image")]}]},
            {},
            {"frames.first.type": "image"},
        ),
        ({"type": "object", "properties": {"url": URL, "type": {"const": "image"}}}, {}, {}),
        ({"type": "object", "properties": {"id": {}}}, {}, {}),
    ],
)
def test_what_must_stand_beside_a_picture_is_learned(
    node: dict[str, Any], kinds: dict[str, Any], beside: dict[str, Any]
) -> None:
    assert needs_of({}, body(node), "/frames/first/url") == PictureNeeds(kinds, beside)


def test_what_a_body_must_have_is_not_for_its_picture() -> None:
    schema = {"required": ["image", "model"], "properties": {"image": URL, "model": {"const": "a"}}}

    assert needs_of({}, schema, "/image") == PictureNeeds({}, {})
