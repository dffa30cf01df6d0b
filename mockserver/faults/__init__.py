"""What can go wrong on purpose, one small file each.

`plan`, `wire`, `media` and `callback` hold the faults by what they act on, `predicates` what a rule
can ask of a request; `catalogue` finds them, `rule` and `scenario` put them together.
Floor 1. May import `settings` and `errors`; never sees jobs, media, a store or a contract.
"""
