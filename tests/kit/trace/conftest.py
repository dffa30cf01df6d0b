"""One recording of each provider, made once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mockserver.settings import Settings
from tests.kit.trace.recording import PROVIDERS, TOKEN, Har, archive, page, use
from tests.serving import running_app


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Har, Har]]:
    """The traffic of every provider in one journal: as an HTTP archive, and as the journal's own JSON."""
    home: Path = tmp_path_factory.mktemp("recorded")
    with running_app(Settings(token=TOKEN, cache_dir=home, small_clips=True)) as running:
        for provider in PROVIDERS:
            use(running, provider)
        yield archive(running), page(running)
