"""What a status word's place in jobs' lives says of it."""

from __future__ import annotations

import pytest

from mockserver.kit.contracts import load
from mockserver.kit.drift.undocumented_states import UndocumentedStates
from mockserver.kit.traffic.facts import AnswerFact, Sighting

LINK = "https://x.example/a.mp4"


def lives(*words: str, linked: str = "", reasoned: str = "") -> UndocumentedStates:
    """A job of gmicloud that goes through those words; `linked` comes with a link, `reasoned` a reason."""
    watched = UndocumentedStates(load("gmicloud").states)
    for word in words:
        facts = {"job.id": AnswerFact("a", "/request_id"), "job.state": AnswerFact(word, "/status")}
        if word == linked:
            facts["media.video"] = AnswerFact(LINK, "/outcome/video_url")
        if word == reasoned:
            facts["job.reason"] = AnswerFact("no", "/outcome/error")
        watched.add([Sighting(None, facts)])
    return watched


@pytest.mark.parametrize(
    ("words", "phase"),
    [
        (("queued", "X", "processing"), "waiting"),
        (("X", "queued"), "waiting"),
        (("processing", "X", "success"), "running"),
        (("queued", "X", "success"), "running"),
        (("processing", "X"), "running"),
        (("queued", "X"), "waiting"),
        (("X",), "waiting"),
        (("processing", "aborted"), "cancelled"),
        (("processing", "rejected"), "failed"),
        (("processing", "finished"), "succeeded"),
        (("processing", "finishing", "success"), "running"),
    ],
)
def test_the_phase_is_guessed_from_the_neighbours_and_last_from_the_name(
    words: tuple[str, ...], phase: str
) -> None:
    (new,) = [word for word in words if word not in load("gmicloud").states]

    assert lives(*words).word(new).phase == phase


def test_a_link_is_success_and_a_reason_is_failure() -> None:
    assert lives("processing", "X", linked="X").word("X").phase == "succeeded"
    assert lives("processing", "X", reasoned="X").word("X").phase == "failed"


def test_the_words_around_it_are_remembered_once_each() -> None:
    word = lives("queued", "X", "X", "processing", "X", "success").word("X")

    assert word.before == ("queued", "processing")
    assert word.after == ("processing", "success")
