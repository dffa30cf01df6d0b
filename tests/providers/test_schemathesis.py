"""An independent tool, with all its checks and phases, finds nothing between a bundle and the server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from mockserver.in_process import serve
from tests.command_line import run_here
from tests.providers.golden import FIXTURES, FOLDERS
from tests.schemathesis_runs import Schemathesis, imported
from tests.serving import KEY

KNOWN = {"orbit": ("--exclude-checks", "use_after_free")}
"""Orbit cancels by DELETE and keeps the job to be read; the tool takes every DELETE for a removal."""
SAYING_ALL = [provider for provider in FOLDERS if provider not in ("fal", "openai", "replicate", "veo")]
"""Those whose operations list their answers one by one. Answers that all share are words of ours, which this
tool cannot know; `verify` tells it of them.
"""


PHASES: Final = {1: "examples,coverage,fuzzing,stateful", 2: "fuzzing,stateful", 3: "fuzzing,stateful"}
"""By seed: the other two phases ask the same whatever the seed."""


@pytest.fixture(scope="module")
def schemathesis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Schemathesis]:
    with imported(tmp_path_factory.mktemp("schemathesis")) as process:
        yield process


@pytest.mark.parametrize("seed", PHASES)
@pytest.mark.parametrize("provider", SAYING_ALL)
def test_schemathesis_finds_nothing(
    provider: str, seed: int, schemathesis: Schemathesis, tmp_path: Path
) -> None:
    folders = [FIXTURES / "orbit"] if provider == "orbit" else []
    options = [word for folder in folders for word in ("--contracts", str(folder))]
    bundle = ["contracts", "bundle", provider, "--output", "openapi.json", *options]
    assert run_here(bundle, tmp_path).returncode == 0
    # One key only: by default any will do, and a tool that tries a wrong one would find just that.
    with serve(keys=(KEY,), contracts=folders, cache_dir=tmp_path / "media") as server:
        output = schemathesis.run(
            tmp_path,
            *("openapi.json", "--url", server.base(provider), "--header", f"Authorization: Bearer {KEY}"),
            *KNOWN.get(provider, ()),
            *("--checks", "all", "--phases", PHASES[seed], "--seed", str(seed)),
            *("--max-examples", "40"),
        )
    assert "No issues found" in output
