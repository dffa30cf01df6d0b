"""Where the picture of a case puts its marks, what it calls them, and what it leaves out."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import pytest

from mockserver.kit.conform.reports.sequence_diagram import (
    DRAWN,
    LEFT,
    LINE,
    RIGHT,
    ROW,
    Mark,
    SequenceDiagram,
    draw,
    sign,
)
from mockserver.kit.conform.results.result import TimelineStep
from tests.kit.conform.matrices import FAILED

STEP: Final = TimelineStep(1, 0.0, 0.0, "read", "GET", "/requests/1", 200, "queued")


def _drawn(*steps: TimelineStep) -> SequenceDiagram:
    drawn = draw(replace(FAILED, steps=steps, breaches=()))
    assert drawn is not None
    return drawn


def _at(*moments: float, took: float = 0.0) -> list[TimelineStep]:
    return [replace(STEP, number=number, at=at, took=took) for number, at in enumerate(moments, 1)]


def _marks(drawn: SequenceDiagram) -> list[Mark]:
    return sorted((mark for lane in drawn.lanes for mark in lane.marks), key=lambda mark: mark.x)


def _places(*moments: float, took: float = 0.0) -> list[tuple[float, float]]:
    return [(mark.x, mark.width) for mark in _marks(_drawn(*_at(*moments, took=took)))]


def test_a_mark_stands_where_its_time_is_and_is_as_long_as_it_took() -> None:
    room = RIGHT - LEFT
    assert _places(2.0, 3.0, 5.0, took=1.0) == [
        (LEFT, room / 4),
        (round(LEFT + room / 4, 2), room / 4),
        (round(LEFT + room * 3 / 4, 2), room / 4),
    ]


def test_a_clock_that_was_set_back_moves_no_mark_out_of_the_picture() -> None:
    steps = _at(1.0, 0.5, 1.5, 2.0, 3.0)
    steps[3] = replace(steps[3], took=-1.0)
    marks = [(mark.x, mark.width) for mark in _drawn(*steps).lanes[0].marks]
    assert marks == [(LEFT, 0), (LEFT, 0), (37.25, 0), (57.5, 0), (RIGHT, 0)]


@pytest.mark.parametrize(
    ("moments", "scale"),
    [
        ((0.0, 0.0), "evenly spaced, not by time"),
        ((1.0,), "evenly spaced, not by time"),
        ((0.0, 1.0, 10.0), "by time"),
        ((0.0, 2.0, 8.0, 10.0), "by time"),
        ((0.0, 1.0, 8.0, 10.0), "evenly spaced, not by time"),
    ],
)
def test_marks_stand_evenly_where_one_pause_leaves_the_others_no_room(
    moments: tuple[float, ...], scale: str
) -> None:
    drawn = _drawn(*_at(*moments))
    assert drawn.scale == scale
    assert (drawn.first, drawn.last) == (f"{moments[0]:.2f} s", f"{moments[-1]:.2f} s")
    if scale != "by time":
        gap = (RIGHT - LEFT) / max(1, len(moments) - 1)
        assert [mark.x for mark in _marks(drawn)] == [
            round(LEFT + gap * index, 2) for index in range(len(moments))
        ]


def test_the_picture_ends_when_the_last_answer_has_come() -> None:
    assert _drawn(replace(STEP, took=9.0), replace(STEP, number=2, at=1.0)).last == "9.00 s"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (0, "silent"),
        (200, "fine"),
        (299, "fine"),
        (300, "moved"),
        (399, "moved"),
        (400, "refused"),
        (499, "refused"),
        (500, "broken"),
    ],
)
def test_a_mark_is_of_the_class_of_its_status(status: int, kind: str) -> None:
    assert sign(replace(STEP, status=status)) == kind
    assert sign(replace(STEP, status=status, heard=False)) == "silent"


def test_a_title_says_what_was_sent_and_what_came() -> None:
    step = replace(STEP, number=7, at=1.25, faults=("delay", "malformed"), note="no such job")
    quiet = replace(STEP, status=0)
    assert [mark.title for mark in _marks(_drawn(step))] == [
        "#7 at 1.250 s: GET /requests/1: 200 queued (delay, malformed); no such job"
    ]
    assert [mark.title for mark in _marks(_drawn(quiet))] == ["#1 at 0.000 s: GET /requests/1: no answer"]


def test_lanes_are_in_the_order_of_roles_and_those_of_no_role_are_last() -> None:
    roles = ("", "media", "cancel", "read", "submit")
    steps = [replace(step, role=role) for step, role in zip(_at(0, 1, 2, 3, 4), roles, strict=True)]
    drawn = _drawn(*steps)
    assert [lane.name for lane in drawn.lanes] == ["submit", "read", "cancel", "media", "other"]
    tops = [lane.top for lane in drawn.lanes]
    assert tops == [(LINE + 2 * ROW) * index for index in range(5)]
    assert drawn.height == (LINE + 2 * ROW) * 5


def test_a_lane_with_a_second_line_of_labels_is_higher_by_a_row() -> None:
    steps = [replace(step, state=f"{step.number}" * 20, faults=("delay",)) for step in _at(0, 0.01, 3)]
    drawn = _drawn(*steps)
    assert {label.line for label in drawn.lanes[0].labels} == {0, 1}
    assert drawn.height == LINE + 3 * ROW


def test_the_sentence_counts_what_came_again_and_ends_after_twelve() -> None:
    steps = [
        *_at(0, 1),
        *(replace(STEP, number=number, at=number, state="ab"[number % 2]) for number in range(2, 14)),
    ]
    said = _drawn(*steps[:1], *steps[2:]).description
    assert said.startswith("13 exchanges from 0.00 s to 13.00 s: read 200 queued, read 200 a, read 200 b, ")
    assert said.endswith("read 200 a, and 1 more")
    assert _drawn(*steps[:13]).description.endswith("read 200 a")
    assert ": read 200 queued (2 times), read 200 a, " in _drawn(*steps).description


@pytest.mark.parametrize("more", [0, 1])
def test_all_are_drawn_up_to_a_number_and_then_both_ends(more: int) -> None:
    drawn = _drawn(*_at(*range(DRAWN + more)))
    numbers = [mark.title.split()[0] for mark in _marks(drawn)]
    left_out = {f"#{DRAWN // 2 + 1}"} if more else set()
    assert numbers == [f"#{number}" for number in range(1, DRAWN + more + 1) if f"#{number}" not in left_out]
    assert drawn.scale == "by time" + "; 1 more in the middle" * more


def test_what_a_breach_names_and_what_met_a_fault_is_labelled_before_the_rest() -> None:
    steps = _at(*range(30))
    steps[15] = replace(steps[15], faults=("delay",))
    labels = _drawn(*steps).lanes[0].labels
    assert labels[0].text == "200 queued (delay)"
    assert labels[0].fault
    assert [label.text for label in labels[1:]] == ["200 queued"] * (len(labels) - 1)
    assert {label.x for label in labels[1:]} >= {LEFT, RIGHT}


def test_a_label_at_an_end_leans_inwards() -> None:
    labels = (
        _drawn(*_at(0, 5, 10)[:1], *(replace(step, state="x") for step in _at(0, 5, 10)[1:])).lanes[0].labels
    )
    assert {label.x: label.anchor for label in labels} == {LEFT: "middle", 57.5: "middle", RIGHT: "end"}
    long = _drawn(*(replace(step, state="a" * 30) for step in _at(0, 5))).lanes[0].labels
    assert {label.x: label.anchor for label in long} == {LEFT: "start", RIGHT: "end"}
