"""Fetches of a job's files, through the links that its answers had."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Final, NamedTuple

from mockserver.kit.checks.base import Breach
from mockserver.kit.checks.video_file import TooLarge, UnreadableVideo, VideoFile, read_video
from mockserver.kit.traffic.call import Call
from mockserver.kit.traffic.facts import IMAGES
from mockserver.kit.traffic.history import History, JobHistory
from mockserver.kit.traffic.schema_nodes import of_answer

THUMBNAIL: Final = "media.thumbnail"


class FetchedFile(NamedTuple):
    """One fetch of a file. `fact` is the fact that its link was: `media.video`, `media.thumbnail`, ..."""

    call: Call
    fact: str
    job: JobHistory

    @property
    def is_picture(self) -> bool:
        """Whether the link was that of a thumbnail or an image."""
        return self.fact.startswith((THUMBNAIL, *IMAGES))

    @property
    def is_whole(self) -> bool:
        """Whether the record has the whole file."""
        exchange = self.call.exchange
        if exchange.method != "GET" or exchange.status != 200:
            return False
        return bool(exchange.response_body) and not exchange.cut

    def video(self) -> VideoFile | None:
        """The clip; None if the file is not whole, is a picture, or cannot be decoded here."""
        if self.is_picture or not self.is_whole:
            return None
        try:
            return read_video(self.call.exchange.response_body)
        except (UnreadableVideo, TooLarge):
            return None

    def breach(self, expected: str, actual: str, *, source: str = "", clause: str = "") -> Breach:
        """A breach by this file. Without a source or clause, the clause about the link counts."""
        if not source and not clause:
            clause = self._link_clause()
        return Breach(expected, actual, clause, source, job=self.job.job_id)

    def _link_clause(self) -> str:
        """The contract's clause about the latest link to the file."""
        for call, sighting in chain(reversed(self.job.sightings), reversed(self.job.callbacks)):
            fact = sighting.facts.get(self.fact)
            if fact is not None:
                return of_answer(call, fact.pointer)
        return ""


def fetched_files(call: Call, history: History) -> Iterator[FetchedFile]:
    """The file that a call fetches, if it fetches one."""
    if call.operation is not None or call.exchange.callback or call.exchange.method not in ("GET", "HEAD"):
        return
    file = history.file_at(call.exchange.url)
    if file is not None:
        yield FetchedFile(call, *file)


def fetched_videos(call: Call, history: History) -> Iterator[tuple[FetchedFile, VideoFile]]:
    """The clip that a call fetches, if it is whole and plays."""
    for file in fetched_files(call, history):
        video = file.video()
        if video is not None:
            yield file, video
