"""gmicloud: logs in at its built-in host, then asks the queue by the path of a session."""

import sys
import time
from importlib import import_module
from pathlib import Path

MODEL = "Kling-Text2Video-V1.6-Standard"

clip = Path(sys.argv[1])
gmicloud = import_module("gmicloud")
models = import_module("gmicloud._internal._models")
requests = import_module("requests")

videos = gmicloud.Client().video_manager
print("login", flush=True)

assert MODEL in [model.model for model in videos.get_models()]
print("models", flush=True)

job = videos.create_request(
    models.SubmitRequestRequest(model=MODEL, payload={"prompt": "A paper boat on a pond"})
)
assert job.request_id, job
print("submit", flush=True)

record = videos.get_request_detail(job.request_id)
while record.status.value not in ("success", "failed", "cancelled"):
    time.sleep(0.2)
    record = videos.get_request_detail(job.request_id)
assert record.status.value == "success", record
print("poll", flush=True)

assert [listed.request_id for listed in videos.get_requests(MODEL)] == [job.request_id]
print("list", flush=True)

answer = requests.get(record.outcome["video_url"], timeout=30)
answer.raise_for_status()
clip.write_bytes(answer.content)
print("clip", flush=True)
