"""The job that a link to an operation of the contract names: a link read backwards."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final
from urllib.parse import parse_qs, unquote

from mockserver.contract.model import Contract, Operation
from mockserver.contract.names import OF_IDS
from mockserver.kit.traffic.exchange import split_url

_PLACE: Final = re.compile(r"\{([^}]+)\}")


def job_named(contract: Contract, operation_id: str, value: object) -> tuple[str, str] | None:
    """The fact that a link, a path or a resource name tells, and its value: `job.id` or a further id.

    None where the value leads to no such operation.
    """
    operation = contract.operations.get(operation_id)
    if operation is None or operation.key is None or not isinstance(value, str):
        return None
    place, name = operation.key
    url = split_url(value)
    match = _pattern(operation).search(f"/{url.path.lstrip('/')}")
    named = None if match is None else match.groupdict().get("key")
    if place == "query":
        named = next(iter(parse_qs(url.query).get(name, ())), None)
    if match is None or not named:
        return None
    return _fact(contract, operation), unquote(named)


def _fact(contract: Contract, operation: Operation) -> str:
    """The name of the fact by which an operation knows a job."""
    by = operation.by[0]
    return {"id": "job.id", "alias": "job.alias"}.get(by, f"{OF_IDS}{by}")


@lru_cache(maxsize=256)
def _pattern(operation: Operation) -> re.Pattern[str]:
    """The expression for the end of the operation's paths, wherever the contract stands."""
    place, key = operation.key or ("", "")
    parts = _PLACE.split(operation.path)
    # A split by a group alternates: literal text, name, literal text, and so on.
    parts[::2] = map(re.escape, parts[::2])
    parts[1::2] = (_filled(operation, name, is_key=(place, name) == ("path", key)) for name in parts[1::2])
    return re.compile("".join(parts) + "$")


def _filled(operation: Operation, name: str, *, is_key: bool) -> str:
    """The expression for a place of the path."""
    text = ".+" if name in operation.spans else "[^/]+"
    return f"(?P<key>{text})" if is_key else text
