"""Who gets a place among the callbacks: nobody waits for a receiver that is not his."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.engine.callbacks import places
from mockserver.engine.callbacks.places import Places, Waiting, receiver_of
from mockserver.stores.base import StoredDocument


def job(name: str, receiver: str = "a", tenant: str = "t", *, retry: bool = False, at: int = 0) -> Waiting:
    """A job that waits."""
    return Waiting(StoredDocument(tenant, "callback", name, {}), (receiver, 80), retry, at)


def taken(waiting: Places) -> list[str]:
    """Who gets a place now, in that order."""
    names = []
    while (next_job := waiting.take()) is not None:
        names.append(next_job.stored.name)
    return names


def test_a_receiver_that_never_answers_delays_its_own_alone() -> None:
    waiting = Places()
    for number in range(100):
        assert waiting.offer(job(f"dead {number}", "dead"))
    assert len(taken(waiting)) == places.PER_RECEIVER
    assert waiting.offer(job("good", "good"))
    assert taken(waiting) == ["good"]


def test_a_tenant_with_many_such_receivers_delays_its_own_alone() -> None:
    waiting = Places()
    for number in range(500):
        assert waiting.offer(job(f"dead {number}", f"dead {number}"))
    assert len(taken(waiting)) == places.PER_TENANT
    assert waiting.offer(job("good", "good", "another tenant"))
    assert taken(waiting) == ["good"]


def test_first_tries_go_before_retries_and_what_fell_due_first_before_the_rest() -> None:
    waiting = Places()
    for waiter in (job("r", retry=True), job("c", at=3), job("a", at=1), job("b", at=2)):
        assert waiting.offer(waiter)
    assert taken(waiting) == ["a", "b", "c", "r"]


def test_a_tenant_with_fewer_places_goes_before_one_with_more() -> None:
    waiting = Places()
    for name in ("t1", "t2", "u1", "u2"):
        assert waiting.offer(job(name, name, tenant=name[0]))
    assert taken(waiting) == ["t1", "u1", "t2", "u2"]

    waiting.leave(("u", "u1"))
    waiting.leave(("u", "u2"))
    for name, tenant in (("t3", "t"), ("v1", "v"), ("v2", "v")):
        assert waiting.offer(job(name, name, tenant))
    assert taken(waiting) == ["v1", "v2", "t3"]


def test_places_are_bounded_and_whoever_leaves_frees_one_of_each_kind() -> None:
    waiting = Places()
    for number in range(100):
        assert waiting.offer(job(f"{number}", f"{number}", f"tenant {number}"))
    assert len(taken(waiting)) == places.MAX_PARALLEL
    assert ("tenant 0", "0") in waiting
    assert ("tenant 99", "99") in waiting
    waiting.leave(("tenant 0", "0"))
    waiting.leave(("tenant 99", "99"))
    assert ("tenant 0", "0") not in waiting
    assert ("tenant 99", "99") not in waiting
    assert len(taken(waiting)) == 1


@pytest.mark.parametrize(
    ("receiver", "tenant", "most"), [("r", "{}", places.PER_RECEIVER), ("{}", "t", places.PER_TENANT)]
)
def test_one_place_that_is_left_is_one_more(receiver: str, tenant: str, most: int) -> None:
    waiting = Places()
    for number in range(most + 3):
        assert waiting.offer(job(f"{number}", receiver.format(number), tenant.format(number)))
    names = taken(waiting)
    assert len(names) == most
    waiting.leave((tenant.format(names[0]), names[0]))
    assert len(taken(waiting)) == 1


def test_what_waits_in_memory_is_bounded() -> None:
    waiting = Places()
    accepted = sum(waiting.offer(job(f"job {number}", "dead")) for number in range(2000))
    assert accepted == places.WAITING_PER_RECEIVER
    accepted += sum(waiting.offer(job(f"more {number}", f"{number}")) for number in range(2000))
    assert accepted == places.MAX_WAITING
    assert len(taken(waiting)) == places.PER_TENANT
    assert waiting.offer(job("later", "x"))


@given(st.lists(st.tuples(st.integers(0, 20), st.booleans(), st.sampled_from("abc"), st.sampled_from("tu"))))
def test_places_that_are_left_are_free_again(steps: list[tuple[int, bool, str, str]]) -> None:
    waiting = Places()
    for number, leaves, receiver, tenant in steps:
        name = str(number)
        if leaves:
            waiting.leave((tenant, name))
        elif (tenant, name) not in waiting:
            waiting.offer(job(name, receiver, tenant))
            waiting.take()
    for number in range(21):
        for tenant in "tu":
            waiting.leave((tenant, str(number)))
    assert not any((waiting._waiting, waiting._running, waiting._queued, waiting._called, waiting._served))


def test_a_receiver_is_a_host_and_a_port() -> None:
    assert receiver_of("http://Hooks.Example:81/x") == ("hooks.example", 81)
    assert receiver_of("http://[::1") == receiver_of("http://x:y/") == ("", 0)
