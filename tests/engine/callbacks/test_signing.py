"""Callbacks are signed as Standard Webhooks where the contract says so, and their library takes them."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from datetime import UTC, datetime
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from mockserver.engine.callbacks.schedule import DELIVERY_HEADER
from mockserver.engine.callbacks.signing import OWN_HEADER, CallbackSigner, signature_in, unsigned
from mockserver.errors import SettingsError
from mockserver.faults.callback.forged import CallbackForged
from mockserver.jobs.clock import wall_clock
from mockserver.settings import Settings, read_callback_secrets
from tests.engine.callbacks.test_sender import Scene, after, contract, job_of, submit
from tests.listener import listening, status

SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
OLDER = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def sent(secret: str | None, *answers: bytes, forged: bool = False) -> list[Any]:
    """What a receiver hears of a job, giving these answers and then 200."""
    faults = (CallbackForged(),) if forged else ()

    async def run() -> list[Any]:
        async with listening(*answers, status(200)) as listener:
            scene = Scene(Settings(callback_secret=secret))
            scene.services = scene.services._replace(wall_clock=wall_clock)
            callbacks = await submit(scene, job_of(listener.url), *faults)
            for _ in range(4):
                await after(scene, callbacks, 8)
            assert listener.heard
            return listener.heard

    return asyncio.run(run())


def test_the_library_of_standard_webhooks_takes_what_was_sent() -> None:
    heard = sent(SECRET)
    for request in heard:
        assert Webhook(SECRET).verify(request.body, request.headers) == request.told
        assert OWN_HEADER not in request.headers
        with pytest.raises(WebhookVerificationError):
            Webhook(SECRET).verify(request.body + b" ", request.headers)
    assert len({request.headers["webhook-id"] for request in heard}) == len(heard) == 2


def test_while_a_secret_is_rotated_either_verifies() -> None:
    for request in sent(f"{SECRET} {OLDER}"):
        assert len(request.headers["webhook-signature"].split(" ")) == 2
        for secret in (SECRET, OLDER):
            Webhook(secret).verify(request.body, request.headers)


def test_all_attempts_of_a_delivery_have_one_id() -> None:
    heard = sent(SECRET, status(500))
    assert len(heard) == 3
    names = {(request.headers["webhook-id"], request.headers[DELIVERY_HEADER]) for request in heard}
    assert len(names) == 2


def test_without_a_secret_nothing_is_signed() -> None:
    for request in sent(None):
        assert not {name for name in request.headers if name.startswith("webhook-") or name == OWN_HEADER}


def test_the_fault_signs_with_a_secret_that_the_receiver_does_not_have() -> None:
    for request in sent(f"{SECRET} {OLDER}", forged=True):
        assert len(request.headers["webhook-signature"].split(" ")) == 2
        for secret in (SECRET, OLDER):
            with pytest.raises(WebhookVerificationError, match="No matching signature"):
                Webhook(secret).verify(request.body, request.headers)


def test_the_signature_is_that_of_the_specification() -> None:
    signer = CallbackSigner([contract()], SECRET, lambda: 1_674_087_231_999)
    headers = signer.sign("kkiai", "kkiai.1.1", b'{"test": 2432232314}')
    at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    made = Webhook(SECRET).sign(headers["webhook-id"], at, '{"test": 2432232314}')
    assert (headers["webhook-timestamp"], headers["webhook-signature"]) == ("1674087231", made)


def test_a_provider_that_documents_no_signature_gets_ours() -> None:
    signer = CallbackSigner([], SECRET, wall_clock)
    made = hmac.new(SECRET.encode(), b"{}", hashlib.sha256).hexdigest()
    assert signer.sign("orbit", "orbit.1.1", b"{}") == {OWN_HEADER: f"sha256={made}"}


@pytest.mark.parametrize(
    ("secret", "provider"), [(SECRET, "kkiai"), (SECRET, "orbit"), ("plain secret", "kkiai")]
)
def test_a_forged_signature_has_the_form_of_a_real_one(secret: str, provider: str) -> None:
    signer = CallbackSigner([contract()], secret, lambda: 1_674_087_231_999)
    real, forged = (signer.sign(provider, "a.1.1", b"{}", forged=forged) for forged in (False, True))

    assert forged.keys() == real.keys()
    assert (signature_in(forged) or "").partition("=")[0].partition(",")[0] in ("v1", "sha256")
    assert len(signature_in(forged) or "") == len(signature_in(real) or "")
    assert signature_in(forged) != signature_in(real)
    assert unsigned({**forged, "a": "b"}) == {"a": "b"}


@pytest.mark.parametrize(
    "secret", ["whsec_", "whsec_=", "whsec_abc", f"{SECRET} plain", f"{SECRET} whsec_a", "whsec_a-b_"]
)
def test_a_secret_that_no_library_could_read_is_refused(secret: str) -> None:
    with pytest.raises(SettingsError, match="whsec_ and Base64"):
        read_callback_secrets(secret)


def test_secrets_are_read() -> None:
    assert read_callback_secrets("") == ()
    assert read_callback_secrets("any text") == ("any text",)
    assert read_callback_secrets(f" {SECRET}  {OLDER} ".strip()) == (SECRET, OLDER)


@pytest.mark.parametrize("header", [OWN_HEADER, "webhook-signature"])
def test_a_signature_is_read_from_either_header(header: str) -> None:
    assert signature_in({header: "sha256=ab", "content-type": "application/json"}) == "sha256=ab"
    assert signature_in({"content-type": "application/json"}) is None
