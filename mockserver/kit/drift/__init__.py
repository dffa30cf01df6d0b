"""Drift: what a provider does that its contract does not know yet, as distinct from what it does wrong.

`collect` lists the drifts, `settle` writes the overlay that makes the contract allow them.
May import `traffic` and the kit's `contracts`.
"""

from __future__ import annotations

from mockserver.kit.drift.drift import Drift, Kind, UndocumentedState
from mockserver.kit.drift.settle import Proposal, collect, settle

__all__ = ["Drift", "Kind", "Proposal", "UndocumentedState", "collect", "settle"]
