"""The line of a finding, run by a real bash and a real curl, sends what the exchange says, byte by byte."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from io import BufferedReader
from typing import Final
from urllib.parse import parse_qsl, quote, quote_plus, urlsplit

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from mockserver.kit.contracts import load
from mockserver.kit.traffic.curl import LONGEST_LINE, ShellKeys, curl_command
from mockserver.kit.traffic.exchange import Exchange
from mockserver.kit.traffic.shell_words import word

KEY: Final = "sk-$(id)`'\"\\!key"
OTHER: Final = "sk-of another account"
LIVE: Final = ShellKeys(load("gmicloud"), {KEY: "MOCKSERVER_KEY", OTHER: "MOCKSERVER_OTHER_KEY"})
MISSING: Final = [name for name in ("bash", "curl") if shutil.which(name) is None]
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"no {' and no '.join(MISSING)} here to run the lines")


class Recorder:
    """A server that keeps the bytes of the last request, each on a connection of its own."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.request = b""
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as file:
                self.request = _read(file)
                connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")

    def sent_by(self, line: str) -> tuple[bytes, list[tuple[bytes, bytes]], bytes]:
        """Run a line; its request line, its headers, its body."""
        self.request = b""
        variables = {"MOCKSERVER_KEY": KEY, "MOCKSERVER_OTHER_KEY": OTHER}
        done = subprocess.run(
            ["bash", "-c", line], env={**os.environ, **variables}, capture_output=True, check=False
        )
        assert done.returncode == 0, (line, done.stderr)
        head, _, body = self.request.partition(b"\r\n\r\n")
        first, *lines = head.split(b"\r\n")
        pairs = [header.partition(b":")[::2] for header in lines]
        return first, [(name.lower(), value.strip()) for name, value in pairs], body


def _read(file: BufferedReader) -> bytes:
    request, length = b"", 0
    while True:
        line = file.readline()
        request += line
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
        if line in (b"\r\n", b""):
            return request + file.read(length)


@pytest.fixture(scope="module")
def recorder() -> Iterator[Recorder]:
    made = Recorder()
    yield made
    made.close()


def exchange(
    recorder: Recorder | None = None,
    method: str = "POST",
    target: str = "/requests",
    headers: tuple[tuple[str, str], ...] = (),
    body: bytes = b"",
    caller: str | None = None,
) -> Exchange:
    url = recorder.url if recorder else "http://127.0.0.1:1"
    return Exchange(1, 0.0, 0.0, method, url + target, headers, body, 200, (), b"", caller=caller)


def check(recorder: Recorder, sent: Exchange, keys: ShellKeys = LIVE) -> None:
    """Run the line of an exchange and compare the request line, each header and the body."""
    line = curl_command(sent, keys)
    assert line.isascii()
    assert line.isprintable()
    assert "  " not in line
    assert KEY not in line
    first, headers, body = recorder.sent_by(line)
    target = quote(sent.url.removeprefix(recorder.url), safe="".join(map(chr, range(0x21, 0x7F))))
    assert first.decode() == f"{sent.method} {target or '/'} HTTP/1.1"
    assert body == sent.request_body
    wanted = [
        (name.lower().encode(), value.strip().encode("latin-1")) for name, value in sent.request_headers
    ]
    assert [pair for pair in headers if pair in wanted] == wanted
    if sent.request_header("content-type") is None:
        assert not [name for name, _ in headers if name in (b"content-type", b"expect")]


