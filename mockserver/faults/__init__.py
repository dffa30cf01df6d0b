"""What can go wrong on purpose, one small file each.

Floor 1. May import `settings` and `errors`; never sees jobs, media, a store or a contract.
"""
