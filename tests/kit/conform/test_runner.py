"""Cases over real servers: good clients pass, bad ones fail where they should, nothing is left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from mockserver.errors import SettingsError
from mockserver.kit import conform as kit
from mockserver.kit.conform import Task, assert_conforms
from mockserver.kit.conform.case import PLAIN, Case
from mockserver.kit.conform.results.result import Matrix, Result
from mockserver.kit.conform.results.timeline import STEPS
from mockserver.kit.conform.running import journal_tail
from mockserver.kit.conform.running.journal_tail import JournalTail
from mockserver.kit.conform.running.run_options import RunOptions
from mockserver.kit.conform.running.runner import RunInterrupted
from tests.kit.conform import small_program
from tests.kit.conform.conditions import CASES, write
from tests.kit.conform.environments import case, fetched, good, polled, submitted
from tests.kit.conform.shared_servers import conform
from tests.kit.conform.test_cases import reference
from tests.serving import LEAN, clean_environment

REFERENCE = (sys.executable, "-m", "mockserver.kit.reference_client")
EVERYTHING = RunOptions(jobs=3, supports=("resume", "callback", "thumbnail", "workers"))


@pytest.fixture(autouse=True)
def _checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that is started from anywhere finds this checkout."""
    monkeypatch.setenv("PYTHONPATH", LEAN)


ASKS = """import os, urllib.request
request = urllib.request.Request(os.environ["MOCKSERVER_BASE_URL"] + "/requests")
request.add_header("Authorization", "Bearer " + os.environ["MOCKSERVER_KEY"])
urllib.request.urlopen(request).read()
0"""
"""A client that asks the provider for something, and then for nothing more."""


def only(matrix: Matrix) -> Result:
    """The one result."""
    (result,) = matrix.results
    return result


def play(client: Any, *cases: Case | str, provider: str = "gmicloud", **more: Any) -> Matrix:
    """The matrix of a client and some cases."""
    chosen = [case if isinstance(case, Case) else CASES[case] for case in cases]
    return conform(client, provider=provider, cases=chosen, options=more.pop("options", RunOptions()), **more)


def pays_twice(task: Task) -> None:
    """Submits again where no answer came."""
    for _ in range(3):
        try:
            return fetched(task, polled(task, submitted(task)))
        except httpx.TransportError:
            continue
    return None


@pytest.mark.parametrize("provider", ["gmicloud", "aimlapi", "kkiai"])
def test_the_reference_client_passes(provider: str) -> None:
    """As a process where it has to be one, otherwise as a function, which starts sooner."""
    killed = ("process-killed",)
    as_process = play(REFERENCE, PLAIN, *killed, provider=provider, options=EVERYTHING)
    as_function = play(reference, *(CASES.keys() - killed), provider=provider, options=EVERYTHING)
    results = [*as_process.results, *as_function.results]
    assert {result.case.id: result.verdict for result in results if result.verdict != "pass"} == (
        {} if provider == "kkiai" else {"callback-never": "not applicable"}
    )
    assert {result.case.id for result in results} == CASES.keys()
    assert as_process.exit_code == as_function.exit_code == 0


@pytest.mark.quick
def test_a_function_passes_the_baseline_case_and_its_timeline_is_shown() -> None:
    result = only(play(good, PLAIN))
    assert (result.verdict, result.jobs) == ("pass", 1)
    assert [step.number for step in result.steps] == [1, 2, 3, 4, 5, 6]
    assert [step.state for step in result.steps] == [
        "queued",
        "queued",
        "queued",
        "processing",
        "success",
        "",
    ]
    assert [step.at for step in result.steps] == sorted(step.at for step in result.steps)


