"""A status that no contract can have is no drift that an overlay could allow."""

from __future__ import annotations

import pytest

from mockserver.kit import drift
from mockserver.kit.traffic.exchange import Exchange
from mockserver.kit.traffic.history import History
from tests.kit.checks.histories import JSON
from tests.kit.miniatures.base import GoodServer


def test_a_status_beyond_http_is_left_to_the_checks() -> None:
    history = History(GoodServer().contract)
    url = f"http://127.0.0.1{GoodServer.base}/models"
    for number, status in enumerate((999, 99, 600), 1):
        history.extend([Exchange(number, number, 0, "GET", url, (), b"", status, (), b"{}")])
    assert not [
        difference for difference in drift.collect(history, ()) if difference.kind == "undocumented status"
    ]
    assert drift.settle(history, record="recorded", folders=()).overlay is None


@pytest.mark.parametrize(("body", "has_schema"), [(b'{"a": 1}', True), (b"", False), (b"no JSON", False)])
def test_a_status_that_was_seen_gets_the_schema_of_what_came_with_it(body: bytes, has_schema: bool) -> None:
    history = History(GoodServer().contract)
    url = f"http://127.0.0.1{GoodServer.base}/models"
    history.extend([Exchange(1, 1, 0, "GET", url, (), b"", 418, JSON, body)])
    overlay = drift.settle(history, record="recorded", folders=()).overlay
    assert overlay is not None
    answer = overlay["patch"]["openapi.json"]["paths"]["/models"]["get"]["responses"]["418"]
    assert ("content" in answer) == has_schema
