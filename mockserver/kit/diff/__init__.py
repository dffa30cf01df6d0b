"""The changes between two contracts, judged for a client that was written against the first.

May import the kit's `contracts` only.
"""
