"""Where a value stands in a request: in its body, or beside it in path, query or headers."""

from __future__ import annotations

from typing import Any, Final

from mockserver.contract import pointer
from mockserver.contract.model import Path, Place

SUBMITTED: Final = ("model", "alias", "callback")
"""The words of a submit that say where something stands in its request."""


def split_place(text: str | None) -> Place | None:
    """The place that a text names; None without one."""
    if text is None:
        return None
    place, _, name = text.partition(".")
    return place, name.lower() if place == "header" else name


def in_body(node: str | list[str] | None) -> Path | None:
    """The path of what stands in a body."""
    return pointer.parts(node) if isinstance(node, str) and node.startswith("/") else None


def beside_body(node: str | list[str] | None) -> list[Place]:
    """The places of what does not stand in a body."""
    texts = [node] if isinstance(node, str) else node or ()
    places = [split_place(text) for text in texts if not text.startswith("/")]
    return [place for place in places if place is not None]


def noted(parameters: list[Any], job: dict[str, Any]) -> tuple[Place, ...]:
    """What a job keeps of its submit beside the body: what x-job names, and whatever can stand in a link."""
    if job["role"] != "submit":
        return ()
    named = [place for word in SUBMITTED for place in beside_body(job.get(word))]
    in_path = [("path", parameter["name"]) for parameter in parameters if parameter["in"] == "path"]
    return tuple(dict.fromkeys((*named, *in_path)))
