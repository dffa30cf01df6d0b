"""An exchange's request as a line for bash that sends it again, with the key in a variable of the shell."""

from __future__ import annotations

import base64
import gzip
import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Final, NamedTuple
from urllib.parse import quote, quote_plus, unquote_plus

from mockserver.contract.key_places import COMMON_HEADERS, key_places, read_cookies
from mockserver.contract.model import Contract
from mockserver.kit.traffic.exchange import REDACTED, Exchange
from mockserver.kit.traffic.shell_words import word
from mockserver.numerals import plural

KEY_VARIABLE: Final = "MOCKSERVER_KEY"
OTHER_KEY_VARIABLE: Final = "MOCKSERVER_OTHER_KEY"
COOKIE_VARIABLE: Final = "MOCKSERVER_COOKIE"
SECRET_HEADERS: Final = frozenset({*COMMON_HEADERS, "proxy-authorization", "cookie"})
LONGEST_LINE: Final = 16_000
"""Characters of a line: less than a shell takes, and 5,000 findings with such lines take 80 MB."""
_LONGEST_PACKED: Final = 4 * 1024 * 1024
"""Bytes of a body for which compressing is tried."""
_SHORTEST: Final = 8
"""Characters of a key that is looked for everywhere; a shorter one could be any word."""
_ALWAYS_SIZED: Final = frozenset({"POST", "PUT", "PATCH"})
"""Methods whose requests have a Content-Length also where there is no body."""
_SET_BY_CURL: Final = frozenset(
    {
        "content-length",
        "connection",
        "keep-alive",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "transfer-encoding",
        "upgrade",
        "x-schemathesis-testcaseid",
    }
)
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_UNRESERVED: Final = re.compile(r"[A-Za-z0-9._~-]+")
_ENCODED: Final = """(printf %%s "$%s" | od -An -v -tx1 | tr -d ' \\n' | sed 's/../%%&/g')"""
"""What bash puts in for a key whose signs may mean something in a URL: each byte percent-encoded."""
_URL_BYTES: Final = "".join(chr(code) for code in range(0x21, 0x7F))


class ShellKeys:
    """Which variable stands for which key.

    `keys` are the keys of a run and their variables. Without them the exchanges come from a record, in which
    a marker stands for each key: the first caller's is in MOCKSERVER_KEY, the second's in
    MOCKSERVER_OTHER_KEY, the next one's in MOCKSERVER_KEY_3. `contract` says in which headers keys arrive.
    """

    def __init__(self, contract: Contract | None = None, keys: Mapping[str, str] | None = None) -> None:
        self.headers = SECRET_HEADERS | (credential_headers(contract) if contract else frozenset())
        self.schemes = _schemes(contract) if contract else {}
        self.parameters = key_places([contract] if contract else []).parameters
        self._keys = dict(keys or {})
        self._callers: dict[str, str] = {}
        self._last: tuple[Exchange, str] | None = None

    def line(self, exchange: Exchange) -> str:
        """`curl_command` of the exchange, made once for all that is found in it."""
        if self._last is None or self._last[0] is not exchange:
            self._last = exchange, curl_command(exchange, self)
        return self._last[1]

    def of(self, exchange: Exchange) -> dict[bytes, str]:
        """What is to be replaced wherever it stands in a request, and by which variable."""
        if not self._keys:
            return {REDACTED.encode(): self._caller(exchange.caller)}
        return {key.encode(): name for key, name in self._keys.items() if len(key) >= _SHORTEST}

    def of_header(self, name: str, value: str, exchange: Exchange) -> tuple[str, str]:
        """What is to be replaced in a header that carries a secret, and by which variable; empty for nothing.

        A key that is none of the run's was made up to be refused, so it is shown.
        """
        if self._keys and name.lower() == "cookie":
            keys = (secret for _, secret in read_cookies(value) if secret in self._keys)
            return next(((secret, self._keys[secret]) for secret in keys), ("", ""))
        scheme, _, rest = value.strip().partition(" ")
        secret = rest.strip() if rest and scheme.isalpha() else value.strip()
        if self._keys:
            return (secret, self._keys[secret]) if secret in self._keys else ("", "")
        if name.lower() == "cookie":
            return value, COOKIE_VARIABLE
        return secret, self._caller(exchange.caller)

    def of_value(self, value: str) -> str:
        """The variable of a key of the run, however short; empty where it is none."""
        return self._keys.get(value, "")

    def _caller(self, caller: str | None) -> str:
        """The variable of a recorded caller; unknown ones count as the first."""
        if not caller:
            return KEY_VARIABLE
        names = (KEY_VARIABLE, OTHER_KEY_VARIABLE)
        count = len(self._callers)
        new = names[count] if count < len(names) else f"{KEY_VARIABLE}_{count + 1}"
        return self._callers.setdefault(caller, new)


