"""kkiai's rules: what each refuses, and that the schemas mirror them exactly."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.contract.loader import load_contract
from mockserver.contract.rules.kkiai import check
from mockserver.contract.source import builtin_root
from mockserver.contract.submit_body import Body
from mockserver.contract.violation import Violation

DOCUMENTED: frozenset[str] = frozenset()
NATIVE = frozenset({"native"})
PICTURE = "https://example.com/harbour.jpg"
BASE: dict[str, Any] = {"model_name": "kling-v3", "image": PICTURE, "mode": "pro", "duration": "5"}
AXES = ("horizontal", "vertical", "pan", "tilt", "roll", "zoom")


def _no_picture(data: bytes) -> Any:
    raise ValueError("only links here")


@cache
def _submit(*overlays: str) -> Body:
    contract = load_contract(builtin_root() / "kkiai", measure=_no_picture, overlays=overlays)
    body = contract.operations["submitImage2Video"].body
    assert body is not None
    return body


def _shots(*durations: str) -> dict[str, Any]:
    shots = [{"index": n, "prompt": "dawn", "duration": length} for n, length in enumerate(durations, 1)]
    return {"multi_shot": True, "shot_type": "customize", "multi_prompt": shots}


def _speaking(prompt: str, voices: int) -> dict[str, Any]:
    return {"prompt": prompt, "sound": "on", "voice_list": [{"voice_id": "v"}] * voices}


def _camera(**config: float) -> dict[str, Any]:
    return {"camera_control": {"type": "simple", "config": config}}


def _broken(profile: frozenset[str] = DOCUMENTED, **fields: Any) -> list[tuple[str, str]]:
    return [(broken.pointer, broken.keyword) for broken in check(BASE | fields, profile)]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        _shots("5"),
        _shots("2", "3"),
        {**_shots("1", "2", "7"), "duration": 10},
        {**_shots("9"), "multi_shot": False},
        _speaking("<<<voice_2>>> answers <<<voice_1>>>", 2),
        {"prompt": "<<<voice_2>>> is not heard", **_shots("5")},
        _camera(pan=-10),
        _camera(horizontal=1.0, vertical=0, pan=0, tilt=0, roll=0, zoom=0),
        {"camera_control": {"type": "down_back"}},
    ],
)
def test_bodies_that_keep_the_rules(fields: dict[str, Any]) -> None:
    assert _broken(**fields) == []
    assert _submit().is_valid(BASE | fields)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (_shots("2", "2"), [("/multi_prompt", "x-sum")]),
        (_shots("5", "5"), [("/multi_prompt", "x-sum")]),
        (_shots("6"), [("/multi_prompt/0/duration", "x-sum")]),
        ({**_shots("2", "3"), "duration": 10}, [("/multi_prompt", "x-sum")]),
        (_speaking("<<<voice_1>>> speaks", 0), [("/prompt", "x-voice")]),
        (_speaking("<<<voice_3>>> and <<<voice_0>>>", 2), [("/prompt", "x-voice")] * 2),
        (_speaking("<<<voice_01>>> speaks", 2), [("/prompt", "x-voice")]),
        (_camera(), [("/camera_control/config", "x-one-axis")]),
        (_camera(pan=0, zoom=0.0), [("/camera_control/config", "x-one-axis")]),
        (_camera(pan=1, zoom=-1), [("/camera_control/config", "x-one-axis")]),
    ],
)
def test_bodies_that_break_a_rule(fields: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert _broken(**fields) == expected
    assert not _submit().schema.is_valid(BASE | fields)


class _TakesAll:
    """A schema that every body keeps to."""

    def is_valid(self, body: Any) -> bool:
        """Always."""
        return True


def test_a_rule_refuses_a_body_that_its_schema_takes() -> None:
    def rule(body: Any) -> Iterator[Violation]:
        if body == {"a": 1}:
            yield Violation("body", "/a", "x-one", 1, "not 1", "")

    body = Body(_TakesAll(), rule, required=True, null_is_absent=False)  # type: ignore[arg-type]
    assert [body.is_valid(sent) for sent in ({"a": 1}, {"a": 2})] == [False, True]


@pytest.mark.parametrize(
    ("camera", "sent"), [({"config": {"pan": 1, "tilt": 2}}, {"pan": 1, "tilt": 2}), ({}, None)]
)
def test_a_broken_rule_shows_what_was_sent_at_its_place(camera: dict[str, Any], sent: Any) -> None:
    (violation,) = [
        violation
        for violation in _submit().explain(BASE | {"camera_control": {"type": "simple", **camera}})
        if violation.pointer == "/camera_control/config"
    ]

    assert violation.sent == sent


def test_the_rule_speaks_in_place_of_the_schema_that_mirrors_it() -> None:
    violations = _submit().explain(BASE | _shots("2", "4"))

    assert [violation.keyword for violation in violations] == ["x-sum"]
    assert "add up to the 5 seconds of duration; 2 + 4 = 6" in violations[0].text()


def test_groups_exclude_one_another_in_the_native_reading_alone() -> None:
    fields: dict[str, Any] = {
        "image_tail": PICTURE,
        "static_mask": PICTURE,
        "camera_control": {"type": "down_back"},
    }

    assert _broken(**fields) == []
    assert _broken(NATIVE, **fields) == [("/static_mask", "x-groups"), ("/camera_control", "x-groups")]


def test_empty_values_are_no_group() -> None:
    fields: dict[str, Any] = {"image_tail": "", "static_mask": "", "dynamic_masks": [{"mask": PICTURE}]}

    assert _broken(NATIVE, **fields) == []
    assert _submit("native").is_valid(BASE | {"prompt": "dawn"} | fields)


def test_a_native_body_without_duration_lasts_five_seconds() -> None:
    body = {key: value for key, value in (BASE | _shots("2", "3")).items() if key != "duration"}

    assert list(check(body, NATIVE)) == []


def _agree(fields: dict[str, Any], *overlays: str) -> None:
    """The schema alone accepts just what the rules accept."""
    body = BASE | fields
    assert _submit(*overlays).schema.is_valid(body) == (not list(check(body, frozenset(overlays))))


@settings(max_examples=300)
@given(
    lengths=st.lists(st.integers(1, 10).map(str), min_size=1, max_size=6),
    duration=st.sampled_from(["5", "10", 5, 10]),
)
def test_the_schema_knows_every_sum(lengths: list[str], duration: int | str) -> None:
    _agree({**_shots(*lengths), "duration": duration})


def _partitions(total: int, most: int, largest: int) -> list[tuple[int, ...]]:
    if total == 0:
        return [()]
    heads = range(1, min(total, largest) + 1) if most else range(0)
    return [(head, *tail) for head in heads for tail in _partitions(total - head, most - 1, head)]


@pytest.mark.parametrize(("total", "ways"), [(5, 7), (10, 35)])
def test_every_way_to_make_the_sum_is_taken(total: int, ways: int) -> None:
    partitions = _partitions(total, 6, total)

    assert len(partitions) == ways
    for lengths in partitions:
        assert _submit().is_valid(BASE | _shots(*map(str, lengths)) | {"duration": str(total)})


@given(
    numbers=st.lists(st.sampled_from(["0", "1", "2", "3", "01", "10", "21"]), max_size=3),
    voices=st.integers(0, 2),
)
def test_the_schema_knows_every_voice(numbers: list[str], voices: int) -> None:
    _agree(_speaking(" ".join(f"<<<voice_{number}>>>" for number in numbers), voices))


@given(st.dictionaries(st.sampled_from(AXES), st.sampled_from([0, 0.0, -0.0, 1, -10, 0.5])))
def test_the_schema_knows_every_axis(config: dict[str, float]) -> None:
    _agree(_camera(**config))


@given(
    st.fixed_dictionaries(
        {"prompt": st.just("dawn")},
        optional={
            "image_tail": st.sampled_from(["", PICTURE]),
            "static_mask": st.sampled_from(["", PICTURE]),
            "dynamic_masks": st.sampled_from([[], [{"mask": PICTURE}]]),
            "camera_control": st.just({"type": "down_back"}),
        },
    )
)
def test_the_schema_knows_every_group(fields: dict[str, Any]) -> None:
    _agree(fields, "native")
