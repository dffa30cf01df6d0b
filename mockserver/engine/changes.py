"""A signal that a job or a clock has changed, for whoever waits for what falls due."""

from __future__ import annotations

from collections.abc import Callable

Subscriber = Callable[[], None]


class Changes:
    """Calls its subscribers after each change. They must be quick, as they are called within a request."""

    def __init__(self) -> None:
        self._subscribers: list[Subscriber] = []

    def subscribe(self, subscriber: Subscriber) -> None:
        """Call the subscriber after every change from now on."""
        self._subscribers.append(subscriber)

    def unsubscribe(self, subscriber: Subscriber) -> None:
        """Call the subscriber no more."""
        self._subscribers.remove(subscriber)

    def notify(self) -> None:
        """Say that a job or a clock has changed, so that something may be due."""
        for subscriber in self._subscribers:
            subscriber()
