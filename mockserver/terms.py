"""Words that several rooms share. A leaf: any room may import it, and it imports nothing of ours."""

from __future__ import annotations

import string
from typing import Final, Literal

Phase = Literal["waiting", "running", "succeeded", "failed", "cancelled"]
"""What a provider's state means for the job."""

Role = Literal[
    "submit", "read", "list", "cancel", "content", "delete", "models", "model", "account", "upload", "session"
]
"""What an operation of a contract does."""

RequestRole = Literal[
    "submit", "read", "list", "cancel", "content", "delete", "models", "model", "account", "upload",
    "session", "media",
]  # fmt: skip
"""What a request does: an operation's role, or the fetch of a file."""

ENDED: Final[frozenset[str]] = frozenset({"succeeded", "failed", "cancelled"})
"""The phases that no job leaves."""

IdKind = Literal["uuid", "digits", "base36", "token"]
"""The kinds of ids that a contract can describe."""

MAKERS: Final[frozenset[Role]] = frozenset({"submit", "session"})
"""The roles of operations that make a job; that of a session has ended at once, and others go on from it."""

OPENING: Final = string.ascii_letters + string.digits + "_"
OPENING_OR_HYPHEN: Final = OPENING + "-"
"""The characters of an id of the kind token: that it opens with, and all later ones."""

SMALL: Final = string.digits + string.ascii_lowercase
"""The characters of an id of the kind base36."""

EVERYBODY: Final = ""
"""The tenant that stands for all tenants."""

Headers = tuple[tuple[str, str], ...]
"""HTTP headers as they were sent: names and values in order."""
