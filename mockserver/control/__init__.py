"""The control plane under /__mock: a small module for each noun. FastAPI is imported with the first request.

Floor 4. May import `engine`, `stores.base`, `jobs`, `faults`, `contract`, `settings` and `errors`;
never sees `web`.
"""

from __future__ import annotations

from typing import Final

ROOT: Final = "/__mock"
"""The path below which every noun has its routes."""
