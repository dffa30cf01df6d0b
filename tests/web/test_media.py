"""Media links: no key, one making, ranges, and a clip that is what was asked."""

from __future__ import annotations

import asyncio
import base64
import errno
import io
import os
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import av
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.engine import clip, media
from mockserver.jobs.ids import tenant_of
from mockserver.jobs.job import Fact
from mockserver.media import cache, files, sound
from mockserver.media.sample import sample_picture
from mockserver.media.spec import VideoSpec
from mockserver.settings import Settings, read_pace
from mockserver.web import media_routes
from mockserver.web.media_routes import _read, read_range
from tests.engine.test_lifecycle import GMI, SUBMITS
from tests.serving import KEY, START, Running, running_app

PICTURE = base64.b64encode(sample_picture(640, 480)).decode()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    cache = tmp_path_factory.mktemp("cache")
    with running_app(Settings(pace=read_pace("immediate"), cache_dir=cache)) as running:
        yield running


def _record(server: Running, body: dict[str, Any]) -> dict[str, Any]:
    with server.client() as client:
        answer = client.post(GMI, json=body)
        assert answer.is_success, answer.text
        record: dict[str, Any] = client.get(f"{GMI}/{answer.json()['request_id']}").json()
        return record


@pytest.fixture(scope="module")
def link(server: Running) -> str:
    return str(_record(server, SUBMITS["gmicloud"][1])["outcome"]["video_url"])


@pytest.fixture
def anyone() -> Iterator[httpx.Client]:
    """A client without a key."""
    with httpx.Client(trust_env=False, timeout=60) as client:
        yield client


def _boxes(data: bytes) -> list[str]:
    """Names of an MP4's top-level boxes, in order."""
    names, at = [], 0
    while at + 8 <= len(data):
        names.append(data[at + 4 : at + 8].decode("latin-1"))
        at += int.from_bytes(data[at : at + 4], "big")
    return names


def _check(data: bytes, *, seconds: float, size: tuple[int, int], sound: bool = False) -> None:
    boxes = _boxes(data)
    assert boxes.index("moov") < boxes.index("mdat")
    with av.open(io.BytesIO(data), mode="r") as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (stream.codec_context.width, stream.codec_context.height) == size
        assert stream.duration is not None
        assert stream.time_base is not None
        assert float(stream.duration * stream.time_base) == pytest.approx(seconds, abs=0.1)
        assert bool(container.streams.audio) is sound
        frames = len(list(container.decode(stream)))
        assert frames == pytest.approx(seconds * float(stream.average_rate or 0), abs=1)


@pytest.mark.parametrize(
    ("model", "payload", "seconds", "size"),
    [
        ("Kling-Text2Video-V1.6-Standard", {}, 5, (1280, 720)),
        ("Kling-Text2Video-V1.6-Standard", {"aspect_ratio": "9:16", "duration": "10"}, 10, (720, 1280)),
        ("Kling-Text2Video-V1.6-Standard", {"aspect_ratio": "1:1"}, 5, (720, 720)),
        ("Kling-Image2Video-V2-Master", {"image": PICTURE}, 5, (960, 720)),
        ("Kling-Image2Video-V1.6-Pro", {"image": "https://example.com/never-fetched.png"}, 5, (1920, 1080)),
    ],
)  # fmt: skip
def test_the_clip_is_what_was_asked(
    server: Running,
    anyone: httpx.Client,
    model: str,
    payload: dict[str, Any],
    seconds: float,
    size: tuple[int, int],
) -> None:
    outcome = _record(server, {"model": model, "payload": {"prompt": "a kite", **payload}})["outcome"]
    _check(anyone.get(outcome["video_url"]).content, seconds=seconds, size=size)
    thumbnail = anyone.get(outcome["thumbnail_image_url"])
    assert thumbnail.headers["content-type"] == "image/jpeg"
    assert thumbnail.content.startswith(b"\xff\xd8\xff")


