"""The page at /, in a real browser: it shows what goes on, does what its buttons say, runs nothing else."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib.resources import files
from itertools import islice
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from mockserver.control_client import ControlClient
from mockserver.engine.message import Request, Response
from mockserver.escapes import UNSAFE
from mockserver.settings import Settings
from tests.browser import CHROMIUM, Browser, Tab, chromium
from tests.control.conftest import TOKEN, Bench
from tests.engine.test_lifecycle import GMI, SUBMITS
from tests.serving import running_app, serve

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here to open the page")
HOSTILE: Final = "<img src=x onerror=window.ran=1><script>window.ran=1</script>\u202e"
CARD: Final = "document.querySelector('.card')"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with chromium(tmp_path_factory.mktemp("profile")) as running:
        yield running


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """One server for all of them, as the control plane takes a second to load."""
    settings = Settings(token=TOKEN, small_clips=True, cache_dir=tmp_path_factory.mktemp("media"))
    with running_app(settings) as running, ControlClient(running.url, TOKEN) as mock:
        yield Bench(running, mock, partial(ControlClient, running.url, TOKEN))


@pytest.fixture
def bench(served: Bench) -> Bench:
    """The server with nothing in it; the numbers of its exchanges go on."""
    served.mock.reset()
    served.mock.clear_journal()
    if served.mock.clock()["mode"] != "real":
        served.mock.drop_clock()
    return served


@pytest.fixture
def tab(browser: Browser, bench: Bench) -> Iterator[Tab]:
    """The page, open. Whatever a test does there, it asks for nothing elsewhere and no script complains."""
    tab = browser.tab()
    tab.open(f"{bench.running.url}/#token={TOKEN}")
    tab.until("document.querySelector('.live.on') && document.querySelector('#reach details')")
    yield tab
    own = (bench.running.url, "blob:", "data:")
    assert [url for url in tab.requested if not url.startswith(own)] == []
    assert TOKEN not in "".join(tab.requested).replace(f"/#token={TOKEN}", "")
    assert tab.errors == []


def click(tab: Tab, label: str) -> None:
    """Click the button with that text."""
    tab.until(f"[...document.querySelectorAll('button')].find(each => each.textContent === '{label}')")
    tab.ask(f"[...document.querySelectorAll('button')].find(each => each.textContent === '{label}').click()")


def submit(bench: Bench, **payload: object) -> httpx.Response:
    path, body, _, _ = SUBMITS["gmicloud"]
    with bench.running.client() as client:
        return client.post(path, json={**body, "payload": {**body["payload"], **payload}})


@needs_chromium
def test_a_job_appears_moves_and_plays(bench: Bench, tab: Tab) -> None:
    job = bench.submit()
    tab.until(f"{CARD}?.textContent.includes('{job}') && {CARD}.textContent.includes('queued')")
    tab.until(f"{CARD}.querySelectorAll('.span').length === 3")
    bench.mock.advance(3)
    tab.until(f"{CARD}.textContent.includes('processing')")
    tab.ask(f"{CARD}.click()")
    tab.until("document.querySelector('#detail .story .planned')")
    bench.mock.advance(60)
    tab.until("document.querySelector('#detail video')?.currentTime > 0")
    tab.until("document.querySelector('#detail img.thumbnail')?.naturalWidth > 0")
    # Who watches is no client: nothing that he looks at is an exchange.
    assert [entry["role"] for entry in bench.mock.journal()["exchanges"]] == ["submit"]


@needs_chromium
def test_buttons_change_what_the_client_sees_and_say_the_command(bench: Bench, tab: Tab) -> None:
    click(tab, "Answer 429 three times")
    tab.until("document.querySelector('#toast').textContent.includes('ctl rules add too-many --times 3')")
    assert [submit(bench).status_code for _ in range(4)] == [429, 429, 429, 200]
    tab.until("document.querySelectorAll('.row.refused').length === 3")
    tab.until("document.querySelector('.row.refused').textContent.includes('fault too-many (rule-')")

    [job] = [row["id"] for row in bench.mock.jobs()]
    tab.until(f"{CARD}?.textContent.includes('{job}')")
    tab.ask(f"{CARD}.click()")
    click(tab, "Fail")
    tab.until(f"document.querySelector('#toast').textContent.includes('ctl jobs fail gmicloud {job}')")
    assert bench.state(job) == "failed"


@needs_chromium
def test_an_answer_that_did_not_arrive_has_no_status(bench: Bench, tab: Tab) -> None:
    bench.mock.add_rule("lost-answer", when={"role": "submit"}, times=1)
    with pytest.raises(httpx.RemoteProtocolError):
        submit(bench)
    tab.until("document.querySelector('.row .status.lost')?.title.startsWith('nothing of it arrived')")
    assert tab.ask("document.querySelector('.row .status').textContent") == "lost"
    tab.ask("document.querySelector('.row').click()")
    tab.until("document.querySelector('#detail').textContent.includes('Answer that was lost: nothing of it')")


@needs_chromium
def test_jobs_move_while_exchanges_never_cease(bench: Bench, tab: Tab) -> None:
    ending = threading.Event()

    def ask() -> None:
        with bench.running.client("restless") as client:
            while not ending.is_set():
                client.get(GMI)

    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(ask)
        try:
            tab.until("document.querySelectorAll('.row').length > 50")
            submit(bench)
            tab.until(f"{CARD}.textContent.includes('queued')")
            bench.running.clock.advance(60)
            tab.until(f"{CARD}.textContent.includes('success')")
        finally:
            ending.set()
        asking.result()


@needs_chromium
def test_a_page_that_was_left_holds_no_connection_and_goes_on_later(bench: Bench, tab: Tab) -> None:
    for _ in range(7):
        tab.open("about:blank")
        tab.open(f"{bench.running.url}/#token={TOKEN}")
        tab.until("document.querySelector('.live.on')")
    tab.ask("dispatchEvent(new PageTransitionEvent('pagehide'))")
    tab.until("!document.querySelector('.live.on')")
    tab.until("document.querySelector('.live.on')")
    job = bench.submit()
    tab.until(f"document.querySelector('.row')?.textContent.includes('accepted, job {job}')")


@needs_chromium
def test_the_clock_is_frozen_and_moved(bench: Bench, tab: Tab) -> None:
    click(tab, "Freeze")
    tab.until("document.querySelector('.clock.frozen')")
    before = bench.mock.clock()["now"]
    click(tab, "Advance")
    tab.until("document.querySelector('#toast').textContent.includes('ctl clock advance 10')")
    assert bench.mock.clock()["now"] == before + 10_000
    assert bench.mock.clock()["mode"] == "frozen"


@needs_chromium
def test_a_refusal_is_shown_with_its_field_marked(bench: Bench, tab: Tab) -> None:
    assert submit(bench, duration="8").status_code == 400
    tab.until("document.querySelector('.row.refused')")
    tab.ask("document.querySelector('.row.refused').click()")
    assert tab.until("document.querySelector('mark')?.textContent") == '"8"'
    assert "expected one of" in tab.ask("document.querySelector('.why').textContent")


def test_the_page_escapes_what_the_command_line_escapes() -> None:
    module = (files("mockserver.control") / "page_files" / "dom.js").read_text()
    [escaped] = re.findall(r"UNSAFE = /\[(.*)\]/gu", module)
    assert re.sub(r"\\u\{?([0-9a-f]+)\}?", lambda match: chr(int(match[1], 16)), escaped) == UNSAFE


@needs_chromium
def test_what_a_client_sent_is_text(bench: Bench, tab: Tab) -> None:
    with bench.running.client() as client:
        client.get(f"/{HOSTILE}", headers=[(b"x-evil", HOSTILE.encode())])
        client.post(GMI, content=b"<script>window.ran=1</script>", headers={"content-type": "text/html"})
    job = submit(bench, prompt=HOSTILE).json()["request_id"]
    bench.mock.fail("gmicloud", job, HOSTILE)
    tab.until(f"{CARD}?.textContent.includes('onerror') && document.querySelectorAll('.row').length === 3")
    last = bench.running.app.services.journal.last
    for place in range(3):
        tab.ask(f"document.querySelectorAll('.rows .row')[{place}].click()")
        tab.until(f"document.querySelector('#detail h2')?.textContent === 'Exchange {last - place}'")
    tab.ask(f"{CARD}.click()")
    tab.until("document.querySelector('#detail .body')?.textContent.includes('onerror')")
    assert tab.ask("window.ran") is None
    assert tab.ask("document.querySelectorAll('img[src=x]').length") == 0
    assert "\u202e" not in tab.ask("document.body.innerText")


@needs_chromium
def test_many_exchanges_leave_a_small_page(bench: Bench, tab: Tab) -> None:
    journal = bench.running.app.services.journal
    request, response = Request("GET", "/", "", (), b"", "http://x"), Response(200)

    def fill() -> None:
        for _ in range(10_000):
            journal.record(request, response, 0)

    last = journal.last + 10_000
    # In the server's loop, which the stream of the page waits in.
    journal._listeners[0]._loop.call_soon_threadsafe(fill)
    tab.until(f"document.querySelector('#exchanges-count').textContent.includes('of {last}')")
    assert tab.ask("document.querySelectorAll('.row').length") <= 250
    assert tab.ask("document.querySelectorAll('*').length") < 5000


@needs_chromium
def test_the_keyboard_reaches_everything(bench: Bench, tab: Tab) -> None:
    job = bench.submit()
    tab.until(f"{CARD}?.textContent.includes('{job}') && document.querySelector('.row')")
    tab.until("document.querySelector('#whose').options.length === 2")
    reachable = "'a[href], button, input, select, summary, pre[tabindex]'"
    shown = f"[...document.querySelectorAll({reachable})].filter(each => each.checkVisibility())"
    tab.ask(f"window.missing = new Set({shown}); missing.size")
    for _ in range(tab.ask("missing.size") + 5):
        tab.press("Tab", 9)
        tab.ask("missing.delete(document.activeElement)")
    assert tab.ask("[...missing].map(each => each.outerHTML.slice(0, 80))") == []
    tab.ask(f"{CARD}.focus()")
    tab.press("Enter", 13, "\r")
    tab.until("document.activeElement.textContent === 'gmicloud job'")
    tab.press("Escape", 27)
    tab.until(f"document.querySelector('#detail').hidden && document.activeElement === {CARD}")


@needs_chromium
def test_the_token_is_asked_for_and_leaves_no_trace(bench: Bench, browser: Browser) -> None:
    tab = browser.tab()
    tab.open(f"{bench.running.url}/")
    tab.until("document.querySelector('#door').open")
    assert tab.ask("document.querySelectorAll('.card, .row').length") == 0
    for token, sign in (("wrong", "another token"), (TOKEN, "")):
        tab.ask(f"document.querySelector('#token').value = '{token}'")
        click(tab, "Open")
        tab.until(f"document.querySelector('#door').open === {str(bool(sign)).lower()}")
        tab.until(f"document.body.textContent.includes('{sign or 'Connect'}')")
    tab.until("document.querySelector('.live.on')")
    assert tab.ask("location.href") == f"{bench.running.url}/"
    assert tab.ask("document.cookie + JSON.stringify(localStorage)") == "{}"


def test_a_browser_gets_the_page_and_a_client_the_provider(bench: Bench) -> None:
    with bench.running.client(None) as client:
        page = client.get("/", headers={"accept": "text/html,*/*"})
        other = client.get("/")
        script = client.get("/__mock/page/main.js")
        nothing = client.get("/__mock/page/..%2fpage.py")
        foreign = client.get("/", headers={"accept": "text/html", "host": "evil.example"})
        posted = client.post("/", headers={"accept": "text/html"})
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    policy = page.headers["content-security-policy"]
    assert all(
        part in policy for part in ("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'")
    )
    assert "unsafe" not in policy
    assert TOKEN not in page.text
    assert (other.status_code, posted.status_code, nothing.status_code, foreign.status_code) == (
        404,
        404,
        404,
        403,
    )
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    assert len(bench.mock.journal()["exchanges"]) == 2


def test_the_page_is_where_the_control_plane_is(tmp_path: Path) -> None:
    process = serve(("--store", "memory:", "--control-port", "0", "--token", TOKEN), tmp_path)
    try:
        html = {"accept": "text/html"}
        control = process.said["control"].removesuffix("__mock")
        assert httpx.get(control, headers=html, trust_env=False).status_code == 200
        assert httpx.get(f"{process.url}/", headers=html, trust_env=False).status_code == 404
        index = httpx.get(f"{control}__mock", headers={"x-mock-token": TOKEN}, trust_env=False).json()
        assert {url for row in index["providers"].values() for url in row["base_urls"]} == {
            url for urls in process.said["providers"].values() for url in urls
        }
    finally:
        process.stop()


def test_files_of_jobs_meet_no_fault(bench: Bench) -> None:
    job = submit(bench, prompt="[mock:zero-bytes]").json()["request_id"]
    headers = {"x-mock-token": TOKEN}
    with bench.running.client(None) as client:
        place = f"/__mock/jobs/gmicloud/{job}/files"
        assert client.get(f"{place}/video.mp4", headers=headers).status_code == 404
        bench.mock.advance(60)
        clip = client.get(f"{place}/video.mp4", headers=headers)
        assert client.get(f"/media/gmicloud/{job}/video.mp4").content == b""
        assert client.get(f"{place}/video.mp4").status_code == 401
        assert client.get(f"{place}/x.mp4", headers=headers).status_code == 404
    assert (clip.headers["content-type"], clip.content[4:8]) == ("video/mp4", b"ftyp")


def streamed(bench: Bench, since: int, count: int, *, outline: bool = True) -> list[dict[str, Any]]:
    """The first exchanges after that number as the stream sends them: their outlines, or whole."""
    url = f"{bench.running.url}/__mock/journal/events?outline={outline}&since={since}"
    with httpx.stream("GET", url, headers={"x-mock-token": TOKEN}, trust_env=False) as answer:
        lines = (line for line in answer.iter_lines() if line.startswith("data: "))
        return [json.loads(line.removeprefix("data: ")) for line in islice(lines, count)]


def test_an_outline_has_what_a_list_shows(bench: Bench) -> None:
    last = bench.running.app.services.journal.last
    submit(bench, duration="8")
    [outline] = streamed(bench, last, 1)
    assert outline["meaning"] == 'refused: payload.duration is "8", expected one of "5", "10"'
    assert outline.keys() & {"request", "response", "request_body"} == set()


def test_an_outline_says_where_a_job_came_from(bench: Bench) -> None:
    last = bench.running.app.services.journal.last
    job = bench.submit()
    with bench.running.client() as client:
        bench.mock.advance(60)
        for _ in range(2):
            client.get(f"{GMI}/{job}")
    sentences = [f"accepted, job {job}", "queued → success", "success"]
    assert [outline["meaning"] for outline in streamed(bench, last, 3)] == sentences


def test_of_too_many_exchanges_the_stream_sends_some_of_each_kind(bench: Bench) -> None:
    journal = bench.running.app.services.journal
    last = journal.last
    refused = submit(bench, duration="8")
    with bench.running.client("restless") as client:
        for _ in range(150):
            client.get(GMI)
    assert refused.status_code == 400
    lines = streamed(bench, last, 101)
    assert lines[0] == {"skipped": 51}
    outlines = lines[1:]
    assert outlines[0]["meaning"].startswith("refused: payload.duration")
    assert [outline["number"] for outline in outlines[1:]] == [*range(journal.last - 98, journal.last + 1)]


def test_an_exchange_names_its_fault_wherever_it_is_shown(bench: Bench) -> None:
    last = bench.running.app.services.journal.last
    bench.mock.add_rule("too-many", rule_id="mine")
    submit(bench)
    [listed] = streamed(bench, last, 1)
    [whole] = bench.mock.journal(since=last)["exchanges"]
    [claimed] = bench.mock.claim(since=last, count=1)["exchanges"]
    [followed] = streamed(bench, last, 1, outline=False)
    assert listed["meaning"].endswith("fault too-many (mine)")
    assert {exchange["meaning"] for exchange in (whole, claimed, followed)} == {listed["meaning"]}


@needs_chromium
def test_the_page_of_the_api_fits_a_phone_and_loads_nothing(bench: Bench, browser: Browser) -> None:
    tab = browser.tab()
    tab.send("Emulation.setDeviceMetricsOverride", width=390, height=844, deviceScaleFactor=1, mobile=True)
    page = f"{bench.running.url}/__mock/docs"
    tab.open(page.replace("://", f"://any:{TOKEN}@"))
    tab.until("document.querySelectorAll('pre.answer').length > 30")
    assert tab.ask("document.documentElement.scrollWidth") == 390
    assert tab.ask("getComputedStyle(document.querySelector('pre.command')).userSelect") == "all"
    assert len(tab.requested) == 1
    assert tab.errors == []
