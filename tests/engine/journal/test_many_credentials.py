"""An exchange with thousands of credentials takes no longer to show, and shows none of them."""

from __future__ import annotations

from mockserver.engine.journal.redact import MAX_SECRETS, REDACTED, Redactor


def query(count: int) -> str:
    """A query with so many credentials, all different."""
    return "&".join(f"api_key=secret-{number:06}" for number in range(count))


def test_of_an_exchange_with_many_credentials_nothing_is_shown() -> None:
    redaction = Redactor().redaction((), query(4000))
    assert redaction.query(query(4000)) == REDACTED
    assert redaction.content(b"a secret-000007 and more") == REDACTED.encode()
    assert redaction.content(b"") == b""


def test_of_an_exchange_with_some_the_rest_is_shown() -> None:
    redaction = Redactor().redaction((), query(MAX_SECRETS))
    assert redaction.content(b"a secret-000007 and more") == f"a {REDACTED} and more".encode()
