"""Cases: their form, what is refused, and that each of ours is sound."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from mockserver.errors import SettingsError
from mockserver.faults.rule import Rule
from mockserver.kit.conform.case import (
    FAMILIES,
    PLAIN,
    SCHEMA_FILE,
    Case,
    builtin_folder,
    load_case,
    load_cases,
    schema_text,
    select_cases,
)
from mockserver.kit.conform.running.situations import case_for
from mockserver.kit.contracts import placements
from tests.kit.conform.environments import case
from tests.kit.conform.loaded import load
from tests.serving import ROOT

CASES = load_cases()


def test_the_published_schema_is_the_one_in_force() -> None:
    published = ROOT / "mockserver" / "kit" / "conform" / SCHEMA_FILE
    assert published.read_text("utf-8") == schema_text(), "run mockserver.kit.conform.case.write_schema()"


def test_every_family_has_a_case_and_the_plain_one_comes_first() -> None:
    assert {one.family for one in CASES} == set(FAMILIES)
    assert CASES[0].id == PLAIN
    assert not CASES[0].setup.rules


@pytest.mark.parametrize("field", ["title", "level"])
def test_what_all_runs_share_of_a_case_cannot_be_changed(field: str) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        setattr(CASES[0], field, "MAY")


@pytest.mark.parametrize("field", ["title", "requirement", "why", "source", "advice"])
def test_a_case_says_all_that_a_report_shows_of_it(field: str) -> None:
    assert getattr(case(**{field: "x"}), field) == "x"
    with pytest.raises(ValidationError, match=f"{field}\n.* at least 1 character"):
        case(**{field: ""})


@pytest.mark.parametrize("one", CASES, ids=lambda one: one.id)
def test_every_case_has_conditions_that_the_server_knows(one: Case) -> None:
    for provider in placements():
        for rule in case_for(one, load(provider)).setup.rules:
            Rule.model_validate(rule.model_dump()).read()


@pytest.mark.parametrize("one", CASES, ids=lambda one: one.id)
def test_no_case_of_ours_names_a_provider(one: Case) -> None:
    assert not {*one.not_for, *one.overrides}
    assert sum(name in case_for(one, load(name)).not_for for name in placements()) < len(placements())


@pytest.mark.parametrize("one", CASES, ids=lambda one: one.id)
def test_every_case_has_a_source_to_be_looked_up(one: Case) -> None:
    tags = ("https://", "DOCUMENTED ", "VENDOR ", "OBSERVED ", "THIRD-PARTY ", "ASSUMED")
    assert one.source.startswith(tags)


def test_few_paces_so_few_servers() -> None:
    assert len({case_for(one, load(name)).setup.pace for one in CASES for name in placements()}) <= 4


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"id": "submit-something"}, "must begin with its family"),
        ({"titel": "x"}, "titel"),
        ({"judged": [{"judge": "jobs-mode"}]}, "is not a judge; judges:"),
        ({"judged": [{"judge": "jobs-made", "settings": {"mots": 1}}]}, "settings.mots"),
        ({"budget": 3}, "above the client's deadline"),
        ({"setup": {"pace": "fast"}}, "pace"),
        ({"setup": {"hold": {"role": "read"}}}, "only a clock can be held"),
        ({"client": {"kill_after": {"role": "read"}}}, "only a clock can be held"),
        ({"client": {"workers": 9}}, "workers"),
        ({"for": {"kkiai": {"outcome": "wins"}}}, "outcome"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        case(**wrong)


def test_what_is_different_for_a_provider_is_merged_deeply() -> None:
    one = case(
        setup={"pace": "time", "quota": {"parallel": 1}},
        **{"for": {"kkiai": {"setup": {"quota": {"parallel": 2}}, "outcome": "either"}}},
    )
    other = one.for_provider("kkiai")
    assert one.for_provider("gmicloud") == one
    assert (other.outcome, other.setup.pace) == ("either", "time")
    assert other.setup.quota is not None
    assert other.setup.quota.parallel == 2


def test_a_file_is_named_after_its_case(tmp_path: Path) -> None:
    file = tmp_path / "poll-other.json"
    file.write_text(json.dumps(case().model_dump(by_alias=True)))
    with pytest.raises(SettingsError, match=r"poll-other\.json.*poll-something\.json"):
        load_case(file)


@pytest.mark.parametrize("content", ["{", '{"id": "poll-x"}', "[]"])
def test_a_file_that_is_no_case_is_named(tmp_path: Path, content: str) -> None:
    file = tmp_path / "poll-x.json"
    file.write_text(content)
    with pytest.raises(SettingsError, match=r"poll-x\.json: ."):
        load_cases(tmp_path)


def test_an_empty_folder_is_no_set_of_cases(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="there are no cases"):
        load_cases(tmp_path)


def test_choosing_by_id_family_and_level() -> None:
    assert [one.id for one in select_cases(CASES, ids=[PLAIN])] == [PLAIN]
    assert {one.family for one in select_cases(CASES, families=["poll"])} == {"poll"}
    assert {one.level for one in select_cases(CASES, levels=["SHOULD"])} == {"SHOULD"}
    with pytest.raises(SettingsError, match="no case 'nope'"):
        select_cases(CASES, ids=["nope"])


def test_ours_are_where_the_package_is() -> None:
    assert builtin_folder() == ROOT / "mockserver" / "kit" / "scenarios"


@pytest.mark.parametrize("provider", placements())
def test_nobody_is_asked_to_look_for_a_job_where_that_cannot_be(provider: str) -> None:
    cases = {case.id: case_for(case, load(provider)) for case in CASES}
    if provider in cases["submit-answer-lost-found"].not_for:
        looks = [
            case.id
            for case in cases.values()
            for judged in case.judged
            if judged.judge == "looks-before-repeating"
        ]
        assert looks == []
    else:
        assert any(judged.judge == "looks-before-repeating" for judged in cases["money-looks-first"].judged)
