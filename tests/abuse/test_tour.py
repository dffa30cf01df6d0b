"""The tour's own machinery: it must see a server that is held up, grows, writes much, or ends."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest

from tests.abuse.tour import KIB, MIB, PATIENCE_OF_BYSTANDER, SUBMIT, Polled, Tour, measure, submit

JSON = {"Authorization": "Bearer k", "Content-Type": "application/json"}


def test_a_usual_request_is_no_attack(shared_tour: Callable[..., Tour]) -> None:
    visit = shared_tour()
    with visit.client() as client, visit.attack(memory=20 * MIB, log=0) as attack:
        job = submit(client, "a kite")
        assert client.get(f"{SUBMIT}/{job}").status_code == 200
    assert 0 < attack.worst <= attack.allowed


def test_it_sees_a_server_that_is_held_up(shared_tour: Callable[..., Tour]) -> None:
    visit = shared_tour()
    with pytest.raises(AssertionError, match="the bystander waits for"), visit.attack():
        _hold(visit.process.process.pid, 10 * PATIENCE_OF_BYSTANDER)


def _hold(pid: int, seconds: float) -> None:
    with _held(pid):
        time.sleep(seconds)


@contextmanager
def _held(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def test_a_machine_that_holds_all_up_is_forgiven(shared_tour: Callable[..., Tour], calm: Polled) -> None:
    visit = shared_tour()
    with visit.attack() as attack, _held(calm.process.process.pid):
        _hold(visit.process.process.pid, 2 * PATIENCE_OF_BYSTANDER)
    assert PATIENCE_OF_BYSTANDER < attack.worst <= attack.allowed


def test_it_sees_a_server_that_grows(shared_tour: Callable[..., Tour]) -> None:
    visit = shared_tour()
    with pytest.raises(AssertionError, match="memory rises"), visit.attack(memory=1 * MIB):
        httpx.post(visit.url + SUBMIT, content=b" " * (8 * MIB), headers=JSON, trust_env=False)


def test_it_sees_a_server_that_writes_much(shared_tour: Callable[..., Tour]) -> None:
    visit = shared_tour()
    with pytest.raises(AssertionError, match="bytes are logged"), visit.attack(log=1 * KIB):
        visit.process.log.write_bytes(b"a line\n" * 1000)


def test_it_sees_a_server_that_ends(shared_tour: Callable[..., Tour]) -> None:
    visit = shared_tour()
    with pytest.raises(AssertionError, match="ended"), visit.attack():
        visit.process.stop()


def test_memory_is_that_of_the_process(shared_tour: Callable[..., Tour]) -> None:
    memory = measure(shared_tour().process.process.pid)
    assert 10 * MIB < memory.now <= memory.peak < 500 * MIB
