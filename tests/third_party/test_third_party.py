"""What the run of other people's clients rests on. The run itself is `make clients`."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import pytest

from tests.documents import document
from tests.third_party import __main__ as command
from tests.third_party import environments
from tests.third_party.environments import Ready, Unavailable, prepare
from tests.third_party.registry import PROGRAMS, Registered, clients, fill
from tests.third_party.run import Outcome, judge
from tests.third_party.servers import started
from tests.third_party.tunnel import LOOPBACK, Tunnel, in_background

README = "tests/third_party/README.md"
WORDS = {name: f"<{name}>" for name in ("URL", "HTTPS", "HOST", "KEY", "SECRET", "CA", "PROXY")}


def test_every_setting_of_every_client_has_a_row_and_every_row_is_a_setting() -> None:
    rows = [
        f"| `{client.name}` | `{name}` | `{value}` |"
        for client in clients().values()
        for name, value in client.settings.items()
    ]
    assert [row for row in document(README).splitlines() if row.startswith("| `")] == rows


def test_every_client_is_pinned_where_its_index_has_versions_and_has_a_program_of_its_own() -> None:
    registered = clients().values()
    assert [
        client.name for client in registered if client.index in ("pypi", "npm") and not client.version
    ] == []
    programs = sorted(path.name for path in PROGRAMS.iterdir() if path.is_file())
    assert programs == sorted(client.program for client in registered)


def test_the_words_in_a_setting_are_replaced_and_nothing_else() -> None:
    assert fill("URL/v1", WORDS) == "<URL>/v1"
    assert fill("Bearer KEY", WORDS) == "Bearer <KEY>"
    assert fill("MONKEY KEYS", WORDS) == "MONKEY KEYS"


def test_a_recipe_is_cooked_once_and_again_when_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []

    def note(step: list[str]) -> None:
        steps.append(step[0])
        (tmp_path / "place" / "name").mkdir(parents=True, exist_ok=True)

    monkeypatch.setattr(environments, "_run", note)
    folder = tmp_path / "place" / "name"
    for step in ("first", "first", "second"):
        environments._make(folder, [[step]])
    assert steps == ["first", "second"]


def test_a_client_that_an_index_does_not_have_is_told_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environments, "FOLDER", tmp_path / "clients")
    with pytest.raises(Unavailable, match=r"could not be installed: .*nothing here"):
        environments._make(tmp_path / "clients" / "x", [["sh", "-c", "echo nothing here >&2; exit 3"]])
    with pytest.raises(Unavailable, match="there is no no-such-command here"):
        prepare(Registered("no-such-command", "system", "kkiai", "curl.sh"))


@pytest.mark.parametrize(
    ("outcomes", "ci", "code"),
    [
        ([Outcome("a", "1", ["submit"])], "", 0),
        ([Outcome("a", "1"), Outcome("b", "1", missing="there is no java here")], "", 0),
        ([Outcome("a", "1"), Outcome("b", "1", missing="there is no java here")], "1", 1),
        ([Outcome("a", "1"), Outcome("b", "1", problems=["it stored no clip"])], "", 1),
        ([Outcome("b", "1", missing="there is no java here")], "", 1),
    ],
)
def test_the_exit_code_says_whether_all_that_could_be_had_passed(
    outcomes: list[Outcome],
    ci: str,
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("MOCKSERVER_CI", ci)
    monkeypatch.setattr(command, "run", lambda _: outcomes)
    assert command.main([]) == code
    shown = capsys.readouterr().out
    for outcome in outcomes:
        assert outcome.missing in shown
        assert all(problem in shown for problem in outcome.problems)


def test_an_unknown_name_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["curl", "wget"]) == 2
    assert "there is no client wget" in capsys.readouterr().err


def test_what_a_program_claims_is_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs = {
        "idle": "echo submit; echo poll; echo clip",
        "stranger": 'curl -s "$2/v1/videos/image2video" -H "Authorization: Bearer $3" '
        '-H "Content-Type: application/json" -d "{}"; exit 1',
    }
    monkeypatch.setattr(
        "tests.third_party.run.prepare", lambda client: Ready(["sh", "-c", programs[client.name], "sh"], "1")
    )
    code = {"base": "URL/kling", "key": "KEY"}
    idle, stranger = (Registered(name, "system", "kkiai", "", code=code) for name in programs)
    with started([idle, stranger], tmp_path / "servers") as servers:
        outcome = judge(idle, servers, tmp_path / "idle")
        refused = judge(stranger, servers, tmp_path / "stranger")
    assert outcome.problems == [
        "the server has not one job of it that succeeded, but: none",
        "it did not poll twice",
        "it stored no clip",
    ]
    assert "POST /kling/v1/videos/image2video is no request of the contract" in refused.problems[0]
    assert refused.problems[-1] == "exit code 1"


def test_the_tunnel_leads_every_host_to_its_port_and_some_elsewhere() -> None:
    with socket.create_server(("127.0.0.1", 0)) as usual, socket.create_server(("127.0.0.1", 0)) as other:
        for listener, answer in ((usual, b"usual"), (other, b"other")):
            threading.Thread(target=_answer, args=(listener, answer), daemon=True).start()
        tunnel = Tunnel(usual.getsockname()[1], {"other.example": other.getsockname()[1]})
        with in_background(tunnel):
            assert _through(tunnel, "CONNECT any.example:443 HTTP/1.1").endswith(b"\r\n\r\nusual:ping")
            assert _through(tunnel, "CONNECT other.example:443 HTTP/1.1").endswith(b"\r\n\r\nother:ping")
            assert _through(tunnel, "GET http://any.example/ HTTP/1.1").startswith(b"HTTP/1.1 405 ")


def _answer(listener: socket.socket, name: bytes) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.sendall(name + b":" + connection.recv(64))


def _through(tunnel: Tunnel, request: str) -> bytes:
    with socket.create_connection((LOOPBACK, tunnel.server_address[1])) as connection:
        connection.settimeout(30)
        connection.sendall(f"{request}\r\nHost: any\r\n\r\n".encode())
        parts = [connection.recv(4096)]
        if b" 200 " in parts[0]:
            connection.sendall(b"ping")
        while part := connection.recv(4096):
            parts.append(part)
    return b"".join(parts)
