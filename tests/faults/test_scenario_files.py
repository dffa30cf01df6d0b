"""The scenarios of fixtures/scenarios: one for each case that people told of."""

from __future__ import annotations

import json
import tomllib
from functools import cache
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from mockserver.faults.catalogue import faults
from mockserver.faults.scenario import load_scenario, scenario_schema
from tests.serving import ROOT

FILES = sorted((ROOT / "fixtures" / "scenarios").iterdir())
UNUSED: dict[str, str] = {}
"""Faults that no scenario uses, each with the reason."""
LINES = """
answer lost after acceptance · 5xx after acceptance · 429 with and without Retry-After (seconds and date)
· 401, 402, 403, 404 model, 422 field · answer without id · id under another documented key · very slow
answer · duplicate submit by design (same external id) · never leaves queued · straight to success · step
back from processing to queued · unknown status · other spelling or case · status wrapped one level
deeper · 502/503/504 with an HTML body · malformed JSON once, then fine · empty body · connection reset ·
404 for a while after submit (replica lag) · 404 for good (job forgotten) · failure with reason · failure
without reason · cancelled by someone else · expired · success without link · success with several links
· progress going down · clock skew in timestamps · client budget runs out (id must be kept) · link
expired once, then refreshed by polling again · redirect to another host (no key forwarded) · cut body ·
wrong length · wrong type · HTML error page with status 200 · range refused · file of another job ·
thumbnail missing · before the submit answer · twice · out of order · late after polling finished · bad
signature · never · stopped and restarted mid-poll · two workers on one job · cancel racing success
"""
"""Every case in the words of those who listed them."""


@cache
def validator() -> Draft202012Validator:
    return Draft202012Validator(scenario_schema())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_scenario_loads_and_fits_the_schema(path: Path) -> None:
    scenario = load_scenario(path)
    document = tomllib.loads(path.read_text("utf-8"))

    assert scenario.line
    assert scenario.about
    assert path.stem.partition("-")[0] in {"submit", "poll", "result", "callback", "process"}
    assert not list(validator().iter_errors(json.loads(json.dumps(document, default=str))))


def test_every_case_has_a_scenario() -> None:
    cases = {line.strip() for line in " ".join(LINES.split()).split("·")}

    assert not cases - {load_scenario(path).line for path in FILES}


def test_every_fault_is_used_or_it_is_said_why_not() -> None:
    used = {rule.fault for path in FILES for rule in load_scenario(path).rules}

    assert faults().keys() - used == UNUSED.keys()


def test_no_two_scenarios_have_one_title() -> None:
    titles = [load_scenario(path).title for path in FILES]
    assert len(set(titles)) == len(titles)
