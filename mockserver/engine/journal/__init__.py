"""What was asked and answered: the journal, its exchanges, HAR and redaction.

May import `contract` and the engine's records; knows no fault and no action.
"""
