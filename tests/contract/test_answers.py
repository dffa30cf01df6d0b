"""Every provider has its own answer to every trouble, on every operation and in every reading."""

from __future__ import annotations

import json
import random
from dataclasses import FrozenInstanceError
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

from mockserver.contract.extension import definitions
from mockserver.contract.loader import load_contract
from mockserver.contract.model import Contract, Operation, Price
from mockserver.contract.source import DOCUMENT, builtin_root, find_providers, read_source
from mockserver.engine.answering import Answering
from mockserver.engine.message import Request, Response
from mockserver.engine.request_context import RequestContext
from mockserver.media.picture import measure
from tests.kit.generated.design import Design
from tests.kit.generated.provider import write

TROUBLES: Final = (
    *("unauthenticated", "bad-credentials", "forbidden", "unpaid", "limited", "busy"),
    *("error", "upstream", "unavailable", "timeout"),
)
BY_STATUS: Final = {
    400: (1200, 1201, 1300, 1301),
    401: (1000, 1001, 1002, 1003, 1004),
    403: (1103,),
    404: (1202, 1203),
    429: (1100, 1101, 1102, 1302, 1303, 1304),
    500: (5000,),
    503: (5001,),
    504: (5002,),
}
CODES: Final = {code: status for status, codes in BY_STATUS.items() for code in codes}
"""Kling's error table: business code and HTTP status."""
PROFILES: Final = ("documented", "vendor", "observed")
READINGS: Final = [
    (provider, profile, overlays)
    for provider, folder in find_providers(builtin_root()).items()
    for profile, overlays in (
        *((profile, ()) for profile in PROFILES),
        *(("documented", (name,)) for name in read_source(folder).overlays()),
    )
] + [("kkiai", profile, (relay,)) for profile in ("vendor", "observed") for relay in ("r1", "r2")]
SHARED: Final = {
    "forbidden": 403,
    "limited": 429,
    "busy": 429,
    "policy": 400,
    "error": 500,
    "unavailable": 503,
    "timeout": 504,
}
STATUSES: Final = {
    "gmicloud": SHARED | {"unpaid": 402, "upstream": 500},
    "aimlapi": SHARED | {"unpaid": 403, "upstream": 502},
    "kkiai": SHARED | {"unpaid": 429, "upstream": 500},
}


@cache
def contract(provider: str, profile: str = "documented", overlays: tuple[str, ...] = ()) -> Contract:
    return load_contract(builtin_root() / provider, measure=measure, profile=profile, overlays=overlays)


def answer(contract: Contract, operation: Operation, when: str, message: str | None = None) -> Response:
    request = Request(operation.method, operation.path, "", (), b"", "http://127.0.0.1:8080")
    call = RequestContext(contract, operation, request, 1_790_000_000_000, random.Random(1))
    call.error = message
    return Answering().answer(call, when)


def body(provider: str, when: str, *overlays: str, operation: str = "", message: str | None = None) -> Any:
    loaded = contract(provider, overlays=overlays)
    name = operation or next(entry.id for entry in loaded.operations.values() if entry.role == "submit")
    return json.loads(answer(loaded, loaded.operations[name], when, message).body)


def troubles(contract: Contract, operation: Operation) -> list[str]:
    codes = [f"code-{code}" for code in CODES] if contract.provider == "kkiai" else []
    return [*TROUBLES, *(["policy"] if operation.role == "submit" else []), *codes]


def documented(contract: Contract, operation: Operation) -> set[int]:
    node = contract.document["paths"][operation.path][operation.method.lower()]
    shared = contract.document["x-job"].get("answers", {})
    return {int(status) for status in node["responses"]} | {entry["status"] for entry in shared.values()}


@pytest.mark.parametrize(("provider", "profile", "overlays"), READINGS, ids=str)
def test_every_operation_answers_every_trouble_as_it_promises(
    provider: str, profile: str, overlays: tuple[str, ...]
) -> None:
    read = contract(provider, profile, overlays)
    for operation in read.operations.values():
        for when in troubles(read, operation):
            for message in (None, "as the test says"):
                given = answer(read, operation, when, message)
                promised = operation.answers[when]
                where = f"{operation.id} {when}: {given.body.decode()}"
                assert given.status == promised.status, where
                assert given.status in documented(read, operation), where
                assert promised.schema is not None, where
                assert promised.schema.is_valid(json.loads(given.body)), where
                assert b"the mock was told" not in given.body, where


@pytest.mark.parametrize("provider", STATUSES)
def test_the_status_of_each_trouble(provider: str) -> None:
    for profile in PROFILES:
        read = contract(provider, profile)
        for operation in read.operations.values():
            wanted = STATUSES[provider].items()
            given = {when: operation.answers[when].status for when, _ in wanted if when in operation.answers}
            assert given == {when: status for when, status in wanted if when in given}


@pytest.mark.parametrize(
    "overlays", [(), ("r1",), ("r2",), ("empty",), ("native",), ("text2video",)], ids=str
)
def test_a_business_code_has_the_status_of_the_table(overlays: tuple[str, ...]) -> None:
    read = contract("kkiai", overlays=overlays)
    for operation in read.operations.values():
        for code, status in CODES.items():
            given = answer(read, operation, f"code-{code}")
            assert given.status == status
            body = json.loads(given.body)
            native = json.loads(body["message"]) if overlays[:1] in (("r1",), ("r2",)) else body
            assert native["code"] == code
            assert native["message"]


