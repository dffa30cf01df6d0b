"""Makes the clip, the thumbnail and the images of a `VideoSpec`: draws them, and writes what moves.

The picture (or, for text-to-video, a scene in colours of the prompt's hash) moves above a band with provider,
model, prompt, job, running time and mark. The typefaces are that in Pillow, which has the letters of ASCII,
and those of the extra `scripts`, because a system may have none; letters that they lack are named.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from mockserver.media import band, h264, lettering, mp4, regions
from mockserver.media.film import Film, Scene, Timing, film
from mockserver.media.h264 import SIDE
from mockserver.media.layout import EDGE_ROWS, Layout, running_time
from mockserver.media.macroblocks import macroblocks
from mockserver.media.motion import APPROACH, Camera, camera
from mockserver.media.picture import backdrop, filling, montage, shares
from mockserver.media.plain import encode_plainly
from mockserver.media.sound import sound
from mockserver.media.spec import Shot, VideoSpec, within
from mockserver.numerals import plural

if TYPE_CHECKING:
    from PIL import Image

    from mockserver.media.band import Band

_TICK: Final = 1000
"""Parts of a frame's time in which lengths are written."""
THUMBNAIL: Final = 640
"""Longest side of a thumbnail, px."""
_DRIFT: Final = 0.08
"""How far a scene of a prompt moves to the side, as a share of its width."""


def make_video(spec: VideoSpec, target: Path) -> None:
    """Write the spec's clip: an MP4 of its size, rate and length, the same bytes every time.

    Raises MediaError where ffmpeg fails, OSError where the disk refuses; that may leave a part of the file.
    """
    track, shots = sound(spec), _shots(spec)
    bands = [band.band(replace(spec, prompt=shot.prompt), _facts(spec, shot.title)) for shot in shots]
    # The pictures of all shots have one layout: that of the largest band.
    layout = min((made.layout for made in bands), key=lambda layout: layout.top)
    scenes = [
        _scene(spec, shot, made._replace(layout=layout)) for shot, made in zip(shots, bands, strict=True)
    ]
    pictures = _pictures(spec, layout, film(scenes, layout, Timing(spec.fps, spec.frames)))
    describe = partial(_description, spec)
    with target.open("wb") as file:
        file.writelines(mp4.parts(pictures, track, describe))
    if spec.plain:
        encode_plainly(target, describe)


def make_thumbnail(spec: VideoSpec, target: Path) -> None:
    """Write a JPEG of the clip's beginning, at most 640 px long. Raises OSError."""
    small, shot = within(spec, THUMBNAIL), _shots(spec)[0]
    made = band.band(replace(small, prompt=shot.prompt), _facts(spec, shot.title))
    still = _still(small, shot, made)
    _paste_clock(still, made.layout)
    still.save(target, "JPEG", quality=85)


def make_image(spec: VideoSpec, target: Path) -> None:
    """Write the spec's image: a PNG of its size. Raises OSError."""
    shot = _shots(spec)[0]
    made = band.band(spec, _image_facts(spec))
    # Each image of several has a scene of its own.
    scene = spec.prompt if spec.number < 2 else f"{spec.prompt} {spec.number}"
    _still(spec, shot._replace(prompt=scene), made).save(target, "PNG", compress_level=3)


class _Shot(NamedTuple):
    """A part of the clip: its prompt, its first frame and how many; `title` says which one of several it
    is."""

    prompt: str
    start: int
    frames: int
    title: str
    first: bool
    last: bool


def _shots(spec: VideoSpec) -> Sequence[_Shot]:
    """The parts of the clip, which are all of its frames; one that has no frame is left out."""
    shots = spec.shots or (Shot(spec.prompt, spec.seconds),)
    whole = sum(shot.seconds for shot in shots)
    ends = [round(spec.frames * end / whole) for end in accumulate(shot.seconds for shot in shots)]
    made = []
    for number, (shot, start, end) in enumerate(zip(shots, [0, *ends], ends, strict=False), start=1):
        title = f"shot {number} of {len(shots)}" * (len(shots) > 1)
        if start < end:
            made.append(_Shot(shot.prompt, start, end - start, title, start == 0, end == spec.frames))
    return made


