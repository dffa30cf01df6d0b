"""Makes the clip and the thumbnail of a `VideoSpec`: draws the stills and lets ffmpeg play them.

The picture (or, for text-to-video, a scene in colours of the prompt's hash) moves under a band with provider,
model, prompt, job and running time. The typeface is the one in Pillow, because a system may have none: it has
the Latin letters, and letters of other scripts show as boxes.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mockserver.media import lettering, mp4
from mockserver.media.files import publish
from mockserver.media.picture import backdrop, filling, montage, shares
from mockserver.media.spec import SCRATCH, VideoSpec, within

if TYPE_CHECKING:
    from PIL import Image

THUMBNAIL = 640
"""Longest side of a thumbnail, px."""

WHITE, SOFT, DIM = "#ffffff", "#dfe3ea", "#a3acb9"
ACCENT, TRACK, DARK = "#35c2a5", "#4a515c", "#0d1016"


def make_video(spec: VideoSpec, target: Path) -> None:
    """Make `target` the spec's clip: an MP4 of its size, rate and length, the same bytes every time.

    Raises MediaError where ffmpeg fails, OSError where the disk refuses.
    """
    band = _band(spec, _facts(spec))
    picture, ending = _beginning(spec), filling(spec.last, spec.width, spec.height)
    scene = mp4.Scene(
        width=spec.width,
        height=spec.height,
        fps=spec.fps,
        frames=spec.frames,
        base=_layer(picture or backdrop(spec.prompt, spec.width, spec.height)),
        motion=_motion(spec, whole=picture is not None),
        ending=_layer(ending) if ending else None,
        stickers=tuple(_stickers(spec, band)),
        ticker=_ticker(spec, band),
        bar=mp4.Bar(band.top, band.bar, ACCENT.removeprefix("#")),
        tone=220 + round(220 * next(shares(spec.prompt))) if spec.sound else None,
    )
    mp4.write(scene, target)


def make_thumbnail(spec: VideoSpec, target: Path) -> None:
    """Make `target` a JPEG of the clip's beginning, at most 640 px long. Raises OSError."""
    small = within(spec, THUMBNAIL)
    band = _band(small, _facts(spec))
    still = _still(small, band)
    ticker = _ticker(small, band)
    _paste(still, ticker.strip, ticker.row)
    _save(still, target, "JPEG", quality=85, optimize=True)


def make_image(spec: VideoSpec, target: Path) -> None:
    """Make `target` the spec's image: a PNG of its size. Raises OSError."""
    _save(_still(spec, _band(spec, _image_facts(spec))), target, "PNG", compress_level=3)


def _still(spec: VideoSpec, band: Band) -> Image.Image:
    """The picture, or a scene of the prompt, under the stickers. Each image of several has its own."""
    scene = spec.prompt if spec.number < 2 else f"{spec.prompt} {spec.number}"
    still = _beginning(spec) or backdrop(scene, spec.width, spec.height)
    for sticker in _stickers(spec, band):
        _paste(still, sticker, sticker.layer.height)
    return still


def _save(still: Image.Image, target: Path, form: str, **options: int | bool) -> None:
    with tempfile.TemporaryDirectory(prefix=SCRATCH, dir=target.parent) as scratch:
        path = Path(scratch) / f"still{target.suffix}"
        still.save(path, form, **options)
        publish(path, target)


def _beginning(spec: VideoSpec) -> Image.Image | None:
    """The submitted picture with which the clip begins, or all of those that it is made of."""
    picture = filling(spec.first, spec.width, spec.height)
    return picture or montage(spec.pictures, spec.width, spec.height)


def _paste(still: Image.Image, placed: mp4.Placed, height: int) -> None:
    from PIL import Image

    layer = placed.layer
    sheet = Image.frombytes("RGBA", (layer.width, layer.height), layer.pixels)
    drawn = sheet.crop((0, 0, layer.width, height))
    still.paste(drawn, (placed.x, placed.y), drawn)


