"""A recording is judged as far as its bodies are there, and a verdict says how far that was."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import CliRunner

from mockserver.cli import group
from mockserver.kit.findings.run import INCOMPLETE, Run
from mockserver.kit.trace.judge import check_trace
from mockserver.kit.traffic.exchange import Exchange
from mockserver.kit.traffic.history import History
from tests.kit.miniatures.base import GoodServer
from tests.kit.miniatures.walk import recorded

Spoil = Callable[[Exchange], Exchange]


def operations() -> list[Exchange]:
    """A recording of a good server, without the files."""
    history = History(GoodServer().contract)
    return [exchange for exchange in recorded(GoodServer) if history.read(exchange).path_known]


def judged(spoil: Spoil, share: float, at_least: float = 100.0) -> Run:
    """The recording with so much of it spoilt, in equal distances."""
    exchanges = operations()
    step = round(1 / share)
    spoilt = [
        spoil(exchange) if number % step == 0 else exchange for number, exchange in enumerate(exchanges)
    ]
    return check_trace(spoilt, GoodServer().contract, target="a.har", at_least=at_least)[0]


def cut(exchange: Exchange) -> Exchange:
    """The recorder kept no body."""
    return exchange._replace(response_body=b"", cut=True)


def test_a_whole_recording_is_judged_and_the_account_says_by_whom() -> None:
    run, _ = check_trace(recorded(GoodServer), GoodServer().contract, target="a.har")
    assert run.not_judged == ()
    assert sum(row.calls for row in run.account) == run.calls
    assert {row.stage for row in run.account} == {"recording"}


def test_a_recording_without_any_body_is_no_pass_whatever_is_asked_for() -> None:
    for at_least in (100.0, 0.0):
        run = judged(cut, 1.0, at_least)
        assert run.exit_code == INCOMPLETE
        assert run.not_judged[0] == "no body of the recording could be judged"
        assert any("the recording lacks a body" in line for line in run.not_judged)
        assert not any(row.judged for row in run.account)


@pytest.mark.parametrize(("at_least", "code"), [(100.0, INCOMPLETE), (76.0, INCOMPLETE), (70.0, 0)])
def test_as_much_is_judged_as_is_asked_for(at_least: float, code: int) -> None:
    run = judged(cut, 0.25, at_least)
    assert run.exit_code == code
    if code:
        assert "entries with a body were judged; --at-least 7" in run.not_judged[0]
    else:
        assert any("as --at-least allows" in note for note in run.notes)


def test_the_share_that_a_run_names_is_one_that_passes() -> None:
    run = judged(cut, 1 / 3)
    share = float(run.not_judged[0].rpartition("--at-least ")[2].partition(" ")[0])
    assert judged(cut, 1 / 3, share).exit_code == 0


def test_a_share_is_a_percentage() -> None:
    done = CliRunner().invoke(group, ["check-trace", "a.har", "--at-least", "101"])
    assert done.exit_code == 2
    assert "0<=x<=100" in done.output
