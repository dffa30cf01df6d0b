"""Links to files, and the files that they lead to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from mockserver.contract.media_places import read_seconds
from mockserver.contract.violation import brief
from mockserver.kit.checks.base import Breach, check
from mockserver.kit.checks.fetched_files import FetchedFile, fetched_files, fetched_videos
from mockserver.kit.checks.video_file import MAX_PIXELS, TooLarge, UnreadableVideo, check_still, read_video
from mockserver.kit.traffic import requested_clip
from mockserver.kit.traffic.call import Call
from mockserver.kit.traffic.credentials import media_type
from mockserver.kit.traffic.exchange import NOT_FOLLOWED, split_url
from mockserver.kit.traffic.history import History
from mockserver.kit.traffic.schema_nodes import of_answer, of_clip, of_parameter
from mockserver.media.picture import Picture, measure
from mockserver.numerals import plural, whole_number

_PICTURE_TYPES: Final = ("image/jpeg", "image/png")
_CLIP_TYPES: Final = ("video/mp4",)
_REDIRECTS: Final = frozenset({301, 302, 303, 304, 307, 308})
_SECONDS_TOLERANCE: Final = 0.5
_RATIO_TOLERANCE: Final = 0.02
_TRIED_CLIPS: Final = 3
"""Fetched clips of a job that are tried until one plays: each costs a decoder's time."""
_CONTENT_RANGE: Final = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")
_RANGE: Final = re.compile(r"bytes=(\d+)-(\d*)")
_RANGES_SOURCE: Final = "RFC 9110, 14.3: Accept-Ranges"
_INDEX_SOURCE: Final = "ISO 14496-12 leaves the order open"


@check("media.link", "A link is an absolute http or https URL.")
def link(call: Call, history: History) -> Iterator[Breach]:
    """In every answer and callback."""
    for sighting in call.sightings:
        for name, fact in sighting.facts.items():
            if name not in sighting.files or fact.value in (None, ""):
                continue
            url = split_url(str(fact.value))
            if url.scheme not in ("http", "https") or not url.hostname:
                clause, at = of_answer(call, fact.pointer), fact.pointer
                yield Breach(
                    "http://... or https://...", brief(fact.value), clause, at=at, job=sighting.job_id
                )


@check("media.open", "A link works without a key.")
def opened(call: Call, history: History) -> Iterator[Breach]:
    """Only if the request had no key."""
    for file in fetched_files(call, history):
        if _needs_key(call):
            yield file.breach("the file", f"status {call.exchange.status}")


def _needs_key(call: Call) -> bool:
    return call.exchange.status in (401, 403) and call.exchange.caller == ""


@check("media.status", "A link leads to a file, whole or in part.")
def status(call: Call, history: History) -> Iterator[Breach]:
    """200, 206, a redirect, or 416 if a range was requested."""
    legal = {200, 206, *_REDIRECTS}
    if call.exchange.request_header("range"):
        legal.add(416)
    for file in fetched_files(call, history):
        received = call.exchange.status
        followed = not call.exchange.error.startswith(NOT_FOLLOWED)
        if followed and received not in legal and not _needs_key(call):
            actual = f"status {received}" if received else f"no answer: {call.exchange.error}"
            yield file.breach("status 200", actual)


@check("media.type", "A clip is video/mp4, a picture image/jpeg or image/png.")
def kind(call: Call, history: History) -> Iterator[Breach]:
    """By the header; `media.plays` and `media.thumbnail` check the content."""
    for file in fetched_files(call, history):
        stated = media_type(call.exchange.response_header("content-type") or "none")
        legal = _PICTURE_TYPES if file.is_picture else _CLIP_TYPES
        recorded = call.exchange.status in (200, 206) and not call.exchange.headerless
        if recorded and stated not in legal:
            yield file.breach(" or ".join(legal), stated)


