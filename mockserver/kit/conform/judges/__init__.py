"""Judges, a file a family: each demands one thing of a client and says where it was not so.

A judge is a function with `@judge`: it sees the evidence and its settings, and yields a remark a breach.
It may import the kit's reading of exchanges, and `judging`.
"""
