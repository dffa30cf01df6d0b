"""What ends with the tests of this process, such as servers that several modules share."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Final

AT_END: Final = ExitStack()
"""Closed by a fixture of `conftest.py`. It stands alone, so that whoever shares nothing imports nothing."""
