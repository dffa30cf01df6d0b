"""Open the store that a URL names."""

from __future__ import annotations

from pathlib import Path

from mockserver.errors import SettingsError, StoreError
from mockserver.stores.base import Store
from mockserver.stores.sqlite import SqliteStore

_FILE = "sqlite:///"


def open_store(url: str) -> Store:
    """The store at `memory:` or `sqlite:///PATH`.

    A path is relative to the working directory unless it begins with a slash of its own, as in
    `sqlite:////var/lib/jobs.db`, or with `~/`; the folder of such a path is created when it is missing.
    Raises `errors.SettingsError` for any other URL and `errors.StoreError` for a file that
    cannot be used.
    """
    if url == "memory:":
        # Imported here: a server with a file does not need it.
        from mockserver.stores.memory import MemoryStore

        return MemoryStore()
    return SqliteStore(_file(url))


def _file(url: str) -> Path:
    name = url.removeprefix(_FILE)
    if name == url or name in ("", ":memory:"):
        raise SettingsError(f"there is no store {url!r}: write memory: or sqlite:///FILE")
    path = Path(name).expanduser() if name.startswith("~/") else Path(name)
    if path.is_absolute():
        _make_folder(path.parent)
    elif not path.parent.is_dir():
        raise StoreError(
            f"there is no folder {path.parent} here; an absolute path takes four slashes: {_FILE}/…"
        )
    if path.is_dir():
        raise StoreError(f"{path} is a folder; name a file in it")
    return path


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{folder} cannot be made: {error.strerror}") from error
