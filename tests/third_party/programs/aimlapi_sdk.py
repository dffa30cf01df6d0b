"""aimlapi-sdk-python: submits and polls at the newer path, whatever path its base URL has."""

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

clip = Path(sys.argv[1])
client = import_module("aimlapi").AIMLAPI()

answers: list[dict[str, Any]] = []
content = client.videos.generate_with_polling(
    model="kling-video/v1/standard/image-to-video",
    prompt="A paper boat on a pond",
    duration=5,
    poll_interval=0.2,
    return_bytes=True,
    status_callback=answers.append,
    extra_body={"image_url": "https://upload.wikimedia.org/boat.jpg"},
)
assert answers[-1]["status"] == "completed", answers
print("submit\npoll", flush=True)

clip.write_bytes(content)
print("clip", flush=True)
