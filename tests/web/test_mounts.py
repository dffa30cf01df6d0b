"""Providers below prefixes, and copies of them: paths, links, jobs and control plane follow."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from mockserver.errors import ContractError, SettingsError
from mockserver.in_process import Running, Tenant, serve
from tests.serving import ROOT

FOURTH = ROOT / "tests" / "fourth"
BODY = {"model": "Ember-1", "prompt": "Embers over a lake"}


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    mounts = ["gmicloud=/relay", "ember=/", "ember=/second/home"]
    with serve(contracts=FOURTH, mounts=mounts, pace="immediate", small_clips=True) as running:
        yield running


@pytest.fixture
def caller(running: Running) -> Iterator[Tenant]:
    with running.tenant() as tenant:
        yield tenant


def _submit(tenant: Tenant, provider: str) -> str:
    url = f"{tenant.base(provider)}/video_generation"
    answer = httpx.post(url, json=BODY, headers=tenant.headers(provider)).raise_for_status()
    return str(answer.json()["task_id"])


def _read(tenant: Tenant, provider: str, task: str) -> httpx.Response:
    url = f"{tenant.base(provider)}/query/video_generation"
    return httpx.get(url, params={"task_id": task}, headers=tenant.headers(provider))


def test_base_urls_begin_with_the_prefix(running: Running) -> None:
    assert running.base("gmicloud") == f"{running.url}/relay/api/v1/ie/requestqueue/apikey"
    assert running.base("ember") == f"{running.url}/v1"
    assert running.base("ember@second-home") == f"{running.url}/second/home/v1"
    assert running.base("kkiai") == f"{running.url}/kling"


def test_what_was_moved_is_no_longer_where_it_was(running: Running, caller: Tenant) -> None:
    listed = httpx.get(f"{caller.base('gmicloud')}/requests", headers=caller.headers())
    assert listed.status_code == 200
    moved = httpx.get(f"{running.url}/api/v1/apikey/requests", headers=caller.headers())
    assert moved.status_code == 404
    refused = httpx.get(f"{running.url}/relay/api/v1/apikey/requests")
    assert refused.status_code == 401
    assert "error" in refused.json()


@pytest.mark.parametrize("provider", ["ember", "ember@second-home"])
def test_jobs_and_clips_of_a_copy_are_its_own(caller: Tenant, provider: str) -> None:
    other = {"ember": "ember@second-home", "ember@second-home": "ember"}[provider]
    task = _submit(caller, provider)
    body = _read(caller, provider, task).raise_for_status().json()
    assert body["status"] == "Success"
    assert _read(caller, other, task).status_code == 404
    clip = httpx.get(body["video_url"]).raise_for_status()
    assert clip.headers["content-type"] == "video/mp4"
    (job,) = caller.jobs(provider=provider)
    assert (job["id"], job["provider"]) == (task, provider)
    assert caller.jobs(provider=other) == []
    with caller.server.control() as control:
        assert control.job(provider, task)["id"] == task


def test_two_that_claim_one_path_are_told_how_to_be_kept_apart(tmp_path: Path) -> None:
    shutil.copytree(FOURTH / "ember", tmp_path / "cinder")
    document = tmp_path / "cinder" / "openapi.json"
    document.write_text(document.read_text("utf-8").replace('"ember"', '"cinder"'), encoding="utf-8")
    roots = [FOURTH, tmp_path]
    with pytest.raises(ContractError, match=r"claimed by ember and cinder; .*--mount cinder=/cinder"):
        serve(contracts=roots).start()
    with serve(contracts=roots, mounts=["cinder=/cinder"]) as running:
        assert running.base("cinder") == f"{running.url}/cinder/v1"


def test_a_name_that_is_not_served_is_refused_with_what_is() -> None:
    with pytest.raises(SettingsError, match="no provider 'embre'; did you mean ember"):
        serve(contracts=FOURTH, providers=["embre"]).start()
    with serve(contracts=FOURTH, providers="ember") as running:
        assert running.bases.keys() == {"ember"}
