"""What a callback URL is told, beside what was asked and answered."""

from __future__ import annotations

from functools import partial
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.kit.checks.observations import reachable
from tests.kit.checks import histories
from tests.kit.checks.histories import START, exchange, findings, kling, look, tell

pytestmark = pytest.mark.quick

ids = partial(histories.ids, provider="kkiai")
STATES = ("submitted", "processing", "succeed", "failed")


def test_a_job_that_is_told_of_to_its_end_gives_no_finding() -> None:
    assert ids([kling(), tell("processing", 2), look("processing", 3), tell("succeed", 8)], heard=True) == []


@given(st.lists(st.sampled_from(STATES), unique=True, max_size=4))
def test_states_are_told_in_their_order(words: list[str]) -> None:
    states = histories.contract("kkiai").states
    calls = [kling(), *(tell(word, number + 1) for number, word in enumerate(words))]
    wrong = any(after not in reachable(states, before) for before, after in pairwise(words))
    assert ("callbacks.forward" in ids(calls)) == wrong


@pytest.mark.parametrize(
    ("status", "found"), [(200, ["callbacks.once"]), (204, ["callbacks.once"]), (500, []), (302, []), (0, [])]
)
def test_a_state_is_told_again_only_where_it_was_not_taken(status: int, found: list[str]) -> None:
    assert ids([kling(), tell("processing", 2, status=status), tell("processing", 3)]) == found


def test_a_retry_may_come_after_a_later_state() -> None:
    assert ids([kling(), tell("processing", 2, status=500), tell("succeed", 3), tell("processing", 4)]) == []


def test_a_callback_may_be_late_but_not_of_another_life() -> None:
    assert ids([kling(), look("succeed", 2), tell("processing", 3)]) == []
    assert ids([kling(), look("succeed", 2), tell("failed", 3)]) == ["callbacks.agree"]
    newer = tell("processing", 3, updated_at=START * 1000 + 1)
    assert ids([kling(), look("succeed", 2), newer]) == ["callbacks.agree"]


def test_an_answer_is_not_behind_what_was_told() -> None:
    assert ids([kling(), tell("succeed", 2), look("processing", 3)]) == ["callbacks.read-agrees"]


def test_nobody_is_told_who_did_not_ask() -> None:
    assert ids([kling(callback_url=""), tell("processing", 2)]) == ["callbacks.asked"]
    assert ids([kling(), tell("processing", 2, url="https://else.example/")]) == ["callbacks.asked"]


def test_a_strange_job_is_one_that_no_submit_can_have_made() -> None:
    strange = tell("processing", 2, task_id="850000000000000009")
    assert ids([kling(), strange]) == ["callbacks.known"]
    lost = exchange("POST", histories.KLING, 1, b"", {"callback_url": histories.RECEIVER}, status=0)
    assert ids([kling(), lost, strange]) == []
    assert ids([kling(callback_url=""), strange]) == []


def test_an_end_that_is_not_told_is_found_where_the_recorder_waited() -> None:
    silent = [kling(), tell("processing", 2), look("succeed", 9)]
    assert ids(silent) == []
    assert ids(silent, heard=True) == ["callbacks.ended"]
    assert ids([*silent, look("succeed", 80)]) == ["callbacks.ended"]
    assert ids([kling(), look("succeed", 9), look("succeed", 80)]) == []


def test_an_end_that_is_told_to_somebody_else_is_not_missed() -> None:
    silent = [kling(), look("succeed", 9)]
    assert ids(silent, heard=True, receiver=histories.RECEIVER) == ["callbacks.ended"]
    assert ids(silent, heard=True, receiver="https://else.example/") == []


def test_findings_name_the_callback_and_its_source() -> None:
    found = findings([kling(), tell("processing", 2, created_at="now")], provider="kkiai")
    assert [(one.check, one.pointer) for one in found] == [("callbacks.body", "/created_at")]
    assert found[0].source.startswith("VENDOR docs.kkiai.com")
    wrong = findings([kling(), tell("succeed", 2, task_result={"videos": []})], provider="kkiai")
    assert {one.check for one in wrong} >= {"callbacks.link"}


def test_the_envelope_of_a_callback_is_judged() -> None:
    text = tell("processing", 2)._replace(request_headers=(("content-type", "text/plain"),), method="PUT")
    assert ids([kling(), text]) == ["callbacks.type"]
    keyed = tell("processing", 2)._replace(request_headers=(*histories.JSON, ("Authorization", "[redacted]")))
    assert ids([kling(), keyed]) == ["callbacks.key"]
    assert ids([kling(), tell("processing", 2)._replace(request_body=b"{")]) == ["callbacks.body"]


def test_who_had_to_wait_for_an_answer_may_tell_again() -> None:
    assert ids([kling(), tell("processing", 2)._replace(took=5.0), tell("processing", 9)]) == []
