"""A test that fails tells its reason: the output of pytest, read as a user reads it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.serving import ROOT, clean_environment

CLIENT: Final = """
import asyncio
import unittest

import httpx
import pytest

from mockserver.in_process import serve

TEXT = "Kling-Text2Video-V1.6-Standard"


class Client:
    def __init__(self, base_url, key):
        self.base_url = base_url
        self.headers = {"Authorization": f"Bearer {key}"}

    def submit(self, prompt="A kite over the dunes", **payload):
        body = {"model": TEXT, "payload": {"prompt": prompt, **payload}}
        return self.ask("POST", "requests", json=body)["request_id"]

    def read(self, job):
        return self.ask("GET", f"requests/{job}")

    def ask(self, method, path, **more):
        url = f"{self.base_url}/{path}"
        answer = httpx.request(method, url, headers=self.headers, trust_env=False, **more)
        return answer.raise_for_status().json()


@pytest.fixture
def client(tenant):
    return Client(tenant.base("gmicloud"), tenant.key)
"""
FAILING: Final = r"""
def test_refused(client):
    client.submit(duration=8)

def test_lost(client, control):
    control.add_rule("lost-answer", when={"role": "submit"}, times=1)
    client.submit()

def test_failed_job(client, advance):
    job = client.submit("A kite [mock:fail=moderation]")
    advance(60)
    assert client.read(job)["outcome"]["video_url"]

def test_other_host(client, control):
    control.add_rule("too-many", when={"role": "submit"}, rule_id="busy")
    raise ConnectionError("no answer from 192.0.2.1")

def test_path(client):
    client.base_url = client.base_url.replace("requestqueue", "queue")
    client.submit()

def test_no_key(client):
    client.headers = {}
    client.submit()

def test_other_key(client):
    job = client.submit()
    client.headers = {"Authorization": "Bearer somebody-elses-key"}
    client.read(job)

def test_unknown_id(client):
    client.read("none-such")

def test_polls(client, control):
    control.freeze()
    job = client.submit()
    for _ in range(15):
        assert client.read(job)["status"] == "queued"
    raise TimeoutError

def test_much(client):
    for number in range(24):
        client.submit(f"{number} " + "boats " * 200, negative_prompt="boats " * number)
    raise AssertionError

@pytest.fixture
def setting_up(client): client.read("before")

@pytest.fixture
def tearing_down(client):
    yield
    client.read("after")

def test_setup(setting_up): ...

def test_teardown(client, tearing_down): client.submit()

def test_call_and_teardown(client, tearing_down): client.submit(duration=8)

def test_quiet_teardown(client, request):
    request.addfinalizer(lambda: 1 / 0)
    client.submit(duration=8)

@pytest.mark.xfail
def test_expected(client): client.submit(duration=8)

@pytest.mark.xfail(strict=True)
def test_unexpected(client): client.submit()

def test_without_a_server(): raise AssertionError

def test_skipped(client):
    client.submit()
    pytest.skip("not here")

def test_passing(client): client.submit()

def test_two_tenants(mock_server):
    with mock_server.tenant() as one, mock_server.tenant() as other:
        job = Client(one.base("gmicloud"), one.key).submit()
        Client(other.base("gmicloud"), other.key).read(job)

def test_two_servers(client):
    with serve(pace="manual") as running:
        Client(running.base("gmicloud"), "any-key").submit(duration=8)

def test_no_tenant(mock_server):
    Client(mock_server.base("gmicloud"), "any-key").submit(duration=8)

class TestUnit(unittest.TestCase):
    def setUp(self):
        self.tenant = self.enterContext(self.enterContext(serve()).tenant())

    def test_unit(self):
        Client(self.tenant.base("gmicloud"), self.tenant.key).submit(duration=8)

