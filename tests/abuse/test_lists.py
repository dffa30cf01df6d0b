"""Lists of jobs that were submitted with large pictures: nobody else notices, and memory stays."""

from __future__ import annotations

import base64
from collections.abc import Callable

from tests.abuse import pictures
from tests.abuse.pictures import LARGE
from tests.abuse.test_pictures import KKIAI, sent_to_gmi
from tests.abuse.tour import MIB, SUBMIT, Tour

JOBS = 12
OTHER_JOBS = 3
"""Their list does not show what they were submitted with."""


def test_a_list_of_large_pictures(tour: Callable[..., Tour]) -> None:
    data = pictures.before_pixels(pictures.png(), pictures.chunk(b"teXt", bytes(LARGE)))
    body = {"model_name": "kling-v1-6", "image": base64.b64encode(data).decode(), "duration": "5"}
    visit = tour()
    with visit.client() as client:
        for _ in range(JOBS):
            sent_to_gmi(client, data).raise_for_status()
        for _ in range(OTHER_JOBS):
            client.post(KKIAI, json={**body, "mode": "pro"}, timeout=30).raise_for_status()
        with visit.attack(memory=160 * MIB, log=0):
            size = 0
            with client.stream("GET", f"{SUBMIT}?limit={JOBS}", timeout=60) as answer:
                for part in answer.iter_raw():
                    size += len(part)
            listed = client.get(KKIAI, timeout=60)
    assert size > JOBS * LARGE
    assert len(listed.json()["data"]) == OTHER_JOBS
