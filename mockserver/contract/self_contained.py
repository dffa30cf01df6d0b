"""The one file that a bundle is: it names no overlay, and holds no component that nothing leads to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from mockserver.contract import pointer
from mockserver.contract.unchecked import object_in


def self_contained(document: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of a bundled document that can be a contract's only file.

    The chosen overlays are in it already, so that each of its profiles names none and reads the same.
    """
    job = document["x-job"]
    copy = {**document, "x-job": {**job, "profiles": {name: [] for name in job["profiles"]}}}
    schemas = dict(object_in(pointer.follow(document, ("components", "schemas"))))
    while idle := _unreferenced(copy, schemas):
        schemas = {name: schema for name, schema in schemas.items() if name not in idle}
        copy["components"] = {**document["components"], "schemas": schemas}
    return copy


def _unreferenced(document: Mapping[str, Any], names: Mapping[str, Any]) -> set[str]:
    text = orjson.dumps(document)
    return {name for name in names if not _refers(text, name)}


def _refers(text: bytes, name: str) -> bool:
    reference = "#" + pointer.write(("components", "schemas", name))
    return any(orjson.dumps(reference)[:-1] + end in text for end in (b'"', b"/"))
