"""The server under attack and its bystander; how to write a test of the tour stands in `tour.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.abuse.tour import Polled, Tour


@pytest.fixture(scope="session")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Polled]:
    """A server that nobody attacks: what its tenant waits for is the machine's doing."""
    with ExitStack() as stack:
        polled = Polled(tmp_path_factory.mktemp("calm"))
        stack.callback(polled.stop)
        yield polled


@pytest.fixture
def tour(tmp_path: Path, calm: Polled) -> Iterator[Callable[..., Tour]]:
    """`tour("--strict")` is a server with these options over fresh files, and its bystander."""
    with ExitStack() as stack:

        def start(*arguments: str | Path, **named: Any) -> Tour:
            visit = Tour(tmp_path, arguments, calm=calm, **named)
            stack.callback(visit.stop)
            return visit

        yield start


@pytest.fixture(scope="module")
def shared_tour(tmp_path_factory: pytest.TempPathFactory, calm: Polled) -> Iterator[Callable[..., Tour]]:
    """As `tour`, but the same server for all tests of a module, for attacks that leave nothing behind."""
    visits: dict[tuple[str, ...], Tour] = {}
    with ExitStack() as stack:

        def find(*arguments: str) -> Tour:
            if arguments not in visits:
                visits[arguments] = Tour(tmp_path_factory.mktemp("tour"), arguments, calm=calm)
                stack.callback(visits[arguments].stop)
            if not visits[arguments].lives:
                visits[arguments].stop()
                visits[arguments].start()
            return visits[arguments]

        yield find