TEXTS: Final = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_categories=["Cc"]), max_size=12
)
HEADERS: Final = st.lists(
    st.tuples(st.sampled_from(["X-Odd", "content-type", "Accept", "user-agent", "x-Empty", "Cookie"]), TEXTS),
    max_size=3, unique_by=lambda pair: pair[0],
).map(tuple)  # fmt: skip
TARGETS: Final = st.text(
    st.characters(min_codepoint=0x20, exclude_categories=["Cs"], exclude_characters="#"), max_size=12
)
NASTY: Final = b"@/etc/passwd %41 %s {a,b} [1-3] 'it''s' \"$HOME\" `id` \\n  two \n\r\t!! \xff\x00"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "PURGE", "M-SEARCH"]),
    target=TARGETS.map(lambda text: "/" + text),
    headers=HEADERS,
    body=st.binary(max_size=40) | st.text(max_size=40).map(str.encode),
)
@example(method="POST", target="/a/../b/./[1-2]{c,d}?x=%20%%&y=[]#".rstrip("#"), headers=(), body=NASTY)
@example(method="POST", target="/", headers=(("x-Empty", ""), ("X-Odd", "'@$(id)`!\"\\")), body=NASTY[:-1])
@example(method="HEAD", target="/?a", headers=(), body=b"with a body")
@example(
    method="PUT", target="", headers=(("content-type", "application/json"),), body=b'{"a":"it\'s  \xc3\xbc"}'
)
def test_a_line_sends_the_request(
    recorder: Recorder, method: str, target: str, headers: tuple[tuple[str, str], ...], body: bytes
) -> None:
    check(recorder, exchange(recorder, method, target, headers, body))


def test_a_key_comes_from_its_variable_with_its_scheme_and_that_of_another_account_from_its_own(
    recorder: Recorder,
) -> None:
    for key, name in ((KEY, "MOCKSERVER_KEY"), (OTHER, "MOCKSERVER_OTHER_KEY")):
        sent = exchange(recorder, headers=(("authorization", f"Bearer {key}"),), body=b'{"a": 1}')
        assert f'-H "authorization: Bearer ${name}"' in curl_command(sent, LIVE)
        check(recorder, sent)


def test_a_key_in_a_body_or_another_header_comes_from_its_variable(recorder: Recorder) -> None:
    body = f'{{"it\'s": "{KEY}", "and": "{OTHER}"}}'.encode()
    check(recorder, exchange(recorder, headers=(("X-Odd", f"a {KEY} b"),), body=body))


@pytest.mark.parametrize("spell", [str, quote, lambda key: quote(key, safe=""), quote_plus])
def test_a_key_in_a_url_comes_from_its_variable_percent_encoded(
    recorder: Recorder, spell: Callable[[str], str]
) -> None:
    for key, name in ((KEY, "MOCKSERVER_KEY"), (OTHER, "MOCKSERVER_OTHER_KEY")):
        line = curl_command(exchange(recorder, "GET", f"/a?x=1&key={spell(key)}&y=2"), LIVE)
        assert f"${name}" in line
        assert spell(key) not in line
        first, _, _ = recorder.sent_by(line)
        assert parse_qsl(urlsplit(first.split()[1].decode()).query) == [("x", "1"), ("key", key), ("y", "2")]


def test_a_short_key_where_keys_arrive_comes_from_its_variable() -> None:
    keys = ShellKeys(load("gmicloud"), {"k+y": "MOCKSERVER_KEY", "o": "MOCKSERVER_OTHER_KEY"})

    line = curl_command(exchange(None, "GET", "/x?a=o&Api_Key=k%2By&key=o&token=none"), keys)

    assert "?a=o&Api_Key=" in line
    assert "k%2By" not in line
    assert '$MOCKSERVER_KEY"' in line
    assert "'&key='\"$MOCKSERVER_OTHER_KEY\"'&token=none'" in line


def test_a_hidden_key_in_a_recorded_url_is_percent_encoded_by_the_shell(recorder: Recorder) -> None:
    line = curl_command(exchange(recorder, "GET", "/a?key=[redacted]"), ShellKeys(load("gmicloud")))
    first, _, _ = recorder.sent_by(line)
    assert parse_qsl(urlsplit(first.split()[1].decode()).query) == [("key", KEY)]


def test_a_made_up_key_is_shown_as_it_is_there_to_be_refused(recorder: Recorder) -> None:
    check(recorder, exchange(recorder, headers=(("authorization", "Basic bm9ib2R5Om5vdGhpbmc="),)))


