"""Clients that sign a token for each request are one tenant, whatever the token of the moment."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import httpx
import pytest

from mockserver.contract.model import Credential
from mockserver.engine.credentials import read_key
from mockserver.in_process import serve

SIGNED = Credential(b"authorization", "bearer", "iss")


def _part(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def token(issuer: Any, at: int = 0) -> str:
    """What Kling's authentication page says to send: HS256 over `iss`, `exp` and `nbf`."""
    claims = {"iss": issuer, "exp": 1_790_001_800 + at, "nbf": 1_789_999_995 + at}
    head = ".".join(_part(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims))
    return f"{head}.{_part(hmac.digest(b'secret', head.encode(), hashlib.sha256))}"


@pytest.mark.parametrize(("profile", "status"), [("vendor", 200), ("documented", 404)])
def test_a_job_is_found_with_the_token_of_another_second(profile: str, status: int) -> None:
    body = {"model_name": "kling-v1-6", "image": "https://example.com/i.png", "mode": "std", "duration": "5"}
    with serve(profile=profile) as running:
        url = f"{running.base('kkiai')}/v1/videos/image2video"

        def headers(issuer: str, at: int) -> dict[str, str]:
            return {"Authorization": f"Bearer {token(issuer, at)}"}

        with httpx.Client(trust_env=False) as client:
            job = client.post(url, json=body, headers=headers("ak-one", 0)).json()["data"]["task_id"]
            assert client.get(f"{url}/{job}", headers=headers("ak-one", 1)).status_code == status
            assert client.get(f"{url}/{job}", headers=headers("ak-two", 1)).status_code == 404


def test_its_jobs_belong_to_the_key_that_names_it() -> None:
    body = {"model_name": "kling-v1-6", "image": "https://example.com/i.png", "mode": "std", "duration": "5"}
    with serve(profile="vendor") as running:
        httpx.post(
            f"{running.base('kkiai')}/v1/videos/image2video",
            json=body,
            headers={"Authorization": f"Bearer {token('ak-one')}"},
            trust_env=False,
        ).raise_for_status()
        with running.control("ak-one") as control:
            assert len(control.jobs()) == 1
            (exchange,) = control.journal()["exchanges"]
        assert token("ak-one") not in json.dumps(exchange)


@pytest.mark.parametrize(
    "key",
    [
        "sk-1",
        "a.b.c",
        "..",
        "a.e30.c",
        token(7),
        token(""),
        f"a.{_part(b'[1]')}.c",
        f"x.{'A' * 9000}.y",
        "a.\xe4.b",
    ],
)
def test_what_is_no_token_is_a_key_as_it_is(key: str) -> None:
    assert read_key(SIGNED, f"Bearer {key}".encode("latin-1")) == key


def test_where_a_contract_knows_no_tokens_they_are_keys() -> None:
    assert read_key(SIGNED, f"bearer {token('ak')}".encode()) == "ak"
    assert read_key(Credential(b"authorization", "bearer"), f"Bearer {token('ak')}".encode()) == token("ak")
    assert read_key(SIGNED, b"Basic x") == ""
