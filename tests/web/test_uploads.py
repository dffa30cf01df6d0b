"""Files that clients upload: a submit that names one is judged by it, and its clip shows it."""

from __future__ import annotations

import asyncio
import gzip
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from PIL import Image

from mockserver.control_client import ControlClient
from mockserver.engine import uploads
from mockserver.engine.documents.uploads import PART_BYTES
from mockserver.engine.message import NoRoomForBody
from mockserver.engine.uploads import Uploads
from mockserver.settings import MIB, Settings, read_pace
from mockserver.stores.base import Store
from mockserver.stores.open import open_store
from mockserver.web.bodies import BodiesInFlight
from tests.control.conftest import TOKEN
from tests.serving import KEY, PATIENCE, Process, Running, running_app
from tests.test_inflate import CODINGS

QUEUE = "/api/v1/ie/requestqueue/apikey"
MODEL = "Kling-Image2Video-V1.6-Pro"


@pytest.fixture
def vendor(tmp_path: Path) -> Iterator[Running]:
    settings = Settings(
        token=TOKEN,
        profile="vendor",
        pace=read_pace("immediate"),
        cache_dir=tmp_path,
        small_clips=True,
        max_body=MIB,
    )
    with running_app(settings) as running:
        yield running


@pytest.fixture
def client(vendor: Running) -> Iterator[httpx.Client]:
    with vendor.client() as client:
        yield client


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    opened = open_store("memory:" if request.param == "memory" else f"sqlite:///{tmp_path / 'jobs.db'}")
    yield opened
    asyncio.run(opened.close())


def _picture(side: int) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (side, side), "red").save(stream, "PNG")
    return stream.getvalue()


def _opened(client: httpx.Client, kind: str = "png") -> dict[str, str]:
    answer = client.post(f"{QUEUE}/upload-url", json={"file_type": kind})
    assert answer.status_code == 200, answer.text
    opened: dict[str, str] = answer.json()
    return opened


def _put(url: str, content: bytes, kind: str = "image/png") -> httpx.Response:
    return httpx.put(url, content=content, headers={"Content-Type": kind}, trust_env=False)


def _submit(client: httpx.Client, image: str) -> httpx.Response:
    return client.post(f"{QUEUE}/requests", json={"model": MODEL, "payload": {"image": image, "prompt": "a"}})


def test_a_clip_shows_the_picture_that_was_uploaded(client: httpx.Client) -> None:
    links = _opened(client)
    picture = _picture(320)

    assert _put(links["upload_url"], picture).status_code == 200
    file = httpx.get(links["public_url"], trust_env=False)
    assert (file.content, file.headers["content-type"]) == (picture, "image/png")
    answer = _submit(client, links["public_url"]).json()
    record = client.get(f"{QUEUE}/requests/{answer['request_id']}").json()
    assert record["payload"]["image"] == links["public_url"]
    still = Image.open(io.BytesIO(client.get(record["outcome"]["thumbnail_image_url"]).content))
    assert still.width == still.height
    red, _, blue = still.convert("RGB").resize((3, 3)).crop((1, 0, 2, 1)).tobytes()
    assert red > 150 > 60 > blue


def test_a_submit_is_judged_by_the_file_that_it_names(client: httpx.Client) -> None:
    links = _opened(client)
    assert _submit(client, links["public_url"]).is_success  # Nothing is there yet: a link like any other.
    assert _put(links["upload_url"], _picture(100)).is_success

    refusal = _submit(client, links["public_url"])
    assert refusal.status_code == 400
    assert "payload.image" in refusal.json()["error"]


@pytest.mark.parametrize(
    ("kind", "sent"), [("jpg", "image/jpg"), ("jpeg", "image/jpeg"), ("mp4", "video/mp4")]
)
def test_the_type_is_the_literal_one_of_the_kind(client: httpx.Client, kind: str, sent: str) -> None:
    url = _opened(client, kind)["upload_url"]

    assert _put(url, b"1", "image/png").status_code == 403
    assert _put(url, b"1", sent).status_code == 200


@pytest.mark.parametrize(("coding", "compress"), CODINGS)
def test_a_file_may_come_in_a_coding(
    client: httpx.Client, coding: str, compress: Callable[[bytes], bytes]
) -> None:
    links, picture = _opened(client), _picture(320)
    headers = {"Content-Type": "image/png", "Content-Encoding": coding}
    content = compress(picture)

    assert httpx.put(links["upload_url"], content=content, headers=headers, trust_env=False).is_success
    assert httpx.get(links["public_url"], trust_env=False).content == picture


