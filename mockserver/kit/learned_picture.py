"""What a submit must have beside a picture, in the object that has the picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from mockserver.contract.pointer import parts
from mockserver.contract.schema_places import schema_at, schema_with
from mockserver.contract.unchecked import object_in


class PictureNeeds(NamedTuple):
    """By place, the words for the picture's type, and the values that alone may stand there."""

    kinds: dict[str, tuple[str, ...]]
    beside: dict[str, Any]


def needs_of(document: Mapping[str, Any], schema: Any, pointer: str) -> PictureNeeds:
    """What the schema of a submit demands beside the picture at that JSON pointer."""
    *above, last = path = parts(pointer)
    around = schema_with(document, schema, path)
    demanded = (*around.get("required", ()), *around.get("dependentRequired", {}).get(last, ()))
    nodes = {name: object_in(schema_at(document, around, (name,))) for name in demanded if name != last}
    values = {".".join((*above, name)): _values(node) for name, node in nodes.items()}
    return PictureNeeds(
        {place: tuple(words) for place, words in values.items() if _are_types(words)},
        # What stands beside a picture at the top is not demanded for its sake.
        {place: words[0] for place, words in values.items() if above and len(words) == 1},
    )


def _values(node: Mapping[str, Any]) -> Sequence[Any]:
    """The values that a schema leaves, if it names them."""
    return (node["const"],) if "const" in node else node.get("enum", ())


def _are_types(words: Sequence[Any]) -> bool:
    return bool(words) and all(str(word).startswith("image/") for word in words)
