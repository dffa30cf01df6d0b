"""Small clients of the control plane, for tests and for `mockserver ctl`.

    with ControlClient("http://127.0.0.1:8787", token, key="my-test-key") as mock:
        mock.freeze()
        mock.add_rule("too-many", when={"role": "submit"}, times=1)
        ...
        mock.jump()

AsyncControlClient has the same verbs, each to be awaited. Answers are the dictionaries of
`answers`. An error is a ControlError.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from functools import update_wrapper
from typing import Any, BinaryIO, Concatenate, Generic, ParamSpec, Protocol, Self, TypeVar, overload

import httpx

from mockserver.control_client import calls as calls
from mockserver.control_client import claims as claims
from mockserver.control_client.calls import ApiCall, Json, TenantQuery, unchanged
from mockserver.control_client.requests import AsyncRequests, Requests

__all__ = ["AsyncControlClient", "ControlClient", "ControlError", "Json"]

PATIENCE = 30.0
T = TypeVar("T")
P = ParamSpec("P")


class ControlError(Exception):
    """The control plane refused, or cannot be reached (`status` 0): its text is one line."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(f"{status}: {detail}" if status else detail)
        self.status = status
        self.detail = detail


class _SyncSender(Protocol):
    def send(self, call: ApiCall[T], /) -> T: ...


class _AsyncSender(Protocol):
    def send(self, call: ApiCall[T], /) -> Coroutine[Any, Any, T]: ...


class Verb(Generic[P, T]):
    """A call as a method: of a ControlClient it gives the result, of an AsyncControlClient a coroutine."""

    def __init__(self, call: Callable[Concatenate[TenantQuery, P], ApiCall[T]]) -> None:
        self._call = call
        update_wrapper(self, call)  # type: ignore[arg-type]

    @overload
    def __get__(self, client: None, owner: type) -> Self: ...
    @overload
    def __get__(self, client: _SyncSender, owner: type) -> Callable[P, T]: ...
    @overload
    def __get__(self, client: _AsyncSender, owner: type) -> Callable[P, Coroutine[Any, Any, T]]: ...
    def __get__(self, client: Any, owner: type) -> Any:
        """The verb of that client."""
        if client is None:
            return self

        def send(*args: P.args, **kwargs: P.kwargs) -> Any:
            __tracebackhide__ = True
            return client.send(self._call(client.who, *args, **kwargs))

        return update_wrapper(send, self._call)