def test_the_table_and_the_schema_of_errors_have_the_same_codes() -> None:
    schema = contract("kkiai").document["components"]["schemas"]["error"]["properties"]["code"]

    assert {entry["const"]: int(entry["description"][:3]) for entry in schema["oneOf"]} == CODES


def test_texts_of_gmi_cloud_are_those_that_were_seen() -> None:
    assert body("gmicloud", "unpaid") == {
        "error": "Insufficient credits. Please add more credits to your account."
    }
    assert body("gmicloud", "unpaid", message="5 of 5") == body("gmicloud", "unpaid")
    for when, number in {"upstream": 400, "code-400": 400, "code-401": 401, "code-403": 403}.items():
        assert body("gmicloud", when) == {"error": f"Backend error ({number}). Please try again."}


@pytest.mark.parametrize(
    ("when", "status", "message", "title", "name"),
    [
        ("limited", 429, "Too Many Requests", "Too Many Requests", "TooManyRequestsException"),
        ("error", 500, "Internal server error", "Internal Server Error", "InternalServerErrorException"),
        ("upstream", 502, "Bad Gateway", "Bad Gateway", "BadGatewayException"),
        ("unavailable", 503, "Service unavailable", "Service Unavailable", "ServiceUnavailableException"),
        ("timeout", 504, "Generation timeout", "Gateway Timeout", "GatewayTimeoutException"),
    ],
)
def test_ai_ml_has_one_envelope_a_path(when: str, status: int, message: str, title: str, name: str) -> None:
    older = body("aimlapi", when, "universal", operation="createGeneration")
    newer = body("aimlapi", when, "universal", operation="createUniversal")

    assert set(older) == {"message", "path", "requestId", "statusCode", "timestamp"}
    assert (older["message"], older["statusCode"]) == (message, str(status))
    assert (newer["title"], newer["status"], newer["message"]) == (title, status, message)
    assert newer["error"] == {"name": name, "message": message}


def test_a_lack_of_credit_has_a_kind_of_its_own() -> None:
    given = body("aimlapi", "unpaid", "universal", operation="createUniversal")

    assert given["error"]["data"] == {"kind": "err_insufficent_credits"}
    assert "data" not in body("aimlapi", "forbidden", "universal", operation="createUniversal")["error"]


def test_what_was_wrong_follows_the_words_of_the_provider() -> None:
    assert body("kkiai", "limited")["message"] == "Requests come too fast"
    assert body("kkiai", "limited", message="3 a second")["message"] == "Requests come too fast: 3 a second"


def test_too_many_tasks_are_told_in_the_documented_words_alone() -> None:
    told = body("kkiai", "busy", message="3 run")
    assert told["message"] == "parallel task over resource pack limit"
    assert "data" not in told


@pytest.mark.parametrize(
    ("when", "code"), [("limited", 1302), ("busy", 1303), ("unpaid", 1102), ("policy", 1301), ("error", 5000)]
)
def test_kling_gives_a_trouble_its_code(when: str, code: int) -> None:
    assert body("kkiai", when)["code"] == code
    assert body("kkiai", when, "r1")["code"] == "fail_to_fetch_task"


@pytest.mark.parametrize("relay", ["r1", "r2"])
def test_a_relay_tells_of_its_own_key_in_its_own_words(relay: str) -> None:
    assert body("kkiai", "unauthenticated", relay)["error"]["type"] == "new_api_error"
    assert body("kkiai", "upstream", relay)["code"] == "task_failed"


@pytest.mark.parametrize("provider", STATUSES)
def test_retry_after_is_sent_where_clients_are_known_to_read_it(provider: str) -> None:
    for operation in contract(provider, "vendor").operations.values():
        for when in TROUBLES:
            names = {name.lower() for name, _ in operation.answers[when].headers}
            assert (b"retry-after" in names) == (provider == "gmicloud" and when == "limited")


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("provider", STATUSES)
def test_every_model_has_a_price(provider: str, profile: str) -> None:
    prices = [model.price for model in contract(provider, profile).models.values()]

    assert all(isinstance(price, Price) and price.amount > 0 and price.unit for price in prices)


def test_every_word_for_what_happened_is_explained() -> None:
    when = definitions()["when"]
    words = [*when["else"]["enum"], "code-N"]

    assert [word for word in words if f" {word}: " not in when["description"]] == []


@pytest.mark.parametrize("stated", [{}, {"Content-Type": "application/problem+json"}])
def test_an_answer_states_one_content_type_which_is_the_documented(
    stated: dict[str, str], tmp_path: Path
) -> None:
    folder = write(Design(), tmp_path)
    document = json.loads((folder / DOCUMENT).read_text())
    response = document["paths"]["/jobs/{job}"]["get"]["responses"]["404"]
    response["content"] = {"application/problem+json": response["content"]["application/json"]}
    response["x-job"]["headers"] = stated
    (folder / DOCUMENT).write_text(json.dumps(document))
    answers = load_contract(folder, measure=measure).operations["read"].answers
    types = {
        when: [text for name, text in answers[when].headers if name.lower() == b"content-type"]
        for when in ("unknown", "default")
    }
    assert types == {"unknown": [b"application/problem+json"], "default": [b"application/json"]}
    assert answers["unknown"].schema is not None


def test_what_all_requests_share_cannot_be_changed() -> None:
    contract = load_contract(builtin_root() / "gmicloud", measure=measure)
    operation = next(iter(contract.operations.values()))
    for shared in (contract, operation, operation.answers["default"]):
        with pytest.raises(FrozenInstanceError):
            setattr(shared, next(iter(vars(shared))), None)
