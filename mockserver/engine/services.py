"""What the parts of a server share. `app` makes it, and hands it to each part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from mockserver.contract.model import Contract
from mockserver.engine.answering import Answering
from mockserver.engine.changes import Changes
from mockserver.engine.credentials import Callers
from mockserver.engine.journal.journal import Journal
from mockserver.engine.live_settings import LiveSettings
from mockserver.engine.uploads import Uploads
from mockserver.engine.usage import Usage
from mockserver.jobs.clock import Clock
from mockserver.settings import Settings
from mockserver.stores.base import Store


class Services(NamedTuple):
    """One server's contracts, store, clock and memory.

    `contracts` are by provider. `settings` are those of the start; `live_settings` can change while the
    server runs, and have the tenants' clocks, where `wall_clock` is the real one. `answering` caches
    response bodies. `usage` counts requests. `callers` says who a key stands for. `uploads` are files that
    clients uploaded.
    """

    contracts: Mapping[str, Contract]
    store: Store
    settings: Settings
    wall_clock: Clock
    live_settings: LiveSettings
    journal: Journal
    answering: Answering
    changes: Changes
    usage: Usage
    callers: Callers
    uploads: Uploads
