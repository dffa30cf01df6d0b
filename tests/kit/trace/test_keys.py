"""Keys of a recording: found in whichever header the contract names, hidden however they are spelled."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.key_places import KeyPlaces, key_places
from mockserver.errors import KitError
from mockserver.kit.contracts import load
from mockserver.kit.trace import caller, spellings
from mockserver.kit.trace.open import parse
from mockserver.kit.trace.spellings import without_secrets
from mockserver.kit.traffic.exchange import REDACTED, Exchange, digest
from tests.kit.trace.test_command import run
from tests.kit.trace.test_formats import entry, har
from tests.serving import ROOT

SECRET = "sk/0123+4567=ü"
HEADER = "X-Orbit-Key"
USUAL = KeyPlaces()


def read(keys: KeyPlaces = USUAL, header: str = "Authorization", **changed: Any) -> Exchange:
    """A request with SECRET in that header, as `check-trace` has it."""
    (exchange,) = parse(
        har(entry(request__headers=[{"name": header, "value": SECRET}], **changed)), "trace", keys=keys
    )
    return exchange


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The contracts of orbit, whose key is in a header of its own."""
    shutil.copytree(ROOT / "fixtures/orbit", tmp_path / "orbit")
    document = tmp_path / "orbit/openapi.json"
    contract = json.loads(document.read_text())
    contract["components"]["securitySchemes"]["key"] = {
        "type": "apiKey", "in": "header", "name": HEADER, "x-provenance": "ASSUMED invented key",
    }  # fmt: skip
    document.write_text(json.dumps(contract))
    return tmp_path


def every_character(text: str) -> str:
    return "".join(f"%{byte:02x}" for byte in text.encode())


@pytest.mark.parametrize(
    "coded",
    [
        quote(SECRET),
        quote(SECRET, ""),
        quote(SECRET, "").lower(),
        quote(quote(SECRET, "")),
        quote(quote(quote(SECRET, ""), ""), ""),
        every_character(SECRET),
        every_character(SECRET[:5]) + SECRET[5:],
    ],
)
def test_a_key_in_a_url_is_hidden_however_it_is_encoded(coded: str) -> None:
    url = f"https://x.example/a%20b?key={coded}&n=100%25"
    linked = [{"name": "Location", "value": url}]

    exchange = read(request__url=url, response__headers=linked)

    shown = f"https://x.example/a%20b?key={REDACTED}&n=100%25"
    assert (exchange.url, exchange.response_header("location")) == (shown, shown)


@pytest.mark.parametrize(
    "written",
    [
        SECRET,
        json.dumps(SECRET)[1:-1],
        json.dumps(SECRET)[1:-1].replace("/", r"\/"),
        SECRET.replace("/", r"\/"),
        quote(SECRET),
        quote(SECRET, ""),
        quote_plus(SECRET, "").lower(),
    ],
)
def test_a_key_in_a_body_is_hidden_however_it_is_written(written: str) -> None:
    content = {"size": 50, "mimeType": "text/plain", "text": f'{{"key": "{written}"}}'}

    exchange = read(response__content=content)

    assert exchange.response_body.decode() == f'{{"key": "{REDACTED}"}}'


TEXTS = st.text(st.sampled_from("ab%24F/+ü"), max_size=12)


@given(TEXTS, TEXTS)
def test_what_is_no_key_stays(before: str, after: str) -> None:
    assert without_secrets(before + after, ["cccccccc"]) == before + after
    hidden = without_secrets(f"{before}?{quote('key/key/c', '')}&{after}", ["key/key/c"])
    assert hidden == f"{before}?{REDACTED}&{after}"


def test_overlapping_keys_leave_nothing_of_either() -> None:
    assert without_secrets("a=%61bcdef&", ["abcd", "cdef"]) == f"a={REDACTED}&"


def test_a_very_long_url_with_an_encoded_key_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spellings, "_LONGEST", 20)
    assert without_secrets("0123456789?%61bcdefg", ["abcdefg"]) == f"0123456789?{REDACTED}"
    assert without_secrets("0123456789??%61bcdefg", ["abcdefg"]) == REDACTED


