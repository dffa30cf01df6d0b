"""Wrong about the files that links lead to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.kit.miniatures import clips
from tests.kit.miniatures.base import GoodServer, Job
from tests.kit.miniatures.dialects import Kkiai
from tests.kit.miniatures.wire import Reply, Request


class Expired(GoodServer):
    """Has deleted the files of jobs that it still answers with links for."""

    caught_by = frozenset({"media.status"})

    def media(self, request: Request) -> Reply:
        """Gone."""
        return Reply(410, b"", {"Content-Type": "text/plain"})


class Guarded(GoodServer):
    """Asks for the key where a file is fetched."""

    caught_by = frozenset({"media.open"})

    def media(self, request: Request) -> Reply:
        """Only for callers."""
        self.authorise(request)
        return super().media(request)


class Relative(Kkiai):
    """Answers with a link that has no host."""

    caught_by = frozenset({"media.link", "schema.answer", "callbacks.body"})

    def link(self, job: Job, name: str = "video.mp4") -> str:
        """Only the path."""
        return f"/media/{job.id}/{name}"


class Octets(GoodServer):
    """Gives its files without saying what they are."""

    caught_by = frozenset({"media.type"})

    def file(self, job: Job, name: str) -> tuple[str, bytes]:
        """Bytes of any kind."""
        return "application/octet-stream", super().file(job, name)[1]


class Short(GoodServer):
    """Ends the body of a clip half-way, and says so in its length."""

    caught_by = frozenset({"media.plays"})

    def file(self, job: Job, name: str) -> tuple[str, bytes]:
        """The first half of a clip."""
        kind, content = super().file(job, name)
        return kind, content[: len(content) // 2] if kind == "video/mp4" else content


class Empty(GoodServer):
    """Gives empty files."""

    caught_by = frozenset({"media.length"})

    def media(self, request: Request) -> Reply:
        """Nothing at all."""
        reply = super().media(request)
        kept = {"Content-Type": reply.headers["Content-Type"]}
        return reply if reply.status != 200 else replace(reply, body=b"", headers=kept)


class Apology(GoodServer):
    """Sends a page that says sorry as a clip."""

    caught_by = frozenset({"media.plays"})

    def file(self, job: Job, name: str) -> tuple[str, bytes]:
        """HTML under the name of a clip."""
        kind, content = super().file(job, name)
        return kind, b"<html><body>Sorry</body></html>" if kind == "video/mp4" else content


class Deaf(GoodServer):
    """Says that it takes ranges, and answers a range with the whole."""

    caught_by = frozenset({"media.ranges"})
    noted = True

    def media(self, request: Request) -> Reply:
        """All of it, always."""
        return super().media(request._replace(headers={}))


class LateIndex(GoodServer):
    """Writes the index of a clip behind its frames, so that it has to be loaded whole."""

    caught_by = frozenset({"media.index"})
    noted = True

    def file(self, job: Job, name: str) -> tuple[str, bytes]:
        """A clip as an encoder leaves it."""
        kind, content = super().file(job, name)
        if kind == "video/mp4":
            return kind, clips.clip(*self.sides(job), self.seconds(job), index_first=False)
        return kind, content


class FiveSeconds(GoodServer):
    """Makes a clip of 5 seconds where 10 were asked for."""

    caught_by = frozenset({"media.duration"})

    def seconds(self, job: Job) -> int:
        """Always the same."""
        return 5


class Misstated(Kkiai):
    """Says 5 seconds of every clip, whatever its length."""

    caught_by = frozenset({"media.told-duration"})

    def record(self, job: Job) -> dict[str, Any]:
        """The clip's entry with a length that nobody measured."""
        found = super().record(job)
        for entry in found.get("task_result", {}).get("videos", ()):
            entry["duration"] = "5"
        return found


class Square(GoodServer):
    """Makes a square clip, and a square thumbnail, whatever ratio was asked for."""

    caught_by = frozenset({"media.ratio"})

    def sides(self, job: Job) -> tuple[int, int]:
        """As wide as high."""
        return 720, 720


class Small(Kkiai):
    """Makes clips of half the size that the model is documented with."""

    caught_by = frozenset({"media.resolution"})

    def sides(self, job: Job) -> tuple[int, int]:
        """Half of it."""
        width, height = super().sides(job)
        return width // 2, height // 2


class Painted(GoodServer):
    """Gives a clip for a thumbnail."""

    caught_by = frozenset({"media.thumbnail"})

    def file(self, job: Job, name: str) -> tuple[str, bytes]:
        """A thumbnail that moves."""
        return super().file(job, name)[0], super().file(job, "video.mp4")[1]


class Cropped(GoodServer):
    """Cuts its thumbnails square, whatever the ratio of the clip."""

    caught_by = frozenset({"media.thumbnail"})

    def file(self, job: Job, name: str) -> tuple[str, bytes]:
        """The middle of a frame."""
        return ("image/jpeg", clips.still(256, 256)) if name.endswith(".jpg") else super().file(job, name)
