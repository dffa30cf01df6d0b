"""Where hiding credentials begins and ends: lengths, numbers of them, spellings, and bodies that are cut."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.key_places import COMMON_PARAMETERS, KeyPlaces
from mockserver.engine.credentials import Callers
from mockserver.engine.journal.exchange import EntryFilter, PackedEntry, as_text, matches, pack_headers
from mockserver.engine.journal.redact import HEADERS, Redactor
from mockserver.jobs.ids import tenant_of

HIDDEN = b"[redacted]"
SECRET = b"abcdefgh"


def hidden(content: bytes, *keys: bytes, query: str = "", cut: bool = False) -> bytes:
    """What is shown of bytes in an exchange whose request carried these keys."""
    headers = [(b"x-api-key", key) for key in keys]
    return Redactor().redaction(headers, query).content(content, cut=cut)


def test_a_value_of_eight_bytes_is_hidden_wherever_it_stands() -> None:
    assert hidden(b"<abcdefgh>", SECRET) == b"<[redacted]>"
    assert hidden(b"<abcdefg>", b"abcdefg") == b"<abcdefg>"


def test_a_scheme_is_shown_and_its_credential_is_not() -> None:
    redaction = Redactor().redaction([(b"Authorization", b" Bearer  abcdefgh ")], "")

    assert redaction.content(b"Bearer abcdefgh") == b"Bearer [redacted]"
    assert redaction.headers([(b"Authorization", b"x"), (b"a", b"abcdefgh!")]) == (
        ("Authorization", "[redacted]"),
        ("a", "[redacted]!"),
    )


@pytest.mark.parametrize(("number", "shown"), [(32, b"plain"), (33, HIDDEN)])
def test_of_an_exchange_with_more_than_32_credentials_nothing_is_shown(number: int, shown: bytes) -> None:
    keys = [b"secret-%06d" % each for each in range(number)]

    assert hidden(b"plain", *keys) == shown
    assert hidden(b"", *keys) == b""
    assert Redactor(secrets=["own-secret"]).redaction([(b"cookie", key) for key in keys], "").content(
        b"plain"
    ) == (b"plain" if number == 32 else HIDDEN)


@given(st.integers(1, 8), st.binary(max_size=3))
def test_the_beginning_of_a_secret_at_the_end_of_a_cut_body_is_hidden(length: int, before: bytes) -> None:
    content = before.replace(b"a", b"-") + SECRET[:length]

    assert hidden(content, SECRET, cut=True) == (content[:-length] + HIDDEN if length >= 4 else content)
    assert hidden(content, SECRET) == (content if length < 8 else content[:-8] + HIDDEN)


def test_the_longest_beginning_is_hidden() -> None:
    assert hidden(b"x abcdabc", b"abcdabcdabcd", cut=True) == b"x [redacted]"


def test_a_secret_that_holds_another_goes_as_a_whole() -> None:
    assert hidden(b"abcdefgh-1234", SECRET, b"abcdefgh-1234") == HIDDEN


@given(
    st.text(st.characters(codec="latin-1"), min_size=8, max_size=12).filter(lambda text: text.strip() == text)
)
def test_a_credential_of_a_query_is_hidden_however_it_is_spelled(key: str) -> None:
    redaction = Redactor().redaction([], f"a=1&Api_Key={quote_plus(key)}")

    assert redaction.text(f"<{key}>") == "<[redacted]>"
    assert redaction.query(f"a={quote_plus(key)}&Token=x&tokens=y&key") == (
        "a=[redacted]&Token=[redacted]&tokens=y&key"
    )
    assert redaction.path(f"/v1/{quote_plus(key)}/x") == "/v1/[redacted]/x"


def test_every_usual_place_of_a_credential_is_known() -> None:
    for name in HEADERS:
        assert Redactor().redaction([(name.upper(), SECRET)], "").content(SECRET) == HIDDEN
    for parameter in COMMON_PARAMETERS:
        assert hidden(SECRET, query=f"{parameter}=abcdefgh") == HIDDEN
    assert hidden(SECRET, query="other=abcdefgh") == SECRET
    assert Redactor().redaction([(b"accept", SECRET)], "").content(SECRET) == SECRET


def test_a_key_in_a_query_or_cookie_of_the_contract_is_hidden_by_its_name() -> None:
    redactor = Redactor(Callers(places=KeyPlaces(("x-k",), frozenset({"sig"}), frozenset({"session"}))))
    redaction = redactor.redaction(
        [(b"Cookie", b'a=b; Session="abcdefgh"; c=12345678'), (b"X-K", b"87654321")], "%53ig=hgfedcba"
    )

    assert redaction.content(b"abcdefgh hgfedcba 12345678 87654321") == b"%b %b 12345678 %b" % (
        HIDDEN, HIDDEN, HIDDEN,
    )  # fmt: skip
    assert redaction.query("Sig=abc&key=x&a=b") == "Sig=[redacted]&key=[redacted]&a=b"
    assert redaction.headers([(b"cookie", b"a"), (b"x-k", b"b")]) == (
        ("cookie", "[redacted]"),
        ("x-k", "[redacted]"),
    )
    assert Redactor().redaction([(b"cookie", b"session=abcdefgh")], "").content(SECRET) == SECRET


def test_who_sent_it_is_known_by_the_bearer_token() -> None:
    redactor = Redactor()

    assert redactor.sender([(b"a", b"b"), (b"Authorization", b"Bearer k")], "") == tenant_of("k")
    assert redactor.sender([(b"authorization", b"Basic k")], "") is None
    assert redactor.sender([], "") is None


PACKED = PackedEntry(
    1, 2, 3, 4, "p", "op", "read", None, "j", "m", "GET", "", "/", "", 404,
    pack_headers([(b"authorization", b"Bearer k")]), pack_headers([]), b"", b"", 0, 0, ("wrong",), (),
    ("slow", "reset"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("wanted", "value", "others"),
    [
        ("provider", "p", ["q"]),
        ("operation", "op", ["other"]),
        ("role", "read", ["submit"]),
        ("job", "j", ["i"]),
        ("status", "404", ["405", "5xx", "40"]),
        ("status", "4xx", ["3xx"]),
        ("status", 404, [400]),
        ("fault", "reset", ["res"]),
        ("violations", True, [False]),
        ("tenant", tenant_of("k"), [tenant_of("l")]),
    ],
)
def test_a_filter_selects_by_each_of_its_parts(wanted: str, value: Any, others: list[Any]) -> None:
    assert matches(PACKED, EntryFilter(), Redactor())
    assert matches(PACKED, EntryFilter(**{wanted: value}), Redactor())
    for other in others:
        assert not matches(PACKED, EntryFilter(**{wanted: other}), Redactor())


def test_a_body_is_text_up_to_a_character_that_was_cut_in_half() -> None:
    content = "aé".encode()

    assert as_text(content, cut=False) == as_text(content, cut=True) == "aé"
    assert as_text(content[:-1], cut=True) == "a"
    assert as_text(content[:-1], cut=False) is None
    assert as_text(b"\xff", cut=True) is None


@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize("secret", ["clé-secrète", "éclair-secret", 'a"quoted\\secret'])
def test_a_credential_is_hidden_whole_as_json_spells_it(secret: str, ascii_only: bool) -> None:
    content = json.dumps({"key": secret}, ensure_ascii=ascii_only).encode()

    assert hidden(content, secret.encode()) == b'{"key": "[redacted]"}'
