"""A browser plays each kind of clip, seeks in it, and ends it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mockserver.media.spec import MovingMask, Shot, VideoSpec, small
from mockserver.media.synth import make_video
from tests.browser import CHROMIUM, Browser, chromium
from tests.media.watching import speckled

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here to play a clip")

SPEC = VideoSpec("kkiai", "kling-v1", "6f1c", "a boat", 2.0, 1280, 720, 24)
PICTURE = replace(SPEC, first=speckled(640, 360))
KINDS = {
    "text": SPEC,
    "picture": PICTURE,
    "tall": replace(PICTURE, width=1080, height=1920),
    "camera": replace(PICTURE, camera=(("roll", -10.0),)),
    "masks": replace(PICTURE, moving=(MovingMask(None, ((100, 300), (500, 100))),)),
    "last frame": replace(PICTURE, last=speckled(640, 360, 2)),
    "shots": replace(PICTURE, shots=(Shot("a", 1.0), Shot("b", 1.0))),
    "voices": replace(PICTURE, sound=True, voices=("ada",)),
    "small": small(PICTURE),
}
PAGE = "<!doctype html><video muted preload=auto src=clip.mp4></video>"
STEPS = """
(async () => {
  const video = document.querySelector('video');
  const next = (name) => new Promise((done) => video.addEventListener(name, done, {once: true}));
  if (video.readyState < 3) await next('canplay');
  video.currentTime = 1.5;
  await next('seeked');
  window.found = [video.videoWidth, video.videoHeight, video.duration, video.currentTime];
  video.playbackRate = 4;
  const end = next('ended');
  await video.play();
  await end;
  const quality = video.getVideoPlaybackQuality();
  window.found.push(video.currentTime, quality.corruptedVideoFrames, quality.totalVideoFrames > 0);
  window.done = true;
})().catch((error) => { window.found = [String(error)]; window.done = true; });
"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with chromium(tmp_path_factory.mktemp("chromium")) as browser:
        yield browser


@pytest.mark.parametrize("kind", KINDS)
def test_a_browser_plays_seeks_and_ends(kind: str, browser: Browser, tmp_path: Path) -> None:
    spec = KINDS[kind]
    make_video(spec, tmp_path / "clip.mp4")
    (tmp_path / "page.html").write_text(PAGE)
    tab = browser.tab()
    tab.open((tmp_path / "page.html").as_uri())

    tab.until("document.querySelector('video')")
    tab.ask(f"void {STEPS.strip()}")
    tab.until("window.done")

    width, height, seconds, at, end, corrupted, some = tab.ask("window.found")
    assert (width, height) == (spec.width, spec.height)
    assert math.isclose(seconds, spec.seconds, abs_tol=0.03)
    assert at == 1.5
    assert math.isclose(end, seconds, abs_tol=0.03)
    assert (corrupted, some) == (0, True)
