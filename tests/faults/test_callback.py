"""What callback faults make of what is to be delivered."""

from __future__ import annotations

from mockserver.faults.base import CallbackFault
from mockserver.faults.rule import make_fault
from mockserver.faults.seams import Delivery
from tests.faults.inputs import delivery


def change(name: str, *deliveries: Delivery, **settings: object) -> list[Delivery]:
    fault = make_fault(name, settings)
    assert isinstance(fault, CallbackFault)
    return [changed for one in deliveries or (delivery(),) for changed in fault.change(one)]


def test_late() -> None:
    assert change("callback-late", seconds=60) == [delivery(at=62_000)]


def test_twice() -> None:
    assert change("callback-twice", seconds=1) == [delivery(), delivery(at=3000, copy=1)]


def test_out_of_order() -> None:
    changed = change("callback-out-of-order", delivery(1, 2000), delivery(2, 8000), seconds=60)

    assert [one.number for one in sorted(changed, key=lambda one: one.at)] == [2, 1]
    assert [one.at for one in changed] == [117_999, 111_998]


def test_out_of_order_at_one_moment() -> None:
    changed = change("callback-out-of-order", delivery(1, 0), delivery(2, 0))

    assert changed[0].at > changed[1].at


def test_out_of_order_begins_at_the_turn() -> None:
    due = [delivery(at=at) for at in (1059, 1060, 1061)]
    due = [one._replace(submitted=1000) for one in due]

    assert [one.at for one in change("callback-out-of-order", *due, seconds=0.06)] == [1060, 1060, 1061]


def test_out_of_order_leaves_what_is_due_later() -> None:
    assert change("callback-out-of-order", delivery(at=90_000), seconds=60) == [delivery(at=90_000)]


def test_early() -> None:
    first, second = delivery(1, 2000), delivery(2, 8000)

    assert change("callback-early", first, second) == [first._replace(early=True), second]
    assert all(one.early for one in change("callback-early", first, second, every=True))


def test_forged() -> None:
    assert change("callback-forged") == [delivery(forged=True)]


def test_never() -> None:
    assert change("callback-never") == []