def test_a_contract_names_the_header_of_its_key(folder: Path) -> None:
    keys = key_places([load("orbit", folders=[folder])])
    assert keys == KeyPlaces((HEADER.lower(),))
    assert key_places([load("gmicloud")]) == USUAL

    exchange = read(keys, HEADER, request__url=f"https://x.example/a?key={quote(SECRET)}")

    assert exchange.request_header(HEADER) == REDACTED
    assert exchange.url == f"https://x.example/a?key={REDACTED}"
    assert exchange.caller == read().caller


@pytest.mark.parametrize("named", [("--provider", "orbit"), ()])
def test_a_key_in_a_header_of_its_own_is_in_no_report(
    folder: Path, tmp_path: Path, named: tuple[str, ...]
) -> None:
    failing = {"size": 9, "mimeType": "application/json", "text": json.dumps({"no": SECRET})}
    asked = entry(
        request__url=f"https://orbit.example{_a_path(folder)}",
        request__headers=[{"name": HEADER, "value": SECRET}],
        response__content=failing,
    )
    (tmp_path / "a.har").write_bytes(har(asked))

    done = run(tmp_path, "a.har", "--contracts", str(folder), *named, "--report", "a.json")

    assert "orbit" in done.stdout + done.stderr
    written = done.stdout + done.stderr + (tmp_path / "a.json").read_text()
    assert SECRET not in json.loads(f'"{json.dumps(written)[1:-1]}"')
    assert json.dumps(SECRET)[1:-1] not in written


def _a_path(folder: Path) -> str:
    document = json.loads((folder / "orbit/openapi.json").read_text())
    base = document["servers"][0]["url"].removeprefix("https://").partition("/")
    path = next(path for path, node in document["paths"].items() if "get" in node and "{" not in path)
    return f"{base[1]}{base[2]}{path}"


NAMED = KeyPlaces((), frozenset({"sig"}), frozenset({"session"}))


def test_a_key_where_the_contract_takes_it_is_hidden_by_its_name() -> None:
    short = read(NAMED, "Accept", request__url="https://x.example/a?Sig=abc&page=2")

    assert short.url == f"https://x.example/a?Sig={REDACTED}&page=2"
    assert short.caller == digest("abc")
    assert read(USUAL, "Accept", request__url="https://x.example/a?sig=abc").url.endswith("?sig=abc")


@pytest.mark.parametrize(
    ("places", "header", "url"),
    [
        (NAMED, {"name": "Accept", "value": "*/*"}, f"https://x.example/a?sig={quote(SECRET)}"),
        (NAMED, {"name": "Cookie", "value": f"a=b; Session={SECRET}"}, "https://x.example/a"),
        (USUAL, {"name": "Accept", "value": "*/*"}, f"https://x.example/a?api_key={quote(SECRET)}"),
    ],
)
def test_a_key_of_query_or_cookie_is_nowhere_else(
    places: KeyPlaces, header: dict[str, str], url: str
) -> None:
    content = {"size": 50, "mimeType": "text/plain", "text": f"who is {SECRET}?"}

    (exchange,) = parse(
        har(entry(request__headers=[header], request__url=url, response__content=content)), "t", keys=places
    )

    assert exchange.response_body.decode() == f"who is {REDACTED}?"
    assert SECRET not in repr(exchange)
    assert quote(SECRET) not in exchange.url
    assert exchange.caller == (digest(SECRET) if places is NAMED else None)


def test_a_contract_names_query_and_cookie_of_its_keys(folder: Path) -> None:
    document = folder / "orbit/openapi.json"
    contract = json.loads(document.read_text())
    schemes = contract["components"]["securitySchemes"]
    for name, place in (("Sig", "query"), ("Session", "cookie")):
        schemes[name] = {"type": "apiKey", "in": place, "name": name, "x-provenance": "ASSUMED invented"}
    reading = next(node["get"] for node in contract["paths"].values() if "get" in node)
    reading["parameters"] = [
        *reading.get("parameters", []),
        {"name": "token", "in": "query", "schema": {"type": "string"}, "x-provenance": "ASSUMED invented"},
    ]
    document.write_text(json.dumps(contract))

    places = key_places([load("orbit", folders=[folder])])

    assert places == KeyPlaces(
        (HEADER.lower(),), frozenset({"sig"}), frozenset({"session"}), USUAL.usual - {"token"}
    )
    assert places.parameters == {"sig", "key", "api_key", "api-key", "apikey", "access_token"}


def test_too_many_keys_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caller, "_MOST_WORK", 1)
    with pytest.raises(KitError, match="trace: has 1 different keys; cut it into several files"):
        read()
