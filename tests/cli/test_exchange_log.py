"""`serve` prints a line for each exchange: what it meant, no key in it, nothing that steers a terminal."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable

import httpx
import pytest

from mockserver.cli.exchange_lines import COLOURED, JSON, PLAIN, ExchangeLines
from mockserver.cli.exchange_log import ExchangeLog
from mockserver.engine.journal.exchange import JournalEntry
from mockserver.engine.message import Request, Response
from tests.engine.test_lifecycle import GMI, SUBMITS
from tests.serving import Process, Running

BODY = SUBMITS["gmicloud"][1]
SECRET = "a-secret-key-nobody-may-see"


def lines(running: Running, form: str = "text") -> list[str]:
    """The lines of every exchange so far."""
    _, reveal = running.app.services.journal.later(0, 1000)
    names = running.app.services.live_settings.fault_names
    return ExchangeLines(PLAIN if form == "text" else JSON).lines(reveal(), names)


def test_a_line_says_what_an_exchange_meant(running: Callable[..., Running]) -> None:
    server = running(token="tok")
    with server.client() as client, server.client(None) as stranger:
        job = client.post(GMI, json=BODY).json()["request_id"]
        client.get(f"{GMI}/{job}")
        server.clock.advance(60)
        for _ in range(2):
            client.get(f"{GMI}/{job}")
        client.post(GMI, json={**BODY, "payload": {**BODY["payload"], "duration": "8"}})
        client.get(f"{GMI}/nothing")
        stranger.get(GMI)
        client.get("/no/such/path")
        client.put(GMI)
        rule = {"fault": "too-many", "times": 1}
        stranger.post("/__mock/rules", json=rule, headers={"x-mock-token": "tok"}).raise_for_status()
        client.post(GMI, json=BODY)

    shown = [line.split("  ", 4)[-1] for line in lines(server)]
    assert shown[:4] == [f"accepted, job {job}", "queued", "queued → success", "success"]
    assert shown[4] == 'refused: payload.duration is "8", expected one of "5", "10"'
    assert shown[5].startswith("refused: ")
    assert "no job of this id belongs to this key" in shown[5]
    assert "any key will do here" in shown[6]
    assert "did you mean" in shown[7]
    assert shown[8] == "refused: PUT is not documented here, only GET, POST"
    assert shown[9].endswith("; fault too-many (rule-1)")


def test_a_repeated_read_that_needs_no_store_shows_its_state(running: Callable[..., Running]) -> None:
    server = running()
    with server.client() as client:
        job = client.post(GMI, json=BODY).json()["request_id"]
        server.clock.advance(60)
        for _ in range(3):
            client.get(f"{GMI}/{job}")
    assert [entry.state for entry in server.app.services.journal.entries()] == ["queued", *["success"] * 3]


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_key_and_nothing_that_steers_is_in_a_line(running: Callable[..., Running], form: str) -> None:
    server = running()
    with server.client(SECRET) as client:
        client.get(f"/%1b[31m\u202e/{SECRET}", params={"api_key": SECRET, "x": "\x1b"})
        client.post(GMI, json={**BODY, "model": f"\x1b]0;title\x07{SECRET}\n12:00 forged"})
    text = "\n".join(lines(server, form))
    assert SECRET not in text
    assert len(text.splitlines()) == 2
    assert text.replace("\n", "").replace("…", "").isprintable()
    assert form == "text" or all(json.loads(line)["refusal"] for line in text.splitlines())


def test_colours_are_ours_alone() -> None:
    entry = JournalEntry(
        1, 0, 0, None, None, None, None, None, None, "GET", "", "/\x1b[5m", "", 404, refusal="no"
    )
    [line] = ExchangeLines(COLOURED).lines([entry], {})
    assert "\x1b[33m" in line
    assert "\x1b[5m" not in line


def test_the_command_prints_them_until_its_end(server: Callable[..., Process]) -> None:
    process = server("--log-format", "json")
    with process.client(SECRET) as client:
        client.post(GMI, json=BODY)
        client.get(f"{GMI}/nothing")
    assert process.process.stdout is not None
    process.process.terminate()
    shown = [json.loads(line) for line in process.process.stdout]
    assert [line["status"] for line in shown] == [200, 404]
    assert [line["meaning"].partition(" ")[0] for line in shown] == ["accepted,", "refused:"]


def test_after_the_json_line_a_program_hears_no_more(server: Callable[..., Process]) -> None:
    process = server()
    with process.client() as client:
        client.get(GMI)
    assert process.process.stdout is not None
    process.process.terminate()
    assert process.process.stdout.read() == b""


def test_a_reader_that_stands_still_hinders_nobody(running: Callable[..., Running]) -> None:
    server, goes_on, written = running(), threading.Event(), list[str]()

    def write(text: str) -> None:
        goes_on.wait()
        written.append(text)

    services = server.app.services
    request, response = Request("GET", "/", "", (), b"", "http://x"), Response(200)

    async def exchange() -> None:
        log.start()
        services.journal.record(request, response, 0)
        await asyncio.sleep(0)
        for _ in range(3000):
            services.journal.record(request, response, 0)
        await asyncio.sleep(0)
        goes_on.set()

    log = ExchangeLog(services, ExchangeLines(PLAIN), write)
    asyncio.run(exchange())
    log.close()
    text = "".join(written)
    missing = [line for line in text.splitlines() if "came too fast" in line]
    assert missing == ["1000 exchanges came too fast to be shown"] or missing == [
        "1001 exchanges came too fast to be shown"
    ]
    assert text.count("GET /") == 3001 - int(missing[0].split()[0])


def test_who_stops_reading_ends_the_log_and_not_the_server(running: Callable[..., Running]) -> None:
    server = running()

    def write(text: str) -> None:
        raise BrokenPipeError

    async def exchange() -> None:
        log.start()
        server.app.services.journal.record(Request("GET", "/", "", (), b"", ""), Response(200), 0)
        await asyncio.sleep(0)

    log = ExchangeLog(server.app.services, ExchangeLines(PLAIN), write)
    asyncio.run(exchange())
    log.close()
    assert httpx.get(f"{server.url}/__mock/health", trust_env=False).status_code == 200
