"""Connections that say nothing, or never finish: they are closed, and others are served meanwhile."""

from __future__ import annotations

import resource
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from tests.abuse import impatient
from tests.abuse.tour import MIB, SUBMIT, Tour

SILENT = 1100
"""Connections, more than the files that the server may have open."""
HALF_A_HEAD = b"GET / HTTP/1.1\r\nHost: a\r\n"


@contextmanager
def many_descriptors() -> Iterator[None]:
    """Room for the test's own ends of the connections."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2 * SILENT), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_silent_connections_are_closed_and_others_served(tour: Callable[..., Tour]) -> None:
    visit = tour(program=(sys.executable, impatient.__file__))
    with many_descriptors(), ExitStack() as stack, visit.attack(memory=40 * MIB):
        silent = [stack.enter_context(visit.connect()) for _ in range(SILENT)]
        for connection in silent[::2]:
            _begin(connection)
        with visit.client() as client:
            assert client.get(SUBMIT).status_code == 200
        assert all(_ends(connection) for connection in silent)


def _begin(connection: socket.socket) -> None:
    """Send half a head; the server may have closed the connection already, to make room."""
    try:
        connection.sendall(HALF_A_HEAD)
    except ConnectionError:
        return


def _ends(connection: socket.socket) -> bool:
    """Whether the server closes it, within the time that the connection waits for anything."""
    try:
        return connection.recv(1) == b""
    except ConnectionError:
        return True
    except TimeoutError:
        return False