def test_callers_of_a_record_have_a_variable_each() -> None:
    keys = ShellKeys(load("gmicloud"))
    sent = exchange(headers=(("Authorization", "[redacted]"),))
    lines = [keys.line(sent._replace(caller=caller)) for caller in ("a", "b", "c", "a", None)]
    names = [line.split("Authorization: Bearer $")[1].split('"')[0] for line in lines]
    assert names == [
        "MOCKSERVER_KEY", "MOCKSERVER_OTHER_KEY", "MOCKSERVER_KEY_3", "MOCKSERVER_KEY", "MOCKSERVER_KEY",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "body", [b"a" * 300_000, bytes(2 * 1024**2), b'{"a":"' + b"\xc3\xbc" * 9_000 + b'"}'], ids=len
)
def test_a_large_body_is_sent_compressed(recorder: Recorder, body: bytes) -> None:
    sent = exchange(recorder, body=body)
    assert len(curl_command(sent)) < 2 * LONGEST_LINE
    check(recorder, sent)


@pytest.mark.parametrize("kind", ["video/mp4", "Image/PNG; q=1", " audio/mpeg"])
def test_a_file_that_is_answered_is_not_written_to_the_terminal(kind: str) -> None:
    answered = exchange(method="GET")._replace(response_headers=(("content-type", kind),))
    assert " -D - -o /dev/null" in curl_command(answered)
    assert "/dev/null" not in curl_command(
        answered._replace(response_headers=(("content-type", "text/html"),))
    )


def test_a_body_that_no_line_can_hold_is_a_comment_that_says_so(recorder: Recorder) -> None:
    line = curl_command(exchange(body=os.urandom(200_000)))
    assert line.startswith("# this request's body is not in the report: it has 200000 bytes, SHA-256 ")
    assert subprocess.run(["bash", "-c", line], check=False, capture_output=True).stderr == b""


def test_a_body_that_the_record_lacks_is_a_comment_that_says_so() -> None:
    assert curl_command(exchange(body=b'{"a"')._replace(request_cut=True)).startswith("# the record lacks ")


def test_a_request_that_no_line_can_hold_is_a_comment() -> None:
    assert curl_command(exchange(target="/" + "a" * 200_000)).startswith(
        "# a line for this request would have "
    )


@pytest.mark.parametrize("url", ["file:///etc/passwd", "-o/tmp/a", "/requests", "ftp://a/b"])
def test_nothing_but_http_is_asked_for(url: str) -> None:
    assert curl_command(exchange()._replace(url=url)) == ""


def test_a_header_is_never_read_from_a_file(recorder: Recorder) -> None:
    sent = exchange(
        recorder, "GET", headers=(("@/etc/passwd", "x"), ("a b", "x"), ("X-Odd", "a\r\nX-Two: b"))
    )
    line = curl_command(sent)
    assert "passwd" not in line
    _, headers, _ = recorder.sent_by(line)
    assert (b"x-two", b"b") not in headers


def test_a_callback_is_no_request_that_a_reader_sends() -> None:
    assert curl_command(exchange()._replace(callback=True)) == ""


def test_user_and_password_stay_out_of_a_line() -> None:
    line = curl_command(exchange()._replace(url="http://user:hunter2@example.test/a?at=1@2"))
    assert "hunter2" not in line
    assert " 'http://example.test/a?at=1@2' " in line


@pytest.mark.parametrize(
    ("content", "written"),
    [
        (b"plain-1.0", "plain-1.0"),
        (b"", "''"),
        (b"a kite", "'a kite'"),
        (b"it's late~", "$'it\\'s late~'"),
        (b"a  b ", "$'a \\x20b\\x20'"),
        (b"now!\x7f\x1f", "$'now\\x21\\x7f\\x1f'"),
    ],
)
def test_a_word_is_escaped_where_it_must_be_and_else_readable(content: bytes, written: str) -> None:
    assert word(content) == written
