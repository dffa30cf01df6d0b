"""Who a caller is: the account that a key, or a token signed with a pair of keys, stands for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import inf, isfinite
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl

from mockserver.contract.credential import Credential
from mockserver.contract.key_places import KeyPlaces, key_places, read_cookies
from mockserver.contract.model import Contract
from mockserver.engine.message import Header, Request
from mockserver.jobs.ids import tenant_of

_LONGEST: Final = 8192
"""Characters of a token that is read."""
_ALGORITHM: Final = "HS256"
_STARTED: Final = (
    "this server takes only the keys that it was started with (--key, in_process.serve(keys=[...]))"
)
_BEARER: Final = Credential(b"authorization", "bearer")


class Caller(NamedTuple):
    """An account by its name, and the Unix milliseconds from which and until which its token is valid.

    `problem` is why the server does not take the credential; empty if it does.
    """

    account: str
    valid_from: float = -inf
    valid_until: float = inf
    problem: str = ""

    @property
    def has_times(self) -> bool:
        """Whether its token says from when or until when it is valid."""
        return self.valid_from != -inf or self.valid_until != inf

    @property
    def tenant(self) -> str:
        """The name of its tenant."""
        return tenant_of(self.account)


class Callers:
    """Reads credentials. `keys` are those that the server takes, ACCESS:SECRET being a pair; without any it
    takes all. `ignore_times` lets tokens of any time in. `places` are the names of what carries keys.
    """

    def __init__(
        self,
        credentials: Iterable[Credential] = (),
        keys: Iterable[str] = (),
        places: KeyPlaces | None = None,
        *,
        ignore_times: bool = False,
    ) -> None:
        self.places = places or KeyPlaces()
        # A token names its signer; where it is taken for a key, it is another one each second.
        self._credentials = tuple(sorted({*credentials, _BEARER}, key=lambda each: (not each.caller, each)))
        self._claims = tuple({each.caller: None for each in self._credentials if each.caller})
        self._keys = frozenset(keys)
        self._pairs = dict(map(_split, self._keys))
        self._ignore_times = ignore_times

    @property
    def secrets(self) -> list[str]:
        """The keys, and of pairs the secrets as well."""
        return [*self._keys, *filter(None, self._pairs.values())]

    @property
    def headers(self) -> set[bytes]:
        """The names of the headers in which keys arrive."""
        return {each.name for each in self._credentials if each.place == "header"}

    def read(self, credential: Credential, value: bytes) -> Caller | None:
        """Who a header's value stands for; None where it has another scheme or nothing in it."""
        key = _key(credential, value)
        if not key:
            return None
        claims = _claims(key) if credential.caller else {}
        if not (account := _text(claims, credential.caller)):
            return Caller(self.account(key) if credential.caller else key, problem=self._key_problem(key))
        problem = self._token_problem(account, key)
        if self._ignore_times:
            return Caller(account, problem=problem)
        return Caller(account, _moment(claims, "nbf", -inf), _moment(claims, "exp", inf), problem)

    def account(self, key: str) -> str:
        """The account that somebody means who names it by a key, a pair, or a token of any time."""
        if self._claims and key in self._keys and _is_pair(key):
            return _split(key)[0]
        claims = _claims(key) if self._claims else {}
        return next((text for claim in self._claims if (text := _text(claims, claim))), key)

    def tenant(self, key: str) -> str:
        """The tenant that somebody means who names it so."""
        return tenant_of(self.account(key))

    def sender(self, headers: Sequence[Header], query: str = "") -> Caller | None:
        """Who sent a request with these headers and this query, whether it was admitted or not."""
        lower = [(name.lower(), value) for name, value in headers]
        for credential in self._credentials:
            for value in _values_at(credential, lower, query):
                if caller := self.read(credential, value):
                    return caller
        return None

    def _key_problem(self, key: str) -> str:
        if not self._keys or key in self._keys:
            return ""
        return f"{_STARTED}; this is none of them"

    def _token_problem(self, account: str, token: str) -> str:
        if not self._keys or account in self._keys:
            return ""
        if not (secret := self._pairs.get(account)):
            return f"{_STARTED}; it knows no pair of keys of {account!r}"
        if not _is_signed(token, secret):
            return f"{_STARTED}; the token is not signed ({_ALGORITHM}) with the secret of {account!r}"
        return ""


def sent_values(credential: Credential, request: Request) -> Iterator[bytes]:
    """What a request has where a credential is expected."""
    return _values_at(credential, request.headers, request.query)


def _values_at(credential: Credential, headers: Sequence[Header], query: str) -> Iterator[bytes]:
    if credential.place == "header":
        yield from (value for name, value in headers if name == credential.name)
        return
    if credential.place == "query":
        pairs: Iterable[tuple[str, str]] = parse_qsl(query, keep_blank_values=True, encoding="latin-1")
    else:
        cookies = (value.decode("latin-1") for name, value in headers if name == b"cookie")
        pairs = (pair for value in cookies for pair in read_cookies(value))
    fields = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in pairs]
    yield from (value for name, value in fields if name == credential.name)


def make_callers(contracts: Iterable[Contract], keys: Iterable[str], *, ignore_times: bool) -> Callers:
    """Callers that know every credential of the contracts."""
    contracts = list(contracts)
    operations = [operation for contract in contracts for operation in contract.operations.values()]
    alternatives = [each for operation in operations for each in operation.credentials]
    credentials = [credential for each in alternatives for credential in each.whole]
    return Callers(credentials, keys, key_places(contracts), ignore_times=ignore_times)


def _split(key: str) -> tuple[str, str]:
    """Access key and secret of ACCESS:SECRET; of a plain key the key and an empty secret."""
    access, _, secret = key.partition(":")
    return access, secret


def _is_pair(key: str) -> bool:
    return all(_split(key))


def _key(credential: Credential, value: bytes) -> str:
    text = value.decode("latin-1").strip()
    if not credential.scheme:
        return text
    scheme, _, key = text.partition(" ")
    return key.strip() if scheme.lower() == credential.scheme else ""


def _claims(token: str) -> Mapping[str, Any]:
    """What a token (RFC 7519) states, whoever signed it; nothing where it is no token."""
    if token.count(".") != 2 or len(token) > _LONGEST:
        return {}
    import jwt

    try:
        claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError, RecursionError):
        return {}
    return claims


def _is_signed(token: str, secret: str) -> bool:
    """Whether that secret signed the token. Its times are judged elsewhere, by the tenant's clock."""
    import jwt

    parts = jwt.decode_complete(token, options={"verify_signature": False})
    if parts["header"].get("alg") != _ALGORITHM:
        return False
    signed = token.rpartition(".")[0].encode("latin-1")
    # Called directly, as `decode` warns of secrets that are shorter than real ones.
    algorithm = jwt.get_algorithm_by_name(_ALGORITHM)
    return bool(algorithm.verify(signed, secret.encode(), parts["signature"]))


def _text(claims: Mapping[str, Any], claim: str) -> str:
    value = claims.get(claim)
    return value if isinstance(value, str) else ""


def _moment(claims: Mapping[str, Any], claim: str, otherwise: float) -> float:
    """A claim in seconds, as milliseconds."""
    value = claims.get(claim)
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        return otherwise
    return value * 1000
