"""A client that waits as long as a used-up quota says gets through at its next try, and not before."""

from __future__ import annotations

from contextlib import AbstractContextManager
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.control_client import ControlClient
from mockserver.engine.documents.live import LONGEST_WINDOW, SHORTEST_WINDOW
from mockserver.engine.quotas import _window, window_end
from mockserver.settings import Settings
from tests.engine.test_lifecycle import GMI
from tests.serving import Running, running_app

TOKEN = "t"


def served() -> AbstractContextManager[Running]:
    return running_app(Settings(token=TOKEN))


@given(
    now=st.integers(0, 4_000_000_000_000),
    seconds=st.floats(SHORTEST_WINDOW, LONGEST_WINDOW) | st.integers(1, 3600).map(float),
)
def test_the_end_of_a_window_is_the_first_moment_of_the_next(now: int, seconds: float) -> None:
    end = window_end(now, seconds)
    assert end > now
    assert _window(end, seconds) > _window(now, seconds)
    assert _window(end - 1, seconds) == _window(now, seconds)
    assert end - now <= Fraction(seconds) * 1000 + 1


@pytest.mark.parametrize("window", [1, 2.5, 10, 60, 3600])
@pytest.mark.parametrize("moved", [0, 0.001, 0.7, 17, 59.999])
def test_who_waits_as_told_gets_through(window: float, moved: float) -> None:
    with served() as server, ControlClient(server.url, TOKEN) as mock, server.client() as client:
        mock.set_quota(requests=1, window=window)
        server.clock.advance(moved)
        client.get(GMI).raise_for_status()
        refused = client.get(GMI)
        assert refused.status_code == 429
        wait = int(refused.headers["retry-after"])
        assert 1 <= wait <= window + 1
        server.clock.advance(wait)
        assert client.get(GMI).status_code == 200


@pytest.mark.parametrize("rate", [0.5, 4])
def test_the_wait_is_the_clients_own_seconds(rate: float) -> None:
    with served() as server, ControlClient(server.url, TOKEN) as mock, server.client() as client:
        mock.set_clock(rate=rate)
        mock.set_quota(requests=1, window=60)
        client.get(GMI).raise_for_status()
        server.clock.advance(int(client.get(GMI).headers["retry-after"]))
        assert client.get(GMI).status_code == 200


def test_a_clock_that_stands_is_moved_as_far() -> None:
    with served() as server, ControlClient(server.url, TOKEN) as mock, server.client() as client:
        mock.freeze()
        mock.set_quota(requests=1, window=60)
        client.get(GMI).raise_for_status()
        mock.advance(int(client.get(GMI).headers["retry-after"]))
        assert client.get(GMI).status_code == 200
