"""The control plane over many jobs, long waits, dead receivers and odd documents: nobody else notices."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from mockserver.control_client import ControlClient, ControlError
from tests.abuse.tour import ATTACKER, MIB, MODEL, SUBMIT, Tour, submit
from tests.engine.test_lifecycle import SUBMITS

JOBS = 500
CALLING = SUBMITS["kkiai"][0]
"""Where a submit may ask for callbacks."""


def test_calls_over_many_jobs(shared_tour: Callable[..., Tour]) -> None:
    visit = shared_tour()
    with visit.client() as client:
        for _ in range(JOBS):
            submit(client, "a kite")
    with visit.control() as control, visit.attack(memory=50 * MIB):
        assert len(control.jobs(limit=1)) == 1
        assert control.usage()
        assert control.jump()["event"] is not None
        assert control.tenants()
        assert control.health()["status"] == "ok"


def test_lists_of_jobs_with_large_requests(shared_tour: Callable[..., Tour]) -> None:
    visit = shared_tour()
    text = "x" * (2 * MIB)
    with visit.client() as client:
        for _ in range(30):
            body = {"model": MODEL, "payload": {"prompt": "a kite"}, "unknown": text}
            client.post(SUBMIT, json=body).raise_for_status()
        with visit.control() as control, visit.attack(memory=60 * MIB):
            assert len(control.jobs(limit=1)) == 1
            assert control.usage()
            assert client.get(f"{SUBMIT}?page_size=1").status_code == 200


def test_a_job_of_as_many_polls_as_there_may_be(shared_tour: Callable[..., Tour]) -> None:
    visit = shared_tour()
    with visit.client() as client, visit.control(ATTACKER) as control:
        job = submit(client, "a kite")
        control.pace("gmicloud", job, "polls:999999")
        for _ in range(3):
            client.get(f"{SUBMIT}/{job}")
        with visit.attack(log=0):
            explanation = control.explain("gmicloud", job)
    assert explanation["next"]["polls"] == 499_997


def test_the_end_of_a_server_with_waiting_calls(tour: Callable[..., Tour]) -> None:
    visit = tour()
    token = visit.process.said["token"]
    head = f"Host: 127.0.0.1\r\nx-mock-token: {token}\r\n\r\n"
    with ExitStack() as stack:
        waiters = [stack.enter_context(visit.connect()) for _ in range(3)]
        for waiter in waiters:
            waiter.sendall(f"GET /__mock/journal?wait=60&since=1000000 HTTP/1.1\r\n{head}".encode())
        stream = stack.enter_context(visit.connect())
        stream.sendall(f"GET /__mock/journal/events HTTP/1.1\r\n{head}".encode())
        began = stream.recv(12)
        with visit.control() as control:
            control.health()
        visit.stop()
        answers = [waiter.recv(12) for waiter in waiters]
    assert {began, *answers} == {b"HTTP/1.1 200"}


def test_callbacks_to_receivers_that_never_answer(tour: Callable[..., Tour]) -> None:
    visit = tour("--pace", "immediate")
    with ExitStack() as stack, visit.client() as client:
        deaf = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=512))
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}/"
        body = {**SUBMITS["kkiai"][1], "callback_url": url}
        with visit.attack():
            for _ in range(150):
                client.post(CALLING, json=body).raise_for_status()
        good = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        good.settimeout(4)
        body["callback_url"] = f"http://127.0.0.1:{good.getsockname()[1]}/"
        client.post(CALLING, json=body).raise_for_status()
        connection, _ = good.accept()
        connection.close()


def _changed(document: Any, path: tuple[str | int, ...], value: Any) -> Any:
    """A copy with another value at `path`; where the document has no such place, it gets one."""
    copy = json.loads(json.dumps(document))
    inner = copy
    for part in path[:-1]:
        inner = inner[part]
    inner[path[-1]] = value
    return copy


ODD: list[Any] = [None, True, -1, 2**62, 1e308, "", "x", "\x1b[31m", [], [None], {}, {"a": {"b": []}}]
"""Values of every kind."""


def test_snapshots_with_odd_values_everywhere(tour: Callable[..., Tour]) -> None:
    visit = tour()
    with visit.client() as client, visit.control(ATTACKER) as control:
        for prompt in ("a kite", "[mock:fail] a kite"):
            submit(client, prompt)
        control.freeze()
        control.set_quota(requests=1000)
        snapshot = control.snapshot()
        places = list(_places(snapshot))[::3]
        with visit.attack():
            for number, path in enumerate(places):
                document = _changed(snapshot, path, ODD[number % len(ODD)])
                assert _restore(control, document) < 500, path
                assert client.get(SUBMIT).status_code < 500, path
                assert control.health()["status"] == "ok"
    visit.stop()
    visit.start()
    with visit.client() as client:
        assert client.get(SUBMIT).status_code < 500


def _restore(control: ControlClient, document: Any) -> int:
    """The status with which a snapshot is refused, or 200."""
    try:
        control.restore(document)
    except ControlError as error:
        return error.status
    return 200


def _places(node: Any, path: tuple[str | int, ...] = ()) -> Any:
    """Every place in a document, from the outermost inwards."""
    children: Any = ()
    if isinstance(node, dict):
        children = node.items()
    elif isinstance(node, list):
        children = enumerate(node)
    for name, child in children:
        yield (*path, name)
        yield from _places(child, (*path, name))


def test_documents_that_are_no_snapshot(shared_tour: Callable[..., Tour]) -> None:
    visit = shared_tour()
    headers = {"x-mock-token": str(visit.process.said["token"]), "content-type": "application/json"}
    with visit.client(None) as client, visit.attack():
        for document in ODD:
            for target in ("tenants/snapshot", "clock", "quotas", "rules"):
                answer = client.put(
                    f"/__mock/{target}?key={ATTACKER}", content=json.dumps(document), headers=headers
                )
                assert answer.status_code < 500, (target, document, answer.text)
