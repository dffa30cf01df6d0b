"""Recorded traffic: one module a format, which `open` detects.

`choose` selects a provider's exchanges, `judge` checks them.
May import `traffic`, `findings`, `checks` and the kit's `contracts`.
"""
