"""What happened to a job, and what follows from it at a moment.

Floor 1. May import `contract.model`, `settings` and `errors`; never sees a store,
a web framework, media or faults. Everything here is pure.
"""
