"""The end of what tests of the kit share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.kit.at_end import AT_END


@pytest.fixture(scope="session", autouse=True)
def _shared() -> Iterator[None]:
    with AT_END:
        yield