@check("media.length", "A file has the length that its answer states.")
def length(call: Call, history: History) -> Iterator[Breach]:
    """Only for GET, and not if the body was recorded in part or compressed."""
    exchange = call.exchange
    if exchange.method != "GET" or exchange.status not in (200, 206) or exchange.cut:
        return
    stated, size = exchange.response_header("content-length") or "", len(exchange.response_body)
    compressed = exchange.response_header("content-encoding")
    for file in fetched_files(call, history):
        if not compressed and whole_number(stated) not in (None, size):
            yield file.breach(f"{stated} bytes (Content-Length)", plural(size, "byte"))
        elif size == 0:
            yield file.breach("a file", "an empty body")


@check("media.ranges", "A server that offers ranges sends the requested range.")
def ranges(call: Call, history: History) -> Iterator[Breach]:
    """For one range with a beginning, if the answer has Accept-Ranges: bytes."""
    exchange = call.exchange
    wanted = _RANGE.fullmatch((exchange.request_header("range") or "").replace(" ", ""))
    offered = exchange.response_header("accept-ranges") == "bytes"
    if wanted is None or not offered or exchange.request_header("if-range"):
        return
    for file in fetched_files(call, history):
        if exchange.status == 200:
            yield file.breach(f"206 with {wanted[0]}", "200 with all of it", source=_RANGES_SOURCE)
        stated, size = exchange.response_header("content-range"), len(exchange.response_body)
        part = _CONTENT_RANGE.fullmatch(stated or "")
        if exchange.status == 206 and not _fits(wanted, part, size, exchange.cut):
            yield file.breach(
                wanted[0], f"Content-Range {stated}, {plural(size, 'byte')}", source=_RANGES_SOURCE
            )


def _fits(wanted: re.Match[str], part: re.Match[str] | None, size: int, cut: bool) -> bool:
    """Whether a part begins where it should, does not end too late, and has the length that it states."""
    if part is None or part[1] != wanted[1]:
        return False
    first, last, most = whole_number(part[1]), whole_number(part[2]), whole_number(wanted[2])
    if first is None or last is None:
        return False
    return (most is None or last <= most) and (cut or size == last - first + 1)


@check("media.plays", "A clip is an MP4 file that decodes from the first frame to the last.")
def plays(call: Call, history: History) -> Iterator[Breach]:
    """Only if the file was recorded whole and is not too large to decode."""
    for file in fetched_files(call, history):
        if file.is_whole and not file.is_picture:
            try:
                read_video(call.exchange.response_body)
            except UnreadableVideo as error:
                yield file.breach("an MP4 file that plays", f"the file {error}")
            except TooLarge:
                return


@check("media.index", "A clip can play while it loads: its index comes before its frames.")
def index(call: Call, history: History) -> Iterator[Breach]:
    """No page promises it, but players need it."""
    for file, video in fetched_videos(call, history):
        if not video.index_first:
            yield file.breach("moov before mdat", "moov after mdat", source=_INDEX_SOURCE)


@check("media.duration", "A clip has the requested duration.")
def duration(call: Call, history: History) -> Iterator[Breach]:
    """Within half a second; without a request, the duration that the model produces."""
    for file, video in fetched_videos(call, history):
        submit = file.job.submit
        if submit is None:
            continue
        wanted = requested_clip.seconds(submit, history)
        if wanted is not None and abs(video.seconds - wanted) > _SECONDS_TOLERANCE:
            clause = _duration_clause(submit)
            yield file.breach(f"{wanted:g} s", f"{video.seconds:.2f} s", clause=clause)


def _duration_clause(submit: Call) -> str:
    if read_seconds(submit.media_value("seconds")) is None:
        return _clip_clause(submit)
    return of_parameter(submit.contract, submit.model or "", submit.media_path("seconds") or ())


def _clip_clause(submit: Call) -> str:
    return of_clip(submit.contract, submit.model or "", requested_clip.mode(submit))