def test_callback(tenant, control, advance):
    body = {
        "model_name": "kling-v1", "mode": "std", "duration": "5", "prompt": "A kite",
        "image": "https://example.com/a.png", "callback_url": "http://me:password@127.0.0.1:9/hook",
    }
    Client(tenant.base("kkiai"), tenant.key).ask("POST", "v1/videos/image2video", json=body)
    advance(60)
    control.callbacks(settle=True)
    raise AssertionError("no callback came")

def test_async(client, async_control):
    async def play():
        job = await asyncio.to_thread(client.submit)
        await async_control.fail("gmicloud", job, "the moon was full")
        assert (await asyncio.to_thread(client.read, job))["status"] == "success"
    asyncio.run(play())

def test_secrets(tenant, mock_server, client):
    with open("secrets.txt", "w") as file:
        file.write(f"{tenant.key} {mock_server.token}")
    with pytest.raises(httpx.HTTPStatusError):
        client.submit(f"my key is {tenant.key}", negative_prompt=mock_server.token, duration=8)
    client.headers = {}
    client.ask("POST", f"{tenant.key}?mine={tenant.key}", json={"k": tenant.key})

def test_broken_explanation(client, control, monkeypatch):
    from mockserver.engine.admin import story_lines
    monkeypatch.setattr(story_lines, "_fault", lambda *_: 1 / 0)
    control.add_rule("too-many")
    client.submit()

def test_stopped(client):
    with serve() as running:
        gone = Client(running.base("gmicloud"), "any-key")
        gone.submit()
    gone.submit()

def test_died():
    running = serve().start()
    Client(running.base("gmicloud"), "any-key").submit()
    running._thread.stop()
    raise AssertionError
"""
TITLE: Final = "What the mock server saw"


def run(folder: Path, code: str, *arguments: str, encoding: str = "utf-8") -> str:
    """What pytest prints of a module of tests, in a terminal of that encoding."""
    (folder / "test_it.py").write_text(CLIENT + code, "utf-8")
    environment = clean_environment(folder) | {
        "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONIOENCODING": encoding, "COLUMNS": "100",
    }  # fmt: skip
    command = [sys.executable, "-m", "pytest", "-p", "mockserver.pytest_plugin", "-p", "xdist", "test_it.py"]
    done = subprocess.run(
        [*command, "--tb=short", "-p", "no:cacheprovider", *arguments],
        cwd=folder, env=environment, capture_output=True, timeout=300, check=False,
    )  # fmt: skip
    assert not done.stderr, done.stderr.decode()
    return done.stdout.decode(encoding)


def read_sections(printed: str) -> dict[str, str]:
    """The section of each report, by the test's name, behind its phase where that is not the call."""
    parts = re.split(r"^_+ (?:ERROR at )?(.+?) _+$", printed, flags=re.MULTILINE)
    sections = {}
    for name, part in zip(parts[1::2], parts[2::2], strict=True):
        report = re.split(r"^=+ .+ =+$", part, maxsplit=1, flags=re.MULTILINE)[0]
        _, title, section = report.partition(f" {TITLE} ")
        if title:
            sections[name] = re.split(r"^-{5,} ", section, maxsplit=1, flags=re.MULTILINE)[0].strip("-\n")
    return sections


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("failing")


@pytest.fixture(scope="module")
def printed(folder: Path) -> str:
    """What pytest prints of all FAILING tests, which two workers run; the ini file wants pages."""
    (folder / "pytest.ini").write_text("[pytest]\nmockserver_report = pages\n")
    return run(folder, FAILING, "-n", "2", "--xfail-tb")


@pytest.fixture(scope="module")
def sections(printed: str) -> dict[str, str]:
    """The section of each of them."""
    return read_sections(printed)


def test_a_refusal_says_field_sent_allowed_and_page(sections: dict[str, str]) -> None:
    lines = sections["test_refused"].splitlines()
    assert re.fullmatch(r"The mock server at http://127\.0\.0\.1:\d+ got 1 request:", lines[0])
    assert re.fullmatch(
        r"  #\d+  \+0\.000 s  POST /api/v1/ie/requestqueue/apikey/requests  400  refused", lines[1]
    )
    assert lines[2] == '      payload.duration is 8, expected a string: one of "5", "10"'
    assert lines[3].startswith("        DOCUMENTED GMI Cloud documentation page: Kling-Text2Video")
    assert lines[4].startswith(
        '      request: {"model":"Kling-Text2Video-V1.6-Standard","payload":{"prompt":'
    )