def test_exchanges_are_collected_while_the_client_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The journal of the server forgets the oldest."""
    collections: list[int] = []
    collect = JournalTail.collect

    def collect_and_count(tail: JournalTail) -> None:
        collect(tail)
        collections.append(tail._since)

    monkeypatch.setattr(journal_tail, "_INTERVAL", 0)
    monkeypatch.setattr(JournalTail, "collect", collect_and_count)

    assert only(play(good, "request-plain")).verdict == "pass"
    assert len(collections) > 1


def test_paying_twice_is_caught_with_the_exchanges_that_show_it() -> None:
    result = only(play(pays_twice, "submit-lost"))
    assert (result.verdict, result.jobs) == ("fail", 2)
    (breach,) = result.breaches
    assert (breach.judge, breach.actual, breach.exchanges) == ("jobs-made", "2 jobs", (1, 2))
    assert not result.steps[0].heard
    assert result.steps[0].faults == ("lost-answer",)


def test_a_key_that_leaks_everywhere_is_one_failure_and_remarks() -> None:
    def leaks(task: Task) -> None:
        fetched(task, polled(task, submitted(task)), Authorization=f"Bearer {task.key}")

    verdicts: list[str] = []
    matrix = play(leaks, PLAIN, "poll-gateway", watch=lambda result, *_: verdicts.append(result.verdict))
    assert [result.verdict for result in matrix.results] == ["fail", "remark"]
    assert verdicts == ["fail", "remark"]
    assert [result.verdict for result in play(leaks, "poll-gateway").results] == ["fail"]


def test_a_key_in_the_wrong_place_is_seen_though_no_tenant_is() -> None:
    def wrong(task: Task) -> None:
        headers = {"X-Key": task.key}
        body = {"model": task.model, "payload": {"prompt": task.prompt}}
        httpx.post(
            f"{task.base_url}/requests", headers=headers, json=body, trust_env=False
        ).raise_for_status()

    result = only(play(wrong, PLAIN))
    assert result.verdict == "fail"
    assert "key-in-its-place" in {breach.judge for breach in result.breaches}
    assert [step.status for step in result.steps] == [401]


def test_a_client_that_never_ends_is_killed_at_its_budget() -> None:
    stuck = CASES["poll-stuck"].model_copy(update={"budget": 1.0})
    result = only(play([sys.executable, "-c", f"{ASKS}; import time; time.sleep(600)"], stuck))
    assert result.verdict == "fail"
    assert result.runs[0].ending == "over budget"
    assert result.seconds < 15


@pytest.mark.parametrize(
    "command", [("no-such-program",), ("sh", "-c", "no-such-program"), ("sh", "-c", "exit 126")]
)
def test_a_program_that_is_not_there_could_not_run(command: tuple[str, ...]) -> None:
    matrix = play(command, PLAIN)
    assert only(matrix).verdict == "could not run"
    assert only(matrix).reason
    assert matrix.exit_code == 3


def test_a_fault_that_the_server_does_not_know_could_not_run() -> None:
    result = only(play(good, case(setup={"rules": [{"fault": "earthquake"}]})))
    assert result.verdict == "could not run"
    assert "earthquake" in result.reason


def test_what_does_not_apply_says_why() -> None:
    matrix = play(good, "process-killed", "callback-never")
    assert [result.verdict for result in matrix.results] == ["not applicable", "not applicable"]
    assert "--supports resume" in matrix.results[0].reason
    killed = play(good, "process-killed", options=EVERYTHING)
    assert only(killed).reason == "for clients that are a process"


def test_a_client_that_starts_anew_after_a_kill_pays_twice() -> None:
    result = only(play([sys.executable, small_program.__file__], "process-killed", options=EVERYTHING))
    assert result.verdict == "fail"
    assert {breach.judge for breach in result.breaches} >= {"jobs-made", "keeps-id"}
    assert [run.ending for run in result.runs] == ["killed", "exited"]


def test_of_a_client_that_hammers_everything_is_seen() -> None:
    def hammers(task: Task) -> None:
        job, headers = submitted(task), {"Authorization": f"Bearer {task.key}"}
        with httpx.Client(headers=headers, trust_env=False) as api:
            for _ in range(600):
                api.get(f"{task.base_url}/requests/{job}")
        raise RuntimeError(job)

    stuck = CASES["poll-stuck"]
    limit = {"judge": "asks-at-most", "settings": {"most": 599}}
    result = only(play(hammers, Case.model_validate(stuck.model_dump(by_alias=True) | {"judged": [limit]})))
    assert [breach.actual for breach in result.breaches] == ["600"]
    assert len(result.steps) == STEPS


def test_a_brittle_client_is_broken_by_one_change_whatever_else_it_gets_wrong() -> None:
    def brittle(task: Task) -> None:
        job = submitted(task)
        headers = {"Authorization": f"Bearer {task.key}"}
        known = {
            "request_id", "org_id", "model", "status", "is_public", "payload", "outcome", "qworker_id",
            "created_at", "updated_at", "queued_at", "user_id",
        }  # fmt: skip
        body = httpx.get(f"{task.base_url}/requests/{job}", headers=headers, trust_env=False).json()
        if strange := body.keys() - known:
            raise RuntimeError(f"{job}: unexpected {strange}")
        fetched(task, polled(task, job), Authorization=f"Bearer {task.key}")

    result = only(
        play(brittle, case(setup={"vary": {"kinds": ["unknown"], "roles": ["read"], "variants": 8}}))
    )
    assert result.verdict == "fail"
    (change,) = result.changes
    assert change.startswith("answer to read, job waiting: /")
    assert only(play(good, case(setup={"vary": {"variants": 2}}))).verdict == "pass"


def test_two_runs_of_the_same_seed_agree() -> None:
    ids = (PLAIN, "submit-lost", "poll-gateway", "poll-failed", "evolution-any")
    # Each by servers of its own, as a user's runs are.
    first, second = (
        kit.conform(
            pays_twice,
            provider="gmicloud",
            cases=[CASES[name] for name in ids],
            options=RunOptions(jobs=jobs, seed=3),
        )
        for jobs in (4, 1)
    )
    assert [result.fingerprint for result in first.results] == [
        result.fingerprint for result in second.results
    ]
    assert len({result.verdict for result in first.results}) > 1


def test_asserting_tells_the_whole_story() -> None:
    every = list(CASES.values())
    assert_conforms(good, provider="gmicloud", cases=every, only=[PLAIN])
    with pytest.raises(AssertionError, match=r"(?s)FAIL  submit-lost.*2 jobs.*lost-answer"):
        assert_conforms(pays_twice, provider="gmicloud", cases=every, only=["submit-lost"])
    with pytest.raises(SettingsError, match="no provider"):
        assert_conforms(good, provider="nobody", cases=every, only=[PLAIN])


def command(*arguments: str | Path, tmp_path: Path) -> subprocess.Popen[str]:
    """`mockserver conform` with these arguments."""
    words = [sys.executable, "-m", "mockserver", "conform", *map(str, arguments)]
    return subprocess.Popen(
        words,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=clean_environment(tmp_path / "home"),
        cwd=tmp_path,
        start_new_session=True,
    )


def test_the_command_line_from_known_failure_to_report(tmp_path: Path) -> None:
    known = tmp_path / "known.json"
    known.write_text(json.dumps({"known": [{"case": PLAIN, "reason": "it is nothing yet"}]}))
    report = tmp_path / "run.json"
    done = command(
        "--provider", "gmicloud", "--cases", write(tmp_path / "cases"), "--case", PLAIN, "--known", known,
        "--report", report, "--trace",
        "--", sys.executable, "-c", f"{ASKS}; raise SystemExit('no idea, {{prompt}}')", tmp_path=tmp_path,
    )  # fmt: skip
    out, err = done.communicate(timeout=60)
    assert done.returncode == 0, err
    assert "it is nothing yet" in out
    assert "no idea, A paper boat" in out
    assert f"[gmicloud 1/1] fail           {PLAIN}" in err
    assert json.loads(report.read_text())["matrices"][0]["results"][0]["shade"] == "fail"


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_an_interrupted_run_leaves_no_process(tmp_path: Path, how: signal.Signals) -> None:
    """A terminal sends its interrupt to the whole group, so the servers go at the same moment."""
    pids = tmp_path / "pids"
    code = f"import os, time; open({str(pids)!r}, 'a').write(f'{{os.getpid()}}\\n'); time.sleep(600)"
    cases = write(tmp_path / "cases", "poll-gateway", "poll-failed")
    run = command(
        "--provider",
        "gmicloud",
        "--cases",
        cases,
        "-j",
        "2",
        "--",
        sys.executable,
        "-c",
        code,
        tmp_path=tmp_path,
    )
    while not pids.exists() or len(pids.read_text().splitlines()) < 2:
        assert run.poll() is None
        time.sleep(0.05)
    os.killpg(run.pid, how) if how is signal.SIGINT else run.send_signal(how)
    _, err = run.communicate(timeout=60)
    assert run.returncode == 130
    assert "interrupted" in err
    assert "Traceback" not in err
    for pid in map(int, pids.read_text().split()):
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_an_interrupted_run_has_what_was_judged_until_then() -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    ids = [name for name in CASES if name.startswith("poll-")]
    with pytest.raises(RunInterrupted) as stopped:
        play(good, PLAIN, *ids, watch=interrupt)
    matrix = stopped.value.matrix
    first, *_, last = matrix.results
    assert (first.case.id, first.verdict) == (PLAIN, "pass")
    assert (last.verdict, last.reason) == ("could not run", "the run was interrupted")
    assert (matrix.interrupted, matrix.incomplete, matrix.exit_code) == (True, True, 3)
    assert sum(matrix.counts.values()) == len(matrix.results)


def test_ctrl_c_writes_the_reports_of_what_was_judged(tmp_path: Path) -> None:
    """The client fails in the first case and is interrupted in the second; kkiai was to follow."""
    mark = tmp_path / "second"
    code = (
        f"import os, time; mark = {str(mark)!r}\n"
        "if os.path.exists(mark + '-next'): open(mark, 'w').close(); time.sleep(600)\n"
        f"open(mark + '-next', 'w').close()\n{ASKS}"
    )
    endings = ("json", "html", "md", "xml")
    reports = [word for ending in endings for word in ("--report", tmp_path / f"run.{ending}")]
    run = command(
        "--provider", "gmicloud", "--provider", "kkiai",
        "--cases", write(tmp_path / "cases", PLAIN, "poll-failed"),
        *reports, "--", sys.executable, "-c", code, tmp_path=tmp_path,
    )  # fmt: skip
    while not mark.exists():
        assert run.poll() is None
        time.sleep(0.05)
    os.killpg(run.pid, signal.SIGINT)
    out, err = run.communicate(timeout=60)
    assert run.returncode == 130, err
    assert "the reports have what was judged until then" in err
    gmicloud, kkiai = json.loads((tmp_path / "run.json").read_text())["matrices"]
    verdicts = [{row["case"]: row["shade"] for row in matrix["results"]} for matrix in (gmicloud, kkiai)]
    assert verdicts == [
        {PLAIN: "fail", "poll-failed": "could not run"},
        {PLAIN: "could not run", "poll-failed": "could not run"},
    ]
    assert gmicloud["interrupted"]
    assert kkiai["interrupted"]
    shown = [out, *((tmp_path / f"run.{ending}").read_text(encoding="utf-8") for ending in endings[1:])]
    for text in shown:
        assert "INCOMPLETE: The run was interrupted. 1 of 2 cases could not be judged." in text
        assert "INCOMPLETE: The run was interrupted. 2 of 2 cases could not be judged." in text
    assert out.startswith("INCOMPLETE")
    assert "No case could be judged" not in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "--provider NAME -- COMMAND"),
        (("--provider", "gmicloud"), "--provider NAME -- COMMAND"),
        (("--provider", "nobody", "--", "x"), "no provider 'nobody'"),
        (("--provider", "gmicloud", "--case", "nope", "--", "x"), "no case 'nope'"),
        (("--provider", "gmicloud", "--supports", "flying", "--", "x"), "'flying' is not one of"),
        (("--provider", "gmicloud", "--report", "x.doc", "--", "x"), "reports end in"),
        (("--provider", "gmicloud", "--case", PLAIN, "--level", "MAY", "--", "x"), "no case matches"),
    ],
)
def test_a_command_line_that_makes_no_sense(arguments: tuple[str, ...], said: str, tmp_path: Path) -> None:
    given: tuple[str | Path, ...] = ("--cases", write(tmp_path / "cases"), *arguments)
    done = command(*given, tmp_path=tmp_path)
    _, err = done.communicate(timeout=60)
    assert done.returncode == 2
    assert said in err
    assert "Traceback" not in err


def test_the_list_names_every_case(tmp_path: Path) -> None:
    done = command("--cases", write(tmp_path / "cases"), "list", "--json", tmp_path=tmp_path)
    out, _ = done.communicate(timeout=60)
    assert {row["case"] for row in json.loads(out)} == CASES.keys()