class _Body(NamedTuple):
    """The words that send a body, and what stands behind the line; `missing` says why it is not sent."""

    words: tuple[str, ...]
    redirection: str = ""
    missing: str = ""


def curl_command(exchange: Exchange, keys: ShellKeys | None = None) -> str:
    """The line, in printable ASCII; it begins with `curl`.

    A line whose body is not in the record, or too long for it, is a comment that says so. Empty where nobody
    can send the request: a callback, or an address that is not HTTP.
    """
    if exchange.callback or not exchange.url.lower().startswith(("http://", "https://")):
        return ""
    keys = keys or ShellKeys()
    body = _body(exchange, keys)
    words = ["curl -sS -g --path-as-is", *_method(exchange), _url_word(exchange, keys)]
    words += _headers(exchange, keys)
    if body.words and exchange.request_header("content-type") is None:
        words.append("-H Content-Type:")
    words += (*body.words, *_file_words(exchange))
    line = " ".join(words) + body.redirection
    if len(line) > 2 * LONGEST_LINE:
        return f"# a line for this request would have {plural(len(line), 'character')}, too many for a report"
    if body.missing:
        return f"# {body.missing}; put it into body.bin and send it with: {line}"
    return line


def credential_headers(contract: Contract) -> frozenset[str]:
    """The lower-case names of the headers in which a contract takes a key."""
    return frozenset(_schemes(contract))


def _schemes(contract: Contract) -> dict[str, str]:
    credentials = [each for operation in contract.operations.values() for each in operation.credentials]
    places = (place for each in reversed(credentials) for place in reversed(each.whole))
    return {each.name.decode(): each.scheme for each in places if each.place == "header"}


def _file_words(exchange: Exchange) -> tuple[str, ...]:
    """What shows the head of an answer in place of its bytes, which curl does not write to a terminal."""
    kind = (exchange.response_header("content-type") or "").partition("/")[0].strip().lower()
    return ("-D - -o /dev/null",) if kind in ("video", "image", "audio") else ()


def _method(exchange: Exchange) -> tuple[str, ...]:
    if exchange.method != "HEAD":
        return "-X", word(exchange.method.encode("utf-8", "replace"))
    if not exchange.request_body:
        return ("-I",)
    # With a body curl waits for one in the answer as well, until the server hangs up.
    return "-X", "HEAD", "--ignore-content-length", "-H 'Connection: close'"


def _url_word(exchange: Exchange, keys: ShellKeys) -> str:
    """The URL; a key in it, however it was percent-encoded there, is put in and encoded by the shell."""
    url, variables = _without_parameters(_url(exchange.url), keys)
    for secret, name in keys.of(exchange).items():
        text = secret.decode()
        variables |= {spelling.encode(): _put_in(text, name) for spelling in _spellings(text)}
    return word(url, variables)


def _without_parameters(url: bytes, keys: ShellKeys) -> tuple[bytes, dict[bytes, str]]:
    """The URL with a mark for each key in a parameter of keys, and the variable of each mark."""
    before, mark, query = url.partition(b"?")
    variables: dict[bytes, str] = {}
    parts = query.split(b"&")
    for number, part in enumerate(parts):
        name, _, value = part.decode().partition("=")
        if unquote_plus(name).lower() not in keys.parameters:
            continue
        if variable := keys.of_value(unquote_plus(value)):
            sign = b"\x01%d\x01" % number  # No URL has such a sign: it is percent-encoded there.
            variables[sign] = _put_in(unquote_plus(value), variable)
            parts[number] = name.encode() + b"=" + sign
    return before + mark + b"&".join(parts), variables


