"""The words of the line that sends a request again, one by one; test_curl.py runs whole lines."""

from __future__ import annotations

import base64
import gzip
from typing import Any

import pytest

from mockserver.kit.contracts import load
from mockserver.kit.traffic import curl
from mockserver.kit.traffic.curl import ShellKeys, _packed, curl_command
from mockserver.kit.traffic.exchange import REDACTED, Exchange
from mockserver.kit.traffic.shell_words import word

HEAD = "curl -sS -g --path-as-is"
URL = "http://a.example:1/x"


def exchange(method: str = "GET", *headers: tuple[str, str], body: bytes = b"", **more: Any) -> Exchange:
    return Exchange(1, 0.0, 0.0, method, URL, headers, body, 200, (), b"", **more)


@pytest.mark.parametrize(
    ("method", "body", "line"),
    [
        ("GET", b"", f"{HEAD} -X GET {URL}"),
        ("DELETE", b"", f"{HEAD} -X DELETE {URL}"),
        ("HEAD", b"", f"{HEAD} -I {URL}"),
        (
            "HEAD",
            b"a",
            f"{HEAD} -X HEAD --ignore-content-length -H 'Connection: close' {URL}"
            " -H Content-Type: --data-raw a",
        ),
        ("POST", b"", f"{HEAD} -X POST {URL} -H Content-Type: --data-raw ''"),
        ("PUT", b"", f"{HEAD} -X PUT {URL} -H Content-Type: --data-raw ''"),
        ("PATCH", b"", f"{HEAD} -X PATCH {URL} -H Content-Type: --data-raw ''"),
        ("GET", b"{}", f"{HEAD} -X GET {URL} -H Content-Type: --data-raw '{{}}'"),
        (
            "POST",
            b"\0",
            f"{HEAD} -X POST {URL} -H Content-Type: --data-binary @- < <(base64 --decode <<< AA==)",
        ),
    ],
)
def test_method_and_body(method: str, body: bytes, line: str) -> None:
    assert curl_command(exchange(method, body=body)) == line


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (("X-Odd", "a b"), "-H 'X-Odd: a b'"),
        (("X-Odd", ""), "-H 'X-Odd;'"),
        (("Accept-Encoding", "gzip"), "--compressed -H 'Accept-Encoding: gzip'"),
        (("Content-Length", "3"), ""),
        (("Connection", "close"), ""),
        (("a b", "c"), ""),
        (("Host", "A.example:1"), ""),
        (("Host", "other"), "-H 'Host: other'"),
        (("Cookie", "a=b"), '-H "Cookie: $MOCKSERVER_COOKIE"'),
        (("X-Odd", "a\r\nb"), "-H 'X-Odd: a' -H 'X-Odd: b'"),
    ],
)
def test_a_header(header: tuple[str, str], words: str) -> None:
    assert curl_command(exchange("GET", header)) == f"{HEAD} -X GET {URL} {words}".rstrip()


def test_a_body_has_no_type_but_its_own() -> None:
    line = curl_command(exchange("POST", ("content-type", "text/plain"), body=b"a"))
    assert line == f"{HEAD} -X POST {URL} -H 'content-type: text/plain' --data-raw a"


def test_the_scheme_that_a_recorder_hid_with_the_key_is_put_back() -> None:
    keys = ShellKeys(load("gmicloud"))
    for value in (REDACTED, f"Bearer {REDACTED}"):
        line = curl_command(exchange("GET", ("Authorization", value)), keys)
        assert line.endswith('-H "Authorization: Bearer $MOCKSERVER_KEY"')
    line = curl_command(exchange("GET", ("Authorization", REDACTED)))
    assert line.endswith('-H "Authorization: $MOCKSERVER_KEY"')


def test_a_key_that_was_sent_without_its_scheme_is_sent_so_again() -> None:
    keys = ShellKeys(load("gmicloud"), {"key-of-mine": "MINE"})
    line = curl_command(exchange("GET", ("Authorization", "key-of-mine")), keys)
    assert line.endswith('-H "Authorization: $MINE"')


def test_a_short_key_is_looked_for_only_where_keys_arrive() -> None:
    keys = ShellKeys(load("gmicloud"), {"1234567": "SHORT", "12345678": "LONG"})
    sent = exchange(
        "POST", ("Authorization", "Bearer 1234567"), ("X-Odd", "1234567"), body=b"12345678 1234567"
    )
    line = curl_command(sent, keys)
    assert '-H "Authorization: Bearer $SHORT" -H ' in line
    assert "-H 'X-Odd: 1234567'" in line
    assert line.endswith("--data-raw \"$LONG\"' 1234567'")


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("Authorization", "Bearer key-of-mine", ("key-of-mine", "MINE")),
        ("Authorization", " key-of-mine ", ("key-of-mine", "MINE")),
        ("Authorization", "a1 key-of-mine", ("", "")),
        ("Authorization", "Bearer other", ("", "")),
        ("Cookie", "a=b; session=key-of-mine", ("key-of-mine", "MINE")),
        ("Cookie", "a=b", ("", "")),
    ],
)
def test_of_a_header_the_key_is_replaced(name: str, value: str, expected: tuple[str, str]) -> None:
    assert ShellKeys(None, {"key-of-mine": "MINE"}).of_header(name, value, exchange()) == expected


