"""`mockserver ctl` against a running server: text for people, JSON for programs, exit codes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from mockserver.cli import group
from tests.control.conftest import TOKEN, Bench
from tests.serving import KEY, START

Ctl = Callable[..., Result]


@pytest.fixture
def ctl(bench: Bench) -> Ctl:
    def run(*words: str, token: str = TOKEN) -> Result:
        environment = {"MOCKSERVER_CONTROL_URL": bench.running.url, "MOCKSERVER_TOKEN": token}
        return CliRunner().invoke(group, ["ctl", *words], env=environment)

    return run


def _said(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return result.output


def _json(result: Result) -> Any:
    return json.loads(_said(result))


def test_the_clock(ctl: Ctl) -> None:
    assert "real" in _said(ctl("clock", "show"))
    assert "frozen" in _said(ctl("clock", "freeze"))
    assert _json(ctl("clock", "advance", "2.5", "--json"))["now"] == START + 2500
    assert _json(ctl("clock", "set", "1900000000000", "--json"))["now"] == 1_900_000_000_000
    assert _json(ctl("clock", "set", "1900000001", "--json"))["now"] == 1_900_000_001_000
    assert "1900000002 was taken as seconds" in _said(ctl("clock", "set", "1900000002"))
    assert _json(ctl("clock", "set", "2031-01-01T00:00:00Z", "--json"))["at"].startswith("2031-01-01")
    assert "at rate 60" in _said(ctl("clock", "run", "--rate", "60"))
    assert "own" in _json(ctl("clock", "freeze", "--key", KEY, "--json"))
    assert "real" in _said(ctl("clock", "drop"))
    assert "nothing is due" in _said(ctl("clock", "jump"))


@pytest.mark.parametrize("moment", ["tomorrow", "1900000001.5", "31.01.2026"])
def test_a_moment_that_nobody_can_read_is_refused_in_a_sentence(ctl: Ctl, moment: str) -> None:
    refusal = ctl("clock", "set", moment)
    assert refusal.exit_code == 2
    assert f"'{moment}' is neither Unix milliseconds nor ISO 8601, such as 2026-" in refusal.output
    assert "real" in _said(ctl("clock", "show"))


def test_jobs(bench: Bench, ctl: Ctl) -> None:
    job, other = bench.submit(), bench.submit("kkiai")
    assert [row["id"] for row in _json(ctl("jobs", "list", "--provider", "kkiai", "--json"))] == [other]
    listed = _said(ctl("jobs", "list")).splitlines()
    assert listed[0].split() == ["provider", "job", "state", "model", "tenant"]
    assert len(listed) == 3
    assert "is processing" in _said(ctl("clock", "jump", "gmicloud", job))
    assert _json(ctl("jobs", "show", "gmicloud", job))["id"] == job
    assert "planned: queued lasted 2 s" in _said(ctl("jobs", "explain", "gmicloud", job))
    assert "success in 6 s" in _said(ctl("jobs", "explain", "gmicloud", job))
    assert "is queued" in _said(ctl("jobs", "force", "gmicloud", job, "queued"))
    assert "is queued" in _said(ctl("jobs", "pace", "gmicloud", job, "manual"))
    assert "is failed: too dark" in _said(ctl("jobs", "fail", "gmicloud", job, "--reason", "too dark"))
    assert "is failed" in _said(ctl("jobs", "cancel", "kkiai", other))
    assert "was deleted" in _said(ctl("jobs", "delete", "kkiai", other))
    assert [row["id"] for row in _json(ctl("jobs", "list", "--json"))] == [job]


def test_rules_and_faults(ctl: Ctl) -> None:
    assert "fail" in _said(ctl("faults"))
    added = _json(
        ctl("rules", "add", "fail", "--id", "r", "--when", "provider=kkiai", "--times", "2", "--json")
    )
    assert (added["id"], added["when"], added["times"]) == ("r", {"provider": "kkiai"}, 2)
    assert "provider=kkiai" in _said(ctl("rules", "list"))
    assert ctl("rules", "drop").exit_code == 2
    assert "1 removed" in _said(ctl("rules", "drop", "r"))
    assert "0 removed" in _said(ctl("rules", "drop", "--all"))
    assert ctl("rules", "add", "fail", "--when", "provider").exit_code == 2


def test_quotas_and_usage(bench: Bench, ctl: Ctl) -> None:
    bench.submit()
    assert "no limit" in _said(ctl("quotas", "show"))
    assert _json(ctl("quotas", "set", "--requests", "5", "--window", "10", "--json"))["requests"] == 5
    assert "no limit" in _said(ctl("quotas", "drop"))
    assert "submit:1" in _said(ctl("usage"))
    assert _json(ctl("usage", "--key", "nobody", "--json")) == []


def test_tenants(bench: Bench, ctl: Ctl, tmp_path: Path) -> None:
    job, file = bench.submit(), str(tmp_path / "tenant.json")
    assert "gmicloud:1" in _said(ctl("tenants", "list"))
    assert "wrote" in _said(ctl("tenants", "snapshot", file, "--key", KEY))
    assert ctl("tenants", "reset").exit_code == 2
    assert ctl("tenants", "reset", "--all", "--key", KEY).exit_code == 2
    assert "1 job deleted" in _said(ctl("tenants", "reset", "--key", KEY))
    assert "1 job restored" in _said(ctl("tenants", "restore", file, "--key", KEY))
    assert bench.state(job) == "queued"
    assert "1 job deleted" in _said(ctl("tenants", "reset", "--all"))


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("jobs", "show", "gmicloud", "none"), 1, "404: gmicloud has no job 'none'"),
        (("jobs", "force", "gmicloud"), 2, "Missing argument"),
        (("clock", "advance", "--", "-1"), 1, "422"),
        (("clock", "jump", "gmicloud"), 2, "PROVIDER and JOB"),
        (("tenants", "snapshot", "x.json"), 1, "name a tenant"),
        (("nothing",), 2, "No such command"),
    ],
)
def test_what_goes_wrong_is_one_line_and_an_exit_code(
    ctl: Ctl, words: tuple[str, ...], code: int, says: str
) -> None:
    result = ctl(*words)
    assert result.exit_code == code
    assert says in result.output


def test_a_wrong_token_and_no_server(bench: Bench, ctl: Ctl) -> None:
    refused = ctl("clock", "show", token="wrong")
    assert (refused.exit_code, "401" in refused.output) == (1, True)
    gone = ctl("clock", "show", "--url", "http://127.0.0.1:9")
    assert (gone.exit_code, "no control plane at" in gone.output) == (1, True)
    assert CliRunner().invoke(group, ["ctl", "clock", "show"], env={"MOCKSERVER_TOKEN": None}).exit_code == 2


def test_help_lists_every_noun() -> None:
    said = CliRunner().invoke(group, ["ctl", "--help"]).output
    for noun in ("clock", "faults", "jobs", "quotas", "rules", "tenants", "usage"):
        assert f"  {noun} " in said