def test_a_fetch_is_noted_with_what_was_sent(server: Running, link: str, anyone: httpx.Client) -> None:
    part = anyone.get(link, headers={"range": "bytes=10-29"})

    [noted] = [entry for entry in server.app.services.journal.entries() if entry.status == 206][-1:]
    assert (noted.role, noted.job_id, noted.tenant) == (
        "media",
        urlsplit(link).path.split("/")[3],
        tenant_of(KEY),
    )
    assert noted.response_size == len(part.content) == 20


def test_sound_and_watermark_are_heard_and_seen(server: Running, anyone: httpx.Client) -> None:
    path, body, _, read = SUBMITS["kkiai"]
    body = {
        **body,
        "model_name": "kling-v2-6",
        "mode": "pro",
        "sound": "on",
        "watermark_info": {"enabled": True},
    }
    with server.client() as client:
        task_id = client.post(path, json=body).json()["data"]["task_id"]
        video = client.get(read.replace("{id}", task_id)).json()["data"]["task_result"]["videos"][0]
    plain, marked = anyone.get(video["url"]).content, anyone.get(video["watermark_url"]).content
    _check(plain, seconds=5, size=(1920, 1080), sound=True)
    _check(marked, seconds=5, size=(1920, 1080), sound=True)
    assert plain != marked


def test_fifty_readers_get_one_clip(server: Running) -> None:
    link = _record(server, {"model": "Kling-Text2Video-V1.6-Standard", "payload": {"prompt": "only once"}})
    url = link["outcome"]["video_url"]

    async def fetch() -> set[bytes]:
        async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
            answers = await asyncio.gather(*(client.get(url) for _ in range(50)))
        assert {answer.status_code for answer in answers} == {200}
        return {answer.content for answer in answers}

    assert len(asyncio.run(fetch())) == 1


def test_a_head_tells_what_a_get_would_send(anyone: httpx.Client, link: str) -> None:
    head, get = anyone.head(link), anyone.get(link)
    for name in ("content-length", "content-type", "etag", "accept-ranges"):
        assert head.headers[name] == get.headers[name]
    assert head.content == b""
    assert int(get.headers["content-length"]) == len(get.content)


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-99", 0, 99),
        ("bytes=100-", 100, None),
        ("bytes=-50", -50, None),
        ("bytes=5-999999999", 5, None),
    ],
)
def test_a_range_is_cut_out(
    anyone: httpx.Client, link: str, asked: str, first: int, last: int | None
) -> None:
    whole = anyone.get(link).content
    answer = anyone.get(link, headers={"Range": asked})
    expected = whole[first:] if last is None else whole[first : last + 1]
    assert answer.status_code == 206
    assert answer.content == expected
    start = first if first >= 0 else len(whole) + first
    assert answer.headers["content-range"] == f"bytes {start}-{start + len(expected) - 1}/{len(whole)}"


@pytest.mark.parametrize("asked", ["bytes=999999999-", "bytes=-0"])
def test_a_range_behind_the_end_is_refused(anyone: httpx.Client, link: str, asked: str) -> None:
    answer = anyone.get(link, headers={"Range": asked})
    assert answer.status_code == 416
    assert answer.headers["content-range"].startswith("bytes */")


@pytest.mark.parametrize("asked", ["bytes=9-1", "pages=1-2", "bytes=0-1,4-5", "bytes=-", "nonsense"])
def test_a_range_that_makes_no_sense_is_ignored(anyone: httpx.Client, link: str, asked: str) -> None:
    assert anyone.get(link, headers={"Range": asked}).status_code == 200


def test_an_etag_saves_the_second_download(anyone: httpx.Client, link: str) -> None:
    tag = anyone.get(link).headers["etag"]
    assert anyone.get(link, headers={"If-None-Match": tag}).status_code == 304
    assert anyone.get(link, headers={"If-None-Match": '"other"'}).status_code == 200
    assert anyone.get(link, headers={"If-Range": '"other"', "Range": "bytes=0-9"}).status_code == 200
    assert anyone.get(link, headers={"If-Range": tag, "Range": "bytes=0-9"}).status_code == 206


