"""What of a request that schemathesis makes is sent on: its headers and its path, as they were."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.kit.verify.wsgi_proxy import _headers, _path


def test_headers_are_sent_on_but_for_those_that_are_of_the_connection() -> None:
    environ: dict[str, Any] = {
        "HTTP_HOST": "127.0.0.1",
        "HTTP_CONNECTION": "close",
        "HTTP_CONTENT_LENGTH": "3",
        "HTTP_X_API_KEY": "secret",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": "3",
        "REQUEST_METHOD": "POST",
    }
    assert list(_headers(environ)) == [("x-api-key", "secret"), ("content-type", "application/json")]
    assert list(_headers({"CONTENT_TYPE": ""})) == []


@pytest.mark.parametrize(
    ("environ", "path"),
    [
        ({"REQUEST_URI": "/a%2Fb?x=1", "PATH_INFO": "/a/b", "QUERY_STRING": "x=1"}, "/a%2Fb?x=1"),
        ({"PATH_INFO": "/a b", "QUERY_STRING": "x=1"}, "/a%20b?x=1"),
        ({"PATH_INFO": "/\xc3\xa4", "QUERY_STRING": ""}, "/%C3%A4"),
        ({"REQUEST_URI": "", "QUERY_STRING": ""}, "/"),
    ],
)
def test_the_path_is_the_one_that_was_made(environ: dict[str, Any], path: str) -> None:
    assert _path(environ) == path
