"""A key that is refused where it belongs: a server that takes it elsewhere is accused, others are not."""

from __future__ import annotations

from typing import ClassVar

import pytest

from mockserver.kit.findings.run import INCOMPLETE, Run
from mockserver.kit.verify.verify import Progress, VerifyOptions, verify
from tests.kit.miniatures.base import KEYS, GoodServer
from tests.kit.miniatures.wire import Reply, Request


class Elsewhere(GoodServer):
    """Takes the key in another header, or by another scheme, and says so in its refusals or not."""

    header: ClassVar[str] = "x-made-key"
    before: ClassVar[str] = ""
    hint: ClassVar[str] = "unauthorized"

    def authorise(self, request: Request) -> str:
        """By that header alone."""
        value = request.headers.get(self.header, "")
        right = value.startswith(self.before) and value.removeprefix(self.before) in KEYS
        key = value.removeprefix(self.before) if right else "key-of-nobody"
        return super().authorise(request._replace(headers={"authorization": f"Bearer {key}"}))

    def error(self, case: str, message: str) -> Reply:
        """The refusal of a key says where one belongs."""
        return super().error(case, self.hint if case == "unauthenticated" else message)


def judged(server: GoodServer, *stages: str, key: str = KEYS[0]) -> Run:
    """A run with one key."""
    with server:
        options = VerifyOptions(server.url, server.contract, key, stages=stages)
        return verify(options, Progress(sleep=lambda seconds: None))[0]


@pytest.mark.parametrize(
    ("header", "before", "hint"),
    [
        ("x-made-key", "", "send the header X-Made-Key: KEY"),
        ("x-session-token", "", 'missing "X-Session-Token" or so'),
        ("x-api-key", "", "unauthorized"),
        ("authorization", "Token ", "unauthorized"),
        ("authorization", "", "unauthorized"),
    ],
)
def test_a_server_that_takes_the_key_elsewhere_is_accused(header: str, before: str, hint: str) -> None:
    kind = type("Kind", (Elsewhere,), {"header": header, "before": before, "hint": hint})
    run = judged(kind(), "listing")
    (finding,) = [finding for finding in run.findings if finding.check == "auth.place"]
    assert (finding.severity, run.exit_code) == ("failure", 1)
    assert f"{header}: {before}KEY" in finding.actual
    assert KEYS[0] not in finding.curl
    assert f'"{header}: {before}$MOCKSERVER_KEY"' in finding.curl
    assert {finding.check for finding in run.findings} <= {"auth.place", "auth.scheme"}


def test_a_key_that_nobody_knows_is_no_verdict() -> None:
    run = judged(GoodServer(), "listing", key="key-of-nobody")
    assert (run.findings, run.exit_code) == ((), INCOMPLETE)
    assert "check the key" in run.not_judged[0]
    assert run.stages[-1].name == "key"


def test_a_server_that_names_no_place_and_has_an_unusual_one_is_no_verdict_either() -> None:
    run = judged(Elsewhere(), "listing")
    assert (run.findings, run.exit_code) == ((), INCOMPLETE)


def test_a_page_that_is_no_answer_lets_nobody_in() -> None:
    class Portal(Elsewhere):
        """Sends whoever has another header to a page, with a status of success."""

        def respond(self, request: Request) -> Reply:
            if "x-api-key" in request.headers:
                return Reply(200, {"login": "please"})
            return super().respond(request)

    run = judged(Portal(), "listing")
    assert "auth.place" not in {finding.check for finding in run.findings}


def test_a_key_that_is_let_in_needs_no_further_stage_and_is_in_no_other_header() -> None:
    class Noting(GoodServer):
        """Notes the headers."""

        names: ClassVar[set[str]] = set()

        def respond(self, request: Request) -> Reply:
            self.names.update(name for name, value in request.headers.items() if KEYS[0] in value)
            return super().respond(request)

    run = judged(Noting(), "listing")
    assert [stage.name for stage in run.stages] == ["listing"]
    assert Noting.names == {"authorization"}


@pytest.mark.parametrize(
    ("server", "names"), [(GoodServer, ["access", "listing"]), (Elsewhere, ["access", "listing", "key"])]
)
def test_each_stage_is_told_of_by_its_title(server: type[GoodServer], names: list[str]) -> None:
    titles: list[str] = []

    with server() as running:
        options = VerifyOptions(running.url, running.contract, KEYS[0], stages=("access", "listing"))
        run, _ = verify(options, Progress(stage=titles.append, sleep=lambda seconds: None))

    assert [stage.name for stage in run.stages] == names
    assert titles == [stage.title for stage in run.stages]