def _put_in(secret: str, variable: str) -> str:
    """What bash puts in for a key in a URL."""
    return variable if _UNRESERVED.fullmatch(secret) else _ENCODED % variable


def _spellings(secret: str) -> tuple[str, ...]:
    """How a key may stand in a URL."""
    return secret, quote(secret, safe=_URL_BYTES), quote(secret), quote(secret, safe=""), quote_plus(secret)


def _url(url: str) -> bytes:
    """The URL as it goes over the wire, without user and password."""
    scheme, authority, rest = _parts(url)
    return quote(f"{scheme}://{authority}{rest}".encode("utf-8", "surrogatepass"), safe=_URL_BYTES).encode()


def _parts(url: str) -> tuple[str, str, str]:
    """Scheme, host and port without user and password, and what follows them."""
    scheme, _, rest = url.partition("://")
    authority = re.split("[/?#]", rest, maxsplit=1)[0]
    return scheme, authority.rpartition("@")[2], rest[len(authority) :]


def _headers(exchange: Exchange, keys: ShellKeys) -> Iterator[str]:
    host = _parts(exchange.url)[1].lower()
    for name, value in exchange.request_headers:
        lower = name.lower()
        if lower in _SET_BY_CURL or not _TOKEN.fullmatch(name) or (lower == "host" and value.lower() == host):
            continue
        if lower == "accept-encoding":
            # So that curl decodes what it asks for.
            yield "--compressed"
        for line in re.split(r"[\r\n\0]+", value):
            yield f"-H {_header(name, line.strip(), exchange, keys)}"


def _header(name: str, value: str, exchange: Exchange, keys: ShellKeys) -> str:
    if not value:
        return word(f"{name};".encode())
    replaced = keys.of(exchange)
    if name.lower() in keys.headers:
        secret, variable = keys.of_header(name, value, exchange)
        scheme = keys.schemes.get(name.lower(), "")
        if value == secret == REDACTED and scheme:
            # The recorder hid the scheme with the key.
            value = f"{scheme.capitalize()} {value}"
        if secret:
            replaced = {**replaced, _header_bytes(secret): variable}
    return word(_header_bytes(f"{name}: {value}"), replaced)


def _header_bytes(text: str) -> bytes:
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _body(exchange: Exchange, keys: ShellKeys) -> _Body:
    content = exchange.request_body
    if exchange.request_cut:
        return _without_body("the record lacks this request's body, or its end")
    if not content:
        return _Body(("--data-raw ''",) if exchange.method in _ALWAYS_SIZED else ())
    expect = ("-H Expect:",) if len(content) >= 1024**2 else ()
    secrets = keys.of(exchange)
    if b"\0" not in content and len(content) <= LONGEST_LINE:
        text = word(content, secrets)
        if len(text) <= LONGEST_LINE and (_is_text(content) or len(text) < 2 * len(content)):
            return _Body((f"--data-raw {text}",))
    if not any(secret in content for secret in secrets):
        packed = _packed(content)
        if len(packed) <= LONGEST_LINE:
            return _Body((*expect, "--data-binary @-"), f" < <({packed})")
    digest = sha256(content).hexdigest()
    return _without_body(
        f"this request's body is not in the report: it has {plural(len(content), 'byte')}, SHA-256 {digest}"
    )


def _without_body(missing: str) -> _Body:
    return _Body(("--data-binary @body.bin",), missing=missing)


def _is_text(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def _packed(content: bytes) -> str:
    """A command that prints the bytes."""
    plain = base64.b64encode(content).decode()
    if len(content) < LONGEST_LINE // 2:
        return f"base64 --decode <<< {plain}"
    if len(content) > _LONGEST_PACKED:
        return plain
    zipped = base64.b64encode(gzip.compress(content, mtime=0)).decode()
    return f"base64 --decode <<< {zipped} | gunzip"
