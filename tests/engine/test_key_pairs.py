"""Clients that sign a token for each request are one tenant, whatever the token of the moment."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from mockserver.contract.credential import Credential
from mockserver.engine.credentials import Callers
from mockserver.in_process import Running, serve

PLAIN = Credential(b"authorization", "bearer")
SIGNED = Credential(b"authorization", "bearer", "iss")
BODY = {"model_name": "kling-v1-6", "image": "https://example.com/i.png", "mode": "std", "duration": "5"}
SECRET = "secret"
SKEW = 30
"""Seconds by which a test may be slow."""


def _part(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def token(issuer: Any, at: float = 0, secret: str = SECRET, algorithm: str = "HS256", **claims: Any) -> str:
    """What Kling's authentication page says to send: HS256 over `iss`, `exp` and `nbf`; `at` from now."""
    now = int(time.time() + at)
    claims = {"iss": issuer, "exp": now + 1800, "nbf": now - 5} | claims
    parts = ({"alg": algorithm, "typ": "JWT"}, claims)
    head = ".".join(_part(json.dumps(part).encode()) for part in parts)
    return f"{head}.{_part(hmac.digest(secret.encode(), head.encode(), hashlib.sha256))}"


class Caller:
    """A client of kkiai with a key, or with a new token for each request."""

    def __init__(self, server: Running, key: str = "", **signs: Any) -> None:
        self.url = f"{server.base('kkiai')}/v1/videos/image2video"
        self.key, self.signs, self.number = key, signs, 0

    def send(self, method: str, path: str = "", **more: Any) -> httpx.Response:
        self.number += 1
        key = self.key or token(at=self.signs.pop("at", 0) + self.number / 10, **self.signs)
        headers = {"Authorization": f"Bearer {key}"}
        return httpx.request(method, self.url + path, headers=headers, trust_env=False, **more)

    def submit(self) -> str:
        return str(self.send("POST", json=BODY).raise_for_status().json()["data"]["task_id"])

    def refusal(self) -> tuple[int, int]:
        answer = self.send("GET")
        return answer.status_code, answer.json()["code"]


@pytest.fixture(scope="module")
def vendor() -> Iterator[Running]:
    with serve(profile="vendor", small_clips=True) as running:
        yield running


@pytest.fixture(scope="module")
def paired() -> Iterator[Running]:
    with serve(profile="vendor", keys=("ak:" + SECRET, "ak-without-secret", "sk-plain")) as running:
        yield running


def test_five_polls_over_minutes_find_the_job_with_a_token_each(vendor: Running) -> None:
    caller = Caller(vendor, issuer="ak-polls")
    job = caller.submit()
    with vendor.control("ak-polls") as control:
        for _ in range(5):
            control.advance(20)
            caller.signs["at"] = 20 * caller.number
            assert caller.send("GET", f"/{job}").json()["data"]["task_id"] == job
        control.advance(1000)
        done = caller.send("GET", f"/{job}").json()["data"]
    assert done["task_status"] == "succeed"
    assert [listed["task_id"] for listed in caller.send("GET").json()["data"]] == [job]
    clip = httpx.get(done["task_result"]["videos"][0]["url"], trust_env=False)
    assert clip.headers["content-type"] == "video/mp4"
    assert Caller(vendor, issuer="ak-other").send("GET", f"/{job}").status_code == 404


def test_where_a_contract_knows_no_tokens_each_is_a_key() -> None:
    with serve(profile="documented") as running:
        caller = Caller(running, issuer="ak")
        job = caller.submit()
        caller.signs["at"] = 1
        assert caller.send("GET", f"/{job}").status_code == 404


def test_a_token_is_valid_from_nbf_until_exp_by_the_clock_of_its_tenant(vendor: Running) -> None:
    caller = Caller(vendor, key=token("ak-times"))
    with vendor.control("ak-times") as control:
        control.advance(1800 - SKEW)
        assert caller.send("GET").status_code == 200
        control.advance(2 * SKEW)
        assert caller.refusal() == (401, 1004)
        assert "expired" in caller.send("GET").json()["message"]
        control.set_clock(now=1_000_000_000_000)
        assert caller.refusal() == (401, 1003)
        control.drop_clock()
        assert caller.send("GET").status_code == 200


