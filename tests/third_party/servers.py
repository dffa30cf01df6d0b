"""The servers that the clients meet, by HTTP and HTTPS, and what leads clients with a built-in host there."""

from __future__ import annotations

import ssl
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import jwt

from tests.serving import PATIENCE, Process, serve
from tests.third_party.console import HOST, Console
from tests.third_party.registry import Registered
from tests.third_party.tunnel import LOOPBACK, Tunnel, in_background

_KLING: Final = "api-singapore.klingai.com"
_TOKEN: Final = "third-party"
_SECRET: Final = "the-secret-of-every-pair-of-keys-here"


def key(client: Registered) -> str:
    """What the client is known by: its API key, its access key, or the token that its login gives."""
    if client.key != "session":
        return f"key-of-{client.name}"
    return jwt.encode({"userId": client.name, "exp": 4_000_000_000}, _SECRET, algorithm="HS256")


@dataclass(frozen=True, slots=True)
class Servers:
    """Ready for requests. `authority` is the file of the certificate's authority, `trusted` trusts it."""

    plain: Process
    secure: Process
    proxy: str
    authority: Path
    trusted: ssl.SSLContext

    def words(self, client: Registered) -> Mapping[str, str]:
        """What stands for URL, KEY and so on in the settings of a client."""
        return {
            "URL": self.plain.url,
            "HTTPS": self.secure.url,
            "HOST": self.secure.url.removeprefix("https://"),
            "KEY": key(client),
            "SECRET": _SECRET,
            "CA": str(self.authority),
            "PROXY": self.proxy,
        }

    def ask(self, client: Registered, noun: str) -> Any:
        """What the control plane of the client's server says of this client: its `jobs`, its `journal`."""
        url = self.secure.url if client.tls else self.plain.url
        answer = httpx.get(
            f"{url}/__mock/{noun}",
            params={"key": key(client)},
            headers={"x-mock-token": _TOKEN},
            verify=self.trusted,
            trust_env=False,
            timeout=PATIENCE,
        )
        answer.raise_for_status()
        return answer.json()


@contextmanager
def started(clients: Sequence[Registered], home: Path) -> Iterator[Servers]:
    """Serve until the block ends, with files below `home`; only the keys of these clients are taken."""
    certificate, secret, authority = _certify(home)
    trusted = ssl.create_default_context(cafile=str(authority))
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(certificate, secret)
    options = _options(clients)
    with ExitStack() as stack:
        plain = serve(options, home / "plain")
        stack.callback(plain.stop)
        secure = serve([*options, "--tls-cert", certificate, "--tls-key", secret], home / "secure")
        stack.callback(secure.stop)
        console = Console(secure.url, _session(clients), own, trusted)
        stack.enter_context(in_background(console))
        tunnel = Tunnel(_port(secure.url), {HOST: console.server_address[1]})
        stack.enter_context(in_background(tunnel))
        yield Servers(plain, secure, tunnel.url, authority, trusted)


def _certify(home: Path) -> tuple[Path, Path, Path]:
    """The files of a certificate for all hosts, of its key, and of the authority that signed it."""
    home.mkdir(parents=True)
    command = [sys.executable, "-m", "trustme", "--quiet", "--dir", str(home)]
    subprocess.run([*command, "--identities", LOOPBACK, "localhost", _KLING, HOST], check=True)
    return home / "server.pem", home / "server.key", home / "client.pem"


def _options(clients: Sequence[Registered]) -> list[str | Path]:
    options: list[str | Path] = ["--profile", "vendor", "--pace", "polls:2", "--small-clips"]
    options += ["--store", "memory:", "--token", _TOKEN]
    for provider in sorted({client.provider for client in clients}):
        options += ["--provider", provider]
    for client in clients:
        options += ["--key", f"{key(client)}:{_SECRET}" if client.key == "pair" else key(client)]
    return options


def _session(clients: Sequence[Registered]) -> str:
    return next((key(client) for client in clients if client.key == "session"), "nobody")


def _port(url: str) -> int:
    port = httpx.URL(url).port
    assert port is not None
    return port
