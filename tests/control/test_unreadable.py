"""What the store has in a form that nobody can read is named once, costs nobody else, and can be deleted."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from mockserver.cli import group
from mockserver.control_client import ControlClient, ControlError
from mockserver.engine import live_settings
from mockserver.jobs.ids import tenant_of
from mockserver.settings import Settings
from mockserver.stores.open import open_store
from tests.control.conftest import TOKEN
from tests.engine.test_lifecycle import GMI, SUBMITS
from tests.serving import KEY, Running, running_app


@contextmanager
def serving(path: Path) -> Iterator[tuple[Running, ControlClient]]:
    """A server over the file, and a client of its control plane."""
    with (
        running_app(Settings(token=TOKEN), store=open_store(f"sqlite:///{path}")) as running,
        ControlClient(running.url, TOKEN) as control,
    ):
        yield running, control


def submit(running: Running, key: str = KEY) -> str:
    with running.client(key) as client:
        return str(client.post(GMI, json=SUBMITS["gmicloud"][1]).raise_for_status().json()["request_id"])


def change(path: Path, statement: str, *values: object) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute(statement, values)
    connection.close()


def change_record(path: Path, job_id: str, before: str, after: str) -> None:
    changed = "CAST(replace(CAST(record AS TEXT), ?, ?) AS BLOB)"
    change(path, f"UPDATE jobs SET record = {changed} WHERE id = ?", before, after, job_id)


def ask(running: Running, path: str, key: str = KEY) -> httpx.Response:
    with running.client(key) as client:
        return client.get(path)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "jobs.db"


def test_documents_of_another_version_are_skipped_named_once_and_deleted(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with serving(path) as (_, control):
        control.add_rule("fail", rule_id="renamed")
        control.add_rule("slow", rule_id="good")
        control.set_quota(requests=1)
        control.call("PUT", "/clock", {"mode": "frozen"}, {"key": KEY})
    change(path, "UPDATE documents SET document = replace(document, 'fail', 'flop') WHERE name = 'renamed'")
    change(path, """UPDATE documents SET document = '{"requests":"many"}' WHERE kind = 'quota'""")
    change(path, """UPDATE documents SET document = '{"mode":"frozen","more":1}' WHERE kind = 'clock'""")
    change(path, "INSERT INTO documents (tenant, kind, name, document) VALUES ('', 'dream', 'x', '{}')")

    with serving(path) as (running, control):
        submit(running)
        control.rules(), control.rules()
        rows = control.unreadable()
        health = control.health()
        said = [record.getMessage() for record in caplog.records if "skipped" in record.getMessage()]

        assert {row["kind"]: row["reason"] for row in rows} == {
            "rule": rows[0]["reason"],
            "quota": "requests: 'many' is not a whole number",
            "clock": "it: 'rate' is missing",
            "dream": rows[-1]["reason"],
        }
        assert rows[0]["reason"].startswith("fault: 'flop' is not known")
        assert rows[-1]["reason"].startswith("this server knows no documents of that kind")
        assert {row["tenant"] for row in rows} == {"", tenant_of(KEY)}
        assert health["unreadable"] == len(said) == 4
        assert "skipped 'rule' 'renamed' of everybody: fault: " in said[0]
        assert [rule["id"] for rule in control.rules()] == ["good"]
        assert control.drop_unreadable("rule", "renamed") == 1
        with pytest.raises(ControlError, match="404: nothing unreadable is called 'renamed'"):
            control.drop_unreadable("rule", "renamed")
        assert control.drop_unreadable("quota") == 1
        assert [row["kind"] for row in control.unreadable()] == ["clock", "dream"]
        assert control.drop_unreadable() == 2
        assert control.unreadable() == []
    with serving(path) as (_, control):
        assert control.unreadable() == []


def test_what_another_server_of_the_file_wrote_since_is_listed(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_settings, "_FRESH", 0.0)
    with serving(path) as (_, control):
        assert control.unreadable() == []
        change(path, "INSERT INTO documents (tenant, kind, name, document) VALUES ('', 'rule', 'x', '{}')")
        assert [row["name"] for row in control.unreadable()] == ["x"]


def test_an_unreadable_job_is_its_tenants_trouble_alone(path: Path) -> None:
    with serving(path) as (running, _):
        bad, good, bobs = submit(running), submit(running), submit(running, "bob")
    change_record(path, bad, '"plan"', '"plans"')

    with serving(path) as (running, control):
        refused = ask(running, f"{GMI}/{bad}")
        listed = ask(running, GMI)
        bystander = ask(running, GMI, "bob")

        assert (refused.status_code, "'plan' is missing" in refused.text) == (507, True)
        assert listed.status_code == 200
        assert (good in listed.text, bad in listed.text) == (True, False)
        assert "cannot be read are left out" in listed.headers["mockserver-warning"]
        assert bobs in bystander.text
        assert "mockserver-warning" not in bystander.headers
        assert ask(running, f"/media/gmicloud/{bad}/video.mp4").status_code == 507
        with pytest.raises(ControlError, match=r"507: job .* is in the store, but cannot be read"):
            control.job("gmicloud", bad)
        assert [(row["kind"], row["name"]) for row in control.unreadable()] == [("job", f"gmicloud/{bad}")]
        assert bad not in json.dumps(control.call("GET", "/tenants/snapshot", query={"key": KEY}))
        assert control.drop_unreadable("job", f"gmicloud/{bad}") == 1
        assert ask(running, f"{GMI}/{bad}").status_code == 404


def test_a_text_that_is_no_utf8_costs_nobody_else_anything(path: Path) -> None:
    with serving(path) as (running, control):
        submit(running), submit(running, "bob")
        control.add_rule("slow", rule_id="r")
    change(path, "UPDATE documents SET document = CAST(x'7bff' AS TEXT)")
    change(path, "UPDATE jobs SET facts = CAST(x'5bff5d' AS TEXT) WHERE tenant = ?", tenant_of(KEY))

    with serving(path) as (running, control):
        assert ask(running, GMI).status_code == 200
        assert ask(running, GMI, "bob").status_code == 200
        submit(running, "bob")
        assert {row["kind"] for row in control.unreadable()} == {"rule", "job"}
        control.usage(), control.jobs(), control.jump()


def test_a_job_that_another_program_changed_is_left_out_of_a_list_that_it_would_break(path: Path) -> None:
    with serving(path) as (running, _):
        bad, good = submit(running), submit(running)
    change_record(path, bad, "Kling-", "")
    change(path, "UPDATE jobs SET model = 'x' WHERE id = ?", bad)

    with serving(path) as (running, _):
        listed = ask(running, GMI)
        assert listed.status_code == 200
        assert good in listed.text


def test_ctl_shows_and_drops_them(path: Path) -> None:
    with serving(path) as (_, control):
        control.add_rule("fail", rule_id="r")
    change(path, "UPDATE documents SET document = '{}'")

    with serving(path) as (running, _):

        def ctl(*words: str) -> str:
            environment = {"MOCKSERVER_CONTROL_URL": running.url, "MOCKSERVER_TOKEN": TOKEN}
            result = CliRunner().invoke(group, ["ctl", "unreadable", *words], env=environment)
            assert result.exit_code == 0, result.output
            return str(result.output)

        assert ctl("list").splitlines()[1].split()[:3] == ["rule", "r", "everybody"]
        assert "1 removed" in ctl("drop", "rule", "r")
        assert "0 removed" in ctl("drop", "--all")


def test_a_file_that_an_earlier_version_wrote_is_still_read(path: Path, tmp_path: Path) -> None:
    with serving(path) as (running, control), ExitStack() as stack:
        mine = stack.enter_context(ControlClient(running.url, TOKEN, key=KEY))
        job = submit(running)
        mine.freeze()
        # It was one object, indented, and not always with all that a job has now.
        old = mine.snapshot()
        old["jobs"] = [
            {name: value for name, value in row.items() if name != "seconds"} for row in old["jobs"]
        ]
        file = tmp_path / "old.json"
        file.write_text(json.dumps(old, ensure_ascii=False, indent=1) + "\n")
        control.reset()

        with file.open("rb") as snapshot:
            assert mine.restore_from(snapshot) == 1

        assert ask(running, f"{GMI}/{job}").status_code == 200
        assert mine.clock()["mode"] == "frozen"


def test_a_snapshot_that_breaks_off_leaves_the_former_file(path: Path, tmp_path: Path) -> None:
    file = tmp_path / "tenant.json"
    file.write_text("former")

    result = CliRunner().invoke(
        group,
        [
            "ctl",
            "tenants",
            "snapshot",
            str(file),
            "--key",
            KEY,
            "--url",
            "http://127.0.0.1:9",
            "--token",
            "t",
        ],
    )

    assert result.exit_code == 1
    assert file.read_text() == "former"
    assert [entry.name for entry in tmp_path.iterdir()] == ["tenant.json"]


@pytest.mark.parametrize(
    ("settings", "place"),
    [
        ({"seconds": float("inf")}, "settings.seconds"),
        ({"seconds": 1e300}, "settings.seconds"),
        ({"word": "x" * 100_000}, "settings.word"),
        ({"word": "\ud800"}, "settings.word"),
    ],
)
def test_a_rule_that_could_not_be_read_again_is_refused(
    path: Path, settings: dict[str, object], place: str
) -> None:
    with serving(path) as (running, control):
        answer = httpx.post(
            f"{running.url}/__mock/rules",
            content=json.dumps({"fault": "unknown-state", "settings": settings}),
            headers={"x-mock-token": TOKEN, "content-type": "application/json"},
            trust_env=False,
        )

        assert (answer.status_code, place in answer.text) == (422, True), answer.text
        assert control.rules() == []
        submit(running)


def test_a_clock_stops_at_the_last_date_that_can_be_written(path: Path) -> None:
    with serving(path) as (running, control):
        control.set_clock(now="9999-12-31T23:59:59Z", rate=1_000_000)
        running.clock.advance(100)

        assert control.clock()["at"].startswith("9999-12-31T23:59:59.99")
        with pytest.raises(ControlError, match="422: this clock cannot be kept"):
            control.advance(1)
