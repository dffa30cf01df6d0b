"""Makes a client's process start sooner: Python runs this first where PYTHONPATH names this folder.

Where trio and pygments are there, httpx imports them, and rich after them, which takes longer than what most
clients have to do. Those named here use none of them.
"""

from __future__ import annotations

import sys
from typing import Any

if sys.orig_argv[1:3] in (["-m", "mockserver.kit.reference_client"], ["-m", "tests.kit.clients"]):
    _modules: dict[str, Any] = vars(sys)["modules"]
    _modules.update(trio=None, pygments=None)
