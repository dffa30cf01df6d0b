"""openai: sends a form with a picture in it, waits, reads the list, and downloads the clip with its key."""

import sys
from importlib import import_module
from pathlib import Path

(clip,) = sys.argv[1:]
client = import_module("openai").OpenAI()

PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
video = client.videos.create(
    prompt="A paper boat on a pond",
    seconds="4",
    size="1280x720",
    input_reference=("a.png", PICTURE, "image/png"),
)
print("submit", flush=True)

video = client.videos.poll(video.id, poll_interval_ms=200)
assert (video.status, video.size, video.progress) == ("completed", "1280x720", 100), video
print("poll", flush=True)

assert [listed.id for listed in client.videos.list(limit=1)] == [video.id]
print("list", flush=True)

Path(clip).write_bytes(client.videos.download_content(video.id).read())
assert client.videos.download_content(video.id, variant="thumbnail").read().startswith(b"\xff\xd8")
print("clip", flush=True)
