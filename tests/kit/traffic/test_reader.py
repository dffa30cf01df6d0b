"""Which operation of a contract a URL means."""

from __future__ import annotations

from typing import Final

import pytest

from mockserver.kit.contracts import load
from mockserver.kit.traffic.call import Reader
from mockserver.kit.traffic.exchange import Exchange
from mockserver.kit.traffic.history import JobHistory, concerns
from tests.kit.checks.histories import JSON

OWN: Final = "/api/v1/ie/requestqueue/apikey/requests"


@pytest.mark.parametrize(
    ("base", "path", "operation"),
    [
        ("", OWN, "submitRequest"),
        ("", f"/gateway{OWN}", None),
        ("", "/requests", None),
        ("/gateway", f"/gateway{OWN}", "submitRequest"),
        ("https://gateway.example/gateway/", "/gateway/requests", "submitRequest"),
        ("/gateway", "/gateways/requests", None),
        ("/gateway", OWN, "submitRequest"),
    ],
)
def test_a_path_may_stand_behind_that_of_a_gateway(base: str, path: str, operation: str | None) -> None:
    read = Reader(load("gmicloud"), base).operation("POST", f"https://gateway.example{path}")

    assert (read and read.id) == operation


def test_an_operation_may_be_about_a_job_whose_submit_is_not_known() -> None:
    known = next(entry for entry in load("kkiai").operations.values() if entry.role == "read")

    assert known.of is not None
    assert concerns(known, JobHistory("a"))
    assert concerns(None, JobHistory("a"))


@pytest.mark.parametrize(("path", "body"), [("/elsewhere", b'{"model": "a"}'), (OWN, b"[]"), (OWN, b"")])
def test_a_request_that_is_no_submit_with_an_object_asks_for_no_model(path: str, body: bytes) -> None:
    sent = Exchange(1, 0, 0, "POST", f"https://gateway.example{path}", JSON, body, 400, (), b"")
    assert Reader(load("gmicloud")).read(sent).model is None
