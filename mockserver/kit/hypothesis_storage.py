"""Where Hypothesis keeps its files while a command of ours runs: in the user's cache."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from hypothesis.configuration import set_hypothesis_home_dir
from platformdirs import user_cache_path

VARIABLE: Final = "HYPOTHESIS_STORAGE_DIRECTORY"
"""Hypothesis' own; whoever sets it has chosen the folder."""


@contextmanager
def hypothesis_in_cache() -> Iterator[None]:
    """Until the block ends, Hypothesis writes no `.hypothesis` into the working directory.

    It stays with its own ways afterwards, so that a test that calls a command keeps its database.
    """
    if not os.environ.get(VARIABLE):
        set_hypothesis_home_dir(user_cache_path("mockserver") / "hypothesis")
    try:
        yield
    finally:
        # It then reads its variable and the working directory anew.
        set_hypothesis_home_dir(None)