def _scene(spec: VideoSpec, shot: _Shot, made: Band) -> Scene:
    """The drawn pictures of a shot, and what moves."""
    layout, masks = made.layout, _masks(spec, shot)
    canvas = _canvas(_picture(spec, shot, layout, masks), made)
    scene = Scene(shot.start, shot.frames, macroblocks(canvas), _camera(spec, shot))
    if masks is not None:
        scene = scene._replace(regions=regions.regions(spec, masks, layout))
    ending = filling(spec.last, spec.width, spec.height)
    if shot.last and ending is not None:
        if spec.watermark:
            _watermark(ending, layout)
        scene = scene._replace(ending=macroblocks(_canvas(ending, made)))
    return scene


def _masks(spec: VideoSpec, shot: _Shot) -> regions.Sheets | None:
    """The masks of the submitted picture, with which the first shot begins."""
    return regions.sheets(spec) if shot.first else None


def _picture(spec: VideoSpec, shot: _Shot, layout: Layout, masks: regions.Sheets | None) -> Image.Image:
    """What the camera shows at a shot's beginning, in the frame's size."""
    picture = _beginning(spec) if shot.first else None
    picture = picture or backdrop(shot.prompt, spec.width, spec.height)
    if masks is not None:
        regions.outline(picture, masks)
    if spec.watermark:
        _watermark(picture, layout)
    return picture


def _beginning(spec: VideoSpec) -> Image.Image | None:
    """The submitted picture with which the clip begins, or all of those that it is made of."""
    picture = filling(spec.first, spec.width, spec.height)
    return picture or montage(spec.pictures, spec.width, spec.height)


def _camera(spec: VideoSpec, shot: _Shot) -> Camera:
    """The movement that is asked for; else the camera approaches a picture, and drifts over a made scene."""
    wanted = camera(spec.camera)
    if wanted is not None:
        return wanted
    if shot.first and (spec.first or spec.pictures):
        return APPROACH
    return Camera(x=_DRIFT * (1 - 2 * round(next(shares(shot.prompt)))))


def _canvas(picture: Image.Image, made: Band) -> Image.Image:
    """The coded picture: the picture above the band, and what frames copy from."""
    from PIL import Image

    layout = made.layout
    coded, top = layout.coded, layout.top * SIDE
    canvas = Image.new("RGB", (coded.columns * SIDE, coded.rows * SIDE), band.DARK)
    canvas.paste(picture, (0, 0))
    canvas.paste(band.draw(made), (0, top))
    edge = picture.crop((0, top - SIDE, layout.width, min(top + (EDGE_ROWS - 1) * SIDE, layout.height)))
    canvas.paste(edge, (0, layout.edge * SIDE))
    if canvas.width > layout.width:
        # What a vector reaches at the right of the picture looks like its last column.
        last = canvas.crop((layout.width - 1, 0, layout.width, canvas.height))
        canvas.paste(last.resize((canvas.width - layout.width, canvas.height)), (layout.width, 0))
    canvas.paste(band.full_bar(canvas.width, made.unit), (0, layout.full_bar * SIDE))
    for character, drawn in band.digits(layout.digit).items():
        place = layout.stored_digit(character)
        canvas.paste(drawn, (place.column * SIDE, place.row * SIDE))
    _paste_point(canvas, layout)
    return canvas


def _paste_point(canvas: Image.Image, layout: Layout) -> None:
    if layout.has_clock:
        _paste_character(canvas, layout, layout.length - 2, ".")


def _paste_clock(still: Image.Image, layout: Layout) -> None:
    """The time at which a clip begins."""
    if layout.has_clock:
        for index, character in enumerate(running_time(0, layout.length)):
            _paste_character(still, layout, index, character)


