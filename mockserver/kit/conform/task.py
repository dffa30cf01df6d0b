"""The task of a client: a command finds it in its environment, a function gets it as a record."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, replace
from typing import Final

from mockserver.kit.conform.client_secrets import ClientSecrets

PREFIX: Final = "MOCKSERVER_"


@dataclass(frozen=True, slots=True)
class Task:
    """One clip to be made.

    `image` is a file's path, empty for a clip from text alone. `output` and `thumbnail` are the paths of the
    clip and of its still; `thumbnail` is empty if none is wanted. The client writes into `job_file` what it
    needs to go on after a crash. `interval` is seconds between two polls, `deadline` seconds after which to
    give up. `callback_url` is where the client may listen, or empty. A client that signs its requests finds
    the two halves of its `key` in `access_key` and `secret_key`, which are empty for all others. `contract`
    is the path of the provider's contract, one OpenAPI document with the extension `x-job`.
    """

    base_url: str
    key: str
    provider: str
    model: str
    prompt: str
    image: str
    output: str
    thumbnail: str
    job_file: str
    interval: float
    deadline: float
    callback_url: str
    access_key: str = ""
    secret_key: str = ""
    contract: str = ""

    @property
    def caller(self) -> str:
        """The key by which the server knows the client: of a pair, the half that names it."""
        return self.access_key or self.key

    @property
    def secrets(self) -> ClientSecrets:
        """What nobody but the API may see."""
        if self.secret_key:
            return ClientSecrets(self.secret_key, self.access_key)
        return ClientSecrets(self.key)

    def texts(self) -> dict[str, str]:
        """Every field by its name, as text."""
        return {name: _text(value) for name, value in asdict(self).items()}

    def variables(self) -> dict[str, str]:
        """The environment variables: MOCKSERVER_BASE_URL and so on."""
        return {PREFIX + name.upper(): value for name, value in self.texts().items()}

    def fill(self, argument: str) -> str:
        """An argument of a command with its {placeholders} filled; braces around other words stay."""
        texts = self.texts()
        names = "|".join(texts)
        return re.sub(rf"\{{({names})\}}", lambda match: texts[match[1]], argument)

    def with_output(self, output: str) -> Task:
        """The same task with another output file."""
        return replace(self, output=output)


def _text(value: str | float) -> str:
    if isinstance(value, str):
        return value
    return f"{value:g}"
