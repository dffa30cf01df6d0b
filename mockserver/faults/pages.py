"""The HTML error pages of gateways and file hosts."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

_OWN: Final = {524: "A Timeout Occurred"}


def html_page(status: int) -> bytes:
    """A short HTML page about a status."""
    title = f"{status} {_OWN.get(status) or HTTPStatus(status).phrase}"
    return (
        f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n"
        "<hr><center>gateway</center>\r\n</body>\r\n</html>\r\n"
    ).encode()
