"""API keys in header values, and who the caller is that a key stands for."""

from __future__ import annotations

import base64
from typing import Any, Final

import orjson

from mockserver.contract.model import Credential

_LONGEST: Final = 8192
"""Characters of a token that is read."""


def read_key(credential: Credential, value: bytes) -> str:
    """The key in the header's value; empty where there is none, or it has another scheme.

    Of a token that the caller has signed (RFC 7519) it is who that claims to be, as every request has another
    token. The signature is not judged.
    """
    text = value.decode("latin-1").strip()
    if credential.scheme:
        scheme, _, key = text.partition(" ")
        text = key.strip() if scheme.lower() == credential.scheme else ""
    if credential.caller and text.count(".") == 2 and len(text) <= _LONGEST:
        return _signer(text, credential.caller) or text
    return text


def _signer(token: str, claim: str) -> str:
    """What a token states for a claim; empty where it is none, or states no text."""
    claims = token.split(".")[1]
    try:
        content: Any = orjson.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    except ValueError:
        return ""
    signer = content.get(claim) if isinstance(content, dict) else None
    return signer if isinstance(signer, str) else ""
