"""What a fault did to an answer on its way, in words."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.engine.admin.story import Story
from mockserver.engine.admin.story_lines import details
from mockserver.engine.journal.delivery import of_reply
from mockserver.engine.journal.meaning import meaning
from mockserver.faults.seams import Reply
from tests.engine.journal.test_meaning import ENTRY

CLOSED = "nothing of it arrived: the connection was closed"
RESET = "nothing of it arrived: the connection was reset"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, None),
        ({"delay": 1.5}, "1.5 s late"),
        ({"drip": 64}, "it came at 64 bytes a second"),
        ({"drip": 64, "delay": 2.0}, "it came at 64 bytes a second, 2 s late"),
        ({"cut": 0}, "only 0 of its 4 bytes arrived, then the connection was closed"),
        ({"cut": 3, "drip": 1}, "only 3 of its 4 bytes arrived, then the connection was closed"),
        ({"cut": 4}, None),
        ({"cut": 5, "drip": 1}, "it came at 1 byte a second"),
        ({"disconnect": "reset", "cut": 1}, RESET),
        ({"disconnect": "lost", "cut": 1}, CLOSED),
        ({"disconnect": "lost", "delay": 3}, f"{CLOSED}, 3 s late"),
    ],
)
def test_each_way_has_its_words(changes: dict[str, Any], words: str | None) -> None:
    reply = Reply(200, [], b"body")
    for name, value in changes.items():
        setattr(reply, name, value)

    assert of_reply(reply) == words


def test_it_stands_after_what_the_exchange_meant_and_before_the_fault() -> None:
    entry = ENTRY._replace(role="read", state="done", delivery=CLOSED, faults=("slow",), warnings=("late",))

    assert meaning(entry, {}) == f"done; {CLOSED}; fault slow; warning late"
    assert [*details(entry, Story([entry]), ())] == [
        "fault slow",
        "warning: late",
    ]
