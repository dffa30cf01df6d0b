"""Pages of other origins may call the providers and media where --cors says so, never the control plane."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from mockserver.errors import SettingsError
from mockserver.in_process import read_settings
from mockserver.settings import Settings, read_cors, read_pace
from mockserver.web.cors import Cors
from tests.browser import CHROMIUM, showing
from tests.engine.test_lifecycle import GMI
from tests.serving import Running, client, running_app
from tests.web.test_browser import _page

TOKEN = "secret-token"
APP = "https://app.example.com"
OTHER = "https://other.example.com"
PAGE = """<!doctype html><title>loading</title><script>
const say = text => fetch("/said", {{method: "POST", body: text}});
const headers = {{"Authorization": "Bearer page-key", "Content-Type": "application/json"}};
(async () => {{
  const made = await (await fetch("{url}", {{method: "POST", headers, body: '{body}'}})).json();
  const read = await fetch("{url}/" + made.request_id, {{headers}});
  const missing = await fetch("{server}/no/such/path", {{headers}});
  const link = (await read.json()).outcome.video_url;
  const clip = await fetch(link, {{headers: {{"Range": "bytes=0-9"}}}});
  say([read.status, missing.status, clip.status, clip.headers.get("content-range").slice(0, 10)].join(" "));
}})().catch(error => say("refused " + error));
</script>"""


@pytest.fixture(scope="module", params=[("*",), (APP, "null")], ids=["all", "some"])
def server(request: pytest.FixtureRequest) -> Iterator[Running]:
    with running_app(Settings(token=TOKEN, cors=request.param)) as running:
        yield running


def ask(
    server: Running, method: str, path: str, origin: str | None, *, preflight: bool = False
) -> httpx.Response:
    """The answer to a page's request, or to the question whether it may make one."""
    headers = {} if origin is None else {"origin": origin}
    if preflight:
        headers["access-control-request-method"] = method
        headers["access-control-request-headers"] = "authorization,content-type,x-trace"
    with client(server.url, TOKEN if path.startswith("/__mock") else "page-key") as caller:
        return caller.request("OPTIONS" if preflight else method, path, headers=headers)


def test_a_preflight_allows_the_routes_methods_and_what_the_page_sends(server: Running) -> None:
    for path, methods in ((GMI, {"GET", "POST"}), (f"{GMI}/x", {"GET"}), ("/media/x.mp4", {"GET", "HEAD"})):
        answer = ask(server, "GET", path, APP, preflight=True)
        assert answer.status_code == 204
        assert answer.headers["access-control-allow-origin"] in ("*", APP)
        assert set(answer.headers["access-control-allow-methods"].split(", ")) >= methods
        assert answer.headers["access-control-allow-headers"] == "authorization,content-type,x-trace"
        assert "origin" in answer.headers["vary"]
    assert (
        ask(server, "PUT", "/no/such", APP, preflight=True).headers["access-control-allow-methods"] == "PUT"
    )


@pytest.mark.parametrize("path", [GMI, f"{GMI}/no-such-job", "/no/such/path", "/media/no.mp4"])
def test_answers_and_refusals_can_be_read_with_all_their_headers(server: Running, path: str) -> None:
    answer = ask(server, "GET", path, APP)
    exposed = answer.headers.get("access-control-expose-headers", "").split(", ")
    assert answer.headers["access-control-allow-origin"] in ("*", APP)
    own = {name for name in answer.headers if name not in ("date", "vary", "content-type", "content-length")}
    assert {name for name in own if not name.startswith("access-control")} <= set(exposed)


def test_another_origin_is_told_how_to_be_let_in(server: Running, caplog: pytest.LogCaptureFixture) -> None:
    allowed = server.app.services.settings.cors == ("*",)
    with caplog.at_level(logging.WARNING):
        answer = ask(server, "GET", GMI, OTHER, preflight=True)
        read = ask(server, "GET", GMI, OTHER)
    assert ("access-control-allow-origin" in read.headers) == allowed
    assert answer.status_code == (204 if allowed else 403)
    if not allowed:
        assert f"--cors {OTHER}" in answer.json()["detail"]
        assert [f"--cors {OTHER}" in record.message for record in caplog.records] == [True]
        assert read.headers["vary"] == "origin"


