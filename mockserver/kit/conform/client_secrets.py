"""What nobody but the API may see: the client's key, or the secret of a pair and tokens made of it."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from typing import Final

SHOWN: Final = "[key]"
_TOKEN: Final = re.compile(r"eyJ[\w-]{10,2000}\.([\w-]{2,4000})\.[\w-]{10,2000}")
"""A signed token (RFC 7519): header, claims and signature, each in Base64 for URLs."""


@dataclass(frozen=True, slots=True)
class ClientSecrets:
    """The `key` that is secret; with an `issuer`, also every token that the client signs as that issuer."""

    key: str
    issuer: str = ""

    def are_in(self, text: str) -> bool:
        """Whether the text has any of them."""
        return self.key in text or bool(self._tokens(text))

    def hidden(self, text: str) -> str:
        """The text without them."""
        for token in self._tokens(text):
            text = text.replace(token, SHOWN)
        return text.replace(self.key, SHOWN)

    def _tokens(self, text: str) -> list[str]:
        if not self.issuer:
            return []
        return [match[0] for match in _TOKEN.finditer(text) if _issuer_of(match[1]) == self.issuer]


def _issuer_of(claims: str) -> str:
    """Who signed a token; empty if its claims cannot be read."""
    try:
        content = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    except ValueError:
        return ""
    return str(content.get("iss", "")) if isinstance(content, dict) else ""
