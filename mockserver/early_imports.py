"""What a server in a test's process would import only when it first needs it.

A test may have frozen time by then, or replaced files and sockets, and a module keeps what it finds when
it is imported. So `in_process` imports all of it at once.
"""

from __future__ import annotations

import gc
import pkgutil
from importlib import import_module
from importlib.util import find_spec
from typing import Final

ROOMS: Final = ("contract", "control", "engine", "faults", "jobs", "media", "web")
OTHERS: Final = (
    "PIL.BmpImagePlugin",
    "PIL.GifImagePlugin",
    "PIL.ImageDraw",
    "PIL.ImageFilter",
    "PIL.ImageFont",
    "PIL.JpegImagePlugin",
    "PIL.PngImagePlugin",
    "PIL.PpmImagePlugin",
    "PIL._imagingft",
    "anyio._backends._asyncio",
    "encodings.idna",
    "encodings.unicode_escape",
    "imageio_ffmpeg.binaries",
    "importlib.readers",
    "mockserver.kit.redaction",
    "mockserver.stores.memory",
    "platformdirs.unix",
    "uvicorn.lifespan.on",
    "uvicorn.loops.auto",
)


def load() -> None:
    """Import it. What is imported stays, so the garbage collector would search it in vain."""
    collects = gc.isenabled()
    gc.disable()
    try:
        for room in ROOMS:
            name = f"mockserver.{room}"
            for module in pkgutil.walk_packages(import_module(name).__path__, f"{name}."):
                import_module(module.name)
        # Windows has no uvloop.
        for name in (*OTHERS, *(["uvicorn.loops.uvloop"] if find_spec("uvloop") else [])):
            import_module(name)
    finally:
        if collects:
            gc.enable()
