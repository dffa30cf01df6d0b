"""Many hands on the same jobs at once: no fact is lost, no history is illegal."""

from __future__ import annotations

import asyncio
import json
import random
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from mockserver.control_client import ControlClient, ControlError
from mockserver.engine.journal.exchange import JournalEntry
from mockserver.jobs.ids import tenant_of
from mockserver.settings import Settings, read_pace
from mockserver.stores.open import open_store
from tests.engine.test_lifecycle import ENDS, GMI, ORDER, SUBMITS
from tests.serving import running_app

THREADS = 64
JOBS = 4


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_64_threads_race_cancel_force_poll_and_reset(kind: str, tmp_path: Path) -> None:
    store = open_store("memory:" if kind == "memory" else f"sqlite:///{tmp_path / 'jobs.sqlite3'}")
    settings = Settings(pace=read_pace("polls:400"), token="t")
    with running_app(settings, store=store) as server, server.client("shared") as client:
        ids = [client.post(GMI, json=SUBMITS["gmicloud"][1]).json()["request_id"] for _ in range(JOBS)]

        cancelled: set[str] = set()

        def play(number: int) -> int:
            """Eight steps of one thread; how many times it was told that it forced a job."""
            chosen = random.Random(number)
            with (
                server.client("shared") as mine,
                ControlClient(server.url, "t", key=f"other-{number}") as own,
                ControlClient(server.url, "t") as control,
            ):
                return sum(_step(chosen, ids, cancelled, mine, own, control) for _ in range(8))

        with ThreadPoolExecutor(THREADS) as pool:
            told = sum(pool.map(play, range(THREADS)))
        exchanges = server.app.services.journal.entries()
        with ControlClient(server.url, "t") as control:
            jobs = [control.job("gmicloud", job_id) for job_id in ids]
        records = [client.get(f"{GMI}/{job_id}").json() for job_id in ids]
        tenant = tenant_of("shared")
        kept = [asyncio.run(store.get(tenant, "gmicloud", job_id)) for job_id in ids]
    facts = [fact for job in kept if job for fact in job.facts if fact.kind == "forced"]
    assert len(facts) >= told >= 1, "a fact that somebody was told of is lost"
    ended = {job_id for job_id, record in zip(ids, records, strict=True) if record["status"] == "cancelled"}
    assert cancelled <= ended
    assert [job["state"] for job in jobs] == [record["status"] for record in records]
    _check_histories(exchanges)


def _step(
    chosen: random.Random,
    ids: list[str],
    cancelled: set[str],
    mine: httpx.Client,
    own: ControlClient,
    control: ControlClient,
) -> int:
    """One step; 1 where it was told that a job was forced."""
    job = chosen.choice(ids)
    act = chosen.choice(["poll", "poll", "poll", "force", "cancel", "reset"])
    if act == "poll":
        assert mine.get(f"{GMI}/{job}").status_code == 200
        return 0
    if act == "reset":
        own.reset()
        return 0
    try:
        if act == "force":
            control.force("gmicloud", job, "processing")
        else:
            control.cancel("gmicloud", job)
            cancelled.add(job)
    except ControlError as error:
        if error.status != 409:
            raise
        return 0
    return int(act == "force")


def _check_histories(exchanges: Sequence[JournalEntry]) -> None:
    """By the journal: forward only, and an end is an end."""
    seen: dict[str, list[str]] = defaultdict(list)
    for one in exchanges:
        if one.role == "read" and one.status == 200:
            seen[str(one.job_id)].append(json.loads(one.response_body)["status"])
    assert seen
    for states in seen.values():
        ranks = [ORDER["gmicloud"].index(state) for state in states]
        assert ranks == sorted(ranks), states
        ended = [state for state in states if state in ENDS]
        assert len(set(ended)) <= 1