def _motion(spec: VideoSpec, whole: bool) -> mp4.Motion:
    """The camera shows a whole picture and then approaches it; it moves across a made scene."""
    share = shares(spec.prompt)
    x, y = round(next(share)), round(next(share))
    if whole:
        return mp4.Motion((1.0, 1.12), (0.5, 0.35 + 0.3 * x), (0.5, 0.35 + 0.3 * y))
    return mp4.Motion((1.3, 1.3), (x, 1 - x), (y, 1 - y))


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the band: runs of (text, colour) in type of `size` px."""

    size: int
    runs: tuple[tuple[str, str], ...]

    @property
    def height(self) -> int:
        return round(1.36 * self.size)


@dataclass(frozen=True, slots=True)
class Band:
    """The band reaches from `top` to the frame's lower edge and begins with a progress bar, `bar` px high."""

    top: int
    bar: int
    unit: int
    lines: tuple[Line, ...]

    @property
    def text(self) -> int:
        """Where the first line begins, px below `top`."""
        return self.bar + round(0.5 * self.unit)


def _band(spec: VideoSpec, facts: str) -> Band:
    """The band, with as many lines as leave more than half of the frame to the picture."""
    unit = _unit(spec)
    bar = max(2, unit // 8 * 2)
    lines: list[Line] = []
    height = bar + 1.2 * unit
    for line in _lines(spec, facts):
        if lines and height + line.height > 0.45 * spec.height:
            break
        lines.append(line)
        height += line.height
    return Band(max(0, int(spec.height - height) // 2 * 2), bar, unit, tuple(lines))


def _unit(spec: VideoSpec) -> int:
    """The size of the running text, px, to which everything on top is proportional."""
    return max(11, round(0.03 * min(spec.width, spec.height)))


def _lines(spec: VideoSpec, facts: str) -> Iterator[Line]:
    unit, room = _unit(spec), spec.width - 2 * _unit(spec)
    title, small = round(1.15 * unit), max(10, round(0.8 * unit))
    provider, model = lettering.printable(spec.provider), lettering.printable(spec.model)
    free = room - _ticker_width(spec) - unit
    if lettering.font(title).getlength(f"{provider}  {model}") <= free:
        yield Line(title, ((f"{provider}  ", ACCENT), (model, WHITE)))
    else:
        yield Line(title, ((lettering.shortened(provider, title, free), ACCENT),))
        yield Line(title, ((lettering.shortened(model, title, room), WHITE),))
    rows = 3 if spec.height > spec.width else 2
    for text in lettering.wrapped(lettering.printable(spec.prompt), unit, room, rows):
        yield Line(unit, ((text, SOFT),))
    job = f"job {lettering.printable(spec.job_id)}"
    if lettering.font(small).getlength(f"{job}  ·  {facts}") <= room:
        yield Line(small, ((f"{job}  ·  {facts}", DIM),))
    else:
        yield Line(small, ((lettering.shortened(job, small, room), DIM),))
        yield Line(small, ((lettering.shortened(facts, small, room), DIM),))


def _facts(spec: VideoSpec) -> str:
    frames = [name for name, data in (("first frame", spec.first), ("last frame", spec.last)) if data]
    if spec.pictures:
        frames.append(f"{len(spec.pictures)} picture{'s' * (len(spec.pictures) > 1)}")
    if spec.video:
        frames.append(lettering.printable(spec.video))
    source = f"from {' and '.join(frames or ['text'])}"
    sound = "sound" if spec.sound else "silent"
    return f"{spec.width}x{spec.height}  ·  {spec.fps} fps  ·  {spec.seconds:g} s  ·  {sound}  ·  {source}"


def _image_facts(spec: VideoSpec) -> str:
    source = "from a picture" if spec.first else "from text"
    return f"{spec.width}x{spec.height}  ·  image {spec.number} of {spec.count}  ·  {source}"


def _stickers(spec: VideoSpec, band: Band) -> Iterator[mp4.Placed]:
    if spec.watermark:
        yield _watermark(spec, band)
    yield _synthetic_badge(band.unit)
    yield mp4.Placed(_layer(_band_image(band, spec)), 0, band.top)


def _band_image(band: Band, spec: VideoSpec) -> Image.Image:
    from PIL import Image, ImageDraw

    sheet = Image.new("RGBA", (spec.width, spec.height - band.top), f"{DARK}dc")
    pen = ImageDraw.Draw(sheet)
    pen.rectangle((0, 0, spec.width, band.bar - 1), fill=TRACK)
    y = band.text
    for line in band.lines:
        x: float = band.unit
        for text, colour in line.runs:
            pen.text((x, y), text, fill=colour, font=lettering.font(line.size))
            x += lettering.font(line.size).getlength(text)
        y += line.height
    return sheet


def _ticker(spec: VideoSpec, band: Band) -> mp4.Ticker:
    """The running time at the right of the first line, in tenths unless the strip becomes too tall."""
    from PIL import Image, ImageDraw

    line = band.lines[0]
    width, row = _ticker_width(spec), line.height // 2 * 2 + 2
    per_second = 10 if spec.seconds <= 30 else 1
    count = -(-spec.frames * per_second // spec.fps) + 1
    strip = Image.new("RGBA", (width, row * count))
    pen = ImageDraw.Draw(strip)
    for index in range(count):
        text = _time(index / per_second, spec)
        pen.text((width, index * row), text, fill=WHITE, font=lettering.font(line.size), anchor="ra")
    place = mp4.Placed(_layer(strip), spec.width - band.unit - width, band.top + band.text)
    return mp4.Ticker(place, row, per_second)


def _time(seconds: float, spec: VideoSpec) -> str:
    return f"{seconds:.1f} / {spec.seconds:.1f} s"


def _ticker_width(spec: VideoSpec) -> int:
    length = lettering.font(round(1.15 * _unit(spec))).getlength(_time(spec.seconds, spec))
    return int(length) // 2 * 2 + 4


def _synthetic_badge(unit: int) -> mp4.Placed:
    """A badge in the corner which says that no camera and no model made this."""
    from PIL import Image, ImageDraw

    font, text = lettering.font(unit), "SYNTHETIC"
    width, height = int(font.getlength(text) + 2.6 * unit) // 2 * 2, int(1.9 * unit) // 2 * 2
    sheet = Image.new("RGBA", (width, height))
    pen = ImageDraw.Draw(sheet)
    pen.rounded_rectangle((0, 0, width - 1, height - 1), height // 2, fill=f"{DARK}b4")
    pen.ellipse((0.75 * unit, 0.7 * unit, 1.25 * unit, 1.2 * unit), fill=ACCENT)
    pen.text((1.7 * unit, height / 2), text, fill=WHITE, font=font, anchor="lm")
    return mp4.Placed(_layer(sheet), unit // 2 * 2, unit // 2 * 2)


def _watermark(spec: VideoSpec, band: Band) -> mp4.Placed:
    """The word across the part of the frame above the band."""
    from PIL import Image, ImageDraw

    size = max(8, round(min(0.13 * spec.width, 0.3 * band.top)))
    font, text = lettering.font(size), "WATERMARK"
    sheet = Image.new("RGBA", (int(font.getlength(text)) + size, 2 * size))
    pen = ImageDraw.Draw(sheet)
    middle = (sheet.width / 2, sheet.height / 2)
    pen.text(middle, text, "#ffffff8c", font, "mm", stroke_width=max(1, size // 24), stroke_fill="#0000003c")
    turned = sheet.rotate(24, Image.Resampling.BICUBIC, expand=True)
    x, y = (spec.width - turned.width) // 4 * 2, (band.top - turned.height) // 4 * 2
    return mp4.Placed(_layer(turned), max(0, x), max(0, y))


def _layer(image: Image.Image) -> mp4.Layer:
    return mp4.Layer(image.width, image.height, "rgba" if image.mode == "RGBA" else "rgb24", image.tobytes())
