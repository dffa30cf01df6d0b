"""Which faults act on a request, and how they act.

May import `faults`, `jobs`, `contract` and the engine's records.
"""
