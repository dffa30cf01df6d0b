"""fal-client: submits, polls, is told by webhook, loads the clip, cancels too late and in time, and meets a
model that fails and a refusal.
"""

import http.server
import json
import sys
import threading
import urllib.request
from importlib import import_module
from pathlib import Path
from queue import Queue
from typing import Any

(clip,) = sys.argv[1:]
fal = import_module("fal_client")
MODEL = "fal-ai/kling-video/v2/master/text-to-video"
news: Queue[dict[str, object]] = Queue()


class Receiver(http.server.BaseHTTPRequestHandler):
    """Takes the news of a request."""

    def do_POST(self) -> None:
        """Note what it says."""
        news.put(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Be silent."""


def refused(*request: object, by: str = "cancel") -> tuple[Any, ...]:
    """Status, kind and words of a refusal that must come."""
    try:
        getattr(fal, by)(MODEL, *request)
    except fal.client.FalClientHTTPError as error:
        return error.status_code, error.error_type, error.message
    raise AssertionError(f"{by} was not refused")


receiver = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=receiver.serve_forever, daemon=True).start()

address = f"http://127.0.0.1:{receiver.server_address[1]}/news"
arguments = {"prompt": "A paper boat on a pond", "duration": "5", "aspect_ratio": "16:9"}
handle = fal.submit(MODEL, arguments, webhook_url=address, priority="low")
assert handle.status_url.endswith(f"/fal-ai/kling-video/requests/{handle.request_id}/status"), handle
print("submit", flush=True)

states = [type(status).__name__ for status in handle.iter_events(with_logs=True)]
assert states[-1] == "Completed", states
result = handle.get()
assert fal.result(MODEL, handle.request_id) == result
print("poll", flush=True)

told = news.get(timeout=30)
assert (told["request_id"], told["status"], told["payload"]) == (handle.request_id, "OK", result), told
print("told", flush=True)

with urllib.request.urlopen(result["video"]["url"]) as file:
    Path(clip).write_bytes(file.read())
print("clip", flush=True)

assert refused(handle.request_id)[0] == 400, "it has ended"
assert refused("00000000-0000-4000-8000-000000000000")[0] == 404, "there is no such request"
stopped = fal.submit(MODEL, {"prompt": "A second boat"})
stopped.cancel()
status = stopped.status()
assert (type(status).__name__, status.error_type) == ("Completed", "client_cancelled"), status
print("cancelled", flush=True)

failed = fal.submit(MODEL, {"prompt": "A third boat [mock:fail]"})
failure = refused(failed.request_id, by="result")
assert failure[0] == 422, failure
assert failed.status().error == failure[2][0]["msg"], failure
print("failed", flush=True)

refusal = refused({"prompt": "A fourth boat", "duration": 5}, by="submit")
assert (refusal[0], "duration" in refusal[2][0]["msg"]) == (422, True), refusal
print("refused", flush=True)
