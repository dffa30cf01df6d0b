"""The options that say where contracts come from, given to every command that reads contracts."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mockserver.cli import contract_findings, group
from mockserver.cli.demo_jobs import jobs_of
from mockserver.contract.registry import ContractSources, using
from mockserver.settings import read_mounts
from tests.serving import ROOT

FOURTH = str(ROOT / "tests" / "fourth")


def run(*words: str, **variables: str) -> Result:
    return CliRunner().invoke(group, words, env={"MOCKSERVER_CONTRACTS": None, **variables})


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folders that `contracts check` looks at: to check all of them would take half a minute."""
    folders: list[Path] = []

    def look(folder: Path) -> list[object]:
        folders.append(folder)
        return []

    monkeypatch.setattr(contract_findings, "find_problems", look)
    return folders


@pytest.mark.parametrize("words", [("show", "ember"), ("diff", "ember", "ember@vendor"), ("check",)])
@pytest.mark.usefixtures("checked")
def test_contracts_knows_the_users_own(words: tuple[str, ...]) -> None:
    assert run("contracts", *words, "--contracts", FOURTH).exit_code == 0
    named = run("contracts", *words, MOCKSERVER_CONTRACTS=FOURTH)
    assert named.exit_code == 0
    assert "ember" in named.output.lower()


def test_check_looks_at_every_provider_that_there_is(checked: list[Path]) -> None:
    run("contracts", "check")
    assert {folder.name for folder in checked} >= {"aimlapi", "gmicloud", "kkiai"}
    run("contracts", "check", MOCKSERVER_CONTRACTS=FOURTH)
    assert checked[-1] == ROOT / "tests" / "fourth" / "ember"


def test_verify_plans_for_a_provider_below_a_prefix() -> None:
    words = ("verify", "http://127.0.0.1:1", "--plan", "--provider", "ember", "--stage", "access", "--json")
    plan = json.loads(run(*words, "--contracts", FOURTH, "--mount", "ember=/hot").output)
    assert plan["calls"]


def test_the_demo_has_a_job_for_every_provider_that_is_served() -> None:
    sources = ContractSources((Path(FOURTH),), (), read_mounts(["gmicloud=/relay", "ember=/", "ember=/hot"]))
    with using(sources):
        (job,), (copy,) = jobs_of("ember"), jobs_of("ember@hot")
        moved = jobs_of("gmicloud")
        assert len(jobs_of("aimlapi")) == len(jobs_of("kkiai")) == 1
    assert (job.path, copy.path) == ("/v1/video_generation", "/hot/v1/video_generation")
    assert copy.read_path("a b") == "/hot/v1/query/video_generation?task_id=a%20b"
    assert job.ended == {job.success, "Fail"} == {"Success", "Fail"}
    assert job.body["prompt"]
    assert job.headers == {"Authorization": "Bearer demo-key"}
    assert len(moved) == 3
    assert moved[0].read_path("1") == "/relay/api/v1/apikey/requests/1"


def test_the_demo_fetches_a_clip_that_is_behind_the_key_and_a_link_that_stands_apart() -> None:
    ((openai,), (fal,), (plain,)) = (jobs_of(name) for name in ("openai", "fal", "replicate"))
    assert openai.content_path is not None
    assert (openai.content_path("v_1"), openai.result_path) == ("/v1/videos/v_1/content", None)
    assert fal.result_path is not None
    assert fal.result_path("1") == "/fal-ai/kling-video/requests/1"
    assert "{" not in fal.path + fal.read_path("1")
    assert (plain.content_path, plain.result_path) == (None, None)


def test_a_folder_that_takes_anothers_name_is_refused_by_every_command(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "contracts" / "kkiai", tmp_path / "kkiai")
    for words in (
        ("contracts", "show", "kkiai"),
        ("contracts", "check"),
        ("contracts", "diff", "kkiai", "kkiai"),
        ("verify", "http://127.0.0.1:1", "--plan", "--provider", "kkiai"),
        ("conform", "--provider", "kkiai", "--", "true"),
    ):
        refused = run(*words[:1], *_with(words, "--contracts", str(tmp_path)))
        assert "--replace kkiai" in str(refused.exception) + refused.output, words
    replaced = run("contracts", "show", "kkiai", "--contracts", str(tmp_path), "--replace", "kkiai")
    assert replaced.exit_code == 0


def _with(words: tuple[str, ...], *options: str) -> tuple[str, ...]:
    """The words of a command after its first, with options where the command takes them."""
    if words[0] == "conform":
        return (*options, *words[1:])
    return (*words[1:], *options)
