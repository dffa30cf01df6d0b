"""Virtual time moves as the client waits, and at no other moment."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.kit.conform.running.virtual_clock import QUIET, VirtualClock


class Journal:
    """A control plane whose journal is a script: a page of entries for each look, and none after the last."""

    def __init__(self, *pages: list[dict[str, Any]]) -> None:
        self.pages = list(pages)
        self.asked: list[dict[str, Any]] = []
        self.moves: list[str] = []

    def journal(self, **asked: Any) -> dict[str, Any]:
        """The next page."""
        self.asked.append(asked)
        return {"exchanges": self.pages.pop(0) if self.pages else []}

    def jump(self) -> None:
        """Note it."""
        self.moves.append("jump")

    def callbacks(self, *, settle: bool) -> None:
        """Note it."""
        self.moves.append(f"callbacks {settle}")


def _entry(number: int, role: str | None, job: str | None = "job-1") -> dict[str, Any]:
    return {"number": number, "role": role, "job": job}


def _clock(*pages: list[dict[str, Any]], moves: bool = True, since: int = 0) -> tuple[VirtualClock, Journal]:
    control: Any = Journal(*pages)
    return VirtualClock(control, moves=moves, since=since), control


SUBMIT = _entry(1, "submit")
MOVED = ["jump", "callbacks True"]


@pytest.mark.parametrize(
    ("page", "moved"),
    [
        ([SUBMIT, _entry(2, "read")], True),
        ([SUBMIT, _entry(2, "list")], True),
        ([SUBMIT], False),
        ([SUBMIT, _entry(2, "media")], False),
        ([_entry(1, "submit", None), _entry(2, "read")], False),
        ([_entry(1, "read")], False),
        ([_entry(1, "list"), SUBMIT, _entry(3, "media")], True),
    ],
)
def test_it_moves_when_a_client_with_a_job_asks_about_one(page: list[dict[str, Any]], moved: bool) -> None:
    clock, control = _clock(page)
    clock.watch(0.01)
    assert control.moves == (MOVED if moved else [])


def test_that_a_job_was_made_is_remembered() -> None:
    clock, control = _clock([SUBMIT], [_entry(2, "submit", None)], [_entry(3, "read")], [_entry(4, "read")])
    for moves in (0, 0, 1, 2):
        clock.watch(0.01)
        assert control.moves == MOVED * moves


def test_it_moves_after_each_silence_that_is_long_enough_and_no_sooner() -> None:
    clock, control = _clock([SUBMIT])
    half = QUIET / 2
    for moves in (0, 1, 1, 2):
        clock.watch(half)
        assert control.moves == MOVED * moves


def test_a_request_ends_a_silence() -> None:
    clock, control = _clock([SUBMIT], [_entry(2, "read")], [])
    clock.watch(QUIET * 0.75)
    clock.watch(QUIET * 0.75)
    clock.watch(QUIET * 0.75)
    assert control.moves == MOVED


def test_without_a_job_no_silence_moves_it() -> None:
    clock, control = _clock()
    clock.watch(QUIET * 2)
    assert control.moves == []


def test_while_it_is_held_it_only_counts() -> None:
    clock, control = _clock([SUBMIT], [_entry(2, "read")], [_entry(3, "read")])
    clock.held = True
    clock.watch(QUIET)
    clock.watch(QUIET)
    assert (control.moves, clock.count("read")) == ([], 1)
    clock.held = False
    clock.watch(0.01)
    assert (control.moves, clock.count("read")) == (MOVED, 2)


def test_a_clock_that_does_not_move_counts_all_the_same() -> None:
    clock, control = _clock([SUBMIT, _entry(2, "read")], moves=False)
    clock.watch(QUIET * 2)
    assert (control.moves, clock.count("submit"), clock.count("read")) == ([], 1, 1)


def test_fetches_count_in_either_way_and_from_nothing_again() -> None:
    page = [_entry(1, "media"), _entry(2, "content"), _entry(3, "media"), _entry(4, None)]
    clock, _ = _clock(page)
    clock.watch(0.01)
    assert [clock.count(role) for role in ("media", "content", "read", "None")] == [3, 3, 0, 1]
    clock.reset_counts()
    assert clock.count("media") == 0


def test_each_look_asks_for_what_is_new() -> None:
    clock, control = _clock([_entry(9, "read"), _entry(8, "read")], [], since=7)
    clock.watch(0.25)
    clock.watch(0.5)
    looks = [(asked["since"], asked["wait"], asked["count"], asked["bodies"]) for asked in control.asked]
    assert looks == [(7, 0.25, 1, False), (9, 0.5, 1, False)]
