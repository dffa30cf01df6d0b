"""How the command line logs: a line on stderr for each record, whatever was put into it."""

from __future__ import annotations

import logging

from mockserver.escapes import plain, plain_line


class PlainFormatter(logging.Formatter):
    """A record in one line, and below it the traceback if there is one; both as `escapes` shows text."""

    def format(self, record: logging.LogRecord) -> str:
        """The level and the message, in which newlines are escapes, and the traceback."""
        line = plain_line(f"{record.levelname}: {record.getMessage()}")
        if not record.exc_info:
            return line
        return f"{line}\n{plain(self.formatException(record.exc_info))}"


def configure() -> None:
    """Let every logger of this process write what is a warning or worse to stderr."""
    handler = logging.StreamHandler()
    handler.setFormatter(PlainFormatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
