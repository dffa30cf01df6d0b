"""Files that clients upload: a submit that names one is judged by it, and its clip shows it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from PIL import Image

from mockserver.engine import uploads
from mockserver.engine.uploads import Uploads
from mockserver.settings import Settings, read_pace
from tests.serving import Running, running_app

QUEUE = "/api/v1/ie/requestqueue/apikey"
MODEL = "Kling-Image2Video-V1.6-Pro"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Running]:
    settings = Settings(profile="vendor", pace=read_pace("immediate"), cache_dir=tmp_path, small_clips=True)
    with running_app(settings) as running:
        yield running


@pytest.fixture
def client(server: Running) -> Iterator[httpx.Client]:
    with server.client() as client:
        yield client


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


def test_a_place_is_taken_by_its_own_link_alone_and_in_time(server: Running, client: httpx.Client) -> None:
    links = _opened(client)

    assert _put(links["public_url"], b"1").status_code == 403
    assert _put(links["upload_url"] + "1", b"1").status_code == 403
    assert httpx.get(links["public_url"], trust_env=False).status_code == 404
    assert httpx.delete(links["public_url"], trust_env=False).status_code == 405
    server.clock.advance(900)
    assert _put(links["upload_url"], b"1").status_code == 403


def test_the_oldest_files_give_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_BYTES", 10)
    monkeypatch.setattr(uploads, "MOST_FILES", 3)
    held = Uploads()
    first, second, third = (held.open("image/png", 0) for _ in range(3))
    for place in (first, second, third):
        held.fill(place, b"12345")

    assert [held.find(place.id) is place for place in (first, second, third)] == [False, True, True]
    for _ in range(3):
        held.open("image/png", 0)
    assert len(held) == 3


def test_only_whole_links_to_a_file_that_is_there_are_followed() -> None:
    held = Uploads()
    empty, place = held.open("image/png", 0), held.open("image/png", 0)
    held.fill(place, b"1")
    link = f"http://localhost{uploads.PREFIX}{place.id}"
    other = [f"http://localhost{uploads.PREFIX}{empty.id}", f"{link}0", place.id, 7, None]

    assert held.shown_in({"a": [link, *other]}) == {"a": ["data:image/png;base64,MQ==", *other]}
