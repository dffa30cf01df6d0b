"""Markers: what they ask for, and the rules they stand for."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.faults.catalogue import faults
from mockserver.faults.marker import Marker, read_key_markers, read_markers
from mockserver.faults.marker_rules import Marked, key_rules, prompt_rules
from tests.faults.inputs import subject


@pytest.mark.parametrize(
    ("prompt", "wishes"),
    [
        ("a kite", []),
        ("[mock:]", []),
        ("a [mock:fail] b", [Marker("fail", None, {})]),
        ("[mock:fail=Bad image]", [Marker("fail", "Bad image", {})]),
        ("[mock:cancel] [mock:fail]", [Marker("cancel", None, {}), Marker("fail", None, {})]),
        ("[mock:too-many=date times=2]", [Marker("too-many", "date", {"times": "2"})]),
        ('[mock:fail reason="a b" nth=2-4]', [Marker("fail", None, {"reason": "a b", "nth": "2-4"})]),
        ("[mock:slow=3][mock:no-link]", [Marker("slow", "3", {}), Marker("no-link", None, {})]),
    ],
)
def test_wishes_of_a_prompt(prompt: str, wishes: list[Marker]) -> None:
    assert read_markers(prompt) == wishes


@pytest.mark.parametrize(
    ("key", "wishes"),
    [
        ("sk-1", []),
        ("sk-1--mock:too-many", [Marker("too-many", None, {})]),
        (
            "sk-1--mock:delay=2,times=3--mock:fail",
            [Marker("delay", "2", {"times": "3"}), Marker("fail", None, {})],
        ),
    ],
)
def test_wishes_of_a_key(key: str, wishes: list[Marker]) -> None:
    assert read_key_markers(key) == wishes


def only(marked: Marked) -> dict[str, Any]:
    assert marked.complaints == ()
    assert len(marked.rules) == 1
    return marked.rules[0].model_dump(include={"when", "settings", "times"})


@pytest.mark.parametrize(
    ("prompt", "rule"),
    [
        ("[mock:fail=Bad]", {"when": {}, "settings": {"reason": "Bad"}, "times": None}),
        ("[mock:fail=404]", {"when": {}, "settings": {"reason": "404"}, "times": None}),
        ("[mock:too-many]", {"when": {"role": ["submit"]}, "settings": {}, "times": 1}),
        ("[mock:lost-answer]", {"when": {"role": ["submit"]}, "settings": {}, "times": 1}),
        (
            "[mock:gateway-page=504 role=read times=2]",
            {"when": {"role": "read"}, "settings": {"status": 504}, "times": 2},
        ),
        ("[mock:missing-for-a-while=3]", {"when": {}, "settings": {"reads": "3"}, "times": None}),
    ],
)
def test_rules_of_a_prompt(prompt: str, rule: dict[str, Any]) -> None:
    assert only(prompt_rules(prompt)) == rule


def test_rules_of_a_key_are_for_every_request() -> None:
    marked = key_rules("sk-1--mock:too-many=none")

    assert only(marked) == {"when": {}, "settings": {"retry_after": "none"}, "times": None}
    assert marked.rules[0].holds(subject(role="read"))


def test_rules_of_one_prompt_count_for_themselves() -> None:
    first, second = prompt_rules("[mock:reset role=read times=1][mock:reset role=submit times=1]").rules
    other = prompt_rules("b [mock:reset role=read times=1]").rules[0]

    assert len({first.id, second.id, other.id}) == 3


@pytest.mark.parametrize(
    ("prompt", "complaint"),
    [
        ("[mock:tomany]", "marker 'tomany': fault: 'tomany' is not known; did you mean 'too-many'?"),
        ("[mock:tomany=1]", "marker 'tomany': fault: 'tomany' is not known"),
        ("[mock:no-id=3]", "marker 'no-id': no-id has no main setting; write name=value"),
        ("[mock:delay=x]", "marker 'delay': settings.seconds: input should be a valid number"),
        ("[mock:delay times=x]", "marker 'delay': times: input should be a valid integer"),
        ("[mock:delay nth=x]", "marker 'delay': when.nth: give a number from 1"),
    ],
)
def test_a_marker_that_makes_no_sense_is_told_of(prompt: str, complaint: str) -> None:
    marked = prompt_rules(prompt)

    assert marked.rules == ()
    assert [text[: len(complaint)] for text in marked.complaints] == [complaint]


@pytest.mark.parametrize("name", faults())
def test_every_fault_has_a_marker(name: str) -> None:
    needed = "=policy" if name == "answer" else ""

    assert only(prompt_rules(f"[mock:{name}{needed}]"))
    assert only(key_rules(f"sk--mock:{name}{needed}"))
