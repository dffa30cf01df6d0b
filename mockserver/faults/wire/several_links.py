"""A success with several links."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from mockserver.faults.base import READ, WireFault
from mockserver.faults.bodies import change_body, objects
from mockserver.faults.seams import Reply, RequestFacts


class SeveralLinks(WireFault):
    """A finished job shows `count` links to the clip instead of one.

    A list of objects with a `url` gets more of them; an object with a `url` and a text `video_url` get a
    list beside them, under their key in the plural. The first link is the real one, the others lead to
    the same clip with `?copy=2` and so on.
    Use: does the client choose a link on purpose, and not by chance the last?
    """

    name = "several-links"
    main = "count"
    usual = READ
    count: int = Field(2, ge=2, le=10)

    def after(self, reply: Reply, request: RequestFacts) -> None:
        def multiply(document: Any) -> Any:
            for node in list(objects(document)):
                for key, value in list(node.items()):
                    self._multiply(node, key, value)
            return document

        change_body(reply, multiply)

    def _multiply(self, node: dict[str, Any], key: str, value: Any) -> None:
        if isinstance(value, list) and len(value) == 1 and _has_link(value[0]):
            node[key] = self._copies(value[0])
        elif _has_link(value) or (key == "video_url" and isinstance(value, str)):
            node[f"{key}s"] = self._copies(value)

    def _copies(self, link: Any) -> list[Any]:
        return [link, *(_copy(link, number) for number in range(2, self.count + 1))]


def _has_link(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("url"), str)


def _copy(link: Any, number: int) -> Any:
    if isinstance(link, dict):
        return link | {"url": _copy(link["url"], number)}
    separator = "&" if "?" in link else "?"
    return f"{link}{separator}copy={number}"
