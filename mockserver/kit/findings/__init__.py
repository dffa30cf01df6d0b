"""What a run of the kit has found: findings, the run that has them, and known failures.

May import `contract` and `kit.traffic`.
"""