@given(st.integers(1, 10_000), st.integers(0, 20_000), st.one_of(st.none(), st.integers(0, 20_000)))
def test_a_span_lies_within_the_file(size: int, first: int, last: int | None) -> None:
    span = read_range(f"bytes={first}-{'' if last is None else last}", size)
    if span == "behind":
        assert first >= size
    elif span == "whole":
        assert last is not None
        assert last < first
    else:
        assert 0 <= span.first <= span.last < size


@pytest.mark.parametrize("name", ["video.mp4", "thumbnail.jpg", "../../etc/passwd", "%2e%2e/x", "other.mp4"])
@pytest.mark.parametrize("job_id", ["nope", "..", "%2e%2e%2f"])
def test_a_link_to_nothing(server: Running, anyone: httpx.Client, job_id: str, name: str) -> None:
    answer = anyone.get(f"{server.url}/media/gmicloud/{job_id}/{name}")
    assert answer.status_code == 404


def test_a_job_that_has_not_succeeded_has_no_clip(anyone: httpx.Client, tmp_path: Path) -> None:
    with running_app(Settings(cache_dir=tmp_path)) as server, server.client() as client:
        job_id = client.post(GMI, json=SUBMITS["gmicloud"][1]).json()["request_id"]
        url = f"{server.url}/media/gmicloud/{job_id}/thumbnail.jpg"
        assert anyone.get(url).status_code == 404
        server.clock.advance(9)
        assert anyone.get(url).status_code == 200


def test_links_carry_the_public_url_or_the_host_the_client_used(tmp_path: Path) -> None:
    for public, host, expected in [
        ("https://mock.example.com/base", "a:1", "https://mock.example.com/base/media/"),
        (None, "mock.test:99", "http://mock.test:99/media/"),
    ]:
        settings = Settings(pace=read_pace("immediate"), public_url=public, cache_dir=tmp_path)
        with running_app(settings) as server, server.client() as client:
            job_id = client.post(GMI, json=SUBMITS["gmicloud"][1]).json()["request_id"]
            record = client.get(f"{GMI}/{job_id}", headers={"Host": host}).json()
        assert record["outcome"]["video_url"].startswith(expected)


def test_small_clips_have_the_ratio_and_length_of_full_ones(tmp_path: Path, anyone: httpx.Client) -> None:
    settings = Settings(pace=read_pace("immediate"), cache_dir=tmp_path, small_clips=True)
    with running_app(settings) as server, server.client() as client:
        job_id = client.post(GMI, json=SUBMITS["gmicloud"][1]).json()["request_id"]
        clip = anyone.get(f"{server.url}/media/gmicloud/{job_id}/video.mp4").content
    _check(clip, seconds=5, size=(160, 90))


def test_a_media_link_takes_only_get_and_head(anyone: httpx.Client, link: str) -> None:
    answer = anyone.post(link)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


def test_a_clip_is_there_for_whoever_was_told_so_by_a_clock_that_runs_ahead(tmp_path: Path) -> None:
    settings = Settings(pace=read_pace("polls:1"), cache_dir=tmp_path)
    with running_app(settings) as server, server.client() as client:
        job_id = client.post(GMI, json=SUBMITS["gmicloud"][1]).json()["request_id"]
        asyncio.run(server.store.append_fact(tenant_of(KEY), "gmicloud", job_id, Fact("polled", START + 50)))
        link = client.get(f"{GMI}/{job_id}").json()["outcome"]["thumbnail_image_url"]
        assert client.get(link).status_code == 200


