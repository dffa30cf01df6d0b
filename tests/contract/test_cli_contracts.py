"""`mockserver contracts`: bundle, show, check."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from openapi_spec_validator import validate

from mockserver.cli import group
from mockserver.contract.registry import find_all
from mockserver.contract.source import builtin_root, find_providers, read_source
from mockserver.errors import ContractError, SettingsError

ORBIT = Path(__file__).resolve().parents[2] / "fixtures" / "orbit"
FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
BUILTIN = list(find_providers(builtin_root()))
READINGS = [
    (name, option)
    for name in BUILTIN
    for option in (
        *(("--profile", profile) for profile in ("documented", "vendor", "observed")),
        *(("--overlay", overlay) for overlay in read_source(builtin_root() / name).overlays()),
    )
]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(group, ["contracts", *arguments])


def good(*arguments: str) -> str:
    result = run(*arguments)
    assert result.exit_code == 0, result.output or result.exception
    return result.stdout


@pytest.mark.parametrize(
    ("name", "option"), READINGS, ids=lambda value: "-".join(value[1:]) if isinstance(value, tuple) else value
)
def test_each_bundle_is_openapi(name: str, option: tuple[str, str]) -> None:
    document = json.loads(good("bundle", name, *option))

    validate(document)
    assert document["openapi"].startswith("3.1.")


def test_a_bundle_needs_no_other_file_and_keeps_our_words() -> None:
    text = good("bundle", "gmicloud")

    assert ".json" not in json.dumps([*references(json.loads(text))])
    assert '"x-provenance"' in text
    assert '"x-image"' in text
    assert text.startswith('{\n  "openapi"')


def references(node: Any) -> list[str]:
    targets = [node["$ref"]] if isinstance(node, dict) and isinstance(node.get("$ref"), str) else []
    for value in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        targets += references(value)
    return targets


def test_bundle_writes_to_a_file(tmp_path: Path) -> None:
    path = tmp_path / "out.json"

    assert good("bundle", "aimlapi", "--output", str(path)) == ""
    assert path.read_text(encoding="utf-8") == good("bundle", "aimlapi")


def test_bundle_says_why_it_cannot_write(tmp_path: Path) -> None:
    result = run("bundle", "aimlapi", "--output", str(tmp_path / "none" / "out.json"))

    assert isinstance(result.exception, SettingsError)
    assert "cannot write" in str(result.exception)


def test_bundle_reads_as_it_is_told() -> None:
    def words(*options: str) -> list[str]:
        return list(json.loads(good("bundle", "gmicloud", *options))["x-job"]["states"])

    assert "dispatched" not in words()
    assert "dispatched" in words("--profile", "vendor")
    assert "dispatched" in words("--overlay", "seven-states")
    assert "dispatched" in words("--overlay", "gmicloud/seven-states")


def test_bundle_takes_further_providers() -> None:
    assert json.loads(good("bundle", "orbit", "--contracts", str(ORBIT)))["x-job"]["provider"] == "orbit"


@pytest.mark.parametrize("command", ["bundle", "show"])
@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        (["nobody"], SettingsError, f"no provider 'nobody'; providers: {', '.join(find_all())}"),
        (
            ["gmicloud", "--profile", "dreamt"],
            ContractError,
            "has no profile 'dreamt'; profiles: documented, vendor",
        ),
        (["gmicloud", "--overlay", "none"], ContractError, "there is no overlay 'none'; overlays: "),
    ],
)
def test_a_wrong_name_is_answered_with_the_right_ones(
    command: str, arguments: list[str], kind: type[Exception], message: str
) -> None:
    result = run(command, *arguments)

    assert isinstance(result.exception, kind)
    assert message in str(result.exception)


@pytest.mark.parametrize("name", BUILTIN)
def test_show_names_every_operation_field_state_and_model(name: str) -> None:
    text = "".join(good("show", name).split())
    promise = json.loads(good("show", name, "--json"))

    assert promise["requests"]
    assert promise["answers"]
    for call in promise["operations"]:
        assert call["path"] in text
        assert call["role"] in text
    for message in (*promise["requests"], *promise["answers"]):
        for field in message["fields"]:
            assert field["name"] in text
            assert field["tag"] in text
            assert all(word in text for word in field["source"].split() if len(word) < 12)
    for row in (*promise["states"], *promise["models"]):
        assert row.get("state", row.get("id")) in text


@pytest.mark.parametrize("name", BUILTIN)
def test_show_has_the_answers_that_any_operation_may_give(name: str) -> None:
    answers = json.loads(good("show", name, "--json"))["answers"]

    assert "any 405 method" in {user for message in answers for user in message["used"]}


@pytest.mark.parametrize("name", BUILTIN)
def test_show_cuts_nothing_off(name: str) -> None:
    lines = good("show", name).splitlines()

    assert not [line for line in lines if "…" in line]
    assert max(len(line) for line in lines) <= 200


def field(promise: Any, name: str, when: str = "") -> Any:
    every = [field for message in promise["requests"] for field in message["fields"]]
    (answer,) = [entry for entry in every if entry["name"] == name and when in entry["when"]]
    return answer


def test_show_says_what_each_field_may_be_and_who_says_so() -> None:
    promise = json.loads(good("show", "gmicloud", "--json"))

    assert field(promise, "payload.duration", "Image2Video-V1.6-Pro") == {
        "place": "body",
        "name": "payload.duration",
        "type": "string",
        "required": False,
        "allowed": '"5" | "10"',
        "default": '"5"',
        "when": 'model is "Kling-Image2Video-V1.6-Pro"',
        "tag": "DOCUMENTED",
        "source": "S1 Request Parameters: payload.duration; reading C01 C02",
    }
    assert field(promise, "payload.image", "V1.6-Pro")["required"] is True
    assert field(promise, "payload.cfg_scale", "V1.6-Pro")["allowed"] == "0 to 1"
    assert field(promise, "payload.prompt", "V1.6-Pro")["allowed"] == "at most 2500 characters"


def test_show_has_the_parameters_of_a_path_and_a_query() -> None:
    promise = json.loads(good("show", "orbit", "--contracts", str(ORBIT), "--json"))

    assert field(promise, "per_page")["allowed"] == "1 to 50"
    places = {
        (entry["place"], entry["name"]) for message in promise["requests"] for entry in message["fields"]
    }
    assert {("path", "id"), ("path", "name"), ("query", "page"), ("body", "engine")} <= places


def test_show_assumed_lists_assumptions_alone() -> None:
    claims = json.loads(good("show", "gmicloud", "--assumed", "--json"))
    text = good("show", "gmicloud", "--assumed")

    assert {claim["tag"] for claim in claims} == {"ASSUMED"}
    assert {"/components/responses/WrongMethod", "/components/responses/TooLarge"} <= {
        claim["pointer"] for claim in claims
    }
    assert text.rstrip().endswith(f"{len(claims)} assumptions")
    assert all(claim["pointer"] in text for claim in claims)


def test_check_of_a_clean_contract_exits_0() -> None:
    result = run("check", str(ORBIT))

    assert (result.exit_code, result.output) == (0, "0 findings in orbit\n")


def test_check_of_a_broken_contract_exits_1_with_a_line_for_each(tmp_path: Path) -> None:
    folder = broken(tmp_path)

    result = run("check", str(folder), str(ORBIT))

    assert result.exit_code == 1
    assert result.output.splitlines() == [
        "orbit/schemas/lite.json#/properties/shape: the property has no x-provenance",
        "1 finding in orbit, orbit",
    ]


def test_check_gives_the_same_as_json(tmp_path: Path) -> None:
    result = run("check", str(broken(tmp_path)), "--json")

    assert result.exit_code == 1
    assert json.loads(result.stdout) == [
        {
            "provider": "orbit",
            "file": "schemas/lite.json",
            "pointer": "/properties/shape",
            "message": "the property has no x-provenance",
        }
    ]


def test_check_reads_every_provider_of_a_folder(tmp_path: Path) -> None:
    broken(tmp_path)

    assert run("check", str(tmp_path)).output.endswith("1 finding in orbit\n")


def broken(folder: Path) -> Path:
    """Orbit without the provenance of one property, below `folder`."""
    for file, content in read_source(ORBIT).files.items():
        path = folder / "orbit" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        if file == "schemas/lite.json":
            del content["properties"]["shape"]["x-provenance"]
        path.write_text(json.dumps(content), encoding="utf-8")
    return folder / "orbit"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["check", "{empty}"], 2, "there is no openapi.json in this folder or in a folder directly below it"),
        (["check", "{empty}/none"], 2, "does not exist"),
        (["bundle", "nobody"], 2, "mockserver: no provider 'nobody'"),
        (
            ["show", "gmicloud", "--profile", "dreamt"],
            2,
            "mockserver: openapi.json#/x-job/profiles: has no profile",
        ),
    ],
)
def test_what_makes_no_sense_is_one_line_and_exit_code_2(
    arguments: list[str], code: int, message: str, tmp_path: Path
) -> None:
    given = [argument.format(empty=tmp_path) for argument in arguments]
    command = [sys.executable, "-m", "mockserver", "contracts", *given]

    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    assert (done.returncode, done.stdout) == (code, "")
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_show_fits_a_terminal_of_80_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.cli.console.WIDTH", 80)

    text = good("show", "orbit", "--contracts", str(ORBIT))

    assert max(len(line) for line in text.splitlines()) <= 80
    assert '"1:1" | "16:9", default "1:1"' in text


@pytest.mark.parametrize("profile", ["documented", "vendor", "observed"])
@pytest.mark.parametrize("name", ["aimlapi", "gmicloud", "kkiai", "orbit"])
def test_a_bundle_passes_our_own_check(name: str, profile: str, tmp_path: Path) -> None:
    path = tmp_path / name / "openapi.json"
    path.parent.mkdir()

    good("bundle", name, "--profile", profile, "--contracts", str(FIXTURES), "--output", str(path))

    assert good("check", str(tmp_path)) == f"0 findings in {name}\n"
