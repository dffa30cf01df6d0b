"""What a client is told: the same for a command, in its environment, and for a callable, as a record."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, replace
from typing import Final

PREFIX: Final = "MOCKSERVER_"


@dataclass(frozen=True, slots=True)
class Task:
    """One clip that is wanted.

    `image` is a file's path, empty for a clip from text alone; `output` is where the clip is to be,
    `thumbnail` where its still is, or empty; `job_file` is for what the client needs to go on after a crash.
    `interval` is seconds between two polls, `deadline` seconds after which to give up. `callback_url` is
    where the client may listen, or empty.
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

    def texts(self) -> dict[str, str]:
        """Every fact by its name, as text."""
        return {
            name: f"{value:g}" if isinstance(value, float) else value for name, value in asdict(self).items()
        }

    def variables(self) -> dict[str, str]:
        """The environment variables: MOCKSERVER_BASE_URL and so on."""
        return {PREFIX + name.upper(): value for name, value in self.texts().items()}

    def fill(self, argument: str) -> str:
        """An argument of a command with its {placeholders} filled; braces about other words stay."""
        texts = self.texts()
        names = "|".join(texts)
        return re.sub(rf"\{{({names})\}}", lambda found: texts[found[1]], argument)

    def into(self, output: str) -> Task:
        """The same with another output file."""
        return replace(self, output=output)
