"""Changes to the JSON body of an answer, whichever provider it is from."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from mockserver.faults.seams import Reply

JOB_KEYS = ("task_id", "generation_id", "request_id", "id")


def change_body(reply: Reply, transform: Callable[[Any], Any]) -> None:
    """Replace a JSON body by what `transform` makes of it; a body that is no JSON stays."""
    try:
        document = json.loads(reply.body)
    except ValueError:
        return
    reply.body = dump(transform(document))


def dump(document: Any) -> bytes:
    """A document as compact JSON."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def objects(document: Any) -> Iterator[dict[str, Any]]:
    """Every object in a document, the outer ones first."""
    values: list[Any] = []
    if isinstance(document, dict):
        yield document
        values = list(document.values())
    elif isinstance(document, list):
        values = document
    for value in values:
        yield from objects(value)


def find_id_keys(document: Any, keys: tuple[str, ...], job_id: str) -> list[tuple[dict[str, Any], str]]:
    """Where the document has the job's id: pairs of an object and its key.

    That is under `keys`, else wherever the value is `job_id`, else under the first of the usual keys.
    """
    if keys:
        return list(_places(document, keys))
    if job_id:
        places = [(node, key) for node in objects(document) for key in node]
        return [(node, key) for node, key in places if str(node[key]) == job_id]
    return sorted(_places(document, JOB_KEYS), key=lambda place: JOB_KEYS.index(place[1]))[:1]


def _places(document: Any, keys: tuple[str, ...]) -> Iterator[tuple[dict[str, Any], str]]:
    for node in objects(document):
        for key in keys:
            if key in node:
                yield node, key


def set_header(reply: Reply, name: str, value: str) -> None:
    """Give the reply a header and remove those of the same name."""
    reply.headers = [header for header in reply.headers if header[0] != name.encode()]
    reply.headers.append((name.encode(), value.encode("latin-1")))
