"""Every setting of a server, and the readers that check those which come as text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final, Literal, NamedTuple
from urllib.parse import urlsplit

from mockserver.errors import SettingsError

MIB: Final = 1024 * 1024
_PUBLIC_URL: Final = r"(?i:https?)://[!-\"$->@-~]+"
STANDARD_PREFIX: Final = "whsec_"
"""What a secret begins with that signs as Standard Webhooks do."""
_STANDARD_FORM: Final = (
    r"whsec_(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)"
)
_ORIGIN: Final = r"[a-z][a-z0-9+.-]*://(?:[a-z0-9_.-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?"
_MOUNT: Final = r"([^=@/\s]+)=((?:/[A-Za-z0-9._~-]+)*)/?"
_OWN_PATHS: Final = ("/__mock", "/media")
_UNITS: Final = {"d": 86_400, "h": 3600, "m": 60, "s": 1}
PACE: Final = r"immediate|time|manual|polls:([1-9][0-9]{0,5})"
"""How a pace is written, as a regular expression; its only group is the number of polls."""


class Pace(NamedTuple):
    """How jobs progress: at once, by time (`speed` times as fast), by the number of polls, or by hand."""

    kind: Literal["immediate", "time", "polls", "manual"] = "time"
    polls: int = 0
    speed: float = 1.0


def read_pace(text: str, speed: float = 1.0) -> Pace:
    """Read `immediate`, `time`, `polls:N` or `manual`. Raises SettingsError for anything else."""
    match = re.fullmatch(PACE, text)
    if match is None:
        raise SettingsError(f"pace {text!r} is not one of immediate, time, polls:N (N from 1), manual")
    if not 0 < speed <= 1_000_000:
        raise SettingsError(f"speed {speed:g} must be above 0 and at most 1000000")
    if match[1]:
        return Pace("polls", int(match[1]), speed)
    return Pace({"immediate": "immediate", "time": "time", "manual": "manual"}[text], 0, speed)  # type: ignore[arg-type]


def read_keep(text: str) -> int:
    """Read a whole number of days, hours, minutes or seconds, such as `30d`, as seconds.

    Raises SettingsError for anything else.
    """
    match = re.fullmatch(r"([1-9][0-9]{0,7})([dhms])", text)
    if match is None:
        raise SettingsError(
            f"{text!r} must be a number of days, hours, minutes or seconds: 30d, 12h, 90m, 45s"
        )
    return int(match[1]) * _UNITS[match[2]]


def read_public_url(text: str) -> str:
    """Read an http(s) URL without a query, and drop its last slash. Raises SettingsError for others."""
    if not re.fullmatch(_PUBLIC_URL, text) or not _has_host(text):
        raise SettingsError(f"public URL {text!r} must look like https://mock.example.com[/path]")
    return text.rstrip("/")


def _has_host(text: str) -> bool:
    try:
        url = urlsplit(text)
        return bool(url.hostname) and url.port != 0
    except ValueError:
        return False


def read_callback_secrets(text: str) -> tuple[str, ...]:
    """The secrets that sign callbacks: `whsec_` and Base64 each, or one other text.

    Raises SettingsError for one that begins as the first kind and is not.
    """
    if not text.startswith(STANDARD_PREFIX):
        return (text,) if text else ()
    secrets = tuple(text.split())
    for secret in secrets:
        if not re.fullmatch(_STANDARD_FORM, secret):
            raise SettingsError(
                "the callback secret must be whsec_ and Base64 of its key; several are separated by spaces"
            )
    return secrets


def read_token(text: str) -> str:
    """Read a token that a header can carry. Raises SettingsError for anything else."""
    if not re.fullmatch(r"[!-~]{1,500}", text):
        raise SettingsError("the token must be printable ASCII without spaces, at least one character")
    return text


def read_cors(origins: Iterable[str]) -> tuple[str, ...]:
    """Read origins as browsers send them, `null`, or `*` for all. Raises SettingsError for anything else."""
    chosen = tuple(origin.lower().rstrip("/") for origin in origins)
    for origin in chosen:
        if origin not in ("*", "null") and not re.fullmatch(_ORIGIN, origin):
            raise SettingsError(
                f"CORS origin {origin!r} must look like https://app.example.com[:PORT], or be null, or *"
            )
    return chosen


class Mount(NamedTuple):
    """A provider's name and the prefix that its paths begin with; an empty prefix leaves them as they are."""

    name: str
    prefix: str

    @property
    def copy(self) -> str:
        """The name of a copy of the provider at this prefix: `NAME@a-b` at `/a/b`, `NAME@root` at `/`."""
        return f"{self.name}@{self.prefix.strip('/').replace('/', '-') or 'root'}"


