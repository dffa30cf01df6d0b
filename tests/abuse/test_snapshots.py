"""Snapshots of jobs that were submitted with large pictures: nobody else notices, and memory stays."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from mockserver.control_client import ControlError
from tests.abuse import pictures
from tests.abuse.pictures import LARGE
from tests.abuse.test_pictures import sent_to_gmi
from tests.abuse.tour import ATTACKER, MIB, SUBMIT, Tour

JOBS = 12


def test_a_snapshot_of_large_pictures_there_and_back(tour: Callable[..., Tour], tmp_path: Path) -> None:
    data = pictures.before_pixels(pictures.png(), pictures.chunk(b"teXt", bytes(LARGE)))
    visit = tour()
    file = tmp_path / "tenant.json"
    with visit.client() as client, visit.control(ATTACKER) as control:
        for _ in range(JOBS):
            sent_to_gmi(client, data).raise_for_status()
        with visit.attack(memory=100 * MIB, log=0):
            with file.open("wb") as snapshot:
                control.save_snapshot(snapshot)
            with file.open("rb") as snapshot:
                assert control.restore_from(snapshot) == JOBS
        assert client.get(f"{SUBMIT}?limit=1", timeout=60).status_code == 200
    # It is the one object that it always was, a line for each job.
    lines = file.read_bytes().split(b"\n")
    assert sum(line.startswith(b'{"id":') for line in lines) == JOBS
    assert len(json.loads(file.read_bytes())["jobs"]) == JOBS


def test_a_snapshot_that_is_wrong_at_its_end_costs_nobody_anything(
    tour: Callable[..., Tour], tmp_path: Path
) -> None:
    data = pictures.before_pixels(pictures.png(), pictures.chunk(b"teXt", bytes(LARGE)))
    visit = tour()
    file = tmp_path / "tenant.json"
    with visit.client() as client, visit.control(ATTACKER) as control:
        sent_to_gmi(client, data).raise_for_status()
        with file.open("wb") as snapshot:
            control.save_snapshot(snapshot)
        text = file.read_bytes()
        begin, end = text.index(b'{"id":'), text.index(b"\n],")
        job = text[begin:end]
        name = json.loads(job)["id"].encode()
        jobs = b",\n".join(job.replace(name, name[:-2] + b"%02x" % number) for number in range(JOBS))
        file.write_bytes(text[:begin] + jobs + b',\n{"id": 1}' + text[end:])
        refused = pytest.raises(ControlError, match=rf"422: this is not a snapshot: jobs\[{JOBS}\]: ")
        with visit.attack(memory=100 * MIB, log=0), file.open("rb") as snapshot, refused:
            control.restore_from(snapshot)
        assert client.get(SUBMIT, timeout=60).status_code == 200
