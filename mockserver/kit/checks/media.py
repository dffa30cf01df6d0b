"""Files that links lead to, as they were fetched."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from mockserver.contract.violation import brief
from mockserver.kit.checks.base import Breach, check
from mockserver.kit.checks.video_file import TooLarge, UnreadableVideo, VideoFile, check_still, read_film
from mockserver.kit.traffic import requested_clip
from mockserver.kit.traffic.call import Call
from mockserver.kit.traffic.exchange import split_url
from mockserver.kit.traffic.facts import AnswerFact
from mockserver.kit.traffic.history import History, JobHistory
from mockserver.kit.traffic.schema_nodes import of_answer, of_clip, of_parameter
from mockserver.media.picture import measure

_THUMBNAIL: Final = "media.thumbnail"
_TYPES: Final = {_THUMBNAIL: ("image/jpeg", "image/png")}
_CLIP: Final = ("video/mp4",)
_ONWARD: Final = frozenset({301, 302, 303, 304, 307, 308})
_LATE: Final = 0.5
_SKEW: Final = 0.02
_PART: Final = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")
_RANGE: Final = re.compile(r"bytes=(\d+)-(\d*)")
_FROM: Final = {"ranges": "RFC 9110, 14.3: Accept-Ranges", "index": "ISO 14496-12 leaves the order open"}


@check("media.link", "A link is an absolute http or https URL.")
def link(call: Call, history: History) -> Iterator[Breach]:
    """Of every answer and callback."""
    for one in call.sightings:
        for name, fact in one.facts.items():
            if not name.startswith("media.") or name == "media.seconds" or fact.value in (None, ""):
                continue
            url = split_url(str(fact.value))
            if url.scheme not in ("http", "https") or not url.hostname:
                clause = of_answer(call, fact.at)
                yield Breach("http://... or https://...", brief(fact.value), clause, at=fact.at, job=one.job)


@check("media.open", "A link works without a key.")
def opened(call: Call, history: History) -> Iterator[Breach]:
    """Judged where none was sent."""
    for name, story in _file(call, history):
        if _is_closed(call):
            yield _about(story, name, "the file", f"status {call.exchange.status}")


def _is_closed(call: Call) -> bool:
    return call.exchange.status in (401, 403) and call.exchange.caller == ""


@check("media.status", "A link leads to a file, whole or in part.")
def status(call: Call, history: History) -> Iterator[Breach]:
    """200, 206, a redirect, or 416 where a range was asked."""
    legal = {200, 206, *_ONWARD} | ({416} if call.exchange.request_header("range") else set())
    for name, story in _file(call, history):
        found = call.exchange.status
        if found not in legal and not _is_closed(call):
            actual = f"status {found}" if found else f"no answer: {call.exchange.error}"
            yield _about(story, name, "status 200", actual)


@check("media.type", "A clip is video/mp4, a thumbnail image/jpeg or image/png.")
def kind(call: Call, history: History) -> Iterator[Breach]:
    """By the header; whether the content is that is for `media.plays` and `media.thumbnail`."""
    for name, story in _file(call, history):
        told = (call.exchange.response_header("content-type") or "none").partition(";")[0].strip().lower()
        legal = _TYPES.get(name, _CLIP)
        if call.exchange.status in (200, 206) and told not in legal:
            yield _about(story, name, " or ".join(legal), told)


@check("media.length", "A file has the length that its answer states.")
def length(call: Call, history: History) -> Iterator[Breach]:
    """Of GET alone, and not where the body was recorded in part or compressed."""
    exchange = call.exchange
    said = exchange.response_header("content-length")
    if exchange.method != "GET" or exchange.status not in (200, 206) or exchange.cut:
        return
    for name, story in _file(call, history):
        size = len(exchange.response_body)
        stated = said is not None and said.isdecimal() and not exchange.response_header("content-encoding")
        if stated and int(said or 0) != size:
            yield _about(story, name, f"{said} bytes (Content-Length)", f"{size} bytes")
        elif size == 0:
            yield _about(story, name, "a file", "an empty body")


@check("media.ranges", "A server that offers ranges sends the requested range.")
def ranges(call: Call, history: History) -> Iterator[Breach]:
    """Of one range with a beginning; judged where Accept-Ranges says bytes."""
    exchange = call.exchange
    wanted = _RANGE.fullmatch((exchange.request_header("range") or "").replace(" ", ""))
    if wanted is None or exchange.response_header("accept-ranges") != "bytes" or exchange.request_header("if-range"):
        return
    for name, story in _file(call, history):
        if exchange.status == 200:
            yield _about(story, name, f"206 with {wanted[0]}", "200 with all of it", _FROM["ranges"])
        part = _PART.fullmatch(exchange.response_header("content-range") or "")
        if exchange.status == 206 and not _fits(wanted, part, len(exchange.response_body), exchange.cut):
            given = f"Content-Range {exchange.response_header('content-range')}, {len(exchange.response_body)} bytes"
            yield _about(story, name, wanted[0], given, _FROM["ranges"])


def _fits(wanted: re.Match[str], part: re.Match[str] | None, size: int, cut: bool) -> bool:
    """Whether a part begins where it should, ends no later, and is as long as it says."""
    if part is None or part[1] != wanted[1]:
        return False
    first, last = int(part[1]), int(part[2])
    return (not wanted[2] or last <= int(wanted[2])) and (cut or size == last - first + 1)


@check("media.plays", "A clip is an MP4 file that decodes from the first frame to the last.")
def plays(call: Call, history: History) -> Iterator[Breach]:
    """Of a file that was recorded whole."""
    for name, story in _file(call, history):
        if name != _THUMBNAIL and _whole(call):
            try:
                read_film(call.exchange.response_body)
            except UnreadableVideo as error:
                yield _about(story, name, "an MP4 file that plays", f"the file {error}")
            except TooLarge:
                return


@check("media.index", "A clip can play while it loads: its index comes before its frames.")
def index(call: Call, history: History) -> Iterator[Breach]:
    """Nobody promises it, players like it."""
    for name, story, film in _films(call, history):
        if not film.index_first:
            yield _about(story, name, "moov before mdat", "moov after mdat", _FROM["index"])


@check("media.duration", "A clip has the requested duration.")
def duration(call: Call, history: History) -> Iterator[Breach]:
    """Within half a second; as long as the model makes it where nothing was asked."""
    for name, story, film in _films(call, history):
        wanted = requested_clip.seconds(story.submit) if story.submit else None
        if wanted is not None and abs(film.seconds - wanted) > _LATE:
            yield _about(
                story, name, f"{wanted:g} s", f"{film.seconds:.2f} s", clause=_duration_clause(story.submit)
            )


def _duration_clause(submit: Call | None) -> str:
    assert submit is not None
    if requested_clip.number(submit.media_value("seconds")) is None:
        return _clip_clause(submit)
    return of_parameter(submit.contract, submit.model or "", submit.contract.media["seconds"])


def _clip_clause(submit: Call) -> str:
    return of_clip(submit.contract, submit.model or "", requested_clip.mode(submit))


@check("media.told-duration", "An answer states the requested duration.")
def told_duration(call: Call, history: History) -> Iterator[Breach]:
    """Where answers tell one; within half a second."""
    for one in call.sightings:
        fact = one.facts.get("media.seconds")
        story = history.jobs.get(one.job or "")
        wanted = (
            requested_clip.seconds(story.submit) if story is not None and story.submit is not None else None
        )
        told = requested_clip.number(fact.value) if fact else None
        if fact is not None and wanted is not None and told is not None and abs(told - wanted) > _LATE:
            clause = of_answer(call, fact.at)
            yield Breach(f"{wanted:g} s", brief(fact.value), clause, at=fact.at, job=one.job)


@check("media.ratio", "A clip has the requested aspect ratio.")
def ratio(call: Call, history: History) -> Iterator[Breach]:
    """Within 2 %: of the submitted picture, or as asked, else the model's own; of a linked picture it is
    not known."""
    for name, story, film in _films(call, history):
        wanted = requested_clip.ratios(story.submit) if story.submit is not None else []
        if wanted and not any(_alike(film.width / film.height, one) for one in wanted):
            expected = " or ".join(f"{one:.3g}:1" for one in wanted)
            yield _about(
                story, name, expected, _size(film.width, film.height), clause=_ratio_clause(story.submit)
            )


def _ratio_clause(submit: Call | None) -> str:
    assert submit is not None
    for name in ("ratio", "first"):
        if name in submit.contract.media and isinstance(submit.media_value(name), str):
            return of_parameter(submit.contract, submit.model or "", submit.contract.media[name])
    return _clip_clause(submit)


@check("media.resolution", "A clip has the resolution that its model produces.")
def resolution(call: Call, history: History) -> Iterator[Breach]:
    """By its shorter side; a squarer clip may have as many pixels as a wide one instead."""
    for name, story, film in _films(call, history):
        clip = requested_clip.clip(story.submit) if story.submit else None
        side = min(film.width, film.height)
        if (
            clip is not None
            and story.submit is not None
            and not clip.height - 2 <= side <= clip.height * 4 / 3 + 2
        ):
            actual = _size(film.width, film.height)
            yield _about(story, name, f"{clip.height} px", actual, clause=_clip_clause(story.submit))


@check("media.thumbnail", "A thumbnail is a JPEG or PNG with the clip's aspect ratio.")
def thumbnail(call: Call, history: History) -> Iterator[Breach]:
    """Compared with the clip where that was fetched, else with what was asked."""
    for name, story in _file(call, history):
        if name != _THUMBNAIL or not _whole(call):
            continue
        try:
            found = measure(call.exchange.response_body)
        except ValueError as error:
            yield _about(story, name, "a picture", f"the file is {error}")
            continue
        if fault := _unshown(call.exchange.response_body, found.kind):
            yield _about(story, name, "a JPEG or PNG", f"the file {fault}")
        wanted = _clip_ratio(story) or (requested_clip.ratios(story.submit) if story.submit else [])
        if wanted and not any(_alike(found.width / found.height, one) for one in wanted):
            expected = " or ".join(f"{one:.3g}:1" for one in wanted)
            yield _about(story, name, expected, _size(found.width, found.height))


def _unshown(data: bytes, kind: str) -> str:
    """Why a picture is none that can be shown, empty where it is one."""
    if kind not in ("jpeg", "png"):
        return f"is a {kind} picture"
    try:
        check_still(data, kind)
    except UnreadableVideo as error:
        return str(error)
    except TooLarge:
        return ""
    return ""


def _clip_ratio(story: JobHistory) -> list[float]:
    for name, call in story.fetched:
        if name == "media.video" and _whole(call) and (film := _film(call)) is not None:
            return [film.width / film.height]
    return []


def _file(call: Call, history: History) -> Iterator[tuple[str, JobHistory]]:
    """Which file of which job is fetched, if one is."""
    found = history.file(call.exchange.url) if call.operation is None and not call.exchange.callback else None
    if found is not None and call.exchange.method in ("GET", "HEAD"):
        yield found


def _films(call: Call, history: History) -> Iterator[tuple[str, JobHistory, VideoFile]]:
    """The clip that is fetched, if it is whole and plays."""
    for name, story in _file(call, history):
        if name != _THUMBNAIL and _whole(call) and (film := _film(call)) is not None:
            yield name, story, film


def _film(call: Call) -> VideoFile | None:
    try:
        return read_film(call.exchange.response_body)
    except (UnreadableVideo, TooLarge):
        return None


def _whole(call: Call) -> bool:
    """Whether the record has all of the file."""
    exchange = call.exchange
    return (
        exchange.method == "GET"
        and exchange.status == 200
        and not exchange.cut
        and bool(exchange.response_body)
    )


def _alike(one: float, other: float) -> bool:
    return abs(one - other) <= _SKEW * other


def _size(width: int, height: int) -> str:
    return f"{width}x{height}, {width / height:.3g}:1"


def _about(
    story: JobHistory, name: str, expected: str, actual: str, source: str = "", clause: str = ""
) -> Breach:
    """A breach whose source, if no other, is whoever promises the link."""
    if not (source or clause):
        told = (
            (call, fact)
            for call, one in reversed([*story.callbacks, *story.sightings])
            if (fact := one.facts.get(name)) is not None
        )
        found: tuple[Call, AnswerFact] | None = next(told, None)
        clause = of_answer(found[0], found[1].at) if found else ""
    return Breach(expected, actual, clause, source, job=story.job)
