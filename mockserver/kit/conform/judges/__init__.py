"""Judges, a file a family: each demands something of a client and says where the client broke it.

A judge is a function with `@judge`: it takes the evidence and its settings, and yields each breach. A judge
may import the kit's reading of exchanges, and `base`.
"""
