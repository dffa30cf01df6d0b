"""What a record tells of a key, and which words of an answer tell its case."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mockserver.contract.credential import Credential
from mockserver.kit import contracts
from mockserver.kit.checks.base import examine
from mockserver.kit.checks.job_ids import is_unassigned_id, unassigned_id
from mockserver.kit.traffic import contract_locations
from mockserver.kit.traffic.call import Call, Reader
from mockserver.kit.traffic.credentials import key_state, sends_json
from mockserver.kit.traffic.discriminating_constants import (
    PossibleValues,
    _constants,
    discriminating_constants,
)
from mockserver.kit.traffic.exchange import REDACTED, Exchange
from mockserver.kit.traffic.history import History
from mockserver.terms import Headers

GMI = contracts.load("gmicloud")
KKIAI = contracts.load("kkiai")
URL = "http://127.0.0.1:1/api/v1/ie/requestqueue/apikey"


def listed(headers: Headers = (), caller: str | None = None, status: int = 200) -> Call:
    """A call of GMI Cloud's list."""
    body = b'{"requests": [], "total": 0}'
    response_headers = (("content-type", "application/json"),)
    return Reader(GMI).read(
        Exchange(
            1, 0, 0, "GET", f"{URL}/requests", headers, b"", status, response_headers, body, caller=caller
        )
    )


@pytest.mark.parametrize(
    ("headers", "caller", "expected"),
    [
        ((), "", "none"),
        ((), None, "hidden"),
        ((), "a", "given"),
        ((("X-Api-Key", "abc"),), "a", "elsewhere"),
        ((("X-Api-Key", REDACTED),), "a", "elsewhere"),
        ((("X-Api-Key", REDACTED),), None, "elsewhere"),
        ((("X-Api-Key", "abc"),), "", "none"),
        ((("X-Api-Key", "abc"), ("Authorization", "Bearer abc")), "a", "given"),
        ((("Authorization", "Bearer abc"),), "a", "given"),
        ((("Authorization", "bearer abc"),), None, "given"),
        ((("Authorization", REDACTED),), None, "given"),
        ((("Authorization", f"Bearer {REDACTED}"),), None, "given"),
        ((("Authorization", f"Basic {REDACTED}"),), "a", "wrong"),
        ((("Authorization", "abc"),), "a", "wrong"),
    ],
)
def test_a_key_is_judged_by_what_the_record_kept_of_it(
    headers: Headers, caller: str | None, expected: str
) -> None:
    assert key_state(listed(headers, caller)) == expected


@pytest.mark.parametrize(
    ("query", "headers", "expected"),
    [
        ("?key=abc", (), "given"),
        (f"?key={REDACTED}", (), "given"),
        ("", (("Cookie", "a=b; session=abc"),), "given"),
        ("", (("Authorization", "Key abc"),), "given"),
        ("", (("Authorization", "Bearer abc"),), "wrong"),
        ("?key=abc", (("Authorization", "Bearer abc"),), "given"),
        ("?other=abc", (("Cookie", "a=b"),), "none"),
    ],
)
def test_a_key_may_be_in_any_of_the_places_that_the_contract_names(
    query: str, headers: Headers, expected: str
) -> None:
    call = listed(headers, "")
    assert call.operation is not None
    places = (
        Credential(b"authorization", "key"),
        Credential(b"key", "", place="query"),
        Credential(b"session", "", place="cookie"),
    )
    operation = replace(call.operation, credential=places[0], credentials=places)
    exchange = call.exchange._replace(url=f"{URL}/requests{query}")
    assert key_state(replace(call, exchange=exchange, operation=operation)) == expected


@pytest.mark.parametrize("headers", [(), (("Authorization", "Bearer abc"),)])
def test_where_no_key_is_wanted_none_is_missing(headers: Headers) -> None:
    call = listed(headers, "")
    assert call.operation is not None
    assert key_state(replace(call, operation=replace(call.operation, credential=None))) == "given"
    assert key_state(replace(call, operation=None)) == "given"


