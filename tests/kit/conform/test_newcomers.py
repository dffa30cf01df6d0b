"""What meets a client on its first day: another key, another profile's path, time to load, a long dump."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

import httpx

from mockserver.kit.conform import Task, conform
from mockserver.kit.conform.case import PLAIN
from mockserver.kit.conform.evidence import ClientRun
from mockserver.kit.conform.judges.base import judges
from mockserver.kit.conform.results.timeline import LINES, summarize
from tests.kit.conform.conditions import CASES
from tests.kit.conform.environments import evidence, fetched, polled, read, submitted


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
    assert judges()["waits-until-deadline"].judge(evidence(read(11.0), **late), {})


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
