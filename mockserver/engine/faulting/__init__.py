"""Which faults act on a request, and how they act: one way for all requests.

May import `faults`, `jobs`, `contract` and the engine's records.
"""
