"""A server over a file whose pages were overwritten: a line at the start, and no trace while it runs."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.engine.test_lifecycle import GMI, SUBMITS
from tests.serving import Process

Serve = Callable[..., Process]
PAGE = 4096
OTHER_KEY = "another-key"


def submit(process: Process, number: int) -> list[str]:
    body = {**SUBMITS["gmicloud"][1], "payload": {"prompt": "a kite " * 50}}
    with process.client() as client:
        return [client.post(GMI, json=body).json()["request_id"] for _ in range(number)]


def overwrite(file: Path) -> None:
    """Write random bytes over all pages but the first."""
    size = file.stat().st_size
    assert size > 8 * PAGE
    with file.open("r+b") as stream:
        stream.seek(PAGE)
        stream.write(random.Random(1).randbytes(size - PAGE))


def test_a_start_over_it_is_one_line(server: Serve, tmp_path: Path) -> None:
    file = tmp_path / "jobs.db"
    first = server("--store", f"sqlite:///{file}")
    submit(first, 100)
    first.stop()
    overwrite(file)

    with pytest.raises(RuntimeError) as raised:
        server("--store", f"sqlite:///{file}")

    text = str(raised.value).partition("did not start: ")[2]
    assert re.fullmatch(
        r"mockserver: \S+jobs\.db is damaged; move it away or use another file \(.*\)\n", text
    )


def test_a_server_that_runs_over_it_refuses_in_its_own_words(server: Serve, tmp_path: Path) -> None:
    file = tmp_path / "jobs.db"
    first = server("--store", f"sqlite:///{file}")
    jobs = submit(first, 100)
    first.stop()
    process = server("--store", f"sqlite:///{file}")
    overwrite(file)

    with process.client() as client, process.client(OTHER_KEY) as other:
        answers = [client.get(f"{GMI}/{job}") for job in jobs]
        answers += [client.get(GMI), client.post(GMI, json=SUBMITS["gmicloud"][1]), other.get(GMI)]
        health = client.get("/__mock/health")

    assert {answer.status_code for answer in answers} <= {200, 404, 507}
    assert 507 in {answer.status_code for answer in answers}
    assert health.status_code == 200
    assert "Traceback" not in process.log.read_text()
