"""A client of gmicloud as a program: one submit, polls, and the clip; with `link` it prints the clip's link.

It imports as little as it can, because a case takes less time than the start of one that imports httpx.
"""

from __future__ import annotations

import base64
import json
import os
import sys
import time
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

TASK = {name.removeprefix("MOCKSERVER_"): value for name, value in os.environ.items()}
OPEN = build_opener(ProxyHandler({})).open


def ask(path: str, body: Any = None) -> Any:
    """The JSON answer of the API. Raises HTTPError for a status from 400 on."""
    content = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {TASK['KEY']}", "Content-Type": "application/json"}
    with OPEN(Request(TASK["BASE_URL"] + path, content, headers)) as answer:
        return json.load(answer)


def link_of(job: str) -> str:
    """The link of the job's clip. Raises RuntimeError with the id where there is none."""
    end = time.monotonic() + float(TASK["DEADLINE"])
    while time.monotonic() < end:
        try:
            body = ask(f"/requests/{job}")
        except HTTPError as error:
            if error.code < 500:
                raise
        else:
            if body["status"] == "success":
                return str(body["outcome"]["video_url"])
            if body["status"] in ("failed", "cancelled"):
                raise RuntimeError(f"{job}: {body['outcome']}")
        time.sleep(float(TASK["INTERVAL"]))
    raise RuntimeError(f"{job}: not in time")


def main() -> None:
    """Do what the environment says."""
    picture = base64.b64encode(Path(TASK["IMAGE"]).read_bytes()).decode()
    payload = {"prompt": TASK["PROMPT"], "image": picture}
    link = link_of(ask("/requests", {"model": TASK["MODEL"], "payload": payload})["request_id"])
    if sys.argv[1:] == ["link"]:
        print(json.dumps({"url": link}).replace("/", "\\/"))
        return
    with OPEN(link) as clip:
        Path(TASK["OUTPUT"]).write_bytes(clip.read())


if __name__ == "__main__":
    main()