@pytest.mark.parametrize(("coding", "status"), [("lz4", 415), ("gzip", 400)])
def test_a_file_in_another_coding_is_refused(client: httpx.Client, coding: str, status: int) -> None:
    links = _opened(client)
    headers = {"Content-Type": "image/png", "Content-Encoding": coding}
    answer = httpx.put(links["upload_url"], content=b"abc", headers=headers, trust_env=False)

    assert answer.status_code == status
    assert answer.headers.get("accept-encoding") == ("gzip, deflate, br, zstd" if status == 415 else None)
    assert httpx.get(links["public_url"], trust_env=False).status_code == 404


def test_a_bomb_is_no_file(vendor: Running, client: httpx.Client) -> None:
    links, most = _opened(client), vendor.app.services.settings.max_body
    headers = {"Content-Type": "image/png", "Content-Encoding": "gzip"}
    content = gzip.compress(bytes(most + 1))

    assert (
        httpx.put(links["upload_url"], content=content, headers=headers, trust_env=False).status_code == 413
    )


def test_a_file_for_which_there_is_no_room_is_to_be_sent_again(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    links = _opened(client)

    def refuse(_: BodiesInFlight, size: int) -> None:
        raise NoRoomForBody(f"no room for {size} bytes")

    with monkeypatch.context() as full:
        full.setattr(BodiesInFlight, "hold", refuse)
        answer = _put(links["upload_url"], bytes(MIB))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert _put(links["upload_url"], bytes(MIB)).status_code == 200


def test_a_file_is_sent_in_ranges_and_not_twice(client: httpx.Client) -> None:
    links = _opened(client)
    _put(links["upload_url"], b"0123456789")

    def sent(method: str = "GET", **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx.request(method, links["public_url"], headers=named, trust_env=False)

    part = sent(range="bytes=2-4")
    assert (part.status_code, part.content, part.headers["content-range"]) == (206, b"234", "bytes 2-4/10")
    assert {**sent("HEAD", range="bytes=2-4").headers, "date": ""} == {**part.headers, "date": ""}
    assert sent(range="bytes=10-").status_code == 416
    tag = sent().headers["etag"]
    assert sent(if_none_match=tag).status_code == 304
    assert _put(links["upload_url"], b"9876543210").is_success
    assert sent(if_none_match=tag).content == b"9876543210"


def test_a_place_is_taken_by_its_own_link_alone_and_in_time(vendor: Running, client: httpx.Client) -> None:
    links = _opened(client)

    assert _put(links["public_url"], b"1").status_code == 403
    assert _put(links["upload_url"] + "1", b"1").status_code == 403
    assert httpx.get(links["public_url"], trust_env=False).status_code == 404
    assert httpx.delete(links["public_url"], trust_env=False).status_code == 405
    vendor.clock.advance(900)
    assert _put(links["upload_url"], b"1").status_code == 403


def test_a_place_may_go_while_its_file_comes(
    vendor: Running, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def gone(*_: Any) -> bool:
        return False

    links = _opened(client)
    monkeypatch.setattr(vendor.app.services.uploads, "fill", gone)
    answer = _put(links["upload_url"], b"1")

    assert (answer.status_code, answer.json()["status"]) == (403, 403)
    assert answer.json()["detail"] == "its place was removed meanwhile"


def test_the_oldest_files_give_way(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_BYTES", 10)
    monkeypatch.setattr(uploads, "MOST_FILES", 3)
    monkeypatch.setattr(uploads, "OPENINGS", 1)
    held = Uploads(store)

    async def scene() -> None:
        first, second, third = [await held.open("ann", "p", "image/png", 0) for _ in range(3)]
        for place in (first, second, third):
            assert await held.fill(place, b"12345")
        there = [await held.find(place.id) for place in (first, second, third)]
        assert [place and await held.read(place) for place in there] == [None, b"12345", b"12345"]
        await held.open("ann", "p", "image/png", 0)
        await held.open("ann", "p", "image/png", 0)
        assert len(await store.documents("upload")) == 3
        assert not await held.fill(first, b"1")
        assert [part.name[:32] for part in await store.documents("upload-part")] == [third.id]

    asyncio.run(scene())


def test_room_is_made_once_in_so_many_openings(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_FILES", 1)
    monkeypatch.setattr(uploads, "OPENINGS", 3)
    held = Uploads(store)

    async def count_after_opening() -> int:
        await held.open("ann", "p", "image/png", 0)
        return len(await store.documents("upload"))

    async def scene() -> list[int]:
        return [await count_after_opening() for _ in range(6)]

    assert asyncio.run(scene()) == [1, 2, 1, 2, 3, 1]


def test_only_whole_links_to_a_file_that_is_there_are_followed(store: Store) -> None:
    held = Uploads(store)

    async def scene() -> None:
        empty = await held.open("ann", "p", "image/png", 0)
        place = await held.open("ann", "p", "image/png", 0)
        await held.fill(place, b"1")
        link = f"http://localhost{uploads.PREFIX}{place.id}"
        other = [f"http://localhost{uploads.PREFIX}{empty.id}", f"{link}0", place.id, 7, None]
        shown = await held.shown_in({"a": [link, *other]})
        assert shown == {"a": ["data:image/png;base64,MQ==", *other]}
        assert await held.shown_in(other) is other

    asyncio.run(scene())


def test_a_file_of_several_parts_replaces_the_one_before(store: Store) -> None:
    held, first, second = Uploads(store), b"ab" * PART_BYTES, b"c" * (PART_BYTES + 1)

    async def scene() -> None:
        place = await held.open("ann", "p", "image/png", 0)
        for content in (first, second):
            assert await held.fill(place, content)
            there = await held.find(place.id)
            assert there is not None
            assert await held.read(there) == content
        assert len(await store.documents("upload-part")) == 2

    asyncio.run(scene())


def test_a_file_whose_tenant_is_reset_meanwhile_leaves_nothing(store: Store) -> None:
    held = Uploads(store)

    async def scene() -> None:
        place = await held.open("ann", "p", "image/png", 0)
        filling = asyncio.create_task(held.fill(place, b"a" * (2 * PART_BYTES)))
        async with asyncio.timeout(PATIENCE):
            while not await store.documents("upload-part"):
                await asyncio.sleep(0)
        await store.clear("ann")
        assert not await filling
        assert await store.kinds() == []

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("upload", {"size": "many"}),
        ("upload", {"size": 2**60}),
        ("upload-part", {"data": "****"}),
        ("upload-part", {"data": ""}),
    ],
)
def test_a_file_that_cannot_be_read_is_not_there(store: Store, kind: str, change: dict[str, Any]) -> None:
    held = Uploads(store)

    async def scene() -> None:
        place = await held.open("ann", "p", "image/png", 0)
        await held.fill(place, b"1")
        (stored,) = await store.documents(kind)
        await store.put_document("ann", kind, stored.name, {**stored.document, **change})
        link = f"http://localhost{uploads.PREFIX}{place.id}"
        assert await held.shown_in([link]) == [link]
        assert [(record.kind, record.name) for record in store.unreadable.of("ann")] == [(kind, stored.name)]

    asyncio.run(scene())


def test_the_upload_stands_in_the_journal(vendor: Running, client: httpx.Client) -> None:
    links = _opened(client)
    _put(links["upload_url"], b"1")
    _put(links["public_url"], b"1")

    entries = vendor.app.services.journal.match(role="upload")
    assert [(entry.method, entry.status, entry.provider) for entry in entries] == [
        ("POST", 200, "gmicloud"), ("PUT", 200, "gmicloud"), ("PUT", 403, "gmicloud"),
    ]  # fmt: skip
    assert len({entry.tenant for entry in entries}) == 1


def test_a_reset_removes_what_its_tenant_uploaded(vendor: Running, client: httpx.Client) -> None:
    links = _opened(client)
    assert _put(links["upload_url"], b"1").is_success

    with ControlClient(vendor.url, TOKEN) as control:
        control.reset()
    assert httpx.get(links["public_url"], trust_env=False).status_code == 404
    assert _put(links["upload_url"], b"1").status_code == 403


def test_a_snapshot_has_what_its_tenant_uploaded(vendor: Running, client: httpx.Client) -> None:
    links, picture = _opened(client), _picture(320)
    assert _put(links["upload_url"], picture).is_success

    with ControlClient(vendor.url, TOKEN, key=KEY) as control:
        snapshot = control.snapshot()
        control.reset()
        assert httpx.get(links["public_url"], trust_env=False).status_code == 404
        control.restore(snapshot)
    assert httpx.get(links["public_url"], trust_env=False).content == picture


def test_an_uploaded_file_survives_kill_9(server: Callable[..., Process], tmp_path: Path) -> None:
    options = ("--profile", "vendor", "--store", f"sqlite:///{tmp_path / 'jobs.sqlite3'}")
    picture = b"0123456789" * PART_BYTES
    first = server(*options)
    with first.client() as client:
        links, other = _opened(client), _opened(client)
        assert _put(links["upload_url"], picture).is_success
    first.process.kill()
    first.process.wait()

    second = server(*options)
    assert httpx.get(second.url + urlsplit(links["public_url"]).path, trust_env=False).content == picture
    open_place = urlsplit(other["upload_url"])
    assert _put(f"{second.url}{open_place.path}?{open_place.query}", b"1").is_success
