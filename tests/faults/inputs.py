"""Small inputs for faults: a provider's words, a request, an answer, a file, a callback."""

from __future__ import annotations

import json
from typing import Any, Final

from mockserver.faults.seams import Asset, Delivery, PlanDraft, Reply, RequestFacts, Vocabulary

WAY: Final = (("queued", "waiting", 2000), ("processing", "running", 6000), ("success", "succeeded", 0))
WORDS: Final = Vocabulary(
    WAY,
    {"waiting": "queued", "running": "processing", "succeeded": "success", "failed": "failed"},
    {"default": "Video generation failed", "moderation": "The picture was refused"},
)
COURSE: Final = PlanDraft(WAY, None, frozenset())


def subject(**given: Any) -> RequestFacts:
    """A submit at gmicloud, changed in what is given."""
    usual = RequestFacts("gmicloud", "submit", "submit", "t1", "Kling-v1", "a red kite", "", 1, 0.5)
    return usual._replace(**given)


def reply(document: Any = None, **given: Any) -> Reply:
    """An answer with a JSON body."""
    body = document if isinstance(document, bytes) else json.dumps(document or {"request_id": "j1"}).encode()
    return Reply(200, [(b"content-type", b"application/json")], body, **given)


def asset(kind: str = "video", **given: Any) -> Asset:
    """A file of 1000 bytes."""
    return Asset(kind, size=1000, url="http://127.0.0.1:8787/media/gmicloud/j1/video.mp4", **given)


def delivery(number: int = 1, at: int = 2000, **given: Any) -> Delivery:
    """A callback about a job that was submitted at 0."""
    return Delivery("j1", number, "processing", at, 0, "http://127.0.0.1:9/hook", b"{}")._replace(**given)
