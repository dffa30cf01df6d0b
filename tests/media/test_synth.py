"""Clips and thumbnails, probed by another reader than the one that made them."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

import av
import pytest
from PIL import Image, ImageChops, ImageStat

from mockserver.media.spec import VideoSpec, frame_size
from mockserver.media.synth import make_thumbnail, make_video

IMAGES = Path(__file__).parents[2] / "fixtures" / "images"
LEGAL = (IMAGES / "legal.png").read_bytes()
SMALL = VideoSpec("gmicloud", "Kling-Text2Video-V1.6-Standard", "6f1c", "a boat", 1.0, 320, 180, 10)
UPPER = 0.5
"""The share of a small frame that neither band nor bar can cover."""

Colour = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Clip:
    """Every frame is decoded; `seconds` is the container's; `audio` is None or the codec and its seconds."""

    codec: str
    form: str
    width: int
    height: int
    fps: float
    seconds: float
    frames: int
    first: Image.Image
    middle: Image.Image
    last: Image.Image
    audio: tuple[str, float] | None


def probe(path: Path) -> Clip:
    """Decodes the whole clip. Raises av.error.FFmpegError where it does not decode."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        count = stream.frames
        assert count > 0
        frames: dict[int, Image.Image] = {}
        decoded = 0
        for frame in container.decode(video=0):
            if decoded in (0, count // 2, count - 1):
                frames[decoded] = _image(frame)
            decoded += 1
        assert decoded == count
        assert container.duration is not None
        assert stream.average_rate is not None
        context = stream.codec_context
        return Clip(
            codec=context.name,
            form=context.pix_fmt or "",
            width=context.width,
            height=context.height,
            fps=float(stream.average_rate),
            seconds=container.duration / 1_000_000,
            frames=decoded,
            first=frames[0],
            middle=frames[count // 2],
            last=frames[count - 1],
            audio=_audio(path),
        )


def _image(frame: av.VideoFrame) -> Image.Image:
    convert: Callable[[], Image.Image] = frame.to_image  # av does not say what it returns
    return convert()


def _audio(path: Path) -> tuple[str, float] | None:
    with av.open(str(path)) as container:
        if not container.streams.audio:
            return None
        stream = container.streams.audio[0]
        samples = sum(frame.samples for frame in container.decode(audio=0))
        return stream.codec_context.name, samples / stream.codec_context.sample_rate


def boxes(path: Path) -> Iterator[str]:
    """The names of an MP4's top-level boxes, in order."""
    data = path.read_bytes()
    at = 0
    while at < len(data):
        size, name = struct.unpack_from(">I4s", data, at)
        assert size >= 8
        yield name.decode("ascii")
        at += size


