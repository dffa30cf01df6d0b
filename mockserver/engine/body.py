"""Texts in the body of a request."""

from __future__ import annotations

from typing import Any

from mockserver.contract.model import Path
from mockserver.contract.pointer import follow


def text_at(body: Any, path: Path | None) -> str:
    """The text at a path; empty where there is no path, or something else or nothing is there."""
    if not path:
        return ""
    value = follow(body, path)
    return value if isinstance(value, str) else ""
