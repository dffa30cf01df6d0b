"""genblaze-gmicloud: a pipeline submits and polls; it takes a clip by HTTPS alone, and gives its link."""

import sys
from importlib import import_module
from pathlib import Path

clip = Path(sys.argv[1])
core = import_module("genblaze_core")
gmicloud = import_module("genblaze_gmicloud")
httpx = import_module("httpx")

provider = gmicloud.GMICloudVideoProvider(poll_interval=0.2)
pipeline = core.Pipeline("boat").step(
    provider,
    model="Kling-Text2Video-V1.6-Standard",
    prompt="A paper boat on a pond",
    modality=core.Modality.VIDEO,
)
run, manifest = pipeline.run(timeout=60, raise_on_failure=True)
(step,) = run.steps
assert manifest.verify_hash()
print("submit\npoll\nmanifest", flush=True)

answer = httpx.get(step.assets[0].url)
answer.raise_for_status()
clip.write_bytes(answer.content)
print("clip", flush=True)
