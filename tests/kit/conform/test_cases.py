"""Our cases: enough of them, each with a source to look up, and all passed by the client we show."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Awaitable
from pathlib import Path
from typing import Any, Final

import pytest

from mockserver.faults.rule import Rule
from mockserver.kit import contracts
from mockserver.kit.conform import Task
from mockserver.kit.conform.case import FAMILIES, Case, builtin_folder, case_schema, load_cases
from mockserver.kit.conform.judges.base import judges
from mockserver.kit.conform.results.citation import cited
from mockserver.kit.conform.results.result import CaseSummary, Matrix
from mockserver.kit.conform.running.run_options import RunOptions
from mockserver.kit.conform.running.situations import case_for
from mockserver.kit.reference_client import Client
from tests.kit.conform.loaded import load
from tests.kit.conform.shared_servers import conform
from tests.serving import LEAN

FEWEST: Final = 70
PROVIDERS: Final = ("gmicloud", "aimlapi", "kkiai")
FILES: Final = sorted(builtin_folder().glob("*.json"))
CASES: Final = load_cases()
SUPPORTS: Final = ("resume", "callback", "thumbnail", "workers", "text", "picture")
REFERENCE: Final = (sys.executable, "-m", "mockserver.kit.reference_client")
THREADS: Final = {
    "CopilotKit/aimock/issues/170",
    "wiremock/wiremock/issues/1027",
    "wiremock/wiremock/issues/456",
    "wiremock/wiremock/pull/2838",
    "stripe/stripe-mock/issues/16",
    "stripe/stripe-mock/issues/369",
    "mockoon/mockoon/issues/709",
    "mockoon/mockoon/issues/1044",
    "google-gemini/cookbook/issues/1297",
    "stoplightio/prism/issues/2475",
    "stoplightio/prism/issues/2054",
    "googleapis/storage-testbench/issues/396",
    "Comfy-Org/ComfyUI/pull/16204",
    "lovartai/lovart-skill/issues/8",
    "danny-avila/LibreChat/pull/14344",
    "ArcReel/ArcReel/issues/687",
    "ArcReel/ArcReel/pull/1889",
    "ArcReel/ArcReel/issues/651",
    "lidge-jun/opencodex/pull/582",
    "vercel/ai/pull/18929",
    "huggingface/huggingface_hub/pull/4164",
    "calesthio/OpenMontage/pull/452",
    "HuangYuChuh/ComfyUI_Skills_OpenClaw/pull/40",
    "Scottcjn/bottube/issues/2209",
    "ConesaLab/paintomics4/pull/155",
    "Comfy-Org/ComfyUI/pull/8111",
    "kyh/vibedgames/pull/182",
    "TanStack/ai/pull/396",
    "tinyhumansai/openhuman/pull/5411",
    "schemathesis/schemathesis/issues/2254",
    "schemathesis/schemathesis/issues/2483",
    "schemathesis/schemathesis/pull/4289",
    "schemathesis/schemathesis/pull/4739",
}
"""Public threads of the field report on which cases may stand."""
TAGS: Final = re.compile(r"\b(?:DOCUMENTED|VENDOR|OBSERVED|THIRD-PARTY|ASSUMED)\b")
CODES: Final = re.compile(r"\b(?:[SGAK]\d\d?|RFC \d{4})\b")


def reference(task: Task) -> Awaitable[Any]:
    """The reference client, as a function."""
    files = {"image": task.image, "model": task.model, "thumbnail": task.thumbnail, "output": task.output}
    more = {name: value for name, value in files.items() if value}
    if task.callback_url and task.provider == "kkiai":
        more["callback_url"] = task.callback_url
    client = Client(task.provider, task.base_url, task.key, task.interval, task.deadline)
    return client.agenerate(task.prompt, state_file=task.job_file, **more)


def short_of_a_pass(matrix: Matrix) -> dict[str, Any]:
    """The cases that did not pass though they apply, with what was found."""
    return {
        result.case.id: (
            result.verdict,
            result.reason,
            [(breach.judge, breach.actual) for breach in result.breaches],
        )
        for result in matrix.results
        if result.verdict not in ("pass", "not applicable")
    }


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_keeps_the_published_schema_and_has_its_id_as_name(path: Path) -> None:
    import jsonschema

    content = json.loads(path.read_text("utf-8"))
    jsonschema.Draft202012Validator(case_schema()).validate(content)
    assert content["id"] == path.stem


def test_there_are_enough_for_every_provider_and_no_two_alike() -> None:
    assert len({case.id for case in CASES}) == len({case.title for case in CASES}) == len(CASES)
    for provider in PROVIDERS:
        contract = load(provider)
        mine = [case for case in CASES if provider not in case_for(case, contract).not_for]
        assert len(mine) >= FEWEST
        assert {case.family for case in mine} >= set(FAMILIES) - {"callback"}
    assert {case.family for case in CASES} == set(FAMILIES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_case_names_judges_and_faults_that_there_are(case: Case) -> None:
    for provider in PROVIDERS:
        here = case_for(case, load(provider))
        assert {judged.judge for judged in here.judged} | set(here.without) <= judges().keys()
        for rule in here.setup.rules:
            Rule.model_validate(rule.model_dump()).read()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_source_is_a_thread_of_the_field_report_or_a_code_of_a_contracts_sources(case: Case) -> None:
    links = re.findall(r"https?://\S+", case.source)
    assert {link.removeprefix("https://github.com/") for link in links} <= THREADS
    tag = TAGS.search(case.source)
    assert links or tag
    codes = CODES.findall(case.source)
    known = {code for name in PROVIDERS for code in contracts.load(name).sources}
    assert {code for code in codes if not code.startswith("RFC")} <= known
    assert codes or links or (tag and tag[0] == "ASSUMED")


def test_a_report_names_each_source_by_its_title() -> None:
    sources = [CaseSummary.of(case).source for case in CASES]
    assert [source for source in sources if re.search(r"\b[SGAK]\d\d?\b", source)] == []
    assert cited("DOCUMENTED S1 S3 S5: 401; VENDOR K1") == (
        "DOCUMENTED GMI Cloud documentation page: Kling-Image2Video-V1.6-Pro and 2 more: 401; "
        "VENDOR Kling developer documentation up to kling-v2-5-turbo, as transcribed in public"
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_must_is_about_money_work_or_security_and_advice_is_short(case: Case) -> None:
    assert not (case.level == "MUST" and case.harm == "manners")
    assert 1 <= len(re.findall(r"[.?](?:\s|$)", case.advice)) <= 3
    assert case.requirement.endswith(".")
    assert case.why.endswith(".")


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_reference_client_passes_every_case(provider: str) -> None:
    matrix = conform(reference, provider=provider, options=RunOptions(jobs=8, supports=SUPPORTS))
    assert short_of_a_pass(matrix) == {}
    assert matrix.counts["pass"] >= FEWEST


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_reference_client_passes_what_only_a_process_can(
    provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", LEAN)
    killed = [case for case in CASES if case.client.kill_after is not None or case.client.workers > 1]
    matrix = conform(
        REFERENCE, provider=provider, cases=killed, options=RunOptions(jobs=3, supports=SUPPORTS)
    )
    assert short_of_a_pass(matrix) == {}
    assert matrix.counts["pass"] == len(killed)
