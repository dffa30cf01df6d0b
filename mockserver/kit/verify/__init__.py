"""Checking a live endpoint, careful with money: plan, budget, ledger, and the stages from free to paid.

One stage a file below `stages`; each says what it would call before it calls it.
"""