def test_without_keys_what_a_header_holds_is_the_callers() -> None:
    keys = ShellKeys()
    assert keys.of_header("X-Key", "Bearer a", exchange()) == ("a", "MOCKSERVER_KEY")
    assert keys.of_header("X-Key", "a1 b", exchange()) == ("a1 b", "MOCKSERVER_KEY")
    assert keys.of_value("a") == ""


def test_the_line_of_an_exchange_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def command(sent: Exchange, _: ShellKeys) -> str:
        made.append(sent.method)
        return sent.method

    monkeypatch.setattr(curl, "curl_command", command)
    keys, first, second = ShellKeys(), exchange("GET"), exchange("PUT")
    assert [keys.line(sent) for sent in (first, first, second, second, first)] == [
        "GET", "GET", "PUT", "PUT", "GET",
    ]  # fmt: skip
    assert made == ["GET", "PUT", "GET"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"a" * 80, f"--data-raw {'a' * 80}"),
        (b"a" * 81, "--data-binary @-"),
        (b"a" + b"'" * 38, "--data-raw"),
        (b"aa" + b"'" * 38, "--data-binary @-"),
        (b"\xffaaaaaa", "--data-raw $'\\xffaaaaaa'"),
        (b"\xff", "--data-binary @- < <(base64 --decode <<< /w==)"),
        (bytes(range(256)), "# this request's body is not in the report: it has 256 bytes, SHA-256 "),
    ],
)
def test_a_body_is_written_as_its_length_allows(
    monkeypatch: pytest.MonkeyPatch, body: bytes, words: str
) -> None:
    monkeypatch.setattr(curl, "LONGEST_LINE", 80)
    monkeypatch.setattr(curl, "_packed", lambda content: _packed(content) if len(content) < 200 else "a" * 81)
    line = curl._body(exchange("POST", body=body), ShellKeys())
    written = f"# {line.missing}" if line.missing else " ".join(line.words) + line.redirection
    assert written.startswith(words)


def test_a_key_is_never_packed() -> None:
    keys = ShellKeys(None, {"key-of-mine": "MINE"})
    assert curl._body(exchange("POST", body=b"\0key-of-mine"), keys).missing
    assert not curl._body(exchange("POST", body=b"\0key-of-other"), keys).missing


@pytest.mark.parametrize(("length", "is_large"), [(2**20 - 1, False), (2**20, True)])
def test_a_large_body_is_sent_without_waiting_for_leave(length: int, is_large: bool) -> None:
    words = curl._body(exchange("POST", body=bytes(length)), ShellKeys()).words
    assert words == (*(("-H Expect:",) if is_large else ()), "--data-binary @-")


def test_bytes_are_compressed_from_a_length_on_and_to_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(curl, "LONGEST_LINE", 20)
    monkeypatch.setattr(curl, "_LONGEST_PACKED", 12)
    for length in (9, 10, 12, 13):
        packed, plain = _packed(bytes(length)), base64.b64encode(bytes(length)).decode()
        if length in (10, 12):
            zipped = packed.removeprefix("base64 --decode <<< ").removesuffix(" | gunzip")
            assert gzip.decompress(base64.b64decode(zipped)) == bytes(length)
            assert packed.endswith(" | gunzip")
        else:
            assert packed == (f"base64 --decode <<< {plain}" if length == 9 else plain)


def test_a_line_is_a_comment_from_twice_the_length_on(monkeypatch: pytest.MonkeyPatch) -> None:
    line = curl_command(exchange())
    monkeypatch.setattr(curl, "LONGEST_LINE", -(-len(line) // 2))
    assert curl_command(exchange()) == line
    monkeypatch.setattr(curl, "LONGEST_LINE", len(line) // 2 - 1)
    assert curl_command(exchange()).startswith(
        f"# a line for this request would have {len(line)} characters, "
    )


@pytest.mark.parametrize(
    ("content", "written"),
    [
        (b"KEY", '"$A"'),
        (b"Bearer KEY", '"Bearer $A"'),
        (b" KEY", '" $A"'),
        (b"a  KEY", "$'a \\x20'\"$A\""),
        (b"a$KEY", "'a$'\"$A\""),
        (b"KEYb", '"$A"b'),
        (b"aKEYb", 'a"$A"b'),
        (b"KEYKEY", '"$A""$A"'),
        (b"KEYS", '"$B"'),
        (b"K", "K"),
    ],
)
def test_a_key_in_a_word_is_its_variable(content: bytes, written: str) -> None:
    assert word(content, {b"KEY": "A", b"KEYS": "B", b"other": "C"}) == written
