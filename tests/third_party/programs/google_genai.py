"""google-genai: makes clips of a text and a picture, has a request refused and a job fail, and downloads."""

import sys
import time
from importlib import import_module
from typing import Any

clip, base_url = sys.argv[1:]
genai, types = import_module("google.genai"), import_module("google.genai.types")
client = genai.Client(http_options=types.HttpOptions(base_url=base_url))

MODEL = "veo-3.1-generate-preview"
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


def started(prompt: str, picture: bytes | None = None, **settings: Any) -> Any:
    image = picture and types.Image(image_bytes=picture, mime_type="image/png")
    source = types.GenerateVideosSource(prompt=prompt, image=image)
    config = types.GenerateVideosConfig(number_of_videos=1, **settings)
    return client.models.generate_videos(model=MODEL, source=source, config=config)


def ended(operation: Any) -> Any:
    while not operation.done:
        time.sleep(0.2)
        operation = client.operations.get(operation)
    return operation


operation = started(
    "A paper boat on a pond", duration_seconds=4, aspect_ratio="9:16", person_generation="allow_all"
)
assert (operation.name.startswith(f"models/{MODEL}/operations/"), operation.done) == (True, None), operation
from_picture = started("It drifts away", PICTURE, duration_seconds=4, person_generation="allow_adult")
print("submit", flush=True)

video = ended(operation).response.generated_videos[0].video
print("poll", flush=True)

other = ended(from_picture).response.generated_videos[0].video
assert client.files.download(file=other)[4:8] == b"ftyp"
print("picture", flush=True)

failed = ended(started("[mock:fail] A paper boat that sinks"))
assert (failed.error["code"], failed.response) == (13, None), failed
print("failed", flush=True)

refusal: Any = None
try:
    started("A paper boat", duration_seconds=5)
except import_module("google.genai.errors").ClientError as error:
    refusal = error
assert (refusal.code, refusal.status) == (400, "INVALID_ARGUMENT"), refusal
print("refused", flush=True)

client.files.download(file=video)
video.save(clip)
print("clip", flush=True)
