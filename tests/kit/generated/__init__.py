"""Contracts that are made up from a design, to see that whoever keeps to one is not accused."""
