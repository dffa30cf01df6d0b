"""A job has so many facts and no more, and moments up to the last that a clock can show."""

from __future__ import annotations

import asyncio
from functools import reduce
from operator import getitem

import pytest

from mockserver.control_client import ControlClient, ControlError
from mockserver.engine import actions, admission
from mockserver.engine.admin import jobs
from mockserver.jobs.clock import ManualClock
from mockserver.jobs.ids import tenant_of
from mockserver.jobs.reading import LATEST
from mockserver.settings import Settings, read_pace
from tests.engine.test_lifecycle import GMI, SUBMITS
from tests.serving import KEY, running_app


def test_no_more_facts_are_noted_than_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "MOST_NOTED", 3)
    monkeypatch.setattr(jobs, "MOST_NOTED", 3)
    with running_app(Settings(pace=read_pace("polls:100"), token="token")) as server:
        with server.client() as web:
            job = web.post(GMI, json=SUBMITS["gmicloud"][1]).json()["request_id"]
            answers = [web.get(f"{GMI}/{job}") for _ in range(5)]
        stored = asyncio.run(server.store.get(tenant_of(KEY), "gmicloud", job))
        with (
            ControlClient(server.url, "token") as control,
            pytest.raises(ControlError, match="3 facts are noted of job"),
        ):
            control.force("gmicloud", job, "failed")

    assert [answer.status_code for answer in answers] == [200] * 5
    assert ["mockserver-warning" in answer.headers for answer in answers] == [False] * 3 + [True] * 2
    assert stored is not None
    assert len(stored.facts) == 3


def test_no_more_keys_are_remembered_than_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "_MAX_KEYS", 3)
    sizes = []
    with running_app(Settings()) as server:
        admitting = server.app.pipeline._admission
        for number in range(5):
            with server.client(f"key-{number}--mock:slow") as web:
                assert web.get(GMI).is_success
            sizes.append((len(admitting._known), len(admitting._marked_keys)))

    assert sizes == [(1, 1), (2, 2), (3, 3), (1, 1), (2, 2)]


@pytest.mark.parametrize("provider", SUBMITS)
def test_answers_hold_up_to_the_last_moment_of_a_clock(provider: str) -> None:
    submit, body, id_at, read = SUBMITS[provider]
    with (
        running_app(Settings(pace=read_pace("immediate")), ManualClock(LATEST)) as server,
        server.client() as web,
    ):
        answer = web.post(submit, json=body)
        assert answer.is_success, answer.text
        job = str(reduce(getitem, id_at.strip("/").split("/"), answer.json()))
        answers = [web.get(read.replace("{id}", job)), web.get(submit)]
    # A list is not every provider's.
    assert [answer.status_code < 500 for answer in answers] == [True, True], [each.text for each in answers]
    assert answers[0].status_code == 200
