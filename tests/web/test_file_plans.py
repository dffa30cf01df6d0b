"""Which bytes of a file are sent, and with which headers, by what the client has and asks for (RFC 9110)."""

from __future__ import annotations

from email.utils import formatdate
from typing import Any, Final

import pytest

from mockserver.web.media_routes import Span, StoredFile, plan_file, read_http_date

MADE: Final = 1_000_000_000
FILE: Final = StoredFile("video/mp4", "abc", 10, MADE)
DATE: Final = formatdate(MADE, usegmt=True)
WHOLE, NOTHING = Span(0, 9), Span(0, -1)


def planned(sent: dict[str, str], file: StoredFile = FILE, ranges: Any = "served") -> tuple[int, Span]:
    """Status and bytes of the answer to a request with these headers."""
    headers = [(name.replace("_", "-").encode(), value.encode()) for name, value in sent.items()]
    sending = plan_file(headers, file, ranges)
    return sending.status, sending.span


@pytest.mark.parametrize(
    ("sent", "status", "span"),
    [
        ({}, 200, WHOLE),
        ({"if_none_match": '"abc"'}, 304, NOTHING),
        ({"if_none_match": '"other", W/"abc"'}, 304, NOTHING),
        ({"if_none_match": " * "}, 304, NOTHING),
        ({"if_none_match": '"other"'}, 200, WHOLE),
        ({"if_none_match": "abc"}, 200, WHOLE),
        ({"if_modified_since": DATE}, 304, NOTHING),
        ({"if_modified_since": formatdate(MADE + 1, usegmt=True)}, 304, NOTHING),
        ({"if_modified_since": formatdate(MADE - 1, usegmt=True)}, 200, WHOLE),
        ({"if_modified_since": "yesterday"}, 200, WHOLE),
        # The tag alone counts where both are sent.
        ({"if_none_match": '"other"', "if_modified_since": DATE}, 200, WHOLE),
        ({"if_none_match": '"abc"', "if_modified_since": formatdate(0, usegmt=True)}, 304, NOTHING),
        ({"range": "bytes=2-4"}, 206, Span(2, 4)),
        ({"range": "bytes=2-4", "if_none_match": '"abc"'}, 304, NOTHING),
        ({"range": "bytes=2-4", "if_range": '"abc"'}, 206, Span(2, 4)),
        ({"range": "bytes=2-4", "if_range": DATE}, 206, Span(2, 4)),
        ({"range": "bytes=2-4", "if_range": '"other"'}, 200, WHOLE),
        ({"range": "bytes=2-4", "if_range": formatdate(MADE + 1, usegmt=True)}, 200, WHOLE),
        ({"range": "bytes=9-9"}, 206, Span(9, 9)),
        ({"range": "bytes=10-"}, 416, NOTHING),
        ({"range": "bytes=-0"}, 416, NOTHING),
        ({"range": "bytes=4-2"}, 200, WHOLE),
        ({"range": "bytes=4-4"}, 206, Span(4, 4)),
    ],
)
def test_what_is_sent_of_a_file(sent: dict[str, str], status: int, span: Span) -> None:
    assert planned(sent) == (status, span)


@pytest.mark.parametrize(
    ("ranges", "sent", "status"),
    [
        ("ignored", "bytes=2-4", 200),
        ("ignored", "bytes=10-", 200),
        ("refused", "bytes=2-4", 416),
        ("refused", "bytes=10-", 416),
        ("refused", "lines=1-2", 200),
    ],
)
def test_a_fault_may_ignore_or_refuse_ranges(ranges: str, sent: str, status: int) -> None:
    assert planned({"range": sent}, ranges=ranges) == (status, WHOLE if status == 200 else NOTHING)


def test_of_a_file_without_a_date_no_date_counts() -> None:
    undated = FILE._replace(changed=None)

    assert planned({"if_modified_since": DATE}, undated) == (200, WHOLE)
    assert planned({"range": "bytes=2-4", "if_range": DATE}, undated) == (200, WHOLE)
    assert planned({"range": "bytes=2-4", "if_range": '"abc"'}, undated) == (206, Span(2, 4))


@pytest.mark.parametrize(
    ("file", "sent", "more"),
    [
        (FILE, [], {"last-modified": DATE}),
        (FILE._replace(changed=None), [], {}),
        (FILE._replace(changed=None, fresh=60), [], {"cache-control": "public, max-age=60"}),
        (FILE, [(b"range", b"bytes=2-4")], {"last-modified": DATE, "content-range": "bytes 2-4/10"}),
        (FILE, [(b"range", b"bytes=10-")], {"last-modified": DATE, "content-range": "bytes */10"}),
        (FILE, [(b"if-none-match", b"*")], {"last-modified": DATE}),
    ],
)
def test_the_headers_of_a_file(file: StoredFile, sent: Any, more: dict[str, str]) -> None:
    always = {"content-type": "video/mp4", "etag": '"abc"', "accept-ranges": "bytes"}

    assert dict(plan_file(sent, file).headers) == {**always, **more}


def test_a_date_without_a_zone_is_universal_time() -> None:
    assert read_http_date("Sun, 09 Sep 2001 01:46:40 -0000") == MADE
    assert read_http_date("Sun, 09 Sep 2001 02:46:40 +0100") == MADE
