"""Every error of this package. The command line prints its text and exits with its `exit_code`.

MockserverError
├── ContractError      a contract is invalid: file, JSON pointer, what is wrong, what to do
├── SettingsError      a flag, variable or setting is invalid
├── StoreError         the store cannot be opened, read or written
│   ├── DuplicateJob   the provider already has a job with this id
│   ├── UnreadableJob  the store has the job, but in a form that this version cannot read
│   └── StoreLocked    another process holds the store's lock, and has for as long as a request waits
├── MediaError         a clip or thumbnail could not be made
├── KitError           the kit could not do its work: a server of ours did not start
├── KitMissing         a library of the extra `kit` is not installed; an ImportError as well
├── NotFoundError      the control plane has no such job, rule or tenant
└── Conflict           the control plane cannot do this any more: the job has ended
"""

from __future__ import annotations


class MockserverError(Exception):
    """Base of all. Its text is one line that a user can act on; the command exits with `exit_code`."""

    exit_code = 2


class ContractError(MockserverError):
    """A contract is invalid. `file` is relative to the provider's folder, `pointer` is a JSON pointer."""

    def __init__(self, message: str, *, file: str = "", pointer: str = "") -> None:
        self.message = message
        self.file = file
        self.pointer = pointer
        place = f"{file}#{pointer}" if pointer else file
        super().__init__(f"{place}: {message}" if place else message)


class SettingsError(MockserverError):
    """A setting has an invalid value."""


class StoreError(MockserverError):
    """The store cannot be opened, read or written."""


class DuplicateJob(StoreError):
    """The provider already has a job with this id."""


class UnreadableJob(StoreError):
    """The job is there, but it cannot be read: of another version or program, or damaged."""


class StoreLocked(StoreError):
    """Another process holds the store's lock."""


class MediaError(MockserverError):
    """A clip or thumbnail could not be made."""

    exit_code = 1


class KitError(MockserverError):
    """The kit could not do its work, so there is no verdict."""


class KitMissing(MockserverError, ImportError):
    """What was asked for needs the extra `kit`."""


class NotFoundError(MockserverError):
    """There is no such job, rule or tenant."""


class Conflict(MockserverError):
    """It is too late: the job has ended, or a clock would have to go back."""
