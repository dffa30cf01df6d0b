"""`mockserver contracts diff A B`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mockserver.cli import group
from mockserver.contract.registry import find_all
from mockserver.errors import SettingsError
from tests.kit.diff.edits import ORBIT, copy, orbit

RISKY = orbit("/x-job/id/length", 17)
TEXT = orbit("/info/version", "4")


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(group, ["contracts", "diff", *map(str, arguments)])


def test_no_difference_says_so() -> None:
    result = run("gmicloud", "gmicloud@documented")

    assert result.exit_code == 0
    assert "gmicloud -> gmicloud@documented: no difference" in result.stdout


def test_breaking_changes_come_in_a_group_and_fail() -> None:
    result = run("gmicloud", "gmicloud@vendor")

    assert result.exit_code == 1
    assert result.stdout.index("Breaking (2)") < result.stdout.index("Risky (1)")
    assert result.stdout.index("Risky (1)") < result.stdout.index("Harmless (")
    assert "state.added-on-way" in result.stdout
    assert "state dispatched" in result.stdout
    assert "gmicloud -> gmicloud@vendor: 2 breaking, 1 risky" in result.stdout


@pytest.mark.parametrize(("option", "code"), [((), 0), (("--fail-on", "risky"), 1)])
def test_a_risky_change_fails_only_who_asks_for_it(
    option: tuple[str, ...], code: int, tmp_path: Path
) -> None:
    result = run(ORBIT, copy(tmp_path, [RISKY]), *option)

    assert result.exit_code == code
    assert "id.length-changed" in result.stdout


def test_words_for_people_are_shown_to_who_asks(tmp_path: Path) -> None:
    other = copy(tmp_path, [TEXT])
    short, full = run(ORBIT, other), run(ORBIT, other, "--all")

    assert short.exit_code == full.exit_code == 0
    assert "no difference" in short.stdout
    assert "1 in words for people" in short.stdout
    assert "info version" in full.stdout


def test_json_holds_every_part_of_a_change(tmp_path: Path) -> None:
    other = copy(tmp_path, [RISKY])
    result = run(ORBIT, other, "--json")

    assert json.loads(result.stdout) == {
        "before": str(ORBIT),
        "after": str(other),
        "changes": [
            {
                "severity": "risky",
                "code": "id.length-changed",
                "where": ["a job's id"],
                "before": 16,
                "after": 17,
                "why": "a client may have reserved space for the former length",
                "source": "ASSUMED invented id",
                "file": "openapi.json",
                "pointer": "/x-job/id/length",
                "witness": None,
            }
        ],
    }


def test_providers_of_ones_own_have_names_too(tmp_path: Path) -> None:
    copy(tmp_path, [RISKY])

    assert run("orbit", "orbit@vendor", "--contracts", tmp_path).exit_code == 0


def test_what_is_not_there_is_a_usage_error() -> None:
    result = run("gmicloud", "nobody")

    assert isinstance(result.exception, SettingsError)
    assert result.exception.exit_code == 2
    assert f"'nobody' is neither a provider ({', '.join(find_all())})" in str(result.exception)
    assert run("gmicloud").exit_code == 2


def test_help_says_the_exit_codes() -> None:
    assert "Exit codes: 0" in run("--help").stdout


def test_the_codes_are_listed_as_text_and_as_json() -> None:
    rows = json.loads(run("--json", "--codes").stdout)

    assert json.loads(run("--codes", "--json").stdout) == rows
    assert run("--codes").stdout.splitlines()[0].startswith("request.type-narrowed: breaking, ")
    assert {"code": "text.changed", "severity": "text", "why": "a text for people"} in rows
