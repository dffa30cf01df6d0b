"""Hypothesis strategies from a contract: what a client may send, what it may not, what it may be answered.

`from_contract` (valid submits), `near_misses` and `every_near_miss` (exactly one rule broken, and which),
`responses` and `evolutions` (any answer the contract permits). May import contract, the kit, and of media
the header measure; hypothesis stays in the kit.
"""

from mockserver.extras import naming_the_kit

with naming_the_kit():
    from mockserver.kit.strategies.answers import DrawnAnswer, evolutions, responses
    from mockserver.kit.strategies.near_misses import NearMiss, every_near_miss, near_misses
    from mockserver.kit.strategies.submit_requests import SubmitRequest, from_contract

__all__ = [
    "DrawnAnswer",
    "NearMiss",
    "SubmitRequest",
    "every_near_miss",
    "evolutions",
    "from_contract",
    "near_misses",
    "responses",
]
