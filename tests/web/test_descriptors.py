"""The server raises its limit of open files as far as it may, and leaves some of them to itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mockserver.web import descriptors

resource = pytest.importorskip("resource", reason="this system has no limit of descriptors")
ENDLESS = resource.RLIM_INFINITY
MOST = 16_384


class Limits:
    """The limits of a process, and what was set."""

    def __init__(self, soft: int, hard: int, monkeypatch: pytest.MonkeyPatch) -> None:
        self.set: list[tuple[int, int]] = []
        monkeypatch.setattr(resource, "getrlimit", lambda _: (soft, hard))
        monkeypatch.setattr(resource, "setrlimit", lambda _, limits: self.set.append(limits))


@pytest.fixture(autouse=True)
def _read_anew() -> Iterator[None]:
    descriptors.most_connections.cache_clear()
    yield
    descriptors.most_connections.cache_clear()


@pytest.mark.parametrize(
    ("soft", "hard", "raised"),
    [
        (1024, 4096, [(4096, 4096)]),
        (1024, MOST, [(MOST, MOST)]),
        (1024, 2 * MOST, [(MOST, 2 * MOST)]),
        (1024, ENDLESS, [(MOST, ENDLESS)]),
        (4096, 4096, []),
        (MOST, ENDLESS, []),
        (2 * MOST, ENDLESS, []),
        (ENDLESS, ENDLESS, []),
    ],
)
def test_a_low_limit_is_raised_and_a_high_one_left(
    soft: int, hard: int, raised: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = Limits(soft, hard, monkeypatch)
    descriptors.raise_limit()
    assert limits.set == raised


def test_a_limit_that_may_not_be_raised_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise ValueError("not allowed to raise maximum limit")

    Limits(1024, 4096, monkeypatch)
    monkeypatch.setattr(resource, "setrlimit", refuse)
    descriptors.raise_limit()


@pytest.mark.parametrize(("soft", "most"), [(MOST, MOST - 128), (1024, 896), (101, 50), (ENDLESS, MOST)])
def test_some_are_left_for_files(soft: int, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    Limits(soft, ENDLESS, monkeypatch)
    connections = descriptors.most_connections()
    assert connections == most
    assert isinstance(connections, int)
