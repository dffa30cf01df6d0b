"""`make gallery`: pictures of the page, of the API's page and of a failed test's, to look at after a change.

Each is at two widths and in both schemes.
Beside them `clips.html` and `clips.png`: the clip of each parameter as a strip of frames.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import httpx

from mockserver.control_client import ControlClient
from mockserver.settings import Settings
from tests import contact_sheet
from tests.browser import CHROMIUM, Tab, chromium
from tests.engine.test_lifecycle import GMI, SUBMITS
from tests.serving import Running, clean_environment, running_app

TOKEN: Final = "the-token"
SIZES: Final = ((1440, 900), (390, 844))
VIEWS: Final = ("Jobs", "Exchanges", "Connect")


def main(folder: Path) -> None:
    """Write the pictures to the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        TemporaryDirectory() as scratch,
        _served(Path(scratch)) as server,
        chromium(Path(scratch)) as browser,
    ):
        job = _live(server)
        tab = browser.tab()
        tab.open(f"{server.url}/#token={TOKEN}")
        tab.until("document.querySelectorAll('.card').length > 3 && document.querySelector('.row.refused')")
        for view in VIEWS:
            _click(
                tab, f"[...document.querySelectorAll('#views button')].find(b => b.textContent === '{view}')"
            )
            _take(tab, folder, view.lower())
        _click(
            tab, "[...document.querySelectorAll('.row')].find(row => row.textContent.includes('duration'))"
        )
        tab.until("document.querySelector('mark')")
        _take(tab, folder, "exchange")
        _click(
            tab, f"[...document.querySelectorAll('.card')].find(card => card.textContent.includes('{job}'))"
        )
        tab.until("document.querySelector('#detail video')?.currentTime > 0")
        _take(tab, folder, "job")
        tab.open(f"{server.url.replace('://', f'://any:{TOKEN}@')}/__mock/docs#jobs")
        tab.until("document.querySelector('pre.answer')")
        _take(tab, folder, "api")
        _take_clips(tab, folder)
        tab.open(_failed_test(Path(scratch)).as_uri())
        tab.until("document.querySelector('.job')")
        _take(tab, folder, "failed-test")
    print(f"{len([*folder.glob('*.png')])} pictures in {folder}")


@contextmanager
def _served(folder: Path) -> Iterator[Running]:
    with running_app(Settings(token=TOKEN, cache_dir=folder / "media")) as running:
        yield running


def _live(server: Running) -> str:
    """Let a server see what servers see; the id of a job that has a clip."""
    path, body, _, _ = SUBMITS["gmicloud"]
    payload = body["payload"]
    with (
        server.client("alice") as alice,
        server.client("bob") as bob,
        ControlClient(server.url, TOKEN) as mock,
    ):
        for other, (place, request, *_) in SUBMITS.items():
            if other != "gmicloud":
                bob.post(place, json=request)
        job = str(alice.post(path, json=body).json()["request_id"])
        alice.post(path, json={**body, "payload": {**payload, "prompt": "A storm [mock:fail=moderation]"}})
        server.clock.advance(20)
        alice.get(f"{GMI}/{job}")
        mock.add_rule("too-many", when={"role": "submit"}, times=1)
        alice.post(path, json=body)
        mock.add_rule("lost-answer", when={"role": "submit"}, times=1)
        with suppress(httpx.RemoteProtocolError):
            alice.post(path, json=body)
        alice.post(path, json={**body, "payload": {**payload, "duration": "8", "cfg_scale": 7}})
        alice.get("/no/such/path")
        alice.post(path, json=body)
        server.clock.advance(3)
    return job


FAILING: Final = """
import httpx

def test_a_client_that_does_not_wait(tenant, control, advance):
    client = httpx.Client(base_url=tenant.base("gmicloud"), headers=tenant.headers("gmicloud"))
    body = {"model": "Kling-Text2Video-V1.6-Standard", "payload": {"prompt": "A paper boat in the rain"}}
    job = client.post("/requests", json=body).json()["request_id"]
    advance(5)
    client.get(f"/requests/{job}")
    control.add_rule("lost-answer", when={"role": "submit"}, times=1)
    try:
        client.post("/requests", json=body)
    except httpx.RemoteProtocolError:
        pass
    body["payload"] |= {"duration": "8", "cfg_scale": 7}
    assert client.post("/requests", json=body).status_code == 200
"""


def _failed_test(folder: Path) -> Path:
    """The page of a test that fails."""
    (folder / "test_client.py").write_text(FAILING, "utf-8")
    pytest = (
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "mockserver.pytest_plugin",
    )
    environment = clean_environment(folder) | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    subprocess.run(
        [*pytest, "--mockserver-report", "pages", "test_client.py"],
        cwd=folder, env=environment, stdout=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    return next((folder / "pages").glob("*.html"))


def _click(tab: Tab, button: str) -> None:
    tab.ask(f"{button}.click()")


def _take_clips(tab: Tab, folder: Path) -> None:
    """The contact sheet as a page, and as a picture of all of it."""
    contact_sheet.write(folder / "clips.html")
    tab.open((folder / "clips.html").resolve().as_uri())
    tab.until("document.images.length && [...document.images].every(image => image.complete)")
    # As high as the page is when it is so wide.
    height = 900
    for _ in range(2):
        tab.picture(folder / "clips.png", contact_sheet.WIDTH, height, dark=True)
        height = int(tab.ask("document.documentElement.scrollHeight"))


def _take(tab: Tab, folder: Path, name: str) -> None:
    for width, height in SIZES:
        for scheme in ("light", "dark"):
            tab.picture(folder / f"{name}-{width}-{scheme}.png", width, height, dark=scheme == "dark")


if __name__ == "__main__":
    if CHROMIUM is None:
        sys.exit("no Chromium here to look through")
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "gallery"))
