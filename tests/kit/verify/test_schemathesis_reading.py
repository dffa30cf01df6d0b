"""What schemathesis takes for a failure is none only where the contract, read as a whole, says so."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType, SimpleNamespace
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from mockserver.contract.model import Contract
from mockserver.kit import contracts
from mockserver.kit.strategies.near_misses import every_near_miss
from mockserver.kit.traffic.body_limits import MAX_JSON, MAX_REQUEST
from mockserver.kit.traffic.history import History
from mockserver.kit.verify.schemathesis_reading import document_of, is_cleared, rule_of
from tests.kit.generated.design import CHOICES
from tests.kit.generated.provider import contract_of

URL: Final = "https://made.example.com/jobs"
GOOD: Final = {"model": "small", "prompt": "a lantern", "seconds": 1}
BY_STATUS: Final = ("negative_data_rejection", "missing_required_header", "ignored_auth")
MADE: Final = {
    "id": "9b2f6a7e-1111-4222-8333-444455556666", "model": "small", "state": "queued",
    "made": "2026-01-01T00:00:00Z", "changed": "2026-01-01T00:00:00Z",
}  # fmt: skip
VALUES: Final = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 60), st.text(max_size=3), st.just([]), st.just({})
)


def test_what_a_clip_goes_on_from_and_rules_across_fields_are_not_in_the_schema() -> None:
    refusal = {"code": 1201, "message": "no", "request_id": "r"}
    kkiai = contracts.load("kkiai", profile="vendor")
    url = "https://api-singapore.klingai.com/v1/videos/"

    def is_none(route: str, body: Any, status: int) -> bool:
        check = "positive_data_acceptance"
        return cleared(kkiai, body, refusal, status, check=check, url=url + route)

    assert is_none("video-extend", {"video_id": "0"}, 400)
    assert not is_none("video-extend", {"video_id": "0"}, 500)
    assert not is_none("text2video", {"prompt": "a lantern"}, 400)
    shots = [{"index": 1, "prompt": "a lantern", "duration": "4"}]
    several = {"prompt": "a", "multi_shot": True, "shot_type": "customize", "multi_prompt": shots}
    assert is_none("text2video", several | {"model_name": "kling-v3", "duration": 15}, 400)
    assert not is_none("text2video", several | {"model_name": "kling-v3", "duration": 4}, 400)


def cleared(
    contract: Contract,
    body: Any,
    answer: Any,
    status: int = 201,
    *,
    check: str = "negative_data_rejection",
    url: str = URL,
    method: str = "POST",
    headers: Mapping[str, str] = MappingProxyType({}),
) -> bool:
    """Whether a failure about a submit of that body and its answer is none."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = {"content-type": "application/json", "authorization": "Bearer key-of-caller", **headers}
    request = SimpleNamespace(
        method=method, uri=url, body=content, headers={name: [value] for name, value in sent.items()}
    )
    told = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    response = SimpleNamespace(
        status_code=status, content=told, headers={"content-type": ["application/json"]}
    )
    return is_cleared(History(contract), check, SimpleNamespace(request=request, response=response))


def oracle(contract: Contract) -> Draft202012Validator:
    """Another implementation of JSON Schema, for the body of a submit."""
    reference = {"$ref": "#/components/schemas/payload"}
    return Draft202012Validator({**reference, "components": contract.document["components"]})


@pytest.mark.parametrize("provider", ["gmicloud", "aimlapi", "kkiai"])
def test_no_rule_of_ours_that_is_broken_and_accepted_is_cleared(provider: str) -> None:
    contract = contracts.load(provider)
    for miss in every_near_miss(contract):
        request = miss.request
        operation = contract.operations[request.operation]
        status = operation.answers["default"].status
        url = f"https://api.example.com{contract.prefixes[0]}{operation.path}"
        assert not cleared(contract, request.body, {}, status, url=url), str(miss)


@given(
    st.dictionaries(st.sampled_from(("model", "prompt", "seconds", "more")), VALUES),
    st.sets(st.sampled_from(tuple(GOOD))),
)
def test_a_body_is_cleared_only_where_another_validator_takes_it(
    change: dict[str, Any], without: set[str]
) -> None:
    body = {name: value for name, value in {**GOOD, **change}.items() if name not in without}
    assert cleared(contract_of(), body, MADE) == oracle(contract_of()).is_valid(body)


@pytest.mark.parametrize("body", [b"", b"{", b"[1", b"\xff", [], 7, None, "text"])
def test_what_is_no_body_of_the_contract_is_never_cleared(body: Any) -> None:
    assert not cleared(contract_of(), body, MADE)


def test_a_body_that_was_not_read_is_not_cleared() -> None:
    bad = {**GOOD, "seconds": 99}
    assert not cleared(contract_of(), bad, {**MADE, "why": "x" * (MAX_JSON + 1)})
    assert not cleared(contract_of(), {**bad, "prompt": "x" * (MAX_REQUEST + 1)}, MADE)
    assert not cleared(contract_of(), GOOD, MADE, headers={"content-type": "text/plain"})


