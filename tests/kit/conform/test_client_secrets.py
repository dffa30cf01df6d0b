"""The key, or the secret of a pair and what is signed with it, wherever a text has it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import replace

import pytest

from mockserver.kit.conform.client_secrets import ClientSecrets
from mockserver.kit.conform.judges.base import judges
from tests.kit.conform.environments import evidence, fetch, read

ACCESS, SECRET = "ak-0123456789", "sk-conform-abcdef"
PAIR = {"access_key": ACCESS, "secret_key": SECRET, "key": f"{ACCESS}:{SECRET}"}


def _part(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def token(issuer: str = ACCESS) -> str:
    """A token that the holder of the secret key has signed (RFC 7519, HS256)."""
    claims = {"iss": issuer, "exp": 1_790_001_800, "nbf": 1_789_999_995}
    head = ".".join(_part(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims))
    return f"{head}.{_part(hmac.digest(SECRET.encode(), head.encode(), hashlib.sha256))}"


@pytest.mark.parametrize("leak", [SECRET, f"{ACCESS}:{SECRET}", f"Authorization: Bearer {token()}"])
def test_of_a_pair_the_secret_and_its_tokens_are_hidden(leak: str) -> None:
    secrets = ClientSecrets(SECRET, ACCESS)
    text = f"at 12:00 {leak} was sent"
    assert secrets.are_in(text)
    hidden = secrets.hidden(text)
    assert not secrets.are_in(hidden)
    assert hidden.startswith("at 12:00")
    assert hidden.endswith("was sent")


@pytest.mark.parametrize("harmless", [ACCESS, token("another"), "eyJhbGciOiJI.e30.c2lnbmF0dXJl", "eyJ..", ""])
def test_the_half_that_names_the_client_is_no_secret_and_other_tokens_are_not_its(harmless: str) -> None:
    assert not ClientSecrets(SECRET, ACCESS).are_in(harmless)


def _signed(claims: bytes) -> str:
    return f"eyJhbGciOiJIUzI1NiJ9.{_part(claims)}.c2lnbmF0dXJlIQ"


@pytest.mark.parametrize(
    ("claims", "hidden"),
    [
        (f'{{"iss": "{ACCESS}"}}'.encode(), True),
        (f'{{"a": 1, "iss": "{ACCESS}"}}'.encode(), True),
        (f'{{"sub": "{ACCESS}"}}'.encode(), False),
        (f'["iss", "{ACCESS}"]'.encode(), False),
        (f'"{ACCESS}"'.encode(), False),
        (b"no claims at all", False),
        (b"\xff\xfe\xfd", False),
    ],
)
def test_a_token_is_of_whom_its_claims_name(claims: bytes, hidden: bool) -> None:
    secrets = ClientSecrets(SECRET, ACCESS)
    assert secrets.are_in(_signed(claims)) is hidden
    assert secrets.hidden(f"a {_signed(claims)} b") == ("a [key] b" if hidden else f"a {_signed(claims)} b")


def test_each_token_of_the_client_is_hidden_and_no_other() -> None:
    first, second, other = token(), _signed(f'{{"iss": "{ACCESS}"}}'.encode()), token("another")
    text = f"{first} {other} {second} {first} {SECRET}"
    assert ClientSecrets(SECRET, ACCESS).hidden(text) == f"[key] {other} [key] [key] [key]"


def test_without_a_pair_only_the_key_counts() -> None:
    assert not ClientSecrets("sk-conform-1").are_in(token())
    assert ClientSecrets("sk-conform-1").hidden("a sk-conform-1 b") == "a [key] b"


def test_judges_look_for_tokens_in_addresses_headers_and_files() -> None:
    said = judges()["key-not-said"].judge(evidence(job_files=(token(),), task=PAIR), {})
    addressed = judges()["key-not-in-url"].judge(evidence(read(0.1, query=f"t={token()}"), task=PAIR), {})
    fetched = fetch(0.1, headers=[["x-token", token()]])
    sent = judges()["key-not-to-media"].judge(evidence(fetched, task=PAIR), {})
    assert [len(breaches) for breaches in (said, addressed, sent)] == [1, 1, 1]


def test_an_address_may_have_the_key_where_the_contract_takes_it() -> None:
    asked = evidence(read(0.1, query="Sig=[redacted]&a=1"))
    scheme = {"type": "apiKey", "in": "query", "name": "sig"}
    document = {**asked.contract.document, "components": {"securitySchemes": {"key": scheme}}}
    named = replace(asked, contract=replace(asked.contract, document=document))

    judge = judges()["key-not-in-url"].judge

    assert [len(judge(asked, {})), len(judge(named, {}))] == [1, 0]