@pytest.mark.parametrize(("caller", "expected"), [("", {"auth.required"}), (None, set()), ("a", set())])
def test_only_a_record_that_says_so_shows_a_list_without_a_key(
    caller: str | None, expected: set[str]
) -> None:
    call = listed(caller=caller)
    assert {
        finding.check for finding in examine(call, History(GMI)) if finding.check.startswith("auth.")
    } == expected


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        (None, True),
        ("application/json", True),
        ("Application/JSON; charset=utf-8", True),
        ("application/problem+json", True),
        ("text/plain", False),
        ("multipart/form-data; boundary=x", False),
    ],
)
def test_a_request_without_a_type_may_be_json(content_type: str | None, expected: bool) -> None:
    assert sends_json(listed(() if content_type is None else (("Content-Type", content_type),))) is expected


def test_only_words_that_differ_between_cases_tell_them_apart() -> None:
    constants = discriminating_constants(KKIAI, KKIAI.operations["readImage2Video"])
    assert constants.constants["default"] == {"/code": PossibleValues((0,))}
    assert constants.constants["unknown"] == {"/code": PossibleValues((1203,))}
    assert constants.mismatches("default", {"code": 0, "message": "in other words"}) == []
    assert constants.mismatches("default", {"code": False}) == [("/code", 0, False)]
    assert discriminating_constants(GMI, GMI.operations["readRequest"]).constants["default"] == {}


def test_a_word_below_what_may_be_anything_tells_no_case() -> None:
    either = {"$when": ["failed"], "$then": {"code": 1}, "$else": {"$": "job.reason"}}
    assert _constants({"error": either, "state": "a", "none": None}, ()) == {"/state": PossibleValues(("a",))}
    other = {"$when": ["failed"], "$then": 1, "$else": {"$when": ["running"], "$then": 2}}
    assert _constants({"code": other}, ()) == {"/code": PossibleValues((1, 2))}
    known = {"$when": ["failed"], "$then": {"$": "job.code"}, "$else": 0}
    assert _constants({"code": known}, (7, 8)) == {"/code": PossibleValues((7, 8, 0), others=True)}


@pytest.mark.parametrize("provider", ["gmicloud", "kkiai", "aimlapi"])
def test_zeros_are_nobodys_and_a_plain_id_may_be_somebodys(provider: str) -> None:
    contract = contracts.load(provider)
    assert is_unassigned_id(contract, unassigned_id(contract))
    assert not is_unassigned_id(contract, None)
    assert not is_unassigned_id(contract, unassigned_id(contract) + "0")
    assert not is_unassigned_id(contract, unassigned_id(contract).replace("0", "7"))


@pytest.mark.parametrize("digit", ["0", "9"])
def test_a_number_of_four_digits_may_end_an_id_that_is_nobodys(digit: str) -> None:
    contract = replace(KKIAI, id_prefix="task_", id_length=12, id_kind="digits")
    assert is_unassigned_id(contract, f"task_{digit * 8}1234")
    assert not is_unassigned_id(contract, f"task_{digit * 7}12345")
    assert not is_unassigned_id(contract, f"task_{digit * 8}12345")


@pytest.mark.parametrize("provider", ["gmicloud", "kkiai", "aimlapi"])
@pytest.mark.parametrize("profile", ["documented", "vendor", "observed"])
def test_every_answer_stands_where_its_clause_says_and_somebody_vouches_for_it(
    provider: str, profile: str
) -> None:
    contract = contracts.load(provider, profile=profile)
    for operation in contract.operations.values():
        assert contract_locations.provenance(contract, operation)
        assert bool(contract_locations.scheme(contract, operation)) == (operation.credential is not None)
        for when, answer in operation.answers.items():
            if answer.when == when:
                at, node = contract_locations.follow(
                    contract, contract_locations.answer(contract, operation, when)
                )
                assert when in node["when"], at


def test_a_call_of_nothing_that_is_known_went_by_no_case_and_names_no_job() -> None:
    call = listed()
    unknown = Reader(GMI).read(call.exchange._replace(url=f"{URL}/nothing/here"))
    assert (call.operation is None, unknown.operation) == (False, None)
    assert (unknown.well, unknown.object_id, unknown.succeeded) == ((), None, False)
