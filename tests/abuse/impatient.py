"""The server as it is, but with less patience for a head and few open files, so that a test sees both end:

python impatient.py serve ...
"""

from __future__ import annotations

import resource
from typing import Final

from mockserver.cli import main
from mockserver.web import connection

PATIENCE: Final = 2.0
"""Seconds in which a whole head must come, in place of 30."""
OPEN_FILES: Final = 1024
"""The hard limit of descriptors, as most machines have it for the soft one."""

if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    vars(connection)["PATIENCE"] = PATIENCE
    main()