def test_a_lost_answer_is_named_with_the_rule_that_lost_it(sections: dict[str, str]) -> None:
    section = sections["test_lost"]
    assert "lost  accepted, job " in section
    assert re.search(r"fault lost-answer \(rule-\d+\): The request is carried out, then the conn", section)
    assert re.search(r"next  \w+ in [0-9.]+ s$", section, re.MULTILINE)


def test_a_job_that_failed_shows_its_life_and_its_reason(sections: dict[str, str]) -> None:
    section = sections["test_failed_job"]
    assert "200  queued → failed" in section
    assert re.search(r"\+8\.000 s  failed       planned: processing lasted 6 s.*: moderation", section)
    assert "next  nothing: the job has ended" in section
    assert '"outcome":{"error":"moderation"}' in section, "the last answer is shown"


def test_nothing_that_came_is_told_with_the_base_urls(sections: dict[str, str]) -> None:
    lines = sections["test_other_host"].splitlines()
    assert lines[0].startswith("Nothing reached the mock server at http://127.0.0.1:")
    base = r"  gmicloud  http://127\.0\.0\.1:\d+/api/v1/ie/requestqueue/apikey"
    assert [line for line in lines if re.fullmatch(base, line)]
    assert "The rule busy (too-many, role submit) acted on nothing." in lines


def test_a_wrong_path_has_the_nearest_ones(sections: dict[str, str]) -> None:
    assert "did you mean POST /api/v1/ie/requestqueue/apikey/requests" in sections["test_path"]


def test_a_wrong_key_is_named_but_not_shown(sections: dict[str, str]) -> None:
    assert "401  refused" in sections["test_no_key"]
    assert "send the header Authorization: Bearer KEY" in sections["test_no_key"]
    section = sections["test_other_key"]
    assert "The request came with another API key than the test's." in section
    first, second = re.findall(r"s  ([0-9a-f]{8})  (?:POST|GET)", section)
    assert first != second, "each line names its tenant"
    assert f", of tenant {first}" in section
    assert "somebody-elses-key" not in section
    unknown = sections["test_unknown_id"]
    assert "request not found: no job of this id belongs to this key" in unknown
    assert "another API key" not in unknown


def test_equal_polls_are_one_line_and_a_clock_that_stands_is_named(sections: dict[str, str]) -> None:
    section = sections["test_polls"]
    assert "got 16 requests:" in section
    assert re.search(r"#\d+-\d+  \+0\.000 s  GET \S+  200  queued  \(15 times\)", section)
    assert "its clock stands still until it is moved" in section
    assert len(section.splitlines()) < 12


def test_much_is_cut_and_says_so(sections: dict[str, str]) -> None:
    section = sections["test_much"]
    assert "got 24 requests, the last 20 of which are these:" in section
    assert "16 other jobs and these:" in section
    assert re.search(r" \.\.\. \(of 1\d{3} characters\)", section)
    assert len(section) < 8000


def test_every_phase_tells_what_is_new(sections: dict[str, str]) -> None:
    assert "requests/before  404" in sections["setup of test_setup"]
    teardown = sections["teardown of test_teardown"]
    assert ("got 2 requests" in teardown, "requests/after  404" in teardown) == (True, True)
    assert "duration is 8" in sections["test_call_and_teardown"]
    after = sections["teardown of test_call_and_teardown"]
    assert ("got 1 request:" in after, "requests/after  404" in after) == (True, True)
    assert "duration is 8" in sections["test_quiet_teardown"]
    quiet = sections["teardown of test_quiet_teardown"]
    assert re.fullmatch(r"All of it: file://\S+", quiet), (
        "nothing is new, but the page has the other error, too"
    )


