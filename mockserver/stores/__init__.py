"""Stores for jobs and the facts about them.

Floor 2. May import `jobs`, `settings` and `errors`. Never reads a clock and never computes
a state: it appends, counts and returns.
"""