def test_who_leaves_keeps_nobody_waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go, made = threading.Semaphore(0), threading.Event(), []

    def make(spec: VideoSpec, target: Path) -> None:
        made.append(spec.job_id)
        begun.release()
        assert go.wait(30)
        target.write_bytes(b"\0\0\0\x08moov")

    monkeypatch.setattr("mockserver.media.synth.make_video", make)
    settings = Settings(pace=read_pace("immediate"), cache_dir=tmp_path / "media")
    with running_app(settings) as server, httpx.Client(trust_env=False, timeout=30) as client:
        links = [_record(server, SUBMITS["gmicloud"][1])["outcome"]["video_url"] for _ in range(12)]
        sockets = [_ask(link) for link in links[:-1]]
        for _ in range(2):
            assert begun.acquire(timeout=30)
        for connection in sockets:
            connection.close()
        # The server learns of each client that leaves before it gets this request, which came later.
        client.get(links[0].replace("video.mp4", "nothing.mp4"))
        go.set()
        answer = client.get(links[-1])

    assert answer.status_code == 200
    assert len(made) == 3


def _ask(link: str) -> socket.socket:
    """Send a request for the file and do not wait for it."""
    url = urlsplit(link)
    connection = socket.create_connection((url.hostname, url.port))
    connection.sendall(f"GET {url.path}?{url.query} HTTP/1.1\r\nhost: {url.netloc}\r\n\r\n".encode())
    return connection


def test_few_requests_hold_large_pictures_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    holding: list[str] = []
    most, made, arrived = [0], threading.Event(), threading.Semaphore(0)
    make_spec, has_large_pictures = clip.video_spec, media.MediaPipeline._has_large_pictures

    async def note_arrival(pipeline: media.MediaPipeline, path: str) -> bool:
        large = await has_large_pictures(pipeline, path)
        arrived.release()
        return large

    def note_spec(*values: Any, **named: Any) -> VideoSpec:
        spec = make_spec(*values, **named)
        holding.append(spec.job_id)
        most[0] = max(most[0], len(holding))
        return spec

    def make(spec: VideoSpec, target: Path) -> None:
        assert made.wait(30)
        holding.remove(spec.job_id)
        target.write_bytes(b"\xff\xd8\xff\xd9")

    monkeypatch.setattr(media, "MOST_LARGE", 2)
    monkeypatch.setattr(clip, "_LARGE", 1000)
    monkeypatch.setattr("mockserver.engine.media.video_spec", note_spec)
    monkeypatch.setattr(media.MediaPipeline, "_has_large_pictures", note_arrival)
    monkeypatch.setattr(cache, "_make_thumbnail", make)
    settings = Settings(pace=read_pace("immediate"), cache_dir=tmp_path)
    with running_app(settings) as server, ThreadPoolExecutor(6) as pool:
        body = {"model": "Kling-Image2Video-V1.6-Pro", "payload": {"prompt": "a fox", "image": PICTURE}}
        links = [_record(server, body)["outcome"]["thumbnail_image_url"] for _ in range(6)]
        fetching = [pool.submit(httpx.get, link, trust_env=False, timeout=60) for link in links]
        for _ in links:
            assert arrived.acquire(timeout=30)
        made.set()
        statuses = [answer.result().status_code for answer in fetching]
    assert statuses == [200] * 6
    assert most == [2]


