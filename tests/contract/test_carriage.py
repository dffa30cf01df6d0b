"""How a key goes with a request, and how that is said."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import pytest

from mockserver.contract.carriage import Carriage, carriage, places_in_words, usual_carriage
from mockserver.contract.credential import Credential
from mockserver.contract.key_places import read_cookies
from mockserver.contract.loader import load_contract
from mockserver.media.picture import measure
from tests.comet import COMET

SUBMIT: Final = load_contract(COMET, measure=measure).operations["launch"]
BEARER: Final = Credential(b"authorization", "bearer")
PLAIN: Final = Credential(b"x-api-key", "")
QUERY: Final = Credential(b"key", "", place="query")
COOKIE: Final = Credential(b"session", "", place="cookie")
OTHER_COOKIE: Final = Credential(b"account", "", place="cookie")


@pytest.mark.parametrize(
    ("credential", "headers", "query", "words"),
    [
        (BEARER, {"Authorization": "Bearer k"}, {}, "the header Authorization: Bearer KEY"),
        (PLAIN, {"X-Api-Key": "k"}, {}, "the header X-Api-Key: KEY"),
        (QUERY, {}, {"key": "k"}, "key=KEY in the query"),
        (COOKIE, {"Cookie": "session=k"}, {}, "the cookie session=KEY"),
        (
            COOKIE._replace(also=(OTHER_COOKIE,)),
            {"Cookie": "session=k; account=k"},
            {},
            "the cookie session=KEY and the cookie account=KEY",
        ),
        (
            BEARER._replace(also=(QUERY,)),
            {"Authorization": "Bearer k"},
            {"key": "k"},
            "the header Authorization: Bearer KEY and key=KEY in the query",
        ),
    ],
)
def test_a_key_goes_to_every_place_where_it_has_to_be(
    credential: Credential, headers: dict[str, str], query: dict[str, str], words: str
) -> None:
    assert carriage(replace(SUBMIT, credential=credential), "k") == Carriage(headers, query)
    assert places_in_words([credential]) == words


def test_alternatives_are_told_as_such() -> None:
    assert places_in_words([BEARER, QUERY]) == "the header Authorization: Bearer KEY or key=KEY in the query"


def test_no_key_and_no_place_for_one_make_nothing() -> None:
    nothing = Carriage({}, {})

    assert carriage(replace(SUBMIT, credential=BEARER), None) == nothing
    assert carriage(replace(SUBMIT, credential=None), "k") == nothing


def test_the_first_operation_that_needs_a_key_says_how_it_usually_goes() -> None:
    open_to_all, by_query, by_header = (
        replace(SUBMIT, credential=credential) for credential in (None, QUERY, BEARER)
    )

    assert usual_carriage([open_to_all, by_query, by_header], "k") == Carriage({}, {"key": "k"})
    assert usual_carriage([open_to_all], "k") == Carriage({}, {})


@pytest.mark.parametrize(
    ("url", "whole"), [("/jobs", "/jobs?key=a+b%26c"), ("/jobs?size=2", "/jobs?size=2&key=a+b%26c")]
)
def test_a_url_gets_the_querys_part(url: str, whole: str) -> None:
    assert Carriage({}, {"key": "a b&c"}).url(url) == whole
    assert Carriage({"Cookie": "a=b"}, {}).url(url) == url


@pytest.mark.parametrize(
    ("header", "cookies"),
    [
        ("a=1", [("a", "1")]),
        ("a=1; b=2=3;c = 4 ;d", [("a", "1"), ("b", "2=3"), ("c ", " 4"), ("d", "")]),
        ("", [("", "")]),
    ],
)
def test_cookies_are_read_as_they_stand(header: str, cookies: list[tuple[str, str]]) -> None:
    assert [*read_cookies(header)] == cookies
