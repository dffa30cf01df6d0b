"""Servers for every test, and no skipping in CI."""

from __future__ import annotations

import gc
import os
import signal
import ssl
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
from httpx._transports import default
from hypothesis import settings

from mockserver.settings import Settings
from tests.serving import Process, Running, clean_environment, running_app, serve

Report = pytest.TestReport | pytest.CollectReport
R = TypeVar("R", pytest.TestReport, pytest.CollectReport)

# No test is timed: a busy machine is no finding.
settings.register_profile("untimed", parent=settings(), deadline=None)
settings.register_profile("fast", parent=settings.get_profile("untimed"), max_examples=20)
settings.load_profile("untimed")


@pytest.fixture(scope="session", autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test sees the user's settings, nor leaves anything in the user's folders."""
    own = clean_environment(tmp_path_factory.mktemp("home"), checkout=False)
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ.keys() - own.keys():
            patch.delenv(name)
        for name, value in own.items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="session", autouse=True)
def _authorities_once() -> Iterator[None]:
    """Load the authorities of TLS once: each client of httpx would, and most tests take less time than it."""
    create = httpx.create_ssl_context

    @cache
    def remembered(_: Sequence[str | None], *arguments: Any, **options: Any) -> ssl.SSLContext:
        return create(*arguments, **options)

    def create_once(*arguments: Any, **options: Any) -> ssl.SSLContext:
        named = tuple(os.environ.get(name) for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"))
        return remembered(named, *arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(default, "create_ssl_context", create_once)
        patch.setattr(httpx, "create_ssl_context", create_once)
        yield


FAST = (
    "contract", "control", "engine", "faults", "jobs", "kit/findings", "kit/traffic", "media", "stores",
    "test_docs.py", "test_escapes.py", "test_floors.py", "test_inflate.py", "test_internals.py",
    "test_style.py",
)  # fmt: skip
"""What `--fast` runs, below this folder: rooms whose tests start few processes, and tests of the source."""
SLOW = (
    "contract/test_broken.py", "contract/test_check.py", "contract/test_cli_contracts.py",
    "contract/test_validate.py", "control/test_access.py", "control/test_page.py",
    "engine/test_lifecycle.py", "engine/test_played_contracts.py", "media/test_in_chromium.py",
    "media/test_mark.py", "media/test_parameters.py", "stores/test_sqlite.py",
)  # fmt: skip
"""What it leaves out of these: a file that takes longer than most rooms."""


def pytest_make_parametrize_id(val: object) -> str | None:
    """A test is named the same in every process: not by bytes that may hold the moment, as packed ones do."""
    if isinstance(val, bytes) and not (val.isascii() and val.decode().isprintable()):
        return f"{len(val)}-bytes"
    return None


def pytest_addoption(parser: pytest.Parser) -> None:
    """The option for the inner loop. CI never has it."""
    parser.addoption("--fast", action="store_true", help=f"run only tests/ of {', '.join(FAST)}")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """With `--fast` nothing else is even imported."""
    return True if config.getoption("--fast") and not is_fast(collection_path) else None


def is_fast(path: Path) -> bool:
    """Whether a file or folder below this one is in FAST, or leads to what is, and not in SLOW."""
    place = path.relative_to(Path(__file__).parent)
    if place.as_posix() in SLOW:
        return False
    names = [Path(name) for name in FAST]
    return any(name == place or name in place.parents or place in name.parents for name in names)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is collected stays to the end. To look through it for garbage takes 5 of the 16 s of collecting,
    and a second each time later. To look through what tests make takes 4 % of their time, if it is done as
    often as it is usual.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()
        gc.set_threshold(20_000, 20, 20)


def pytest_configure(config: pytest.Config) -> None:
    """A shell's job in the background is deaf to Ctrl-C, and so would be all that a test starts."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if config.getoption("--fast"):
        settings.load_profile("fast")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Callable[..., Process]]:
    """`server("--speed", "60")` is `mockserver serve --port 0 --speed 60`, ready; it ends with the test.

    All servers of one test share a home, so a second one without `--store` finds the jobs of the first.
    """
    with ExitStack() as stack:

        def start(*arguments: str | Path) -> Process:
            process = serve(arguments, tmp_path / "home")
            stack.callback(process.stop)
            return process

        yield start


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """`running(profile="vendor")` serves those Settings in a thread, on a ManualClock and a MemoryStore.

    `clock=` and `store=` take others. For a server of a module or session, use `serving.running_app`.
    """
    with ExitStack() as stack:

        def start(*, clock: Any = None, store: Any = None, **settings: Any) -> Running:
            chosen = Settings(cache_dir=tmp_path / "media")._replace(**settings)
            return stack.enter_context(running_app(chosen, clock, store))

        yield start


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a skipped test is a failed one."""
    return _no_skip((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """In CI a skipped module is a failed one."""
    return _no_skip((yield))


IN_CI = bool(os.environ.get("MOCKSERVER_CI"))


def _no_skip(report: R) -> R:
    if IN_CI and report.outcome == "skipped" and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"a skip fails under MOCKSERVER_CI: {_why(report)}"
    return report


def _why(report: Report) -> str:
    return str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)
