"""The ledger says, whatever happened, at least as much as was paid."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.errors import SettingsError
from mockserver.kit.verify.budget import Budget, BudgetExceeded
from mockserver.kit.verify.ledger import Ledger, Outcome

ROOT = Path(__file__).parents[3]
OUTCOMES: st.SearchStrategy[Outcome | None] = st.sampled_from(["accepted", "refused", "unknown", None])


def written(path: Path, outcomes: list[Outcome | None]) -> None:
    with Ledger(path, "somebody") as ledger:
        for outcome in outcomes:
            number = ledger.intend()
            if outcome is not None:
                ledger.settle(number, outcome, f"job-{number}" if outcome == "accepted" else None)


@settings(derandomize=True, deadline=None)
@given(outcomes=st.lists(OUTCOMES, max_size=8), cut=st.integers(0, 200))
def test_a_file_cut_anywhere_is_read_as_what_had_been_written(
    outcomes: list[Outcome | None], cut: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("ledger") / "ledger.jsonl"
    written(path, outcomes)
    content = path.read_bytes()
    kept = content[: max(content.index(b"\n") + 1, len(content) - cut)]
    path.write_bytes(kept)
    intents = kept.count(b'{"intent"') - (
        not kept.endswith(b"\n") and kept.rpartition(b"\n")[2].startswith(b'{"intent"')
    )
    with Ledger(path, "somebody") as ledger:
        assert len(ledger.outcomes) == intents
        assert ledger.paid >= intents - outcomes.count("refused")
        ledger.intend()
    with Ledger(path, "somebody") as again:
        assert len(again.outcomes) == intents + 1


def test_a_finished_run_is_not_taken_up(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    written(path, ["accepted"])
    with Ledger(path, "somebody") as ledger:
        assert ledger.resumed
        assert ledger.open_jobs == ["job-1"]
        ledger.end("job-1")
        ledger.finish()
    with Ledger(path, "somebody") as anew:
        assert not anew.resumed
        assert (anew.paid, anew.open_jobs) == (0, [])


def test_two_runs_do_not_share_a_ledger(tmp_path: Path) -> None:
    with (
        Ledger(tmp_path / "ledger", "somebody"),
        pytest.raises(SettingsError, match="another run is writing"),
    ):
        Ledger(tmp_path / "ledger", "somebody")


HOLDS_A_LEDGER = """
import sys, time
from pathlib import Path
from mockserver.kit.verify.ledger import Ledger

with Ledger(Path(sys.argv[1]), "somebody") as ledger:
    ledger.intend()
    print("held", flush=True)
    time.sleep(600)
"""


def test_the_ledger_of_another_process_is_free_again_as_soon_as_that_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    command = [sys.executable, "-c", HOLDS_A_LEDGER, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as holder:
        try:
            assert holder.stdout is not None
            assert holder.stdout.readline() == b"held\n"
            with pytest.raises(SettingsError, match="another run is writing this ledger"):
                Ledger(path, "somebody")
        finally:
            holder.kill()
    with Ledger(path, "somebody") as ledger:
        assert (ledger.resumed, ledger.paid) == (True, 1)
    assert list(tmp_path.iterdir()) == [path]


def test_a_ledger_that_cannot_be_locked_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_locks(descriptor: int, *, blocking: bool) -> bool:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr("mockserver.kit.verify.ledger.lock_descriptor", no_locks)
    with pytest.raises(SettingsError, match=r"the ledger cannot be locked: .*local disk"):
        Ledger(tmp_path / "ledger", "somebody")
    assert (tmp_path / "ledger").read_bytes() == b""


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"version":1,"subject":"somebody else"}\n', "is the ledger of somebody else, not of somebody"),
        (b'{"version":1,"subject":"somebody"}\nnonsense\n{}\n', "line 2 is no event of a ledger"),
        (b"3\n", "line 1 is no event of a ledger"),
        (b'{"version":1}\n', "line 1 is no event of a ledger"),
        (b'{"version":9,"subject":"somebody"}\n', "line 1 is no event of a ledger"),
        (b'{"version":1,"subject":"somebody"}\n{"settled":1}\n', "line 2 is no event of a ledger"),
        (b'{"intent":1}\n', "is not a ledger"),
        (b"my notes", "is not a ledger"),
    ],
)
def test_a_file_that_is_no_ledger_of_ours_is_left_alone(content: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    path.write_bytes(content)
    with pytest.raises(SettingsError, match=said):
        Ledger(path, "somebody")
    assert path.read_bytes() == content


@pytest.mark.parametrize("before", [b"", b'{"version":1,"subject":"somebody"}\n{"finished":true}\n'])
def test_a_beginning_that_a_crash_cut_short_is_no_hindrance(before: bytes, tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    path.write_bytes(before + b'{"version":1,"su')
    with Ledger(path, "somebody") as ledger:
        ledger.intend()
    with Ledger(path, "somebody") as again:
        assert again.paid == 1


def test_a_device_is_no_ledger() -> None:
    with pytest.raises(SettingsError, match="must be a plain file"):
        Ledger(Path("/dev/null"), "somebody")


def test_a_place_that_cannot_be_written_is_said_before_anything_is_sent(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="the ledger cannot be used"):
        Ledger(tmp_path / "file" / "ledger", "somebody")


def test_a_budget_waits_for_its_rate_and_ends() -> None:
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    budget = Budget(Ledger(None, ""), max_requests=5, max_jobs=1, rate=2.0, sleep=sleep, clock=lambda: now[0])
    for _ in range(5):
        budget.take_request()
    assert now[0] == pytest.approx(2.0)
    with pytest.raises(BudgetExceeded, match="--max-requests 5 is used up"):
        budget.take_request()
    budget.take_job()
    with pytest.raises(BudgetExceeded, match="--max-jobs 1 is used up"):
        budget.take_job()
