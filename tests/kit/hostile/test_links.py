"""Links of an endpoint elsewhere that lead into our own network are reported and not followed."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from mockserver.kit import contracts
from mockserver.kit.traffic.exchange import Exchange
from mockserver.kit.verify.budget import Budget
from mockserver.kit.verify.ledger import Ledger
from mockserver.kit.verify.link_policy import ForbiddenLink, LinkPolicy, kind_of
from mockserver.kit.verify.target import ServerUnderTest
from mockserver.kit.verify.transport import Transport, TransportResponse
from tests.kit.miniatures.base import KEYS, GoodServer
from tests.kit.miniatures.wire import Door, Reply, Request

FAR = "http://far.example"
INSIDE = [
    ("127.0.0.1", "loopback"),
    ("127.8.9.1", "loopback"),
    ("2130706433", "loopback"),
    ("0x7f.1", "loopback"),
    ("017700000001", "loopback"),
    ("::1", "loopback"),
    ("::ffff:127.0.0.1", "loopback"),
    ("64:ff9b::7f00:1", "loopback"),
    ("::127.0.0.1", "loopback"),
    ("2002:7f00:1::", "loopback"),
    ("169.254.169.254", "link-local"),
    ("fe80::1", "link-local"),
    ("10.0.0.1", "private"),
    ("172.16.3.4", "private"),
    ("192.168.1.1", "private"),
    ("fd00::1", "private"),
    ("64:ff9b::a00:1", "private"),
    ("100.64.0.1", "shared"),
    ("224.0.0.1", "multicast"),
    ("ff02::1", "multicast"),
    ("0.0.0.0", "unspecified"),
    ("::", "unspecified"),
]


@pytest.mark.parametrize(("host", "kind"), INSIDE)
def test_a_far_endpoint_leads_to_no_inner_address(host: str, kind: str) -> None:
    with pytest.raises(ForbiddenLink, match=f"is a {kind} address"):
        LinkPolicy("http://93.184.215.14").addresses(host, 80)


@pytest.mark.parametrize("host", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_public_addresses_are_followed(host: str) -> None:
    assert LinkPolicy("http://93.184.215.14").addresses(host, 80) == [host]
    assert kind_of(host) == ""


def test_an_endpoint_leads_to_addresses_of_its_own_kind() -> None:
    assert LinkPolicy("http://127.0.0.1:1").addresses("127.0.0.2", 80) == ["127.0.0.2"]
    assert LinkPolicy("http://10.0.0.1").addresses("10.9.9.9", 80) == ["10.9.9.9"]
    with pytest.raises(ForbiddenLink):
        LinkPolicy("http://10.0.0.1").addresses("127.0.0.1", 80)
    with pytest.raises(ForbiddenLink):
        LinkPolicy("http://127.0.0.1:1").addresses("169.254.169.254", 80)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every name of `.example` is this machine; the names that were looked up."""
    look_up, names = socket.getaddrinfo, []

    def found(host: str, *rest: Any, **more: Any) -> Any:
        names.append(host)
        return look_up("127.0.0.1" if str(host).endswith(".example") else host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", found)
    return names


@pytest.fixture
def inner() -> Iterator[tuple[Door, list[Request]]]:
    """A service of this machine that nobody else may reach, and what it was asked."""
    requests: list[Request] = []

    def respond(request: Request) -> Reply:
        requests.append(request)
        return Reply(200, b"secret")

    door = Door(respond)
    yield door, requests
    door.close()


def _fetched(url: str, link: str) -> TransportResponse:
    transport = Transport(10.0, links=LinkPolicy(url))
    try:
        return transport.send("GET", link, {}, b"")
    finally:
        transport.close()


def test_a_name_that_is_made_to_point_here_leads_nowhere(
    names: list[str], inner: tuple[Door, list[Request]]
) -> None:
    door, requests = inner
    for link in (door.url, door.url.replace("127.0.0.1", "other.example")):
        assert "not followed: " in _fetched(f"{FAR}:1", link).error
    assert not requests


def test_a_redirect_leads_nowhere_either(names: list[str], inner: tuple[Door, list[Request]]) -> None:
    door, requests = inner
    far = Door(lambda request: Reply(302, b"", {"Location": door.url}))
    url = far.url.replace("127.0.0.1", "far.example")
    response = _fetched(url, f"{url}/clip.mp4")
    far.close()
    assert response.error == "not followed: 127.0.0.1 is a loopback address, and the endpoint has none"
    assert not requests


def test_the_address_that_was_checked_is_the_one_that_is_called(names: list[str]) -> None:
    far = Door(lambda request: Reply(200, b"clip"))
    url = far.url.replace("127.0.0.1", "far.example")
    assert _fetched(url, f"{url}/clip.mp4").body == b"clip"
    far.close()
    assert names.count("far.example") == 1


def _read_of(server: GoodServer) -> Exchange:
    """The answer that a miniature gives about a job that has succeeded."""
    headers = {"authorization": f"Bearer {KEYS[0]}", "content-type": "application/json"}
    body = json.dumps(server.submits()[0]).encode()
    server.respond(Request("POST", server.base + server.submit_path, {}, headers, body))
    server.advance(60_000)
    path = server.base + server.read_path(server.made()[0])
    reply = server.respond(Request("GET", path, {}, headers, b""))
    return Exchange(
        1, 0.0, 0.0, "GET", f"http://127.0.0.1:1{path}", tuple(headers.items()), b"", reply.status,
        (("content-type", "application/json"),), reply.raw,
    )  # fmt: skip


def test_what_was_not_followed_is_reported_and_not_judged() -> None:
    budget = Budget(Ledger(None, "test"), 10, 1)
    target = ServerUnderTest(contracts.load("gmicloud"), "http://127.0.0.1:1", "key-of-a-test", budget)
    server = GoodServer()
    server.url = "http://169.254.169.254"
    call = target.history.read(_read_of(server))
    target.history.add(call)
    target.fetch(call.sightings[0].links[0])
    target.close()
    findings = {finding.check: finding for finding in target.findings}
    assert findings["links.public"].severity == "warning"
    assert "media.status" not in findings
    assert any("link-local" in reason for reason in target.not_judged)
