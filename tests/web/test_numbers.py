"""Numbers and fields in headers, queries and paths: any text has an answer, and none is a failure of ours."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Final
from urllib.parse import quote

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.contract.router import routes
from mockserver.numerals import MOST, decimal_number, integer, whole_number
from mockserver.settings import Settings, read_pace
from mockserver.stores.base import Store
from mockserver.stores.memory import MemoryStore
from mockserver.stores.sqlite import SqliteStore
from tests.engine.test_lifecycle import GMI
from tests.serving import KEY, Running, running_app

TOKEN: Final = "secret-token"
NUMBERS: Final = (
    "9" * 5000, "0" * 5000, "1" * 17, "-1", "-" + "9" * 5000, "inf", "-inf", "nan", "1e999", "1e-999", "1_0",
    "٣", "１２", "²", "0x10", " 1", "1 ", "+1", "1.5", "", "true", str(2**63), str(2**64), "1e5",
)  # fmt: skip
"""What may stand where a number should."""
CONTROL: Final = {
    "/__mock/jobs": ("limit", "offset"),
    "/__mock/callbacks": ("limit", "status", "count"),
    "/__mock/journal": ("limit", "count", "since", "wait"),
    "/__mock/journal/assert": ("count", "since"),
    "/__mock/journal.har": ("since",),
    "/__mock/usage": ("provider",),
}


@pytest.fixture(scope="module", params=["memory", "sqlite"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    store: Store = MemoryStore()
    if request.param == "sqlite":
        store = SqliteStore(tmp_path_factory.mktemp("store") / "jobs.sqlite3")
    chosen = Settings(token=TOKEN, pace=read_pace("immediate"), small_clips=True)
    with running_app(chosen, store=store) as running:
        yield running


@pytest.fixture(scope="module")
def client(server: Running) -> Iterator[httpx.Client]:
    with server.client() as client:
        yield client


@pytest.fixture(scope="module")
def control(server: Running) -> Iterator[httpx.Client]:
    with server.client(TOKEN) as client:
        yield client


@pytest.fixture(scope="module")
def clip(client: httpx.Client) -> str:
    """The link of a clip."""
    body = {"model": "Kling-Text2Video-V1.6-Standard", "payload": {"prompt": "a cat"}}
    job = client.post(GMI, json=body).json()["request_id"]
    return str(client.get(f"{GMI}/{job}").json()["outcome"]["video_url"])


def every_path(server: Running, *, method: str) -> list[str]:
    """A path of each operation with that method."""
    return [
        route.template.replace("{", "").replace("}", "")
        for contract in server.app.services.contracts.values()
        for route in routes(contract)
        if method in route.operations
    ]


@given(st.integers(0, 10**40))
def test_digits_are_read_up_to_the_largest_number(number: int) -> None:
    assert whole_number(str(number)) == whole_number(f"000{number}") == min(number, MOST)


@given(st.integers(-(10**20), 10**20))
def test_an_integer_is_read_if_it_has_at_most_19_digits(number: int) -> None:
    text = f"{'-' * (number < 0)}000{abs(number)}"

    assert integer(text) == (number if abs(number) < 10**19 else None)


@given(st.text(max_size=20) | st.sampled_from(NUMBERS))
def test_nothing_but_ascii_digits_is_a_whole_number(text: str) -> None:
    assert (whole_number(text) is None) == (not (text.isascii() and text.isdigit()))


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_float_in_json_is_read(number: float) -> None:
    assert decimal_number(repr(number)) == number


@pytest.mark.parametrize("text", ["inf", "nan", "1e999", "1_0", "٣", " 1", "", "-", "1.", ".5", "9" * 400])
def test_no_other_spelling_is_a_number(text: str) -> None:
    assert decimal_number(text) is None


def test_a_range_is_whole_part_or_behind_the_end(client: httpx.Client, clip: str) -> None:
    for first, last in product(("", *NUMBERS), ("", "9" * 5000, "٣", "5")):
        answer = client.get(clip, headers=[(b"Range", f"bytes={first}-{last}".encode())])
        assert answer.status_code in (200, 206, 416), (first, last)


@pytest.mark.parametrize(
    ("text", "status"),
    [(f"bytes={'9' * 5000}-", 416), (f"bytes=0-{'9' * 5000}", 206), (f"bytes=-{'9' * 5000}", 206)],
)
def test_many_digits_are_a_large_number(client: httpx.Client, clip: str, text: str, status: int) -> None:
    assert client.get(clip, headers={"Range": text}).status_code == status


@pytest.mark.parametrize("name", ["link", "shown", "x"])
def test_the_query_of_a_link_is_read_or_ignored(client: httpx.Client, clip: str, name: str) -> None:
    for text in NUMBERS:
        assert client.get(clip, params={name: text}).status_code == 200, text


def test_a_thousand_fields_are_enough(server: Running, client: httpx.Client, clip: str) -> None:
    for path in (*every_path(server, method="GET"), clip):
        answers = [client.get(f"{path}?{'&'.join(['a=1'] * count)}") for count in (1000, 1001, 10_000)]
        assert answers[0].status_code < 500, path
        assert "fields" not in answers[0].text
        assert [answer.status_code for answer in answers[1:]] == [400, 400], path
        assert "fields" in answers[1].text


def test_a_thousand_fields_are_enough_for_the_control_plane(control: httpx.Client) -> None:
    for path in CONTROL:
        assert control.get(f"{path}?{'&'.join(['a=1'] * 1001)}").status_code == 400


@pytest.mark.parametrize("path", CONTROL)
def test_the_control_plane_says_what_is_no_number(control: httpx.Client, path: str) -> None:
    control.delete("/__mock/journal")  # Nobody asks what it holds, and the answers would hold all of it.
    for name in CONTROL[path]:
        for text in NUMBERS:
            if not (name == "wait" and text in ("1.5", "1e5", "1 ", " 1", "+1", "1_0")):
                assert control.get(path, params={name: text}).status_code in (200, 422), (name, text)


@pytest.mark.parametrize(
    ("method", "path", "field"),
    [
        ("PUT", "/__mock/clock", "rate"),
        ("PUT", "/__mock/clock", "now"),
        ("POST", "/__mock/clock/advance", "seconds"),
        ("PUT", "/__mock/quotas", "requests"),
        ("PUT", "/__mock/quotas", "window"),
        ("PUT", "/__mock/quotas", "credits"),
    ],
)
def test_numbers_in_bodies_for_the_control_plane(
    control: httpx.Client, method: str, path: str, field: str
) -> None:
    query = {"key": "of a tenant without jobs"}
    for text in BODY_NUMBERS:
        content = f'{{"{field}": {text}}}'
        answer = control.request(method, path, params=query, content=content, headers=JSON)
        assert answer.status_code < 500, (content, answer.text)
        control.post("/__mock/tenants/reset", params=query)
        assert control.get("/__mock/clock", params=query).status_code == 200
        control.delete("/__mock/clock", params=query)


BODY_NUMBERS: Final = (
    "NaN", "Infinity", "-Infinity", "1e999", "-1", "9" * 5000, "9" * 30, '"9"', "1e308", "1e-308",
)  # fmt: skip
JSON: Final = {"Content-Type": "application/json"}
LETTERS: Final = st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f")
WORDS: Final = st.text(LETTERS, max_size=30)
HEADERS: Final = st.sampled_from([
    "Range", "If-Range", "If-None-Match", "Content-Type", "Accept", "Host", "Authorization",
    "Content-Encoding", "Last-Event-ID", "X-Forwarded-Host", "Connection", "Upgrade", "Expect",
    "Origin", "Cookie", "TE",
])  # fmt: skip
NAMES: Final = st.sampled_from(
    ["page", "page_size", "limit", "offset", "model", "link", "shown", "since", "wait"]
)
VALUES: Final = st.sampled_from(NUMBERS) | st.text(max_size=20)


@settings(max_examples=150, deadline=None)
@given(
    pick=st.integers(0, 15),
    headers=st.dictionaries(HEADERS, WORDS | st.sampled_from(NUMBERS), max_size=3),
    query=st.lists(st.tuples(NAMES | st.text(max_size=5), VALUES), max_size=4),
    last=VALUES,
)
def test_no_header_and_no_query_is_a_failure_of_ours(
    server: Running, client: httpx.Client, clip: str, pick: int, headers: dict[str, str],
    query: list[tuple[str, str]], last: str,
) -> None:  # fmt: skip
    path = [*every_path(server, method="GET"), clip, *sorted(set(CONTROL) - {"/__mock/journal"})][pick]
    sent = {name: text.encode("latin-1", "replace").strip() for name, text in headers.items()}
    if path in CONTROL:
        sent = {"Authorization": f"Bearer {TOKEN}".encode(), **sent}
    elif path != clip:
        path = f"{path}{quote(last)}"
    content = [(name.encode(), value) for name, value in sent.items()]
    request = client.build_request("GET", path, params=httpx.QueryParams([*query]), headers=content)
    request.headers.setdefault("Authorization", f"Bearer {KEY}")
    try:
        answer = client.send(request)
    except httpx.RemoteProtocolError:
        return  # as for an upgrade, or headers by which no answer could be framed
    assert answer.status_code < 500, answer.text
