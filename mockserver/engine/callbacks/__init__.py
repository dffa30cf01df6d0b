"""Callbacks: when they are due, where they may go, how they are sent and what came of it.

May import `jobs`, `contract`, `stores.base` and the engine's records.
"""