def test_caches_give_a_page_no_answer_without_the_headers(server: Running) -> None:
    answer = ask(server, "DELETE", GMI, None)
    assert "allow" in answer.headers
    if server.app.services.settings.cors == ("*",):
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["access-control-expose-headers"] == "allow"
    else:
        assert answer.headers["vary"] == "origin"
        assert not [name for name in answer.headers if name.startswith("access-control")]


def test_the_control_plane_allows_nothing(server: Running) -> None:
    for preflight in (False, True):
        answer = ask(server, "GET", "/__mock/jobs", APP, preflight=preflight)
        assert not [name for name in answer.headers if name.startswith("access-control")]


def test_off_by_default_with_one_line_for_each_origin(caplog: pytest.LogCaptureFixture) -> None:
    with running_app(Settings(token=TOKEN)) as server, caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert not [name for name in ask(server, "GET", GMI, APP).headers if "access-control" in name]
            assert ask(server, "POST", GMI, APP, preflight=True).status_code == 403
            assert ask(server, "GET", GMI, server.url).status_code == 200
        assert ask(server, "OPTIONS", GMI, None).status_code == 204
    assert [record.message.count(f"--cors {APP}") for record in caplog.records] == [1]


@pytest.mark.parametrize("origin", ["", "app.example.com", "https://a.example/path", "https://a b", "**"])
def test_what_is_no_origin(origin: str) -> None:
    with pytest.raises(SettingsError, match="CORS origin"):
        read_cors([origin])


def test_it_is_a_setting_of_serve() -> None:
    assert read_settings(Settings(), cors="*").cors == ("*",)
    assert read_settings(Settings(), cors=["HTTPS://App.example.com/", "null"]).cors == (APP, "null")


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here to open the page")
@pytest.mark.parametrize("allowed", [True, False])
def test_a_page_in_chromium_makes_a_job_and_fetches_its_clip(tmp_path: Path, allowed: bool) -> None:
    settings = Settings(
        pace=read_pace("immediate"), small_clips=True, cache_dir=tmp_path, cors=("*",) if allowed else ()
    )
    body = '{"model": "Kling-Text2Video-V1.6-Standard", "payload": {"prompt": "a cat"}}'
    with running_app(settings) as server:
        html = PAGE.format(url=server.url + GMI, server=server.url, body=body)
        with _page(html) as (url, page), showing(url, tmp_path / "profile"):
            assert page.heard.wait(60), "the browser said nothing"
    assert page.said == ("200 404 206 bytes 0-9/" if allowed else "refused TypeError: Failed to fetch")


def test_a_fault_breaks_the_connection_of_a_page_too(server: Running) -> None:
    body = {"model": "Kling-Text2Video-V1.6-Standard", "payload": {"prompt": "[mock:reset role=submit]"}}
    with client(server.url, "page-key") as caller, pytest.raises(httpx.TransportError):
        caller.post(GMI, json=body, headers={"origin": APP})


@pytest.mark.parametrize("names", [b"", b"x-\xe9", b"x;y", b"x" * 4097])
def test_a_preflight_repeats_no_names_that_are_none(server: Running, names: bytes) -> None:
    headers = [(b"origin", APP.encode()), (b"access-control-request-method", b"GET")]
    with client(server.url, "page-key") as caller:
        answer = caller.options(GMI, headers=[*headers, (b"access-control-request-headers", names)])

    assert answer.status_code == 204
    assert "access-control-allow-headers" not in answer.headers


Headers = list[tuple[bytes, bytes]]


