"""The paths of jobs' files: /media/PROVIDER/JOB/video.mp4."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

PREFIX: Final = "/media/"
FILES: Final[Mapping[str, str]] = {
    "video": "video.mp4",
    "thumbnail": "thumbnail.jpg",
    "watermarked": "watermarked.mp4",
    "image": "image-0.png",
}
"""The names of files by the words of contracts."""
