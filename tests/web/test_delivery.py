"""What the journal says of an answer's way is what the client got, for every fault that acts on answers."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import pytest

from mockserver.control_client import ControlClient
from mockserver.faults.base import WireFault
from mockserver.faults.catalogue import faults
from mockserver.settings import read_pace
from tests.engine.test_lifecycle import GMI
from tests.serving import KEY, Running

WIRE = sorted(name for name, kind in faults().items() if issubclass(kind, WireFault))
BODY = {"model": "Kling-Text2Video-V1.6-Standard", "payload": {"prompt": "a kite"}}
SETTINGS: dict[str, list[dict[str, Any]]] = {
    "answer": [{"text": "teapot"}],
    "delay": [{"seconds": 0.01}],
    "drip": [{"rate": 9999}],
    "reset": [{}, {"accepted": True}],
    "truncated": [{}, {"size": 0}, {"size": 9}, {"size": 999_999}],
}


@pytest.mark.parametrize(
    ("name", "settings"), [(name, settings) for name in WIRE for settings in SETTINGS.get(name, [{}])]
)
def test_the_journal_says_what_arrived(
    running: Callable[..., Running], name: str, settings: dict[str, Any]
) -> None:
    server = running(pace=read_pace("immediate"), token="t")
    with server.client() as client, ControlClient(server.url, "t") as mock:
        job = client.post(GMI, json=BODY).json()["request_id"]
        mock.add_rule(name, when={"role": "read"}, settings=settings)
        head, body = _raw(server.url, f"{GMI}/{job}")
        (entry,) = mock.journal(role="read")["exchanges"]
    way = entry["delivery"] or ""
    assert way in entry["meaning"]
    sent = entry["response"]
    if not head:
        assert way.startswith("nothing of it arrived: the connection was ")
    elif len(body) < sent["size"]:
        assert way == f"only {len(body)} of its {sent['size']} bytes arrived, then the connection was closed"
    else:
        assert body == (sent["text"] or "").encode()
        assert way == {"drip": "it came at 9999 bytes a second", "delay": "0.01 s late"}.get(name, "")


def _raw(url: str, path: str) -> tuple[bytes, bytes]:
    """Head and body of an answer as they arrive, until the connection ends."""
    host, port = urlsplit(url).hostname, urlsplit(url).port
    request = (
        f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {KEY}\r\nConnection: close\r\n\r\n"
    )
    got = bytearray()
    with socket.create_connection((host, port), 30) as connection, suppress(ConnectionResetError):
        connection.sendall(request.encode())
        while part := connection.recv(65536):
            got += part
    head, _, body = bytes(got).partition(b"\r\n\r\n")
    if b"transfer-encoding: chunked" in head.lower():
        body = b"".join(line for line in body.split(b"\r\n")[1::2])
    return head, body
