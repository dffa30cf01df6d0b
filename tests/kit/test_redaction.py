"""What reports do not show and proxies do not pass on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mockserver.kit.redaction import end_to_end, redact, without_user_info
from tests.kit.report.runs import WORD


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("http://user:hunter2@127.0.0.1:1/a", "http://127.0.0.1:1/a"),
        ("curl -X GET 'https://user@host/a@b'", "curl -X GET 'https://host/a@b'"),
        ("mail somebody@example.com", "mail somebody@example.com"),
    ],
)
def test_a_url_loses_its_user_and_password(text: str, shown: str) -> None:
    assert without_user_info(text) == shown


def test_every_string_of_a_record_is_redacted_and_the_rest_stays() -> None:
    record = (replace(WORD, actual="a secret", job=None), ["secret", 3, None])
    finding, others = redact(record, lambda text: text.replace("secret", "***"))
    assert finding == replace(WORD, actual="a ***", job=None)
    assert others == ["***", 3, None]


def test_headers_of_the_connection_are_not_passed_on() -> None:
    headers = [("Connection", "close"), ("X-Request-Id", "7"), ("content-length", "3"), ("ETag", '"1"')]
    assert end_to_end(headers) == (("X-Request-Id", "7"), ("ETag", '"1"'))
