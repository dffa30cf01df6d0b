"""The command line, typed in this process: what is imported and loaded once serves every command."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, Final

import pytest

from mockserver import cli
from tests.serving import clean_environment

NOTHING: Final[Mapping[str, str]] = {}


def run_here(
    words: Sequence[str], cwd: Path, *, given: str = "", variables: Mapping[str, str] = NOTHING
) -> subprocess.CompletedProcess[str]:
    """What `mockserver WORDS` ends with and writes, in a folder that is the user's home, too.

    Standard input, output and error are files, as behind `<` and `>`. What a process would end with a
    traceback for is raised.
    """
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        files = [stack.enter_context(TemporaryFile()) for _ in range(3)]
        files[0].write(given.encode())
        files[0].seek(0)
        for name, file in zip(("stdin", "stdout", "stderr"), files, strict=True):
            patch.setattr(sys, name, io.TextIOWrapper(file, encoding="utf-8", write_through=name != "stdin"))
        for name, value in {**clean_environment(cwd, checkout=False), **variables}.items():
            patch.setenv(name, value)
        patch.chdir(cwd)
        patch.setattr(sys, "argv", ["mockserver", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        code = ended.value.code
        assert code is None or isinstance(code, int)
        return subprocess.CompletedProcess(words, code or 0, _written(files[1]), _written(files[2]))


def _written(file: BinaryIO) -> str:
    file.seek(0)
    return file.read().decode().replace("\r\n", "\n")
