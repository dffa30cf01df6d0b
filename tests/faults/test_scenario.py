"""Scenario files: read, refused with their place, published as a schema."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from mockserver.errors import SettingsError
from mockserver.faults.catalogue import faults
from mockserver.faults.scenario import (
    SCHEMA_FILE,
    Scenario,
    ScenarioClock,
    load_scenario,
    scenario_schema,
    schema_text,
)
from tests.serving import ROOT

EPOCH, END = "1970-01-01T00:00:00+00:00", "9999-12-31T23:59:59.999000+00:00"
LATEST: Final = 253_402_300_799_999

TOML = """
title = "A busy day"
pace = "polls:3"
[clock]
mode = "frozen"
at = 2026-09-21T14:13:20Z
[[rules]]
fault = "too-many"
when = { role = "submit", nth = "2-3" }
settings = { retry_after = "date" }
[[rules]]
id = "mine"
fault = "fail"
times = 1
[[quotas]]
parallel = 1
"""


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_toml(tmp_path: Path) -> None:
    scenario = load_scenario(write(tmp_path, "busy.toml", TOML))

    assert (scenario.title, scenario.pace, scenario.speed) == ("A busy day", "polls:3", 1.0)
    assert [(rule.id, rule.fault, rule.times) for rule in scenario.rules] == [
        ("too-many-1", "too-many", None),
        ("mine", "fail", 1),
    ]
    assert scenario.quotas[0].parallel == 1
    assert scenario.clock is not None
    assert (scenario.clock.mode, scenario.clock.moment) == ("frozen", 1_790_000_000_000)


def test_json_says_the_same(tmp_path: Path) -> None:
    scenario = load_scenario(write(tmp_path, "busy.toml", TOML))
    again = load_scenario(write(tmp_path, "busy.json", scenario.model_dump_json()))

    assert again == scenario


def test_a_clock_in_milliseconds() -> None:
    scenario = Scenario.model_validate({"title": "t", "clock": {"at": 5}})

    assert scenario.clock is not None
    assert scenario.clock.moment == 5


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({}, "title: field required"),
        ({"title": "t", "rulez": []}, "rulez: extra inputs are not permitted"),
        ({"title": "t", "pace": "fast"}, "pace: string should match pattern"),
        (
            {"title": "t", "clock": {"mode": "slow"}},
            "clock.mode: input should be 'real', 'scaled' or 'frozen', got 'slow'",
        ),
        ({"title": "t", "clock": {"at": "2026-09-21T14:13:20"}}, "clock.at."),
        (
            {"title": "t", "rules": [{"fault": "fail", "times": 0}]},
            "rules[0].times: input should be greater than",
        ),
        (
            {"title": "t", "rules": [{"fault": "fial"}]},
            "rules[0].fault: 'fial' is not known; did you mean 'fail'?",
        ),
        (
            {"title": "t", "rules": [{"fault": "fail"}, {"fault": "fail", "when": {"nth": 0}}]},
            "rules[1].when.nth: give a number from 1",
        ),
        (
            {"title": "t", "rules": [{"fault": "fail", "id": "a"}, {"fault": "cancel", "id": "a"}]},
            "rules[1].id: 'a' is the id of rules[0] too",
        ),
        (
            {"title": "t", "quotas": [{"window": 0}]},
            "quotas[0].window: input should be greater than or equal to 0.001, got 0",
        ),
        ([], "input should be a valid dictionary"),
    ],
)
def test_a_mistake_is_told_with_file_and_place(tmp_path: Path, document: Any, message: str) -> None:
    path = write(tmp_path, "wrong.json", json.dumps(document))

    with pytest.raises(SettingsError) as error:
        load_scenario(path)

    assert str(error.value).lower().startswith(f"{path}: {message}".lower())


@pytest.mark.parametrize(
    ("part", "name", "usual", "allowed", "refused"),
    [
        ("clock", "rate", 1.0, (1e-9, 1_000_000), (0, 1_000_001)),
        ("clock", "at", None, (0, LATEST, EPOCH, END), (-1, LATEST + 1, "1969-12-31T23:59:59.999Z")),
        ("quotas", "requests", None, (0, 2**53), (-1, 2**53 + 1, 1.5)),
        ("quotas", "window", 60.0, (0.001, 31_622_400), (0.0009, 31_622_401)),
        ("quotas", "parallel", None, (0, 2**53), (-1, 2**53 + 1, 1.5)),
        ("quotas", "credits", None, (0, 0.5, 2**53), (-0.5, 2**53 + 2)),
        ("quotas", "tenant", "", ("", "0123456789abcdef" * 2), ("ann", "0" * 31, "0" * 33, "0" * 31 + "G")),
        ("", "speed", 1.0, (1e-9, 1_000_000), (0, 1_000_001)),
        (
            "",
            "pace",
            None,
            ("immediate", "time", "manual", "polls:1", "polls:999999"),
            ("polls:0", "polls:1000000", "polls:", "polls:3 ", "time\n", "timely"),
        ),
    ],
)
def test_a_value_has_its_bounds(
    part: str, name: str, usual: Any, allowed: tuple[Any, ...], refused: tuple[Any, ...]
) -> None:
    def read(**given: Any) -> Any:
        document = {"": given, "clock": {"clock": given}, "quotas": {"quotas": [given]}}[part]
        scenario = Scenario.model_validate_json(json.dumps({"title": "t", **document}))
        return {"": scenario, "clock": scenario.clock, "quotas": (*scenario.quotas, None)[0]}[part]

    assert getattr(read(), name) == usual
    for value in allowed:
        read_back = getattr(read(**{name: value}), name)
        assert (read_back.isoformat() if isinstance(read_back, datetime) else read_back) == value
    for value in refused:
        with pytest.raises(ValidationError, match=rf"\b{name}\b"):
            read(**{name: value})


def test_a_scenario_has_a_title() -> None:
    with pytest.raises(ValidationError, match="title"):
        Scenario.model_validate({"title": ""})


def test_a_moment_with_an_offset_is_the_same_in_milliseconds() -> None:
    scenario = Scenario.model_validate_json('{"title": "t", "clock": {"at": "1970-01-01T01:00:01.5+01:00"}}')

    assert scenario.clock is not None
    assert scenario.clock.moment == 1500


def test_without_a_moment_the_clock_begins_at_the_real_one() -> None:
    clock = ScenarioClock.model_validate({})
    assert (clock.moment, clock.mode) == (None, "frozen")


def test_a_tenant_has_one_quota_and_everybody_another() -> None:
    ann, bob = {"tenant": "a" * 32}, {"tenant": "b" * 32}
    assert len(Scenario.model_validate({"title": "t", "quotas": [ann, {}, bob]}).quotas) == 3
    with pytest.raises(ValidationError, match=rf"\[2\].tenant: '{'a' * 32}' has a quota already"):
        Scenario.model_validate({"title": "t", "quotas": [ann, bob, ann]})


def test_a_scenario_does_not_change() -> None:
    scenario = Scenario.model_validate({"title": "t", "clock": {}, "quotas": [{}]})
    for part, name in ((scenario, "title"), (scenario.clock, "mode"), (scenario.quotas[0], "parallel")):
        with pytest.raises(ValidationError, match="frozen"):
            setattr(part, name, 1)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.toml", "title = \n", "line 1, column"),
        ("a.json", "{", "line 1 column 2"),
        ("a.yaml", "title: t", "a scenario is a .toml or a .json file"),
        ("a.toml", None, "No such file"),
    ],
)
def test_a_file_that_cannot_be_read(tmp_path: Path, name: str, text: str | None, message: str) -> None:
    path = tmp_path / name if text is None else write(tmp_path, name, text)

    with pytest.raises(SettingsError, match=message) as error:
        load_scenario(path)

    assert str(error.value).startswith(f"{path}: ")


def test_the_published_schema_is_current() -> None:
    published = (ROOT / "mockserver" / "faults" / SCHEMA_FILE).read_text("utf-8")
    how = "python -c 'from mockserver.faults.scenario import write_schema; write_schema()'"

    assert published == schema_text(), f"make it anew: {how}"


def test_the_schema_knows_every_fault_and_setting() -> None:
    Draft202012Validator.check_schema(scenario_schema())
    validator = Draft202012Validator(scenario_schema())

    def takes(**rule: Any) -> bool:
        return validator.is_valid({"title": "t", "rules": [rule]})

    assert all(
        takes(fault=name, settings={"when": "policy"} if name == "answer" else {}) for name in faults()
    )
    assert takes(fault="delay", settings={"seconds": 1}, when={"nth": ">=2"})
    assert not takes(fault="delay", settings={"secs": 1})
    assert not takes(fault="delay", settings={"seconds": "1"})
    assert not takes(fault="fial")
    assert not takes(fault="fail", when={"nth": 0})
    assert not takes(fault="fail", when={"roles": "submit"})
