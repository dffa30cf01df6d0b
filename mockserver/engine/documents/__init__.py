"""What the small documents of the store mean: for each kind one reader, which checks all of it.

May import no other part of `engine`.
"""