def test_a_parameter_that_is_missing_or_wrong_is_not_cleared() -> None:
    demanding = contract_of(fields="header")
    assert cleared(demanding, GOOD, MADE, headers={"x-version": "2026-01-01"})
    assert not cleared(demanding, GOOD, MADE)
    assert not cleared(demanding, GOOD, MADE, headers={"x-version": "2027-01-01"})


def test_a_path_that_the_contract_lacks_is_not_cleared() -> None:
    assert not cleared(contract_of(), GOOD, MADE, url="https://made.example.com/others")


@pytest.mark.parametrize("check", BY_STATUS)
@pytest.mark.parametrize("refusal", CHOICES["refusal"])
def test_a_refusal_below_a_status_of_success_is_one_only_where_the_contract_has_such(
    refusal: str, check: str
) -> None:
    bad, contract = {**GOOD, "seconds": 99}, contract_of(refusal=refusal)
    told = {"code": 2013, "message": "no"}
    assert cleared(contract, bad, told, 200, check=check) == (refusal == "ok-code")
    assert not cleared(contract, bad, {"code": 0, **MADE}, 201, check=check)
    assert not cleared(contract, bad, {"code": 0, **MADE}, 200, check=check)
    assert not cleared(contract, bad, b"", 200, check=check)


@pytest.mark.parametrize("check", ["ignored_auth", "missing_required_header", "status_code_conformance"])
def test_a_good_body_excuses_no_other_failure(check: str) -> None:
    assert not cleared(contract_of(), GOOD, MADE, check=check)


@pytest.mark.parametrize("refusal", CHOICES["refusal"])
def test_another_method_is_refused_as_the_contract_has_it(refusal: str) -> None:
    contract = contract_of(refusal=refusal)

    def refused(answer: Any, status: int, method: str = "PUT") -> bool:
        return cleared(contract, b"", answer, status, check="unsupported_method", method=method)

    told = {"code": 2040, "message": "no"}
    assert refused(told, 200) == (refusal == "ok-code")
    assert not refused({"code": 0, "jobs": [], "total": 0}, 200)
    assert not refused({"code": 0, **MADE}, 201)
    assert not refused(told, 200, method="GET"), "that is no other method"
    assert not refused(b"", 200)
    assert not refused(told, 405), "it fails for lack of the header Allow"


@pytest.mark.parametrize(
    ("provider", "reason", "tag", "clause"),
    [
        ("gmicloud", "wrong_status", "ASSUMED", "/components/responses/WrongMethod"),
        ("gmicloud", "missing_allow_header", "THIRD-PARTY", ""),
        ("made", "wrong_status", "DOCUMENTED", "/components/responses/method"),
    ],
)
def test_what_other_methods_get_is_as_grave_as_who_says_so(
    provider: str, reason: str, tag: str, clause: str
) -> None:
    contract = contract_of() if provider == "made" else contracts.load(provider)
    failure, operation = SimpleNamespace(failure_reason=reason), next(iter(contract.operations.values()))
    source, at = rule_of(contract, "unsupported_method", failure, operation)
    assert (source.partition(" ")[0], at) == (tag, clause)
    own = rule_of(contract, "not_a_server_error", failure, operation)
    assert own[1].startswith("/paths/")
    assert rule_of(contract, "not_a_server_error", failure, None) == ("", "")


@pytest.mark.parametrize(
    ("method", "status", "is_none"), [("QUERY", 501, True), ("QUERY", 500, False), ("POST", 501, False)]
)
def test_a_server_that_does_not_know_a_method_is_in_no_trouble(
    method: str, status: int, is_none: bool
) -> None:
    told, check = b"Unsupported method", "not_a_server_error"
    assert cleared(contract_of(), GOOD, told, status, check=check, method=method) == is_none


def test_where_nobody_says_what_other_methods_get_it_is_a_note() -> None:
    known = contract_of()
    silent = replace(known, document={**known.document, "x-job": {}})
    source, _ = rule_of(silent, "unsupported_method", SimpleNamespace(failure_reason="wrong_status"), None)
    assert source.startswith("ASSUMED ")


def test_without_an_answer_nothing_is_cleared() -> None:
    history = History(contract_of())
    assert not is_cleared(history, BY_STATUS[0], None)
    assert not is_cleared(history, BY_STATUS[0], SimpleNamespace(request=None, response=None))


def test_schemathesis_is_given_the_shared_answers_of_each_operation() -> None:
    own, shared = (document_of(contract_of(refusal=refusal))["paths"] for refusal in ("own", "shared"))
    for path, methods in own.items():
        for method, node in methods.items():
            assert set(node["responses"]) <= set(shared[path][method]["responses"])
            assert "405" not in shared[path][method]["responses"]
