"""Our own server's jobs, of every kind and end, give no finding about life, moments, files and callbacks."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from mockserver.kit.checks.base import checks, conclude, examine
from mockserver.kit.findings.finding import Finding
from mockserver.kit.traffic.history import History
from mockserver.media.sample import sample_picture
from tests.kit.miniatures import walk
from tests.kit.miniatures.base import GoodServer
from tests.kit.miniatures.dialects import Aimlapi, Kkiai
from tests.kit.test_checks_on_ours import Ours

FAMILIES = frozenset({"lifecycle", "moments", "media", "callbacks"})
CHOSEN = [one for one in checks() if one.family in FAMILIES]
WIDE = base64.b64encode(sample_picture(640, 400)).decode()
TALL = base64.b64encode(sample_picture(400, 720)).decode()
LINK = "https://example.com/first.png"


class Gmi(Ours, GoodServer):
    """Ratios by word and by picture, both lengths; one job is cancelled, one fails."""

    def submits(self) -> list[dict[str, Any]]:
        """Text and pictures."""
        text, image = "Kling-Text2Video-V1.6-Standard", "Kling-Image2Video-V2-Master"
        return [
            {"model": text, "payload": {"prompt": "Ab", "aspect_ratio": "9:16", "duration": "10"}},
            {"model": text, "payload": {"prompt": "Größe", "aspect_ratio": "1:1"}},
            {"model": image, "payload": {"prompt": "c", "image": WIDE}},
            {"model": text, "payload": {"prompt": "cancel"}},
            {"model": text, "payload": {"prompt": "[mock:fail]"}},
        ]


class Kling(Ours, Kkiai):
    """Modes, names and watermarks, with and without a callback URL."""

    def submits(self) -> list[dict[str, Any]]:
        """One that fails."""
        plain = {"mode": "std", "duration": "5"}
        told = {"callback_url": self.receiver}
        return [
            {
                "model_name": "kling-v1-6",
                "image": WIDE,
                **plain,
                "mode": "pro",
                **told,
                "external_task_id": "a",
            },
            {"model_name": "kling-v2-master", "image": TALL, **plain, "duration": 10, "external_task_id": ""},
            {"model_name": "kling-v3", "image": LINK, **plain, **told, "watermark_info": {"enabled": True}},
            {"model_name": "kling-v1", "image": LINK, **plain, **told, "prompt": "[mock:fail]"},
        ]


class Aiml(Ours, Aimlapi):
    """Pictures in data URIs."""

    def submits(self) -> list[dict[str, Any]]:
        """One that fails."""
        plain = {"model": "kling-video/v1.6/standard/image-to-video", "image_url": LINK}
        return [
            {**plain, "prompt": "a", "image_url": f"data:image/png;base64,{TALL}", "duration": 10},
            {**plain, "prompt": "[mock:fail]"},
        ]


def judged(ours: type[Ours], pauses: list[int], *, files: bool = True) -> tuple[list[Finding], History]:
    """What the families find in jobs that are read after each pause (milliseconds), and in their files."""
    with walk.walking(ours) as recorder:
        mini = recorder.mini
        assert isinstance(mini, Ours)
        jobs = walk._submit(recorder)
        for number, pause in enumerate(pauses):
            mini.advance(pause)
            walk._look(recorder, jobs)
            if number == 1 and "cancelled" in mini.contract.states:
                mini.control.cancel(mini.provider, jobs[3])
        if files:
            walk._fetch(recorder)
        history = History(mini.contract)
        history.callbacks_complete = True
        found: list[Finding] = []
        for exchange in recorder.exchanges:
            call = history.read(exchange)
            found += examine(call, history, CHOSEN)
            history.add(call)
        return found + conclude(history, CHOSEN), history


@pytest.mark.parametrize("profile", ["documented", "vendor", "observed"])
@pytest.mark.parametrize("ours", [Gmi, Kling, Aiml])
def test_jobs_of_every_kind_give_no_finding(ours: type[Ours], profile: str) -> None:
    profiled = type(ours.__name__, (ours,), {"profile": profile})
    found, history = judged(profiled, [0, 3000, 6000, 60_000])
    assert [f"{one.severity} {one.sentence}" for one in found] == []
    ended = {one.phase for story in history.jobs.values() for _, one in story.sightings}
    assert ended >= {"waiting", "running", "succeeded", "failed"}
    assert ("cancelled" in ended) == ("cancelled" in history.contract.states)
    assert any(story.fetches for story in history.jobs.values())
    assert any(story.callbacks for story in history.jobs.values()) == (ours is Kling)
