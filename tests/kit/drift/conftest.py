"""Recordings, each made once: of the documented server, and of the lenient one."""

from __future__ import annotations

import pytest

from mockserver.settings import Settings
from tests.kit.trace.recording import PROVIDERS, TOKEN, Har, archive, use
from tests.serving import running_app


def _record(home: pytest.TempPathFactory, profile: str) -> Har:
    settings = Settings(token=TOKEN, profile=profile, cache_dir=home.mktemp(profile), small_clips=True)
    with running_app(settings) as running:
        for provider in PROVIDERS:
            use(running, provider)
        return archive(running)


@pytest.fixture(scope="session")
def documented(tmp_path_factory: pytest.TempPathFactory) -> Har:
    """Traffic of every provider as its documents say."""
    return _record(tmp_path_factory, "documented")


@pytest.fixture(scope="session")
def observed(tmp_path_factory: pytest.TempPathFactory) -> Har:
    """Traffic of every provider as it was seen to be."""
    return _record(tmp_path_factory, "observed")
