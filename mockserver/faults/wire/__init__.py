"""Faults that act on an answer: in its place or on its way out. One file each; may import `faults` only."""
