"""The HTML pages that gateways and file hosts send when they have nothing better."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

_OWN: Final = {524: "A Timeout Occurred"}


def page(status: int) -> bytes:
    """A short HTML page that says a status."""
    title = f"{status} {_OWN.get(status) or HTTPStatus(status).phrase}"
    return (
        f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n"
        "<hr><center>gateway</center>\r\n</body>\r\n</html>\r\n"
    ).encode()
