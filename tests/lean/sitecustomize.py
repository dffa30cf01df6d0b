"""Makes a client's process start sooner: Python runs this first where PYTHONPATH names this folder.

httpx imports trio where it is there, and its own command line with click, rich and pygments; and each of its
clients reads every authority of TLS. All that takes longer than what most clients have to do. Those named
here use none of it: they have asyncio's loop, and what they ask speaks plain HTTP.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

if sys.orig_argv[1:3] in (["-m", "mockserver.kit.reference_client"], ["-m", "tests.kit.clients"]):
    _modules: dict[str, Any] = vars(sys)["modules"]
    _modules.update({"trio": None, "httpx._main": None})
    # Of a folder OpenSSL reads those that a certificate names, of a file all.
    os.environ.pop("SSL_CERT_FILE", None)
    os.environ["SSL_CERT_DIR"] = str(Path(__file__).parent)
