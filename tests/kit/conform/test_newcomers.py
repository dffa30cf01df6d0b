"""What meets a client on its first day: another key, another profile's path, time to load, a long dump."""

from __future__ import annotations

import itertools
import sys
import time
from contextlib import suppress
from dataclasses import replace
from typing import Any

import httpx
import pytest

from mockserver.errors import SettingsError
from mockserver.kit.conform import Task
from mockserver.kit.conform.case import PLAIN, load_cases
from mockserver.kit.conform.evidence import ClientRun
from mockserver.kit.conform.judges.base import NothingToJudge, judges
from mockserver.kit.conform.results.timeline import LINES, summarize
from mockserver.kit.conform.running.run_options import RunOptions
from tests.engine.test_key_pairs import token
from tests.kit.conform import small_program
from tests.kit.conform.conditions import CASES
from tests.kit.conform.environments import evidence, fetched, good, picture, polled, read, submitted
from tests.kit.conform.shared_servers import conform


def test_a_token_made_of_the_key_is_no_verdict_on_the_client() -> None:
    def signs(task: Task) -> None:
        other = replace(task, key=f"made-of-{task.key[:4]}")
        fetched(other, polled(other, submitted(other)))

    (result,) = conform(signs, provider="gmicloud", cases=[CASES[PLAIN]]).results
    assert result.verdict == "could not run"
    assert "another key than MOCKSERVER_KEY" in result.reason


def test_a_path_of_another_profile_is_told_with_the_profile() -> None:
    def universal(task: Task) -> None:
        with suppress(httpx.HTTPError):
            httpx.post(
                f"{task.base_url}/v2/video/generations",
                headers={"Authorization": f"Bearer {task.key}"},
                json={"model": task.model, "prompt": task.prompt},
                trust_env=False,
            )

    (result,) = conform(universal, provider="aimlapi", cases=[CASES[PLAIN]]).results
    (actual,) = [breach.actual for breach in result.breaches if breach.judge == "valid-requests"]
    assert actual.endswith("is not one of its operations; it is one with --profile vendor")


def test_loading_is_not_counted_against_the_deadline() -> None:
    late: dict[str, Any] = {"task": {"deadline": 5.0}, "runs": (ClientRun("exited", 2, 12.0),)}
    assert judges()["stops-at-deadline"].judge(evidence(read(0.0), **late), {})
    assert not judges()["stops-at-deadline"].judge(evidence(read(6.0), **late), {})


def test_whether_a_client_gave_up_early_is_left_open_where_it_depends_on_when_its_clock_began() -> None:
    judge = judges()["waits-until-deadline"]
    task = {"deadline": 5.0}
    assert judge.judge(evidence(read(0.5), task=task, runs=(ClientRun("exited", 2, 1.0),)), {})
    assert not judge.judge(evidence(read(0.5), task=task, runs=(ClientRun("exited", 2, 5.5),)), {})
    with pytest.raises(NothingToJudge, match=r"1\.0 s after its first request and 12\.0 s in all"):
        judge.judge(evidence(read(11.0), task=task, runs=(ClientRun("exited", 2, 12.0),)), {})


def test_of_a_long_dump_the_first_lines_and_the_last_are_kept() -> None:
    dump = "\n\n".join(["at start()", "^", "TypeError: no such thing", *(f"  {n}" for n in range(40)), "end"])
    kept = summarize(ClientRun("exited", 1, 0.1, stderr=dump)).stderr.splitlines()
    assert len(kept) == LINES
    assert "TypeError: no such thing" in kept
    assert kept[-1] == "end"


def test_the_line_that_names_the_error_is_quoted() -> None:
    failed = evidence(
        runs=(ClientRun("exited", 1, 0.1, stderr="KlingAPIError: nothing said\n    at x\nNode.js v20"),)
    )
    (remark,) = judges()["tells"].judge(failed, {"pattern": "credit"})
    assert remark.actual == "it says: 'KlingAPIError: nothing said'"


def test_a_client_that_signs_its_requests_is_judged_with_a_pair_of_keys() -> None:
    def signs(task: Task) -> None:
        def headers() -> dict[str, str]:
            return {"Authorization": f"Bearer {token(task.access_key, next(seconds))}"}

        seconds = itertools.count()
        url = f"{task.base_url}/v1/videos/image2video"
        body = {"model_name": task.model, "prompt": task.prompt, "image": picture(task)}
        with httpx.Client(trust_env=False) as api:
            job = api.post(url, json=body, headers=headers()).raise_for_status().json()["data"]["task_id"]
            print(job)
            while (data := api.get(f"{url}/{job}", headers=headers()).json()["data"])[
                "task_status"
            ] != "succeed":
                time.sleep(task.interval)
        fetched(task, data["task_result"]["videos"][0]["url"])

    cases = [case for case in load_cases() if case.id in (PLAIN, "secrets-media", "request-authorization")]
    options = RunOptions(profile="vendor", key_pair=True)
    matrix = conform(signs, provider="kkiai", cases=cases, options=options)
    assert [result.verdict for result in matrix.results] == ["pass"] * 3


