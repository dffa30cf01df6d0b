"""What is part of the package only with an extra."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from mockserver.errors import KitMissing

KIT: Final = frozenset(
    {"av", "filelock", "httpcore", "hypothesis", "jinja2", "pytest", "schemathesis", "yaml"}
)
"""What the extra `kit` installs, by the names that are imported."""


@contextmanager
def naming_the_kit() -> Iterator[None]:
    """Where the block needs the extra `kit`, say in one line what to install. Raises KitMissing."""
    try:
        yield
    except ModuleNotFoundError as error:
        library = (error.name or "").partition(".")[0]
        if library not in KIT:
            raise
        install = "pip install 'videogen-mockserver[kit]'"
        raise KitMissing(f"this is part of the kit, and {library} is not installed: {install}") from None
