"""`check-trace` over recordings that want to be large: it ends, with a verdict or with one line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mockserver.errors import KitError
from mockserver.kit import contracts
from mockserver.kit.findings.finding_log import MAX_OF_JOB
from mockserver.kit.trace import node
from mockserver.kit.trace import open as open_trace
from mockserver.kit.trace.judge import check_trace
from mockserver.kit.trace.open import read_trace
from mockserver.kit.traffic.call import Call
from mockserver.kit.traffic.history import History, JobHistory
from mockserver.kit.traffic.time_limit import TimeLimit
from tests.kit.hostile import recordings
from tests.kit.hostile.measured import ENOUGH, run


def test_bodies_that_inflate_are_bounded_one_by_one_and_in_all(tmp_path: Path) -> None:
    cassette = recordings.inflating(tmp_path / "cassette.json")
    ended = run("check-trace", str(cassette), "--provider", "gmicloud")
    assert ended.code == 3, ended.stderr
    text = " ".join(ended.stdout.split())
    assert "answers of listModels: the body was too large (67108864 bytes)" in text
    assert "the bodies kept by this run already take 256 MiB (27 times)" in text
    assert "INCOMPLETE" in text
    assert ended.used < ENOUGH


def test_a_file_of_gigabytes_is_refused_before_it_is_read(tmp_path: Path) -> None:
    ended = run("check-trace", str(recordings.sparse(tmp_path / "a.har", 5 * 1024**3)))
    assert ended.code == 2
    assert "is longer than 256 MiB" in ended.stderr
    assert ended.used < 100


def test_a_job_that_goes_back_and_forth_is_told_of_some_times_and_counted(tmp_path: Path) -> None:
    archive = recordings.alternating(tmp_path / "a.har", 400)
    made, _ = check_trace(read_trace(archive), contracts.load("gmicloud"), target="a")
    assert {finding.check for finding in made.findings} == {"lifecycle.forward"}
    assert len(made.findings) == MAX_OF_JOB
    left = 400 // 2 - MAX_OF_JOB
    assert made.notes == (f"lifecycle.forward readRequest /status: and {left} more that are not listed",)


@pytest.mark.parametrize("record", [recordings.alternating, recordings.unlike_states])
def test_the_work_of_a_poll_does_not_grow_with_the_polls_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, record: Callable[[Path, int], Path]
) -> None:
    looked = {}
    for polls in (500, 1000):
        looked[polls] = _sightings_looked_at(record(tmp_path / "a.har", polls), monkeypatch)
    assert looked[1000] < 2.2 * looked[500]


def _sightings_looked_at(archive: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many earlier answers the checks looked at."""
    looked, before = 0, JobHistory.sightings_before

    def counted(job: JobHistory, call: Call) -> Iterator[Any]:
        nonlocal looked
        for entry in before(job, call):
            looked += 1
            yield entry

    with monkeypatch.context() as patch:
        patch.setattr(JobHistory, "sightings_before", counted)
        check_trace(read_trace(archive), contracts.load("gmicloud"), target="a")
    return looked


def test_what_is_left_when_the_time_is_over_is_not_judged(tmp_path: Path) -> None:
    exchanges = read_trace(recordings.alternating(tmp_path / "a.har", 20))
    ticks = iter(range(10_000))
    limit = TimeLimit(31, clock=lambda: float(next(ticks)))
    made, history = check_trace(exchanges, contracts.load("gmicloud"), target="a", limit=limit)
    assert 0 < len(history.calls) < 21
    assert made.not_judged == (f"{21 - len(history.calls)} of 21 exchanges: --time-limit 31 s is over",)


def test_a_file_of_many_small_values_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(node, "MOST_MEMORY", 1_000_000)
    archive = tmp_path / "a.har"
    archive.write_bytes(b'{"log": {"entries": [' + b"[]," * 100_000 + b"[]]}}")
    with pytest.raises(KitError, match="holds more than can be judged at once"):
        read_trace(archive)


@pytest.mark.parametrize(("name", "value"), [("MOST_YAML", 1000), ("MOST_NODES", 500)])
def test_yaml_that_would_take_too_much_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: int
) -> None:
    monkeypatch.setattr(open_trace, name, value)
    cassette = tmp_path / "a.yaml"
    cassette.write_text("http_interactions:\n" + "- a\n" * 1000)
    with pytest.raises(KitError, match="cut it into several files"):
        read_trace(cassette)


def test_an_entry_that_no_number_can_hold_is_one_line(tmp_path: Path) -> None:
    cassette = tmp_path / "a.yaml"
    cassette.write_text(f"recorded_with: x\nhttp_interactions:\n- response: {{elapsed: {'9' * 400}}}\n")
    with pytest.raises(KitError, match="entry 1"):
        read_trace(cassette)


def test_a_history_starts_without_anything_left_out() -> None:
    history = History(contracts.load("gmicloud"))
    assert (history.not_judged, history.unlisted) == ({}, {})