def test_a_pair_of_keys_is_for_providers_that_take_tokens() -> None:
    with pytest.raises(SettingsError, match="no signed tokens in profile documented; use --profile vendor"):
        conform(print, provider="kkiai", cases=[CASES[PLAIN]], options=RunOptions(key_pair=True))
    with pytest.raises(SettingsError, match=r"no signed tokens in profile vendor$"):
        conform(
            print,
            provider="gmicloud",
            cases=[CASES[PLAIN]],
            options=RunOptions(key_pair=True, profile="vendor"),
        )


def test_a_client_that_prints_a_link_is_not_asked_about_files() -> None:
    names = (PLAIN, "result-cut", "secrets-media", "poll-several-links", "poll-no-link", "submit-answer-lost")
    cases = [case for case in load_cases() if case.id in names]
    for returns_link in (True, False):
        options = RunOptions(returns_link=returns_link)
        matrix = conform(
            [sys.executable, small_program.__file__, "link"],
            provider="gmicloud",
            cases=cases,
            options=options,
        )
        verdicts = {result.case.id: result.verdict for result in matrix.results}
        assert verdicts[PLAIN] == verdicts["poll-several-links"] == ("pass" if returns_link else "fail")
        assert verdicts["poll-no-link"] == verdicts["submit-answer-lost"] == "pass"
        assert (verdicts["result-cut"] == verdicts["secrets-media"] == "not applicable") is returns_link


def test_with_a_model_that_takes_no_picture_none_is_given() -> None:
    def writes(task: Task) -> None:
        assert not task.image
        body = {"model": task.model, "payload": {"prompt": task.prompt}}
        headers = {"Authorization": f"Bearer {task.key}"}
        with httpx.Client(trust_env=False, base_url=task.base_url, headers=headers) as api:
            job = str(api.post("/requests", json=body).raise_for_status().json()["request_id"])
        fetched(task, polled(task, job))

    names = (PLAIN, "request-model", "request-picture", "request-text-only", "request-unicode")
    cases = [case for case in load_cases() if case.id in names]
    for options in (RunOptions(model="Kling-Text2Video-V1.6-Standard"), RunOptions(supports=("text",))):
        matrix = conform(writes, provider="gmicloud", cases=cases, options=options)
        verdicts = {result.case.id: result.verdict for result in matrix.results}
        assert verdicts == dict.fromkeys(names, "pass") | {"request-picture": "not applicable"}


def test_a_model_that_there_is_not_is_named_with_those_that_are_like_it() -> None:
    with pytest.raises(SettingsError, match=r"no model 'kling-v2\.1'.*did you mean kling-v2-1 or "):
        conform(print, provider="kkiai", cases=[CASES[PLAIN]], options=RunOptions(model="kling-v2.1"))
    with pytest.raises(SettingsError, match=r"no model 'sora'.*models: kling-v1, "):
        conform(print, provider="kkiai", cases=[CASES[PLAIN]], options=RunOptions(model="sora"))


def test_a_model_that_needs_a_picture_is_not_asked_for_text_alone() -> None:
    options = RunOptions(model="Kling-Image2Video-V1.6-Pro", supports=("text",))
    cases = [case for case in load_cases() if case.id in (PLAIN, "request-text-only")]
    plain, text = conform(good, provider="gmicloud", cases=cases, options=options).results
    assert (plain.verdict, text.verdict) == ("pass", "not applicable")
    assert text.reason == "the model Kling-Image2Video-V1.6-Pro needs a picture"


def test_a_client_that_tries_its_key_before_it_submits_is_not_blamed_for_submitting_nothing() -> None:
    def tries_first(task: Task) -> None:
        headers = {"Authorization": f"Bearer {task.key}"}
        httpx.get(f"{task.base_url}/requests", headers=headers, trust_env=False).raise_for_status()
        good(task)

    cases = [case for case in load_cases() if case.id in (PLAIN, "secrets-refused-key")]
    matrix = conform(tries_first, provider="gmicloud", cases=cases)
    assert [result.verdict for result in matrix.results] == ["pass", "pass"]