class Verbs:
    """The control plane at `url`: the server's address, with or without /__mock at its end.

    With `key` or `tenant` the verbs are about that tenant; without, about everybody.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        key: str | None = None,
        tenant: str | None = None,
        patience: float = PATIENCE,
    ) -> None:
        """`patience` is in seconds."""
        self.who: TenantQuery = {name: value for name, value in (("key", key), ("tenant", tenant)) if value}
        self._base = url.rstrip("/").removesuffix("/__mock") + "/__mock"
        self._patience = patience
        # Reading the system's certificates takes longer than most tests: only where they are needed.
        secure = url.startswith("https:")
        headers = {"x-mock-token": token}
        self._connect({"headers": headers, "timeout": patience, "trust_env": False, "verify": secure})

    @property
    def names_somebody(self) -> bool:
        """Whether it is about one tenant."""
        return bool(self.who)

    health = Verb(calls.health)
    clock = Verb(calls.clock)
    set_clock = Verb(calls.set_clock)
    freeze = Verb(calls.freeze)
    run = Verb(calls.run)
    advance = Verb(calls.advance)
    jump = Verb(calls.jump)
    drop_clock = Verb(calls.drop_clock)
    jobs = Verb(calls.jobs)
    job = Verb(calls.job)
    explain = Verb(calls.explain)
    force = Verb(calls.force)
    fail = Verb(calls.fail)
    cancel = Verb(calls.cancel)
    pace = Verb(calls.pace)
    delete = Verb(calls.delete)
    rules = Verb(calls.rules)
    add_rule = Verb(calls.add_rule)
    drop_rule = Verb(calls.drop_rule)
    faults = Verb(calls.faults)
    quota = Verb(calls.quota)
    set_quota = Verb(calls.set_quota)
    drop_quota = Verb(calls.drop_quota)
    usage = Verb(calls.usage)
    tenants = Verb(calls.tenants)
    reset = Verb(calls.reset)
    unreadable = Verb(calls.unreadable)
    drop_unreadable = Verb(calls.drop_unreadable)
    snapshot = Verb(calls.snapshot)
    restore = Verb(calls.restore)
    journal = Verb(calls.journal)
    explain_journal = Verb(calls.explain_journal)
    claim = Verb(calls.claim)
    assert_submitted_once = Verb(claims.assert_submitted_once)
    assert_no_submit = Verb(claims.assert_no_submit)
    clear_journal = Verb(calls.clear_journal)
    har = Verb(calls.har)
    callbacks = Verb(calls.callbacks)
    replay = Verb(calls.replay)

    def _connect(self, options: Json) -> None:
        raise NotImplementedError

    def _request(self, call: ApiCall[Any]) -> Json:
        query = {name: value for name, value in (call.query or {}).items() if value is not None}
        return {
            "method": call.method,
            "url": self._base + call.path,
            "json": call.body,
            "params": query or None,
            "timeout": self._patience + call.wait,
        }

    def _unreachable(self, error: Exception) -> ControlError:
        return ControlError(0, f"no control plane at {self._base}: {error}")


class ControlClient(Verbs):
    """Every verb gives its result. Close it, or use it in a `with` block."""

    def _connect(self, options: Json) -> None:
        self._http: Requests = httpx.Client(**options)

    def __enter__(self) -> Self:
        """The client itself."""
        return self

    def __exit__(self, *error: object) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Close connections."""
        self._http.close()

    def send(self, call: ApiCall[T], /) -> T:
        """The result of a call. Raises ControlError."""
        __tracebackhide__ = True
        try:
            answer = self._http.request(**self._request(call))
        except httpx.HTTPError as error:
            raise self._unreachable(error) from None
        return call.read(_content(answer))

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        query: Mapping[str, Any] | None = None,
        patience: float | None = None,
    ) -> Any:
        """Any call below /__mock, its JSON answer; None where it has no body. Raises ControlError.

        `patience` is in seconds, if not the client's own.
        """
        wait = 0.0 if patience is None else patience - self._patience
        return self.send(ApiCall(unchanged, method, path, body, query, wait))

    def save_snapshot(self, file: BinaryIO) -> None:
        """Write everything of the tenant to a file, as it comes. Raises ControlError."""
        __tracebackhide__ = True
        try:
            with self._http.stream(**self._request(calls.snapshot(self.who))) as answer:
                if answer.is_error:
                    answer.read()
                    _content(answer)
                file.writelines(answer.iter_bytes())
        except httpx.HTTPError as error:
            raise self._unreachable(error) from None

    def restore_from(self, file: BinaryIO) -> int:
        """Replace everything of the tenant by the snapshot in a file, which is sent as it is read.

        Returns how many jobs it has then. Raises ControlError.
        """
        __tracebackhide__ = True
        request = self._request(calls.restore(self.who, {})) | {"json": None, "content": file}
        try:
            answer = self._http.request(**request)
        except httpx.HTTPError as error:
            raise self._unreachable(error) from None
        return int(_content(answer)["jobs"])


class AsyncControlClient(Verbs):
    """Every verb is awaited: `await mock.advance(30)`.

    It keeps no connection between two calls, so it works in any event loop and need not be closed.
    """

    def _connect(self, options: Json) -> None:
        limits = httpx.Limits(max_keepalive_connections=0)
        self._http: AsyncRequests = httpx.AsyncClient(limits=limits, **options)

    async def __aenter__(self) -> Self:
        """The client itself."""
        return self

    async def __aexit__(self, *error: object) -> None:
        """Close it."""
        await self.close()

    async def close(self) -> None:
        """Make no more calls."""
        await self._http.aclose()

    async def send(self, call: ApiCall[T], /) -> T:
        """The result of a call. Raises ControlError."""
        __tracebackhide__ = True
        try:
            answer = await self._http.request(**self._request(call))
        except httpx.HTTPError as error:
            raise self._unreachable(error) from None
        return call.read(_content(answer))


def _content(answer: httpx.Response) -> Any:
    if answer.is_error:
        raise ControlError(answer.status_code, _detail(answer))
    if not answer.content:
        return None
    return answer.json() if "json" in answer.headers.get("content-type", "") else answer.text


def _detail(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return answer.text[:300]