@check("media.told-duration", "An answer states the requested duration.")
def stated_duration(call: Call, history: History) -> Iterator[Breach]:
    """If the answer can state one; within half a second."""
    for sighting in call.sightings:
        fact = sighting.facts.get("media.seconds")
        job = history.jobs.get(sighting.job_id or "")
        if fact is None or job is None or job.submit is None:
            continue
        wanted, stated = (
            requested_clip.seconds(job.submit, history),
            read_seconds(fact.value),
        )
        if wanted is not None and stated is not None and abs(stated - wanted) > _SECONDS_TOLERANCE:
            clause = of_answer(call, fact.pointer)
            yield Breach(f"{wanted:g} s", brief(fact.value), clause, at=fact.pointer, job=sighting.job_id)


@check("media.ratio", "A clip has the requested aspect ratio.")
def ratio(call: Call, history: History) -> Iterator[Breach]:
    """Within 2 %: the ratio of the submitted picture or the requested one, else the model's own. The ratio
    of a linked picture is not known."""
    for file, video in fetched_videos(call, history):
        submit = file.job.submit
        if submit is None:
            continue
        wanted = requested_clip.ratios(submit)
        if not _has_ratio(video.width / video.height, wanted):
            actual = _size(video.width, video.height)
            yield file.breach(_in_words(wanted), actual, clause=_ratio_clause(submit))


def _has_ratio(ratio: float, wanted: Sequence[float]) -> bool:
    """Whether a ratio is one of the wanted ones; without any, every ratio will do."""
    return not wanted or any(abs(ratio - other) <= _RATIO_TOLERANCE * other for other in wanted)


def _in_words(ratios: Sequence[float]) -> str:
    return " or ".join(f"{ratio:.3g}:1" for ratio in ratios)


def _ratio_clause(submit: Call) -> str:
    for name in ("ratio", "first"):
        path = submit.media_path(name)
        if path is not None and isinstance(submit.media_value(name), str):
            return of_parameter(submit.contract, submit.model or "", path)
    return _clip_clause(submit)


@check("media.resolution", "A clip has the resolution that its model produces.")
def resolution(call: Call, history: History) -> Iterator[Breach]:
    """By its shorter side. A clip nearer to a square may have as many pixels as a wide one instead."""
    for file, video in fetched_videos(call, history):
        submit = file.job.submit
        if submit is None:
            continue
        clip = requested_clip.clip(submit)
        if clip is None:
            continue
        if not clip.height - 2 <= min(video.width, video.height) <= clip.height * 4 / 3 + 2:
            actual = _size(video.width, video.height)
            yield file.breach(f"{clip.height} px", actual, clause=_clip_clause(submit))


@check("media.thumbnail", "A thumbnail or an image is a JPEG or PNG with the requested aspect ratio.")
def thumbnail(call: Call, history: History) -> Iterator[Breach]:
    """Compared with the clip if that was fetched, else with the requested ratio."""
    for file in fetched_files(call, history):
        if not file.is_picture or not file.is_whole:
            continue
        try:
            picture = measure(call.exchange.response_body)
        except ValueError as error:
            yield file.breach("a picture", str(error))
            continue
        fault = _picture_fault(call.exchange.response_body, picture)
        if fault:
            yield file.breach("a JPEG or PNG", f"the file {fault}")
        wanted = _thumbnail_ratios(file)
        if not _has_ratio(picture.width / picture.height, wanted):
            yield file.breach(_in_words(wanted), _size(picture.width, picture.height))


def _picture_fault(data: bytes, picture: Picture) -> str:
    """Why a picture cannot be shown, empty if it can."""
    if picture.kind not in ("jpeg", "png"):
        return f"is a {picture.kind} picture"
    if picture.width * picture.height > MAX_PIXELS:
        return ""
    try:
        check_still(data, picture.kind)
    except UnreadableVideo as error:
        return str(error)
    except TooLarge:
        return ""
    return ""


def _thumbnail_ratios(file: FetchedFile) -> list[float]:
    clips = (call for fact, call in file.job.fetches if fact == "media.video")
    for call in islice(clips, _TRIED_CLIPS):
        video = FetchedFile(call, "media.video", file.job).video()
        if video is not None:
            return [video.width / video.height]
    return [] if file.job.submit is None else requested_clip.ratios(file.job.submit)


def _size(width: int, height: int) -> str:
    return f"{width}x{height}, {width / height:.3g}:1"
