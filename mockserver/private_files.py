"""Folders and files that hold what users sent: prompts, pictures, keys' digests. Nobody else may read them.

What is there already keeps its rights, as somebody chose them.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

FOLDER: Final = 0o700
FILE: Final = 0o600


def make_folder(folder: Path) -> None:
    """Make the folder, and those above it, for this user alone. Raises OSError."""
    for missing in reversed([path for path in (folder, *folder.parents) if not path.exists()]):
        missing.mkdir(FOLDER, exist_ok=True)
    if not folder.is_dir():
        # Raises what is wrong with it.
        folder.mkdir()


def make_file(file: Path) -> None:
    """Make an empty file for this user alone, where there is none. Raises OSError."""
    with suppress(FileExistsError):
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE))