def test_expected_failures_have_it_and_tests_without_a_server_have_none(
    printed: str, sections: dict[str, str]
) -> None:
    assert "duration is 8" in sections["test_expected"]
    assert "accepted, job" in sections["test_unexpected"]
    assert "_ test_without_a_server _" in printed
    assert sections.keys().isdisjoint({"test_without_a_server", "test_skipped", "test_passing"})


def test_tenants_and_servers_of_the_tests_own(sections: dict[str, str]) -> None:
    assert "got 2 requests:" in sections["test_two_tenants"]
    assert ", of tenant " in sections["test_two_tenants"]
    own, used, _ = sections["test_two_servers"].split("\n\n")
    assert "duration is 8" in own
    assert used.startswith("Nothing reached the mock server")
    for name in ("test_no_tenant", "TestUnit.test_unit"):
        assert "got 1 request:" in sections[name]
        assert "duration is 8" in sections[name]


def test_a_server_that_has_ended_still_tells(sections: dict[str, str]) -> None:
    stopped, _ = sections["test_stopped"].split("\n\nNothing reached")
    assert "accepted, job" in stopped
    assert "(waiting)" in stopped, "its jobs were looked at before it stopped"
    died = sections["test_died"]
    assert "accepted, job" in died
    assert "Nothing is known of its jobs: the server has stopped." in died


def test_callbacks_that_failed_are_told(sections: dict[str, str]) -> None:
    section = sections["test_callback"]
    assert "callback     try 1 of telling 'processing': not sent: it has no host, or a user name" in section
    assert "password" not in section


def test_a_job_that_was_forced_says_so_in_an_async_test(sections: dict[str, str]) -> None:
    assert "forced through the control plane: the moon was full" in sections["test_async"]


def test_no_key_is_shown_wherever_it_turns_up(folder: Path, sections: dict[str, str]) -> None:
    section = sections["test_secrets"]
    assert section.count("[redacted]") >= 5
    for secret in (folder / "secrets.txt").read_text().split():
        assert secret not in section


def test_a_mistake_of_the_explanation_is_one_line(printed: str, sections: dict[str, str]) -> None:
    expected = "the mock server could not explain this: ZeroDivisionError: division by zero"
    assert sections["test_broken_explanation"] == expected
    assert "429 Too Many Requests" in printed


@pytest.mark.parametrize(
    ("encoding", "shown"), [("ascii", r"D\u00fcnen, \u7eb8"), ("cp1252", r"Dünen, \u7eb8")]
)
def test_every_console_can_print_it(tmp_path: Path, encoding: str, shown: str) -> None:
    code = """
def test_it(client, advance):
    job = client.submit("Dünen, \u7eb8\u8239, \x1b[31m [mock:fail]")
    advance(60)
    client.read(job)
    raise AssertionError
"""
    section = read_sections(run(tmp_path, code, encoding=encoding))["test_it"]
    assert "queued -> failed" in section
    assert shown in section
    assert "\x1b[31m" not in section
    assert len(section.splitlines()) > 5, "lines are still lines"
    assert section.endswith("--mockserver-report DIR writes all of it as a page, with headers and bodies.")


def test_the_page_of_a_test_goes_when_it_passes_and_those_of_others_stay(tmp_path: Path) -> None:
    code = "import os\n\ndef test_mended(client):\n    client.submit()\n    assert 'MENDED' in os.environ\n\n"
    code += "def test_other(client):\n    client.submit()\n    assert False\n"
    run(tmp_path, code, "--mockserver-report", "pages")
    assert len([*(tmp_path / "pages").iterdir()]) == 2
    run(tmp_path, code.replace("in os", "not in os"), "--mockserver-report", "pages", "-k", "mended")
    assert [page.name.rsplit("-", 1)[0] for page in (tmp_path / "pages").iterdir()] == [
        "test_it.py--test_other"
    ]
