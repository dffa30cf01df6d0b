"""A status that no contract can have is no drift that an overlay could allow."""

from __future__ import annotations

from mockserver.kit import drift
from mockserver.kit.traffic.exchange import Exchange
from mockserver.kit.traffic.history import History
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
