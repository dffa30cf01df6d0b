"""The server under attack and its bystander; how to write a test of the tour stands in `tour.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.abuse.tour import Tour


@pytest.fixture
def tour(tmp_path: Path) -> Iterator[Callable[..., Tour]]:
    """`tour("--strict")` is a server with these options over fresh files, and its bystander."""
    with ExitStack() as stack:

        def start(*arguments: str | Path) -> Tour:
            visit = Tour(tmp_path, arguments)
            stack.callback(lambda: visit.stop())
            return visit

        yield start
