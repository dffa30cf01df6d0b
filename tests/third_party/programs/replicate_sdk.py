"""replicate: asks to wait and polls, is told by webhook, reads the list, cancels in time and too late, loads
the clip by HTTPS, and meets a model that fails and a refusal.
"""

import http.server
import json
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from queue import Queue

(clip,) = sys.argv[1:]
replicate = import_module("replicate")
client = replicate.Client()
client.poll_interval = 0.2
MODEL = "kwaivgi/kling-v1.6-standard"
news: Queue[str] = Queue()


class Receiver(http.server.BaseHTTPRequestHandler):
    """Takes the news of a prediction."""

    def do_POST(self) -> None:
        """Note how the prediction stands."""
        news.put(json.loads(self.rfile.read(int(self.headers["content-length"])))["status"])
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Be silent."""


receiver = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=receiver.serve_forever, daemon=True).start()

prediction = client.predictions.create(
    model=MODEL,
    input={"prompt": "A paper boat on a pond", "duration": 5, "aspect_ratio": "16:9"},
    webhook=f"http://127.0.0.1:{receiver.server_address[1]}/news",
    webhook_events_filter=["completed"],
    wait=1,
)
assert (prediction.status, prediction.output, prediction.error) == ("starting", None, None), prediction
print("submit", flush=True)

prediction.wait()
assert (prediction.status, prediction.completed_at is None) == ("succeeded", False), prediction
print("poll", flush=True)

assert news.get(timeout=30) == "succeeded", "it asked for the end alone"
print("told", flush=True)

page = client.predictions.list()
assert ([listed.id for listed in page.results], page.next) == ([prediction.id], None)
print("list", flush=True)

prediction.cancel()
assert prediction.status == "succeeded", "what has ended is shown as it is"

output = import_module("replicate.helpers").transform_output(prediction.output, client)
Path(clip).write_bytes(output.read())
print("clip", flush=True)

with ThreadPoolExecutor(1) as pool:
    running = pool.submit(client.run, MODEL, {"prompt": "A second boat"})
    while len(page.results) < 2:
        page = client.predictions.list()
    while not running.done():
        client.predictions.get(page.results[0].id)
assert running.result().url.startswith("https://"), "run waits for the end in its one request"
print("waited", flush=True)

stopped = client.models.predictions.create(model=MODEL, input={"prompt": "A third boat"})
stopped.cancel()
assert (stopped.status, client.predictions.get(stopped.id).status) == ("canceled", "canceled")
print("cancelled", flush=True)

failure = refusal = None
try:
    client.run("google/veo-2", {"prompt": "A boat [mock:fail=memory]"}, wait=False)
except replicate.exceptions.ModelError as caught:
    failure = caught.prediction
assert failure is not None
assert failure.error == "The model ran out of memory (E1001)", failure
print("failed", flush=True)

try:
    client.run("minimax/video-01", {"prompt": 5})
except replicate.exceptions.ReplicateError as caught:
    refusal = caught
assert refusal is not None
assert (refusal.status, refusal.title) == (422, "Input validation failed"), refusal
print("refused", flush=True)