def _met(cors: Cors, method: str, *headers: tuple[bytes, bytes]) -> tuple[int, dict[bytes, list[bytes]]]:
    """Status and headers of the answer that a request gets: 299, with two headers, if it is let through."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def meet() -> None:
        scope = {
            "method": method, "headers": headers, "raw_path": b"/a",
            "scheme": "http", "server": ("10.0.0.1", 80),
        }  # fmt: skip
        way = await cors.meet(scope, send)
        if way is not None:
            answer: Headers = [(b"X-One", b"1"), (b"content-type", b"a/b")]
            await way({"type": "http.response.start", "status": 299, "headers": answer})
            await way({"type": "http.response.body", "body": b""})

    asyncio.run(meet())
    grouped: dict[bytes, list[bytes]] = {}
    for name, value in sent[0]["headers"]:
        grouped.setdefault(name, []).append(value)
    return sent[0]["status"], grouped


ORIGIN = (b"origin", APP.encode())
ALLOW, EXPOSE = b"access-control-allow-origin", b"access-control-expose-headers"


@pytest.mark.parametrize(
    ("origins", "origin", "own"),
    [
        ((), None, {}),
        ((), ORIGIN, {}),
        (("*",), None, {ALLOW: [b"*"], EXPOSE: [b"x-one"]}),
        (("*",), ORIGIN, {ALLOW: [b"*"], EXPOSE: [b"x-one"]}),
        ((APP,), None, {b"vary": [b"origin"]}),
        ((APP,), ORIGIN, {ALLOW: [APP.encode()], b"vary": [b"origin"], EXPOSE: [b"x-one"]}),
        ((OTHER,), ORIGIN, {b"vary": [b"origin"]}),
        ((), (b"origin", b"http://10.0.0.1:80"), {}),
    ],
)
def test_an_answer_has_what_its_page_may_know(
    origins: tuple[str, ...], origin: tuple[bytes, bytes] | None, own: dict[bytes, list[bytes]]
) -> None:
    plain = {b"X-One": [b"1"], b"content-type": [b"a/b"]}

    assert _met(Cors(origins, lambda _: ["GET"]), "GET", *filter(None, [origin])) == (299, {**plain, **own})


@pytest.mark.parametrize(
    ("asked", "methods", "allowed"),
    [
        (b"GET", ["GET", "POST"], [b"GET, POST"]),
        (b"PUT", [], [b"PUT"]),
        (b"M" * 20, [], [b"M" * 20]),
        (b"M" * 21, [], [b""]),
        (b"a b", [], [b""]),
    ],
)
def test_a_preflight_of_an_unknown_path_may_be_made_with_any_method(
    asked: bytes, methods: list[str], allowed: list[bytes]
) -> None:
    cors = Cors((APP,), lambda _: methods)
    status, headers = _met(cors, "OPTIONS", ORIGIN, (b"access-control-request-method", asked))

    assert (status, headers[b"access-control-allow-methods"]) == (204, allowed)
    assert headers[b"access-control-max-age"] == [b"600"]
    assert headers[ALLOW] == [APP.encode()]


@pytest.mark.parametrize(
    ("name", "value", "answer"),
    [
        (b"access-control-request-headers", b"x" * 4096, {b"access-control-allow-headers": [b"x" * 4096]}),
        (b"access-control-request-headers", b"x" * 4097, {}),
        (b"access-control-request-headers", b"", {}),
        (
            b"access-control-request-private-network",
            b"true",
            {b"access-control-allow-private-network": [b"true"]},
        ),
        (b"access-control-request-private-network", b"false", {}),
    ],
)
def test_a_preflight_is_allowed_what_it_asks_for(name: bytes, value: bytes, answer: Any) -> None:
    preflight = (b"access-control-request-method", b"GET")
    _, bare = _met(Cors((APP,), lambda _: ["GET"]), "OPTIONS", ORIGIN, preflight)
    _, headers = _met(Cors((APP,), lambda _: ["GET"]), "OPTIONS", ORIGIN, preflight, (name, value))

    assert headers == {**bare, **answer}


def test_so_many_origins_are_logged_and_so_much_of_each(caplog: pytest.LogCaptureFixture) -> None:
    cors = Cors((), lambda _: ["GET"])
    with caplog.at_level(logging.WARNING):
        for number in [*range(150), 0, 1]:
            _met(cors, "GET", (b"origin", b"http://%d.%s" % (number, b"a" * 400)))

    assert len(caplog.records) == 100
    assert [len(line) for line in re.findall(r"--cors (\S+)", caplog.text)] == [300] * 100
