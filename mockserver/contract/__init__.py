"""What was promised: a provider's folder of data, read, checked and compiled.

Floor 0. May import nothing of ours but `settings` and `errors`. The only room that
knows JSON Schema.
"""