def test_a_file_that_loses_its_end_while_it_is_sent_never_looks_whole(
    tmp_path: Path, anyone: httpx.Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def plan_and_cut(scope: Any, reply: media.MediaReply) -> media_routes.Sending:
        sending = plan(scope, reply)
        os.truncate(reply.file.name, sending.span.length // 2)
        return sending

    plan = media_routes.plan
    settings = Settings(pace=read_pace("immediate"), cache_dir=tmp_path, small_clips=True)
    with running_app(settings) as server:
        video = _record(server, SUBMITS["gmicloud"][1])["outcome"]["video_url"]
        whole = anyone.get(video).content
        while not [*tmp_path.glob("*.mp4")]:
            pass
        with monkeypatch.context() as patch:
            patch.setattr(media_routes, "plan", plan_and_cut)
            with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
                anyone.get(video)
        again = anyone.get(video).content

    assert again == whole
    assert [(record.levelname, record.exc_info) for record in caplog.records] == [("WARNING", None)]
    assert "lost its last bytes" in caplog.text


def test_a_file_is_sent_before_it_has_its_name_as_it_is_afterwards(
    tmp_path: Path, anyone: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish, sent = files.publish, threading.Event()

    def publish_late(made: Path, target: Path) -> None:
        assert sent.wait(30)
        publish(made, target)

    monkeypatch.setattr(cache, "publish", publish_late)
    names = ("etag", "last-modified", "content-length", "content-type", "accept-ranges")
    settings = Settings(pace=read_pace("immediate"), cache_dir=tmp_path, small_clips=True)
    with running_app(settings) as server:
        video = _record(server, SUBMITS["gmicloud"][1])["outcome"]["video_url"]
        early = [anyone.get(video), anyone.head(video)]
        part = anyone.get(video, headers={"range": "bytes=10-99", "if-range": early[0].headers["etag"]})
        assert not [*tmp_path.glob("*.mp4")]
        sent.set()
        while not [*tmp_path.glob("*.mp4")]:
            pass
        late = anyone.get(video)

    assert [[answer.headers[name] for name in names] for answer in early] == [
        [late.headers[name] for name in names]
    ] * 2
    assert early[0].content == late.content
    assert (part.status_code, part.content) == (206, late.content[10:100])


def test_a_disk_that_fails_ends_a_file_early() -> None:
    class Failing(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    assert _read(Failing(b"abc"), 3) == b""
    assert _read(io.BytesIO(b"abc"), 2) == b"ab"


def _missing(folder: Path) -> Path:
    return folder / "no-ffmpeg"


def _killed(folder: Path) -> Path:
    """An ffmpeg that is killed when half of its work is written."""
    program = folder / "killed-ffmpeg"
    program.write_text(f'#!/bin/sh\n"{sound.ffmpeg()}" "$@" | head -c 2000\nkill -9 $$\n')
    program.chmod(0o700)
    return program


def _cut(folder: Path) -> Path:
    """An ffmpeg that says nothing of the half that it did not write."""
    program = folder / "cut-ffmpeg"
    program.write_text(f'#!/bin/sh\n"{sound.ffmpeg()}" "$@" | head -c 2000\n')
    program.chmod(0o700)
    return program


@pytest.mark.parametrize("broken", [_missing, _killed, _cut])
def test_after_a_failure_of_ffmpeg_the_job_stays_and_the_next_try_works(
    broken: Callable[[Path], Path],
    tmp_path: Path,
    anyone: httpx.Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder, program = tmp_path / "cache", str(broken(tmp_path))
    path, body, _, read = SUBMITS["kkiai"]
    body = {**body, "model_name": "kling-v2-6", "mode": "pro", "sound": "on", "prompt": broken.__name__}
    sound._encoded.cache_clear()
    settings = Settings(pace=read_pace("immediate"), cache_dir=folder, small_clips=True)
    with running_app(settings) as server, server.client() as client:
        task = read.replace("{id}", client.post(path, json=body).json()["data"]["task_id"])
        record = client.get(task).json()
        video = record["data"]["task_result"]["videos"][0]["url"]
        with monkeypatch.context() as patch:
            patch.setattr("imageio_ffmpeg.get_ffmpeg_exe", lambda: program)
            refused = [anyone.get(video), anyone.head(video)]
            left = [*folder.rglob("*")]
        again = client.get(task).json()
        made = anyone.get(video)

    assert [answer.status_code for answer in refused] == [503, 503]
    assert refused[0].headers["content-type"] == "application/problem+json"
    assert refused[0].headers["retry-after"] == "1"
    assert refused[0].json()["title"] == "The clip could not be made"
    assert "ffmpeg" in refused[0].json()["detail"]
    assert left == []
    assert again["data"] == record["data"]
    _check(made.content, seconds=5, size=(160, 90), sound=True)
