"""What schemathesis itself writes of a run against our server is read, and clean."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mockserver.in_process import serve
from mockserver.kit.contracts import load
from mockserver.kit.trace.judge import check_trace
from mockserver.kit.trace.open import read_trace
from tests.command_line import run_here
from tests.kit.trace.recording import PROVIDERS
from tests.schemathesis_runs import Schemathesis, imported
from tests.serving import KEY


@pytest.fixture(scope="module")
def schemathesis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Schemathesis]:
    with imported(tmp_path_factory.mktemp("imported")) as process:
        yield process


@pytest.fixture(scope="module", params=PROVIDERS)
def reports(
    request: pytest.FixtureRequest, schemathesis: Schemathesis, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, dict[str, Path]]:
    """A provider, and the reports of one run by their ending."""
    home = tmp_path_factory.mktemp("schemathesis")
    assert run_here(["contracts", "bundle", request.param, "--output", "openapi.json"], home).returncode == 0
    with serve(keys=(KEY,), cache_dir=home / "media") as server:
        schemathesis.run(
            home,
            *("openapi.json", "--url", server.base(request.param)),
            *("--header", f"Authorization: Bearer {KEY}", "--phases", "examples,fuzzing,stateful"),
            *("--max-examples", "3", "--seed", "7"),
            *("--report", "vcr,ndjson,har", "--report-dir", "reports"),
        )
    return request.param, {path.suffix: path for path in (home / "reports").iterdir()}


@pytest.mark.parametrize("ending", [".yaml", ".ndjson", ".json"])
def test_a_report_of_schemathesis_is_clean(reports: tuple[str, dict[str, Path]], ending: str) -> None:
    provider, files = reports

    run, history = check_trace(read_trace(files[ending]), load(provider), target=ending)

    assert [finding.sentence for finding in run.findings] == []
    assert run.jobs >= 1
    assert {call.exchange.caller for call in history.calls} <= {None, ""}


def test_its_reports_tell_of_the_same_exchanges(reports: tuple[str, dict[str, Path]]) -> None:
    _, files = reports
    recorded = [
        sorted(
            (exchange.method, exchange.url, exchange.status, exchange.response_body)
            for exchange in read_trace(files[ending])
        )
        for ending in (".yaml", ".ndjson")
    ]

    assert recorded[0] == recorded[1]


def test_a_cassette_whose_word_was_swapped_is_not(
    reports: tuple[str, dict[str, Path]], tmp_path: Path, falsify: Callable[[str], str]
) -> None:
    provider, files = reports
    path = tmp_path / "swapped.yaml"
    path.write_text(falsify(files[".yaml"].read_text()))

    run, _ = check_trace(read_trace(path), load(provider), target="swapped.yaml")

    assert run.count("failure") > 0


@pytest.fixture
def falsify() -> Callable[[str], str]:
    """Turns the word of a new job into one that nobody knows."""

    def swap(text: str) -> str:
        for word in ("queued", "submitted"):
            text = text.replace(f'\\"{word}\\"', '\\"lurking\\"')
        return text

    return swap
