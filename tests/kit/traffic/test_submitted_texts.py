"""What a submit calls its job and where it wants callbacks, wherever the contract has the place for it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mockserver.kit.contracts import load
from mockserver.kit.traffic.submitted_texts import alias_in, callback_url_in

SUBMIT = next(each for each in load("kkiai").operations.values() if each.role == "submit")
BODY = {"mine": "in the body"}
BESIDE = {"query": {"mine": "in the query"}, "header": {"mine": "in a header"}}


@pytest.mark.parametrize(("at", "place", "text"), [
    (("mine",), None, "in the body"),
    (None, ("query", "mine"), "in the query"),
    (None, ("header", "mine"), "in a header"),
    (("other",), None, None),
    (None, ("query", "other"), None),
    (None, None, None),
])  # fmt: skip
def test_it_is_read_where_the_contract_has_it(
    at: tuple[str, ...] | None, place: tuple[str, str] | None, text: str | None
) -> None:
    submit = replace(SUBMIT, alias_at=at, alias_place=place, callback_at=at, callback_place=place)
    assert alias_in(submit, BODY, BESIDE) == text
    assert callback_url_in(submit, BODY, BESIDE) == text


@pytest.mark.parametrize("value", [None, "", 7, {"a": "b"}])
def test_what_is_no_text_names_nothing(value: Any) -> None:
    submit = replace(SUBMIT, alias_at=("mine",), alias_place=None)
    assert alias_in(submit, {"mine": value}, {}) is None


def test_what_is_no_operation_names_nothing() -> None:
    assert alias_in(None, BODY, BESIDE) is None
    assert callback_url_in(None, BODY, BESIDE) is None
