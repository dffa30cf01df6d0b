"""What is part of the package only with an extra."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from typing import Final

from mockserver.errors import KitMissing

KIT: Final = frozenset(
    {"av", "filelock", "httpcore", "hypothesis", "jinja2", "pytest", "schemathesis", "yaml"}
)
"""What the extra `kit` installs, by the names that are imported."""
SCRIPTS: Final = frozenset({"bidi", "manimgx_fonts", "noto_cjk_sans_jp_regular", "uharfbuzz"})
"""What the extra `scripts` installs, by the names that are imported."""


@cache
def has_scripts() -> bool:
    """Whether the extra `scripts` is installed, with which clips show more letters."""
    return all(map(find_spec, sorted(SCRIPTS)))


def install(extra: str) -> str:
    """The command that installs it."""
    return f"pip install 'videogen-mockserver[{extra}]'"


@contextmanager
def naming_the_kit() -> Iterator[None]:
    """Where the block needs the extra `kit`, say in one line what to install. Raises KitMissing."""
    try:
        yield
    except ModuleNotFoundError as error:
        library = (error.name or "").partition(".")[0]
        if library not in KIT:
            raise
        raise KitMissing(
            f"this is part of the kit, and {library} is not installed: {install('kit')}"
        ) from None
