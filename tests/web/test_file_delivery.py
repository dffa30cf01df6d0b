"""What the journal says of a file's way is what the client got; a lost answer is told wherever it is."""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator
from typing import Final, NamedTuple
from urllib.parse import urlsplit

import pytest

from mockserver.control_client import ControlClient
from mockserver.control_client.answers import JournalEntryAnswer
from mockserver.faults.catalogue import faults
from mockserver.settings import Settings
from tests.engine.test_lifecycle import GMI, SUBMITS
from tests.serving import KEY, Running, running_app

TOKEN: Final = "t"


class Gotten(NamedTuple):
    """What a client got of an answer: no status where none came, all bytes that came, whether some lacked."""

    status: int | None
    body: bytes
    cut: bool


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    cache = tmp_path_factory.mktemp("media")
    with running_app(Settings(token=TOKEN, small_clips=True, cache_dir=cache)) as running:
        yield running


@pytest.fixture
def mock(server: Running) -> Iterator[ControlClient]:
    with ControlClient(server.url, TOKEN) as control:
        control.reset()
        yield control


def get(server: Running, path: str) -> Gotten:
    """What a client gets that keeps what came before the connection broke."""
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=30)
    try:
        connection.request("GET", path, headers={"Authorization": f"Bearer {KEY}"})
        answer = connection.getresponse()
    except (ConnectionError, http.client.BadStatusLine):
        return Gotten(None, b"", cut=True)
    try:
        return Gotten(answer.status, answer.read(), cut=False)
    except http.client.IncompleteRead as error:
        return Gotten(answer.status, error.partial, cut=True)
    finally:
        connection.close()


def finished(server: Running) -> str:
    path, body, _, _ = SUBMITS["gmicloud"]
    with server.client() as client:
        job = str(client.post(path, json=body).raise_for_status().json()["request_id"])
        server.clock.advance(60)
        client.get(f"{GMI}/{job}").raise_for_status()
    return job


def last(mock: ControlClient) -> JournalEntryAnswer:
    return mock.journal(limit=1)["exchanges"][-1]


@pytest.mark.parametrize("name", [name for name, fault in faults().items() if fault.seam == "media"])
def test_a_file_is_shown_as_the_client_got_it(name: str, server: Running, mock: ControlClient) -> None:
    job = finished(server)
    mock.add_rule(name, settings={"seconds": 0.01} if name == "stalled" else {})
    gotten, entry = get(server, f"/media/gmicloud/{job}/video.mp4"), last(mock)
    assert entry["shown_status"] == str(gotten.status)
    way = entry["delivery"] or ""
    assert way in entry["meaning"]
    if gotten.cut:
        assert re.fullmatch(rf"only {len(gotten.body)} of its \d+ bytes arrived, then the .+ was closed", way)
    else:
        assert way == {"stalled": "it paused for 0.01 s in the middle"}.get(name, "")


def test_of_an_answer_that_was_cut_the_journal_has_what_was_sent(
    server: Running, mock: ControlClient
) -> None:
    job = finished(server)
    mock.add_rule("truncated", when={"role": "read"}, settings={"size": 9})
    gotten, answer = get(server, f"{GMI}/{job}"), last(mock)["response"]
    assert gotten == (200, b'{"request', True)
    assert (answer["text"], answer["cut"]) == ('{"request', True)


def test_a_lost_answer_is_told_wherever_an_exchange_is(server: Running, mock: ControlClient) -> None:
    path, body, _, _ = SUBMITS["gmicloud"]
    mock.add_rule("lost-answer")
    mock.clear_journal()
    with pytest.raises(Exception, match="disconnected"), server.client() as client:
        client.post(path, json=body)
    entry = last(mock)
    assert entry["delivery"] == "nothing of it arrived: the connection was closed"
    assert entry["meaning"].startswith(f"accepted, job {entry['job']}; nothing of it arrived")
    story = "\n".join(mock.explain_journal())
    assert f"POST {path}  lost  accepted, job {entry['job']}; nothing of it arrived" in story
    assert "answer that did not arrive: {" in story
