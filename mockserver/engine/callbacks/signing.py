"""Signs callbacks: as Standard Webhooks where a contract says so, else in a header of our own."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Sequence
from typing import Final

from mockserver.contract.model import Contract
from mockserver.jobs.clock import Clock
from mockserver.settings import STANDARD_PREFIX, read_callback_secrets

STANDARD: Final = "standard-webhooks"
"""The value of `signature` in a callback's x-job: https://www.standardwebhooks.com."""
OWN_HEADER: Final = "x-mockserver-signature"
_STANDARD_HEADERS: Final = ("webhook-id", "webhook-timestamp", "webhook-signature")


class CallbackSigner:
    """Signs with the secrets of the settings, in the way of each provider."""

    def __init__(self, contracts: Iterable[Contract], secret: str | None, clock: Clock) -> None:
        """`clock` is the wall's, in Unix milliseconds: a receiver compares by its own."""
        self._schemes = {contract.provider: _scheme(contract) for contract in contracts}
        self._secrets = read_callback_secrets(secret or "")
        self._clock = clock

    def sign(self, provider: str, delivery: str, body: bytes, *, forged: bool = False) -> dict[str, str]:
        """The headers that prove a callback; none without a secret.

        `delivery` names it through all its attempts. With several secrets each signs, as while one takes the
        place of another. With `forged` another secret signs.
        """
        secrets = [_another(secret) for secret in self._secrets] if forged else self._secrets
        if self._schemes.get(provider) == STANDARD and secrets and secrets[0].startswith(STANDARD_PREFIX):
            return _standard(secrets, delivery, self._clock() // 1000, body)
        if secrets:
            return {OWN_HEADER: f"sha256={hmac.new(secrets[0].encode(), body, hashlib.sha256).hexdigest()}"}
        return {}


def signature_in(headers: dict[str, str]) -> str | None:
    """The signature among the headers of a callback."""
    return headers.get(OWN_HEADER) or headers.get("webhook-signature")


def unsigned(headers: dict[str, str]) -> dict[str, str]:
    """The headers without those that prove the callback."""
    return {name: text for name, text in headers.items() if name not in (OWN_HEADER, *_STANDARD_HEADERS)}


def _scheme(contract: Contract) -> str:
    callbacks = (operation.callback for operation in contract.operations.values())
    return next((callback.signature for callback in callbacks if callback), "")


def _another(secret: str) -> str:
    """Another secret of the same form."""
    text = f"forged {secret}"
    if not secret.startswith(STANDARD_PREFIX):
        return text
    return STANDARD_PREFIX + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _standard(secrets: Sequence[str], delivery: str, seconds: int, body: bytes) -> dict[str, str]:
    number = int.from_bytes(hashlib.sha256(delivery.encode()).digest()[:8]) >> 1
    signed = b"%d.%d.%b" % (number, seconds, body)
    signatures = " ".join(f"v1,{_signature(secret, signed)}" for secret in secrets)
    return dict(zip(_STANDARD_HEADERS, (str(number), str(seconds), signatures), strict=True))


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(STANDARD_PREFIX))
    return base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
