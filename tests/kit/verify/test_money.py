"""No run ever submits more jobs than it may, whenever it is stopped and taken up again."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.errors import SettingsError
from mockserver.kit.traffic.exchange import Exchange
from mockserver.kit.verify.target import ServerUnderTest
from mockserver.kit.verify.verify import Progress, VerifyOptions, plan, verify
from tests.kit.miniatures.base import KEYS, GoodServer
from tests.kit.miniatures.wire import Door, Reply
from tests.kit.miniatures.wire import Request as Asked
from tests.serving import clean_environment

CHEAP = ("access", "listing", "refusals", "job")
"""The stages whose calls can be counted one by one."""
AROUND_A_JOB = ("access", "listing", "job")
"""Those of them with few calls, so that a run can be stopped at each."""


class Killed(BaseException):
    """What a test stops a run with, as a kill would: nothing catches it, nothing is put in order."""


class Faithful(GoodServer):
    """Refuses all that the documents refuse."""

    def fault(self, body: Mapping[str, Any]) -> str:
        """Whatever the contract says against it."""
        submit = next(one for one in self.contract.operations.values() if one.role == "submit")
        assert submit.body is not None
        return "" if submit.body.is_valid(body) else "against the documents"


class Credulous(GoodServer):
    """Takes every body that is JSON."""

    def submit(self, owner: str, request: Asked) -> Reply:
        """Take it, whatever it is."""
        plain = {"model": "Kling-Text2Video-V1.6-Standard", "payload": {"prompt": "a"}}
        return super().submit(owner, request._replace(body=orjson.dumps(plain)))


class Forgetful(GoodServer):
    """Takes every job and loses every answer."""

    def submit(self, owner: str, request: Asked) -> Reply:
        """Take it and hang up."""
        super().submit(owner, request)
        return Reply(0, b"")


@contextmanager
def opened(server: GoodServer) -> Iterator[str]:
    door = Door(server.respond)
    server.url = door.url
    try:
        yield door.url
    finally:
        door.close()


def ask(server: GoodServer, url: str, ledger: Path | None, **more: Any) -> VerifyOptions:
    given: dict[str, Any] = {
        "stages": CHEAP,
        "interval": 0.0,
        "patience": 0.0,
        "max_jobs": 1,
        "rate": None,
        **more,
    }
    return VerifyOptions(url=url, contract=server.contract, key=KEYS[0], ledger=ledger, **given)


def still(seconds: float) -> None:
    """Wait for nothing."""


def killing(call: int, *, after: bool) -> Callable[[pytest.MonkeyPatch], None]:
    """Stop the run at its `call`-th exchange, before it leaves or when its answer is there."""

    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        genuine = ServerUnderTest._exchange
        count = 0

        def exchange(self: ServerUnderTest, *given: Any) -> Exchange:
            nonlocal count
            count += 1
            if count == call and not after:
                raise Killed
            found = genuine(self, *given)
            if count == call:
                raise Killed
            return found

        monkeypatch.setattr(ServerUnderTest, "_exchange", exchange)

    return patch


def run_until_killed(request: VerifyOptions, kill: Callable[[pytest.MonkeyPatch], None]) -> bool:
    """Whether the run was stopped."""
    with pytest.MonkeyPatch.context() as patches:
        kill(patches)
        try:
            verify(request, Progress(sleep=still))
        except Killed:
            return True
    return False


@pytest.mark.parametrize("server", [Faithful, Credulous, Forgetful])
@pytest.mark.parametrize("jobs", [0, 1, 2])
def test_a_whole_run_makes_no_more_jobs_than_it_may(
    server: type[GoodServer], jobs: int, tmp_path: Path
) -> None:
    one = server()
    with opened(one) as url:
        run, _ = verify(ask(one, url, tmp_path / "ledger", max_jobs=jobs), Progress(sleep=still))
    assert len(one.jobs) <= jobs
    assert run.jobs >= len(one.jobs)


@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
)
@given(
    stops=st.lists(st.tuples(st.integers(1, 60), st.booleans()), min_size=1, max_size=4),
    jobs=st.integers(1, 3),
    server=st.sampled_from([Faithful, Credulous, Forgetful]),
)
def test_stopped_anywhere_and_taken_up_again_it_pays_no_more(
    stops: list[tuple[int, bool]], jobs: int, server: type[GoodServer]
) -> None:
    one = server()
    with TemporaryDirectory() as folder, opened(one) as url:
        ledger = Path(folder) / "ledger.jsonl"
        request = ask(one, url, ledger, max_jobs=jobs)
        for call, after in stops:
            if not run_until_killed(request, killing(call, after=after)):
                break
        else:
            verify(request, Progress(sleep=still))
    assert len(one.jobs) <= jobs


def calls_of_a_run(tmp_path: Path) -> int:
    one = Faithful()
    with opened(one) as url:
        run, _ = verify(ask(one, url, tmp_path / "whole", stages=AROUND_A_JOB), Progress(sleep=still))
    return run.calls


def test_stopped_at_every_call_it_pays_once_and_takes_the_job_up_again(tmp_path: Path) -> None:
    for call in range(1, calls_of_a_run(tmp_path) + 1):
        for after in (False, True):
            one = Faithful()
            with opened(one) as url:
                request = ask(one, url, tmp_path / f"{call}-{after}", stages=AROUND_A_JOB)
                run_until_killed(request, killing(call, after=after))
                one.now += 60_000
                run, _ = verify(request, Progress(sleep=still))
            assert len(one.jobs) <= 1, (call, after)
            assert run.jobs <= 1, (call, after)


def test_a_lost_answer_is_looked_for_in_the_list_and_not_paid_again(tmp_path: Path) -> None:
    one = Forgetful()
    with opened(one) as url:
        run, _ = verify(ask(one, url, tmp_path / "ledger", stages=("job",)), Progress(sleep=still))
    assert len(one.jobs) == 1
    assert "status.answered" in {finding.check for finding in run.findings}
    assert any("found as" in note for note in run.notes)
    assert run.jobs == 1


def test_a_ledger_of_another_endpoint_is_refused(tmp_path: Path) -> None:
    one = Faithful()
    with opened(one) as url:
        request = ask(one, url, tmp_path / "ledger", stages=("job",))
        run_until_killed(request, killing(2, after=True))
    with opened(one) as url, pytest.raises(SettingsError, match="is the ledger of"):
        verify(ask(one, url, tmp_path / "ledger"), Progress(sleep=still))


def test_a_plan_sends_nothing(tmp_path: Path) -> None:
    outlines = plan(ask(Faithful(), "http://127.0.0.1:1", None))
    assert [one.stage.name for one in outlines] == list(CHEAP)
    assert sum(call.calls for one in outlines for call in one.calls if call.billable == "yes") == 1


def test_a_killed_process_leaves_a_ledger_that_is_taken_up(tmp_path: Path) -> None:
    one = Faithful()
    code = f"""
import os, signal, sys
from pathlib import Path
from mockserver.kit.contracts import load
from mockserver.kit.verify.target import ServerUnderTest
from mockserver.kit.verify.verify import VerifyOptions, verify
genuine = ServerUnderTest._exchange
def exchange(self, *given):
    answered = genuine(self, *given)
    if self.history.read(answered).role == "submit":
        os.kill(os.getpid(), signal.SIGKILL)
    return answered
ServerUnderTest._exchange = exchange
options = VerifyOptions(sys.argv[1], load("gmicloud"), key={KEYS[0]!r}, stages=("job",), max_jobs=1,
                        ledger=Path(sys.argv[2]))
verify(options)
"""
    ledger = tmp_path / "ledger"
    with opened(one) as url:
        done = subprocess.run(
            [sys.executable, "-c", code, url, str(ledger)], env=clean_environment(tmp_path), check=False
        )
        assert done.returncode == -signal.SIGKILL
        assert len(one.jobs) == 1
        run, _ = verify(ask(one, url, ledger, stages=("job",)), Progress(sleep=still))
    assert len(one.jobs) == 1
    assert run.jobs == 1
    assert any("found as" in note for note in run.notes)
