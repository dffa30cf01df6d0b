"""What runs of cases gave: results, verdicts, scores, known failures and comparisons.

May import `conform.case` and `conform.evidence`; runs nothing and prints nothing.
"""
