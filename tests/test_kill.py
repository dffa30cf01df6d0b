"""A job that was answered is on disk, whatever happens to the process next."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import httpx

from tests.engine.test_lifecycle import GMI
from tests.serving import Process

WRITERS = 16
ENOUGH = 400


def test_no_answered_job_is_lost_by_kill_9(server: Callable[..., Process], tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path / 'jobs.sqlite3'}"
    first = server("--store", store)
    answered: dict[str, str] = {}
    killed = Event()

    def submit(writer: int) -> None:
        with first.client() as client:
            number = 0
            while not killed.is_set():
                prompt = f"writer {writer} job {number} \u00e9\u4e2d {'x' * (number % 50)}"
                body = {"model": "Kling-Text2Video-V1.6-Standard", "payload": {"prompt": prompt}}
                try:
                    answered[client.post(GMI, json=body).json()["request_id"]] = prompt
                except (httpx.TransportError, json.JSONDecodeError):
                    return
                if len(answered) >= ENOUGH and not killed.is_set():
                    killed.set()
                    first.process.kill()
                number += 1

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(submit, range(WRITERS)))
    first.process.wait()
    assert len(answered) >= ENOUGH

    second = server("--store", store)
    with second.client() as client:
        for job_id, prompt in answered.items():
            record = client.get(f"{GMI}/{job_id}")
            assert record.status_code == 200, job_id
            assert record.json()["payload"]["prompt"] == prompt
        assert client.get(GMI).json()["total"] >= len(answered)
