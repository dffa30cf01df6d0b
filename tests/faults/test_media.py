"""What media faults make of a clip or thumbnail."""

from __future__ import annotations

import pytest

from mockserver.faults.base import MediaFault
from mockserver.faults.rule import make_fault
from mockserver.faults.seams import Asset
from tests.faults.inputs import asset


def change(name: str, before: Asset | None = None, **settings: object) -> Asset:
    fault = make_fault(name, settings)
    assert isinstance(fault, MediaFault)
    changed = before or asset()
    fault.change(changed)
    return changed


def test_the_first_link_has_expired() -> None:
    expired = change("expired-link", asset(link=1, age=0.0))

    assert expired.status == 403
    assert expired.body is not None
    assert b"Request has expired" in expired.body
    assert expired.headers == [("content-type", "application/xml")]
    assert change("expired-link", asset(link=2, age=0.0)).status == 200


def test_every_link_expires_in_time() -> None:
    assert change("expired-link", asset(link=5, age=59.0), links=0, lasts=60).status == 200
    assert change("expired-link", asset(link=5, age=60.0), links=0, lasts=60).status == 403


def test_a_link_of_which_nothing_is_known_has_expired() -> None:
    assert change("expired-link").status == 403


@pytest.mark.parametrize(
    ("url", "location"),
    [
        ("http://127.0.0.1:8787/media/a", "http://localhost:8787/media/a?redirected=1"),
        ("http://localhost/media/a?link=2", "http://127.0.0.1/media/a?link=2&redirected=1"),
    ],
)
def test_a_redirect_leads_to_another_host(url: str, location: str) -> None:
    before = asset()
    before.url = url

    redirected = change("redirect", before)

    assert redirected.status == 302
    assert redirected.headers == [("location", location)]


def test_a_redirect_ends() -> None:
    before = asset()
    before.url = "http://localhost:8787/media/a?redirected=1"

    assert change("redirect", before).status == 200


def test_a_redirect_to_a_place() -> None:
    there = change("redirect", to="https://cdn.example.com/x", status=307)
    assert (there.status, there.headers) == (307, [("location", "https://cdn.example.com/x")])


def test_a_file_is_cut() -> None:
    assert change("cut-file", size=10).cut == 10


def test_a_length_is_wrong() -> None:
    assert change("wrong-length", by=24).length == 1024
    assert change("wrong-length", by=-24).length == 976
    assert change("wrong-length", by=-5000).length == 0


def test_a_type_is_wrong() -> None:
    assert change("wrong-type", type="text/plain").headers == [("content-type", "text/plain")]


def test_a_page_comes_in_place_of_the_file() -> None:
    page = change("html-page")

    assert page.status == 200
    assert page.body is not None
    assert page.body.startswith(b"<html>")
    assert page.headers == [("content-type", "text/html; charset=utf-8")]


def test_a_file_has_no_bytes() -> None:
    assert (change("zero-bytes").status, change("zero-bytes").body) == (200, b"")


def test_another_jobs_file_is_asked_for() -> None:
    assert change("other-job").other


def test_only_the_thumbnail_is_missing() -> None:
    missing = change("no-thumbnail", asset("thumbnail"))
    assert (missing.status, missing.body) == (404, b"Not Found")
    assert dict(missing.headers)["content-type"] == "text/plain; charset=utf-8"
    assert change("no-thumbnail", asset("video")).status == 200


def test_a_download_stalls() -> None:
    assert change("stalled", seconds=3).stall == 3


def test_ranges_are_ignored_or_refused() -> None:
    assert change("no-ranges").ranges == "ignored"
    assert change("no-ranges", how="refused").ranges == "refused"
