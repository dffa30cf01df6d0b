"""Clips are drawn as they were when `DRAWING` got its number.

A cache outlives an update of the server. If a clip is drawn differently and `DRAWING` stays, the cache still
serves the older one, and two servers show one job differently. So the digests of some specs stand in
`fixtures/drawn.json`, with `DRAWING` and the versions of what draws. After a change on purpose raise
`DRAWING` and write them anew: `python -m tests.media.test_drawing`. After an update of what draws, only the
latter.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib.metadata import version
from io import BytesIO
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pytest
from PIL import Image, ImageDraw

from mockserver.media.sample import sample_picture
from mockserver.media.spec import DRAWING, MovingMask, Shot, VideoSpec, small, within
from mockserver.media.synth import make_image, make_thumbnail, make_video

FILE: Final = Path(__file__).parents[2] / "fixtures" / "drawn.json"
VERSIONS: Final = {
    name: version(name)
    for name in ("pillow", "manimgx-fonts", "noto-cjk-sans-jp-regular", "python-bidi", "uharfbuzz")
}
JOB: Final = "6f1c9a44-1111-2222-3333-444455556666"
PICTURE: Final = sample_picture(320, 240)
TEXT: Final = VideoSpec(
    "kkiai",
    "kling-v2-6",
    JOB,
    "A red balloon over the harbour",
    0.6,
    320,
    180,
    24,
    request="0123456789abcdef",
)
FROM_PICTURE: Final = replace(TEXT, first=PICTURE)
PATH: Final = ((60, 100), (200, 100), (200, 140))


def png(draw: Callable[[ImageDraw.ImageDraw], object], mode: str = "L") -> bytes:
    """A picture of 320x180 that is drawn so."""
    picture, stream = Image.new(mode, (320, 180)), BytesIO()
    draw(ImageDraw.Draw(picture))
    picture.save(stream, "PNG")
    return stream.getvalue()


MASK: Final = png(lambda pen: pen.rectangle((32, 32, 120, 100), fill=255))
FIXED: Final = png(lambda pen: pen.ellipse((180, 20, 280, 110), fill=255))


def _camera(word: str, strength: float) -> VideoSpec:
    return replace(FROM_PICTURE, camera=((word, strength),), seconds=0.4)


AXES: Final = ("horizontal", "vertical", "pan", "tilt", "roll", "zoom")
PRESETS: Final = ("down_back", "forward_up", "right_turn_forward", "left_turn_forward")
MOVEMENTS: Final = [*product(AXES, (-7.0, 3.0)), *product(PRESETS, (1.0,))]
CLIPS: Final[Mapping[str, VideoSpec]] = {
    "text": TEXT,
    "another text": replace(
        TEXT, prompt="猫", job_id="8800", model="a model with a name that is too long" * 3
    ),
    "Chinese": replace(TEXT, prompt="一只红色的猫在海港上空飞过，" * 9, width=640, height=360, fps=4),
    "Japanese and emoji": replace(TEXT, prompt="港の上を飛ぶ「赤い猫」🐈", model="モデル", fps=4),
    "Arabic": replace(TEXT, prompt="قطة (حمراء) فوق «الميناء» abc 12 ", wanted=(("style", "حبر"),), fps=4),
    "what no typeface has": replace(TEXT, prompt="\U00012000 \ud83c \uffff", fps=4),
    "no prompt": replace(TEXT, prompt="", fps=10),
    "long prompt, portrait": replace(TEXT, prompt="A boat drifts. " * 30, width=360, height=640, fps=8),
    "picture": FROM_PICTURE,
    "picture of another ratio": replace(FROM_PICTURE, width=180, height=320, fps=12),
    "pictures": replace(TEXT, pictures=(PICTURE, MASK, PICTURE), fps=5),
    "last picture": replace(FROM_PICTURE, last=sample_picture(180, 240), seconds=2.0, fps=20),
    "last picture, slow": replace(TEXT, last=PICTURE, seconds=9.0, fps=3),
    "large": replace(FROM_PICTURE, width=960, height=540, seconds=0.25, watermark=True),
    "odd macroblocks": replace(FROM_PICTURE, width=334, height=190, seconds=0.3, watermark=True),
    "small": small(replace(FROM_PICTURE, width=1280, height=720)),
    "tiny": replace(TEXT, width=16, height=16, fps=4),
    "narrow": replace(TEXT, width=48, height=256, fps=4),
    "wide": replace(TEXT, width=640, height=96, fps=4),
    "minutes": replace(TEXT, width=64, height=64, seconds=61.5, fps=2),
    "length between two frames": replace(TEXT, seconds=0.5041),
    "shots": replace(FROM_PICTURE, shots=(Shot("a boat", 2.0), Shot("a goat", 1.0), Shot("a moat", 2.0))),
    "masks": replace(
        FROM_PICTURE, moving=(MovingMask(MASK, PATH), MovingMask(None, PATH[::-1])), fixed=FIXED
    ),
    "fixed mask": replace(FROM_PICTURE, fixed=FIXED, camera=(("zoom", 4.0),)),
    "parameters": replace(
        TEXT, wanted=(("cfg_scale", "0.5"), ("negative_prompt", "rain " * 20)), video="a.mp4"
    ),
    **{f"camera {word} {strength}": _camera(word, strength) for word, strength in MOVEMENTS},
}
STILLS: Final[Mapping[str, VideoSpec]] = {
    "thumbnail": replace(FROM_PICTURE, width=1280, height=720),
    "small thumbnail": within(TEXT, 100),
}
IMAGES: Final[Mapping[str, VideoSpec]] = {
    "image": replace(TEXT, number=1, count=3),
    "second image": replace(TEXT, number=2, count=3, watermark=True),
    "image of a picture": replace(FROM_PICTURE, number=1, count=1),
}
Make = Callable[[VideoSpec, Path], None]
ALL: Final[Mapping[str, tuple[Make, VideoSpec]]] = {
    **{name: (make_video, spec) for name, spec in CLIPS.items()},
    **{name: (make_thumbnail, spec) for name, spec in STILLS.items()},
    **{name: (make_image, spec) for name, spec in IMAGES.items()},
}


def digest(name: str, folder: Path) -> str:
    """Of the file's bytes."""
    make, spec = ALL[name]
    make(spec, folder / "file")
    return hashlib.sha256((folder / "file").read_bytes()).hexdigest()[:16]


def recorded() -> dict[str, Any]:
    """What the file has."""
    known: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return known


def test_the_digests_are_of_this_drawing_and_of_all_specs() -> None:
    known = recorded()

    assert (known["drawing"], known["digests"].keys()) == (DRAWING, ALL.keys())


@pytest.mark.skipif(
    recorded()["versions"] != VERSIONS or platform.machine() != "x86_64",
    reason="the digests are of other libraries or another machine",
)
@pytest.mark.parametrize("name", ALL)
def test_what_is_drawn_differently_has_another_number(name: str, tmp_path: Path) -> None:
    if digest(name, tmp_path) == recorded()["digests"][name]:
        return
    pytest.fail("it is drawn differently: raise DRAWING, and run `python -m tests.media.test_drawing`")


def main() -> None:
    """Write the digests anew."""
    with TemporaryDirectory() as scratch:
        digests = {name: digest(name, Path(scratch)) for name in ALL}
    known = {"drawing": DRAWING, "versions": VERSIONS, "digests": digests}
    FILE.write_text(json.dumps(known, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
