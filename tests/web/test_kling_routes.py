"""Kling's further routes: what comes out shows what was asked for."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from mockserver.control_client import ControlClient
from mockserver.engine.clip import going_on, video_spec
from mockserver.jobs.job import Job, Plan
from mockserver.kit import contracts
from mockserver.media.picture import measure
from mockserver.media.probe import probe
from mockserver.settings import Settings, read_pace
from tests.serving import Running, running_app

ROUTES, TOKEN = "/v1/videos", "secret-token"


def _painted(colour: str) -> str:
    stream = io.BytesIO()
    Image.new("RGB", (320, 320), colour).save(stream, "PNG")
    return base64.b64encode(stream.getvalue()).decode()


RED, BLUE = _painted("red"), _painted("blue")
DANCE = "https://example.com/videos/dance.mp4"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    cache = tmp_path_factory.mktemp("cache")
    settings = Settings(
        profile="vendor", pace=read_pace("immediate"), cache_dir=cache, small_clips=True, token=TOKEN
    )
    with running_app(settings) as running:
        yield running


@pytest.fixture
def client(server: Running) -> Iterator[httpx.Client]:
    with server.client() as client:
        yield client


def _task(client: httpx.Client, route: str, body: dict[str, Any]) -> dict[str, Any]:
    """The finished task of a submit."""
    answer = client.post(route, json=body)
    assert answer.is_success, answer.text
    task: dict[str, Any] = client.get(f"{route}/{answer.json()['data']['task_id']}").json()["data"]
    assert task["task_status"] == "succeed"
    return task


def _thumbnail(client: httpx.Client, video: str) -> Image.Image:
    return Image.open(io.BytesIO(client.get(video.replace("video.mp4", "thumbnail.jpg")).content))


def _is_of(image: Image.Image, share: tuple[float, float], colour: str) -> bool:
    """Whether the picture has nearly that colour at that share of its width and height."""
    x, y = round(share[0] * image.width), round(share[1] * image.height)
    red, _, blue = image.convert("RGB").crop((x, y, x + 1, y + 1)).tobytes()
    return red > 200 > 60 > blue if colour == "red" else blue > 200 > 60 > red


def test_a_clip_of_several_pictures_shows_them_all(client: httpx.Client) -> None:
    body = {"image_list": [{"image": RED}, {"image": BLUE}], "prompt": "A boat meets a gull"}
    task = _task(client, f"{ROUTES}/multi-image2video", body)
    still = _thumbnail(client, task["task_result"]["videos"][0]["url"])

    assert still.width > still.height
    assert _is_of(still, (0.25, 0.4), "red")
    assert _is_of(still, (0.75, 0.4), "blue")


def test_a_clip_of_several_pictures_has_the_ratio_that_was_asked_for(client: httpx.Client) -> None:
    body = {"image_list": [{"image": RED}], "prompt": "A boat", "aspect_ratio": "9:16"}
    task = _task(client, f"{ROUTES}/multi-image2video", body)
    still = _thumbnail(client, task["task_result"]["videos"][0]["url"])

    assert still.height > still.width


def test_an_effect_of_two_pictures_has_the_first_on_the_left(client: httpx.Client) -> None:
    body = {"effect_scene": "hug_pro", "input": {"images": [BLUE, RED]}}
    task = _task(client, f"{ROUTES}/effects", body)
    still = _thumbnail(client, task["task_result"]["videos"][0]["url"])

    assert _is_of(still, (0.25, 0.4), "blue")
    assert _is_of(still, (0.75, 0.4), "red")


def test_an_effect_of_one_picture_shows_it(client: httpx.Client) -> None:
    task = _task(client, f"{ROUTES}/effects", {"effect_scene": "pet_lion_pro", "input": {"image": RED}})
    video = task["task_result"]["videos"][0]

    assert _is_of(_thumbnail(client, video["url"]), (0.5, 0.4), "red")
    assert float(video["duration"]) == 5


def test_a_clip_of_a_motion_shows_the_character(client: httpx.Client) -> None:
    body = {"image_url": RED, "video_url": DANCE, "character_orientation": "video", "mode": "std"}
    task = _task(client, f"{ROUTES}/motion-control", body)
    still = _thumbnail(client, task["task_result"]["videos"][0]["url"])

    assert _is_of(still, (0.5, 0.4), "red")
    assert still.width == still.height


def test_a_clip_of_pictures_and_a_video_shows_them(client: httpx.Client) -> None:
    body = {
        "prompt": "<<<image_1>>> meets <<<image_2>>> as in <<<video_1>>>",
        "image_list": [{"image_url": RED}, {"image_url": BLUE}],
        "video_list": [{"video_url": DANCE}],
    }
    still = _thumbnail(client, _task(client, f"{ROUTES}/omni-video", body)["task_result"]["videos"][0]["url"])
    job = Job("1", "t", "kkiai", "submitOmniVideo", "kling-video-o1", body, 0, Plan(()))

    assert _is_of(still, (0.25, 0.4), "red")
    assert _is_of(still, (0.75, 0.4), "blue")
    assert video_spec(contracts.load("kkiai", profile="vendor"), job, measure).video == "dance.mp4"


def test_a_speaker_keeps_the_clip_and_says_the_text(client: httpx.Client) -> None:
    body = {"model_name": "kling-v1-6", "image": RED, "prompt": "A sailor", "mode": "pro", "duration": "10"}
    video = _task(client, f"{ROUTES}/image2video", body)["task_result"]["videos"][0]
    said = {"mode": "text2video", "text": "Welcome", "voice_id": "uk_boy1", "video_id": video["id"]}
    task = _task(client, f"{ROUTES}/lip-sync", {"input": said})
    spoken = task["task_result"]["videos"][0]

    assert task["task_info"]["parent_video"] == video
    assert float(spoken["duration"]) == 10
    assert spoken["url"] != video["url"]
    assert _is_of(_thumbnail(client, spoken["url"]), (0.5, 0.4), "red")


@pytest.mark.parametrize(
    ("operation", "prompt"), [("submitVideoExtend", "A, then: B"), ("submitLipSync", "A: B")]
)
def test_a_clip_that_goes_on_shows_both_prompts(operation: str, prompt: str) -> None:
    contract = contracts.load("kkiai", profile="vendor")
    first = Job("1", "t", "kkiai", "submitText2Video", "kling-v1", {"prompt": "A"}, 0, Plan(()))
    body = {"prompt": "B", "input": {"text": "B"}}
    later = Job("2", "t", "kkiai", operation, "kling-v1", body, 0, Plan(()), seconds=5)

    assert going_on(video_spec(contract, first, measure), contract, later).prompt == prompt


@pytest.mark.parametrize(("sound", "is_heard"), [("yes", True), ("no", False)])
def test_a_clip_of_a_video_names_its_file_and_keeps_its_sound(sound: str, is_heard: bool) -> None:
    body = {"video_url": f"{DANCE}?sig=1/2", "keep_original_sound": sound}
    job = Job("1", "t", "kkiai", "submitMotionControl", "kling-v2-6", body, 0, Plan(()))
    spec = video_spec(contracts.load("kkiai", profile="vendor"), job, measure)

    assert spec.video == "dance.mp4"
    assert spec.sound is is_heard


def _longer(client: httpx.Client, video: str, prompt: str = "") -> httpx.Response:
    return client.post(f"{ROUTES}/video-extend", json={"video_id": video, "prompt": prompt})


def _video(client: httpx.Client, answer: httpx.Response) -> dict[str, Any]:
    task = client.get(f"{ROUTES}/video-extend/{answer.json()['data']['task_id']}").json()["data"]
    video: dict[str, Any] = task["task_result"]["videos"][0]
    return video


def test_a_clip_that_goes_on_is_longer_and_shows_the_same(client: httpx.Client, tmp_path: Path) -> None:
    body = {"model_name": "kling-v1-6", "image": RED, "mode": "pro", "duration": "5"}
    task = _task(client, f"{ROUTES}/image2video", body)
    first = task["task_result"]["videos"][0]
    video = _video(client, _longer(client, first["id"], "Then it turns"))
    still = _thumbnail(client, video["url"])
    path = tmp_path / "longer.mp4"
    path.write_bytes(client.get(video["url"]).content)

    assert _is_of(still, (0.5, 0.4), "red")
    assert still.width == still.height
    assert float(video["duration"]) == 10
    assert abs(probe(path).seconds - 10) < 0.2


def test_a_clip_goes_on_for_three_minutes(client: httpx.Client) -> None:
    video = _task(client, f"{ROUTES}/text2video", {"prompt": "A boat"})["task_result"]["videos"][0]
    for _ in range(35):
        video = _video(client, _longer(client, video["id"]))
    refusal = _longer(client, video["id"])

    assert float(video["duration"]) == 180
    assert refusal.status_code == 400
    assert "at most 175 seconds" in refusal.json()["message"]


def test_the_clip_of_another_account_cannot_go_on(server: Running, client: httpx.Client) -> None:
    video = _task(client, f"{ROUTES}/text2video", {"prompt": "A boat"})["task_result"]["videos"][0]["id"]
    with server.client("another-key") as other:
        refusal = _longer(other, video)

    assert refusal.status_code == 400
    assert refusal.json()["code"] == 1201
    assert "video_id" in refusal.json()["message"]
    assert "the id of a finished video of this account that can go on" in refusal.json()["message"]


def test_an_effect_cannot_go_on(client: httpx.Client) -> None:
    task = _task(client, f"{ROUTES}/effects", {"effect_scene": "pet_lion_pro", "input": {"image": RED}})

    assert _longer(client, task["task_result"]["videos"][0]["id"]).status_code == 400


IMAGES = "/v1/images/generations"


def _image(client: httpx.Client, url: str) -> Image.Image:
    answer = client.get(url)
    assert answer.headers["content-type"] == "image/png"
    image = Image.open(io.BytesIO(answer.content))
    image.load()
    assert image.format == "PNG"
    return image


def test_each_image_is_one_of_its_own_in_the_ratio_that_was_asked_for(client: httpx.Client) -> None:
    body = {"prompt": "A harbour", "n": 3, "aspect_ratio": "9:16", "watermark_info": {"enabled": True}}
    made = _task(client, IMAGES, body)["task_result"]["images"]
    images = [_image(client, image["url"]) for image in made]
    marked = _image(client, made[0]["watermark_url"])

    assert [image["index"] for image in made] == [0, 1, 2]
    assert {round(image.width / image.height, 1) for image in images} == {0.6}
    assert len({image.tobytes() for image in (*images, marked)}) == 4


def test_an_image_after_a_picture_shows_it_in_the_ratio_that_was_asked_for(client: httpx.Client) -> None:
    made = _task(client, IMAGES, {"prompt": "A harbour", "image": RED, "aspect_ratio": "16:9"})
    image = _image(client, made["task_result"]["images"][0]["url"])

    assert image.width > image.height
    assert _is_of(image, (0.72, 0.3), "red")


def test_a_job_has_no_other_files_than_those_that_it_makes(client: httpx.Client) -> None:
    made = _task(client, IMAGES, {"prompt": "A harbour", "n": 2})
    url = made["task_result"]["images"][1]["url"]
    video = _task(client, f"{ROUTES}/text2video", {"prompt": "A harbour"})["task_result"]["videos"][0]["url"]
    others = [url.replace("image-1", "image-2"), url.replace("image-1.png", "video.mp4")]
    others += [url.replace("image-1.png", "thumbnail.jpg"), video.replace("video.mp4", "image-0.png")]

    assert [client.get(other).status_code for other in others] == [404] * 4


def test_an_image_cannot_go_on(client: httpx.Client) -> None:
    task = _task(client, IMAGES, {"prompt": "A harbour"})

    assert _longer(client, task["task_id"]).status_code == 400


def test_what_is_left_of_a_quota_is_seen_in_the_account(server: Running) -> None:
    with server.client("key-of-costs") as client, server.client(TOKEN) as control:
        client.post(f"{ROUTES}/text2video", json={"prompt": "A boat"})
        quota = control.put("/__mock/quotas", params={"key": "key-of-costs"}, json={"credits": 7})
        period = {"start_time": "0", "end_time": "1"}
        costs = client.get("/account/costs", params=period).json()["data"]["resource_pack_subscribe_infos"]

    assert quota.is_success, quota.text
    assert [(pack["total_quantity"], pack["remaining_quantity"]) for pack in costs] == [(7.0, 6.0)]


def test_a_task_is_found_at_its_own_route_alone(client: httpx.Client) -> None:
    body = {"image_list": [{"image": RED}], "prompt": "A boat"}
    task = _task(client, f"{ROUTES}/multi-image2video", body)

    assert client.get(f"{ROUTES}/image2video/{task['task_id']}").status_code == 404
    assert task["task_id"] not in client.get(f"{ROUTES}/text2video").text


def _spoken(client: httpx.Client, session: str) -> httpx.Response:
    sound = {"face_id": "0", "sound_file": "https://example.com/welcome.mp3"}
    times = {"sound_start_time": 0, "sound_end_time": 3000, "sound_insert_time": 0}
    body = {"session_id": session, "face_choose": [{**sound, **times}]}
    return client.post(f"{ROUTES}/advanced-lip-sync", json=body)


def test_a_face_of_a_session_keeps_the_clip_and_names_the_sound(client: httpx.Client) -> None:
    body = {"model_name": "kling-v1-6", "image": RED, "prompt": "A sailor", "mode": "pro", "duration": "10"}
    video = _task(client, f"{ROUTES}/image2video", body)["task_result"]["videos"][0]
    session = client.post(f"{ROUTES}/identify-face", json={"video_id": video["id"]}).json()["data"]
    submitted = _spoken(client, session["session_id"]).json()["data"]["task_id"]
    task = client.get(f"{ROUTES}/advanced-lip-sync/{submitted}").json()["data"]
    still = _thumbnail(client, task["task_result"]["videos"][0]["url"])
    face = Image.open(io.BytesIO(client.get(session["face_data"][0]["face_image"]).content))

    assert task["task_info"]["parent_video"] == video
    assert session["face_data"][0]["end_time"] == 10_000
    assert _is_of(still, (0.5, 0.4), "red")
    assert _is_of(face, (0.5, 0.4), "red")
    contract = contracts.load("kkiai", profile="vendor")
    first = Job("1", "t", "kkiai", "submitText2Video", "kling-v1", {"prompt": "A"}, 0, Plan(()))
    said = {"face_choose": [{"sound_file": "https://example.com/welcome.mp3"}]}
    later = Job("2", "t", "kkiai", "submitAdvancedLipSync", "kling-v1", said, 0, Plan(()), seconds=5)
    assert going_on(video_spec(contract, first, measure), contract, later).video == "welcome.mp3"


def test_a_session_belongs_to_its_account_and_is_in_no_list(server: Running, client: httpx.Client) -> None:
    opened = client.post(f"{ROUTES}/identify-face", json={"video_url": DANCE}).json()
    session = opened["data"]["session_id"]
    with server.client("another-key") as other:
        refusal = _spoken(other, session)

    assert refusal.status_code == 400
    assert "session_id" in refusal.json()["message"]
    assert "the id of a session of this account" in refusal.json()["message"]
    for route in ("text2video", "lip-sync", "advanced-lip-sync"):
        assert client.get(f"{ROUTES}/{route}/{session}").status_code == 404
        tasks = client.get(f"{ROUTES}/{route}", params={"pageSize": 500}).json()["data"]
        assert session not in {task["task_id"] for task in tasks}


def test_a_session_is_no_submit_costs_nothing_and_survives_a_snapshot(server: Running) -> None:
    key = "key-of-a-session"
    costs = {"start_time": 0, "end_time": 1}
    with ControlClient(server.url, TOKEN, key=key) as control, server.client(key) as client:
        opened = client.post(f"{ROUTES}/identify-face", json={"video_url": DANCE}).json()
        control.assert_no_submit()
        account = client.get("/account/costs", params=costs).json()["data"]
        package = account["resource_pack_subscribe_infos"][0]
        control.restore(control.snapshot())
        again = _spoken(client, opened["data"]["session_id"])
        control.assert_submitted_once()

    assert package["remaining_quantity"] == package["total_quantity"]
    assert again.is_success
