"""YAML with the tags that Python's own writers leave, read as the plain data under them: nothing is built."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

_PREFIX: Final = "tag:yaml.org,2002:python/"
_BYTES: Final = "bytes"
"""vcrpy's cassettes of Python 3 have bytes as Base64 under this tag, or as !!binary."""


@cache
def plain_loader() -> Any:
    """A safe loader, which takes texts, lists and objects under a tag of Python for what they are."""
    import yaml

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    # A class of its own, so that no other user of the library knows the tags.
    loader: Any = type("PlainLoader", (base,), {})
    loader.add_multi_constructor(_PREFIX, _plain)
    return loader


def _plain(loader: Any, suffix: str, node: Any) -> Any:
    import yaml

    if isinstance(node, yaml.MappingNode):
        return _unwrapped(loader.construct_mapping(node, deep=True))
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    if suffix == _BYTES:
        return loader.construct_yaml_binary(node)
    return loader.construct_scalar(node)


def _unwrapped(fields: dict[Any, Any]) -> Any:
    """What an object of Python holds: headers of requests and aiohttp stand in `state` or `dictitems`."""
    for name in ("dictitems", "state", "_store"):
        if isinstance(fields.get(name), dict):
            return _unwrapped(fields[name])
    # requests' headers: the name in lower case, then the name as it was sent and its value.
    if fields and all(_is_pair(name, pair) for name, pair in fields.items()):
        return dict(fields.values())
    return fields


def _is_pair(name: Any, pair: Any) -> bool:
    return isinstance(pair, list) and len(pair) == 2 and str(pair[0]).lower() == str(name).lower()