def _paste_character(sheet: Image.Image, layout: Layout, index: int, character: str) -> None:
    left = (layout.clock.column + index * layout.digit) * SIDE
    sheet.paste(band.digit(character, layout.digit), (left, layout.clock.row * SIDE))


def _pictures(spec: VideoSpec, layout: Layout, made: Film) -> mp4.Pictures:
    sets = h264.sequence_parameters(layout.coded, spec.fps), h264.picture_parameters()
    # The last picture stays until the clip is exactly as long as was asked.
    ticks = max(round(spec.seconds * spec.fps * _TICK), (spec.frames - 1) * _TICK + 1)
    return mp4.Pictures(
        spec.width, spec.height, sets, made.samples, made.keys, spec.fps * _TICK, _TICK, ticks
    )


def _description(spec: VideoSpec, checksum: int) -> str:
    """The file's metadata: which job it is from, and what was asked."""
    described = {
        "mockserver": "clip",
        "provider": spec.provider,
        "model": spec.model,
        "job": spec.job_id,
        "request": spec.request,
        "prompt": spec.prompt,
        "seconds": spec.seconds,
        "width": spec.width,
        "height": spec.height,
        "fps": spec.fps,
        "sound": spec.sound,
        "watermark": spec.watermark,
        "frames": [name for name, data in (("first", spec.first), ("last", spec.last)) if data],
        "pictures": len(spec.pictures),
        "video": spec.video,
        "camera": dict(spec.camera),
        "masks": len(spec.moving) + (spec.fixed is not None),
        "voices": spec.voices,
        "shots": [[shot.prompt, shot.seconds] for shot in spec.shots],
        "wanted": dict(spec.wanted),
        "crc32": f"{checksum:08x}",
    }
    return json.dumps(described)


def _still(spec: VideoSpec, shot: _Shot, made: Band) -> Image.Image:
    """A picture as the clip begins, with its band."""
    still = _picture(spec, shot, made.layout, _masks(spec, shot))
    still.paste(band.draw(made), (0, made.layout.top * SIDE))
    return still


def _facts(spec: VideoSpec, title: str = "") -> str:
    frames = [name for name, data in (("first frame", spec.first), ("last frame", spec.last)) if data]
    if spec.pictures:
        frames.append(f"{plural(len(spec.pictures), 'picture')}")
    if spec.video:
        frames.append(lettering.printable(spec.video))
    size, rate, length = f"{spec.width}x{spec.height}", f"{spec.fps} fps", f"{spec.seconds:g} s"
    facts = [
        title,
        "synthetic",
        size,
        rate,
        length,
        _sound_fact(spec),
        f"from {' and '.join(frames or ['text'])}",
    ]
    return "  ·  ".join(filter(None, facts))


def _sound_fact(spec: VideoSpec) -> str:
    if not spec.sound:
        return "silent"
    return f"voice {' and '.join(map(lettering.printable, spec.voices))}" if spec.voices else "sound"


def _image_facts(spec: VideoSpec) -> str:
    source = "from a picture" if spec.first else "from text"
    return f"synthetic  ·  {spec.width}x{spec.height}  ·  image {spec.number} of {spec.count}  ·  {source}"


def _watermark(picture: Image.Image, layout: Layout) -> None:
    """Write the word across the part of the picture above the band."""
    from PIL import Image, ImageDraw

    top = layout.top * SIDE
    size = max(8, round(min(0.13 * picture.width, 0.3 * top)))
    font, text = lettering.font(size), "WATERMARK"
    sheet = Image.new("L", (int(font.getlength(text)) + size, 2 * size))
    ImageDraw.Draw(sheet).text((sheet.width / 2, size), text, 140, font, "mm")
    turned = sheet.rotate(24, Image.Resampling.BICUBIC, expand=True)
    place = max(0, (picture.width - turned.width) // 2), max(0, (top - turned.height) // 2)
    picture.paste("#101418", (place[0] + 2, place[1] + 2), turned)
    picture.paste("#ffffff", place, turned)
