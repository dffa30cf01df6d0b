"""The journal of requests and responses: its entries, HAR and redaction.

May import `contract` and the engine's records; knows no fault and no action.

Every answer passes here, so some code is written for speed: headers are packed with `marshal`, entries are
made by `tuple.__new__`, and nothing is read, redacted or turned into a `JournalEntry` before somebody asks.
"""