@pytest.mark.parametrize("claims", [{"exp": None, "nbf": None}, {"exp": True, "nbf": "x"}, {"exp": 1e999}])
def test_a_token_without_times_that_can_be_read_is_valid(vendor: Running, claims: dict[str, Any]) -> None:
    assert Caller(vendor, issuer="ak-timeless", **claims).send("GET").status_code == 200


def test_times_can_be_ignored() -> None:
    with serve(profile="vendor", ignore_token_times=True) as running:
        assert Caller(running, issuer="ak", exp=1, nbf=9e9).send("GET").status_code == 200


@pytest.mark.parametrize(
    ("signs", "code"),
    [
        ({"issuer": "ak"}, 0),
        ({"issuer": "ak", "secret": "other"}, 1002),
        ({"issuer": "ak", "secret": ""}, 1002),
        ({"issuer": "ak", "algorithm": "none"}, 1002),
        ({"issuer": "ak", "algorithm": "HS512"}, 1002),
        ({"issuer": "nobody"}, 1002),
        ({"issuer": "ak-without-secret", "secret": "any"}, 0),
        ({"issuer": "ak", "exp": 1}, 1004),
        ({"issuer": "ak", "exp": 1, "secret": "other"}, 1002),
        ({"key": "ak"}, 1002),
        ({"key": "sk-plain"}, 0),
        ({"key": "sk-other"}, 1002),
    ],
    ids=str,
)
def test_with_keys_given_a_signature_is_checked(paired: Running, signs: dict[str, Any], code: int) -> None:
    answer = Caller(paired, **signs).send("GET")
    assert answer.json()["code"] == code
    assert answer.status_code == (401 if code else 200)


def test_a_tenant_is_named_by_access_key_pair_or_token(paired: Running) -> None:
    job = Caller(paired, issuer="ak").submit()
    for name in ("ak", f"ak:{SECRET}", token("ak"), token("ak", exp=1)):
        with paired.control(name) as control:
            assert [listed["id"] for listed in control.jobs()] == [job]


def test_tokens_and_secrets_are_shown_nowhere(paired: Running) -> None:
    signed = token("ak")
    Caller(paired, key=signed).send("POST", json=BODY | {"prompt": f"say {signed} with {SECRET}-long"})
    with paired.control("ak") as control:
        shown = json.dumps(control.journal())
    assert signed not in shown


def test_quotas_and_rules_are_by_account(vendor: Running) -> None:
    caller = Caller(vendor, issuer="ak-quota")
    with vendor.control("ak-quota") as control:
        control.set_quota(requests=2, window=60)
        assert [caller.send("GET").status_code for _ in range(3)] == [200, 200, 429]


@pytest.mark.parametrize(
    "key",
    [
        "sk-1",
        "a.b.c",
        "..",
        "a:b",
        "a.e30.c",
        token(7),
        token(""),
        f"a.{_part(b'[1]')}.c",
        f"x.{'A' * 9000}.y",
        f"{_part(b'[' * 6000)}.{_part(b'[' * 6000)}.c",
        "a.\xe4.b",
    ],
    ids=lambda key: key[:8],
)
def test_what_is_no_token_is_a_key_as_it_is(key: str) -> None:
    callers = Callers([SIGNED])
    caller = callers.read(SIGNED, f"Bearer {key}".encode("latin-1"))
    assert caller is not None
    assert (caller.account, caller.problem) == (key, "")
    assert callers.account(key) == key


def test_schemes_are_those_of_the_contract() -> None:
    callers = Callers([PLAIN, SIGNED])
    assert callers.read(SIGNED, b"Basic x") is None
    assert callers.read(SIGNED, b"Bearer ") is None
    signed, plain = (callers.read(each, f"bearer {token('ak')}".encode()) for each in (SIGNED, PLAIN))
    assert signed
    assert plain
    assert (signed.account, plain.account) == ("ak", token("ak"))


def test_a_sender_is_known_whether_admitted_or_not() -> None:
    callers = Callers([SIGNED], ["ak:" + SECRET])
    headers = [(b"accept", b"*/*"), (b"Authorization", f"Bearer {token('ak', secret='other')}".encode())]
    sender = callers.sender(headers)
    assert sender is not None
    assert sender.account == "ak"
    assert callers.sender(headers[:1]) is None


def test_control_client_is_about_the_account_of_a_token(vendor: Running) -> None:
    job = Caller(vendor, issuer="ak-ctl").submit()
    with vendor.control(token("ak-ctl", at=60)) as control:
        assert [listed["id"] for listed in control.jobs()] == [job]
