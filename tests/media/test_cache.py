"""Made once, kept while there is room, found again after a restart."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from io import BufferedReader
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver import real_time
from mockserver.errors import MediaError
from mockserver.media import cache as room
from mockserver.media import files
from mockserver.media.cache import MediaCache
from mockserver.media.spec import VideoSpec

SPEC = VideoSpec("gmicloud", "Kling", "1", "a boat", 0.3, 64, 36, 10)


def boxes(size: int) -> bytes:
    """As many bytes as an MP4 would have them."""
    return size.to_bytes(4) + b"moov" + bytes(size - 8)


class Maker:
    """Stands in for `synth`: writes `size` bytes when `go` is set, and counts."""

    def __init__(self, size: int = 100) -> None:
        self.size = size
        self.error: Exception | None = None
        self.go = threading.Event()
        self.go.set()
        self.made: list[str] = []
        self.at_once = 0
        self.most_at_once = 0
        self._lock = threading.Lock()

    def __call__(self, spec: VideoSpec, target: Path) -> None:
        with self._lock:
            self.made.append(spec.job_id)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        assert self.go.wait(5)
        with self._lock:
            self.at_once -= 1
        if self.error:
            raise self.error
        target.write_bytes(boxes(self.size))


@pytest.fixture
def maker(monkeypatch: pytest.MonkeyPatch) -> Maker:
    maker = Maker()
    monkeypatch.setattr("mockserver.media.synth.make_video", maker)
    monkeypatch.setattr("mockserver.media.synth.make_thumbnail", maker)
    return maker


Opened = Callable[..., MediaCache]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    caches: list[MediaCache] = []

    def open_one(max_bytes: int = 1 << 30, workers: int = 2) -> MediaCache:
        caches.append(MediaCache(tmp_path / "media", max_bytes, workers))
        return caches[-1]

    yield open_one
    for each in caches:
        each.close()


def job(name: object) -> VideoSpec:
    return replace(SPEC, job_id=str(name))


async def read(asking: Awaitable[BufferedReader]) -> bytes:
    """All of a file that is asked for."""
    with await asking as file:
        return file.read()


async def kept(cache: MediaCache, spec: VideoSpec = SPEC, suffix: str = "mp4") -> Path:
    """Where the file is that the cache gives, when it has its name."""
    ask = {"mp4": cache.video, "jpg": cache.thumbnail, "png": cache.image}[suffix]
    await read(ask(spec))
    while cache._flights:
        await asyncio.sleep(0)
    with await ask(spec) as file:
        return Path(file.name)


def cached(cache: MediaCache, *jobs: VideoSpec) -> list[Path]:
    """Asks for each in turn."""

    async def ask_each() -> list[Path]:
        return [await kept(cache, each) for each in jobs]

    return asyncio.run(ask_each())


def test_the_real_thing(opened: Opened) -> None:
    async def each(cache: MediaCache) -> tuple[Path, Path, Path]:
        return await kept(cache), await kept(cache, suffix="jpg"), await kept(cache, suffix="png")

    video, thumbnail, image = asyncio.run(each(opened()))

    assert image.read_bytes().startswith(b"\x89PNG")
    assert video.read_bytes()[4:8] == b"ftyp"
    assert thumbnail.read_bytes().startswith(b"\xff\xd8")
    assert video.stem == thumbnail.stem == image.stem


def test_fifty_waiters_one_making(opened: Opened, maker: Maker) -> None:
    async def rush(cache: MediaCache) -> list[bytes]:
        maker.go.clear()
        waiters = [asyncio.create_task(read(cache.video(SPEC))) for _ in range(50)]
        while not maker.made:
            await asyncio.sleep(0)
        maker.go.set()
        return await asyncio.gather(*waiters)

    assert asyncio.run(rush(opened())) == [boxes(100)] * 50
    assert maker.made == ["1"]


def test_who_waits_gets_the_whole_file_before_it_has_its_name(
    opened: Opened, maker: Maker, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    flushing, flushed = threading.Event(), threading.Event()

    def flush(made: Path, target: Path) -> None:
        flushing.set()
        assert flushed.wait(5)
        made.replace(target)

    async def ask(cache: MediaCache) -> tuple[bytes, bytes]:
        early, late = await read(cache.video(SPEC)), await read(cache.video(SPEC))
        assert await asyncio.to_thread(flushing.wait, 5)
        assert not [*(tmp_path / "media").glob("*.mp4")]
        flushed.set()
        assert (await kept(cache)).read_bytes() == early
        return early, late

    monkeypatch.setattr(room, "publish", flush)

    assert asyncio.run(ask(opened())) == (boxes(100), boxes(100))
    assert maker.made == ["1"]


def test_a_file_that_cannot_get_its_name_is_served_and_not_kept(
    opened: Opened, maker: Maker, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    served = threading.Event()

    def refuse(made: Path, target: Path) -> None:
        assert served.wait(5)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    async def ask(cache: MediaCache) -> bytes:
        content = await read(cache.video(SPEC))
        served.set()
        while cache._flights:
            await asyncio.sleep(0)
        return content

    cache = opened()
    with monkeypatch.context() as patched:
        patched.setattr(room, "publish", refuse)
        assert asyncio.run(ask(cache)) == boxes(100)

    assert [*(tmp_path / "media").iterdir()] == []
    assert cached(cache, SPEC)[0].read_bytes() == boxes(100)


@pytest.mark.parametrize("is_kept", [True, False])
def test_a_file_that_moves_before_it_is_open_is_found_under_its_name_or_made_again(
    is_kept: bool, opened: Opened, maker: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish = files.publish

    def move(made: Path, target: Path) -> None:
        publish(made, target)
        if not is_kept and len(maker.made) == 1:
            target.unlink()
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    async def ask(cache: MediaCache) -> bytes:
        waiter = asyncio.create_task(read(cache.video(SPEC)))
        await asyncio.sleep(0)
        # The loop is held until the file has moved, as it is by other work.
        while cache._flights:
            pass
        return await waiter

    monkeypatch.setattr(room, "publish", move)
    assert asyncio.run(ask(opened())) == boxes(100)
    assert maker.made == (["1"] if is_kept else ["1", "1"])


def test_why_a_file_could_not_be_given_its_name_is_said_where_there_is_none(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mockserver.media.synth.make_video", lambda spec, target: None)
    with pytest.raises(MediaError, match="cannot be used: No such file or directory"):
        cached(opened(), SPEC)


def test_at_most_so_many_are_made_at_a_time(opened: Opened, maker: Maker) -> None:
    async def many(cache: MediaCache) -> None:
        await asyncio.gather(*(read(cache.video(job(number))) for number in range(12)))

    asyncio.run(many(opened(workers=2)))

    assert len(maker.made) == 12
    assert maker.most_at_once <= 2


def test_a_heavy_picture_gives_the_same_name(
    opened: Opened, maker: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = replace(SPEC, first=bytes(64))
    cache = opened()
    before = cached(cache, spec)
    monkeypatch.setattr(room, "HEAVY", 8)

    assert cached(cache, spec) == before
    assert len(maker.made) == 1


def test_files_outlive_a_restart(opened: Opened, maker: Maker) -> None:
    first = cached(opened(), SPEC)
    second = cached(opened(), SPEC)

    assert first == second
    assert len(maker.made) == 1


def test_the_least_recently_asked_for_goes(opened: Opened, maker: Maker) -> None:
    a, b, c, d = map(job, "abcd")
    cache = opened(max_bytes=300)

    paths = cached(cache, a, b, c, a, d)

    assert [path.exists() for path in paths[:3]] == [True, False, True]
    assert paths[4].exists()
    assert maker.made == ["a", "b", "c", "d"]


def test_what_was_asked_for_before_a_restart_counts(opened: Opened, maker: Maker) -> None:
    a, b, c = map(job, "abc")
    paths = cached(opened(max_bytes=200), a, b, a)

    cached(opened(max_bytes=200), c)

    assert [path.exists() for path in paths[:2]] == [True, False]


def test_a_file_larger_than_the_cache_is_kept_and_can_be_read_on(opened: Opened, maker: Maker) -> None:
    cache = opened(max_bytes=10)
    (large,) = cached(cache, job("large"))
    assert large.exists()

    with large.open("rb") as stream:
        (other,) = cached(cache, job("other"))

        assert not large.exists()
        assert len(stream.read()) == 100
    assert other.exists()


def test_asking_does_not_change_the_modification_time(opened: Opened, maker: Maker) -> None:
    cache = opened()
    (path,) = cached(cache, SPEC)
    os.utime(path, (1_000_000_000, 1_000_000_000))

    cached(cache, SPEC)

    assert path.stat().st_mtime == 1_000_000_000
    assert path.stat().st_atime > 1_000_000_000


def test_a_failure_reaches_all_and_is_forgotten(opened: Opened, maker: Maker) -> None:
    async def ask(cache: MediaCache) -> list[bytes | BaseException]:
        waiters = [asyncio.create_task(read(cache.video(SPEC))) for _ in range(5)]
        return await asyncio.gather(*waiters, return_exceptions=True)

    cache = opened()
    maker.error = MediaError("ffmpeg could not make the clip: no")
    answers = asyncio.run(ask(cache))
    maker.error = None

    assert {str(each) for each in answers} == {"ffmpeg could not make the clip: no"}
    assert all(isinstance(each, MediaError) for each in answers)
    assert cached(cache, SPEC)[0].exists()


@pytest.mark.parametrize(
    ("number", "says"),
    [
        (errno.ENOSPC, "the disk is full: no space left for the media cache in "),
        (errno.EACCES, "cannot be used: "),
    ],
)
def test_trouble_with_the_disk_is_told_in_a_line(
    number: int, says: str, opened: Opened, maker: Maker
) -> None:
    maker.error = OSError(number, os.strerror(number))

    with pytest.raises(MediaError, match=says):
        cached(opened(), SPEC)


def test_who_gives_up_does_not_stop_the_others(opened: Opened, maker: Maker) -> None:
    async def give_up(cache: MediaCache) -> bytes:
        maker.go.clear()
        hasty, patient = (asyncio.create_task(read(cache.video(SPEC))) for _ in range(2))
        while not maker.made:
            await asyncio.sleep(0)
        hasty.cancel()
        with pytest.raises(asyncio.CancelledError):
            await hasty
        maker.go.set()
        return await patient

    assert asyncio.run(give_up(opened())) == boxes(100)
    assert len(maker.made) == 1


def test_when_all_give_up_it_is_made_all_the_same(opened: Opened, maker: Maker) -> None:
    async def give_up(cache: MediaCache) -> None:
        maker.go.clear()
        hasty = asyncio.create_task(read(cache.video(SPEC)))
        while not maker.made:
            await asyncio.sleep(0)
        hasty.cancel()

    cache = opened()
    asyncio.run(give_up(cache))
    maker.go.set()

    assert cached(cache, SPEC)[0].exists()
    assert len(maker.made) == 1


def test_a_closed_cache_says_so(opened: Opened, maker: Maker) -> None:
    async def close_while_waiting(cache: MediaCache) -> list[bytes | BaseException]:
        maker.go.clear()
        waiters = [asyncio.create_task(read(cache.video(job(name)))) for name in "ab"]
        while not maker.made:
            await asyncio.sleep(0)
        closing = asyncio.create_task(asyncio.to_thread(cache.close))
        with pytest.raises(MediaError, match="the media cache is closed"):
            await waiters[1]
        maker.go.set()
        await closing
        return await asyncio.gather(*waiters, return_exceptions=True)

    cache = opened(workers=1)
    answers = asyncio.run(close_while_waiting(cache))

    assert answers[0] == boxes(100)
    with pytest.raises(MediaError, match="the media cache is closed"):
        cached(cache, job("c"))


def test_abandoned_work_is_cleared_and_strangers_are_left(
    opened: Opened, maker: Maker, tmp_path: Path
) -> None:
    folder = tmp_path / "media"
    for name in (".making-old", ".making-new"):
        (folder / name).mkdir(parents=True)
        (folder / name / "0.raw").write_bytes(bytes(1000))
    os.utime(folder / ".making-old", (1_000_000_000, 1_000_000_000))
    (folder / "note.txt").write_bytes(bytes(1000))

    cached(opened(max_bytes=150), SPEC, job(2))

    assert not (folder / ".making-old").exists()
    assert (folder / ".making-new").exists()
    assert (folder / "note.txt").exists()


def test_abandoned_work_is_cleared_when_a_server_starts(opened: Opened, tmp_path: Path) -> None:
    folder = tmp_path / "media"
    for name, age in ((".making-old", room.ABANDONED + 1), (".making-new", room.ABANDONED - 60)):
        (folder / name).mkdir(parents=True)
        moment = time.time() - age
        os.utime(folder / name, (moment, moment))

    opened()

    assert [path.name for path in folder.iterdir()] == [".making-new"]


def test_what_exactly_fits_is_not_evicted(opened: Opened, maker: Maker) -> None:
    cache = opened(max_bytes=200)
    paths = cached(cache, job("a"), job("b"))
    assert [path.exists() for path in paths] == [True, True]

    cached(cache, job("c"))
    assert [path.exists() for path in paths] == [False, True]


def test_no_more_is_evicted_than_is_needed(opened: Opened, maker: Maker) -> None:
    cache = opened(max_bytes=350)
    small = cached(cache, job("a"), job("b"), job("c"))
    maker.size = 150
    cached(cache, job("d"))

    assert [path.exists() for path in small] == [False, True, True]


def test_a_file_that_somebody_waits_for_stays(opened: Opened, maker: Maker, tmp_path: Path) -> None:
    cache = opened(max_bytes=100, workers=1)

    async def rush() -> list[bytes]:
        maker.go.clear()
        waiters = [asyncio.create_task(read(cache.video(job(name)))) for name in "abc"]
        while not maker.made:
            await asyncio.sleep(0)
        maker.go.set()
        # The loop is held until all are made, as it is by other work.
        while len(list(maker.made)) < 3 or cache._flights:
            pass
        assert len([*(tmp_path / "media").glob("*.mp4")]) == 3
        return [await waiter for waiter in waiters]

    assert asyncio.run(rush()) == [boxes(100)] * 3
    paths = cached(cache, job("d"))
    assert len([*paths[0].parent.glob("*.mp4")]) == 1


def test_files_of_others_do_not_count_and_stills_do(opened: Opened, maker: Maker, tmp_path: Path) -> None:
    cache = opened(max_bytes=250)
    (first,) = cached(cache, job("a"))
    (first.parent / "note.txt").write_bytes(bytes(1000))
    cached(cache, job("b"))
    assert first.exists()
    still = first.with_suffix(".png")
    still.write_bytes(bytes(100))
    os.utime(still, (1, 1))
    cached(cache, job("c"))

    assert not still.exists()


def test_abandoned_work_is_cleared_by_a_server_that_runs(
    opened: Opened, maker: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = opened()
    old = tmp_path / "media" / ".making-old"
    cached(cache, SPEC)
    old.mkdir()
    os.utime(old, (1_000_000_000, 1_000_000_000))

    cached(cache, job(2))
    assert old.exists()

    later = time.time() + room.LOOK_EVERY
    monkeypatch.setattr(real_time, "seconds", lambda: later)
    cached(cache, job(3))

    assert not old.exists()


@given(sizes=st.lists(st.integers(1, 400), min_size=1, max_size=40), most=st.integers(1000, 4000))
def test_the_folder_is_looked_at_seldom_and_never_holds_too_much(sizes: list[int], most: int) -> None:
    looks: list[Path] = []
    evict = MediaCache._evict

    def counted(cache: MediaCache, made: Path) -> int:
        looks.append(made)
        return evict(cache, made)

    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory() as name:
        patch.setattr(MediaCache, "_evict", counted)
        folder, cache = Path(name), MediaCache(Path(name), most, 1)
        for number, size in enumerate(sizes):
            made = folder / f"{number}.mp4"
            made.write_bytes(bytes(size))
            cache._make_room(made, size)
            assert made.exists()
            assert sum(path.stat().st_size for path in folder.iterdir()) <= most
        cache.close()

    if sum(sizes) * room.SHARE < most:
        assert len(looks) == 1


def test_several_processes_fill_a_folder_no_further_than_its_room(opened: Opened, tmp_path: Path) -> None:
    caches = [opened(max_bytes=4000) for _ in range(room.SHARE)]
    for number, cache in enumerate(caches * 10):
        made = tmp_path / f"media/{number}.mp4"
        made.parent.mkdir(exist_ok=True)
        made.write_bytes(bytes(100))
        cache._make_room(made, 100)
        assert len([*made.parent.iterdir()]) <= 40


def test_a_directory_that_cannot_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cache = MediaCache(tmp_path / "file" / "media", 1, 1)

    with pytest.raises(MediaError, match=r"the media cache in .* cannot be used"):
        cached(cache, SPEC)
    cache.close()


def test_a_directory_that_is_removed_is_made_again(opened: Opened, maker: Maker, tmp_path: Path) -> None:
    cache = opened()
    cached(cache, SPEC)
    shutil.rmtree(tmp_path / "media")

    assert cached(cache, SPEC)[0].read_bytes() == boxes(100)


@pytest.mark.parametrize("damage", [b"", boxes(100)[:99], bytes(100)])
def test_a_file_that_is_broken_is_made_again(damage: bytes, opened: Opened, maker: Maker) -> None:
    (path,) = cached(opened(), SPEC)
    path.write_bytes(damage)

    cached(opened(), SPEC)

    assert path.read_bytes() == boxes(100)


@pytest.mark.parametrize("damage", [b"", boxes(100)[:99]])
def test_a_file_that_is_broken_while_its_making_still_ends_is_made_again(
    damage: bytes, opened: Opened, maker: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends = threading.Event()
    monkeypatch.setattr(MediaCache, "_evict", lambda *_: ends.wait(5))

    async def ask(cache: MediaCache) -> bytes:
        await read(cache.video(SPEC))
        (flight,) = cache._flights.values()
        while flight.path.parent.parent == cache._directory:  # its name is the next thing that it gets
            await asyncio.sleep(0)
        flight.path.write_bytes(damage)
        again = asyncio.create_task(read(cache.video(SPEC)))
        await asyncio.sleep(0)
        ends.set()
        return await again

    assert asyncio.run(ask(opened())) == boxes(100)
    assert maker.made == ["1", "1"]


def test_a_folder_that_goes_before_a_file_has_its_name_is_made_again(
    opened: Opened, maker: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = threading.Event()
    publish = files.publish

    def publish_late(made: Path, target: Path) -> None:
        gone.wait(5)
        publish(made, target)

    monkeypatch.setattr(room, "publish", publish_late)

    async def ask(cache: MediaCache) -> bytes:
        await read(cache.video(SPEC))
        shutil.rmtree(cache._directory)
        again = asyncio.create_task(read(cache.video(SPEC)))
        await asyncio.sleep(0)
        gone.set()
        return await again

    assert asyncio.run(ask(opened())) == boxes(100)
    assert maker.made == ["1", "1"]


def test_what_is_there_is_served_where_nothing_can_be_written(
    opened: Opened, maker: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    cache = opened()
    (path,) = cached(cache, SPEC)
    monkeypatch.setattr(os, "utime", refuse)
    monkeypatch.setattr(os, "mkdir", refuse)

    assert cached(cache, SPEC) == [path]


def test_what_cannot_be_removed_stays(opened: Opened, maker: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    cache = opened(max_bytes=150)
    (path,) = cached(cache, SPEC)
    monkeypatch.setattr(os, "unlink", refuse)

    assert cached(cache, job(2))[0].exists()
    assert path.exists()


def test_folders_and_files_are_this_users_alone(opened: Opened, tmp_path: Path) -> None:
    async def both(cache: MediaCache) -> tuple[Path, Path]:
        return await kept(cache), await kept(cache, suffix="jpg")

    paths = asyncio.run(both(opened()))

    assert [path.stat().st_mode & 0o777 for path in (tmp_path / "media", *paths)] == [0o700, 0o600, 0o600]


def test_a_queue_that_everybody_left_is_not_worked_off(opened: Opened, maker: Maker) -> None:
    async def leave(cache: MediaCache) -> bytes:
        maker.go.clear()
        leaving = [asyncio.create_task(read(cache.video(job(number)))) for number in range(20)]
        while not maker.made:
            await asyncio.sleep(0)
        for task in leaving:
            task.cancel()
        await asyncio.gather(*leaving, return_exceptions=True)
        staying = asyncio.create_task(read(cache.video(job("wanted"))))
        maker.go.set()
        return await staying

    assert asyncio.run(leave(opened(workers=1))) == boxes(100)
    assert maker.made == ["0", "wanted"]


def test_a_file_that_somebody_still_waits_for_is_made(opened: Opened, maker: Maker) -> None:
    async def leave(cache: MediaCache) -> bytes:
        maker.go.clear()
        first = asyncio.create_task(read(cache.video(job("first"))))
        while not maker.made:
            await asyncio.sleep(0)
        hasty, patient = (asyncio.create_task(read(cache.video(job("second")))) for _ in range(2))
        await asyncio.sleep(0)
        hasty.cancel()
        maker.go.set()
        await first
        return await patient

    assert asyncio.run(leave(opened(workers=1))) == boxes(100)
    assert maker.made == ["first", "second"]
