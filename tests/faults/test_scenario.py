"""Scenario files: read, refused with their place, published as a schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from mockserver.errors import SettingsError
from mockserver.faults.catalogue import faults
from mockserver.faults.scenario import SCHEMA_FILE, Scenario, load_scenario, scenario_schema, schema_text
from tests.serving import ROOT

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
