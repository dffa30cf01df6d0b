"""The threads of a run stop when it is interrupted, and it waits for what they have begun."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import pytest

from mockserver.kit.conform.running.runner import _Runner


def test_an_interrupted_run_waits_for_the_cases_that_it_has_begun() -> None:
    begun = threading.Event()
    ended: list[str] = []
    run: Any = SimpleNamespace(_options=SimpleNamespace(jobs=1), _stop=threading.Event())

    def case() -> None:
        begun.set()
        run._stop.wait()
        ended.append("begun")

    def interrupted() -> None:
        with _Runner._threads(run) as threads:
            threads.submit(case)
            threads.submit(ended.append, "waiting")
            begun.wait()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert ended == ["begun"]
