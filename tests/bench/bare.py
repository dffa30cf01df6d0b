"""The measure of all things in the bench: a bare ASGI app under the server that we run under.

GET or POST /SIZE reads the body and answers 200 with a JSON string of SIZE bytes.
"""

from __future__ import annotations

import json
import os
import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockserver.web.wire import Receive, Scope, Send


class Bare:
    """As little as an ASGI app can do."""

    def __init__(self) -> None:
        self._answers: dict[str, bytes] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one ASGI scope."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        answer = self._answers.get(scope["path"]) or self._make(scope["path"])
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(answer))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    def _make(self, path: str) -> bytes:
        answer = self._answers[path] = b'"' + b"x" * (int(path[1:]) - 2) + b'"'
        return answer


async def _live(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


def main() -> None:
    """Serve on a free port as `mockserver serve` does, and print its JSON line when ready."""
    import uvicorn

    listener = socket.create_server(("127.0.0.1", 0), backlog=2048)

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            print(json.dumps({"url": url, "pid": os.getpid()}), flush=True)

    config = uvicorn.Config(
        Bare(),
        log_level="warning",
        access_log=False,
        lifespan="on",
        ws="none",
        interface="asgi3",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=3,
    )
    Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
