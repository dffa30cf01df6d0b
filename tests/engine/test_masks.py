"""A job whose masks do not fit fails in the provider's words; the request is taken."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from mockserver.settings import Settings, read_pace
from tests.comet import changed_comet
from tests.serving import KEY, Running, running_app
from tests.web.test_known_heads import Wire

SUBMIT = "/kling/v1/videos/image2video"
PATH = [{"x": 10, "y": 20}, {"x": 100, "y": 20}]
LINK = "https://example.com/mask.png"
REASON = "static_mask, mask and image differ in size or ratio"


@cache
def picture(size: str, form: str = "PNG") -> str:
    """Base64 of a picture of that size, as 640x360."""
    width, height = map(int, size.split("x"))
    stream = BytesIO()
    Image.new("L", (width, height)).save(stream, form)
    return base64.b64encode(stream.getvalue()).decode()


def sent(text: str) -> str:
    """A size as a picture, and what is none as it is."""
    return picture(*text.split()) if text[:1].isdigit() else text


def body(image: str, still: str, *moving: str) -> dict[str, Any]:
    """A submit with these pictures."""
    masks = [{"mask": sent(mask), "trajectories": PATH} for mask in moving]
    places = {"image": sent(image), "static_mask": sent(still), "dynamic_masks": masks}
    return {"model_name": "kling-v1", "mode": "std", "duration": "5", **places}


def ended(served: Running, image: str, still: str, *moving: str) -> dict[str, Any]:
    """The task of a submit with these pictures, when it has ended."""
    with served.client() as client:
        answer = client.post(SUBMIT, json=body(image, still, *moving))
        assert answer.status_code == 200, answer.text
        task = answer.json()["data"]["task_id"]
        data: dict[str, Any] = client.get(f"{SUBMIT}/{task}").json()["data"]
        return data


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("cache")
    with running_app(Settings(pace=read_pace("immediate"), cache_dir=folder)) as running:
        yield running


@pytest.mark.parametrize(
    ("image", "still", "moving"),
    [
        ("640x360", "640x1", ()),
        ("640x360", "640x480", ()),
        ("640x360", "", ("360x640",)),
        ("640x360", "640x360", ("320x180",)),
        ("640x360", "", ("640x360", "642x360")),
        (LINK, "640x360", ("640x361",)),
        (LINK, "", ("640x360", LINK, "640x1")),
    ],
)
def test_masks_that_differ_fail_the_task(
    served: Running, image: str, still: str, moving: tuple[str, ...]
) -> None:
    task = ended(served, image, still, *moving)

    assert (task["task_status"], task["task_status_msg"]) == ("failed", REASON)


@pytest.mark.parametrize(
    ("image", "still", "moving"),
    [
        ("640x360", "640x360 JPEG", ("640x360", "640x360")),
        ("640x360", "320x180", ("320x180",)),
        ("1000x667", "500x333", ()),
        ("640x360", LINK, (LINK,)),
        (LINK, "640x1", ()),
        ("640x360", "", ()),
    ],
)
def test_masks_that_fit_and_links_do_not(
    served: Running, image: str, still: str, moving: tuple[str, ...]
) -> None:
    assert ended(served, image, still, *moving)["task_status"] == "succeed"


@given(st.integers(300, 700), st.integers(300, 700), st.floats(0.05, 2.0))
def test_a_mask_that_was_scaled_with_the_picture_fits(
    served: Running, width: int, height: int, scale: float
) -> None:
    mask = f"{max(1, round(width * scale))}x{max(1, round(height * scale))}"

    assert ended(served, f"{width}x{height}", mask)["task_status"] == "succeed"


def test_the_states_before_the_failure_are_those_of_any_task(running: Callable[..., Running]) -> None:
    served = running()
    words = []
    with served.client() as client:
        task = client.post(SUBMIT, json=body("640x360", "9x9")).json()["data"]["task_id"]
        for _ in range(20):
            words.append(client.get(f"{SUBMIT}/{task}").json()["data"]["task_status"])
            served.clock.advance(1)

    assert list(dict.fromkeys(words)) == ["submitted", "processing", "failed"]


def test_large_masks_are_looked_at_too(served: Running) -> None:
    noise = Image.effect_noise((1200, 1000), 80)
    stream = BytesIO()
    noise.save(stream, "PNG")
    large = base64.b64encode(stream.getvalue()).decode()
    assert len(large) > 1 << 20

    assert ended(served, "640x360", large)["task_status"] == "failed"
    assert ended(served, large, large)["task_status"] == "succeed"


def test_each_of_many_submits_with_the_same_head_is_looked_at(
    running: Callable[..., Running], tmp_path: Path
) -> None:
    def with_masks(document: dict[str, Any]) -> None:
        job = document["x-job"]
        job["media"]["still"] = "/mask"
        job["reasons"]["sun"]["when"] = "masks-differ"
        submit = document["paths"]["/comets"]["post"]
        del submit["x-job"]["wait"], submit["parameters"]
        del submit["responses"]["200"]["x-job"]["headers"]

    schema = changed_comet(tmp_path, with_masks) / "schemas" / "launch.json"
    launch = json.loads(schema.read_text())
    launch["properties"]["mask"] = {"type": "string", "x-provenance": "ASSUMED invented field"}
    schema.write_text(json.dumps(launch))
    server = running(contracts=(tmp_path,), providers=("comet",), pace=read_pace("immediate"))
    fine, wrong = (base64.b64decode(picture(size)).ljust(600, b"\0") for size in ("64x36", "36x64"))
    wire, jobs = Wire(server), []
    with closing(wire.socket), server.client() as client:
        for mask in (fine, fine, wrong, fine, wrong):
            mask_text = base64.b64encode(mask).decode()
            body = json.dumps({"text": "A comet", "frame": picture("640x360"), "mask": mask_text})
            head = f"POST /queue/comets HTTP/1.1\r\nHost: {wire.netloc}\r\nAuthorization: Bearer {KEY}\r\n"
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            wire.socket.sendall((head + body).encode())
            jobs.append(wire.answer()[1]["id"])
        states = [client.get(f"/queue/comets/{job}").status_code for job in jobs]
    assert states == [200, 200, 410, 200, 410]
