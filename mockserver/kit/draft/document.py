"""Reads what a contract is drafted from: an OpenAPI document in JSON or YAML, or recorded traffic."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, NamedTuple

import orjson

from mockserver.contract.unchecked import object_in
from mockserver.errors import KitError
from mockserver.kit.draft import recording
from mockserver.kit.draft.joined import joined
from mockserver.kit.trace.open import parse
from mockserver.kit.trace.plain_yaml import yaml_problem
from mockserver.numerals import plural

MOST_BYTES: Final = 64 * 1024 * 1024
MOST_NODES: Final = 2_000_000
"""Nodes of a document, those that YAML's aliases repeat counted as often as they stand."""
DEEPEST: Final = 200
_RECORDS: Final = frozenset({"log", "interactions", "http_interactions", "exchanges"})
_NEITHER: Final = (
    "is neither an OpenAPI document (it has no `openapi: 3...`) nor recorded traffic (a HAR or a cassette)"
)


class Origin(NamedTuple):
    """What was read: an OpenAPI document, `tag` how far to trust it, `label` what it is and of which version.

    `old` says that its schemas are those of OpenAPI 3.0.
    """

    document: dict[str, Any]
    tag: str
    label: str
    old: bool


def read_origin(path: Path) -> Origin:
    """The document in a file, or the one that its recorded traffic shows. Raises KitError, one line."""
    data = _bytes(path)
    content = _content(data, str(path))
    if not isinstance(content, dict) or content.keys() & _RECORDS:
        return _recorded(data, path)
    origin = _described(content, path)
    return origin._replace(document=joined(content, path, _part))


def _part(path: Path) -> Any:
    """What stands in another file of the document."""
    return _content(_bytes(path), str(path))


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise KitError(f"{path}: cannot be read: {error.strerror}") from None
    if len(data) > MOST_BYTES:
        raise KitError(f"{path}: is longer than {MOST_BYTES // 1024**2} MiB")
    if not data.strip():
        raise KitError(f"{path}: is empty")
    return data


def _content(data: bytes, name: str) -> Any:
    text = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text[:1] not in (b"{", b"["):
        return _Plain(name).copy(_yaml(data, name))
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        # Lines of separate JSON values are recorded traffic, which has a reader of its own.
        if "trailing characters" in error.msg or "unexpected content" in error.msg:
            return None
        where = f"line {error.lineno}, column {error.colno}"
        raise KitError(f"{name}: is not JSON: {error.msg.split(':')[0]} at {where}") from None


def _yaml(data: bytes, name: str) -> Any:
    import yaml

    try:
        reader = _loader()(data)
        try:
            return reader.get_single_data()
        finally:
            reader.dispose()
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise KitError(f"{name}: is not YAML: {yaml_problem(error)}") from None


def _loader() -> Any:
    """A safe loader for which dates are texts and `on` is a word, as OpenAPI's YAML is read."""
    import yaml

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    loader: Any = type("DocumentLoader", (base,), {})
    resolvers = {
        first: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:timestamp"]
        for first, pairs in base.yaml_implicit_resolvers.items()
    }
    for first in "yYnNoO":
        pairs = resolvers.get(first, [])
        resolvers[first] = [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:bool"]
    loader.yaml_implicit_resolvers = resolvers
    return loader


class _Plain:
    """Copies what YAML gave as JSON has it: keys are texts, and no object stands within itself."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._left = MOST_NODES

    def copy(self, node: Any, depth: int = 0) -> Any:
        self._left -= 1
        if self._left < 0 or depth > DEEPEST:
            raise KitError(f"{self._name}: is deeper or larger than a document may be")
        if isinstance(node, dict):
            return {self._key(key): self.copy(value, depth + 1) for key, value in node.items()}
        if isinstance(node, (list, tuple, set)):
            return [self.copy(value, depth + 1) for value in node]
        if node is None or isinstance(node, (str, int, float, bool)):
            return node
        return str(node)

    def _key(self, key: Any) -> str:
        if isinstance(key, bool):
            return str(key).lower()
        return str(key)


def _recorded(data: bytes, path: Path) -> Origin:
    exchanges = parse(data, str(path))
    document = recording.describe(exchanges, str(path))
    return Origin(
        document, "OBSERVED", f"{path.name}, {plural(len(exchanges), 'recorded exchange')}", old=False
    )


def _described(content: dict[str, Any], path: Path) -> Origin:
    version = str(content.get("openapi", ""))
    if "swagger" in content:
        raise KitError(
            f"{path}: is Swagger {content['swagger']}; convert it to OpenAPI 3 first, as swagger2openapi does"
        )
    if str(content.get("kind", "")).startswith("discovery#"):
        raise KitError(f"{path}: is a Google discovery document; convert it to OpenAPI 3 first")
    if not version:
        raise KitError(f"{path}: {_NEITHER}")
    if not version.startswith("3."):
        raise KitError(f"{path}: is OpenAPI {version}; 3.0 and 3.1 can be read")
    if not object_in(content.get("paths")):
        raise KitError(f"{path}: has no paths, so there is no operation to serve")
    info = object_in(content.get("info"))
    label = f"{info.get('title', 'untitled')} {info.get('version', '')}".strip()
    return Origin(content, "DOCUMENTED", f"{label} ({path.name})", old=version.startswith("3.0"))
