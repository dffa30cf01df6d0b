"""`python -m tests.kit.clients NAME`: one of the clients as a process, told its task by the environment."""

from __future__ import annotations

import os
import sys
from dataclasses import fields

from mockserver.kit.conform import Task
from mockserver.kit.conform.task import PREFIX
from tests.kit.clients import every

NUMBERS = ("interval", "deadline")


def main(name: str) -> None:
    """Do what the environment says. An error is a traceback and exit code 1."""
    texts = {field.name: os.environ[PREFIX + field.name.upper()] for field in fields(Task)}
    (chosen,) = (client for client in every() if client.__name__ == name)
    chosen.run(Task(**texts | {name: float(texts[name]) for name in NUMBERS}))  # type: ignore[arg-type]


if __name__ == "__main__":
    main(sys.argv[1])
