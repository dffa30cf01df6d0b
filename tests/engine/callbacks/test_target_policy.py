"""Only what is judged is called, whatever the URL looks like."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from typing import Any

import pytest

from mockserver.engine.callbacks import target_policy
from mockserver.engine.callbacks.target_policy import ForbiddenTarget, UnreachedTarget, check_target, post
from tests.listener import listening, status

LOOK_UP = socket.getaddrinfo


def answer(*addresses: str) -> Any:
    """A getaddrinfo that gives each address in turn, the last one again and again, whoever is asked for."""
    left = list(addresses)

    def look_up(name: Any, port: Any, *_: Any, **more: Any) -> Sequence[Any]:
        address = left.pop(0) if len(left) > 1 else left[0]
        return LOOK_UP(address, port, type=socket.SOCK_STREAM)

    return look_up


FORBIDDEN = [
    "http://169.254.169.254/latest/meta-data/",
    "http://[fd00:ec2::254]/latest/meta-data/",
    "http://100.100.100.200/",
    "http://10.0.0.1:{port}/",
    "http://192.168.0.1:{port}/",
    "http://0.0.0.0:{port}/",
    "http://0:{port}/",
    "http://[::]:{port}/",
    "http://[fe80::1]:{port}/",
    "http://[::ffff:169.254.169.254]/",
    "http://[::ffff:a9fe:a9fe]/",
    "http://[::127.0.0.1]:{port}/",
    "http://[64:ff9b::7f00:1]:{port}/",
    "http://2852039166/",
    "http://0xa9fea9fe/",
    "http://0xa9.0xfe.0xa9.0xfe/",
    "http://0251.0376.0251.0376/",
    "http://169.16689662/",
    "http://169。254。169。254/",
    "http://①⑥⑨.②⑤④.①⑥⑨.②⑤④/",
    "http://127.0.0.1@169.254.169.254/",
    "http://127.0.0.1:{port}@169.254.169.254/",
    "http://user:secret@127.0.0.1:{port}/",
    "http://169.254.169.254\\@127.0.0.1:{port}/",
    "http://127.0.0.1:{port}\\@169.254.169.254/",
    "http://127.0.0.1:{port}/ HTTP/1.1\r\nX-Evil: 1",
    "http://127.0.0.1\t:{port}/",
    "\nhttp://127.0.0.1:{port}/",
    "file:///etc/passwd",
    "file://127.0.0.1/etc/passwd",
    "ftp://127.0.0.1:{port}/",
    "gopher://127.0.0.1:{port}/_GET",
    "ws://127.0.0.1:{port}/",
    "unix:///var/run/docker.sock",
    "javascript:alert(1)",
    "data:text/plain,x",
    "//127.0.0.1:{port}/",
    "127.0.0.1:{port}",
    "/127.0.0.1",
    "http://",
    "http:///path",
    "http://:{port}/",
    "http://[::1",
    "http://127.0.0.1:99999/",
    "http://127.0.0.1:x/",
    "http://a..b/",
    "http://" + "a" * 5000,
    "",
]
NOWHERE = [
    "http://127.0.0.1%2f@x.invalid/",
    "http://[::1%25lo]:{port}/",
    "http://127.0.0.1.:{port}/",
    "http://127%2e0%2e0%2e1:{port}/",
    "http://no-such-host.invalid/",
]
ALLOWED = [
    "http://127.0.0.1:{port}/hook?a=b",
    "HTTP://127.0.0.1:{port}",
    "http://localhost:{port}/",
    "http://127.1:{port}/",
    "http://2130706433:{port}/",
    "http://0x7f000001:{port}/",
    "http://017700000001:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/",
    "http://127。0。0。1:{port}/",
]


async def tried(url: str, **more: Any) -> tuple[int | None, int, str]:
    """What posting to a URL gave, how many connections a listener on loopback saw, and what was said."""
    async with listening() as listener:
        try:
            code: int | None = await post(url.replace("{port}", str(listener.port)), {}, b"{}", **more)
            said = listener.heard[0].headers["host"]
        except (ForbiddenTarget, UnreachedTarget) as error:
            code, said = None, str(error)
        return code, listener.connections, said


@pytest.mark.parametrize("url", FORBIDDEN + NOWHERE)
def test_nothing_reaches_a_forbidden_target(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(*_: Any, **__: Any) -> int:
        raise AssertionError("it was called")

    monkeypatch.setattr(target_policy, "_send", refuse)
    code, connections, said = asyncio.run(tried(url))
    assert (code, connections) == (None, 0)
    assert said


@pytest.mark.parametrize("url", ALLOWED)
def test_loopback_is_called_in_any_spelling(url: str) -> None:
    assert asyncio.run(tried(url))[:2] == (200, 1)


def test_a_name_that_changes_its_answer_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", answer("127.0.0.1", "169.254.169.254"))
    code, connections, said = asyncio.run(tried("http://rebinding.example:{port}/"))
    assert (code, connections) == (200, 1)
    assert said.startswith("rebinding.example:")
    monkeypatch.setattr(socket, "getaddrinfo", answer("169.254.169.254", "127.0.0.1"))
    assert asyncio.run(tried("http://rebinding.example:{port}/"))[:2] == (None, 0)


def test_one_strange_address_among_several_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    def both(name: Any, port: Any, *_: Any, **__: Any) -> Sequence[Any]:
        return [*LOOK_UP("127.0.0.1", port), *LOOK_UP("169.254.169.254", port)]

    monkeypatch.setattr(socket, "getaddrinfo", both)
    code, connections, said = asyncio.run(tried("http://two-faced.example:{port}/"))
    assert (code, connections) == (None, 0)
    assert "169.254.169.254" in said


@pytest.mark.parametrize(
    ("url", "allowed", "taken"),
    [
        ("http://hooks.example/", ("hooks.example",), True),
        ("http://HOOKS.example/", ("Hooks.Example.",), True),
        ("http://hooks.example/", ("example",), False),
        ("http://hooks.example/", ("10.0.0.5",), True),
        ("http://hooks.example/", ("10.0.0.6", "*", ""), False),
        ("http://10.0.0.5/", ("10.0.0.5",), True),
        ("http://[::ffff:10.0.0.5]/", ("10.0.0.5",), True),
        ("http://10.0.0.5/", ("hooks.example",), False),
        ("http://[fd00::5]/", ("[FD00:0::5]",), True),
        ("http://[fd00::5]/", ("fd00::5",), True),
        ("http://hooks.example/", ("a..b", "x" * 64, "hooks.example"), True),
        ("http://hooks.example/", ("a..b", "x" * 64), False),
    ],
)
def test_a_host_is_allowed_by_name_or_address(
    url: str, allowed: tuple[str, ...], taken: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", answer("10.0.0.5"))
    if taken:
        address = "fd00::5" if "fd00" in url else "10.0.0.5"
        assert asyncio.run(check_target(url, allowed)).addresses == (address,)
    else:
        with pytest.raises(ForbiddenTarget, match=r"10\.0\.0\.5.*--allow-host"):
            asyncio.run(check_target(url, allowed))


def test_each_address_of_a_host_counts_once_in_its_order(monkeypatch: pytest.MonkeyPatch) -> None:
    def look_up(name: Any, port: Any, *_: Any, **__: Any) -> Sequence[Any]:
        numbers = (6, 5, 6, 7, 5)
        return [entry for number in numbers for entry in LOOK_UP(f"10.0.0.{number}", port)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    target = asyncio.run(check_target("http://hooks.example/", ("hooks.example",)))
    assert target.addresses == ("10.0.0.6", "10.0.0.5", "10.0.0.7")


@pytest.mark.parametrize("trouble", [OSError("no net"), ValueError("no label"), UnicodeError("no label")])
def test_a_host_that_cannot_be_looked_up_is_not_reached(
    trouble: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> Sequence[Any]:
        raise trouble

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    with pytest.raises(UnreachedTarget, match=f"'hooks.example' has no address: {trouble}"):
        asyncio.run(check_target("http://hooks.example/", ("hooks.example",)))


def test_the_url_is_called_as_it_was_given() -> None:
    async def heard() -> tuple[str, str]:
        async with listening() as listener:
            await post(f"{listener.url}/a/%2e%2e/hook?x=1&y=ä", {"x-a": "b"}, b"body")
            (one,) = listener.heard
            assert (one.headers["x-a"], one.body) == ("b", b"body")
            return one.line, one.headers["host"].replace(str(listener.port), "PORT")

    assert asyncio.run(heard()) == ("POST /a/%2e%2e/hook?x=1&y=%C3%A4 HTTP/1.1", "127.0.0.1:PORT")


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(code: int) -> None:
    async def tried() -> tuple[int, int]:
        async with listening() as other, listening(status(code, f"location: {other.url}/")) as first:
            return await post(first.url, {}, b"{}"), other.connections

    assert asyncio.run(tried()) == (code, 0)


def test_no_proxy_of_the_environment_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    async def tried() -> tuple[int, int]:
        async with listening() as proxy, listening() as wanted:
            for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
                monkeypatch.setenv(name, proxy.url)
            await post(wanted.url, {}, b"{}")
            return proxy.connections, wanted.connections

    assert asyncio.run(tried()) == (0, 1)


def test_an_endless_answer_is_cut() -> None:
    endless = b"HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n" + b"x" * (2 * target_policy.MAX_RESPONSE)

    async def tried() -> int:
        async with listening(endless) as listener:
            return await post(listener.url, {}, b"{}")

    assert asyncio.run(tried()) == 200


def test_silence_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(target_policy, "TIMEOUT", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(UnreachedTarget, match=r"0\.05 s"):
        asyncio.run(post(f"http://127.0.0.1:{silent.getsockname()[1]}/", {}, b"{}"))


def test_a_refused_connection_says_where() -> None:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        port = bound.getsockname()[1]
    with pytest.raises(UnreachedTarget, match=f"127.0.0.1 port {port}"):
        asyncio.run(post(f"http://127.0.0.1:{port}/", {}, b"{}"))
