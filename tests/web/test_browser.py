"""A real browser plays the clip: loads it by ranges, knows its size and length, shows moving frames."""

from __future__ import annotations

import http.server
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mockserver.settings import Settings, read_pace
from tests.browser import CHROMIUM, showing
from tests.engine.test_lifecycle import GMI, SUBMITS
from tests.serving import running_app

PAGE = """<!doctype html><title>loading</title><video muted src="{link}"></video><script>
const video = document.querySelector("video");
const say = text => {{ document.title = text; fetch("/said", {{method: "POST", body: text}}); }};
video.onerror = () => say("error " + video.error.code + " " + video.error.message);
video.ontimeupdate = () => {{ if (video.currentTime > 0.4) {{
  video.ontimeupdate = null;
  say(["playing", video.videoWidth, video.videoHeight, video.duration.toFixed(1)].join(" "));
}} }};
video.play().catch(error => say("refused " + error));
</script>"""


class Page(http.server.BaseHTTPRequestHandler):
    """Serves the one page, and hears what it has to say."""

    html = ""
    said = ""
    heard = threading.Event()

    def do_GET(self) -> None:
        """The page."""
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(type(self).html.encode())

    def do_POST(self) -> None:
        """What the page found."""
        type(self).said = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.send_response(204)
        self.end_headers()
        type(self).heard.set()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the test says what matters."""


@contextmanager
def _page(html: str) -> Iterator[tuple[str, type[Page]]]:
    handler = type("ThisPage", (Page,), {"html": html, "heard": threading.Event()})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/", handler
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here to play the clip")
def test_chromium_plays_the_clip(tmp_path: Path) -> None:
    settings = Settings(pace=read_pace("immediate"), cache_dir=tmp_path / "media")
    with running_app(settings) as server, server.client() as client:
        job_id = client.post(GMI, json=SUBMITS["gmicloud"][1]).json()["request_id"]
        link = client.get(f"{GMI}/{job_id}").json()["outcome"]["video_url"]
        with _page(PAGE.format(link=link)) as (url, page), showing(url, tmp_path / "profile"):
            assert page.heard.wait(60), "the browser said nothing"
        assert re.fullmatch(r"playing 1280 720 5\.0", page.said), page.said