def read_mounts(texts: Iterable[str]) -> tuple[Mount, ...]:
    """The mounts of texts such as `gmicloud=/relay`. Raises SettingsError for another form, for a prefix that
    is the server's own, and for two copies of one name.
    """
    mounts = tuple(map(_read_mount, texts))
    copies = [mount.copy for mount in mounts]
    for mount in mounts:
        if copies.count(mount.copy) > 1:
            raise SettingsError(
                f"mount {mount.name}={mount.prefix or '/'}: two copies would have the name {mount.copy!r};"
                " choose another prefix for one"
            )
    return mounts


def _read_mount(text: str) -> Mount:
    match = re.fullmatch(_MOUNT, text)
    if match is None or {".", ".."} & set(match[2].split("/")):
        raise SettingsError(f"mount {text!r} must look like gmicloud=/relay; the prefix begins with a slash")
    if f"{match[2]}/".startswith(tuple(f"{prefix}/" for prefix in _OWN_PATHS)):
        raise SettingsError(f"mount {text!r}: paths below {' and '.join(_OWN_PATHS)} are the server's own")
    return Mount(match[1], match[2])


class Settings(NamedTuple):
    """The settings that a server starts with.

    `keys` are the API keys that it accepts, ACCESS:SECRET being a pair that signs tokens; without any it
    accepts all. With `ignore_token_times` tokens are valid at any time. `overlays` are PROVIDER/NAME;
    `providers`, `contracts`, `replace` and `mounts` are as in `contract.registry`. Sizes
    are in bytes. `token` opens the control plane; with None the server draws a random one. The control plane
    accepts as Host the names of loopback, `host` (where the server listens), the host of `public_url`, and
    `allow_hosts`; callbacks may go to these hosts, too. `cors` are origins (`*` is all) whose pages may call
    the providers' routes and media. With `control_port` it answers on that port only, and tells people that
    the providers are at `providers_url`.
    `callback_secret` signs callbacks; see `read_callback_secrets`. A submit that asks for it waits for the
    end of its job `longest_wait` seconds at most, with None as long as the contract says. Jobs that are older
    than `keep` seconds on their tenant's clock are deleted, and the oldest of all where there are more than
    `max_jobs`.
    """

    profile: str = "documented"
    overlays: tuple[str, ...] = ()
    contracts: tuple[Path, ...] = ()
    providers: tuple[str, ...] = ()
    replace: tuple[str, ...] = ()
    mounts: tuple[Mount, ...] = ()
    store: str = "memory:"
    pace: Pace = Pace()
    seed: int | None = None
    strict: bool = False
    keys: tuple[str, ...] = ()
    ignore_token_times: bool = False
    public_url: str | None = None
    max_body: int = 64 * MIB
    cache_dir: Path | None = None
    cache_bytes: int = 512 * MIB
    small_clips: bool = False
    plain_clips: bool = False
    host: str = "127.0.0.1"
    token: str | None = None
    allow_hosts: tuple[str, ...] = ()
    control_port: int | None = None
    providers_url: str | None = None
    scenario: Path | None = None
    callback_secret: str | None = None
    cors: tuple[str, ...] = ()
    longest_wait: float | None = None
    keep: int | None = None
    max_jobs: int | None = None
