"""Headers of an answer, each against what the contract says of its status."""

from __future__ import annotations

import copy
from dataclasses import replace

import pytest

from mockserver.contract.model import Contract
from mockserver.kit.checks.base import run_checks
from mockserver.kit.traffic.history import History
from tests.kit.checks.histories import GMI, JOB, JSON, contract, exchange


def _demanding(*, required: bool) -> Contract:
    """GMI Cloud's contract, whose refusal of too many requests may demand its header."""
    known = contract("gmicloud")
    document = copy.deepcopy(known.document)
    document["components"]["responses"]["Limited"]["headers"]["Retry-After"]["required"] = required
    return replace(known, document=document)


def _said(told: str | None, *, status: int = 429, required: bool = False) -> list[tuple[str, str]]:
    history = History(_demanding(required=required))
    answer = exchange("GET", f"{GMI}/requests/{JOB}", 1, {"error": "no"}, status=status)
    if told is not None:
        answer = answer._replace(response_headers=(*JSON, ("retry-after", told)))
    findings = run_checks(history, [history.read(answer)])
    return [(one.expected, one.actual) for one in findings if one.check == "schema.headers"]


@pytest.mark.parametrize("told", ["0", "7", "3600"])
def test_a_header_of_the_documented_form_is_fine(told: str) -> None:
    assert _said(told) == _said(told, required=True) == []


@pytest.mark.parametrize("told", ["-1", "soon", "1.5", ""])
def test_a_header_of_another_form_is_found(told: str) -> None:
    ((expected, actual),) = _said(told)
    assert expected.startswith("Retry-After: ")
    assert actual == f'"{told}"'


def test_a_header_may_be_left_out_unless_it_is_demanded() -> None:
    assert _said(None) == []
    assert _said(None, required=True) == [("a header Retry-After", "none")]


@pytest.mark.parametrize("status", [200, 404, 418])
def test_the_headers_of_one_status_are_not_those_of_another(status: int) -> None:
    assert _said("soon", status=status, required=True) == []
