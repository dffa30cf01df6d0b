"""Open the store that a URL names."""

from __future__ import annotations

from pathlib import Path

from mockserver.errors import SettingsError, StoreError
from mockserver.private_files import make_folder
from mockserver.stores.base import Store
from mockserver.stores.sqlite import SqliteStore

_FILE = "sqlite:///"
_FLUSHES = "sync=full"
_QUERIES = (_FLUSHES, "sync=normal")


def open_store(url: str) -> Store:
    """The store at `memory:` or `sqlite:///PATH`; with `?sync=full` behind it each change waits for the disk.

    A path is relative to the working directory unless it begins with a slash of its own, as in
    `sqlite:////var/lib/jobs.db`, or with `~/`; the folder of such a path is created when it is missing.
    Raises `errors.SettingsError` for any other URL and `errors.StoreError` for a file that
    cannot be used.
    """
    if url == "memory:":
        # Imported here: a server with a file does not need it.
        from mockserver.stores.memory import MemoryStore

        return MemoryStore()
    file, mark, query = url.partition("?")
    if mark and query not in _QUERIES:
        raise SettingsError(
            f"the store {url!r} has an unknown parameter {query!r}; parameters: {', '.join(_QUERIES)}"
        )
    return SqliteStore(_file(file), flushes=query == _FLUSHES)


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
        make_folder(folder)
    except OSError as error:
        raise StoreError(
            f"{folder} cannot be made: {error.strerror}; name a store elsewhere, {_FILE}FILE, or memory:"
        ) from error
