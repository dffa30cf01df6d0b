"""Every provider and model, from the submit over HTTP to the pixels of its clip."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import av
import pytest
from PIL import Image

from mockserver import in_process
from mockserver.contract.model import ClipDefaults, Contract
from mockserver.in_process import Tenant
from mockserver.kit.contracts import load
from mockserver.kit.learned_client import APIS, LearnedClient, meet, suited
from tests.media.watching import likeness, speckled
from tests.providers.golden import FOLDERS
from tests.serving import ROOT

ORBIT = ROOT / "fixtures" / "orbit"
PICTURE = speckled(640, 480)
UPPER = 0.6
"""The share of a frame's height that the band leaves to the picture in every clip."""


class Clip(NamedTuple):
    """A clip as it is decoded: sides in px, frames a second, seconds, how many frames, the first one in
    grey."""

    width: int
    height: int
    fps: float
    seconds: float
    frames: int
    first: Image.Image


@cache
def contract(provider: str) -> Contract:
    """The contract that the server plays."""
    return load(provider, folders=(ORBIT,))


MODELS = [(provider, model) for provider in FOLDERS for model in contract(provider).models]


@pytest.fixture(scope="module")
def tenants(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Tenant]]:
    """A tenant of the server of each provider."""
    with ExitStack() as stack:

        @cache
        def tenant(provider: str) -> Tenant:
            folder, own = tmp_path_factory.mktemp("clips"), [ORBIT] * (provider == "orbit")
            served = in_process.serve(pace="immediate", providers=[provider], contracts=own, cache_dir=folder)
            return stack.enter_context(stack.enter_context(served).tenant())

        yield tenant


def decoded(path: Path) -> Clip:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        packets = [packet for packet in container.demux(stream) if packet.size]
        assert stream.duration is not None
        assert stream.time_base is not None
        seconds = float(stream.duration * stream.time_base)
        moments = [packet.pts for packet in packets if packet.pts is not None]
        gaps = {after - before for before, after in pairwise(moments)}
        assert len(gaps) == 1
        fps = 1 / float(gaps.pop() * stream.time_base)
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
        convert: Callable[[], Image.Image] = frame.to_image
        return Clip(frame.width, frame.height, fps, seconds, len(packets), convert().convert("L"))


def wanted(provider: str, model: str, *, picture: bool) -> ClipDefaults:
    """What the contract says of the model in the mode that the client asks for."""
    played = contract(provider)
    api = suited(APIS[provider], model, picture=picture)
    mode, clips = played.media.value(api.fixed, "mode"), played.models[model].clips
    return clips[mode] if isinstance(mode, str) and mode in clips else clips["default"]


@pytest.mark.parametrize(("provider", "model"), MODELS)
def test_the_clip_is_that_of_the_model_and_of_the_picture(
    provider: str, model: str, tenants: Callable[[str], Tenant], tmp_path: Path
) -> None:
    meet(dict(contract(provider).document), provider)
    picture = any(api.models.get(model) for api in APIS[provider])
    image = f"data:image/png;base64,{base64.b64encode(PICTURE).decode()}" if picture else None
    tenant = tenants(provider)
    client = LearnedClient(provider, tenant.base(provider), tenant.key)

    path = client.generate("A kite at dusk", image, model=model, output=tmp_path / "clip.mp4")

    clip, made = decoded(path), wanted(provider, model, picture=picture)
    wide, high = (4, 3) if picture else map(int, made.ratio.split(":"))
    assert min(clip.width, clip.height) == made.height
    assert clip.width * high == pytest.approx(clip.height * wide, rel=0.01)
    assert (clip.fps, clip.seconds) == pytest.approx((made.fps, made.seconds), abs=0.02)
    assert clip.frames == round(made.fps * made.seconds)
    if picture:
        assert _first_likeness(clip) > 0.9


def _first_likeness(clip: Clip) -> float:
    """How much the first frame is like the picture, at a size that is quickly compared."""
    size = (160, 160 * clip.height // clip.width)
    box = (0, 0, size[0], round(UPPER * size[1]))
    sent = Image.open(BytesIO(PICTURE)).convert("L").resize(size, Image.Resampling.BOX)
    return likeness(clip.first.resize(size, Image.Resampling.BOX).crop(box), sent.crop(box))
