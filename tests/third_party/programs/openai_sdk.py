"""openai: sends a form with a picture in it, waits, reads the list, downloads the clip with its key, deletes
one, and meets a video that fails and a refusal.
"""

import sys
from importlib import import_module
from pathlib import Path

(clip,) = sys.argv[1:]
openai = import_module("openai")
client = openai.OpenAI()

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

extra = client.videos.create_and_poll(prompt="A second boat", poll_interval_ms=200)
assert client.videos.delete(extra.id).deleted
assert [listed.id for listed in client.videos.list()] == [video.id]
print("deleted", flush=True)

failed = client.videos.create_and_poll(prompt="A third boat [mock:fail]", poll_interval_ms=200)
assert (failed.status, bool(failed.error.message)) == ("failed", True), failed
print("failed", flush=True)

words = ""
try:
    client.videos.create(prompt="A fourth boat", seconds="5")
except openai.BadRequestError as error:
    words = error.message
assert "seconds" in words, words
print("refused", flush=True)
