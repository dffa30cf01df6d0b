"""What reports of a client say and cut, word for word and at each limit."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mockserver.kit.conform.evidence import ClientRun
from mockserver.kit.conform.reports.text import details, render, result_line, step_line, summary
from mockserver.kit.conform.results.causes import find_causes
from mockserver.kit.conform.results.comparison_table import client_label, tabulate
from mockserver.kit.conform.results.result import ClientRunSummary, Result, TimelineStep, Verdict
from mockserver.kit.conform.results.timeline import FIRST, LINES, STEPS, WIDTH, summarize, timeline
from tests.kit.conform.environments import evidence, read, submit
from tests.kit.conform.matrices import AGAIN, FAILED, FULL, LEAKED, LOST, TWICE, matrix, result

READ = TimelineStep(12, 3.14159, 0.1, "read", "GET", "/requests/a", 200, "queued", "a")


@pytest.mark.parametrize(
    ("step", "line"),
    [
        (READ, "           #12     3.142  read   GET  /requests/a" + " " * 34 + "200 queued"),
        (
            LOST,
            "           #1      0.500  submit POST /requests"
            + " " * 36
            + "200 queued  <- lost-answer, no answer arrived",
        ),
        (
            replace(READ, role="", status=0, state="", faults=("a", "b"), note="why"),
            "           #12     3.142  ?      GET  /requests/a" + " " * 34 + "---   <- a, b  why",
        ),
        (replace(READ, path="/" * 44), f"           #12     3.142  read   GET  {'/' * 44} 200 queued"),
        (
            replace(READ, path="a" * 20 + "b" * 25),
            f"           #12     3.142  read   GET  {'a' * 18}...{'b' * 23} 200 queued",
        ),
    ],
)
def test_an_exchange_takes_a_line(step: TimelineStep, line: str) -> None:
    assert step_line(step) == line


def _of(steps: int) -> str:
    return "\n".join(details(replace(FAILED, steps=(AGAIN,) * steps)))


def test_a_long_timeline_is_cut_in_the_middle_unless_all_is_wanted() -> None:
    assert (_of(24).count("#2 "), "more ..." in _of(24)) == (24, False)
    assert (_of(27).count("#2 "), "... 3 more ..." in _of(27)) == (24, True)
    whole = "\n".join(details(replace(FAILED, steps=(AGAIN,) * 27), trace=True))
    assert whole.count("#2 ") == 27
    assert "it made no request" in _of(0)
    assert "it made no request" not in _of(1)


def test_of_many_exchanges_that_show_a_breach_eight_are_named() -> None:
    many = replace(FAILED, breaches=(replace(TWICE, exchanges=tuple(range(1, 11))),))
    text = "\n".join(details(many))
    assert "(exchange #1, #2, #3, #4, #5, #6, #7, #8)" in text


def test_a_case_is_told_with_all_that_it_takes_to_act() -> None:
    lines = list(details(FAILED))
    assert lines[0] == "FAIL  submit-answer-lost  Title of submit-answer-lost  [gmicloud, MUST, money]"
    assert lines[1:][:6] == [
        "  required   It goes well.",
        "  expected   at most 1 job  (MUST, jobs-made)",
        "  but        2 jobs  (exchange #1, #2)",
        "  expected   an operation  (MUST, valid-requests)",
        "  but        PUT /nowhere  (exchange #6); it does so in the baseline case too, see request-plain",
        "  answers    the client breaks where",
    ]
    assert lines[7:12] == [
        "             * state is absent",
        "  why        It is paid twice.",
        "  advice     Look before you submit again.",
        "  source     https://example.com/thread",
        "  did        what the client did, in seconds of its run",
    ]
    assert lines[-5:] == [
        "  ended      killed by the case after 0.5 s",
        "  ended      exit code 0 after 1.0 s",
        "  stdout   | job-2",
        "  stderr   | a warning",
        "  reproduce  mockserver conform --case submit-answer-lost --trace -- ./client",
    ]


def test_a_stopped_run_says_who_stopped_it() -> None:
    stopped = ClientRunSummary("over budget", None, 5.04, note="it went on")
    text = " ".join("\n".join(details(replace(FAILED, runs=(stopped,), virtual=True))).split())
    assert "killed with all that it started, at the case's budget of 5 s, after 5.0 s; it went on" in text
    assert "in seconds of a moved clock" in text


@pytest.mark.parametrize(
    ("verdict", "excused", "line"),
    [
        ("pass", "", "pass           poll-a  1.3 s"),
        ("could not run", "", "could not run  poll-a  1.3 s"),
        ("fail", "our ticket", "fail           poll-a  1.3 s (known: our ticket)"),
    ],
)
def test_a_result_takes_a_line(verdict: Verdict, excused: str, line: str) -> None:
    assert result_line(result("poll-a", verdict, seconds=1.26, excused=excused)) == line


@pytest.mark.parametrize(("took", "told"), [(59.9, False), (60.0, True)])
def test_a_long_run_names_its_three_slowest_cases(took: float, told: bool) -> None:
    results = tuple(result(f"poll-{name}", "pass", seconds=float(at)) for at, name in enumerate("abcd"))
    lines = list(summary(matrix(*results, took=took)))
    slow = [line for line in lines if "the slowest were poll-d 3.0 s, poll-c 2.0 s, poll-b 1.0 s;" in line]
    assert bool(slow) == told
    assert lines[0] == f"{FULL.provider}: 4 cases in {took:.1f} s: 4 pass"
    assert not any("known" in line for line in lines)


def test_cases_that_could_not_run_for_one_reason_stand_together() -> None:
    def lost(name: str, reason: str) -> Result:
        return result(name, "could not run", reason=reason)

    same = [lost("poll-a", "no job"), lost("poll-b", "no job"), lost("poll-c", "no port")]
    text = render(matrix(*same))
    assert "COULD NOT RUN  2 cases: no job: poll-a, poll-b\n" in text
    assert "COULD NOT RUN  poll-c  Title of poll-c" in text
    assert "COULD NOT RUN  poll-a  Title" not in text


def _causes(*results: Result) -> list[tuple[str, ...]]:
    return [cause.cases for cause in find_causes(results)]


def test_at_most_five_causes_are_named_and_the_commonest_first() -> None:
    def broken(rule: str, case: str) -> Result:
        return result(case, "fail", breaches=(replace(TWICE, rule=rule),))

    rare = [broken(f"Rule {number}.", f"poll-{number}") for number in range(5)]
    common = [broken("Common.", "poll-x"), broken("Common.", "poll-y")]
    causes = _causes(*rare, *common)
    assert len(causes) == 5
    assert causes[0] == ("poll-x", "poll-y")
    with_plain = find_causes([broken("Plain.", "request-plain"), *rare, *common])
    assert with_plain[0].cases[0] == "request-plain"
    assert len(with_plain) <= 5


def test_harms_are_counted_by_their_failures() -> None:
    table = tabulate(
        [
            matrix(
                result("poll-a", "fail", harm="money"),
                result("poll-b", "fail", harm="money"),
                result("poll-c", "fail", harm="security"),
                result("poll-d", "weak", harm="work"),
            )
        ]
    )
    assert table.harms == "money in 2 cases, security in 1 case"
    assert tabulate([matrix(result("poll-a", "pass"))]).harms == ""
    assert table.count("fail") == 3
    assert [row.case.id for row in table.to_mend] == ["poll-a", "poll-b", "poll-c", "poll-d"]


@pytest.mark.parametrize(
    ("command", "label"),
    [
        (("/usr/bin/python", "-m", "client"), "python -m client"),
        (("a" * 60,), "a" * 60),
        (("a" * 31 + "b" * 30,), "a" * 30 + " … " + "b" * 30),
        ((), FULL.client),
    ],
)
def test_a_client_is_called_by_a_short_command(command: tuple[str, ...], label: str) -> None:
    assert client_label(replace(FULL, name="", command=command)) == label
    assert client_label(replace(FULL, name="Mine", command=command)) == "Mine"


@pytest.mark.parametrize("count", [LINES, LINES + 1, LINES + 5])
def test_of_long_output_the_first_and_the_last_lines_are_kept(count: int) -> None:
    lines = [f"line {number}" for number in range(count)]
    summed = summarize(ClientRun("exited", 0, 1.23456, "\n\n".join(lines), "x" * (WIDTH + 1)))
    kept = lines if count == LINES else [*lines[:FIRST], "...", *lines[-(LINES - FIRST - 1) :]]
    assert summed.stdout.splitlines() == kept
    assert summed.stderr == "x" * WIDTH
    assert summed.seconds == 1.235
    assert len(kept) == LINES


@pytest.mark.parametrize(
    ("escaped", "left", "note"),
    [
        (0, False, ""),
        (2, False, "processes that had left the client's process group were ended: 2"),
        (2, True, "a process that has left the client's process group still runs and holds its output"),
    ],
)
def test_processes_that_got_away_are_told(escaped: int, left: bool, note: str) -> None:
    assert summarize(ClientRun("exited", 0, 1.0, escaped=escaped, left=left)).note == note


@pytest.mark.parametrize("count", [STEPS, STEPS + 1])
def test_of_many_exchanges_both_ends_are_kept(count: int) -> None:
    steps = timeline(evidence(*(read(number / 10) for number in range(count))))
    assert len(steps) == STEPS
    assert (steps[0].number, steps[-1].number) == (1, count)
    assert steps[STEPS // 2 - 1].number == STEPS // 2
    assert steps[STEPS // 2].number == count - STEPS // 2 + 1


def test_a_step_says_what_the_exchange_was() -> None:
    first, second = timeline(
        evidence(submit(0.12345, took=0.5, faults=("lost-answer",)), read(1, job=None), began=0.1)
    )
    assert (first.at, first.took, first.role, first.status) == (0.023, 0.5, "submit", 200)
    assert (first.faults, first.heard, second.heard) == (("lost-answer",), False, True)
    assert (second.number, second.state, second.job) == (2, "queued", "")
    early = timeline(evidence(read(1), began=5.0))
    assert early[0].at == 0.0


def test_what_is_wrong_in_the_baseline_alone_is_one_remark() -> None:
    remarks = [result(f"poll-{name}", "remark", breaches=(LEAKED,)) for name in "ab"]
    text = render(matrix(*remarks))
    remark = "REMARK  passed but for what is wrong in the baseline case too (valid-requests): poll-a, poll-b"
    assert text.count("REMARK") == 1
    assert remark in text
