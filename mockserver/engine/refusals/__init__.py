"""How a request is refused: the provider's own error, and the cache of explanations.

May import `contract` and the engine's records.
"""
