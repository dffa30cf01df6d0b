"""Recordings that are large, or become large when they are read."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Any, Final

from tests.kit.miniatures.base import KEYS, GoodServer
from tests.kit.miniatures.wire import Reply, Request

HOST: Final = "http://far.example"


def alternating(path: Path, polls: int = 20_000) -> Path:
    """An HTTP archive of one job that goes back and forth between two states at every poll."""
    server = GoodServer()
    entries = [_entry(server, 0, "POST", server.submit_path, server.submits()[0])]
    read = server.read_path(server.made()[0])
    for number, state in enumerate(islice(cycle(("processing", "queued")), polls), 1):
        entry = _entry(server, number, "GET", read)
        content = entry["response"]["content"]
        content["text"] = content["text"].replace('"queued"', f'"{state}"')
        entries.append(entry)
    return _archive(path, entries)


def unlike_states(path: Path, polls: int) -> Path:
    """An HTTP archive of one job that is in another undocumented state at every poll."""
    server = GoodServer()
    entries = [_entry(server, 0, "POST", server.submit_path, server.submits()[0])]
    for number in range(1, polls + 1):
        entry = _entry(server, number, "GET", server.read_path(server.made()[0]))
        content = entry["response"]["content"]
        content["text"] = content["text"].replace('"queued"', f'"state-{number}"')
        entries.append(entry)
    return _archive(path, entries)


def _archive(path: Path, entries: list[Any]) -> Path:
    log = {"version": "1.2", "creator": {"name": "recorder", "version": "1"}, "entries": entries}
    path.write_text(json.dumps({"log": log}))
    return path


def _entry(server: GoodServer, number: int, method: str, path: str, body: Any = None) -> dict[str, Any]:
    headers = {"authorization": f"Bearer {KEYS[0]}", "content-type": "application/json"}
    sent = b"" if body is None else json.dumps(body).encode()
    reply = server.respond(Request(method, server.base + path, {}, headers, sent))
    request: dict[str, Any] = {
        "method": method, "url": f"{HOST}{server.base}{path}", "headers": _headers(headers), "bodySize": -1,
    }  # fmt: skip
    if sent:
        request["postData"] = {"mimeType": "application/json", "text": sent.decode()}
    seconds = number * 0.1
    at = f"2026-09-21T{int(seconds // 3600):02}:{int(seconds // 60) % 60:02}:{seconds % 60:06.3f}Z"
    return {"startedDateTime": at, "time": 1, "request": request, "response": _response(reply)}


def _response(reply: Reply) -> dict[str, Any]:
    content = {"mimeType": "application/json", "text": reply.raw.decode(), "size": len(reply.raw)}
    headers = {"content-type": "application/json", **reply.headers}
    return {"status": reply.status, "headers": _headers(headers), "content": content}


def _headers(headers: dict[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers.items()]


def inflating(path: Path, bodies: int = 30, size: int = 64 * 1024 * 1024) -> Path:
    """A cassette of bodies in gzip that inflate to `size` bytes each, written as JSON, which is YAML too."""
    packed = base64.b64encode(gzip.compress(bytes(size), 6)).decode()
    with path.open("w") as file:
        file.write('{"recorded_with": "VCR 6.1", "http_interactions": [')
        file.write(",".join(json.dumps(entry) for entry in _interactions(packed, bodies)))
        file.write("]}")
    return path


def _interactions(packed: str, bodies: int) -> Iterator[dict[str, Any]]:
    for number in range(bodies):
        yield {
            "request": {"method": "GET", "uri": f"{HOST}{GoodServer.base}/models", "headers": {}},
            "response": {
                "status": {"code": 200, "message": "OK"},
                "headers": {"Content-Type": ["application/json"], "Content-Encoding": ["gzip"]},
                "body": {"encoding": "ASCII-8BIT", "base64_string": packed},
            },
            "recorded_at": f"Mon, 21 Sep 2026 10:00:{number % 60:02} GMT",
        }


def sparse(path: Path, size: int) -> Path:
    """A file of that many zero bytes, which take no room on the disk."""
    with path.open("wb") as file:
        file.truncate(size)
    return path
