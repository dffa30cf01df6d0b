"""A headless Chromium that a test looks through and types into, over its debugging pipe."""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from tests.serving import PATIENCE

CHROMIUM: Final = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
FLAGS: Final = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--mute-audio"),
    "--autoplay-policy=no-user-gesture-required",
)
"""A browser that nobody sees, that asks for nothing of its own, and plays what it is shown."""
_UNTIL: Final = """new Promise((resolve, reject) => {{
  const look = () => {{
    let value;
    try {{ value = {expression}; }} catch (error) {{ value = null; }}
    if (value) resolve(value);
    else if (Date.now() > end) reject(new Error("it did not come: " + document.body.innerText));
    else setTimeout(look, 20);
  }};
  const end = Date.now() + 20000;
  look();
}})"""


class Tab:
    """One page. `requested` are the addresses that it asked for, `errors` what its scripts complained of."""

    def __init__(self, wire: _Wire, session: str) -> None:
        self._wire = wire
        self._session = session
        self.requested: list[str] = []
        self.errors: list[str] = []
        wire.hearers[session] = self._hear
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.send(f"{domain}.enable")

    def send(self, method: str, **parameters: Any) -> Any:
        """The result of a command of the DevTools protocol."""
        return self._wire.send(method, parameters, self._session)

    def open(self, url: str) -> None:
        """Go there."""
        self.send("Page.navigate", url=url)

    def ask(self, expression: str) -> Any:
        """The value of a JavaScript expression, of a promise what it resolves to. Raises AssertionError."""
        answer = self.send("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        problem = answer.get("exceptionDetails")
        assert problem is None, problem["exception"].get("description", problem)
        return answer["result"].get("value")

    def until(self, expression: str) -> Any:
        """The value of the expression as soon as it is true."""
        return self.ask(_UNTIL.format(expression=expression))

    def press(self, key: str, code: int, text: str = "") -> None:
        """Press a key and let it go."""
        for kind in ("keyDown", "keyUp"):
            more = {"text": text} if text and kind == "keyDown" else {}
            self.send(
                "Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, **more
            )

    def picture(self, file: Path, width: int, height: int, *, dark: bool) -> None:
        """Write a PNG of the page as a window of that size shows it."""
        self.send(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
            mobile=width < 600,
        )  # fmt: skip
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.send("Emulation.setEmulatedMedia", features=[scheme])
        self.ask("new Promise(done => requestAnimationFrame(() => setTimeout(done, 150)))")
        file.write_bytes(base64.b64decode(self.send("Page.captureScreenshot")["data"]))

    def _hear(self, method: str, parameters: Any) -> None:
        if method == "Network.requestWillBeSent":
            self.requested.append(parameters["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            self.errors.append(str(parameters["exceptionDetails"].get("exception", parameters)))
        elif method == "Log.entryAdded" and parameters["entry"]["level"] == "error":
            self.errors.append(f"{parameters['entry']['text']} {parameters['entry'].get('url', '')}")


class _Wire:
    """Messages of JSON, each ended by a zero, over two pipes."""

    def __init__(self, reading: int, writing: int) -> None:
        self._reading = os.fdopen(reading, "rb")
        self._writing = os.fdopen(writing, "wb")
        self._number = 0
        self._buffer = b""
        self.hearers: dict[str, Any] = {}

    def send(self, method: str, parameters: Any, session: str = "") -> Any:
        """Send a command and wait for its result; what happens meanwhile goes to the hearers."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        self._writing.write(json.dumps(message).encode() + b"\0")
        self._writing.flush()
        while True:
            heard = self._next()
            if heard.get("id") == self._number:
                assert "error" not in heard, heard["error"]
                return heard["result"]
            hearer = self.hearers.get(heard.get("sessionId", ""))
            if hearer is not None and "method" in heard:
                hearer(heard["method"], heard["params"])

    def _next(self) -> Any:
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._reading], [], [], PATIENCE)
            assert ready, f"Chromium says nothing for {PATIENCE:.0f} s"
            part = os.read(self._reading.fileno(), 65536)
            assert part, "Chromium has ended"
            self._buffer += part
        message, _, self._buffer = self._buffer.partition(b"\0")
        return json.loads(message)

    def close(self) -> None:
        """Close both pipes."""
        with suppress(OSError):
            self._writing.close()
        self._reading.close()


class Browser:
    """A running Chromium."""

    def __init__(self, wire: _Wire) -> None:
        self._wire = wire

    def tab(self) -> Tab:
        """A new page, with storage of its own."""
        context = self._wire.send("Target.createBrowserContext", {})["browserContextId"]
        made = {"url": "about:blank", "browserContextId": context}
        target = self._wire.send("Target.createTarget", made)["targetId"]
        attached = self._wire.send("Target.attachToTarget", {"targetId": target, "flatten": True})
        return Tab(self._wire, attached["sessionId"])


def command(profile: Path) -> list[str]:
    """How a browser is started with that profile. It is called only where CHROMIUM is not None."""
    assert CHROMIUM is not None
    return [CHROMIUM, *FLAGS, f"--user-data-dir={profile}"]


def look_once(path: Path, profile: Path, *more: str) -> str:
    """What a browser prints that opens the file with these flags, and ends."""
    arguments = [*command(profile), *more, path.as_uri()]
    return subprocess.run(arguments, capture_output=True, timeout=120, check=True).stdout.decode()


@contextmanager
def showing(url: str, profile: Path) -> Iterator[None]:
    """A browser that shows the page until the block ends."""
    arguments = [*command(profile), "--remote-debugging-port=0", url]
    with subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            _end(process)


@contextmanager
def chromium(profile: Path, core: int | None = None) -> Iterator[Browser]:
    """A browser that a test steers until the block ends; on one core, it gives way to all others there."""
    theirs_in, ours_out = os.pipe()
    ours_in, theirs_out = os.pipe()

    def prepare() -> None:
        if core is not None:
            os.sched_setaffinity(0, {core})
            os.nice(10)
        # Chromium reads from 3 and writes to 4; copies first, as the pipes may have these numbers.
        reading, writing = os.dup(theirs_in), os.dup(theirs_out)
        os.dup2(reading, 3)
        os.dup2(writing, 4)

    process = subprocess.Popen(
        [*command(profile), "--remote-debugging-pipe", "about:blank"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        preexec_fn=prepare, pass_fds=(3, 4),
    )  # fmt: skip
    os.close(theirs_in)
    os.close(theirs_out)
    wire = _Wire(ours_in, ours_out)
    try:
        yield Browser(wire)
    finally:
        wire.close()
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
