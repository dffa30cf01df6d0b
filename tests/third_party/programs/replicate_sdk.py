"""replicate: asks to wait and polls, reads the list, cancels too late, and downloads the clip by HTTPS."""

import sys
from importlib import import_module
from pathlib import Path

(clip,) = sys.argv[1:]
client = import_module("replicate").Client()
client.poll_interval = 0.2

prediction = client.predictions.create(
    model="kwaivgi/kling-v1.6-standard",
    input={"prompt": "A paper boat on a pond", "duration": 5, "aspect_ratio": "16:9"},
    wait=1,
)
assert (prediction.status, prediction.output, prediction.error) == ("starting", None, None), prediction
print("submit", flush=True)

prediction.wait()
assert (prediction.status, prediction.completed_at is None) == ("succeeded", False), prediction
print("poll", flush=True)

page = client.predictions.list()
assert ([listed.id for listed in page.results], page.next) == ([prediction.id], None)
print("list", flush=True)

prediction.cancel()
assert prediction.status == "succeeded", "what has ended is shown as it is"
print("cancel", flush=True)

output = import_module("replicate.helpers").transform_output(prediction.output, client)
Path(clip).write_bytes(output.read())
print("clip", flush=True)
