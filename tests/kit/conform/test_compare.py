"""Before and after: what counts as better, worse, new and gone."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given

from mockserver.cli.conform import command
from mockserver.kit.conform.reports.json import render
from mockserver.kit.conform.results.compare import compare
from mockserver.kit.conform.results.compare import render as to_text
from mockserver.kit.conform.results.result import Matrix, Verdict
from tests.kit.conform.matrices import CLEAN, FULL, KEY, LEAKED, OTHER, TWICE, matrices, matrix, result


def _run(tmp_path: Path, before: Matrix, after: Matrix, *more: str) -> Result:
    for name, run in (("a", before), ("b", after)):
        (tmp_path / f"{name}.json").write_text(render([run]))
    return CliRunner().invoke(command, ["compare", str(tmp_path / "a.json"), str(tmp_path / "b.json"), *more])


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ("pass", "fail", "worse"), ("remark", "weak", "worse"), ("pass", "could not run", "worse"),
        ("fail", "could not run", "worse"), ("fail", "weak", "better"), ("weak", "pass", "better"),
        ("pass", "not applicable", "gone"), ("not applicable", "fail", "new"),
        ("could not run", "pass", "new"),
        ("could not run", "not applicable", "same"), ("pass", "pass", "same"), ("fail", "fail", "same"),
    ],
)  # fmt: skip
def test_a_case_by_its_verdicts(before: Verdict, after: Verdict, kind: str) -> None:
    [change] = compare([matrix(result("poll-x", before))], [matrix(result("poll-x", after))]).changes
    assert change.kind == kind


def test_a_rule_more_that_is_broken_is_worse_and_one_less_better() -> None:
    one = result("poll-x", "fail", breaches=(TWICE,))
    two = replace(one, breaches=(TWICE, replace(TWICE, judge="key-not-said")))
    [worse] = compare([matrix(one)], [matrix(two)]).changes
    [better] = compare([matrix(two)], [matrix(one)]).changes
    assert (worse.kind, worse.broken) == ("worse", ("key-not-said (MUST)",))
    assert (better.kind, better.mended) == ("better", ("key-not-said (MUST)",))


def test_what_a_client_does_as_ever_is_no_news() -> None:
    plain, remarked = result("poll-x", "remark"), result("poll-x", "remark", breaches=(LEAKED,))
    assert [change.kind for change in compare([matrix(plain)], [matrix(remarked)]).changes] == ["same"]


def test_cases_of_one_side_are_new_or_gone_and_no_worse() -> None:
    found = compare([matrix(result("poll-x", "pass"))], [matrix(result("poll-y", "fail"))])
    assert {change.case: change.kind for change in found.changes} == {"poll-y": "new", "poll-x": "gone"}
    assert not found.worse


def test_a_client_may_be_called_otherwise_the_second_time() -> None:
    found = compare([CLEAN], [replace(CLEAN, command=("another", "name"))])
    assert {change.kind for change in found.changes} == {"same"}


def test_of_several_clients_each_is_compared_with_itself() -> None:
    good, bad = replace(CLEAN, command=("good",)), replace(FULL, command=("bad",))
    assert {change.kind for change in compare([good, bad], [bad, good]).changes} == {"same"}


def test_providers_are_never_mixed() -> None:
    changes = compare([CLEAN], [OTHER]).changes
    assert {(change.provider, change.kind) for change in changes} == {
        ("kkiai", "new"),
        ("gmicloud", "gone"),
    }


@given(matrices())
def test_a_run_is_the_same_as_itself(run: Matrix) -> None:
    assert {change.kind for change in compare([run], [run]).changes} <= {"same"}


@given(matrices(), matrices())
def test_worse_one_way_is_never_worse_the_other_unless_it_is_another_rule(one: Matrix, two: Matrix) -> None:
    there, back = compare([one], [two]), compare([two], [one])
    assert sorted(change.case for change in there.changes) == sorted(change.case for change in back.changes)
    for change in there.changes:
        if change.before != change.after and change.kind == "worse" and change.after != "could not run":
            [other] = [other for other in back.changes if other.case == change.case]
            assert other.kind == "better"


def test_the_command_ends_with_1_where_something_got_worse(tmp_path: Path) -> None:
    done = _run(
        tmp_path,
        CLEAN,
        matrix(result("request-plain", "fail", breaches=(TWICE,)), result("poll-stuck", "pass")),
    )
    assert done.exit_code == 1
    lines = done.output.splitlines()
    assert lines[0] == "score  100 % · 0 MUST failed  ->  50 % · 1 MUST failed"
    assert lines[1] == "WORSE  pass -> fail  request-plain [gmicloud]  Title of request-plain"
    assert lines[2] == "       now broken: jobs-made (MUST)"
    assert "1 worse, 0 better, 0 new, 0 gone, 1 same" in lines


def test_the_command_ends_with_0_where_nothing_did(tmp_path: Path) -> None:
    done = _run(tmp_path, FULL, CLEAN)
    assert done.exit_code == 0
    assert "BETTER fail -> pass  poll-stuck [gmicloud]" in done.output


def test_json_has_all_that_changed(tmp_path: Path) -> None:
    told = json.loads(_run(tmp_path, CLEAN, FULL, "--json").stdout)
    assert told["worse"] is True
    assert told["counts"] == {"worse": 1, "better": 0, "new": 5, "gone": 0, "same": 1}
    new = next(change for change in told["changes"] if change["case"] == "submit-answer-lost")
    assert (new["kind"], new["before"], new["after"]) == ("new", None, "fail")
    assert (told["before"]["number"], told["after"]["number"]) == (100, 33)


def test_new_and_gone_cases_that_did_not_fail_take_a_line_together() -> None:
    names = [f"poll-{number}-of-a-job-{'x' * number}" for number in range(30)]
    several = matrix(*(result(name, "pass") for name in names))
    text = to_text(compare([matrix()], [several]))
    assert len(text.splitlines()) < 30
    assert "NEW    not failing: poll-0-of-a-job- [gmicloud], poll-1-of-a-job-x" in text
    assert re.findall("poll-[0-9a-z-]+", text) == names


def test_a_key_is_not_shown(tmp_path: Path) -> None:
    done = _run(tmp_path, CLEAN, matrix(result("request-plain", "fail", title=f"it says {KEY}")))
    assert "it says [key]" in done.output


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"matrices": 3}', '{"matrices": [], "format": 2}'])
def test_what_is_no_report_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.json").write_text(text)
    done = CliRunner().invoke(command, ["compare", str(tmp_path / "a.json"), str(tmp_path / "a.json")])
    assert done.exit_code != 0
    assert str(tmp_path / "a.json") in str(done.exception)