def quadrants(image: Image.Image, share: float = 1.0) -> list[Colour]:
    """Mean colours of the quarters of the frame's upper `share`, row by row."""
    width, height = image.width, round(image.height * share)
    halves = ((0, width // 2), (width // 2, width))
    rows = ((0, height // 2), (height // 2, height))
    return [_mean(image.crop((left, top, right, low))) for top, low in rows for left, right in halves]


def _mean(image: Image.Image) -> Colour:
    pixel = image.convert("RGB").resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
    assert isinstance(pixel, tuple)
    red, green, blue = pixel
    return red, green, blue


def apart(first: list[Colour], second: list[Colour]) -> float:
    """The largest difference of any channel of any quarter, 0 to 255."""
    return max(abs(a - b) for p, q in zip(first, second, strict=True) for a, b in zip(p, q, strict=True))


def made(spec: VideoSpec, folder: Path) -> Clip:
    make_video(spec, folder / "clip.mp4")
    return probe(folder / "clip.mp4")


def submitted(data: bytes, size: tuple[int, int]) -> list[Colour]:
    image = Image.open(BytesIO(data)).convert("RGB").resize(size)
    return quadrants(image, UPPER)


def test_full_size_image_to_video(tmp_path: Path) -> None:
    width, height = frame_size(1080, None, (640, 360))
    prompt = "A red balloon drifts over the harbour. " * 60
    spec = VideoSpec(
        "gmicloud",
        "Kling-Image2Video-V1.6-Pro",
        "6f1c9a44",
        prompt,
        10.0,
        width,
        height,
        30,
        LEGAL,
        sound=True,
    )

    clip = made(spec, tmp_path)

    assert (clip.codec, clip.form, clip.width, clip.height) == ("h264", "yuv420p", 1920, 1080)
    assert (clip.fps, clip.frames) == (30.0, 300)
    assert clip.seconds == pytest.approx(10.0, abs=0.001)
    assert clip.audio is not None
    assert clip.audio[0] == "aac"
    assert clip.audio[1] == pytest.approx(10.0, abs=0.1)
    assert apart(quadrants(clip.first, UPPER), submitted(LEGAL, clip.first.size)) < 12
    assert (tmp_path / "clip.mp4").stat().st_size < 6_000_000


@pytest.mark.parametrize(
    ("seconds", "width", "height", "fps"),
    [(5.0, 320, 180, 30), (5.041, 180, 320, 24), (3.0, 240, 240, 25), (1.0, 160, 90, 10), (0.04, 64, 64, 25)],
)
def test_length_size_and_rate_are_the_asked_ones(
    seconds: float, width: int, height: int, fps: int, tmp_path: Path
) -> None:
    clip = made(replace(SMALL, seconds=seconds, width=width, height=height, fps=fps), tmp_path)

    assert (clip.codec, clip.form, clip.width, clip.height) == ("h264", "yuv420p", width, height)
    assert clip.frames == max(1, round(seconds * fps))
    assert clip.seconds == pytest.approx(seconds, abs=0.001)
    assert clip.fps == pytest.approx(clip.frames / seconds)
    assert clip.audio is None


def test_moov_comes_before_mdat_and_nothing_is_left_behind(tmp_path: Path) -> None:
    make_video(replace(SMALL, sound=True), tmp_path / "clip.mp4")

    names = list(boxes(tmp_path / "clip.mp4"))
    assert names[0] == "ftyp"
    assert names.index("moov") < names.index("mdat")
    assert [path.name for path in tmp_path.iterdir()] == ["clip.mp4"]


def test_same_spec_same_bytes(tmp_path: Path) -> None:
    spec = replace(SMALL, first=LEGAL, last=(IMAGES / "square.png").read_bytes(), sound=True, watermark=True)
    for name in ("one", "two"):
        make_video(spec, tmp_path / f"{name}.mp4")
        make_thumbnail(spec, tmp_path / f"{name}.jpg")

    assert (tmp_path / "one.mp4").read_bytes() == (tmp_path / "two.mp4").read_bytes()
    assert (tmp_path / "one.jpg").read_bytes() == (tmp_path / "two.jpg").read_bytes()


def test_the_clip_starts_from_the_picture_then_moves(tmp_path: Path) -> None:
    clip = made(replace(SMALL, width=960, height=540, first=LEGAL), tmp_path)

    assert apart(quadrants(clip.first, UPPER), submitted(LEGAL, clip.first.size)) < 16
    assert difference(clip.first, clip.middle) > 0.5


def test_the_clip_ends_with_the_last_picture(tmp_path: Path) -> None:
    stream = BytesIO()
    Image.new("RGB", (320, 180), (20, 60, 200)).save(stream, "PNG")
    spec = replace(SMALL, width=960, height=540, fps=30, first=LEGAL, last=stream.getvalue())

    clip = made(spec, tmp_path)

    assert apart(quadrants(clip.first, UPPER), submitted(LEGAL, clip.first.size)) < 16
    assert apart(quadrants(clip.last, UPPER), submitted(stream.getvalue(), clip.last.size)) < 24


def test_text_to_video_moves_and_follows_the_prompt(tmp_path: Path) -> None:
    boat, goat = made(SMALL, tmp_path), made(replace(SMALL, prompt="a goat"), tmp_path)

    assert difference(boat.first, boat.last) > 2
    assert difference(boat.first, goat.first) > 2


def test_the_time_and_the_bar_go_on(tmp_path: Path) -> None:
    stream = BytesIO()
    Image.new("RGB", (640, 360), "white").save(stream, "PNG")
    clip = made(replace(SMALL, width=640, height=360, seconds=2.0, first=stream.getvalue()), tmp_path)
    band = (0, 280, 640, 360)

    assert difference(clip.first.crop(band), clip.middle.crop(band)) > 0.05
    assert difference(clip.middle.crop(band), clip.last.crop(band)) > 0.05


@pytest.mark.parametrize("change", ["watermark", "job_id", "model", "provider", "prompt"])
def test_what_was_asked_is_to_be_seen(change: str, tmp_path: Path) -> None:
    stream = BytesIO()
    Image.new("RGB", (640, 360), "gray").save(stream, "PNG")
    spec = replace(SMALL, width=640, height=360, first=stream.getvalue())
    values: dict[str, bool | str] = {"watermark": True}
    other = replace(spec, **{change: values.get(change, "something else")})  # type: ignore[arg-type]
    make_thumbnail(spec, tmp_path / "one.jpg")
    make_thumbnail(other, tmp_path / "two.jpg")

    assert difference(Image.open(tmp_path / "one.jpg"), Image.open(tmp_path / "two.jpg")) > 0.05


@pytest.mark.parametrize(
    "prompt",
    [
        "",
        "猫が静かな港を走る" * 40,
        "Une forêt enneigée, straße, Łódź",
        "مرحبا بالعالم 🎬🎥 \u202e back",
        "tabs\tand\nbreaks\x00and \ud83c alone",
        "x" * 2500,
        "%{pts} ' : ; [out] \\ drawtext=",
    ],
)
def test_any_prompt_can_be_drawn(prompt: str, tmp_path: Path) -> None:
    spec = replace(SMALL, prompt=prompt, model=prompt or "m", job_id=prompt or "j", seconds=0.3)

    assert made(spec, tmp_path).frames == 3
    make_thumbnail(spec, tmp_path / "thumbnail.jpg")


@pytest.mark.parametrize("first", [LEGAL[:500], LEGAL[:60], b"no picture", b""])
def test_a_broken_picture_does_not_stop_the_clip(first: bytes, tmp_path: Path) -> None:
    assert made(replace(SMALL, first=first, last=first), tmp_path).frames == 10


@pytest.mark.parametrize(
    ("width", "height", "size"),
    [(1920, 1080, (640, 360)), (1080, 1920, (360, 640)), (320, 180, (320, 180)), (2700, 1080, (640, 256))],
)
def test_a_thumbnail_is_a_small_jpeg_of_the_beginning(
    width: int, height: int, size: tuple[int, int], tmp_path: Path
) -> None:
    make_thumbnail(replace(SMALL, width=width, height=height, first=LEGAL), tmp_path / "thumbnail.jpg")

    with Image.open(tmp_path / "thumbnail.jpg") as image:
        assert (image.format, image.size) == ("JPEG", size)
    assert [path.name for path in tmp_path.iterdir()] == ["thumbnail.jpg"]


def difference(first: Image.Image, second: Image.Image) -> float:
    """The mean distance of all pixels, 0 to 255."""
    pixels = ImageChops.difference(first.convert("L"), second.convert("L"))
    return float(ImageStat.Stat(pixels).mean[0])
