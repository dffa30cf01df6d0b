"""Every error of ours, and what it turns into.

MockserverError
├── ContractError      a contract cannot be used: file, JSON pointer, what, what to do
├── SettingsError      a flag or variable makes no sense: one line, exit code 2
├── StoreError         the store cannot be opened, read or written
│   └── DuplicateJob   an id that is already taken
├── MediaError         a clip or thumbnail could not be made
├── KitError           the kit could not do its work: a server of ours did not start
├── NotFound           the control plane was asked for something that is not there
└── Conflict           what the control plane was asked for cannot be done any more
"""

from __future__ import annotations


class MockserverError(Exception):
    """Base of all: its text is one line a user can act on, `exit_code` what the command ends with."""

    exit_code = 2


class ContractError(MockserverError):
    """A contract breaks a rule. `file` is relative to the provider's folder, `pointer` a JSON pointer."""

    def __init__(self, message: str, *, file: str = "", pointer: str = "") -> None:
        self.message = message
        self.file = file
        self.pointer = pointer
        place = f"{file}#{pointer}" if pointer else file
        super().__init__(f"{place}: {message}" if place else message)


class SettingsError(MockserverError):
    """A setting has a value that cannot be used."""


class StoreError(MockserverError):
    """The store cannot be opened, read or written."""


class DuplicateJob(StoreError):
    """The provider already has a job of this id."""


class MediaError(MockserverError):
    """A clip or thumbnail could not be made."""

    exit_code = 1


class KitError(MockserverError):
    """The kit could not do its work, so there is no verdict."""


class NotFoundError(MockserverError):
    """There is no such job, rule or tenant."""


class Conflict(MockserverError):
    """It is too late: the job has ended, or a clock would have to go back."""
