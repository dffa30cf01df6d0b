"""What a provider does that its contract does not know yet, told apart from what it does wrong.

`collect` says what, `settle` writes the overlay that makes the contract know it.
"""

from __future__ import annotations

from mockserver.kit.drift.drift import Drift, Kind, UndocumentedState
from mockserver.kit.drift.settle import Proposal, collect, settle

__all__ = ["Drift", "Kind", "Proposal", "UndocumentedState", "collect", "settle"]
