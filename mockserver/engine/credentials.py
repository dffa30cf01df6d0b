"""API keys in header values."""

from __future__ import annotations

from mockserver.contract.model import Credential


def read_key(credential: Credential, value: bytes) -> str:
    """The key in the header's value; empty where there is none, or it has another scheme."""
    text = value.decode("latin-1").strip()
    if not credential.scheme:
        return text
    scheme, _, key = text.partition(" ")
    return key.strip() if scheme.lower() == credential.scheme else ""
